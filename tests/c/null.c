/*
 * NULL in the place of each pointer of each function: an error that names the
 * argument, a neutral value, or nothing at all; never a crash. The library
 * needs no server for it.
 */

#include "check.h"

static authkeep_error *error;
static char garbage;

/* The call fails because this argument is NULL, and says so. */
static void names(int line, const char *argument, authkeep_status status)
{
    char message[64];
    snprintf(message, sizeof message, "the argument %s is NULL", argument);
    if (status != AUTHKEEP_ERR_INVALID_ARGUMENT || error == NULL ||
        strcmp(authkeep_error_code(error), "argument.null") != 0 ||
        strcmp(authkeep_error_message(error), message) != 0) {
        fprintf(stderr, "null.c:%d: NULL for %s: status %d, %s\n", line,
                argument, (int)status,
                error ? authkeep_error_message(error) : "no error");
        exit(1);
    }
    authkeep_error_free(error);
    error = NULL;
}

#define NAMES(argument, call) names(__LINE__, argument, (call))

/* An output that holds garbage before the call holds NULL after it. */
#define DIRTY(out) ((out) = (void *)&garbage)

static void configs(void)
{
    authkeep_config *config = authkeep_config_new();
    CHECK(config != NULL);
    NAMES("config", authkeep_config_set(NULL, "scope", "a", &error));
    NAMES("key", authkeep_config_set(config, NULL, "a", &error));
    NAMES("value", authkeep_config_set(config, "scope", NULL, &error));
    NAMES("config", authkeep_config_set_env(NULL, "A", "a", &error));
    NAMES("name", authkeep_config_set_env(config, NULL, "a", &error));
    NAMES("value", authkeep_config_set_env(config, "A", NULL, &error));
    NAMES("config", authkeep_config_merge_json(NULL, "{}", &error));
    NAMES("json", authkeep_config_merge_json(config, NULL, &error));
    NAMES("config", authkeep_config_load_profile(NULL, "a", "b", 0, &error));
    NAMES("name", authkeep_config_load_profile(config, NULL, "b", 0, &error));
    authkeep_config_free(config);
    authkeep_config_free(NULL);
}

static void clients(authkeep_client *client)
{
    authkeep_config *config = authkeep_config_new();
    authkeep_request *request = NULL;
    authkeep_client *made;
    authkeep_token *token;
    authkeep_response *response;
    authkeep_explanation *explanation;
    size_t length = 7;
    char buffer[8];

    DIRTY(made);
    NAMES("config", authkeep_client_new(NULL, &made, &error));
    CHECK(made == NULL);
    NAMES("out_client", authkeep_client_new(config, NULL, &error));
    DIRTY(made);
    NAMES("profile", authkeep_client_open(NULL, "b", &made, &error));
    CHECK(made == NULL);
    NAMES("out_client", authkeep_client_open("a", "b", NULL, &error));
    DIRTY(made);
    NAMES("client", authkeep_client_clone(NULL, &made, &error));
    CHECK(made == NULL);
    NAMES("out_clone", authkeep_client_clone(client, NULL, &error));

    DIRTY(token);
    NAMES("client", authkeep_client_get_token(NULL, NULL, &token, &error));
    CHECK(token == NULL);
    NAMES("out_token", authkeep_client_get_token(client, NULL, NULL, &error));

    NAMES("client", authkeep_client_copy_token(NULL, NULL, buffer,
                                               sizeof buffer, &length, &error));
    CHECK(length == 0);
    NAMES("buffer", authkeep_client_copy_token(client, NULL, NULL, 8, &length,
                                               &error));
    NAMES("out_length", authkeep_client_copy_token(client, NULL, buffer,
                                                   sizeof buffer, NULL, &error));

    CHECK(authkeep_request_new("GET", "/", &request, NULL) == AUTHKEEP_OK);
    DIRTY(response);
    NAMES("client",
          authkeep_client_perform(NULL, request, NULL, &response, &error));
    CHECK(response == NULL);
    DIRTY(response);
    NAMES("request",
          authkeep_client_perform(client, NULL, NULL, &response, &error));
    CHECK(response == NULL);
    NAMES("out_response",
          authkeep_client_perform(client, request, NULL, NULL, &error));
    DIRTY(response);
    NAMES("client", authkeep_client_get(NULL, "/", NULL, &response, &error));
    CHECK(response == NULL);
    DIRTY(response);
    NAMES("target", authkeep_client_get(client, NULL, NULL, &response, &error));
    CHECK(response == NULL);
    NAMES("out_response", authkeep_client_get(client, "/", NULL, NULL, &error));

    NAMES("client", authkeep_client_reset(NULL, &error));
    NAMES("client", authkeep_client_forget(NULL, &error));
    NAMES("client", authkeep_client_set_log(NULL, AUTHKEEP_LOG_INFO, NULL, NULL, &error));
    CHECK_OK(authkeep_client_set_log(client, 0, NULL, NULL, &error));
    DIRTY(explanation);
    NAMES("client", authkeep_client_explain(NULL, NULL, &explanation, &error));
    CHECK(explanation == NULL);
    NAMES("out_explanation", authkeep_client_explain(client, NULL, NULL, &error));
    authkeep_client_free(NULL);
    authkeep_request_free(request);
    authkeep_config_free(config);
}

static void calls(void)
{
    NAMES("call", authkeep_call_set_timeout_ms(NULL, 1, &error));
    NAMES("call", authkeep_call_set_min_validity_ms(NULL, 1, &error));
    NAMES("call", authkeep_call_set_wake(NULL, -1, 0, -1, &error));
    authkeep_call_cancel(NULL);
    authkeep_call_free(NULL);
}

static void tokens(void)
{
    CHECK(authkeep_token_access_token(NULL) == NULL);
    CHECK(authkeep_token_access_token_size(NULL) == 0);
    CHECK(authkeep_token_type(NULL) == NULL);
    CHECK(authkeep_token_scope(NULL) == NULL);
    CHECK(authkeep_token_expires_at(NULL) == -1);
    CHECK(authkeep_token_min_validity_met(NULL) == 0);
    authkeep_token_free(NULL);
}

static void requests(void)
{
    authkeep_request *request;

    DIRTY(request);
    NAMES("method", authkeep_request_new(NULL, "/", &request, &error));
    CHECK(request == NULL);
    DIRTY(request);
    NAMES("target", authkeep_request_new("GET", NULL, &request, &error));
    CHECK(request == NULL);
    NAMES("out_request", authkeep_request_new("GET", "/", NULL, &error));

    CHECK_OK(authkeep_request_new("GET", "/", &request, &error));
    NAMES("request", authkeep_request_add_query(NULL, "a", "b", &error));
    NAMES("name", authkeep_request_add_query(request, NULL, "b", &error));
    NAMES("value", authkeep_request_add_query(request, "a", NULL, &error));
    NAMES("request", authkeep_request_add_header(NULL, "a", "b", &error));
    NAMES("name", authkeep_request_add_header(request, NULL, "b", &error));
    NAMES("value", authkeep_request_add_header(request, "a", NULL, &error));
    NAMES("request", authkeep_request_set_body(NULL, NULL, 0, NULL, &error));
    NAMES("data", authkeep_request_set_body(request, NULL, 1, NULL, &error));
    CHECK_OK(authkeep_request_set_body(request, NULL, 0, NULL, &error));
    NAMES("request", authkeep_request_set_json(NULL, "{}", &error));
    NAMES("json", authkeep_request_set_json(request, NULL, &error));
    authkeep_request_free(request);
    authkeep_request_free(NULL);
}

static void responses(void)
{
    CHECK(authkeep_response_status(NULL) == 0);
    CHECK(authkeep_response_header(NULL, "date") == NULL);
    CHECK(authkeep_response_header(NULL, NULL) == NULL);
    CHECK(authkeep_response_header_count(NULL) == 0);
    CHECK(authkeep_response_header_name(NULL, 0) == NULL);
    CHECK(authkeep_response_header_value(NULL, 0) == NULL);
    CHECK(authkeep_response_body(NULL) == NULL);
    CHECK(authkeep_response_body_size(NULL) == 0);
    authkeep_response_free(NULL);
}

static void explanations(void)
{
    CHECK(authkeep_explanation_json(NULL) == NULL);
    CHECK(authkeep_explanation_counter(NULL, "hits") == -1);
    CHECK(authkeep_explanation_counter(NULL, NULL) == -1);
    authkeep_explanation_free(NULL);
}

static void errors(void)
{
    CHECK(authkeep_error_status(NULL) == AUTHKEEP_OK);
    CHECK(authkeep_error_code(NULL) == NULL);
    CHECK(authkeep_error_message(NULL) == NULL);
    CHECK(authkeep_error_oauth_error(NULL) == NULL);
    CHECK(authkeep_error_oauth_description(NULL) == NULL);
    CHECK(authkeep_error_http_status(NULL) == 0);
    CHECK(authkeep_error_retry_after_ms(NULL) == -1);
    authkeep_error_free(NULL);
}

int main(void)
{
    authkeep_client *client;
    check_begin();
    client = client_of("{\"grant\": \"api_key\", \"api_key\": \"key\","
                       " \"base_url\": \"https://api.example\"}");
    configs();
    clients(client);
    calls();
    tokens();
    requests();
    responses();
    explanations();
    errors();
    authkeep_client_free(client);
    return 0;
}
