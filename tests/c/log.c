/*
 * What happens is told: to a log, on the thread of the call and under no lock,
 * and in an explanation; and what was forgotten is handed out no more.
 */

#include "check.h"

struct told {
    authkeep_client *client;
    pthread_t thread;
    int count, elsewhere, deepest, depth;
    char last[512];
};

static void listen(int32_t level, const char *message, void *context)
{
    struct told *told = context;
    authkeep_token *token = NULL;
    authkeep_error *error = NULL;
    CHECK(level >= AUTHKEEP_LOG_WARNING && level <= AUTHKEEP_LOG_DEBUG);
    CHECK(strchr(message, '\n') == NULL);
    told->count++;
    told->elsewhere += !pthread_equal(told->thread, pthread_self());
    told->depth++;
    if (told->depth > told->deepest) {
        told->deepest = told->depth;
    }
    snprintf(told->last, sizeof told->last, "%s", message);
    /* No lock is held, or this would wait for ever. */
    CHECK_OK(authkeep_client_get_token(told->client, NULL, &token, &error));
    CHECK_OK(authkeep_client_reset(told->client, &error));
    authkeep_token_free(token);
    told->depth--;
}

static int64_t counted(authkeep_client *client, const char *name)
{
    authkeep_explanation *explanation = NULL;
    authkeep_error *error = NULL;
    int64_t count;
    CHECK_OK(authkeep_client_explain(client, NULL, &explanation, &error));
    CHECK(authkeep_explanation_json(explanation)[0] == '{');
    count = authkeep_explanation_counter(explanation, name);
    authkeep_explanation_free(explanation);
    return count;
}

int main(int argc, char **argv)
{
    struct told told = {0};
    authkeep_client *client, *other = NULL;
    authkeep_error *error = NULL;
    char first[4096], second[4096];
    size_t length;

    check_begin();
    CHECK(argc == 2);
    client = client_of(argv[1]);
    told.client = client;
    told.thread = pthread_self();
    CHECK_STATUS(AUTHKEEP_ERR_INVALID_ARGUMENT,
                 authkeep_client_set_log(client, 0, listen, &told, &error));
    CHECK(strcmp(authkeep_error_code(error), "argument.range") == 0);
    authkeep_error_free(error);
    error = NULL;
    CHECK_OK(authkeep_client_set_log(client, AUTHKEEP_LOG_DEBUG, listen, &told, &error));

    CHECK_OK(authkeep_client_copy_token(client, NULL, first, sizeof first, &length, &error));
    CHECK(told.count >= 2); /* requested, issued */
    CHECK(told.elsewhere == 0 && told.deepest == 1);
    CHECK(strstr(told.last, "a token was issued") != NULL);
    CHECK(strstr(told.last, first) == NULL);
    CHECK(counted(client, "token_requests") == 1);
    CHECK(counted(client, "waits") == 1);
    CHECK(counted(client, "hits") >= 2);
    CHECK(counted(client, "nonesuch") == -1);

    /* The log is the handle's own. */
    CHECK_OK(authkeep_client_clone(client, &other, &error));
    told.count = 0;
    CHECK_OK(authkeep_client_forget(other, &error));
    CHECK(told.count == 0);
    CHECK_OK(authkeep_client_copy_token(client, NULL, second, sizeof second, &length, &error));
    CHECK(strcmp(first, second) != 0);
    CHECK(told.count >= 3); /* forgotten, requested, issued */

    told.count = 0;
    CHECK_OK(authkeep_client_set_log(client, 0, NULL, NULL, &error));
    CHECK_OK(authkeep_client_forget(client, &error));
    CHECK(told.count == 0);

    authkeep_client_free(other);
    authkeep_client_free(client);
    return 0;
}
