/*
 * A way for bytes from one descriptor to another: a pipe, and on Windows, where
 * nothing else can be waited for, a pair of sockets. Include check.h first.
 */

#ifndef CHANNEL_H
#define CHANNEL_H

#ifdef _WIN32

#include <string.h>
#include <winsock2.h>
#include <ws2tcpip.h>

/* What is written to the second is read from the first. */
static inline void channel_open(int ends[2])
{
    WSADATA data;
    SOCKET listener, in, out;
    struct sockaddr_in address;
    int size = sizeof address;
    memset(&address, 0, sizeof address);
    CHECK(WSAStartup(MAKEWORD(2, 2), &data) == 0);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(listener, (struct sockaddr *)&address, size) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
    CHECK(listen(listener, 1) == 0);
    out = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(connect(out, (struct sockaddr *)&address, size) == 0);
    in = accept(listener, NULL, NULL);
    CHECK(in != INVALID_SOCKET);
    closesocket(listener);
    ends[0] = (int)in;
    ends[1] = (int)out;
}

static inline int channel_write(int end, const char *bytes, int size)
{
    return send((SOCKET)end, bytes, size, 0);
}

static inline int channel_read(int end, char *bytes, int size)
{
    return recv((SOCKET)end, bytes, size, 0);
}

#else

/* What is written to the second is read from the first. */
static inline void channel_open(int ends[2])
{
    CHECK(pipe(ends) == 0);
}

static inline int channel_write(int end, const char *bytes, int size)
{
    return (int)write(end, bytes, (size_t)size);
}

static inline int channel_read(int end, char *bytes, int size)
{
    return (int)read(end, bytes, (size_t)size);
}

#endif

#endif
