/*
 * What the test programs share: checks that say where they failed, and a
 * client in one line. Include it first: it asks for POSIX.
 */

#ifndef CHECK_H
#define CHECK_H

#define _POSIX_C_SOURCE 200809L

#include <authkeep.h>

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CHECK(condition)                                                      \
    do {                                                                      \
        if (!(condition))                                                     \
            check_failed(__FILE__, __LINE__, #condition);                     \
    } while (0)

/* The call succeeds; it was given &error, which stays NULL. */
#define CHECK_OK(call) check_ok(__FILE__, __LINE__, #call, (call), &error)

/* The call fails with this status, and the error in `error` agrees. */
#define CHECK_STATUS(expected, call)                                          \
    do {                                                                      \
        authkeep_status status_ = (call);                                     \
        if (status_ != (expected) || authkeep_error_status(error) != status_) \
            check_wrong(__FILE__, __LINE__, #call, status_, error);           \
    } while (0)

static inline void check_failed(const char *file, int line, const char *text)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, text);
    exit(1);
}

static inline void check_wrong(const char *file, int line, const char *text,
                               authkeep_status status,
                               const authkeep_error *error)
{
    fprintf(stderr, "%s:%d: %s\nstatus %d, %s: %s\n", file, line, text,
            (int)status, error ? authkeep_error_code(error) : "no error",
            error ? authkeep_error_message(error) : "");
    exit(1);
}

static inline void check_ok(const char *file, int line, const char *text,
                            authkeep_status status, authkeep_error **error)
{
    if (status != AUTHKEEP_OK || *error != NULL)
        check_wrong(file, line, text, status, *error);
}

/* To begin with: a program that hangs is ended, and says so. */
static inline void check_begin(void)
{
#ifndef _WIN32 /* which has no alarm */
    alarm(120);
#endif
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
}

/* A client with this configuration. */
static inline authkeep_client *client_of(const char *json)
{
    authkeep_config *config = authkeep_config_new();
    authkeep_client *client = NULL;
    authkeep_error *error = NULL;
    CHECK_OK(authkeep_config_merge_json(config, json, &error));
    CHECK_OK(authkeep_client_new(config, &client, &error));
    authkeep_config_free(config);
    return client;
}

static inline double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Says that the program is at a point, and waits for the line that answers. */
static inline void rendezvous(const char *point)
{
    char line[64];
    printf("%s\n", point);
    fflush(stdout); /* Windows has no line buffers */
    CHECK(fgets(line, sizeof line, stdin) != NULL);
}

static inline void start(pthread_t *thread, void *(*body)(void *), void *data)
{
    CHECK(pthread_create(thread, NULL, body, data) == 0);
}

static inline void join(pthread_t thread)
{
    CHECK(pthread_join(thread, NULL) == 0);
}

#endif
