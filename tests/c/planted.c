/*
 * Faults on purpose, one at a time: what the sanitizers are there to find.
 *
 * planted leak|overflow|use_after_free|overflow_inside|race|race_inside|nothing
 */

#include "check.h"

static authkeep_error *error;

static authkeep_error *refusal(void)
{
    authkeep_config *config = authkeep_config_new();
    authkeep_error *refused = NULL;
    CHECK(authkeep_config_set(config, "no such key", "a", &refused) ==
          AUTHKEEP_ERR_INVALID_CONFIG);
    authkeep_config_free(config);
    return refused;
}

/* The library made it, and nobody frees it. */
static void leak(void)
{
    CHECK(refusal() != NULL);
}

/* The library is told of more bytes than there are. */
static void overflow(void)
{
    authkeep_request *request = NULL;
    uint8_t *body = malloc(16);
    CHECK(body != NULL);
    memset(body, 'a', 16);
    CHECK_OK(authkeep_request_new("POST", "/", &request, &error));
    CHECK_OK(authkeep_request_set_body(request, body, 64, NULL, &error));
    free(body);
    authkeep_request_free(request);
}

/* What was borrowed is read when its owner is gone. */
static void use_after_free(void)
{
    authkeep_error *refused = refusal();
    const char *text = authkeep_error_message(refused);
    authkeep_error_free(refused);
    printf("%c\n", text[0]);
}

/* The NUL behind the key has no room: only the library's own code, with checks
   in it, can see that it writes there. */
static void overflow_inside(void)
{
    authkeep_client *client =
        client_of("{\"grant\": \"api_key\", \"api_key\": \"key\","
                  " \"base_url\": \"https://api.example\"}");
    size_t length = 0;
    char *buffer;
    CHECK(authkeep_client_copy_token(client, NULL, NULL, 0, &length, NULL) ==
          AUTHKEEP_ERR_BUFFER_TOO_SMALL);
    buffer = malloc(length);
    CHECK(buffer != NULL);
    CHECK_OK(authkeep_client_copy_token(client, NULL, buffer, length + 1,
                                        &length, &error));
    free(buffer);
    authkeep_client_free(client);
}

static int counter;

static void *add_one(void *data)
{
    (void)data;
    counter++;
    return NULL;
}

/* A request may be changed by one thread only: the races are in the library. */
static void *change(void *request)
{
    authkeep_error *refused = NULL;
    authkeep_request_add_query(request, "a", "1", &refused);
    authkeep_error_free(refused);
    return NULL;
}

/* One after the other by the clock, so that nothing breaks; but nothing else
   orders them. */
static void in_two_threads(void *(*body)(void *), void *data)
{
    const struct timespec a_while = {0, 50000000};
    pthread_t threads[2];
    start(&threads[0], body, data);
    nanosleep(&a_while, NULL);
    start(&threads[1], body, data);
    join(threads[0]);
    join(threads[1]);
}

static void race(void)
{
    in_two_threads(add_one, NULL);
}

static void race_inside(void)
{
    authkeep_request *request = NULL;
    CHECK_OK(authkeep_request_new("GET", "/", &request, &error));
    in_two_threads(change, request);
    authkeep_request_free(request);
}

int main(int argc, char **argv)
{
    check_begin();
    CHECK(argc == 2);
    if (strcmp(argv[1], "leak") == 0)
        leak();
    else if (strcmp(argv[1], "overflow") == 0)
        overflow();
    else if (strcmp(argv[1], "use_after_free") == 0)
        use_after_free();
    else if (strcmp(argv[1], "overflow_inside") == 0)
        overflow_inside();
    else if (strcmp(argv[1], "race") == 0)
        race();
    else if (strcmp(argv[1], "race_inside") == 0)
        race_inside();
    return 0;
}
