"""What happens inside a client, as `logging` gets it."""

from __future__ import annotations

import ctypes
import logging
import os
import threading

import authkeep
import pytest
from authkeep import _log

THREADS = 16


@pytest.fixture(autouse=True)
def told(caplog):
    """What `logging` gets from authkeep."""
    caplog.set_level(logging.DEBUG, "authkeep")
    return Told(caplog)


class Told:
    """The messages so far."""

    def __init__(self, caplog):
        self._caplog = caplog

    @property
    def records(self):
        return self._caplog.records

    @property
    def texts(self):
        return [f"{record.levelname} {record.getMessage()}" for record in self.records]


class Handler(logging.Handler):
    """Does something with each message."""

    def __init__(self, work):
        super().__init__()
        self.work = work

    def emit(self, record):
        self.work(record)

    def __enter__(self):
        logging.getLogger("authkeep").addHandler(self)
        return self

    def __exit__(self, *_):
        logging.getLogger("authkeep").removeHandler(self)


def test_what_happens_is_told_without_a_word(registered, told):
    account = registered()
    with authkeep.Client(**account.keys) as client:
        client.get("/api/echo?private=1")
        client.reset()
        client.forget()
    levels = [text.split()[0] for text in told.texts]
    assert sorted(levels) == ["DEBUG", "DEBUG", "INFO", "INFO", "INFO"]
    joined = "\n".join(told.texts)
    for part in ("/api/echo: HTTP 200", "a token is requested", "a token was issued", "(reset)"):
        assert part in joined
    assert told.texts[-1].endswith("(forget)")
    assert "private" not in joined


def test_a_failure_is_a_warning_that_is_told_before_it_is_raised(registered, told):
    keys = {**registered().keys, "client_secret": "a-wrong-secret"}
    with authkeep.Client(**keys) as client, pytest.raises(authkeep.InvalidCredentials):
        client.token()
    assert told.texts[-1].startswith("WARNING ")
    assert "invalid_client" in told.texts[-1]


def test_a_cached_token_is_not_worth_a_message(client, told):
    client.token()
    before = len(told.records)
    for _ in range(100):
        client.token()
    assert len(told.records) == before


def test_every_client_tells_but_one_that_is_given_away(client, told):
    other = authkeep.Client.from_native(client.to_native())
    other.forget()
    client.reset()
    # The other's as well, since it is the credential's.
    assert [text.split()[-1] for text in told.texts] == ["(forget)", "(forget)", "(reset)"]
    address = ctypes.c_void_p(client.to_native())
    before = len(told.records)
    library = ctypes.CDLL(os.environ["AUTHKEEP_LIBRARY"])
    assert library.authkeep_client_reset(address, None) == 0
    library.authkeep_client_free(address)
    assert len(told.records) == before


def test_each_thread_tells_what_concerns_its_own_calls(client, told):
    client.token()

    def use():
        for _ in range(20):
            client.get(f"/api/bytes/{threading.current_thread().name}")

    threads = [threading.Thread(target=use, name=str(number)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told_of = [record for record in told.records if "/api/bytes/" in record.getMessage()]
    assert len(told_of) == THREADS * 20
    for record in told_of:
        assert f"/api/bytes/{record.threadName}: " in record.getMessage()
    assert not _log.noted


@pytest.mark.parametrize("load", [ctypes.CDLL, ctypes.PyDLL])
def test_the_library_may_tell_with_the_interpreter_lock_and_without_it(client, told, load):
    function = load(os.environ["AUTHKEEP_LIBRARY"]).authkeep_client_forget
    assert function(client._handle, None) == 0
    assert [text.split()[-1] for _, _, text in _log.noted] == ["(forget)"]
    client.reset()
    assert [text.split()[-1] for text in told.texts] == ["(forget)", "(reset)"]


# --- handlers ----------------------------------------------------------------


def test_a_handler_that_fails_costs_no_answer(client, capsys, monkeypatch):
    def fail(_record):
        raise RuntimeError("the disk is full")

    with Handler(fail):
        assert client.get("/api/echo").status == 200
        assert capsys.readouterr().err.count("RuntimeError: the disk is full") == 3
        monkeypatch.setattr(logging, "raiseExceptions", False)
        assert client.get("/api/echo").status == 200
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_in_a_handler_reaches_the_program(client, told, end):
    def interrupt(_record):
        raise end

    with Handler(interrupt), pytest.raises(end):
        client.get("/api/echo")
    before = len(told.records)
    assert client.get("/api/echo").status == 200
    assert len(told.records) == before + 1


def test_a_handler_may_use_the_client_and_is_not_told_of_it(client, told):
    statuses = []
    with Handler(lambda _record: statuses.append(client.get("/api/status/201").status)):
        client.get("/api/echo")
    assert statuses == [201] * 3
    assert "/api/status/201" not in "\n".join(told.texts)
    assert not _log.noted


def test_a_handler_may_close_the_client(client):
    with Handler(lambda _record: client.close()):
        assert client.get("/api/echo").status == 200
    with pytest.raises(authkeep.Closed):
        client.token()


# --- secrets -----------------------------------------------------------------


def test_no_secret_is_in_a_message_an_explanation_or_a_repr(registered, told):
    account = registered(client_secret="canary-secret-7e1", refresh_seed="canary-seed-5a9")
    seen, shown = [], []
    for keys in (
        {},
        {"client_secret": "canary-wrong-3c2"},
        {"grant": "refresh_token", "refresh_token": "canary-seed-5a9"},
        {"grant": "refresh_token", "refresh_token": "canary-dead-8d4"},
    ):
        with authkeep.Client(**{**account.keys, **keys}) as client:
            try:
                seen.append(client.token().access_token)
                client.get("/api/echo?key=canary-query-1f6", headers={"X-Key": "canary-header-2b8"})
            except authkeep.Error as error:
                shown.append(repr(error))
            shown.append(repr(client.explain()))
            client.forget()
            shown.append(repr(client))
    assert len(seen) == 2
    assert len(told.texts) > 8
    for secret in ("canary", *seen):
        assert secret not in "\n".join([*shown, *map(repr, told.records), *told.texts])
