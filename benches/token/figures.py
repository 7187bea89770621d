"""What a cached token costs from Python: a program of `cargo bench --bench token`.

CONFIG: prints a line for each thing that it has done again and again: what, and the
CPU nanoseconds of one on 1, 2 and 8 threads, the median of several rounds.
"""

from __future__ import annotations

import ctypes
import json
import os
import statistics
import sys
import threading
import time
from pathlib import Path
from typing import Callable, List

sys.path.insert(0, str(Path(__file__).parents[2] / "bindings" / "python"))

import authkeep

CALLS = 20_000
ROUNDS = 7
THREADS = (1, 2, 8)


def one_round(threads: int, function: Callable[[], object]) -> float:
    """CPU nanoseconds of one call, each thread by its own clock."""
    spent: List[int] = []
    ready = threading.Barrier(threads)

    def work() -> None:
        ready.wait()
        begun = time.thread_time_ns()
        for _ in range(CALLS):
            function()
        spent.append(time.thread_time_ns() - begun)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(spent) / (CALLS * threads)


def main() -> None:
    """Prints the lines."""
    bare = ctypes.CDLL(os.environ["AUTHKEEP_LIBRARY"]).authkeep_abi_version
    with authkeep.Client(**json.loads(sys.argv[1])) as client:
        client.token()
        for what, function in [
            ("bare ctypes call", bare),
            ("client.token()", client.token),
            ("client.token().access_token", lambda: client.token().access_token),
        ]:
            figures = [
                statistics.median(one_round(threads, function) for _ in range(ROUNDS))
                for threads in THREADS
            ]
            print(what, *figures, sep="\t")


if __name__ == "__main__":
    main()
