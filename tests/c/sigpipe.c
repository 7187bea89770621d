/*
 * A connection that breaks at any byte fails a call, and never raises SIGPIPE,
 * whose default would end the host.
 *
 * sigpipe CONFIG token|api: tries until the connections stop breaking, and
 * prints how many tries failed.
 */

#include "check.h"

#include <signal.h>

enum { BODY_SIZE = 1 << 20, MOST_TRIES = 500 };

static authkeep_client *client;
static authkeep_error *error;

static authkeep_status get_token(void)
{
    authkeep_token *token = NULL;
    authkeep_status status =
        authkeep_client_get_token(client, NULL, &token, &error);
    authkeep_token_free(token);
    return status;
}

static authkeep_status send_body(void)
{
    static uint8_t body[BODY_SIZE];
    authkeep_request *request = NULL;
    authkeep_response *response = NULL;
    authkeep_error *failure = NULL;
    authkeep_status status;
    CHECK_OK(authkeep_request_new("POST", "/api/status/200", &request, &error));
    CHECK_OK(authkeep_request_set_body(request, body, sizeof body, NULL,
                                       &error));
    status = authkeep_client_perform(client, request, NULL, &response, &failure);
    CHECK(status != AUTHKEEP_OK || authkeep_response_status(response) == 200);
    error = failure;
    authkeep_response_free(response);
    authkeep_request_free(request);
    return status;
}

int main(int argc, char **argv)
{
    int gets_token, failed = 0;
    struct sigaction by_default;
    check_begin();
    CHECK(argc == 3);
    memset(&by_default, 0, sizeof by_default);
    by_default.sa_handler = SIG_DFL;
    CHECK(sigaction(SIGPIPE, &by_default, NULL) == 0);
    client = client_of(argv[1]);
    gets_token = strcmp(argv[2], "token") == 0;
    while ((gets_token ? get_token() : send_body()) != AUTHKEEP_OK) {
        authkeep_status status = authkeep_error_status(error);
        if (status != AUTHKEEP_ERR_UNAVAILABLE && status != AUTHKEEP_ERR_TLS &&
            status != AUTHKEEP_ERR_BAD_RESPONSE)
            check_wrong("sigpipe.c", __LINE__, argv[2], status, error);
        authkeep_error_free(error);
        error = NULL;
        CHECK(++failed < MOST_TRIES);
        CHECK_OK(authkeep_client_reset(client, &error));
    }
    authkeep_client_free(client);
    printf("%d\n", failed);
    return 0;
}
