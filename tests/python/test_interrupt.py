"""Ctrl+C during a call, and the signals of others."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from conftest import PACKAGE
from server import PATIENCE

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no descriptor for signals")

SOON = 0.25

#: Before each program: a client, and the moment at which something happened.
PROLOGUE = """
import authkeep, json, os, signal, sys, threading, time

signal.signal(signal.SIGINT, signal.default_int_handler)
client = authkeep.Client(**json.loads(sys.argv[1]))

def tell(**facts):
    print(json.dumps({"at": time.monotonic(), **facts}), flush=True)
"""


class Program:
    """A Python program that makes calls, to send signals to."""

    def __init__(self, account, text):
        program = PROLOGUE + textwrap.dedent(text)
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, json.dumps(account.keys)],
            env={**os.environ, "PYTHONPATH": str(PACKAGE)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def signal(self, number):
        """Sends a signal and returns when, on the clock that the program tells."""
        at = time.monotonic()
        self.process.send_signal(number)
        return at

    def end(self):
        """What the program told, when it has ended well."""
        try:
            told, errors = self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        assert self.process.returncode == 0, errors
        assert errors == ""
        return [json.loads(line) for line in told.splitlines()]


def test_ctrl_c_ends_a_request_at_once(registered):
    account = registered()
    program = Program(
        account,
        """
        call = authkeep.Call()
        try:
            client.get("/api/slow/20000", call=call)
        except KeyboardInterrupt:
            tell(cancelled=call.cancelled)
        # Neither the call nor the client is the worse for it.
        tell(status=client.get("/api/echo", call=call).status)
        tell(status=client.get("/api/echo").status)
        """,
    )
    account.wait_for("api_requests", 1)
    sent_at = program.signal(signal.SIGINT)
    interrupted, *others = program.end()
    assert interrupted["at"] - sent_at < SOON
    assert interrupted["cancelled"] is False
    assert [other["status"] for other in others] == [200, 200]


def test_ctrl_c_ends_the_wait_for_a_token_and_not_its_request(registered):
    account = registered()
    account.switch(delay_ms=700, once=True)
    program = Program(
        account,
        """
        try:
            client.token()
        except KeyboardInterrupt:
            tell()
        client.token()
        """,
    )
    account.wait_for("token_requests", 1)
    sent_at = program.signal(signal.SIGINT)
    (interrupted,) = program.end()
    assert interrupted["at"] - sent_at < SOON
    assert account.count("token_requests") == 1


def test_no_ctrl_c_is_lost_between_cached_tokens(registered):
    program = Program(
        registered(),
        """
        client.token()
        end = time.monotonic() + 20
        for _ in range(100):
            try:
                signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
                tell()
                while time.monotonic() < end:
                    client.token()
            except KeyboardInterrupt:
                signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        """,
    )
    for _ in range(100):
        assert program.process.stdout.readline(), program.process.stderr.read()
        program.signal(signal.SIGINT)
    assert program.end() == []


def test_an_uncaught_ctrl_c_ends_the_program_as_python_does(registered):
    account = registered()
    program = Program(account, 'client.get("/api/slow/20000")')
    account.wait_for("api_requests", 1)
    program.signal(signal.SIGINT)
    _, errors = program.process.communicate(timeout=PATIENCE)
    assert program.process.returncode == -signal.SIGINT
    assert errors.splitlines()[-1] == "KeyboardInterrupt"
    assert "authkeep.Cancelled" not in errors
    assert "During handling" not in errors


def test_other_signals_pass_through_to_the_descriptor_before(registered):
    account = registered()
    program = Program(
        account,
        """
        handled = []
        signal.signal(signal.SIGUSR1, lambda number, frame: handled.append(number))
        mine, written = os.pipe()
        os.set_blocking(written, False)
        signal.set_wakeup_fd(written)
        status = client.get("/api/slow/300").status
        restored = signal.set_wakeup_fd(-1) == written
        os.set_blocking(mine, False)
        tell(status=status, restored=restored, handled=handled, seen=list(os.read(mine, 100)))
        """,
    )
    account.wait_for("api_requests", 1)
    program.signal(signal.SIGUSR1)
    (facts,) = program.end()
    del facts["at"]
    usr1 = int(signal.SIGUSR1)
    assert facts == {"status": 200, "restored": True, "handled": [usr1], "seen": [usr1]}


def test_a_handler_that_returns_makes_the_call_cancelled(registered):
    account = registered()
    program = Program(
        account,
        """
        handled = []
        signal.signal(signal.SIGINT, lambda number, frame: handled.append(number))
        try:
            client.get("/api/slow/20000")
        except authkeep.Cancelled:
            tell(handled=handled)
        """,
    )
    account.wait_for("api_requests", 1)
    sent_at = program.signal(signal.SIGINT)
    (facts,) = program.end()
    assert facts["at"] - sent_at < SOON
    assert facts["handled"] == [signal.SIGINT]


def test_an_ignored_ctrl_c_ends_no_call(registered):
    account = registered()
    program = Program(
        account,
        """
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        tell(status=client.get("/api/slow/300").status)
        """,
    )
    account.wait_for("api_requests", 1)
    program.signal(signal.SIGINT)
    assert program.end()[0]["status"] == 200


def test_ctrl_c_between_calls_does_not_end_the_next(registered):
    program = Program(
        registered(),
        """
        for _ in range(50):
            try:
                # Arrives when the descriptor is ours and no native call waits.
                from authkeep import _interrupt
                wake = _interrupt.begin()
                try:
                    signal.raise_signal(signal.SIGINT)
                finally:
                    _interrupt.end()
            except KeyboardInterrupt:
                pass
            assert client.get("/api/echo").status == 200
        tell()
        """,
    )
    program.end()


def test_a_call_of_another_thread_goes_on(registered):
    account = registered()
    program = Program(
        account,
        """
        statuses = []
        def wait_longer():
            statuses.append(client.get("/api/slow/500").status)
        thread = threading.Thread(target=wait_longer)
        thread.start()
        try:
            client.get("/api/slow/20000")
        except KeyboardInterrupt:
            tell()
        thread.join()
        tell(statuses=statuses)
        """,
    )
    account.wait_for("api_requests", 2)
    sent_at = program.signal(signal.SIGINT)
    interrupted, ended = program.end()
    assert interrupted["at"] - sent_at < SOON
    assert ended["statuses"] == [200]


def test_a_forked_child_has_a_pipe_of_its_own(registered):
    """Each process notices its own Ctrl+C, and only that."""
    program = Program(
        registered(),
        """
        from authkeep import _interrupt
        client.token()
        before = _interrupt._pipe
        child = os.fork()
        if child == 0:
            os._exit(0 if _interrupt._pipe is None and _interrupt.begin() is not None else 1)
        tell(child=os.waitpid(child, 0)[1], same=_interrupt._pipe is before)
        """,
    )
    (facts,) = program.end()
    assert facts["child"] == 0
    assert facts["same"] is True
