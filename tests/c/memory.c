/*
 * When everything is freed, neither the token nor the client secret is left
 * anywhere in memory.
 *
 * memory CONFIG SECRET_FILE: the client secret is a reference to that file, so
 * that this program need not have it.
 */

#include "check.h"

#include <fcntl.h>
#include <time.h>

enum { LONGEST = 4096, MASK = 0x5a };

/* What to look for, masked, so that it is no copy of what it looks for. */
struct needle {
    uint8_t masked[LONGEST];
    size_t size;
};

static struct needle token_needle, secret_needle;

static void mask(struct needle *needle, size_t size)
{
    volatile uint8_t *bytes = needle->masked;
    size_t i;
    CHECK(size >= 16 && size < LONGEST);
    for (i = 0; i < LONGEST; i++)
        bytes[i] = i < size ? bytes[i] ^ MASK : 0;
    needle->size = size;
}

static int is_at(const struct needle *needle, const volatile uint8_t *place)
{
    size_t i;
    for (i = 0; i < needle->size; i++)
        if ((place[i] ^ MASK) != needle->masked[i])
            return 0;
    return 1;
}

/* Looks through all that this process may write: heap, stacks, data. */
static int copies_in_memory(const struct needle *needle)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[512];
    int copies = 0;
    CHECK(maps != NULL);
    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long begin, end;
        char access[5];
        volatile const uint8_t *place, *last;
        CHECK(sscanf(line, "%lx-%lx %4s", &begin, &end, access) == 3);
        if (access[0] != 'r' || access[1] != 'w')
            continue;
        place = (volatile const uint8_t *)begin;
        last = (volatile const uint8_t *)end - needle->size;
        for (; place <= last; place++)
            if (*place == (needle->masked[0] ^ MASK) && is_at(needle, place))
                copies++;
    }
    fclose(maps);
    return copies;
}

static void use(const char *json)
{
    authkeep_client *client = client_of(json);
    authkeep_error *error = NULL;
    authkeep_token *token = NULL;
    size_t length = 0;
    int i;
    CHECK_OK(authkeep_client_get_token(client, NULL, &token, &error));
    CHECK_OK(authkeep_client_copy_token(client, NULL,
                                        (char *)token_needle.masked, LONGEST,
                                        &length, &error));
    mask(&token_needle, length);
    for (i = 0; i < 3; i++) {
        authkeep_response *response = NULL;
        CHECK_OK(authkeep_client_get(client, "/api/echo", NULL, &response,
                                     &error));
        CHECK(authkeep_response_status(response) == 200);
        authkeep_response_free(response);
    }
    /* The search finds what is there. */
    CHECK(copies_in_memory(&token_needle) >= 1);
    authkeep_token_free(token);
    authkeep_client_free(client);
}

/* A token request's thread may still be giving its memory back. */
static int copies_left(const struct needle *needle)
{
    struct timespec pause = {0, 10 * 1000 * 1000};
    int copies = copies_in_memory(needle);
    int i;
    for (i = 0; copies > 0 && i < 500; i++) {
        nanosleep(&pause, NULL);
        copies = copies_in_memory(needle);
    }
    return copies;
}

int main(int argc, char **argv)
{
    int file, tokens, secrets;
    ssize_t size;
    check_begin();
    CHECK(argc == 3);
    file = open(argv[2], O_RDONLY);
    CHECK(file >= 0);
    size = read(file, secret_needle.masked, LONGEST - 1);
    CHECK(size > 0);
    mask(&secret_needle, (size_t)size);
    close(file);

    use(argv[1]);

    tokens = copies_left(&token_needle);
    secrets = copies_left(&secret_needle);
    printf("%d %d\n", tokens, secrets);
    CHECK(tokens == 0 && secrets == 0);
    return 0;
}
