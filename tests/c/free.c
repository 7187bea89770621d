/*
 * A client is freed while others use it: calls under way end as they would
 * have, later ones are told that it is closed, and so is who frees it twice.
 *
 * free CONFIG HANGING_CONFIG: the second one's API never answers; prints
 * "waiting" when a call is under way there, and goes on when sent a line.
 */

#include "check.h"

enum { THREADS = 16, SERVED = 5 };

static authkeep_client *client;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int served;

/* Sends requests until the client is closed; none fails in another way. */
static void *work(void *data)
{
    int count = 0;
    (void)data;
    for (;;) {
        authkeep_error *error = NULL;
        authkeep_response *response = NULL;
        authkeep_status status =
            authkeep_client_get(client, "/api/echo", NULL, &response, &error);
        if (status == AUTHKEEP_ERR_CLOSED) {
            CHECK(response == NULL);
            authkeep_error_free(error);
            return NULL;
        }
        check_ok("free.c", __LINE__, "GET", status, &error);
        CHECK(authkeep_response_status(response) == 200);
        authkeep_response_free(response);
        if (++count == SERVED) {
            pthread_mutex_lock(&lock);
            served++;
            pthread_cond_signal(&changed);
            pthread_mutex_unlock(&lock);
        }
    }
}

static void freed_under_load(const char *config)
{
    pthread_t threads[THREADS];
    int i;
    client = client_of(config);
    for (i = 0; i < THREADS; i++)
        start(&threads[i], work, NULL);
    pthread_mutex_lock(&lock);
    while (served < THREADS)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    authkeep_client_free(client);
    for (i = 0; i < THREADS; i++)
        join(threads[i]);
}

static void *hang(void *data)
{
    authkeep_error *error = NULL;
    authkeep_response *response = NULL;
    CHECK_STATUS(
        AUTHKEEP_ERR_CANCELLED,
        authkeep_client_get(client, "/api/echo", data, &response, &error));
    authkeep_error_free(error);
    return NULL;
}

static void freed_while_a_call_hangs(const char *config)
{
    authkeep_call *call = authkeep_call_new();
    pthread_t thread;
    double begin;
    client = client_of(config);
    start(&thread, hang, call);
    rendezvous("waiting");
    begin = now_ms();
    authkeep_client_free(client);
    CHECK(now_ms() - begin < 100);
    /* The call goes on with what it was given, freed too. */
    authkeep_call_cancel(call);
    authkeep_call_free(call);
    join(thread);
}

static void closed_to_everyone(const char *config)
{
    authkeep_client *clone = NULL, *other = NULL;
    authkeep_request *request = NULL;
    authkeep_response *response = NULL;
    authkeep_token *token = NULL;
    authkeep_error *error = NULL;
    char buffer[8];
    size_t length = 7;
    int i;

    client = client_of(config);
    CHECK_OK(authkeep_request_new("GET", "/api/echo", &request, &error));
    CHECK_OK(authkeep_client_clone(client, &clone, &error));
    authkeep_client_free(client);
    authkeep_client_free(client);

#define CLOSED(call)                                                          \
    do {                                                                      \
        CHECK_STATUS(AUTHKEEP_ERR_CLOSED, call);                              \
        authkeep_error_free(error);                                           \
    } while (0)
    CLOSED(authkeep_client_get_token(client, NULL, &token, &error));
    CLOSED(authkeep_client_copy_token(client, NULL, buffer, sizeof buffer,
                                      &length, &error));
    CLOSED(authkeep_client_perform(client, request, NULL, &response, &error));
    CLOSED(authkeep_client_get(client, "/api/echo", NULL, &response, &error));
    CLOSED(authkeep_client_clone(client, &other, &error));
    CLOSED(authkeep_client_reset(client, &error));
    CHECK(token == NULL && response == NULL && other == NULL && length == 0);

    /* The clone is a handle of its own, and so are those freed after it. */
    for (i = 0; i < 1000; i++) {
        CHECK_OK(authkeep_client_clone(clone, &other, &error));
        authkeep_client_free(other);
    }
    CLOSED(authkeep_client_reset(client, &error));
    authkeep_client_free(client);
    error = NULL;
    CHECK_OK(authkeep_client_perform(clone, request, NULL, &response, &error));
    CHECK(authkeep_response_status(response) == 200);
    authkeep_response_free(response);
    authkeep_request_free(request);
    authkeep_client_free(clone);
}

/* More handles than the quarantine has room for. */
static void many_handles_come_and_go(const char *config)
{
    authkeep_error *error = NULL;
    int i;
    client = client_of(config);
    for (i = 0; i < 5000; i++) {
        authkeep_client *clone = NULL;
        CHECK_OK(authkeep_client_clone(client, &clone, &error));
        authkeep_client_free(clone);
    }
    authkeep_client_free(client);
}

int main(int argc, char **argv)
{
    check_begin();
    CHECK(argc == 3);
    freed_under_load(argv[1]);
    freed_while_a_call_hangs(argv[2]);
    closed_to_everyone(argv[1]);
    many_handles_come_and_go(argv[1]);
    return 0;
}
