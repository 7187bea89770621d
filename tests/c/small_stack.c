/*
 * Everything that a call does fits on a stack of 256 KiB, as threads of some
 * hosts have it: token, request and TLS handshake.
 *
 * small_stack CONFIG: prints how many KiB were used.
 */

#define _DEFAULT_SOURCE
#include "check.h"

#include <sys/mman.h>

enum { STACK_SIZE = 256 * 1024, GUARD_SIZE = 64 * 1024, PAINT = 0xa5 };

static void *use(void *data)
{
    const char *json = data;
    authkeep_client *client = client_of(json);
    authkeep_call *call = authkeep_call_new();
    authkeep_token *token = NULL;
    authkeep_request *request = NULL;
    authkeep_response *response = NULL;
    authkeep_error *error = NULL;
    CHECK_OK(authkeep_client_get_token(client, call, &token, &error));
    CHECK_OK(authkeep_request_new("POST", "/api/echo", &request, &error));
    CHECK_OK(authkeep_request_set_json(request, "{\"a\": [1, 2]}", &error));
    CHECK_OK(authkeep_client_perform(client, request, call, &response, &error));
    CHECK(authkeep_response_status(response) == 200);
    authkeep_response_free(response);
    CHECK_OK(authkeep_client_get(client, "/api/chunked/100000", NULL, &response,
                                 &error));
    CHECK(authkeep_response_body_size(response) == 100000);
    authkeep_response_free(response);
    CHECK_STATUS(AUTHKEEP_ERR_NOT_ALLOWED,
                 authkeep_client_get(client, "https://other.example/", NULL,
                                     &response, &error));
    authkeep_error_free(error);
    authkeep_request_free(request);
    authkeep_token_free(token);
    authkeep_call_free(call);
    authkeep_client_free(client);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_attr_t attributes;
    pthread_t thread;
    uint8_t *whole, *stack;
    size_t untouched = 0;
    check_begin();
    CHECK(argc == 2);
    whole = mmap(NULL, GUARD_SIZE + STACK_SIZE, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(whole != MAP_FAILED);
    CHECK(mprotect(whole, GUARD_SIZE, PROT_NONE) == 0);
    stack = whole + GUARD_SIZE;
    memset(stack, PAINT, STACK_SIZE);
    CHECK(pthread_attr_init(&attributes) == 0);
    CHECK(pthread_attr_setstack(&attributes, stack, STACK_SIZE) == 0);
    CHECK(pthread_create(&thread, &attributes, use, argv[1]) == 0);
    join(thread);
    while (untouched < STACK_SIZE && stack[untouched] == PAINT)
        untouched++;
    printf("%d\n", (int)((STACK_SIZE - untouched) / 1024));
    return 0;
}
