/*
 * Sixteen threads use one client in every way at once, while its tokens
 * expire.
 *
 * threads CONFIG
 */

#include "check.h"

enum { THREADS = 16, ROUNDS = 40 };

static authkeep_client *client;
static authkeep_request *request;

static void check_token(const authkeep_call *call)
{
    authkeep_error *error = NULL;
    authkeep_token *token = NULL;
    CHECK_OK(authkeep_client_get_token(client, call, &token, &error));
    CHECK(strlen(authkeep_token_access_token(token)) ==
          authkeep_token_access_token_size(token));
    CHECK(strcmp(authkeep_token_type(token), "Bearer") == 0);
    CHECK(authkeep_token_expires_at(token) >= (int64_t)time(NULL));
    authkeep_token_free(token);
}

static void check_copy(const authkeep_call *call)
{
    authkeep_error *error = NULL;
    char buffer[4096];
    size_t length = 0;
    CHECK_OK(authkeep_client_copy_token(client, call, buffer, sizeof buffer,
                                        &length, &error));
    CHECK(length > 0 && length == strlen(buffer));
}

static void check_response(authkeep_response *response)
{
    CHECK(authkeep_response_status(response) == 200);
    CHECK(strlen((const char *)authkeep_response_body(response)) ==
          authkeep_response_body_size(response));
    authkeep_response_free(response);
}

/* One config, one request and one call for all: const may be shared. */
static void *work(void *data)
{
    const authkeep_call *call = data;
    authkeep_error *error = NULL;
    int round;
    for (round = 0; round < ROUNDS; round++) {
        authkeep_response *response = NULL;
        authkeep_client *clone = NULL;
        check_token(call);
        check_copy(round % 2 ? call : NULL);
        CHECK_OK(authkeep_client_perform(client, request, call, &response,
                                         &error));
        check_response(response);
        CHECK_OK(authkeep_client_clone(client, &clone, &error));
        CHECK_OK(authkeep_client_get(clone, "/api/echo?a=1", NULL, &response,
                                     &error));
        check_response(response);
        authkeep_client_free(clone);
        CHECK_OK(authkeep_client_reset(client, &error));
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    authkeep_call *call = authkeep_call_new();
    authkeep_error *error = NULL;
    int i;
    check_begin();
    CHECK(argc == 2);
    client = client_of(argv[1]);
    CHECK_OK(authkeep_call_set_timeout_ms(call, 20000, &error));
    CHECK_OK(authkeep_request_new("POST", "/api/echo", &request, &error));
    CHECK_OK(authkeep_request_set_json(request, "{\"a\": 1}", &error));
    for (i = 0; i < THREADS; i++)
        start(&threads[i], work, call);
    for (i = 0; i < THREADS; i++)
        join(threads[i]);
    authkeep_request_free(request);
    authkeep_call_free(call);
    authkeep_client_free(client);
    printf("%d\n", THREADS * ROUNDS * 2);
    return 0;
}
