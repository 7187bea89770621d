"""Calls that hang, and how they end: python wait.py token|api CONFIG...

What it prints is that of tests/c/wait.c, and for the call of the main thread
"ctrl-c MS".
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Callable, List, Optional, Type

sys.path.insert(0, str(Path(__file__).parents[2] / "bindings" / "python"))

import authkeep

EACH = 4

Use = Callable[[authkeep.Call], object]


class Caller:
    """A call that hangs, and the moments when it should end and does."""

    def __init__(
        self, how: str, expected: Type[BaseException], timeout: Optional[float] = None
    ) -> None:
        self.how = how
        self.expected = expected
        self.timeout = timeout
        self.call = authkeep.Call(timeout=timeout)
        self.due = 0.0
        self.ended = 0.0

    def run(self, use: Use, at_first: Callable[[], object] = lambda: None) -> None:
        if self.timeout is not None:
            self.due = time.monotonic() + self.timeout
        try:
            at_first()
            use(self.call)
        except self.expected:
            self.ended = time.monotonic()

    def start(self, use: Use) -> threading.Thread:
        thread = threading.Thread(target=self.run, args=[use])
        thread.start()
        return thread


def wait_and_end(use: Use) -> None:
    cancelled = [Caller("cancel", authkeep.Cancelled) for _ in range(EACH)]
    timeouts = [0.25 + 0.05 * i for i in range(EACH)]
    timed = [Caller("deadline", authkeep.DeadlineExceeded, timeout) for timeout in timeouts]
    interrupted = Caller("ctrl-c", KeyboardInterrupt)
    threads: List[threading.Thread] = []

    def end_them() -> None:
        print("waiting", EACH + 1, flush=True)
        sys.stdin.readline()
        threads.extend(caller.start(use) for caller in timed)
        for caller in cancelled:
            caller.due = time.monotonic()
            caller.call.cancel()
        interrupted.due = time.monotonic()
        os.kill(os.getpid(), signal.SIGINT)

    threads.extend(caller.start(use) for caller in cancelled)
    ending = threading.Thread(target=end_them)
    interrupted.run(use, ending.start)
    ending.join()
    for thread in threads:
        thread.join()
    for caller in (*cancelled, *timed, interrupted):
        assert caller.ended, f"another end than by {caller.how}"
        print(caller.how, 1000 * (caller.ended - caller.due), flush=True)


def main() -> None:
    place, *configs = sys.argv[1:]
    for config in configs:
        with authkeep.Client(**json.loads(config)) as client:
            if place == "token":
                wait_and_end(lambda call: client.token(call=call))
            else:
                wait_and_end(lambda call: client.get("/", call=call))


main()
