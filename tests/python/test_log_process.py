"""The log and what a process does: signals, threads of its own, fork, and its end."""

from __future__ import annotations

import os
import signal

import pytest

from program import Program

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has none of these")

LISTEN = """
import logging

records = []
listener = logging.Handler()
listener.emit = records.append
logging.getLogger("authkeep").addHandler(listener)
logging.getLogger("authkeep").setLevel(logging.DEBUG)
"""


def listening(account, text):
    return Program(account, text, LISTEN)


def test_a_program_that_has_set_up_no_logging_prints_nothing(registered):
    account = registered()
    account.switch(fail={"status": 400})
    # `end` asserts that nothing was printed to stderr.
    Program(
        account,
        """
        try:
            client.token()
        except authkeep.Error:
            tell()
        """,
    ).end()


def test_ctrl_c_is_not_lost_among_messages(registered):
    account = registered()
    account.switch(hang=True)
    program = listening(
        account,
        """
        try:
            client.token()
        except KeyboardInterrupt:
            tell(texts=[record.getMessage() for record in records])
        """,
    )
    account.wait_for("token_requests", 1)
    program.signal(signal.SIGINT)
    (told,) = program.end()
    assert [text.split(": ")[1] for text in told["texts"]] == ["a token is requested"]


def test_no_ctrl_c_is_lost_between_calls_that_tell(registered):
    program = listening(
        registered(),
        """
        end = time.monotonic() + 20
        for _ in range(50):
            try:
                signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
                tell()
                while time.monotonic() < end:
                    client.reset()
                    client.get("/api/echo")
            except KeyboardInterrupt:
                signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        """,
    )
    for _ in range(50):
        assert program.process.stdout.readline(), program.process.stderr.read()
        program.signal(signal.SIGINT)
    assert program.end() == []


def test_a_call_that_is_made_aside_tells_on_the_main_thread(registered):
    program = listening(
        registered(),
        """
        signal.signal(signal.SIGTERM, lambda *_: None)
        client.get("/api/echo")
        tell(threads=[record.threadName for record in records])
        """,
    )
    (told,) = program.end()
    assert told["threads"] == ["MainThread"] * 3


def test_a_call_that_a_handler_of_signals_left_tells_all_the_same(registered):
    account = registered()
    account.switch(hang=True)
    program = listening(
        account,
        """
        import _thread

        signal.signal(signal.SIGTERM, lambda *_: sys.exit())
        try:
            client.token()
        except SystemExit:
            pass
        while _thread._count():
            time.sleep(0.001)
        tell(texts=[record.getMessage() for record in records])
        """,
    )
    account.wait_for("token_requests", 1)
    program.signal(signal.SIGTERM)
    (told,) = program.end()
    assert [text.split(": ")[1] for text in told["texts"]] == ["a token is requested"]


def test_a_forked_child_tells_what_is_its_own(registered):
    program = listening(
        registered(),
        """
        from authkeep import _log

        # Not in a handler, whose lock a child can't give back.
        def fork(record):
            logging.getLogger("authkeep").removeFilter(fork)
            _log.noted.append((threading.get_ident(), 3, "of the parent"))
            child = os.fork()
            return child != 0 and os.waitpid(child, 0)

        logging.getLogger("authkeep").addFilter(fork)
        client.reset()
        with authkeep.Client(**json.loads(sys.argv[1])) as own:
            own.reset()
        tell(texts=[record.getMessage() for record in records])
        """,
    )
    child, parent = program.end()
    reset = "127.0.0.1: failures were forgotten (reset)"
    assert child["texts"] == [reset]
    assert sorted(parent["texts"]) == [reset, reset, "of the parent"]


def test_threads_that_are_still_at_work_let_the_program_end(registered):
    account = registered()
    for _ in range(5):
        program = listening(
            account,
            """
            started = threading.Semaphore(0)

            def use():
                started.release()
                while True:
                    client.reset()
                    client.get("/api/echo")

            for _ in range(8):
                threading.Thread(target=use, daemon=True).start()
                started.acquire()
            """,
        )
        assert program.end() == []
