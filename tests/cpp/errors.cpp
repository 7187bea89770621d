// What fails throws the class of its status, with every fact, and no secret.
// Every secret below contains the canary.
//
// errors URL REFUSED_URL TLS_URL: the test server, a place where nobody
// listens, and the test server's TLS, whose authority nothing here trusts. The
// server knows the clients "good", "html" (answers HTML), "wrong" (another
// secret) and "throttled" (answers 429 and "slow_down", and to wait for 7 s).

#include "check.hpp"

#include <type_traits>
#include <utility>

#define CANARY "canary-5e1f"

using namespace authkeep;

static_assert(std::is_nothrow_copy_constructible_v<Unavailable>, "as catching demands");
static_assert(std::is_base_of_v<std::exception, Error>);

// Fails in this class with this code, and prints a row of the table.
template <class Expected, class Work>
static Expected row(const char *what, authkeep_status status, std::string_view code, Work work)
{
    const Expected error = thrown_by<Expected>(work);
    if (error.status() != status || error.code() != code) {
        std::cerr << what << ": " << error.status() << ", " << error.code() << '\n';
        std::exit(1);
    }
    const std::string_view message = error.message();
    CHECK(message == error.what());
    CHECK(message.size() > 20 && message.back() != '.');
    CHECK(message.find_first_of("\r\n") == message.npos);
    CHECK(!contains(message, CANARY));
    std::cout << what << " | " << status << " | " << code << " | " << message << '\n';
    return error;
}

static Client client_at(const char *base_url, const char *client_id)
{
    return Client{Config{}
                      .set("base_url", base_url)
                      .set("token_endpoint", "/oauth/token")
                      .set("client_id", client_id)
                      .set("client_secret", CANARY)};
}

static void arguments()
{
    const std::string_view with_nul{"a\0b", 3};
    Request request{"POST", "/"};
    const Error error = row<InvalidArgument>("text with a NUL", AUTHKEEP_ERR_INVALID_ARGUMENT,
                                             "argument.nul",
                                             [&] { request.add_header("X-Key", with_nul); });
    CHECK(!error.oauth_error() && !error.oauth_description());
    CHECK(!error.http_status() && !error.retry_after());
    row<InvalidArgument>("a string with a NUL", AUTHKEEP_ERR_INVALID_ARGUMENT, "argument.nul",
                         [&] { Config{}.set(std::string{with_nul}, "a"); });
    row<InvalidArgument>("NULL", AUTHKEEP_ERR_INVALID_ARGUMENT, "argument.null",
                         [&] { Config{}.set("scope", nullptr); });
    row<InvalidArgument>("text that is not UTF-8", AUTHKEEP_ERR_INVALID_ARGUMENT,
                         "argument.not_utf8", [&] { Request("GET", "/\xff"); });
    row<InvalidArgument>("a negative timeout", AUTHKEEP_ERR_INVALID_ARGUMENT, "argument.range",
                         [&] { Call{}.set_timeout(std::chrono::seconds{-1}); });
    row<InvalidArgument>("a negative validity", AUTHKEEP_ERR_INVALID_ARGUMENT, "argument.range",
                         [&] { Call{}.set_min_validity(std::chrono::seconds{-1}); });
    row<InvalidArgument>("a byte beyond 255", AUTHKEEP_ERR_INVALID_ARGUMENT, "argument.range",
                         [&] { Call{}.set_wake(0, 256); });
    row<InvalidArgument>("a method that is no word", AUTHKEEP_ERR_INVALID_ARGUMENT,
                         "request.method", [&] { Request("GET /", "/"); });
    row<InvalidArgument>("a body that is not JSON", AUTHKEEP_ERR_INVALID_ARGUMENT, "request.json",
                         [&] { request.set_json("{\"key\": \"" CANARY); });
    row<NotAllowed>("a header that frames the message", AUTHKEEP_ERR_NOT_ALLOWED,
                    "request.framing_header", [&] { request.add_header("Content-Length", "1"); });
}

static void configs()
{
    Config config;
    row<InvalidConfig>("an unknown key", AUTHKEEP_ERR_INVALID_CONFIG, "config.unknown_key",
                       [&] { config.set("client_secrte", CANARY); });
    row<InvalidConfig>("bad JSON", AUTHKEEP_ERR_INVALID_CONFIG, "config.invalid_json",
                       [&] { config.merge_json("{\"client_secret\": \"" CANARY "\""); });
    row<InvalidConfig>("a profiles file that is not there", AUTHKEEP_ERR_INVALID_CONFIG,
                       "config.profile_file", [&] { config.load_profile("a", "/nowhere/p.json"); });
    row<InvalidConfig>("a profile that is not there", AUTHKEEP_ERR_INVALID_CONFIG,
                       "config.profile_file", [&] { Client::open("a", "/nowhere/p.json"); });
    row<InvalidConfig>("a config that is incomplete", AUTHKEEP_ERR_INVALID_CONFIG,
                       "config.missing_key", [&] { Client{config}; });
    row<NotAllowed>("http to another machine", AUTHKEEP_ERR_NOT_ALLOWED,
                    "config.http_not_allowed", [&] { client_at("http://api.example", "good"); });
    row<InvalidArgument>("a variable without a name", AUTHKEEP_ERR_INVALID_ARGUMENT,
                         "config.env", [&] { config.set_env("", CANARY); });
}

static void servers(const char *url, const char *refused_url, const char *tls_url)
{
    const auto get = [](const char *base_url, const char *client_id) {
        return [=] { client_at(base_url, client_id).get("/api/echo"); };
    };
    row<NotAllowed>("a target outside base_url", AUTHKEEP_ERR_NOT_ALLOWED, "target.not_allowed",
                    [&] { client_at(url, "good").get("https://other.example/?key=" CANARY); });
    row<BadResponse>("HTML from the token endpoint", AUTHKEEP_ERR_BAD_RESPONSE, "token.not_json",
                     get(url, "html"));
    row<Unavailable>("connection refused", AUTHKEEP_ERR_UNAVAILABLE, "network.refused",
                     get(refused_url, "good"));
    row<TLSError>("a certificate that nobody trusts", AUTHKEEP_ERR_TLS, "tls.certificate",
                  get(tls_url, "good"));
    const Error wrong =
        row<InvalidCredentials>("a wrong secret", AUTHKEEP_ERR_INVALID_CREDENTIALS,
                                "oauth.invalid_client", get(url, "wrong"));
    CHECK(wrong.oauth_error() == "invalid_client");
    CHECK(wrong.http_status() == 401);
}

static void facts_outlive_the_client(const char *url)
{
    const Error error = row<Unavailable>("throttled", AUTHKEEP_ERR_UNAVAILABLE, "token.throttled",
                                         [&] { client_at(url, "throttled").get_token(); });
    // A copy shares the facts, and so does what was moved.
    Error copy = error;
    const Error moved = std::move(copy);
    for (const Error &each : {error, copy, moved}) {
        CHECK(each.oauth_error() == "slow_down");
        CHECK(each.oauth_description() == "too many");
        CHECK(each.http_status() == 429);
        CHECK(each.retry_after() > std::chrono::seconds{6});
        CHECK(each.retry_after() <= std::chrono::milliseconds{7700});
    }
}

// The next call after a refusal is spared, and reset lets it through.
static void a_reset_tries_again(const char *url)
{
    const Client client = client_at(url, "wrong");
    thrown_by<InvalidCredentials>([&] { client.get_token(); });
    CHECK(thrown_by<InvalidCredentials>([&] { client.get_token(); }).retry_after());
    client.reset();
    thrown_by<InvalidCredentials>([&] { client.get_token(); });
}

int main(int argc, char **argv)
{
    check_begin();
    CHECK(argc == 4);
    arguments();
    configs();
    servers(argv[1], argv[2], argv[3]);
    facts_outlive_the_client(argv[1]);
    a_reset_tries_again(argv[1]);
}
