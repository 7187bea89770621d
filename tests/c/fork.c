/*
 * Forks in every state that a client can be in: parent and children go on.
 *
 * fork CONFIG SCENARIO FORKS
 *
 * Each process names itself in FORK_TEST_PROCESS, which the config sends along;
 * the API says it back, so that no process takes another's answer for its own.
 * Prints how many children there were, how many exchanges they made, and how
 * many sockets of their parent they had.
 */

#include "check.h"

#include <sys/stat.h>
#include <sys/wait.h>

enum { THREADS = 8, AT_ONCE = 8, CHILD_SECONDS = 60, DESCRIPTORS = 1024 };

static const char *config;
static authkeep_client *client;
static int sockets_at_first;
static volatile int is_over;

/* What the children tell: a byte for each exchange, or for each socket. */
static int tell[2];

static int count_sockets(void)
{
    int descriptor, count = 0;
    struct stat status;
    for (descriptor = 3; descriptor < DESCRIPTORS; descriptor++)
        if (fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode))
            count++;
    return count;
}

static void name_process(void)
{
    char text[32];
    snprintf(text, sizeof text, "%ld", (long)getpid());
    CHECK(setenv("FORK_TEST_PROCESS", text, 1) == 0);
}

static void say(char what)
{
    CHECK(write(tell[1], &what, 1) == 1);
}

static void get(authkeep_client *of, const char *target)
{
    authkeep_error *error = NULL;
    authkeep_response *response = NULL;
    char own[64];
    CHECK_OK(authkeep_client_get(of, target, NULL, &response, &error));
    CHECK(authkeep_response_status(response) == 200);
    if (strcmp(target, "/api/echo") == 0) {
        snprintf(own, sizeof own, "\"x-process\":\"%ld\"", (long)getpid());
        CHECK(strstr((const char *)authkeep_response_body(response), own));
    }
    authkeep_response_free(response);
}

static void use(authkeep_client *of)
{
    authkeep_error *error = NULL;
    authkeep_token *token = NULL;
    CHECK_OK(authkeep_client_get_token(of, NULL, &token, &error));
    authkeep_token_free(token);
    get(of, "/api/echo");
}

/* -- what a child does ---------------------------------------------------- */

static void have_no_socket(void)
{
    int count = count_sockets() - sockets_at_first;
    while (count-- > 0)
        say('s');
}

static void use_inherited(void)
{
    have_no_socket();
    use(client);
    use(client);
    say('u');
    authkeep_client_free(client);
}

static void use_own(void)
{
    authkeep_client *own = client_of(config);
    use(own);
    say('u');
    authkeep_client_free(own);
}

static void do_nothing(void)
{
}

static void free_only(void)
{
    authkeep_error *error = NULL;
    authkeep_token *token = NULL;
    authkeep_client_free(client);
    authkeep_client_free(client);
    CHECK_STATUS(AUTHKEEP_ERR_CLOSED,
                 authkeep_client_get_token(client, NULL, &token, &error));
    authkeep_error_free(error);
    say('u');
    exit(0); /* with all that runs at an exit */
}

/* -- children ------------------------------------------------------------- */

static pid_t begin(void (*body)(void))
{
    pid_t child;
    fflush(NULL);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(CHILD_SECONDS); /* one that hangs is ended */
        name_process();
        body();
        _exit(0);
    }
    return child;
}

static void end(pid_t child)
{
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* So many children, a few at once, which take turns at what they do. */
static void children(int count, void (*const bodies[])(void), int kinds)
{
    pid_t running[AT_ONCE];
    int i;
    for (i = 0; i < count; i++) {
        if (i >= AT_ONCE)
            end(running[i % AT_ONCE]);
        running[i % AT_ONCE] = begin(bodies[i % kinds]);
    }
    for (i = count < AT_ONCE ? 0 : count - AT_ONCE; i < count; i++)
        end(running[i % AT_ONCE]);
}

static void descend(void)
{
    use(client);
    end(begin(use_inherited));
    use(client);
    say('u');
}

/* -- scenarios ------------------------------------------------------------ */

static void *get_slow(void *data)
{
    (void)data;
    get(client, "/api/slow/300");
    return NULL;
}

static void *use_always(void *data)
{
    (void)data;
    while (!is_over)
        use(client);
    return NULL;
}

static void *use_once(void *data)
{
    (void)data;
    use(client);
    return NULL;
}

static void in_threads(pthread_t *threads, void *(*body)(void *))
{
    int i;
    for (i = 0; i < THREADS; i++)
        start(&threads[i], body, NULL);
}

static void join_all(pthread_t *threads)
{
    int i;
    for (i = 0; i < THREADS; i++)
        join(threads[i]);
}

/* Eight connections lie idle; the parent goes on to use the same. */
static void idle(int forks)
{
    static void (*const bodies[])(void) = {use_inherited};
    pthread_t threads[THREADS];
    in_threads(threads, get_slow);
    join_all(threads);
    children(forks, bodies, 1);
    in_threads(threads, get_slow);
    join_all(threads);
}

static void busy(int forks)
{
    static void (*const bodies[])(void) = {use_inherited, do_nothing, use_own};
    pthread_t threads[THREADS];
    in_threads(threads, use_always);
    children(forks, bodies, 3);
    is_over = 1;
    join_all(threads);
}

static void flight(int forks)
{
    static void (*const bodies[])(void) = {use_inherited};
    pthread_t waiting;
    start(&waiting, use_once, NULL);
    rendezvous("waiting");
    children(forks, bodies, 1);
    join(waiting);
}

static void freed(int forks)
{
    static void (*const bodies[])(void) = {free_only};
    use(client);
    children(forks, bodies, 1);
    use(client);
}

static void grandchild(int forks)
{
    static void (*const bodies[])(void) = {descend};
    use(client);
    children(forks, bodies, 1);
    use(client);
}

/* A child lives through all of it, and never calls. */
static void silent(int forks)
{
    int stop[2], i;
    pid_t child;
    authkeep_error *error = NULL;
    use(client);
    CHECK(pipe(stop) == 0);
    fflush(NULL);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        char byte;
        alarm(CHILD_SECONDS);
        close(stop[1]);
        have_no_socket();
        CHECK(read(stop[0], &byte, 1) == 0);
        _exit(0);
    }
    for (i = 0; i < forks; i++) {
        CHECK_OK(authkeep_client_reset(client, &error));
        CHECK_OK(authkeep_client_forget(client, &error));
        use(client);
    }
    authkeep_client_free(client);
    client = NULL;
    rendezvous("waiting"); /* the server sees no connection any more */
    close(stop[1]);
    end(child);
}

static const struct {
    const char *name;
    void (*run)(int forks);
} scenarios[] = {
    {"idle", idle},   {"busy", busy},   {"flight", flight},
    {"freed", freed}, {"silent", silent}, {"grandchild", grandchild},
};

int main(int argc, char **argv)
{
    size_t i;
    int uses = 0, sockets = 0;
    char said;
    check_begin();
    alarm(300);
    CHECK(argc == 4);
    config = argv[1];
    name_process();
    CHECK(pipe(tell) == 0);
    sockets_at_first = count_sockets();
    client = client_of(config);
    for (i = 0; i < sizeof scenarios / sizeof *scenarios; i++)
        if (strcmp(scenarios[i].name, argv[2]) == 0)
            scenarios[i].run(atoi(argv[3]));
    authkeep_client_free(client);
    close(tell[1]);
    while (read(tell[0], &said, 1) == 1)
        *(said == 'u' ? &uses : &sockets) += 1;
    printf("%d %d\n", uses, sockets);
    return 0;
}
