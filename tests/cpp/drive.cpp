// Does what it is told, one line after another: drive CONFIG. The lines are
// those of tests/c/drive.c.

#include "check.hpp"

#include <sstream>

using namespace authkeep;

static int status_of(const Client &client, const std::string &line)
{
    std::istringstream words{line};
    std::string method, target, json;
    words >> method >> target;
    Request request{method, target};
    if (std::getline(words >> std::ws, json))
        request.set_json(json);
    return client.perform(request).status();
}

int main(int argc, char **argv)
{
    check_begin();
    CHECK(argc == 2);
    const Client client = client_of(argv[1]);
    for (std::string line; std::getline(std::cin, line);) {
        try {
            std::cout << status_of(client, line) << std::endl;
        } catch (const Error &error) {
            std::cout << "error " << error.code() << ' ' << error.message() << std::endl;
        }
    }
}
