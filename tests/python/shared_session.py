"""Threads that share one client, for a while; prints what came of it as a line of JSON.

    python shared_session.py '{"url": ..., "client_id": ..., "client_secret": ...,
                               "threads": 8, "seconds": 10}'

Any further member is a configuration key. The library is found as by any
program: AUTHKEEP_LIBRARY, or beside the package.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from array import array
from pathlib import Path
from typing import Any, Dict, List

sys.path.insert(0, str(Path(__file__).parents[2] / "bindings" / "python"))

import authkeep


class Worker(threading.Thread):
    """Sends one request after another until the time is up."""

    def __init__(self, client: authkeep.Client, end: float) -> None:
        super().__init__()
        self._client = client
        self._end = end
        self.latencies_ns = array("Q")
        self.failed = 0

    def run(self) -> None:
        while time.monotonic() < self._end:
            begin = time.perf_counter_ns()
            if not self._is_answered():
                self.failed += 1
            self.latencies_ns.append(time.perf_counter_ns() - begin)

    def _is_answered(self) -> bool:
        try:
            return self._client.get("/api/echo").status == 200
        except authkeep.Error as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            return False


def run(url: str, threads: int, seconds: float, **keys: Any) -> Dict[str, Any]:
    """Runs the threads, and returns the figures of all of them."""
    keys = {"base_url": url, "token_endpoint": "/oauth/token", **keys}
    with authkeep.Client(**keys) as client:
        end = time.monotonic() + seconds
        workers = [Worker(client, end) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    latencies = sorted(latency for worker in workers for latency in worker.latencies_ns)
    return {
        "language": "Python",
        "threads": threads,
        "requests": len(latencies),
        "failed": sum(worker.failed for worker in workers),
        "latency_us": {
            "p50": percentile(latencies, 50),
            "p99": percentile(latencies, 99),
            "p99_9": percentile(latencies, 99.9),
            "max": percentile(latencies, 100),
        },
    }


def percentile(ordered_ns: List[int], percent: float) -> float:
    """The nearest-rank percentile, in microseconds; 0 of nothing."""
    if not ordered_ns:
        return 0.0
    rank = -int(-len(ordered_ns) * percent // 100)
    return ordered_ns[max(rank, 1) - 1] / 1000


if __name__ == "__main__":
    print(json.dumps(run(**json.loads(sys.argv[1]))), flush=True)
