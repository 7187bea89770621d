/*
 * The C program of `cargo run --example shared_session`: threads that share one
 * client and send requests until the time is over.
 *
 * shared_session CONFIG TARGET THREADS SECONDS: prints one line of JSON.
 */

#define _POSIX_C_SOURCE 200809L

#include <authkeep.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct worker {
    pthread_t thread;
    uint64_t *latencies_ns;
    size_t requests, room;
    size_t failed;
};

static authkeep_client *client;
static const char *target;
static uint64_t end_ns;

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Sends one request; not 0 if it was answered with 200. */
static int is_answered(void)
{
    authkeep_response *response = NULL;
    authkeep_error *error = NULL;
    int32_t http_status = 0;
    if (authkeep_client_get(client, target, NULL, &response, &error) ==
        AUTHKEEP_OK)
        http_status = authkeep_response_status(response);
    else
        fprintf(stderr, "%s\n", authkeep_error_message(error));
    authkeep_response_free(response);
    authkeep_error_free(error);
    return http_status == 200;
}

static void note(struct worker *worker, uint64_t latency_ns)
{
    if (worker->requests == worker->room) {
        worker->room = worker->room ? worker->room * 2 : 4096;
        worker->latencies_ns =
            realloc(worker->latencies_ns,
                    worker->room * sizeof *worker->latencies_ns);
        if (worker->latencies_ns == NULL)
            abort();
    }
    worker->latencies_ns[worker->requests++] = latency_ns;
}

static void *work(void *data)
{
    struct worker *worker = data;
    uint64_t begin_ns;
    while ((begin_ns = now_ns()) < end_ns) {
        if (!is_answered())
            worker->failed++;
        note(worker, now_ns() - begin_ns);
    }
    return NULL;
}

static int compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* The nearest-rank percentile in microseconds; 0 of nothing. */
static double percentile(const uint64_t *ordered_ns, size_t count,
                         double percent)
{
    size_t rank = (size_t)((double)count * percent / 100);
    if (count == 0)
        return 0;
    if ((double)rank < (double)count * percent / 100)
        rank++;
    return (double)ordered_ns[rank ? rank - 1 : 0] / 1000;
}

static void report(struct worker *workers, int threads)
{
    struct worker all = {0};
    int i;
    for (i = 0; i < threads; i++) {
        size_t j;
        for (j = 0; j < workers[i].requests; j++)
            note(&all, workers[i].latencies_ns[j]);
        all.failed += workers[i].failed;
        free(workers[i].latencies_ns);
    }
    if (all.requests > 0)
        qsort(all.latencies_ns, all.requests, sizeof *all.latencies_ns, compare);
    printf("{\"language\": \"C\", \"threads\": %d, \"requests\": %zu,"
           " \"failed\": %zu, \"latency_us\": {\"p50\": %.1f, \"p99\": %.1f,"
           " \"p99_9\": %.1f, \"max\": %.1f}}\n",
           threads, all.requests, all.failed,
           percentile(all.latencies_ns, all.requests, 50),
           percentile(all.latencies_ns, all.requests, 99),
           percentile(all.latencies_ns, all.requests, 99.9),
           percentile(all.latencies_ns, all.requests, 100));
    free(all.latencies_ns);
}

/* Runs the threads; not 0 if one can't be started. */
static int run(int threads, double seconds)
{
    struct worker *workers = calloc((size_t)threads, sizeof *workers);
    int i;
    if (workers == NULL)
        return 1;
    end_ns = now_ns() + (uint64_t)(seconds * 1e9);
    for (i = 0; i < threads; i++)
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
            return 1;
    for (i = 0; i < threads; i++)
        pthread_join(workers[i].thread, NULL);
    report(workers, threads);
    free(workers);
    return 0;
}

int main(int argc, char **argv)
{
    authkeep_config *config = authkeep_config_new();
    authkeep_error *error = NULL;
    int failed = 1;
    if (argc != 5) {
        fprintf(stderr, "usage: shared_session CONFIG TARGET THREADS SECONDS\n");
    } else if (authkeep_config_merge_json(config, argv[1], &error) !=
                   AUTHKEEP_OK ||
               authkeep_client_new(config, &client, &error) != AUTHKEEP_OK) {
        fprintf(stderr, "%s\n", authkeep_error_message(error));
    } else {
        target = argv[2];
        failed = run(atoi(argv[3]), atof(argv[4]));
    }
    authkeep_error_free(error);
    authkeep_client_free(client);
    authkeep_config_free(config);
    return failed;
}
