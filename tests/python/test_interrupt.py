"""Ctrl+C during a call, and the signals of others."""

from __future__ import annotations

import os
import signal

import pytest

from program import Program
from server import PATIENCE

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no descriptor for signals")

SOON = 0.25


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


def test_ctrl_c_passes_through_to_the_descriptor_before(registered):
    account = registered()
    program = Program(
        account,
        """
        mine, written = os.pipe()
        os.set_blocking(written, False)
        signal.set_wakeup_fd(written)
        try:
            client.get("/api/slow/20000")
        except KeyboardInterrupt:
            restored = signal.set_wakeup_fd(-1) == written
            tell(restored=restored, seen=list(os.read(mine, 100)))
        """,
    )
    account.wait_for("api_requests", 1)
    program.signal(signal.SIGINT)
    (facts,) = program.end()
    assert (facts["restored"], facts["seen"]) == (True, [signal.SIGINT])


#: Two calls that wait for long, and what the server counts when they do.
WAITS = [
    ('client.get("/api/slow/20000")', "api_requests"),
    ("client.token()", "token_requests"),
]


@pytest.mark.parametrize(("wait", "counter"), WAITS)
def test_a_handler_that_raises_ends_the_call_at_once(registered, wait, counter):
    account = registered()
    if counter == "token_requests":
        account.switch(hang=True)
    program = Program(
        account,
        f"""
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to end"))
        try:
            {wait}
        except SystemExit as end:
            tell(end=end.code)
        """,
    )
    account.wait_for(counter, 1)
    sent_at = program.signal(signal.SIGTERM)
    (facts,) = program.end()
    assert facts["at"] - sent_at < SOON
    assert facts["end"] == "told to end"


def test_an_alarm_ends_the_call_in_time(registered):
    program = Program(
        registered(),
        """
        import _thread

        class Alarm(Exception):
            pass

        def ring(number, frame):
            raise Alarm

        signal.signal(signal.SIGALRM, ring)
        call = authkeep.Call()
        client.token()
        begin = time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        try:
            client.post("/api/slow/20000", json={}, call=call)
        except Alarm:
            tell(after=time.monotonic() - begin, cancelled=call.cancelled)
        # The native call has been given up, too.
        while _thread._count():
            time.sleep(0.001)
        tell(ended=time.monotonic() - begin)
        # Neither the call nor the client is the worse for it.
        tell(status=client.get("/api/echo", call=call).status)
        """,
    )
    rung, given_up, after = program.end()
    assert 0.1 <= rung["after"] < 0.1 + SOON
    assert given_up["ended"] < 0.1 + 2 * SOON
    assert rung["cancelled"] is False
    assert after["status"] == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGUSR1])
def test_a_handler_that_returns_runs_at_once_and_lets_the_call_go_on(registered, number):
    account = registered()
    program = Program(
        account,
        f"""
        mine, written = os.pipe()
        os.set_blocking(written, False)
        signal.set_wakeup_fd(written)
        signal.signal({int(number)}, lambda number, frame: tell(handled=number))
        status = client.post("/api/slow/700", json={{}}).status
        restored = signal.set_wakeup_fd(-1) == written
        tell(status=status, restored=restored, seen=list(os.read(mine, 100)))
        """,
    )
    account.wait_for("api_requests", 1)
    sent_at = program.signal(number)
    handled, ended = program.end()
    assert handled["at"] - sent_at < SOON
    assert handled["handled"] == number
    assert (ended["status"], ended["restored"], ended["seen"]) == (200, True, [number])
    assert account.count("api_requests") == 1


def test_a_handler_may_make_a_call_and_end_another(registered):
    account = registered()
    program = Program(
        account,
        """
        call = authkeep.Call()

        def handle(number, frame):
            tell(status=client.get("/api/echo").status)
            call.cancel()

        signal.signal(signal.SIGTERM, handle)
        try:
            client.get("/api/slow/20000", call=call)
        except authkeep.Cancelled:
            tell()
        """,
    )
    account.wait_for("api_requests", 1)
    sent_at = program.signal(signal.SIGTERM)
    inner, cancelled = program.end()
    assert inner["status"] == 200
    assert cancelled["at"] - sent_at < 2 * SOON


def test_errors_are_the_same_where_handlers_are(registered):
    account = registered()
    program = Program(
        account,
        """
        import gc, weakref
        signal.signal(signal.SIGTERM, lambda *_: None)
        for wrong in (lambda: client.get("https://elsewhere.example"),
                      lambda: client.get("/api/slow/5000", timeout=0.1)):
            try:
                wrong()
            except authkeep.Error as error:
                tell(error=type(error).__name__)
        gc.collect()
        gc.set_debug(gc.DEBUG_SAVEALL)
        try:
            client.get("https://elsewhere.example")
        except authkeep.Error:
            pass
        gc.collect()
        tell(garbage=[str(one) for one in gc.garbage])
        """,
    )
    *errors, last = program.end()
    assert [error["error"] for error in errors] == ["NotAllowed", "DeadlineExceeded"]
    assert last["garbage"] == []


def test_where_no_thread_can_be_made_the_call_is_made_all_the_same(registered):
    account = registered()
    program = Program(
        account,
        """
        import _thread

        def refuse(*_):
            raise RuntimeError("can't start new thread")

        _thread.start_new_thread = refuse
        signal.signal(signal.SIGTERM, lambda *_: None)
        tell(status=client.get("/api/echo").status)
        try:
            client.get("/api/slow/20000")
        except KeyboardInterrupt:
            tell()
        """,
    )
    account.wait_for("api_requests", 2)
    sent_at = program.signal(signal.SIGINT)
    answered, interrupted = program.end()
    assert answered["status"] == 200
    assert interrupted["at"] - sent_at < SOON


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
