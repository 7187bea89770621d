"""What a cached token and a GET of 300 bytes cost from Python.

Beside the floor of each in the same run: a bare ctypes call, and a session of
`requests` with the token in a header. With the shipped library, and a Python
that has `requests`::

    cargo rustc --lib --features capi --profile dist --crate-type cdylib,staticlib
    cargo build --example authkeep-test-server
    AUTHKEEP_LIBRARY=target/dist/libauthkeep.so \\
    AUTHKEEP_TEST_SERVER=target/debug/examples/authkeep-test-server \\
    python3 benches/python_session.py
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from pathlib import Path
from typing import Callable, Dict, List, Tuple

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "bindings" / "python"), str(ROOT / "tests" / "python")]

import authkeep  # noqa: E402
import requests  # noqa: E402
from server import Server  # noqa: E402

ROUNDS = 15
TARGET = "/api/bytes/300"

#: What is measured, and how often in a round.
Rows = List[Tuple[str, int, Callable[[], object]]]


def rows(client: authkeep.Client, url: str, session: requests.Session) -> Rows:
    """Each thing beside what it is to be compared with."""
    bare = ctypes.CDLL(os.environ["AUTHKEEP_LIBRARY"]).authkeep_abi_version
    return [
        ("bare ctypes call: authkeep_abi_version", 20_000, bare),
        ("client.token()", 20_000, client.token),
        ("client.token().access_token", 20_000, lambda: client.token().access_token),
        ("client.get(): 300 bytes", 500, lambda: client.get(TARGET).content),
        ("requests.Session.get(): 300 bytes", 500, lambda: session.get(url).content),
    ]


def measure(measured: Rows) -> Dict[str, float]:
    """Microseconds of each, the best of rounds that take turns."""
    best: Dict[str, float] = {}
    for _ in range(ROUNDS):
        for what, calls, function in measured:
            begin = time.perf_counter()
            for _ in range(calls):
                function()
            took = (time.perf_counter() - begin) / calls * 1e6
            best[what] = min(took, best.get(what, took))
    return best


def main() -> None:
    """Prints the table."""
    with Server() as server:
        account = server.register(token_life_ms=86_400_000)
        with authkeep.Client(**account.keys) as client, requests.Session() as session:
            session.trust_env = False  # no proxy, as for the client
            session.headers["Authorization"] = f"Bearer {client.token().access_token}"
            assert client.get(TARGET).content == session.get(server.url + TARGET).content
            for what, microseconds in measure(rows(client, server.url + TARGET, session)).items():
                print(f"{what:<40} {microseconds:8.2f} us")
    version = sys.version.split()[0]
    print(f"Python {version}, requests {requests.__version__}, one thread, wall time")


if __name__ == "__main__":
    main()
