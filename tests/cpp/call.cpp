// What a call is told, its members do: a deadline, a validity, and a byte on a
// descriptor that cancels.
//
// call CONFIG HANGING_CONFIG: a token lives 60 s, and one never comes.

#include "check.hpp"

#include "../c/channel.h"

#include <cstring>

using namespace authkeep;
using namespace std::chrono_literals;

static void a_deadline_is_kept(const Client &hanging)
{
    const auto begin = Clock::now();
    const DeadlineExceeded error = thrown_by<DeadlineExceeded>(
        [&] { hanging.get_token(Call{}.set_timeout(300ms)); });
    const double took_ms = ms_since(begin);
    CHECK(error.status() == AUTHKEEP_ERR_DEADLINE);
    CHECK(took_ms >= 300 && took_ms < 550);
}

static void a_validity_beyond_the_servers_is_told(const Client &client)
{
    Call call;
    call.set_timeout(20s).set_min_validity(10s);
    CHECK(client.get_token(call).min_validity_met());
    call.set_min_validity(15min);
    CHECK(!client.get_token(call).min_validity_met());
    std::string copy;
    client.copy_token(copy, call);
    CHECK(copy == client.get_token().access_token());
}

static void a_byte_on_the_wake_descriptor_cancels(const Client &hanging)
{
    int wake[2], forward[2];
    char bytes[4] = {};
    channel_open(wake);
    channel_open(forward);
    CHECK(channel_write(wake[1], "\x0f\x02", 2) == 2);
    Call call;
    call.set_wake(wake[0], 2, forward[1]);
    thrown_by<Cancelled>([&] { hanging.get_token(call); });
    CHECK(channel_read(forward[0], bytes, sizeof bytes) == 2);
    CHECK(std::memcmp(bytes, "\x0f\x02", 2) == 0);
}

static void a_failed_copy_leaves_an_empty_string(const Client &hanging)
{
    Call call;
    call.cancel();
    std::string copy = "what was there before";
    thrown_by<Cancelled>([&] { hanging.copy_token(copy, call); });
    CHECK(copy.empty());
}

int main(int argc, char **argv)
{
    check_begin();
    CHECK(argc == 3);
    const Client client = client_of(argv[1]), hanging = client_of(argv[2]);
    a_deadline_is_kept(hanging);
    a_validity_beyond_the_servers_is_told(client);
    a_byte_on_the_wake_descriptor_cancels(hanging);
    a_failed_copy_leaves_an_empty_string(hanging);
}
