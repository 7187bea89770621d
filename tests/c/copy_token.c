/*
 * The token in the caller's own buffer: whole, or not at all, and then with the
 * length that it needs.
 *
 * copy_token CONFIG
 */

#include "check.h"

static authkeep_client *client;
static authkeep_error *error;
static char buffer[4096];
static size_t length;

/* A buffer that is too small is left as it was, and the length is told. */
static void check_too_small(char *into, size_t capacity, size_t needed)
{
    char before[sizeof buffer];
    memset(buffer, '#', sizeof buffer);
    memcpy(before, buffer, sizeof buffer);
    length = 0;
    CHECK_STATUS(AUTHKEEP_ERR_BUFFER_TOO_SMALL,
                 authkeep_client_copy_token(client, NULL, into, capacity,
                                            &length, &error));
    CHECK(length == needed);
    CHECK(strcmp(authkeep_error_code(error), "argument.buffer_too_small") == 0);
    CHECK(memcmp(before, buffer, sizeof buffer) == 0);
    authkeep_error_free(error);
    error = NULL;
}

int main(int argc, char **argv)
{
    authkeep_token *token = NULL;
    const char *text;
    size_t size;
    check_begin();
    CHECK(argc == 2);
    client = client_of(argv[1]);
    CHECK_OK(authkeep_client_get_token(client, NULL, &token, &error));
    text = authkeep_token_access_token(token);
    size = authkeep_token_access_token_size(token);
    CHECK(size == strlen(text) && size > 0 && size < sizeof buffer - 1);

    check_too_small(NULL, 0, size);
    check_too_small(buffer, 0, size);
    check_too_small(buffer, 1, size);
    check_too_small(buffer, size, size);

    memset(buffer, '#', sizeof buffer);
    CHECK_OK(authkeep_client_copy_token(client, NULL, buffer, size + 1,
                                        &length, &error));
    CHECK(length == size);
    CHECK(strcmp(buffer, text) == 0);
    CHECK(buffer[size + 1] == '#');

    memset(buffer, '#', sizeof buffer);
    CHECK_OK(authkeep_client_copy_token(client, NULL, buffer, sizeof buffer,
                                        &length, &error));
    CHECK(length == size);
    CHECK(strcmp(buffer, text) == 0);
    CHECK(buffer[size + 1] == '#');
    authkeep_token_free(token);
    authkeep_client_free(client);
    return 0;
}
