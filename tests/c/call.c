/*
 * What a call is told, its functions do: a deadline, a validity, and a byte on
 * a descriptor that cancels.
 *
 * call CONFIG HANGING_CONFIG: a token lives 60 s, and one never comes.
 */

#include "check.h"

#include "channel.h"

static authkeep_error *error;

static authkeep_status token_status(const authkeep_client *client,
                                    const authkeep_call *call)
{
    authkeep_token *token = NULL;
    authkeep_status status =
        authkeep_client_get_token(client, call, &token, &error);
    CHECK((token == NULL) == (status != AUTHKEEP_OK));
    authkeep_token_free(token);
    return status;
}

static void a_deadline_is_kept(const authkeep_client *hanging)
{
    authkeep_call *call = authkeep_call_new();
    double begin = now_ms(), took;
    CHECK_OK(authkeep_call_set_timeout_ms(call, 300, &error));
    CHECK_STATUS(AUTHKEEP_ERR_DEADLINE, token_status(hanging, call));
    took = now_ms() - begin;
    CHECK(took >= 300 && took < 550);
    authkeep_error_free(error);
    error = NULL;
    authkeep_call_free(call);
}

static void a_validity_beyond_the_servers_is_told(const authkeep_client *client)
{
    authkeep_call *call = authkeep_call_new();
    authkeep_token *token = NULL;
    CHECK_OK(authkeep_call_set_min_validity_ms(call, 10000, &error));
    CHECK_OK(authkeep_client_get_token(client, call, &token, &error));
    CHECK(authkeep_token_min_validity_met(token) == 1);
    authkeep_token_free(token);
    CHECK_OK(authkeep_call_set_min_validity_ms(call, 900000, &error));
    CHECK_OK(authkeep_client_get_token(client, call, &token, &error));
    CHECK(authkeep_token_min_validity_met(token) == 0);
    authkeep_token_free(token);
    authkeep_call_free(call);
}

static void a_byte_on_the_wake_descriptor_cancels(const authkeep_client *hanging)
{
    authkeep_call *call = authkeep_call_new();
    int wake[2], forward[2];
    char bytes[4] = {0};
    channel_open(wake);
    channel_open(forward);
    CHECK(channel_write(wake[1], "\x0f\x02", 2) == 2);
    CHECK_OK(authkeep_call_set_wake(call, wake[0], 2, forward[1], &error));
    CHECK_STATUS(AUTHKEEP_ERR_CANCELLED, token_status(hanging, call));
    authkeep_error_free(error);
    error = NULL;
    CHECK(channel_read(forward[0], bytes, sizeof bytes) == 2);
    CHECK(memcmp(bytes, "\x0f\x02", 2) == 0);
    authkeep_call_free(call);
}

static void what_makes_no_sense_is_refused(void)
{
    authkeep_call *call = authkeep_call_new();
    CHECK_STATUS(AUTHKEEP_ERR_INVALID_ARGUMENT,
                 authkeep_call_set_timeout_ms(call, -1, &error));
    authkeep_error_free(error);
    CHECK_STATUS(AUTHKEEP_ERR_INVALID_ARGUMENT,
                 authkeep_call_set_min_validity_ms(call, -1, &error));
    authkeep_error_free(error);
    CHECK_STATUS(AUTHKEEP_ERR_INVALID_ARGUMENT,
                 authkeep_call_set_wake(call, 0, 256, -1, &error));
    authkeep_error_free(error);
#ifdef _WIN32
    CHECK_STATUS(AUTHKEEP_ERR_INVALID_ARGUMENT,
                 authkeep_call_set_wake(call, 12345, 2, -1, &error));
    CHECK(strcmp(authkeep_error_code(error), "argument.not_a_socket") == 0);
    authkeep_error_free(error);
#endif
    error = NULL;
    authkeep_call_free(call);
}

int main(int argc, char **argv)
{
    authkeep_client *client, *hanging;
    check_begin();
    CHECK(argc == 3);
    client = client_of(argv[1]);
    hanging = client_of(argv[2]);
    a_deadline_is_kept(hanging);
    a_validity_beyond_the_servers_is_told(client);
    a_byte_on_the_wake_descriptor_cancels(hanging);
    what_makes_no_sense_is_refused();
    authkeep_client_free(client);
    authkeep_client_free(hanging);
    return 0;
}
