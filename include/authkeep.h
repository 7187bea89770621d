/*
 * authkeep: gets an OAuth 2.0 access token, keeps it, renews it, and sends
 * authenticated HTTP requests with it.
 *
 * A complete program (cc -std=c99 program.c -lauthkeep):
 *
 *   #include <authkeep.h>
 *   #include <stdio.h>
 *
 *   int main(void) {
 *       authkeep_config *config = authkeep_config_new();
 *       authkeep_client *client = NULL;
 *       authkeep_response *response = NULL;
 *       authkeep_error *error = NULL;
 *       const char *json =
 *           "{\"base_url\": \"https://api.example/v1\","
 *           " \"token_endpoint\": \"https://id.example/oauth/token\","
 *           " \"client_id\": \"robot\","
 *           " \"client_secret\": {\"env\": \"ROBOT_SECRET\"}}";
 *
 *       if (authkeep_config_merge_json(config, json, &error) == AUTHKEEP_OK &&
 *           authkeep_client_new(config, &client, &error) == AUTHKEEP_OK &&
 *           authkeep_client_get(client, "/orders?limit=50", NULL, &response,
 *                               &error) == AUTHKEEP_OK) {
 *           printf("%d %.*s\n", (int)authkeep_response_status(response),
 *                  (int)authkeep_response_body_size(response),
 *                  (const char *)authkeep_response_body(response));
 *       } else {
 *           fprintf(stderr, "%s\n", authkeep_error_message(error));
 *       }
 *       const int failed = error != NULL;
 *       authkeep_error_free(error);
 *       authkeep_response_free(response);
 *       authkeep_client_free(client);
 *       authkeep_config_free(config);
 *       return failed;
 *   }
 *
 * Ownership. What comes out of a function named new, or through a pointer
 * named out_x, is yours: give it back once, to the free of the same noun. What
 * comes back as a pointer to const belongs to the handle that you asked, and
 * lives exactly as long. What you pass in is copied before the function
 * returns. Freeing NULL does nothing.
 *
 * Errors. A function that can fail returns an authkeep_status. On failure its
 * outputs are NULL or 0, and *out_error, unless out_error is NULL, is an error
 * of yours to read and free; on success *out_error is NULL. A NULL where none
 * is allowed is AUTHKEEP_ERR_INVALID_ARGUMENT and named in the message. Getters
 * and frees can't fail; a getter of NULL returns NULL, 0 or -1. No function
 * ends the program, raises a signal or prints.
 *
 * Threads. A pointer to const may be passed by any number of threads at once;
 * any other by one thread at a time. Functions that may block say so; they end
 * by the deadline of their call, or within 250 ms of its cancellation. The
 * library keeps no threads: it starts one for the length of a token request or
 * a name look-up, with every signal blocked, and calls nothing of yours but a
 * log, on your own threads.
 *
 * Processes. After fork() the parent goes on as if nothing had happened, and the
 * child may use and free every handle that no other thread was changing just
 * then: it has connections of its own, the access tokens that it inherited, and
 * none of the parent's descriptors. A refresh token that the server may replace
 * with each use is left to the parent: where the child needs it, it fails with
 * AUTHKEEP_ERR_REAUTH_REQUIRED and the code token.forked. A child of vfork() or
 * _Fork() may call nothing here.
 *
 * Strings. In: NUL-terminated UTF-8. Out: NUL-terminated UTF-8, borrowed. Bytes
 * are a pointer and a size. Times are Unix seconds where the name ends in _at,
 * durations are milliseconds where it ends in _ms.
 *
 * Generated from src/ffi. To write it again: AUTHKEEP_BLESS=1 cargo check
 * --features capi
 */

#ifndef AUTHKEEP_H
#define AUTHKEEP_H

#include <stddef.h>
#include <stdint.h>

/**
 * The number of the ABI that this header describes. It grows when functions
 * or constants are added; none is ever changed or taken away.
 */
#define AUTHKEEP_ABI_VERSION 4

/**
 * Something failed, or isn't as a server says.
 */
#define AUTHKEEP_LOG_WARNING 1

/**
 * A token was issued or dropped, or failures were forgotten.
 */
#define AUTHKEEP_LOG_INFO 2

/**
 * Each token request and each API request.
 */
#define AUTHKEEP_LOG_DEBUG 3

/**
 * Options of one call: its deadline, how long a token must still be valid, and
 * its cancellation. May serve several calls, one after another or at once.
 *
 * An authkeep_call may be passed to calls and cancelled from any number of
 * threads at once, and changed by one while no other uses it. Freed by
 * authkeep_call_free, also while a call that it was passed to is under way.
 */
typedef struct authkeep_call authkeep_call;

/**
 * One credential: its token cache and its HTTP session.
 *
 * An authkeep_client may be used from any number of threads at once. Freed by
 * authkeep_client_free, also while other threads use it.
 */
typedef struct authkeep_client authkeep_client;

/**
 * Where a credential comes from and how it is used: data, in layers. The keys
 * are those of docs/config.md.
 *
 * An authkeep_config may be used by one thread at a time. Freed by
 * authkeep_config_free.
 */
typedef struct authkeep_config authkeep_config;

/**
 * What went wrong, with its facts.
 *
 * An authkeep_error never changes; any number of threads may read it at once.
 * Freed by authkeep_error_free.
 */
typedef struct authkeep_error authkeep_error;

/**
 * What a call would get now, and why.
 *
 * An authkeep_explanation never changes; any number of threads may read it at
 * once. Freed by authkeep_explanation_free.
 */
typedef struct authkeep_explanation authkeep_explanation;

/**
 * One HTTP request, to be sent as often as wanted.
 *
 * An authkeep_request may be changed by one thread at a time; while none
 * changes it, any number may send it. Freed by authkeep_request_free.
 */
typedef struct authkeep_request authkeep_request;

/**
 * One whole HTTP response, whatever its status.
 *
 * An authkeep_response never changes; any number of threads may read it at
 * once. Freed by authkeep_response_free.
 */
typedef struct authkeep_response authkeep_response;

/**
 * An immutable snapshot of an access token.
 *
 * An authkeep_token never changes; any number of threads may read it at once.
 * Freed by authkeep_token_free.
 */
typedef struct authkeep_token authkeep_token;

/**
 * What a call came to, and what to do next. One of the AUTHKEEP_OK and
 * AUTHKEEP_ERR_ constants; no other value is ever added.
 */
typedef int32_t authkeep_status;

/**
 * A function that is told what happens; see authkeep_client_set_log.
 *
 * level: one of the AUTHKEEP_LOG_ constants. message: one line without a
 * secret, NUL-terminated, borrowed until the function returns. context: what
 * authkeep_client_set_log was given. It must return normally: not by longjmp,
 * and not by an exception.
 */
typedef void (*authkeep_log)(int32_t level,
                             const char *message,
                             void *context);

/**
 * Done.
 */
#define AUTHKEEP_OK 0

/**
 * A bug of the caller: fix the call.
 */
#define AUTHKEEP_ERR_INVALID_ARGUMENT 1

/**
 * Fix the configuration or the profile.
 */
#define AUTHKEEP_ERR_INVALID_CONFIG 2

/**
 * The configuration does not allow this target, header or scheme.
 */
#define AUTHKEEP_ERR_NOT_ALLOWED 3

/**
 * The credentials were refused for good: fix them, then reset.
 */
#define AUTHKEEP_ERR_INVALID_CREDENTIALS 4

/**
 * A person must sign in again.
 */
#define AUTHKEEP_ERR_REAUTH_REQUIRED 5

/**
 * Not now: network, server error, throttling or back-off. See
 * authkeep_error_retry_after_ms.
 */
#define AUTHKEEP_ERR_UNAVAILABLE 6

/**
 * The deadline of the call passed.
 */
#define AUTHKEEP_ERR_DEADLINE 7

/**
 * The call was cancelled.
 */
#define AUTHKEEP_ERR_CANCELLED 8

/**
 * A server answered what the standard does not allow.
 */
#define AUTHKEEP_ERR_BAD_RESPONSE 9

/**
 * No trusted TLS connection could be made.
 */
#define AUTHKEEP_ERR_TLS 10

/**
 * A token, header or body is larger than the limit.
 */
#define AUTHKEEP_ERR_TOO_LARGE 11

/**
 * Tokens could not be read from or written to their store.
 */
#define AUTHKEEP_ERR_STORE 12

/**
 * The buffer is too small; the needed length was told.
 */
#define AUTHKEEP_ERR_BUFFER_TOO_SMALL 13

/**
 * The client has been freed.
 */
#define AUTHKEEP_ERR_CLOSED 14

/**
 * A bug of authkeep.
 */
#define AUTHKEEP_ERR_INTERNAL 15

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Returns the version of the loaded library, such as "0.1.0". Never blocks;
 * any thread. The string lives as long as the library.
 */
const char *authkeep_version(void);

/**
 * Returns the AUTHKEEP_ABI_VERSION of the loaded library: at least the one of
 * this header, or functions may be missing. Never blocks; any thread.
 */
int32_t authkeep_abi_version(void);

/**
 * Returns the number of systems that the library knows by name; the key
 * "provider" takes one. Never blocks; any thread.
 */
size_t authkeep_provider_count(void);

/**
 * Returns the name of a provider, such as "shopware", in the order of the
 * names, or NULL past the last. Never blocks; any thread. The string lives as
 * long as the library.
 */
const char *authkeep_provider_name(size_t provider);

/**
 * Returns what its vendor calls a provider, or NULL past the last. Never
 * blocks; any thread. The string lives as long as the library.
 */
const char *authkeep_provider_title(size_t provider);

/**
 * Returns a sentence on what is special about a provider, which may be empty,
 * or NULL past the last. Never blocks; any thread. The string lives as long as
 * the library.
 */
const char *authkeep_provider_about(size_t provider);

/**
 * Returns the number of configuration keys that a user of a provider must
 * give, and 0 past the last provider. Never blocks; any thread.
 */
size_t authkeep_provider_need_count(size_t provider);

/**
 * Returns a key that a user must give, such as "client_id", or NULL past the
 * last. Never blocks; any thread. The string lives as long as the library.
 */
const char *authkeep_provider_need_key(size_t provider,
                                       size_t need);

/**
 * Returns the grant that needs the key, such as "password", or NULL if every
 * grant does, and past the last. Never blocks; any thread. The string lives as
 * long as the library.
 */
const char *authkeep_provider_need_grant(size_t provider,
                                         size_t need);

/**
 * Returns where the value of the key is found, in the words of the vendor's
 * console, or NULL past the last. Never blocks; any thread. The string lives
 * as long as the library.
 */
const char *authkeep_provider_need_place(size_t provider,
                                         size_t need);

/**
 * Creates an empty config: all defaults. Never blocks.
 *
 * The caller owns it and frees it with authkeep_config_free.
 */
authkeep_config *authkeep_config_new(void);

/**
 * Sets one key; keys inside others are dotted ("timeouts.total_ms"). Never
 * blocks.
 *
 * The value is literal. A secret that is to be read when it is needed has a
 * key of its own: "client_secret.env" takes the name of an environment
 * variable, "client_secret.file" a path. Lists and "client_secret.command"
 * need authkeep_config_merge_json.
 *
 * Returns AUTHKEEP_OK, or AUTHKEEP_ERR_INVALID_CONFIG for an unknown key or a
 * value that it doesn't take; then the config is as it was.
 */
authkeep_status authkeep_config_set(authkeep_config *config,
                                    const char *key,
                                    const char *value,
                                    authkeep_error **out_error);

/**
 * Hands over an environment variable that the process itself doesn't see, for
 * runtimes with an environment of their own, such as .NET on Unix. Never
 * blocks.
 *
 * It goes before the process's own: for the references of this config, for
 * the commands that they name, and for where a profile that is loaded after
 * this is looked for. One that the process has with the same value is left to
 * the process.
 *
 * Returns AUTHKEEP_OK, or AUTHKEEP_ERR_INVALID_ARGUMENT for an empty name or
 * one with a "=".
 */
authkeep_status authkeep_config_set_env(authkeep_config *config,
                                        const char *name,
                                        const char *value,
                                        authkeep_error **out_error);

/**
 * Merges a JSON object of keys into the config, deeply; null deletes. Never
 * blocks.
 *
 * Returns AUTHKEEP_OK, or AUTHKEEP_ERR_INVALID_CONFIG for what is not JSON, an
 * unknown key, or a value that its key doesn't take; then the config is as it
 * was.
 */
authkeep_status authkeep_config_merge_json(authkeep_config *config,
                                           const char *json,
                                           authkeep_error **out_error);

/**
 * Loads a profile below the keys set here, in the place of one loaded before.
 * Reads a file.
 *
 * path: a profiles file, or NULL for the user's own. allow_references: not 0
 * permits secrets in a file at path to refer to environment variables, files
 * and commands; those in the user's own file always may.
 *
 * Returns AUTHKEEP_OK, AUTHKEEP_ERR_INVALID_CONFIG for a file or profile that
 * is missing or wrong, or AUTHKEEP_ERR_NOT_ALLOWED for a reference without
 * permission; then the config is as it was.
 */
authkeep_status authkeep_config_load_profile(authkeep_config *config,
                                             const char *name,
                                             const char *path,
                                             int32_t allow_references,
                                             authkeep_error **out_error);

/**
 * Frees a config. NULL is nothing. Clients made from it live on.
 */
void authkeep_config_free(authkeep_config *config);

/**
 * Creates a client from a complete config, which it copies. Sends nothing;
 * reads the file "tls.ca_file" if there is one.
 *
 * Clients of the same credential share their tokens within a process.
 * The caller owns *out_client and frees it with authkeep_client_free.
 *
 * Returns AUTHKEEP_OK, AUTHKEEP_ERR_INVALID_CONFIG or AUTHKEEP_ERR_NOT_ALLOWED
 * if the config is incomplete or contradicts itself.
 */
authkeep_status authkeep_client_new(const authkeep_config *config,
                                    authkeep_client **out_client,
                                    authkeep_error **out_error);

/**
 * Creates a client from a profile alone. Reads a file.
 *
 * path: a profiles file, or NULL for the user's own. References in a file at
 * path are not permitted; see authkeep_config_load_profile.
 * The caller owns *out_client and frees it with authkeep_client_free.
 *
 * Returns AUTHKEEP_OK, AUTHKEEP_ERR_INVALID_CONFIG or AUTHKEEP_ERR_NOT_ALLOWED.
 */
authkeep_status authkeep_client_open(const char *profile,
                                     const char *path,
                                     authkeep_client **out_client,
                                     authkeep_error **out_error);

/**
 * Creates a second handle on the same client: same tokens, same connections,
 * but a log of its own. Never blocks.
 *
 * The caller owns *out_clone and frees it with authkeep_client_free; the
 * client lives until its last handle is freed.
 *
 * Returns AUTHKEEP_OK or AUTHKEEP_ERR_CLOSED.
 */
authkeep_status authkeep_client_clone(const authkeep_client *client,
                                      authkeep_client **out_clone,
                                      authkeep_error **out_error);

/**
 * Gets a valid access token, from memory or newly issued. Blocks only if
 * there is none, if the call asks for a longer life than it has left, or if
 * it is the one that begins to renew the token with a refresh token that the
 * server replaces; at most until the call's deadline, and a valid token is
 * returned even then.
 *
 * call: NULL for defaults. The caller owns *out_token and frees it with
 * authkeep_token_free.
 *
 * Returns AUTHKEEP_OK, AUTHKEEP_ERR_DEADLINE, AUTHKEEP_ERR_CANCELLED,
 * AUTHKEEP_ERR_CLOSED, or what the token request came to:
 * AUTHKEEP_ERR_INVALID_CREDENTIALS, AUTHKEEP_ERR_REAUTH_REQUIRED,
 * AUTHKEEP_ERR_UNAVAILABLE, AUTHKEEP_ERR_BAD_RESPONSE, AUTHKEEP_ERR_TLS,
 * AUTHKEEP_ERR_TOO_LARGE, AUTHKEEP_ERR_INVALID_CONFIG. After a failure callers
 * get the last error at once until another attempt is due; see
 * authkeep_error_retry_after_ms.
 */
authkeep_status authkeep_client_get_token(const authkeep_client *client,
                                          const authkeep_call *call,
                                          authkeep_token **out_token,
                                          authkeep_error **out_error);

/**
 * Copies a valid access token and a NUL into the caller's buffer. Blocks like
 * authkeep_client_get_token.
 *
 * buffer: capacity bytes; NULL with a capacity of 0 asks for the length alone.
 * *out_length: the token's length without the NUL, also when the buffer is too
 * small, else 0. call: NULL for defaults.
 *
 * Returns AUTHKEEP_OK, AUTHKEEP_ERR_BUFFER_TOO_SMALL if capacity is not larger
 * than the length (the token may be another by the next call, and longer), or
 * what authkeep_client_get_token returns.
 */
authkeep_status authkeep_client_copy_token(const authkeep_client *client,
                                           const authkeep_call *call,
                                           char *buffer,
                                           size_t capacity,
                                           size_t *out_length,
                                           authkeep_error **out_error);

/**
 * Sends a request with the credential attached and returns the whole response,
 * whatever its status; redirects are not followed. Blocks, at most until the
 * call's deadline.
 *
 * The call that begins to renew a token with a refresh token that the server
 * replaces returns after the renewal, for which its request doesn't wait. A
 * 401 that concerns the current token renews it and repeats the request once.
 * A GET, HEAD or OPTIONS whose idle connection turned out to be closed is
 * repeated once on a new one. Nothing is sent if no token can be had.
 *
 * call: NULL for defaults. The caller owns *out_response and frees it with
 * authkeep_response_free.
 *
 * Returns AUTHKEEP_OK, AUTHKEEP_ERR_NOT_ALLOWED for a target or header that
 * the config doesn't allow, AUTHKEEP_ERR_INVALID_ARGUMENT for a target that is
 * no URL, or what authkeep_client_get_token returns.
 */
authkeep_status authkeep_client_perform(const authkeep_client *client,
                                        const authkeep_request *request,
                                        const authkeep_call *call,
                                        authkeep_response **out_response,
                                        authkeep_error **out_error);

/**
 * Sends a GET of target: authkeep_client_perform with a request of that alone.
 * Blocks, at most until the call's deadline.
 *
 * call: NULL for defaults. The caller owns *out_response and frees it with
 * authkeep_response_free.
 *
 * Returns what authkeep_client_perform returns.
 */
authkeep_status authkeep_client_get(const authkeep_client *client,
                                    const char *target,
                                    const authkeep_call *call,
                                    authkeep_response **out_response,
                                    authkeep_error **out_error);

/**
 * Forgets past failures, so that the next call tries at once: for when what
 * caused them has been mended. Keeps a valid token. Concerns all clients of
 * the same credential in this process. Never blocks.
 *
 * Returns AUTHKEEP_OK or AUTHKEEP_ERR_CLOSED.
 */
authkeep_status authkeep_client_reset(const authkeep_client *client,
                                      authkeep_error **out_error);

/**
 * Drops the access token, and the refresh token that the server gave for the
 * one that was configured: for when they have fallen into wrong hands. Tokens
 * that were handed out before stay as they are. The next call begins anew
 * from what the config tells; where that is a refresh token that was spent
 * already, it returns AUTHKEEP_ERR_REAUTH_REQUIRED, and where tokens are
 * forgotten again and again, AUTHKEEP_ERR_UNAVAILABLE for a while. Concerns
 * all clients of the same credential in this process; doesn't tell the server.
 * Never blocks.
 *
 * Returns AUTHKEEP_OK or AUTHKEEP_ERR_CLOSED.
 */
authkeep_status authkeep_client_forget(const authkeep_client *client,
                                       authkeep_error **out_error);

/**
 * Calls log from now on with what happens to the client's credential: the
 * messages of level and of the smaller ones. It takes the place of the log
 * before on this handle; other handles have their own. Never blocks.
 *
 * log is called on the threads that call functions with this handle, before
 * these return, under no lock, and on several threads at once; what happens on
 * a thread of the library is told by the next call. It may call this library,
 * and isn't told of what it does there. A call that is under way in another
 * thread may still use the log before, so that its context must outlive the
 * calls that began with it.
 *
 * level: one of the AUTHKEEP_LOG_ constants. log: NULL for none, whatever the
 * level. context: handed to log.
 *
 * Returns AUTHKEEP_OK, AUTHKEEP_ERR_INVALID_ARGUMENT for another level, or
 * AUTHKEEP_ERR_CLOSED.
 */
authkeep_status authkeep_client_set_log(const authkeep_client *client,
                                        int32_t level,
                                        authkeep_log log,
                                        void *context,
                                        authkeep_error **out_error);

/**
 * Explains what authkeep_client_get_token would come to now, and why. Does
 * nothing of it, and never blocks.
 *
 * call: NULL for defaults. The caller owns *out_explanation and frees it with
 * authkeep_explanation_free.
 *
 * Returns AUTHKEEP_OK or AUTHKEEP_ERR_CLOSED.
 */
authkeep_status authkeep_client_explain(const authkeep_client *client,
                                        const authkeep_call *call,
                                        authkeep_explanation **out_explanation,
                                        authkeep_error **out_error);

/**
 * Frees a handle on a client. NULL is nothing. Never blocks.
 *
 * Calls under way in other threads end as they would have; the client's
 * connections and secrets go with the last of them. A call on a freed handle
 * returns AUTHKEEP_ERR_CLOSED, for as long as at most 1,024 others were freed
 * after it.
 */
void authkeep_client_free(authkeep_client *client);

/**
 * Creates a call with the client's own timeout. Never blocks.
 *
 * The caller owns it and frees it with authkeep_call_free.
 */
authkeep_call *authkeep_call_new(void);

/**
 * Sets how long each function that gets this call may take, in milliseconds
 * from its start. Never blocks.
 *
 * Returns AUTHKEEP_OK, or AUTHKEEP_ERR_INVALID_ARGUMENT for a negative value.
 */
authkeep_status authkeep_call_set_timeout_ms(authkeep_call *call,
                                             int64_t timeout_ms,
                                             authkeep_error **out_error);

/**
 * Sets for how long a token must still be valid, in milliseconds; 0 by
 * default. Never blocks. Where the server gives none that lives so long, the
 * newest is returned; see authkeep_token_min_validity_met.
 *
 * Returns AUTHKEEP_OK, or AUTHKEEP_ERR_INVALID_ARGUMENT for a negative value.
 */
authkeep_status authkeep_call_set_min_validity_ms(authkeep_call *call,
                                                  int64_t min_validity_ms,
                                                  authkeep_error **out_error);

/**
 * Lets a byte on a descriptor cancel the call: for runtimes that turn signals
 * into bytes on a pipe, such as Python's signal.set_wakeup_fd. Never blocks.
 *
 * While a function that got this call waits, it also polls read_fd, reads
 * what has arrived, writes each byte on to forward_fd unless that is -1, and
 * cancels the call when one equals cancel_byte. The descriptors stay the
 * caller's, and must stay open while the call is used. A read_fd of -1
 * switches this off, and so does its end. A forward_fd that is full or has no
 * reader loses the bytes, and raises no SIGPIPE. On Windows, which can't wait
 * for a pipe, both are sockets.
 *
 * Returns AUTHKEEP_OK, or AUTHKEEP_ERR_INVALID_ARGUMENT for a cancel_byte
 * beyond 0 to 255 and, on Windows, for what is not a socket.
 */
authkeep_status authkeep_call_set_wake(authkeep_call *call,
                                       int32_t read_fd,
                                       int32_t cancel_byte,
                                       int32_t forward_fd,
                                       authkeep_error **out_error);

/**
 * Cancels every function that uses this call, now and from now on; each
 * returns AUTHKEEP_ERR_CANCELLED, one that waits within 250 ms. Any thread;
 * never blocks. A token request under way goes on for other callers. NULL is
 * nothing.
 */
void authkeep_call_cancel(const authkeep_call *call);

/**
 * Frees a call. NULL is nothing. Functions that were given it and are under
 * way go on.
 */
void authkeep_call_free(authkeep_call *call);

/**
 * Returns the access token itself, or the static key: NUL-terminated, borrowed
 * until authkeep_token_free. Never blocks. NULL for NULL.
 */
const char *authkeep_token_access_token(const authkeep_token *token);

/**
 * Returns the length of the access token, without the NUL. Never blocks. 0 for
 * NULL.
 */
size_t authkeep_token_access_token_size(const authkeep_token *token);

/**
 * Returns the type that the server gave, usually "Bearer", and "" for a static
 * key: borrowed until authkeep_token_free. Never blocks. NULL for NULL.
 */
const char *authkeep_token_type(const authkeep_token *token);

/**
 * Returns the scope that the server said it granted, or NULL if it said
 * nothing: borrowed until authkeep_token_free. Never blocks. NULL for NULL.
 */
const char *authkeep_token_scope(const authkeep_token *token);

/**
 * Returns when the token expires, in Unix seconds of this machine's clock, and
 * -1 for a static key, which doesn't. The server may end it earlier. Never
 * blocks. -1 for NULL.
 */
int64_t authkeep_token_expires_at(const authkeep_token *token);

/**
 * Returns 1 if the token was valid for as long as the call asked when it was
 * returned, and 0 where the server gives none that lives so long. Never
 * blocks. 0 for NULL.
 */
int32_t authkeep_token_min_validity_met(const authkeep_token *token);

/**
 * Frees a token. NULL is nothing. Never blocks.
 */
void authkeep_token_free(authkeep_token *token);

/**
 * Creates a request of method ("GET") to target: a path below "base_url",
 * with or without a leading slash and a query, or an absolute URL under
 * "base_url" or one of "allowed_urls". Never blocks.
 *
 * The caller owns *out_request and frees it with authkeep_request_free.
 *
 * Returns AUTHKEEP_OK, or AUTHKEEP_ERR_INVALID_ARGUMENT for a method that is no
 * word. The target is checked when the request is sent.
 */
authkeep_status authkeep_request_new(const char *method,
                                     const char *target,
                                     authkeep_request **out_request,
                                     authkeep_error **out_error);

/**
 * Adds a pair to the target's query, form-encoded. Never blocks.
 *
 * Returns AUTHKEEP_OK or AUTHKEEP_ERR_INVALID_ARGUMENT.
 */
authkeep_status authkeep_request_add_query(authkeep_request *request,
                                           const char *name,
                                           const char *value,
                                           authkeep_error **out_error);

/**
 * Adds a header; one of the same name stays, but for Content-Type, which is
 * replaced. Never blocks.
 *
 * Returns AUTHKEEP_OK, AUTHKEEP_ERR_INVALID_ARGUMENT for what HTTP can't carry,
 * AUTHKEEP_ERR_NOT_ALLOWED for headers that frame the message, such as Host and
 * Content-Length, or AUTHKEEP_ERR_TOO_LARGE. The header that carries the
 * credential is refused when the request is sent.
 */
authkeep_status authkeep_request_add_header(authkeep_request *request,
                                            const char *name,
                                            const char *value,
                                            authkeep_error **out_error);

/**
 * Sets the body: size bytes at data, copied; NULL and 0 for an empty one.
 * Never blocks. content_type: replaces an earlier Content-Type; NULL leaves it
 * as it is.
 *
 * Returns AUTHKEEP_OK, AUTHKEEP_ERR_INVALID_ARGUMENT or AUTHKEEP_ERR_TOO_LARGE.
 */
authkeep_status authkeep_request_set_body(authkeep_request *request,
                                          const uint8_t *data,
                                          size_t size,
                                          const char *content_type,
                                          authkeep_error **out_error);

/**
 * Sets a JSON text as the body, with the Content-Type application/json; another
 * is added afterwards. Never blocks.
 *
 * Returns AUTHKEEP_OK, or AUTHKEEP_ERR_INVALID_ARGUMENT for what is not JSON.
 */
authkeep_status authkeep_request_set_json(authkeep_request *request,
                                          const char *json,
                                          authkeep_error **out_error);

/**
 * Frees a request. NULL is nothing. Not while a thread is sending it.
 */
void authkeep_request_free(authkeep_request *request);

/**
 * Returns the HTTP status, such as 200 or 404. Never blocks. 0 for NULL.
 */
int32_t authkeep_response_status(const authkeep_response *response);

/**
 * Returns the first value of a header, its name in any case, or NULL if there
 * is none: borrowed until authkeep_response_free. Never blocks. NULL for NULL.
 */
const char *authkeep_response_header(const authkeep_response *response,
                                     const char *name);

/**
 * Returns the number of header lines. Never blocks. 0 for NULL.
 */
size_t authkeep_response_header_count(const authkeep_response *response);

/**
 * Returns the name of a header line, in lower case, in the order in which they
 * came, or NULL past the last: borrowed until authkeep_response_free. Never
 * blocks. NULL for NULL.
 */
const char *authkeep_response_header_name(const authkeep_response *response,
                                          size_t index);

/**
 * Returns the value of a header line, or NULL past the last: borrowed until
 * authkeep_response_free. Never blocks. NULL for NULL.
 */
const char *authkeep_response_header_value(const authkeep_response *response,
                                           size_t index);

/**
 * Returns the body, with a NUL behind its last byte: borrowed until
 * authkeep_response_free. Never blocks. NULL for NULL.
 */
const uint8_t *authkeep_response_body(const authkeep_response *response);

/**
 * Returns the number of bytes in the body, without the NUL. Never blocks. 0
 * for NULL.
 */
size_t authkeep_response_body_size(const authkeep_response *response);

/**
 * Frees a response. NULL is nothing. Never blocks.
 */
void authkeep_response_free(authkeep_response *response);

/**
 * Returns the explanation as a JSON object without secrets: borrowed until
 * authkeep_explanation_free. docs/explain.md lists its members. Never blocks.
 * NULL for NULL.
 */
const char *authkeep_explanation_json(const authkeep_explanation *explanation);

/**
 * Returns one of its counters, such as "hits" or "token_requests": how often
 * that has happened to the client's credential in this process. Never blocks.
 * -1 for NULL, and for a name that is none.
 */
int64_t authkeep_explanation_counter(const authkeep_explanation *explanation,
                                     const char *name);

/**
 * Frees an explanation. NULL is nothing. Never blocks.
 */
void authkeep_explanation_free(authkeep_explanation *explanation);

/**
 * Returns the status that the function returned with this error. Never blocks.
 * AUTHKEEP_OK for NULL.
 */
authkeep_status authkeep_error_status(const authkeep_error *error);

/**
 * Returns a stable string that tells causes apart, such as
 * "config.unknown_key" or "oauth.invalid_client"; docs/errors.md has them all.
 * Borrowed until authkeep_error_free. Never blocks. NULL for NULL.
 */
const char *authkeep_error_code(const authkeep_error *error);

/**
 * Returns one line for a log, which says what to do and contains no secret:
 * borrowed until authkeep_error_free. Never blocks. NULL for NULL.
 */
const char *authkeep_error_message(const authkeep_error *error);

/**
 * Returns the "error" of the token endpoint's answer (RFC 6749, section 5.2),
 * or NULL if there was none: borrowed until authkeep_error_free. Never blocks.
 * NULL for NULL.
 */
const char *authkeep_error_oauth_error(const authkeep_error *error);

/**
 * Returns the "error_description" of the token endpoint's answer, cut to 200
 * printable characters, withheld if it may hold a secret of ours, or NULL if
 * there was none: borrowed until authkeep_error_free. Never blocks. NULL for
 * NULL.
 */
const char *authkeep_error_oauth_description(const authkeep_error *error);

/**
 * Returns the HTTP status of the answer that caused the error, or 0 if there
 * was none. Never blocks. 0 for NULL.
 */
int32_t authkeep_error_http_status(const authkeep_error *error);

/**
 * Returns the milliseconds until another call can have an effect, or -1 if
 * that is not known. Never blocks. -1 for NULL.
 */
int64_t authkeep_error_retry_after_ms(const authkeep_error *error);

/**
 * Frees an error. NULL is nothing. Never blocks.
 */
void authkeep_error_free(authkeep_error *error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* AUTHKEEP_H */
