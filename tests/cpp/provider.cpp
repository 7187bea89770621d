// The systems that the library knows by name.
//
// Prints a line for each: its name, and the keys that it needs.

#include "check.hpp"

using namespace authkeep;

int main()
{
    check_begin();
    for (const Provider &provider : providers()) {
        CHECK(!provider.title.empty());
        std::cout << provider.name << ':';
        for (const Need &need : provider.needs) {
            CHECK(!need.place.empty());
            std::cout << ' ' << (need.grant ? std::string{*need.grant} + '.' : "") << need.key;
        }
        std::cout << '\n';
    }
}
