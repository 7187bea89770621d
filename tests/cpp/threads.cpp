// Sixteen threads use one client in every way at once, while its tokens
// expire.
//
// threads CONFIG: prints how many requests were sent.

#include "check.hpp"

#include <thread>
#include <vector>

using namespace authkeep;

constexpr int THREADS = 16, ROUNDS = 40;

// One client, one request and one call for all: const may be shared.
static void work(const Client &client, const Request &request, const Call &call)
{
    std::string copy;
    for (int round = 0; round < ROUNDS; round++) {
        const Token token = client.get_token(call);
        CHECK(token.type() == "Bearer" && !token.access_token().empty());
        client.copy_token(copy, call);
        CHECK(!copy.empty());
        CHECK(client.perform(request, call).status() == 200);
        CHECK(client.clone().get("/api/echo?a=1").status() == 200);
        client.reset();
    }
}

int main(int argc, char **argv)
{
    check_begin();
    CHECK(argc == 2);
    const Client client = client_of(argv[1]);
    Call call;
    call.set_timeout(std::chrono::seconds{20});
    Request request{"POST", "/api/echo"};
    request.set_json(R"({"a": 1})");
    std::vector<std::thread> threads;
    for (int i = 0; i < THREADS; i++)
        threads.emplace_back([&] { work(client, request, call); });
    for (std::thread &thread : threads)
        thread.join();
    std::cout << THREADS * ROUNDS * 2 << '\n';
}
