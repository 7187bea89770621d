/*
 * authkeep for C++: gets an OAuth 2.0 access token, keeps it, renews it, and
 * sends authenticated HTTP requests with it.
 *
 * A complete program (c++ -std=c++17 program.cpp -lauthkeep):
 *
 *   #include <authkeep.hpp>
 *   #include <iostream>
 *
 *   int main() {
 *       try {
 *           authkeep::Client api{authkeep::Config{}
 *               .set("base_url", "https://api.example/v1")
 *               .set("token_endpoint", "https://id.example/oauth/token")
 *               .set("client_id", "robot")
 *               .set("client_secret.env", "ROBOT_SECRET")};
 *
 *           authkeep::Response orders = api.get("/orders?limit=50");
 *           std::cout << orders.status() << ' ' << orders.body() << '\n';
 *       } catch (const authkeep::InvalidCredentials &error) {
 *           std::cerr << "fix the secret: " << error.what() << '\n';
 *           return 2;
 *       } catch (const authkeep::Error &error) {
 *           std::cerr << error.what() << '\n';
 *           return 1;
 *       }
 *   }
 *
 * This is authkeep.h with C++'s manners, and no more: the keys of a config are
 * those of docs/config.md, and what a function does in full, that header says.
 * It needs C++17 and exceptions; it doesn't need RTTI.
 *
 * Ownership. Each object owns its native handle, moves, and frees it. It can't
 * be copied; Client::clone makes a second handle on one client. What has been
 * moved from may be assigned to and destroyed. A std::string_view that comes
 * out borrows from the object that was asked, and lives exactly as long;
 * behind its last character there is a NUL.
 *
 * Errors. What fails throws an authkeep::Error, whose class says what to do
 * next. A member that is noexcept can't fail. Nothing else is thrown but
 * std::bad_alloc.
 *
 * Threads. A const member may be called by any number of threads at once, any
 * other by one thread at a time. Members that may block say so; they end by the
 * deadline of their call, or within 250 ms of its cancellation.
 *
 * Texts. In: a const char * or a std::string as it is, a std::string_view by a
 * copy; UTF-8 without a NUL. Setters return their object, to be chained.
 */

#ifndef AUTHKEEP_HPP
#define AUTHKEEP_HPP

#include <authkeep.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#if !defined(_WIN32)
#include <pthread.h>
#endif

#if !defined(__cpp_exceptions)
#error "authkeep.hpp throws exceptions; a program without them can use authkeep.h"
#endif

namespace authkeep {

// --- errors ------------------------------------------------------------------

namespace detail {

inline std::string_view view(const char *text) noexcept
{
    return text ? std::string_view{text} : std::string_view{};
}

inline std::optional<std::string_view> optional_view(const char *text) noexcept
{
    return text ? std::optional<std::string_view>{text} : std::nullopt;
}

} // namespace detail

/// What went wrong, with its facts. A copy shares them; they never change.
class Error : public std::exception {
public:
    /// Takes over a native error.
    explicit Error(authkeep_error *owned)
        : error_{owned, authkeep_error_free}, status_{authkeep_error_status(owned)},
          code_{authkeep_error_code(owned)}, message_{authkeep_error_message(owned)}
    {
    }

    /// Without a native error; the texts must live as long as the program.
    Error(authkeep_status status, const char *code, const char *message) noexcept
        : status_{status}, code_{code}, message_{message}
    {
    }

    /// Shares the facts. There is no move, which would leave one without them.
    Error(const Error &) noexcept = default;
    Error &operator=(const Error &) noexcept = default;

    /// One line for a log, which says what to do and contains no secret.
    const char *what() const noexcept override { return message_; }

    /// The same.
    std::string_view message() const noexcept { return detail::view(message_); }

    /// One of the AUTHKEEP_ERR_ constants; each has a class below.
    authkeep_status status() const noexcept { return status_; }

    /// A stable string that tells causes apart, such as "config.unknown_key".
    std::string_view code() const noexcept { return detail::view(code_); }

    /// The "error" of the token endpoint's answer (RFC 6749, section 5.2).
    std::optional<std::string_view> oauth_error() const noexcept
    {
        return detail::optional_view(authkeep_error_oauth_error(error_.get()));
    }

    /// The "error_description" of the token endpoint's answer.
    std::optional<std::string_view> oauth_description() const noexcept
    {
        return detail::optional_view(authkeep_error_oauth_description(error_.get()));
    }

    /// The HTTP status of the answer that caused the error.
    std::optional<int> http_status() const noexcept
    {
        const std::int32_t status = authkeep_error_http_status(error_.get());
        return status ? std::optional<int>{status} : std::nullopt;
    }

    /// How long it takes until another call can have an effect.
    std::optional<std::chrono::milliseconds> retry_after() const noexcept
    {
        const std::int64_t ms = authkeep_error_retry_after_ms(error_.get());
        return ms < 0 ? std::nullopt : std::optional{std::chrono::milliseconds{ms}};
    }

private:
    std::shared_ptr<authkeep_error> error_;
    authkeep_status status_;
    const char *code_;
    const char *message_;
};

/// A bug of the caller: fix the call.
class InvalidArgument : public Error { using Error::Error; };

/// Fix the configuration or the profile.
class InvalidConfig : public Error { using Error::Error; };

/// The configuration does not allow this target, header or scheme.
class NotAllowed : public Error { using Error::Error; };

/// The credentials were refused for good: fix them, then Client::reset.
class InvalidCredentials : public Error { using Error::Error; };

/// A person must sign in again.
class ReauthRequired : public Error { using Error::Error; };

/// Not now: network, server error, throttling or back-off. See retry_after.
class Unavailable : public Error { using Error::Error; };

/// The deadline of the call passed.
class DeadlineExceeded : public Error { using Error::Error; };

/// The call was cancelled.
class Cancelled : public Error { using Error::Error; };

/// A server answered what the standard does not allow.
class BadResponse : public Error { using Error::Error; };

/// No trusted TLS connection could be made.
class TLSError : public Error { using Error::Error; };

/// A token, header or body is larger than the limit.
class TooLarge : public Error { using Error::Error; };

/// Tokens could not be read from or written to their store.
class StoreError : public Error { using Error::Error; };

/// The buffer is too small for the token and a NUL.
class BufferTooSmall : public Error { using Error::Error; };

/// The client has been freed.
class Closed : public Error { using Error::Error; };

/// A bug of authkeep.
class InternalError : public Error { using Error::Error; };

namespace detail {

/// Throws a native error, which it takes over, as the class of its status.
[[noreturn]] inline void raise(authkeep_error *error)
{
    switch (authkeep_error_status(error)) {
    case AUTHKEEP_ERR_INVALID_ARGUMENT: throw InvalidArgument{error};
    case AUTHKEEP_ERR_INVALID_CONFIG: throw InvalidConfig{error};
    case AUTHKEEP_ERR_NOT_ALLOWED: throw NotAllowed{error};
    case AUTHKEEP_ERR_INVALID_CREDENTIALS: throw InvalidCredentials{error};
    case AUTHKEEP_ERR_REAUTH_REQUIRED: throw ReauthRequired{error};
    case AUTHKEEP_ERR_UNAVAILABLE: throw Unavailable{error};
    case AUTHKEEP_ERR_DEADLINE: throw DeadlineExceeded{error};
    case AUTHKEEP_ERR_CANCELLED: throw Cancelled{error};
    case AUTHKEEP_ERR_BAD_RESPONSE: throw BadResponse{error};
    case AUTHKEEP_ERR_TLS: throw TLSError{error};
    case AUTHKEEP_ERR_TOO_LARGE: throw TooLarge{error};
    case AUTHKEEP_ERR_STORE: throw StoreError{error};
    case AUTHKEEP_ERR_BUFFER_TOO_SMALL: throw BufferTooSmall{error};
    case AUTHKEEP_ERR_CLOSED: throw Closed{error};
    default: throw InternalError{error};
    }
}

/// Calls a function that ends with out_error, and throws what comes out there.
template <class Function, class... Arguments>
void invoke(Function function, Arguments... arguments)
{
    authkeep_error *error = nullptr;
    if (function(arguments..., &error) != AUTHKEEP_OK)
        raise(error);
}

/// The same for one with an output before that, which it returns.
template <class Output, class Function, class... Arguments>
Output output_of(Function function, Arguments... arguments)
{
    Output output{};
    invoke(function, arguments..., &output);
    return output;
}

/// A text as the library takes it. C would cut one with a NUL in it.
class Text {
public:
    Text(const char *text) noexcept : text_{text} {}
    Text(const std::string &text) : text_{whole(text).data()} {}
    Text(std::string_view text) : copy_{whole(text)}, text_{copy_.c_str()} {}
    Text(const Text &) = delete;
    Text &operator=(const Text &) = delete;

    const char *c_str() const noexcept { return text_; }

private:
    static std::string_view whole(std::string_view text)
    {
        if (text.find('\0') != text.npos)
            throw InvalidArgument{AUTHKEEP_ERR_INVALID_ARGUMENT, "argument.nul",
                                  "a text contains a NUL character"};
        return text;
    }

    std::string copy_;
    const char *text_;
};

} // namespace detail

/// The owner of a native handle: what all the classes below have in common.
template <class Native, void (*Free)(Native *)>
class Owner {
public:
    /// Takes over a native handle, such as one that another language made.
    explicit Owner(Native *owned) noexcept : handle_{owned} {}

    /// The native handle, which stays this object's.
    Native *native_handle() const noexcept { return handle_.get(); }

    /// Hands over the native handle; the caller gives it back to its free.
    [[nodiscard]] Native *release() noexcept { return handle_.release(); }

private:
    struct Deleter {
        void operator()(Native *handle) const noexcept { Free(handle); }
    };

    std::unique_ptr<Native, Deleter> handle_;
};

// --- the nouns ---------------------------------------------------------------

/// A key that a user of a provider must give.
struct Need {
    /// The configuration key, such as "client_id".
    std::string_view key;
    /// The grant that needs it, such as "password"; nothing: every one does.
    std::optional<std::string_view> grant;
    /// Where it is found, in the words of the vendor's console.
    std::string_view place;
};

/// A system by the name that the key "provider" takes. The texts live as long
/// as the library.
struct Provider {
    std::string_view name;
    /// What its vendor calls it.
    std::string_view title;
    /// A sentence on what is special; may be empty.
    std::string_view about;
    /// The keys that a user must give.
    std::vector<Need> needs;
};

/// Every provider that the library knows, in the order of the names.
inline std::vector<Provider> providers()
{
    std::vector<Provider> all;
    for (std::size_t i = 0; i < authkeep_provider_count(); i++) {
        Provider provider{detail::view(authkeep_provider_name(i)),
                          detail::view(authkeep_provider_title(i)),
                          detail::view(authkeep_provider_about(i)),
                          {}};
        for (std::size_t need = 0; need < authkeep_provider_need_count(i); need++)
            provider.needs.push_back({detail::view(authkeep_provider_need_key(i, need)),
                                      detail::optional_view(authkeep_provider_need_grant(i, need)),
                                      detail::view(authkeep_provider_need_place(i, need))});
        all.push_back(std::move(provider));
    }
    return all;
}

/// Where a credential comes from and how it is used: data, in layers.
class Config : public Owner<authkeep_config, authkeep_config_free> {
public:
    using Owner::Owner;

    /// All defaults.
    Config() noexcept : Owner{authkeep_config_new()} {}

    /// Sets one key, such as "timeouts.total_ms", to a literal value. A secret
    /// that is read when it is needed has a key of its own:
    /// "client_secret.env", "client_secret.file".
    Config &set(const detail::Text &key, const detail::Text &value)
    {
        detail::invoke(authkeep_config_set, native_handle(), key.c_str(), value.c_str());
        return *this;
    }

    /// Hands over an environment variable that goes before the process's own.
    Config &set_env(const detail::Text &name, const detail::Text &value)
    {
        detail::invoke(authkeep_config_set_env, native_handle(), name.c_str(), value.c_str());
        return *this;
    }

    /// Merges a JSON object of keys, deeply; null deletes.
    Config &merge_json(const detail::Text &json)
    {
        detail::invoke(authkeep_config_merge_json, native_handle(), json.c_str());
        return *this;
    }

    /// Loads a profile below the keys set here. Reads a file: at path, or the
    /// user's own. allow_references permits secrets in a file at path to refer
    /// to environment variables, files and commands.
    Config &load_profile(const detail::Text &name, const detail::Text &path = nullptr,
                         bool allow_references = false)
    {
        detail::invoke(authkeep_config_load_profile, native_handle(), name.c_str(), path.c_str(),
                       std::int32_t{allow_references});
        return *this;
    }
};

/// Options of one call, and its cancellation. May serve several calls, one
/// after another or at once.
class Call : public Owner<authkeep_call, authkeep_call_free> {
public:
    using Owner::Owner;

    /// The client's own timeout. Call{nullptr} is the same, and can't be
    /// cancelled.
    Call() noexcept : Owner{authkeep_call_new()} {}

    /// How long each member that gets this may take, from its start.
    Call &set_timeout(std::chrono::milliseconds timeout)
    {
        detail::invoke(authkeep_call_set_timeout_ms, native_handle(),
                       std::int64_t{timeout.count()});
        return *this;
    }

    /// For how long a token must still be valid. Where the server gives none,
    /// the newest is returned; Token::min_validity_met tells.
    Call &set_min_validity(std::chrono::milliseconds min_validity)
    {
        detail::invoke(authkeep_call_set_min_validity_ms, native_handle(),
                       std::int64_t{min_validity.count()});
        return *this;
    }

    /// Lets cancel_byte, read from read_fd while a member waits, cancel it; all
    /// bytes go on to forward_fd, unless that is -1.
    Call &set_wake(int read_fd, int cancel_byte, int forward_fd = -1)
    {
        detail::invoke(authkeep_call_set_wake, native_handle(), read_fd, cancel_byte, forward_fd);
        return *this;
    }

    /// Ends each member that uses this, now and from now on, with Cancelled.
    void cancel() const noexcept { authkeep_call_cancel(native_handle()); }
};

/// An immutable snapshot of an access token.
class Token : public Owner<authkeep_token, authkeep_token_free> {
public:
    using Owner::Owner;

    /// The access token itself, or the static key.
    std::string_view access_token() const noexcept
    {
        return {authkeep_token_access_token(native_handle()),
                authkeep_token_access_token_size(native_handle())};
    }

    /// How it is sent, usually "Bearer"; empty for a static key.
    std::string_view type() const noexcept
    {
        return detail::view(authkeep_token_type(native_handle()));
    }

    /// The scope that the server said it granted.
    std::optional<std::string_view> scope() const noexcept
    {
        return detail::optional_view(authkeep_token_scope(native_handle()));
    }

    /// When it expires; nothing for a static key, which doesn't.
    std::optional<std::chrono::system_clock::time_point> expires_at() const noexcept
    {
        const std::int64_t seconds = authkeep_token_expires_at(native_handle());
        if (seconds < 0)
            return std::nullopt;
        return std::chrono::system_clock::time_point{std::chrono::seconds{seconds}};
    }

    /// Whether it lived as long as the call asked when it was returned.
    bool min_validity_met() const noexcept
    {
        return authkeep_token_min_validity_met(native_handle()) != 0;
    }
};

/// One HTTP request, to be sent as often as wanted.
class Request : public Owner<authkeep_request, authkeep_request_free> {
public:
    using Owner::Owner;

    /// A target is a path below "base_url", with or without a leading slash
    /// and a query, or an absolute URL that the config allows.
    Request(const detail::Text &method, const detail::Text &target)
        : Owner{detail::output_of<authkeep_request *>(authkeep_request_new, method.c_str(),
                                                      target.c_str())}
    {
    }

    /// Adds a pair to the target's query, form-encoded.
    Request &add_query(const detail::Text &name, const detail::Text &value)
    {
        detail::invoke(authkeep_request_add_query, native_handle(), name.c_str(), value.c_str());
        return *this;
    }

    /// Adds a header; one of the same name stays.
    Request &add_header(const detail::Text &name, const detail::Text &value)
    {
        detail::invoke(authkeep_request_add_header, native_handle(), name.c_str(), value.c_str());
        return *this;
    }

    /// Sets the body, of any bytes. A content type replaces an earlier one.
    Request &set_body(std::string_view body, const detail::Text &content_type = nullptr)
    {
        detail::invoke(authkeep_request_set_body, native_handle(),
                       reinterpret_cast<const std::uint8_t *>(body.data()), body.size(),
                       content_type.c_str());
        return *this;
    }

    /// Sets a JSON text as the body, with its content type.
    Request &set_json(const detail::Text &json)
    {
        detail::invoke(authkeep_request_set_json, native_handle(), json.c_str());
        return *this;
    }
};

/// One whole HTTP response, whatever its status: an API's 404 is an answer.
class Response : public Owner<authkeep_response, authkeep_response_free> {
public:
    using Owner::Owner;

    /// The HTTP status, such as 200 or 404.
    int status() const noexcept { return authkeep_response_status(native_handle()); }

    /// The body.
    std::string_view body() const noexcept
    {
        return {reinterpret_cast<const char *>(authkeep_response_body(native_handle())),
                authkeep_response_body_size(native_handle())};
    }

    /// The first value of a header, its name in any case.
    std::optional<std::string_view> header(const detail::Text &name) const
    {
        return detail::optional_view(authkeep_response_header(native_handle(), name.c_str()));
    }

    /// The number of header lines.
    std::size_t header_count() const noexcept
    {
        return authkeep_response_header_count(native_handle());
    }

    /// The name of a header line, in lower case; empty past the last.
    std::string_view header_name(std::size_t index) const noexcept
    {
        return detail::view(authkeep_response_header_name(native_handle(), index));
    }

    /// The value of a header line; empty past the last.
    std::string_view header_value(std::size_t index) const noexcept
    {
        return detail::view(authkeep_response_header_value(native_handle(), index));
    }
};

/// What a call would get now, and why.
class Explanation : public Owner<authkeep_explanation, authkeep_explanation_free> {
public:
    using Owner::Owner;

    /// A JSON object without secrets; docs/explain.md lists its members.
    std::string_view json() const noexcept
    {
        return detail::view(authkeep_explanation_json(native_handle()));
    }

    /// How often what the name says has happened to the client's credential in
    /// this process, such as "hits" or "token_requests"; nothing for a name that
    /// is none.
    std::optional<std::int64_t> counter(const detail::Text &name) const
    {
        const std::int64_t count = authkeep_explanation_counter(native_handle(), name.c_str());
        return count < 0 ? std::nullopt : std::optional{count};
    }
};

/// How much a message matters.
enum class LogLevel : std::int32_t {
    /// Something failed, or isn't as a server says.
    warning = AUTHKEEP_LOG_WARNING,
    /// A token was issued or dropped, or failures were forgotten.
    info = AUTHKEEP_LOG_INFO,
    /// Each token request and each API request.
    debug = AUTHKEEP_LOG_DEBUG,
};

/// What is told what happens: a level, and one line without a secret, borrowed
/// until it returns.
using Log = std::function<void(LogLevel, std::string_view)>;

namespace detail {

/// The logs of this process, by the handle that each listens to.
///
/// The library gets the handle as the context, not the log: so a call that is
/// still under way when a log is replaced finds the new one or none, and one
/// that is inside of a log keeps it. No other client gets a handle's address
/// before its last call is over.
class Logs {
public:
    static Logs &all()
    {
        // Never destroyed: threads may outlive the statics.
        static Logs &logs = *new Logs;
        return logs;
    }

    void put(authkeep_client *client, Log log)
    {
        auto listener = std::make_shared<const Log>(std::move(log));
        const std::lock_guard<std::mutex> lock{mutex_};
        // What was there is destroyed outside the lock: it is foreign code.
        by_client_[client].swap(listener);
    }

    void remove(authkeep_client *client) noexcept
    {
        std::shared_ptr<const Log> before;
        const std::lock_guard<std::mutex> lock{mutex_};
        const auto found = by_client_.find(client);
        if (found == by_client_.end())
            return;
        before = std::move(found->second);
        by_client_.erase(found);
    }

    static void tell(std::int32_t level, const char *message, void *client) noexcept
    {
        try {
            if (const auto log = all().find(static_cast<authkeep_client *>(client)))
                (*log)(static_cast<LogLevel>(level), message);
        } catch (...) {
            // There is C between here and whoever could catch it.
        }
    }

private:
    Logs()
    {
#if !defined(_WIN32)
        // Or a child could be born with the lock of a thread that it hasn't.
        pthread_atfork([] { all().mutex_.lock(); }, [] { all().mutex_.unlock(); },
                       [] { all().mutex_.unlock(); });
#endif
    }

    std::shared_ptr<const Log> find(authkeep_client *client)
    {
        const std::lock_guard<std::mutex> lock{mutex_};
        const auto found = by_client_.find(client);
        return found == by_client_.end() ? nullptr : found->second;
    }

    std::mutex mutex_;
    std::map<authkeep_client *, std::shared_ptr<const Log>> by_client_;
};

inline void free_client(authkeep_client *client) noexcept
{
    Logs::all().remove(client);
    authkeep_client_free(client);
}

} // namespace detail

/// One credential: its token cache and its HTTP session.
///
/// Its const members, which are all that use it, may be called by any number of
/// threads at once. It must outlive them; Client::clone gives each its own.
class Client : public Owner<authkeep_client, detail::free_client> {
public:
    using Owner::Owner;

    /// Hands over the native handle, without its log; the caller gives it back
    /// to authkeep_client_free.
    [[nodiscard]] authkeep_client *release() noexcept
    {
        authkeep_client_set_log(native_handle(), 0, nullptr, nullptr, nullptr);
        detail::Logs::all().remove(native_handle());
        return Owner::release();
    }

    /// A client of a complete config, which is copied. Sends nothing. Clients
    /// of the same credential share their tokens within a process.
    explicit Client(const Config &config)
        : Owner{detail::output_of<authkeep_client *>(
              authkeep_client_new,
              static_cast<const authkeep_config *>(config.native_handle()))}
    {
    }

    /// A client of a profile alone. Reads a file: at path, or the user's own.
    static Client open(const detail::Text &profile, const detail::Text &path = nullptr)
    {
        return Client{detail::output_of<authkeep_client *>(authkeep_client_open, profile.c_str(),
                                                           path.c_str())};
    }

    /// A second handle on the same client: same tokens, same connections, but a
    /// log of its own. Its release() is what to pass to another language of this process.
    Client clone() const
    {
        return Client{detail::output_of<authkeep_client *>(authkeep_client_clone, native_handle())};
    }

    /// A valid access token. Blocks only if there is none in memory, or none
    /// that lives as long as the call asks, or if this call begins to renew it
    /// with a refresh token that the server replaces; at most until the call's
    /// deadline.
    Token get_token(const Call &call = Call{nullptr}) const
    {
        return Token{detail::output_of<authkeep_token *>(authkeep_client_get_token,
                                                         native_handle(), call.native_handle())};
    }

    /// Copies a valid access token and a NUL into a buffer, and returns the
    /// token's length. Blocks like get_token. Throws BufferTooSmall if capacity
    /// is not larger than the length.
    std::size_t copy_token(char *buffer, std::size_t capacity,
                           const Call &call = Call{nullptr}) const
    {
        return detail::output_of<std::size_t>(authkeep_client_copy_token, native_handle(),
                                              call.native_handle(), buffer, capacity);
    }

    /// Copies a valid access token into a string, in the memory that it has if
    /// that is enough. Blocks like get_token.
    void copy_token(std::string &token, const Call &call = Call{nullptr}) const
    {
        for (std::size_t length = token.capacity();;) {
            token.resize(length);
            authkeep_error *error = nullptr;
            // A string has room for a NUL behind its last character.
            const authkeep_status status =
                authkeep_client_copy_token(native_handle(), call.native_handle(), token.data(),
                                           token.size() + 1, &length, &error);
            if (status != AUTHKEEP_ERR_BUFFER_TOO_SMALL) {
                token.resize(length);
                if (status != AUTHKEEP_OK)
                    detail::raise(error);
                return;
            }
            authkeep_error_free(error);
        }
    }

    /// Sends a request with the credential attached, and returns the whole
    /// response. Blocks, at most until the call's deadline.
    Response perform(const Request &request, const Call &call = Call{nullptr}) const
    {
        return Response{detail::output_of<authkeep_response *>(
            authkeep_client_perform, native_handle(), request.native_handle(),
            call.native_handle())};
    }

    /// Sends a GET of target: perform with a request of that alone.
    Response get(const detail::Text &target, const Call &call = Call{nullptr}) const
    {
        return Response{detail::output_of<authkeep_response *>(
            authkeep_client_get, native_handle(), target.c_str(), call.native_handle())};
    }

    /// Forgets past failures, so that the next call tries at once: for when what
    /// caused them has been mended. Keeps a valid token. Never blocks.
    void reset() const { detail::invoke(authkeep_client_reset, native_handle()); }

    /// Drops the access token, and the refresh token that the server gave for
    /// the one that was configured: for when they have fallen into wrong hands.
    /// The next call begins anew from what the config tells. Doesn't tell the
    /// server. Never blocks.
    void forget() const { detail::invoke(authkeep_client_forget, native_handle()); }

    /// Calls log from now on with what happens to the credential, the messages of
    /// level and of the weightier ones, in the place of the log before; an empty
    /// one, such as nullptr, ends that.
    ///
    /// It is called on the threads that use this object, at the end of their
    /// calls, by several at once; what happens on a thread of the library is told
    /// by the next call. It may call this library, and isn't told of what it does
    /// there. What it throws is swallowed. It moves with the client, and is
    /// destroyed when it was replaced, or its client destroyed, and no thread is
    /// inside of it any more.
    void set_log(LogLevel level, Log log) const
    {
        if (!log) {
            detail::invoke(authkeep_client_set_log, native_handle(), std::int32_t{0}, nullptr,
                           nullptr);
            detail::Logs::all().remove(native_handle());
            return;
        }
        detail::invoke(authkeep_client_set_log, native_handle(), static_cast<std::int32_t>(level),
                       detail::Logs::tell, native_handle());
        detail::Logs::all().put(native_handle(), std::move(log));
    }

    /// Explains what get_token would come to now, and why. Does nothing of it,
    /// and never blocks.
    Explanation explain(const Call &call = Call{nullptr}) const
    {
        return Explanation{detail::output_of<authkeep_explanation *>(
            authkeep_client_explain, native_handle(), call.native_handle())};
    }
};

// --- the library -------------------------------------------------------------

/// The version of the loaded library, such as "0.1.0".
inline std::string_view version() noexcept { return authkeep_version(); }

/// The AUTHKEEP_ABI_VERSION of the loaded library: at least the header's, or
/// functions may be missing.
inline int abi_version() noexcept { return authkeep_abi_version(); }

} // namespace authkeep

#endif
