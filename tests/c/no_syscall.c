/*
 * A cached token costs no system call: in strict mode the kernel kills a
 * thread that makes any other than read, write, exit and sigreturn. The
 * clocks are read without one (vDSO).
 */

#define _DEFAULT_SOURCE

#include "check.h"

#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static void leave(int status)
{
    syscall(SYS_exit, status);
}

int main(int argc, char **argv)
{
    authkeep_client *client;
    authkeep_token *token = NULL;
    char buffer[4096];
    size_t length = 0;
    int i;

    check_begin();
    CHECK(argc == 2);
    client = client_of(argv[1]);
    CHECK(authkeep_client_get_token(client, NULL, &token, NULL) == AUTHKEEP_OK);
    authkeep_token_free(token);
    CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0);
    for (i = 0; i < 10000; i++) {
        if (authkeep_client_get_token(client, NULL, &token, NULL) != AUTHKEEP_OK)
            leave(2);
        authkeep_token_free(token);
        if (authkeep_client_copy_token(client, NULL, buffer, sizeof buffer,
                                       &length, NULL) != AUTHKEEP_OK)
            leave(3);
    }
    leave(0);
    return 1;
}
