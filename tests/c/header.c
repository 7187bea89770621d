/*
 * The header needs nothing before it, may be included twice, and describes the
 * library that is loaded.
 */

#include <authkeep.h>
#include <authkeep.h>

#include <string.h>

int32_t version_seen_elsewhere(void);

int main(int argc, char **argv)
{
    if (argc != 2 || strcmp(authkeep_version(), argv[1]) != 0)
        return 1;
    if (authkeep_abi_version() != AUTHKEEP_ABI_VERSION)
        return 2;
    return version_seen_elsewhere() == AUTHKEEP_ABI_VERSION ? 0 : 3;
}
