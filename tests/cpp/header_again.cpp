// A second unit with the header: nothing in it is defined twice.

#include <authkeep.hpp>

int abi_version_seen_elsewhere();

int abi_version_seen_elsewhere()
{
    return authkeep::abi_version();
}
