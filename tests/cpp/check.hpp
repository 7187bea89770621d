// What the test programs share: checks that say where they failed, and a
// client in one line.

#ifndef CHECK_HPP
#define CHECK_HPP

#include <authkeep.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include <unistd.h>

#define CHECK(condition)                                                      \
    do {                                                                      \
        if (!(condition))                                                     \
            check_failed(__FILE__, __LINE__, #condition);                     \
    } while (0)

[[noreturn]] inline void check_failed(const char *file, int line,
                                      const char *text)
{
    std::fprintf(stderr, "%s:%d: %s\n", file, line, text);
    std::exit(1);
}

// What `work` throws, which is of this class.
template <class Expected, class Work>
Expected thrown_by(Work work)
{
    try {
        work();
    } catch (const Expected &error) {
        return error;
    } catch (const authkeep::Error &error) {
        std::fprintf(stderr, "another error, %s: %s\n", error.code().data(),
                     error.what());
        std::exit(1);
    }
    std::fprintf(stderr, "nothing was thrown\n");
    std::exit(1);
}

// To begin with: a program that hangs is ended, and says so.
inline void check_begin()
{
#ifndef _WIN32 // which has no alarm
    alarm(120);
#endif
}

// A client with this configuration.
inline authkeep::Client client_of(const char *json)
{
    return authkeep::Client{authkeep::Config{}.merge_json(json)};
}

inline bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != text.npos;
}

using Clock = std::chrono::steady_clock;

inline double ms_since(Clock::time_point begin)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

// Says that the program is at a point, and waits for the line that answers.
inline void rendezvous(const char *point)
{
    std::string line;
    std::cout << point << std::endl;
    CHECK(std::getline(std::cin, line));
}

#endif
