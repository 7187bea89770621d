/* A second unit with the header: nothing in it is defined twice. */

#include <authkeep.h>

int32_t version_seen_elsewhere(void);

int32_t version_seen_elsewhere(void)
{
    return authkeep_abi_version();
}
