// The header needs nothing before it, may be included twice, and describes the
// library that is loaded.

#include <authkeep.hpp>
#include <authkeep.hpp>

int abi_version_seen_elsewhere();

int main(int argc, char **argv)
{
    if (argc != 2 || authkeep::version() != argv[1])
        return 1;
    if (authkeep::abi_version() != AUTHKEEP_ABI_VERSION)
        return 2;
    return abi_version_seen_elsewhere() == AUTHKEEP_ABI_VERSION ? 0 : 3;
}
