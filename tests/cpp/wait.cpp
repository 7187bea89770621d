// Calls that hang, and how they end: wait token|api CONFIG... What it prints is
// that of tests/c/wait.c.

#include "check.hpp"

#include <deque>
#include <thread>

using namespace authkeep;

constexpr int EACH = 4;

static bool gets_token;

static void use(const Client &client, const Call &call)
{
    if (gets_token)
        client.get_token(call);
    else
        client.get("/", call);
}

struct Caller {
    const char *how;
    Call call;
    Clock::time_point due;
    Clock::time_point ended;
    std::thread thread;

    // One that will be cancelled.
    explicit Caller(const Client &client) : how{"cancel"}
    {
        thread = std::thread{[&] {
            thrown_by<Cancelled>([&] { use(client, call); });
            ended = Clock::now();
        }};
    }

    // One with a deadline of its own.
    Caller(const Client &client, std::chrono::milliseconds timeout) : how{"deadline"}
    {
        call.set_timeout(timeout);
        thread = std::thread{[&, timeout] {
            due = Clock::now() + timeout;
            thrown_by<DeadlineExceeded>([&] { use(client, call); });
            ended = Clock::now();
        }};
    }

    void end()
    {
        thread.join();
        const std::chrono::duration<double, std::milli> late = ended - due;
        std::cout << how << ' ' << late.count() << '\n';
    }
};

static void wait_and_end(const Client &client)
{
    std::deque<Caller> cancelled, timed;
    for (int i = 0; i < EACH; i++)
        cancelled.emplace_back(client);
    rendezvous(("waiting " + std::to_string(EACH)).c_str());
    for (int i = 0; i < EACH; i++)
        timed.emplace_back(client, std::chrono::milliseconds{250 + i * 50});
    for (Caller &caller : cancelled) {
        caller.due = Clock::now();
        caller.call.cancel();
    }
    for (std::deque<Caller> *callers : {&cancelled, &timed})
        for (Caller &caller : *callers)
            caller.end();
    // It stays cancelled: the next use ends before it begins.
    thrown_by<Cancelled>([&] { use(client, cancelled.front().call); });
}

int main(int argc, char **argv)
{
    check_begin();
    CHECK(argc > 2);
    gets_token = argv[1] == std::string_view{"token"};
    for (int i = 2; i < argc; i++)
        wait_and_end(client_of(argv[i]));
}
