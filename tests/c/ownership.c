/*
 * Who owns what, as the header says: inputs are copied, outputs live on
 * without what made them, an error may be left out, and getters tell all.
 *
 * ownership CONFIG REFUSED_CONFIG: a good client, and one whose token endpoint
 * answers 429 with "error": "slow_down", a description and Retry-After: 7.
 */

#include "check.h"

static authkeep_error *error;

/* Overwrites and frees a string, to show that nobody keeps it. */
static void destroy(char *text)
{
    memset(text, '!', strlen(text));
    free(text);
}

static char *copy_of(const char *text)
{
    char *copy = malloc(strlen(text) + 1);
    CHECK(copy != NULL);
    return strcpy(copy, text);
}

static void inputs_are_copied(const char *json)
{
    authkeep_config *config = authkeep_config_new();
    authkeep_client *client = NULL;
    authkeep_request *request = NULL;
    authkeep_response *response = NULL;
    char *text = copy_of(json), *target = copy_of("/api/echo");
    char *name = copy_of("X-Name"), *value = copy_of("a value");
    char *body = copy_of("a body"), *type = copy_of("text/plain");
    const char *echo;

    CHECK_OK(authkeep_config_merge_json(config, text, &error));
    destroy(text);
    CHECK_OK(authkeep_client_new(config, &client, &error));
    authkeep_config_free(config);
    CHECK_OK(authkeep_request_new("PUT", target, &request, &error));
    destroy(target);
    CHECK_OK(authkeep_request_add_header(request, name, value, &error));
    CHECK_OK(authkeep_request_add_query(request, name, value, &error));
    destroy(name);
    destroy(value);
    CHECK_OK(authkeep_request_set_body(request, (const uint8_t *)body,
                                       strlen(body), type, &error));
    destroy(body);
    destroy(type);
    CHECK_OK(authkeep_client_perform(client, request, NULL, &response, &error));
    authkeep_request_free(request);
    authkeep_client_free(client);

    /* And the response outlives the client. */
    echo = (const char *)authkeep_response_body(response);
    CHECK(authkeep_response_status(response) == 200);
    CHECK(strlen(echo) == authkeep_response_body_size(response));
    CHECK(strstr(echo, "\"method\":\"PUT\"") != NULL);
    CHECK(strstr(echo, "\"query\":\"X-Name=a+value\"") != NULL);
    CHECK(strstr(echo, "\"x-name\":\"a value\"") != NULL);
    CHECK(strstr(echo, "\"content-type\":\"text/plain\"") != NULL);
    CHECK(strstr(echo, "\"body\":\"a body\"") != NULL);
    authkeep_response_free(response);
}

static void outputs_live_on(const char *json)
{
    authkeep_client *client = client_of(json);
    authkeep_token *token = NULL, *again = NULL;
    CHECK_OK(authkeep_client_get_token(client, NULL, &token, &error));
    CHECK_OK(authkeep_client_get_token(client, NULL, &again, &error));
    authkeep_client_free(client);
    authkeep_token_free(again);
    CHECK(strlen(authkeep_token_access_token(token)) ==
          authkeep_token_access_token_size(token));
    CHECK(strcmp(authkeep_token_type(token), "Bearer") == 0);
    CHECK(strcmp(authkeep_token_scope(token), "orders") == 0);
    CHECK(authkeep_token_expires_at(token) > (int64_t)time(NULL));
    CHECK(authkeep_token_min_validity_met(token) == 1);
    authkeep_token_free(token);
}

static void a_response_tells_all(const char *json)
{
    authkeep_client *client = client_of(json);
    authkeep_response *response = NULL;
    size_t i, count;
    int found = 0;
    CHECK_OK(authkeep_client_get(client, "/api/status/404?X-Two=2", NULL,
                                 &response, &error));
    CHECK(authkeep_response_status(response) == 404);
    CHECK(strcmp(authkeep_response_header(response, "x-TWO"), "2") == 0);
    CHECK(authkeep_response_header(response, "x-three") == NULL);
    CHECK(authkeep_response_header(response, NULL) == NULL);
    count = authkeep_response_header_count(response);
    for (i = 0; i < count; i++) {
        CHECK(authkeep_response_header_value(response, i) != NULL);
        found += strcmp(authkeep_response_header_name(response, i), "x-two") == 0;
    }
    CHECK(found == 1);
    CHECK(authkeep_response_header_name(response, count) == NULL);
    CHECK(authkeep_response_header_value(response, count) == NULL);
    CHECK(authkeep_response_header_name(response, SIZE_MAX) == NULL);
    CHECK(authkeep_response_body(response)[authkeep_response_body_size(
              response)] == 0);
    authkeep_response_free(response);
    authkeep_client_free(client);
}

static void an_error_tells_all(const char *json)
{
    authkeep_client *client = client_of(json);
    authkeep_token *token = NULL;
    int64_t retry_after_ms;
    CHECK_STATUS(AUTHKEEP_ERR_UNAVAILABLE,
                 authkeep_client_get_token(client, NULL, &token, &error));
    authkeep_client_free(client);
    CHECK(token == NULL);
    CHECK(strcmp(authkeep_error_code(error), "token.throttled") == 0);
    CHECK(strlen(authkeep_error_message(error)) > 0);
    CHECK(strcmp(authkeep_error_oauth_error(error), "slow_down") == 0);
    CHECK(strcmp(authkeep_error_oauth_description(error), "too many") == 0);
    CHECK(authkeep_error_http_status(error) == 429);
    retry_after_ms = authkeep_error_retry_after_ms(error);
    CHECK(retry_after_ms > 6000 && retry_after_ms <= 7700);
    authkeep_error_free(error);
    error = NULL;
}

static void an_error_may_be_left_out(const char *json)
{
    authkeep_config *config = authkeep_config_new();
    authkeep_client *client = client_of(json);
    authkeep_token *token = NULL;
    CHECK(authkeep_config_set(config, "no such key", "a", NULL) ==
          AUTHKEEP_ERR_INVALID_CONFIG);
    CHECK(authkeep_client_get_token(client, NULL, &token, NULL) ==
          AUTHKEEP_ERR_UNAVAILABLE);
    CHECK(authkeep_client_get_token(client, NULL, NULL, NULL) ==
          AUTHKEEP_ERR_INVALID_ARGUMENT);
    CHECK(authkeep_client_reset(NULL, NULL) == AUTHKEEP_ERR_INVALID_ARGUMENT);
    authkeep_client_free(client);
    authkeep_config_free(config);
}

/* What was there before is neither read nor freed, and gone afterwards. */
static void an_output_need_not_be_set_before(const char *json)
{
    char garbage;
    authkeep_error *stale = (authkeep_error *)(void *)&garbage;
    authkeep_client *client = (authkeep_client *)(void *)&garbage;
    authkeep_config *config = authkeep_config_new();
    CHECK(authkeep_config_merge_json(config, json, &stale) == AUTHKEEP_OK);
    CHECK(stale == NULL);
    CHECK(authkeep_config_set(config, "grant", "?", &stale) ==
          AUTHKEEP_ERR_INVALID_CONFIG);
    authkeep_error_free(stale);
    authkeep_config_free(config);
    config = authkeep_config_new();
    CHECK(authkeep_client_new(config, &client, NULL) ==
          AUTHKEEP_ERR_INVALID_CONFIG);
    CHECK(client == NULL);
    authkeep_config_free(config);
}

int main(int argc, char **argv)
{
    check_begin();
    CHECK(argc == 3);
    inputs_are_copied(argv[1]);
    outputs_live_on(argv[1]);
    a_response_tells_all(argv[1]);
    an_error_tells_all(argv[2]);
    an_error_may_be_left_out(argv[2]);
    an_output_need_not_be_set_before(argv[1]);
    return 0;
}
