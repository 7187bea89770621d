"""Forks: parent and child both go on, and neither uses what is the other's."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
from typing import Any, Callable, Dict

import authkeep
import pytest

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork"),
    # Python says it of each fork in a process with threads.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

#: What a child that multiprocessing forks finds, and no other.
inherited: Dict[str, authkeep.Client] = {}

PATIENCE = 60


def echo(client: authkeep.Client) -> int:
    """An exchange whose answer is told from that of another process."""
    process = str(os.getpid())
    response = client.get("/api/echo", headers={"X-Process": process})
    assert response.json()["headers"]["x-process"] == process
    return os.getpid()


def use_inherited(_: Any) -> int:
    return echo(inherited["client"])


def use_own(keys: Dict[str, Any]) -> int:
    with authkeep.Client(**keys) as client:
        return echo(client)


def in_child(body: Callable[[], object]) -> None:
    """Runs `body` in a forked child; fails if it fails, or hangs."""
    child = os.fork()
    if child == 0:
        signal.alarm(PATIENCE)
        code = 1
        try:
            body()
            code = 0
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert status == 0


def assert_apart(server: Any) -> None:
    senders = server.get("senders")
    assert senders["of_two_processes"] == senders["garbled"] == senders["goodbyes"] == 0


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_the_children_of_multiprocessing_send_requests(method, registered, server):
    account = registered()
    with authkeep.Client(**account.keys) as client:
        echo(client)
        inherited["client"] = client
        work, argument = {
            "fork": (use_inherited, None),
            "forkserver": (use_own, account.keys),
            "spawn": (use_own, account.keys),
        }[method]
        with multiprocessing.get_context(method).Pool(4) as pool:
            children = pool.map_async(work, [argument] * 40, chunksize=1).get(PATIENCE)
        del inherited["client"]
        echo(client)

    assert os.getpid() not in children
    assert account.count("api_ok") == 42
    # What is made in a child that was not forked begins with a token of its own.
    assert (account.count("token_requests") == 1) == (method == "fork")
    assert_apart(server)


def test_a_child_that_is_forked_among_busy_threads_goes_on(registered, server):
    account = registered(token_life_ms=1000)
    is_over = threading.Event()
    with authkeep.Client(**account.keys) as client:

        def use():
            while not is_over.is_set():
                echo(client)

        threads = [threading.Thread(target=use) for _ in range(8)]
        for thread in threads:
            thread.start()
        for number in range(100):
            in_child(lambda number=number: echo(client) if number % 2 else client.token())
        is_over.set()
        for thread in threads:
            thread.join()
    assert account.count("api_401") == 0
    assert_apart(server)


def test_a_token_request_in_flight_is_the_parents(registered):
    account = registered()
    account.switch(answer_delay_ms=1500, times=1)
    with authkeep.Client(**account.keys) as client:
        waiting = threading.Thread(target=client.token)
        waiting.start()
        account.wait_for("token_requests", 1)
        in_child(lambda: echo(client))
        waiting.join()
        echo(client)
    assert account.count("token_requests") == 2


def test_a_child_closes_and_drops_what_it_has_inherited(registered, server):
    account = registered()
    keys = dict(account.keys, base_url=server.tls_url, tls={"ca_file": server.ca_file})
    client = authkeep.Client(**keys)
    call = authkeep.Call(timeout=30)
    token = client.token(call=call)
    echo(client)

    def drop():
        nonlocal client, call, token
        client.close()
        del client, call, token
        gc.collect()

    in_child(drop)
    for _ in range(3):
        echo(client)
    client.close()
    assert_apart(server)


def test_a_rotating_refresh_token_is_the_parents(registered):
    account = registered(refresh="rotating", refresh_seed="seed of a fork")
    keys = dict(account.keys, grant="refresh_token", refresh_token="seed of a fork")

    def is_refused(client):
        with pytest.raises(authkeep.ReauthRequired) as caught:
            client.token()
        assert caught.value.code == "token.forked"

    with authkeep.Client(**keys) as client:
        in_child(lambda: is_refused(client))
        token = client.token().access_token
        in_child(lambda: client.token().access_token == token or os._exit(2))
        with authkeep.Client(**keys, scope="read") as other:
            in_child(lambda: is_refused(other))
    assert account.count("refresh_reuse_detected") == 0
    assert account.count("token_requests") == 1


def test_ctrl_c_ends_a_call_of_a_child(registered):
    account = registered()
    with authkeep.Client(**account.keys) as client:
        echo(client)

        def interrupted():
            threading.Timer(0.2, os.kill, [os.getpid(), signal.SIGINT]).start()
            with pytest.raises(KeyboardInterrupt):
                client.get("/api/slow/20000")
            echo(client)

        in_child(interrupted)
        echo(client)


def test_a_call_that_a_handler_forks_in_ends_in_the_child_and_goes_on_in_the_parent(registered):
    account = registered()
    children = []
    before = signal.signal(signal.SIGUSR1, lambda *_: children.append(os.fork()))
    try:
        with authkeep.Client(**account.keys) as client:
            echo(client)
            account.switch(where="api", delay_ms=1000, times=1)
            threading.Timer(0.2, os.kill, [os.getpid(), signal.SIGUSR1]).start()
            parent, code = os.getpid(), 1
            try:
                status = client.get("/api/echo").status
            except authkeep.Cancelled as error:
                code = 0 if error.code == "call.forked" and echo(client) != parent else 2
            finally:
                if os.getpid() != parent:
                    os._exit(code)
        assert status == 200
        assert [os.waitpid(child, 0)[1] for child in children] == [0]
    finally:
        signal.signal(signal.SIGUSR1, before)
