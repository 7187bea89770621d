"""Options of one call, and its cancellation."""

from __future__ import annotations

import threading
import time

import authkeep
import pytest

SOON = 0.25


def test_a_call_is_cancelled_from_another_thread(registered):
    account = registered()
    call = authkeep.Call()
    cancelled_at = []

    def cancel():
        account.wait_for("api_requests", 1)
        cancelled_at.append(time.monotonic())
        call.cancel()

    thread = threading.Thread(target=cancel)
    thread.start()
    with authkeep.Client(**account.keys) as client, pytest.raises(authkeep.Cancelled) as caught:
        client.get("/api/slow/10000", call=call)
    ended_at = time.monotonic()
    thread.join()
    assert ended_at - cancelled_at[0] < SOON
    assert caught.value.status == 8
    assert call.cancelled


def test_cancelling_reaches_every_thread_that_uses_the_call(registered):
    account = registered()
    call = authkeep.Call()
    cancelled_at = []
    outcomes = []

    with authkeep.Client(**account.keys) as client:
        client.token()

        def use():
            try:
                client.get("/api/slow/10000", call=call)
            except authkeep.Cancelled:
                outcomes.append("cancelled")

        def cancel():
            account.wait_for("api_requests", 4)
            cancelled_at.append(time.monotonic())
            call.cancel()

        threads = [threading.Thread(target=target) for target in (use, use, use, cancel)]
        for thread in threads:
            thread.start()
        use()  # the main thread has a native call of its own
        for thread in threads:
            thread.join()
    assert time.monotonic() - cancelled_at[0] < SOON
    assert outcomes == ["cancelled"] * 4


def test_a_cancelled_call_stays_cancelled(registered):
    account = registered()
    call = authkeep.Call()
    call.cancel()
    with authkeep.Client(**account.keys) as client:
        for _ in range(2):
            with pytest.raises(authkeep.Cancelled):
                client.get("/api/echo", call=call)
            with pytest.raises(authkeep.Cancelled):
                client.token(call=call)
    assert account.count("api_requests") == 0


def test_a_timeout_counts_from_the_start_of_each_use(client):
    client.token()
    call = authkeep.Call(timeout=0.15)
    for _ in range(2):
        begin = time.monotonic()
        with pytest.raises(authkeep.DeadlineExceeded):
            client.get("/api/slow/5000", call=call)
        assert 0.15 <= time.monotonic() - begin < 0.15 + SOON
    assert client.get("/api/echo", call=call).ok


def test_a_call_asks_for_a_validity(registered):
    account = registered(token_life_ms=600_000)
    with authkeep.Client(**account.keys) as client:
        assert not client.token(call=authkeep.Call(min_validity=900)).min_validity_met


def test_options_are_given_once(client):
    with pytest.raises(authkeep.InvalidArgument, match="not on both"):
        client.get("/api/echo", timeout=1, call=authkeep.Call())


@pytest.mark.parametrize("seconds", [-1, -0.001, float("-inf"), float("nan")])
@pytest.mark.parametrize("option", ["timeout", "min_validity"])
def test_a_time_is_no_less_than_zero(seconds, option):
    with pytest.raises(
        authkeep.InvalidArgument, match=f"{option} must be 0 or more seconds, not {seconds}"
    ):
        authkeep.Call(**{option: seconds})


@pytest.mark.parametrize("seconds", ["5", b"5", (3, 5), [1], True, {}])
def test_a_time_is_one_number(client, seconds):
    with pytest.raises(TypeError, match=r"timeout must be one number of seconds .*, not \w+; "):
        client.get("/api/echo", timeout=seconds)
    with pytest.raises(TypeError, match="min_validity must be one number of seconds"):
        client.token(min_validity=seconds)


def test_a_timeout_of_zero_takes_what_is_there(registered):
    account = registered()
    account.switch(delay_ms=200, once=True)
    with authkeep.Client(**account.keys) as client:
        with pytest.raises(authkeep.DeadlineExceeded):
            client.token(timeout=0)
        token = client.token()
        assert client.token(timeout=0).access_token == token.access_token
        with pytest.raises(authkeep.DeadlineExceeded):
            client.get("/api/echo", timeout=0)


def test_a_call_tells_its_options():
    call = authkeep.Call(timeout=1.5, min_validity=60)
    assert repr(call) == "<authkeep.Call timeout=1.5 s min_validity=60 s>"
    call.cancel()
    assert repr(call) == "<authkeep.Call timeout=1.5 s min_validity=60 s cancelled>"
    assert repr(authkeep.Call()) == "<authkeep.Call>"
    assert repr(authkeep.Call(timeout=float("inf"))) == "<authkeep.Call timeout=endless>"


def test_an_endless_timeout_is_one(client):
    assert client.get("/api/echo", timeout=float("inf")).ok
