// Logs are replaced and clients destroyed, and the process forks, while other
// threads are inside of the logs.
//
// log_threads CONFIG

#include "check.hpp"

#include <atomic>
#include <thread>
#include <vector>

#ifndef _WIN32
#include <sys/wait.h>
#endif

using namespace authkeep;

constexpr int THREADS = 8, LOGS = 100, FORKS = 50;

// How many logs there are, and how often they were called.
static std::atomic<int> living{0}, calls{0};

// Owns memory, so that one that is used after its end is noticed.
class Listener {
public:
    Listener() { living++; }
    Listener(const Listener &other) : text_{other.text_} { living++; }
    ~Listener() { living--; }

    void operator()(LogLevel, std::string_view) const
    {
        CHECK(text_ == std::string(100, 'x'));
        std::this_thread::yield();
        CHECK(text_ == std::string(100, 'x'));
        calls++;
    }

private:
    std::string text_ = std::string(100, 'x');
};

// Threads that do the same again and again.
class Users {
public:
    template <class Work>
    explicit Users(Work work)
    {
        for (int i = 0; i < THREADS; i++)
            threads_.emplace_back([=] {
                while (!ended_)
                    work();
            });
    }

    ~Users()
    {
        ended_ = true;
        for (std::thread &thread : threads_)
            thread.join();
    }

private:
    std::atomic<bool> ended_{false};
    std::vector<std::thread> threads_;
};

static void a_log_is_replaced_while_others_are_inside(const char *json)
{
    const Client client = client_of(json);
    {
        const Users users{[&] { client.reset(); }};
        for (int i = 0; i < LOGS; i++) {
            client.set_log(LogLevel::debug, Listener{});
            const int before = calls;
            while (calls == before)
                std::this_thread::yield();
            if (i % 3 == 0)
                client.set_log(LogLevel::debug, nullptr);
        }
    }
    client.set_log(LogLevel::debug, Listener{});
    CHECK(living == 1);
}

static void a_log_goes_with_its_client_while_a_call_is_under_way(const char *json)
{
    const int before = calls;
    auto client = std::make_unique<Client>(client_of(json));
    client->get_token();
    client->set_log(LogLevel::debug, Listener{});
    authkeep_client *handle = client->native_handle();
    std::atomic<bool> started{false};
    std::thread thread{[&] {
        authkeep_response *response = nullptr;
        started = true;
        const auto status = authkeep_client_get(handle, "/api/slow/300", nullptr, &response, nullptr);
        CHECK(status == AUTHKEEP_OK || status == AUTHKEEP_ERR_CLOSED);
        authkeep_response_free(response);
    }};
    while (!started)
        std::this_thread::yield();
    client.reset();
    CHECK(living == 0);
    thread.join();
    CHECK(calls == before);
}

#ifndef _WIN32
static void a_child_tells_although_a_thread_was_telling_when_it_was_forked(const char *json)
{
    const Client client = client_of(json);
    client.set_log(LogLevel::debug, [](auto...) {});
    // Nothing but what a message does, so that many forks come in the middle.
    const Users users{[&] { detail::Logs::tell(1, "", client.native_handle()); }};
    for (int i = 0; i < FORKS; i++) {
        const pid_t child = fork();
        if (child == 0) {
            alarm(20);
            const Client own = client_of(json);
            bool told = false;
            own.set_log(LogLevel::debug, [&](auto...) { told = true; });
            own.reset();
            _exit(told ? 0 : 1);
        }
        int status = -1;
        CHECK(child > 0 && waitpid(child, &status, 0) == child);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
}
#endif

int main(int argc, char **argv)
{
    check_begin();
    CHECK(argc == 2);
    a_log_is_replaced_while_others_are_inside(argv[1]);
    CHECK(living == 0);
    a_log_goes_with_its_client_while_a_call_is_under_way(argv[1]);
#ifndef _WIN32
    a_child_tells_although_a_thread_was_telling_when_it_was_forked(argv[1]);
#endif
}
