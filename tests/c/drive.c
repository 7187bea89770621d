/*
 * Does what it is told, one line after another: drive CONFIG.
 *
 *   GET /orders
 *   POST /orders {"name": "Chair"}
 *
 * Prints a line for each: the status of the answer, or "error CODE MESSAGE".
 */

#include "check.h"

/* Ends the word that begins here; returns what follows it. */
static char *end_word(char *text)
{
    text += strcspn(text, " \n");
    if (*text != '\0')
        *text++ = '\0';
    return text;
}

static authkeep_status perform(const authkeep_client *client, char *line,
                               authkeep_response **response,
                               authkeep_error **error)
{
    char *target = end_word(line), *json = end_word(target);
    authkeep_request *request = NULL;
    authkeep_status status;
    end_word(json + strcspn(json, "\n"));
    status = authkeep_request_new(line, target, &request, error);
    if (status == AUTHKEEP_OK && *json != '\0')
        status = authkeep_request_set_json(request, json, error);
    if (status == AUTHKEEP_OK)
        status = authkeep_client_perform(client, request, NULL, response, error);
    authkeep_request_free(request);
    return status;
}

int main(int argc, char **argv)
{
    char line[1024];
    authkeep_client *client;
    check_begin();
    CHECK(argc == 2);
    client = client_of(argv[1]);
    while (fgets(line, sizeof line, stdin) != NULL) {
        authkeep_response *response = NULL;
        authkeep_error *error = NULL;
        if (perform(client, line, &response, &error) == AUTHKEEP_OK)
            printf("%d\n", (int)authkeep_response_status(response));
        else
            printf("error %s %s\n", authkeep_error_code(error),
                   authkeep_error_message(error));
        authkeep_response_free(response);
        authkeep_error_free(error);
    }
    authkeep_client_free(client);
    return 0;
}
