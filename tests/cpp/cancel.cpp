// Calls that hang are cancelled from another thread, and all end soon.
//
// cancel CONFIG token|api: prints "waiting" when the calls are under way,
// cancels them when it is sent a line, and prints how long the slowest took.

#include "check.hpp"

#include <algorithm>
#include <thread>
#include <vector>

using namespace authkeep;

constexpr int THREADS = 16;
constexpr double PATIENCE_MS = 250;

int main(int argc, char **argv)
{
    check_begin();
    CHECK(argc == 3);
    const Client client = client_of(argv[1]);
    const bool gets_token = argv[2] == std::string_view{"token"};
    const auto hang = [&](const Call &call) {
        thrown_by<Cancelled>([&] {
            if (gets_token)
                client.get_token(call);
            else
                client.get("/api/echo", call);
        });
        return Clock::now();
    };

    std::vector<Call> calls(THREADS);
    std::vector<Clock::time_point> returned(THREADS);
    std::vector<std::thread> threads;
    for (int i = 0; i < THREADS; i++)
        threads.emplace_back([&, i] { returned[i] = hang(calls[i]); });
    rendezvous("waiting");
    const auto cancelled = Clock::now();
    for (const Call &call : calls)
        call.cancel();
    for (std::thread &thread : threads)
        thread.join();

    const auto last = *std::max_element(returned.begin(), returned.end());
    const double slowest_ms = std::chrono::duration<double, std::milli>(last - cancelled).count();
    // It stays cancelled: the next use ends before it begins.
    hang(calls[0]);
    CHECK(slowest_ms < PATIENCE_MS);
    std::cout << slowest_ms << '\n';
}
