// What happens inside a client is told and explained, and what was forgotten is
// handed out no more.
//
// log CONFIG

#include "check.hpp"

#include <algorithm>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace authkeep;

struct Told {
    std::vector<LogLevel> levels;
    std::string texts;
    std::thread::id thread = std::this_thread::get_id();

    Log log()
    {
        return [this](LogLevel level, std::string_view text) {
            CHECK(std::this_thread::get_id() == thread);
            CHECK(text.find('\n') == text.npos);
            levels.push_back(level);
            texts.append(text) += '\n';
        };
    }

    std::ptrdiff_t count(LogLevel level) const
    {
        return std::count(levels.begin(), levels.end(), level);
    }
};

static void what_matters_is_told_on_the_thread_of_the_call(const char *json)
{
    const Client client = client_of(json);
    Told all, less;
    client.set_log(LogLevel::debug, all.log());
    const std::string first{client.get_token().access_token()};
    CHECK(client.get("/api/echo?private=1").status() == 200);
    CHECK(all.count(LogLevel::info) == 1 && all.count(LogLevel::debug) == 2);
    CHECK(contains(all.texts, "a token was issued") && contains(all.texts, "/api/echo: HTTP 200"));

    client.set_log(LogLevel::info, less.log());
    client.forget();
    CHECK(client.get_token().access_token() != first);
    CHECK(less.count(LogLevel::info) == 2 && less.count(LogLevel::debug) == 0);
    CHECK(all.levels.size() == 3);
    for (const char *secret : {first.c_str(), "private"})
        CHECK(!contains(all.texts + less.texts, secret));

    client.set_log(LogLevel::info, nullptr);
    client.reset();
    CHECK(less.levels.size() == 2);
}

static void a_log_moves_with_its_client_and_is_of_no_other(const char *json)
{
    Told told;
    auto owned = std::make_shared<int>();
    const std::weak_ptr<int> alive = owned;
    Client first = client_of(json);
    first.set_log(LogLevel::info, [owned = std::move(owned), log = told.log()](auto... message) {
        log(message...);
    });
    Client second = std::move(first);
    second.reset();
    CHECK(told.levels.size() == 1);

    const Client clone = second.clone();
    clone.reset();
    CHECK(told.levels.size() == 1);
    second.reset(); // and what the clone did to the credential of both
    CHECK(told.levels.size() == 3);

    Client third{second.release()};
    CHECK(alive.expired());
    third.reset();
    CHECK(told.levels.size() == 3);

    owned = std::make_shared<int>();
    const std::weak_ptr<int> again = owned;
    third.set_log(LogLevel::info, [owned = std::move(owned)](auto...) {});
    third = client_of(json);
    CHECK(again.expired());
}

static void a_log_may_throw_use_its_client_and_replace_itself(const char *json)
{
    const Client client = client_of(json);
    int calls = 0;
    client.set_log(LogLevel::debug, [&](LogLevel, std::string_view) {
        calls++;
        throw std::runtime_error{"the disk is full"};
    });
    client.reset();
    CHECK(calls == 1);

    std::string seen;
    client.set_log(LogLevel::debug, [&, own = std::string(100, 'x')](LogLevel, std::string_view) {
        CHECK(client.get("/api/status/404").status() == 404);
        client.set_log(LogLevel::debug, nullptr);
        seen = own; // which is still there
    });
    client.reset();
    CHECK(seen == std::string(100, 'x'));
}

static void an_explanation_says_what_a_call_would_get(const char *json)
{
    const Client client = client_of(json);
    client.forget();
    CHECK(contains(client.explain().json(), R"("a_call_would":"request")"));
    const Token token = client.get_token();
    const Explanation explanation = client.explain();
    CHECK(contains(explanation.json(), R"("a_call_would":"serve")"));
    CHECK(!contains(explanation.json(), token.access_token()));
    CHECK(explanation.counter("token_requests") > 0);
    CHECK(!explanation.counter("nonesuch"));

    Call whole;
    whole.set_min_validity(std::chrono::milliseconds{3'599'999});
    while (!contains(client.explain(whole).json(), R"("a_call_would":"request")"))
        std::this_thread::yield(); // until the token has lived for more than 1 ms

    const Explanation none{nullptr};
    CHECK(none.json().empty() && !none.counter("hits"));
}

static void a_level_that_is_none_changes_nothing(const char *json)
{
    const Client client = client_of(json);
    Told told;
    client.set_log(LogLevel::info, told.log());
    const auto error = thrown_by<InvalidArgument>(
        [&] { client.set_log(static_cast<LogLevel>(4), [](auto...) { CHECK(false); }); });
    CHECK(error.code() == "argument.range");
    client.reset();
    CHECK(told.levels.size() == 1);
}

int main(int argc, char **argv)
{
    check_begin();
    CHECK(argc == 2);
    what_matters_is_told_on_the_thread_of_the_call(argv[1]);
    a_log_moves_with_its_client_and_is_of_no_other(argv[1]);
    a_log_may_throw_use_its_client_and_replace_itself(argv[1]);
    an_explanation_says_what_a_call_would_get(argv[1]);
    a_level_that_is_none_changes_nothing(argv[1]);
}
