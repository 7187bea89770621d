// Who owns what, as the header says: objects move and don't copy, handles
// change hands, texts of every kind are taken, and outputs live on.
//
// ownership CONFIG: tokens of scope "orders".

#include "check.hpp"

#include <type_traits>
#include <utility>

using namespace authkeep;

template <class Noun>
constexpr bool moves_and_does_not_copy =
    std::is_nothrow_move_constructible_v<Noun> && std::is_nothrow_move_assignable_v<Noun> &&
    !std::is_copy_constructible_v<Noun> && !std::is_copy_assignable_v<Noun>;

static_assert(moves_and_does_not_copy<Config>);
static_assert(moves_and_does_not_copy<Client>);
static_assert(moves_and_does_not_copy<Call>);
static_assert(moves_and_does_not_copy<Token>);
static_assert(moves_and_does_not_copy<Request>);
static_assert(moves_and_does_not_copy<Response>);
static_assert(sizeof(Client) == sizeof(authkeep_client *));
static_assert(!std::is_convertible_v<authkeep_client *, Client>, "taking over is said aloud");

static void what_was_moved_from_can_be_assigned_to(const char *json)
{
    Client first = client_of(json);
    Client second = std::move(first);
    CHECK(first.native_handle() == nullptr);
    const InvalidArgument error = thrown_by<InvalidArgument>([&] { first.get_token(); });
    CHECK(error.code() == "argument.null");
    first = std::move(second);
    CHECK(!first.get_token().access_token().empty());
    // To itself: nothing is lost.
    Client &same = first;
    first = std::move(same);
    CHECK(!first.get_token().access_token().empty());
}

static void a_handle_changes_hands(const char *json)
{
    Client client = client_of(json);
    authkeep_client *pointer = client.clone().release();
    CHECK(pointer != client.native_handle());
    {
        const Client taken{pointer};
        CHECK(taken.native_handle() == pointer);
        CHECK(taken.get_token().access_token() == client.get_token().access_token());
    }
    // It was freed with its owner, and the library knows.
    authkeep_error *error = nullptr;
    CHECK(authkeep_client_reset(pointer, &error) == AUTHKEEP_ERR_CLOSED);
    thrown_by<Closed>([&] { throw Closed{error}; });
    CHECK(!client.get_token().access_token().empty());

    pointer = client.release();
    CHECK(client.native_handle() == nullptr);
    authkeep_client_free(pointer);
}

static void outputs_live_on(const char *json)
{
    Client client = client_of(json);
    const Token token = client.get_token();
    const Response response = client.get("/api/status/404?X-Two=2");
    client = client_of(json);
    CHECK(token.access_token().data()[token.access_token().size()] == '\0');
    CHECK(token.type() == "Bearer");
    CHECK(token.scope() == "orders");
    CHECK(token.expires_at() > std::chrono::system_clock::now());
    CHECK(token.min_validity_met());

    CHECK(response.status() == 404);
    CHECK(response.header("x-TWO") == "2");
    CHECK(!response.header("x-three"));
    int found = 0;
    for (std::size_t i = 0; i < response.header_count(); i++)
        found += response.header_name(i) == "x-two" && response.header_value(i) == "2";
    CHECK(found == 1);
    CHECK(response.header_name(response.header_count()).empty());
    CHECK(response.header_value(response.header_count()).empty());
    CHECK(response.body().data()[response.body().size()] == '\0');
}

static void what_is_empty_answers_neutrally()
{
    const Token token{nullptr};
    CHECK(token.access_token().empty() && token.type().empty());
    CHECK(!token.scope() && !token.expires_at() && !token.min_validity_met());
    const Response response{nullptr};
    CHECK(response.status() == 0 && response.body().empty() && response.header_count() == 0);
    CHECK(!response.header("date"));
    Call{nullptr}.cancel();
}

static void texts_of_every_kind_are_taken(const char *json)
{
    const Client client = client_of(json);
    const std::string name = "X-Name";
    // A view that ends where no NUL is.
    const std::string_view value = std::string_view{"a value and more"}.substr(0, 7);
    Request request{std::string{"PUT"}, std::string_view{"/api/echo#"}.substr(0, 9)};
    request.add_header(name, value).add_query(name, value);
    request.set_body(std::string_view{"a\0body", 6}, "text/plain");
    const Response response = client.perform(request);
    CHECK(response.status() == 200);
    for (const char *part : {R"("method":"PUT")", R"("query":"X-Name=a+value")",
                             R"("x-name":"a value")", R"("content-type":"text/plain")",
                             R"("body":"a\u0000body")"})
        CHECK(contains(response.body(), part));

    // Sent again, changed: a request is the caller's.
    request.set_json(R"({"name": "Chair"})");
    CHECK(contains(client.perform(request).body(), R"("content-type":"application/json")"));
    request.set_body({});
    CHECK(contains(client.perform(request).body(), R"("body":"")"));
}

static void a_token_is_copied(const char *json)
{
    const Client client = client_of(json);
    const Token token = client.get_token();
    const std::string_view text = token.access_token();

    char buffer[4096];
    CHECK(client.copy_token(buffer, sizeof buffer) == text.size());
    CHECK(text == buffer);
    CHECK(client.copy_token(buffer, text.size() + 1) == text.size());
    const BufferTooSmall error =
        thrown_by<BufferTooSmall>([&] { client.copy_token(buffer, text.size()); });
    CHECK(error.status() == AUTHKEEP_ERR_BUFFER_TOO_SMALL);

    std::string copy;
    client.copy_token(copy);
    CHECK(copy == text);
    const char *memory = copy.data();
    client.copy_token(copy);
    CHECK(copy == text && copy.data() == memory);
}

int main(int argc, char **argv)
{
    check_begin();
    CHECK(argc == 2);
    what_was_moved_from_can_be_assigned_to(argv[1]);
    a_handle_changes_hands(argv[1]);
    outputs_live_on(argv[1]);
    what_is_empty_answers_neutrally();
    texts_of_every_kind_are_taken(argv[1]);
    a_token_is_copied(argv[1]);
}
