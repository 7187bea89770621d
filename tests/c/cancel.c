/*
 * Calls that hang are cancelled from another thread, and all end soon.
 *
 * cancel CONFIG token|api: prints "waiting" when the calls are under way,
 * cancels them when it is sent a line, and prints how long the slowest took.
 */

#include "check.h"

enum { THREADS = 16, PATIENCE_MS = 250 };

struct caller {
    pthread_t thread;
    authkeep_call *call;
    double returned_at_ms;
};

static authkeep_client *client;
static int gets_token;

static void *hang(void *data)
{
    struct caller *caller = data;
    authkeep_error *error = NULL;
    authkeep_token *token = NULL;
    authkeep_response *response = NULL;
    authkeep_status status;
    if (gets_token)
        status = authkeep_client_get_token(client, caller->call, &token, &error);
    else
        status = authkeep_client_get(client, "/api/echo", caller->call,
                                     &response, &error);
    caller->returned_at_ms = now_ms();
    CHECK_STATUS(AUTHKEEP_ERR_CANCELLED, status);
    CHECK(token == NULL && response == NULL);
    authkeep_error_free(error);
    return NULL;
}

int main(int argc, char **argv)
{
    struct caller callers[THREADS];
    double cancelled_at_ms, slowest_ms = 0;
    int i;
    check_begin();
    CHECK(argc == 3);
    client = client_of(argv[1]);
    gets_token = strcmp(argv[2], "token") == 0;
    for (i = 0; i < THREADS; i++) {
        callers[i].call = authkeep_call_new();
        start(&callers[i].thread, hang, &callers[i]);
    }
    rendezvous("waiting");
    cancelled_at_ms = now_ms();
    for (i = 0; i < THREADS; i++)
        authkeep_call_cancel(callers[i].call);
    for (i = 0; i < THREADS; i++) {
        double took_ms;
        join(callers[i].thread);
        took_ms = callers[i].returned_at_ms - cancelled_at_ms;
        slowest_ms = took_ms > slowest_ms ? took_ms : slowest_ms;
        /* It stays cancelled: the next use ends before it begins. */
        hang(&callers[i]);
        authkeep_call_free(callers[i].call);
    }
    authkeep_client_free(client);
    CHECK(slowest_ms < PATIENCE_MS);
    printf("%.1f\n", slowest_ms);
    return 0;
}
