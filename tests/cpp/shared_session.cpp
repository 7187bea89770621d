// The C++ program of `cargo run --example shared_session`: threads that share
// one client and send requests until the time is over.
//
// shared_session CONFIG TARGET THREADS SECONDS: prints one line of JSON.

#include <authkeep.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::duration<double, std::micro>;

struct Figures {
    std::vector<Microseconds> latencies;
    std::size_t failed = 0;
};

static bool is_answered(const authkeep::Client &client, const char *target)
{
    try {
        return client.get(target).status() == 200;
    } catch (const authkeep::Error &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return false;
    }
}

static void work(const authkeep::Client &client, const char *target, Clock::time_point end,
                 Figures &figures)
{
    for (auto begin = Clock::now(); begin < end; begin = Clock::now()) {
        if (!is_answered(client, target))
            figures.failed++;
        figures.latencies.push_back(Clock::now() - begin);
    }
}

// The nearest-rank percentile in microseconds; 0 of nothing.
static double percentile(const std::vector<Microseconds> &ordered, double percent)
{
    if (ordered.empty())
        return 0;
    const double exact = static_cast<double>(ordered.size()) * percent / 100;
    auto rank = static_cast<std::size_t>(exact);
    if (static_cast<double>(rank) < exact)
        rank++;
    return ordered[rank ? rank - 1 : 0].count();
}

static void report(const std::vector<Figures> &workers)
{
    Figures all;
    for (const Figures &worker : workers) {
        all.latencies.insert(all.latencies.end(), worker.latencies.begin(),
                             worker.latencies.end());
        all.failed += worker.failed;
    }
    std::sort(all.latencies.begin(), all.latencies.end());
    std::printf("{\"language\": \"C++\", \"threads\": %zu, \"requests\": %zu,"
                " \"failed\": %zu, \"latency_us\": {\"p50\": %.1f, \"p99\": %.1f,"
                " \"p99_9\": %.1f, \"max\": %.1f}}\n",
                workers.size(), all.latencies.size(), all.failed, percentile(all.latencies, 50),
                percentile(all.latencies, 99), percentile(all.latencies, 99.9),
                percentile(all.latencies, 100));
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        std::fprintf(stderr, "usage: shared_session CONFIG TARGET THREADS SECONDS\n");
        return 1;
    }
    try {
        const authkeep::Client client{authkeep::Config{}.merge_json(argv[1])};
        const auto seconds = std::chrono::duration<double>{std::atof(argv[4])};
        const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(seconds);
        std::vector<Figures> workers(std::strtoul(argv[3], nullptr, 10));
        std::vector<std::thread> threads;
        for (Figures &worker : workers)
            threads.emplace_back([&, end] { work(client, argv[2], end, worker); });
        for (std::thread &thread : threads)
            thread.join();
        report(workers);
    } catch (const authkeep::Error &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
