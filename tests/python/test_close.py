"""Closing a client while other threads use it."""

from __future__ import annotations

import threading
import time

import authkeep
import pytest
from authkeep._handle import ClientHandle, Handle
from authkeep._native import native

from server import PATIENCE, until

THREADS = 8


@pytest.fixture
def freed(monkeypatch):
    """The client handles that were freed."""
    handles = []

    def record(handle):
        handles.append(handle.value)
        native.authkeep_client_free(handle)

    monkeypatch.setattr(ClientHandle, "__del__", record)
    return handles


def test_calls_in_flight_end_before_the_handle_is_freed(registered, freed):
    account = registered()
    client = authkeep.Client(**account.keys)
    client.token()
    statuses = []
    freed_too_early = []

    def use():
        statuses.append(client.get("/api/slow/200").status)
        freed_too_early.extend(freed if len(statuses) < THREADS else ())

    threads = [threading.Thread(target=use) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    account.wait_for("api_requests", THREADS)
    client.close()
    with pytest.raises(authkeep.Closed):
        client.get("/api/echo")
    for thread in threads:
        thread.join()
    assert statuses == [200] * THREADS
    assert freed_too_early == []
    until(lambda: len(freed) == 1, "the handle to be freed")


def test_threads_that_keep_calling_see_the_end(registered):
    client = authkeep.Client(**registered().keys)
    outcomes = []
    started = threading.Semaphore(0)

    def use():
        started.release()
        end = time.monotonic() + PATIENCE
        try:
            while time.monotonic() < end:
                assert client.get("/api/echo").ok
        except authkeep.Closed:
            outcomes.append("closed")

    threads = [threading.Thread(target=use) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for _ in threads:
        started.acquire()
    client.close()
    for thread in threads:
        thread.join()
    assert outcomes == ["closed"] * THREADS


def test_a_closed_client_says_so(client):
    client.close()
    client.close()
    for call in (client.token, client.reset, lambda: client.get("/api/echo")):
        with pytest.raises(authkeep.Closed) as caught:
            call()
        assert caught.value.status == 14


def test_what_a_client_gave_outlives_it(client):
    token, answer = client.token(), client.get("/api/status/201?X-One=1")
    client.close()
    del client
    assert len(token.access_token) == 128
    assert "Bearer" in repr(token)
    assert answer.headers["x-one"] == "1"
    assert (answer.status, answer.json(), answer.text) == (201, {"status": 201}, '{"status":201}')
    assert answer.raise_for_status() is answer


def test_with_closes_at_once(registered, freed):
    with authkeep.Client(**registered().keys) as client:
        client.token()
        assert freed == []
    assert len(freed) == 1
    with pytest.raises(authkeep.Closed):
        client.token()


def test_a_client_that_is_dropped_is_freed(registered, freed):
    client = authkeep.Client(**registered().keys)
    client.token()
    del client
    assert len(freed) == 1


def test_each_handle_is_freed_without_a_step_of_python():
    for handle in Handle.__subclasses__():
        assert not hasattr(handle.__del__, "__code__")
        handle()  # NULL, which every `free` takes


def test_a_saved_error_keeps_no_client_open(registered, freed):
    keys = {**registered().keys, "client_secret": "a-wrong-secret"}
    with pytest.raises(authkeep.InvalidCredentials) as caught, authkeep.Client(**keys) as client:
        client.token()
    assert caught.value.__traceback__ is not None
    assert len(freed) == 1
