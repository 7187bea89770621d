/*
 * Calls that hang, and how they end.
 *
 * wait token|api CONFIG...: with a client of each config some calls wait for a
 * token or for the API. Prints "waiting N" when N may be under way, and cancels
 * these when it is sent a line, while others run into deadlines of their own.
 * Then prints a line for each, "cancel MS" or "deadline MS": how long after the
 * cancellation, or after its deadline, it ended.
 */

#include "check.h"

enum { EACH = 4, SHORTEST_MS = 250, APART_MS = 50 };

struct caller {
    pthread_t thread;
    authkeep_call *call;
    int timeout_ms; /* 0: it is cancelled */
    double due_ms;
    double ended_ms;
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
    if (caller->timeout_ms > 0)
        caller->due_ms = now_ms() + caller->timeout_ms;
    if (gets_token)
        status = authkeep_client_get_token(client, caller->call, &token, &error);
    else
        status = authkeep_client_get(client, "/", caller->call, &response,
                                     &error);
    caller->ended_ms = now_ms();
    CHECK_STATUS(caller->timeout_ms > 0 ? AUTHKEEP_ERR_DEADLINE
                                        : AUTHKEEP_ERR_CANCELLED,
                 status);
    CHECK(token == NULL && response == NULL);
    authkeep_error_free(error);
    return NULL;
}

static void begin(struct caller *caller, int timeout_ms)
{
    authkeep_error *error = NULL;
    caller->call = authkeep_call_new();
    caller->timeout_ms = timeout_ms;
    if (timeout_ms > 0)
        CHECK_OK(authkeep_call_set_timeout_ms(caller->call, timeout_ms, &error));
    start(&caller->thread, hang, caller);
}

static void end(struct caller *caller)
{
    join(caller->thread);
    printf("%s %.1f\n", caller->timeout_ms > 0 ? "deadline" : "cancel",
           caller->ended_ms - caller->due_ms);
    /* It stays cancelled: the next use ends before it begins. */
    if (caller->timeout_ms == 0)
        hang(caller);
    authkeep_call_free(caller->call);
}

static void wait_and_end(void)
{
    struct caller cancelled[EACH], timed[EACH];
    char point[32];
    int i;
    for (i = 0; i < EACH; i++)
        begin(&cancelled[i], 0);
    snprintf(point, sizeof point, "waiting %d", EACH);
    rendezvous(point);
    for (i = 0; i < EACH; i++)
        begin(&timed[i], SHORTEST_MS + i * APART_MS);
    for (i = 0; i < EACH; i++) {
        cancelled[i].due_ms = now_ms();
        authkeep_call_cancel(cancelled[i].call);
    }
    for (i = 0; i < EACH; i++) {
        end(&cancelled[i]);
        end(&timed[i]);
    }
}

int main(int argc, char **argv)
{
    int i;
    check_begin();
    CHECK(argc > 2);
    gets_token = strcmp(argv[1], "token") == 0;
    for (i = 2; i < argc; i++) {
        client = client_of(argv[i]);
        wait_and_end();
        authkeep_client_free(client);
    }
    return 0;
}
