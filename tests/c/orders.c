/*
 * Sixteen threads get a token, perform a request, cancel another's call and
 * free a handle, each in an order of its own, all on one client at once.
 *
 * orders CONFIG: prints how many calls succeeded, were cancelled, and were told
 * that the client is closed.
 */

#include "check.h"

enum { THREADS = 16, STEPS = 4, ORDERS = 24 };
enum outcome { SUCCEEDED, CANCELLED, CLOSED, OUTCOMES };

struct worker {
    pthread_t thread;
    authkeep_client *freed;
    authkeep_call *call;
    const struct worker *next;
    int order;
    int outcomes[OUTCOMES];
};

static authkeep_client *client;
static authkeep_request *request;
static pthread_barrier_t together;

static void count(struct worker *worker, authkeep_status status,
                  authkeep_error *error)
{
    switch (status) {
    case AUTHKEEP_OK:
        CHECK(error == NULL);
        worker->outcomes[SUCCEEDED]++;
        break;
    case AUTHKEEP_ERR_CANCELLED:
        worker->outcomes[CANCELLED]++;
        break;
    case AUTHKEEP_ERR_CLOSED:
        worker->outcomes[CLOSED]++;
        break;
    default:
        check_wrong(__FILE__, __LINE__, "a call", status, error);
    }
    authkeep_error_free(error);
}

static void step(struct worker *worker, int which)
{
    authkeep_error *error = NULL;
    authkeep_status status;
    if (which == 0) {
        authkeep_token *token = NULL;
        status = authkeep_client_get_token(client, worker->call, &token, &error);
        CHECK((status == AUTHKEEP_OK) == (token != NULL));
        authkeep_token_free(token);
        count(worker, status, error);
    } else if (which == 1) {
        authkeep_response *response = NULL;
        status = authkeep_client_perform(client, request, worker->call,
                                         &response, &error);
        CHECK((status == AUTHKEEP_OK) == (response != NULL));
        authkeep_response_free(response);
        count(worker, status, error);
    } else if (which == 2) {
        authkeep_call_cancel(worker->next->call);
    } else {
        authkeep_client_free(worker->freed);
    }
}

/* The four steps in the order of this number, each order having one. */
static void *work(void *data)
{
    struct worker *worker = data;
    int left[STEPS] = {0, 1, 2, 3};
    int number = worker->order, steps;
    pthread_barrier_wait(&together);
    for (steps = STEPS; steps > 0; steps--) {
        int pick = number % steps;
        number /= steps;
        step(worker, left[pick]);
        left[pick] = left[steps - 1];
    }
    return NULL;
}

/* The first thread frees the client that all of them use, the others a clone
   of it; over all rounds the first has every order once. */
static void round_of(int first_order, const char *config,
                     int outcomes[OUTCOMES])
{
    struct worker workers[THREADS] = {0};
    authkeep_error *error = NULL;
    int i, outcome;
    client = client_of(config);
    for (i = 0; i < THREADS; i++) {
        struct worker *worker = &workers[i];
        worker->freed = client;
        if (i > 0)
            CHECK_OK(authkeep_client_clone(client, &worker->freed, &error));
        worker->call = authkeep_call_new();
        worker->next = &workers[(i + 1) % THREADS];
        worker->order = (first_order + i) % ORDERS;
    }
    for (i = 0; i < THREADS; i++)
        start(&workers[i].thread, work, &workers[i]);
    for (i = 0; i < THREADS; i++)
        join(workers[i].thread);
    for (i = 0; i < THREADS; i++) {
        authkeep_call_free(workers[i].call);
        for (outcome = 0; outcome < OUTCOMES; outcome++)
            outcomes[outcome] += workers[i].outcomes[outcome];
    }
}

int main(int argc, char **argv)
{
    int outcomes[OUTCOMES] = {0};
    authkeep_error *error = NULL;
    int order;
    check_begin();
    CHECK(argc == 2);
    CHECK(pthread_barrier_init(&together, NULL, THREADS) == 0);
    CHECK_OK(authkeep_request_new("GET", "/api/echo", &request, &error));
    for (order = 0; order < ORDERS; order++)
        round_of(order, argv[1], outcomes);
    authkeep_request_free(request);
    printf("%d %d %d\n", outcomes[SUCCEEDED], outcomes[CANCELLED],
           outcomes[CLOSED]);
    return 0;
}
