"""What a GET of 300 bytes costs from Python, where the token is cached.

Beside its floor in the same run: a session of `requests` with the token in a
header. With the shipped library, and a Python that has `requests`::

    cargo rustc --lib --features capi --profile dist --crate-type cdylib,staticlib
    cargo build --example authkeep-test-server
    AUTHKEEP_LIBRARY=target/dist/libauthkeep.so \\
    AUTHKEEP_TEST_SERVER=target/debug/examples/authkeep-test-server \\
    python3 benches/python_session.py
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Callable, Dict

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "bindings" / "python"), str(ROOT / "tests" / "python")]

import authkeep  # noqa: E402
import requests  # noqa: E402
from server import Server  # noqa: E402

ROUNDS = 15
CALLS = 500
TARGET = "/api/bytes/300"


def measure(measured: Dict[str, Callable[[], object]]) -> Dict[str, float]:
    """Microseconds of each, the best of rounds that take turns."""
    best: Dict[str, float] = {}
    for _ in range(ROUNDS):
        for what, function in measured.items():
            begin = time.perf_counter()
            for _ in range(CALLS):
                function()
            took = (time.perf_counter() - begin) / CALLS * 1e6
            best[what] = min(took, best.get(what, took))
    return best


def main() -> None:
    """Prints the table."""
    with Server() as server:
        account = server.register(token_life_ms=86_400_000)
        with authkeep.Client(**account.keys) as client, requests.Session() as session:
            session.trust_env = False  # no proxy, as for the client
            session.headers["Authorization"] = f"Bearer {client.token().access_token}"
            url = server.url + TARGET
            assert client.get(TARGET).content == session.get(url).content
            measured: Dict[str, Callable[[], object]] = {
                "client.get(): 300 bytes": lambda: client.get(TARGET).content,
                "requests.Session.get(): 300 bytes": lambda: session.get(url).content,
            }
            for what, microseconds in measure(measured).items():
                print(f"{what:<40} {microseconds:8.2f} us")
    version = sys.version.split()[0]
    print(f"Python {version}, requests {requests.__version__}, one thread, wall time")


if __name__ == "__main__":
    main()
