// A plug-in in C++ that shares one client with its host, which is written in
// another language: a pointer to a handle comes in, or goes out, and with it
// the duty to free it.

#include <authkeep.hpp>

#include <optional>

static std::optional<authkeep::Client> client;

extern "C" {

/// Takes over a client from the host.
void plugin_take(authkeep_client *taken)
{
    client.emplace(taken);
}

/// Makes a client, keeps a handle on it, and hands another over to the host;
/// NULL if it can't.
authkeep_client *plugin_make(const char *json)
{
    try {
        client.emplace(authkeep::Config{}.merge_json(json));
        return client->clone().release();
    } catch (const authkeep::Error &) {
        return nullptr;
    }
}

/// Sends a GET and returns its HTTP status, or the negative of an
/// authkeep_status.
int plugin_get(const char *target)
{
    try {
        return client->get(target).status();
    } catch (const authkeep::Error &error) {
        return -error.status();
    }
}

/// Gives back what was taken or kept.
void plugin_end(void)
{
    client.reset();
}

}
