/*
 * Bad input of every kind: each has its status, its code, and a message of one
 * line without a secret. Every secret below contains the canary.
 *
 * badinput URL REFUSED_URL TLS_URL: the test server, a place where nobody
 * listens, and the test server's TLS, whose authority nothing here trusts. The
 * server knows the clients "good", "html" (answers HTML) and "wrong" (another
 * secret).
 */

#include "check.h"

#define CANARY "canary-5e1f"

static const char *url;
static authkeep_error *error;

/* Checks a failure, and prints it as a row of the table. */
static void row(const char *what, authkeep_status status,
                authkeep_status expected, const char *code)
{
    const char *message = authkeep_error_message(error);
    const char *description = authkeep_error_oauth_description(error);
    if (status != expected || authkeep_error_status(error) != expected ||
        strcmp(authkeep_error_code(error), code) != 0) {
        fprintf(stderr, "%s: status %d, %s: %s\n", what, (int)status,
                error ? authkeep_error_code(error) : "no error",
                error ? message : "");
        exit(1);
    }
    CHECK(strlen(message) > 20);
    CHECK(strpbrk(message, "\r\n") == NULL);
    CHECK(message[strlen(message) - 1] != '.');
    CHECK(strstr(message, CANARY) == NULL);
    CHECK(description == NULL || strstr(description, CANARY) == NULL);
    printf("%s | %d | %s | %s\n", what, (int)status, code, message);
    authkeep_error_free(error);
    error = NULL;
}

static authkeep_config *config_of(const char *base_url, const char *endpoint,
                                  const char *client_id)
{
    authkeep_config *config = authkeep_config_new();
    CHECK_OK(authkeep_config_set(config, "base_url", base_url, &error));
    CHECK_OK(authkeep_config_set(config, "token_endpoint", endpoint, &error));
    CHECK_OK(authkeep_config_set(config, "client_id", client_id, &error));
    CHECK_OK(authkeep_config_set(config, "client_secret", CANARY, &error));
    return config;
}

static authkeep_client *client_made(authkeep_config *config)
{
    authkeep_client *client = NULL;
    CHECK_OK(authkeep_client_new(config, &client, &error));
    authkeep_config_free(config);
    return client;
}

/* What a GET comes to; the client is freed. */
static authkeep_status get(authkeep_client *client, const char *target)
{
    authkeep_response *response = NULL;
    authkeep_status status =
        authkeep_client_get(client, target, NULL, &response, &error);
    CHECK((response == NULL) == (status != AUTHKEEP_OK));
    authkeep_response_free(response);
    authkeep_client_free(client);
    return status;
}

static void arguments(void)
{
    authkeep_request *request = NULL;
    authkeep_call *call = authkeep_call_new();
    row("NULL", authkeep_config_set(NULL, "scope", "a", &error),
        AUTHKEEP_ERR_INVALID_ARGUMENT, "argument.null");
    row("text that is not UTF-8",
        authkeep_request_new("GET", "/\xff", &request, &error),
        AUTHKEEP_ERR_INVALID_ARGUMENT, "argument.not_utf8");
    row("a negative timeout", authkeep_call_set_timeout_ms(call, -1, &error),
        AUTHKEEP_ERR_INVALID_ARGUMENT, "argument.range");
    row("a method that is no word",
        authkeep_request_new("GET /", "/", &request, &error),
        AUTHKEEP_ERR_INVALID_ARGUMENT, "request.method");
    CHECK(request == NULL);
    CHECK_OK(authkeep_request_new("POST", "/", &request, &error));
    row("a request body that is not JSON",
        authkeep_request_set_json(request, "{\"key\": \"" CANARY, &error),
        AUTHKEEP_ERR_INVALID_ARGUMENT, "request.json");
    row("a header value in two lines",
        authkeep_request_add_header(request, "X-Key", CANARY "\r\nX: y", &error),
        AUTHKEEP_ERR_INVALID_ARGUMENT, "request.header_value");
    row("a header that frames the message",
        authkeep_request_add_header(request, "Content-Length", "1", &error),
        AUTHKEEP_ERR_NOT_ALLOWED, "request.framing_header");
    authkeep_request_free(request);
    authkeep_call_free(call);
}

static void configs(void)
{
    authkeep_config *config = authkeep_config_new();
    authkeep_client *client = NULL;
    row("a wrong URL", authkeep_config_set(config, "base_url", "api", &error),
        AUTHKEEP_ERR_INVALID_CONFIG, "config.invalid_value");
    row("a URL with a password",
        authkeep_config_set(config, "base_url", "https://u:" CANARY "@api.example",
                            &error),
        AUTHKEEP_ERR_INVALID_CONFIG, "config.invalid_value");
    row("an unknown key",
        authkeep_config_set(config, "client_secrte", CANARY, &error),
        AUTHKEEP_ERR_INVALID_CONFIG, "config.unknown_key");
    row("bad JSON",
        authkeep_config_merge_json(
            config, "{\"client_secret\": \"" CANARY "\"", &error),
        AUTHKEEP_ERR_INVALID_CONFIG, "config.invalid_json");
    row("JSON of a wrong type",
        authkeep_config_merge_json(
            config, "{\"client_id\": [\"" CANARY "\"]}", &error),
        AUTHKEEP_ERR_INVALID_CONFIG, "config.wrong_type");
    row("a profiles file that is not there",
        authkeep_config_load_profile(config, "a", "/nowhere/p.json", 0, &error),
        AUTHKEEP_ERR_INVALID_CONFIG, "config.profile_file");
    row("a config that is incomplete",
        authkeep_client_new(config, &client, &error),
        AUTHKEEP_ERR_INVALID_CONFIG, "config.missing_key");
    authkeep_config_free(config);

    config = config_of("http://api.example", "/oauth/token", "good");
    row("http to another machine", authkeep_client_new(config, &client, &error),
        AUTHKEEP_ERR_NOT_ALLOWED, "config.http_not_allowed");
    CHECK(client == NULL);
    authkeep_config_free(config);
}

static void targets(const char *refused_url)
{
    char base[256], elsewhere[256];
    authkeep_request *request = NULL;
    authkeep_response *response = NULL;
    authkeep_client *client;

    snprintf(base, sizeof base, "%s/api", url);
    snprintf(elsewhere, sizeof elsewhere, "%s/open/echo?key=" CANARY, url);
    row("a target outside base_url, on its server",
        get(client_made(config_of(base, "/oauth/token", "good")), elsewhere),
        AUTHKEEP_ERR_NOT_ALLOWED, "target.not_allowed");
    row("a target outside base_url, elsewhere",
        get(client_made(config_of(base, "/oauth/token", "good")), refused_url),
        AUTHKEEP_ERR_NOT_ALLOWED, "target.not_allowed");
    row("a target that leaves base_url",
        get(client_made(config_of(base, "/oauth/token", "good")),
            "/%2e%2e/open/echo"),
        AUTHKEEP_ERR_INVALID_ARGUMENT, "target.invalid");

    client = client_made(config_of(base, "/oauth/token", "good"));
    CHECK_OK(authkeep_request_new("GET", "/echo", &request, &error));
    CHECK_OK(authkeep_request_add_header(request, "authorization", CANARY,
                                         &error));
    row("a header in the place of the credential",
        authkeep_client_perform(client, request, NULL, &response, &error),
        AUTHKEEP_ERR_NOT_ALLOWED, "request.credential_header");
    CHECK(response == NULL);
    authkeep_request_free(request);
    authkeep_client_free(client);
}

static void servers(const char *refused_url, const char *tls_url)
{
    row("HTML from the token endpoint",
        get(client_made(config_of(url, "/oauth/token", "html")), "/api/echo"),
        AUTHKEEP_ERR_BAD_RESPONSE, "token.not_json");
    row("connection refused",
        get(client_made(config_of(refused_url, "/oauth/token", "good")), "/a"),
        AUTHKEEP_ERR_UNAVAILABLE, "network.refused");
    row("a wrong secret",
        get(client_made(config_of(url, "/oauth/token", "wrong")), "/api/echo"),
        AUTHKEEP_ERR_INVALID_CREDENTIALS, "oauth.invalid_client");
    row("a certificate that nobody trusts",
        get(client_made(config_of(tls_url, "/oauth/token", "good")), "/a"),
        AUTHKEEP_ERR_TLS, "tls.certificate");
}

static void closed(void)
{
    authkeep_client *client =
        client_made(config_of(url, "/oauth/token", "good"));
    authkeep_client_free(client);
    row("a client that was freed", authkeep_client_reset(client, &error),
        AUTHKEEP_ERR_CLOSED, "client.closed");
}

int main(int argc, char **argv)
{
    check_begin();
    CHECK(argc == 4);
    url = argv[1];
    arguments();
    configs();
    targets(argv[2]);
    servers(argv[2], argv[3]);
    closed();
    return 0;
}
