/*
 * The systems that the library knows by name. What lies past the last of them
 * is nothing, and no crash.
 *
 * Prints a line for each provider: its name, and the keys that it needs.
 */

#include "check.h"

static void nothing_is_there(size_t provider)
{
    CHECK(authkeep_provider_name(provider) == NULL);
    CHECK(authkeep_provider_title(provider) == NULL);
    CHECK(authkeep_provider_about(provider) == NULL);
    CHECK(authkeep_provider_need_count(provider) == 0);
}

static void nothing_is_needed(size_t provider, size_t need)
{
    CHECK(authkeep_provider_need_key(provider, need) == NULL);
    CHECK(authkeep_provider_need_grant(provider, need) == NULL);
    CHECK(authkeep_provider_need_place(provider, need) == NULL);
}

static void past_the_last(void)
{
    const size_t past[] = {authkeep_provider_count(),
                           authkeep_provider_count() + 1, SIZE_MAX};
    size_t i, provider;
    for (i = 0; i < sizeof past / sizeof past[0]; i++) {
        nothing_is_there(past[i]);
        nothing_is_needed(past[i], 0);
        nothing_is_needed(past[i], SIZE_MAX);
    }
    for (provider = 0; provider < authkeep_provider_count(); provider++) {
        nothing_is_needed(provider, authkeep_provider_need_count(provider));
        nothing_is_needed(provider, SIZE_MAX);
    }
}

static void the_strings_stay_where_they_are(void)
{
    CHECK(authkeep_provider_name(0) == authkeep_provider_name(0));
    CHECK(authkeep_provider_need_place(0, 0) ==
          authkeep_provider_need_place(0, 0));
}

int main(void)
{
    size_t provider, need;
    check_begin();
    past_the_last();
    the_strings_stay_where_they_are();
    for (provider = 0; provider < authkeep_provider_count(); provider++) {
        CHECK(authkeep_provider_title(provider)[0] != '\0');
        CHECK(authkeep_provider_about(provider) != NULL);
        printf("%s:", authkeep_provider_name(provider));
        for (need = 0; need < authkeep_provider_need_count(provider); need++) {
            const char *grant = authkeep_provider_need_grant(provider, need);
            CHECK(authkeep_provider_need_place(provider, need)[0] != '\0');
            printf(" %s%s%s", grant ? grant : "", grant ? "." : "",
                   authkeep_provider_need_key(provider, need));
        }
        printf("\n");
    }
    return 0;
}
