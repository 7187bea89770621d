/*
 * Wake descriptors whose other ends are gone, with SIGPIPE at its default.
 *
 * wake CONFIG: the API hangs.
 */

#include "check.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

static authkeep_client *client;

static void hang(authkeep_call *call, authkeep_status expected)
{
    authkeep_response *response = NULL;
    authkeep_error *error = NULL;
    CHECK_STATUS(expected, authkeep_client_get(client, "/", call, &response,
                                               &error));
    CHECK(response == NULL);
    authkeep_error_free(error);
}

static double cpu_ms(void)
{
    struct rusage used;
    CHECK(getrusage(RUSAGE_SELF, &used) == 0);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3;
}

int main(int argc, char **argv)
{
    int wake[2], forward[2];
    char byte = 2;
    double begin_ms;
    struct sigaction by_default;
    authkeep_call *call = authkeep_call_new();
    authkeep_error *error = NULL;
    check_begin();
    CHECK(argc == 2);
    memset(&by_default, 0, sizeof by_default);
    by_default.sa_handler = SIG_DFL;
    CHECK(sigaction(SIGPIPE, &by_default, NULL) == 0);
    client = client_of(argv[1]);
    CHECK(pipe(wake) == 0 && pipe(forward) == 0);

    /* Nobody reads what is passed on: no SIGPIPE, and the byte cancels. */
    CHECK(close(forward[0]) == 0);
    CHECK_OK(authkeep_call_set_wake(call, wake[0], 2, forward[1], &error));
    CHECK(write(wake[1], &byte, 1) == 1);
    hang(call, AUTHKEEP_ERR_CANCELLED);
    authkeep_call_free(call);

    /* Nobody will write: the call waits on, and doesn't spin. */
    call = authkeep_call_new();
    CHECK(close(wake[1]) == 0);
    CHECK_OK(authkeep_call_set_wake(call, wake[0], 2, -1, &error));
    CHECK_OK(authkeep_call_set_timeout_ms(call, 1000, &error));
    begin_ms = cpu_ms();
    hang(call, AUTHKEEP_ERR_DEADLINE);
    CHECK(cpu_ms() - begin_ms < 500);

    authkeep_call_free(call);
    authkeep_client_free(client);
    return 0;
}
