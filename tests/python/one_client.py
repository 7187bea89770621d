"""Python and a C++ plug-in use one client: `tests/one_client.rs` runs this.

    python one_client.py PLUGIN CONFIG to|from

The client is made here and handed to the plug-in (to), or the other way round
(from). Prints how many requests were answered with 200.
"""

from __future__ import annotations

import ctypes
import json
import sys
import threading
from pathlib import Path
from typing import List

sys.path.insert(0, str(Path(__file__).parents[2] / "bindings" / "python"))

import authkeep

THREADS, ROUNDS = 4, 10


def bound(path: str) -> ctypes.CDLL:
    """The plug-in with the types of its functions."""
    plugin = ctypes.CDLL(path)
    plugin.plugin_take.argtypes = [ctypes.c_void_p]
    plugin.plugin_take.restype = None
    plugin.plugin_make.argtypes = [ctypes.c_char_p]
    plugin.plugin_make.restype = ctypes.c_void_p
    plugin.plugin_get.argtypes = [ctypes.c_char_p]
    plugin.plugin_end.restype = None
    return plugin


def answers(plugin: ctypes.CDLL, client: authkeep.Client) -> List[int]:
    """The statuses that threads of both languages got, all at once."""
    statuses: List[int] = []
    together = threading.Barrier(2 * THREADS)

    def in_cpp() -> None:
        together.wait()
        statuses.extend(plugin.plugin_get(b"/api/echo") for _ in range(ROUNDS))

    def in_python() -> None:
        together.wait()
        statuses.extend(client.get("/api/echo").status for _ in range(ROUNDS))

    threads = [threading.Thread(target=work) for work in (in_cpp, in_python) * THREADS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def main(path: str, config: str, direction: str) -> None:
    plugin = bound(path)
    if direction == "to":
        client = authkeep.Client(**json.loads(config))
        plugin.plugin_take(client.to_native())
    else:
        client = authkeep.Client.from_native(plugin.plugin_make(config.encode()))
    statuses = answers(plugin, client)

    # Each ends its own use, and the other goes on.
    if direction == "to":
        client.close()
        statuses.append(plugin.plugin_get(b"/api/echo"))
        plugin.plugin_end()
    else:
        plugin.plugin_end()
        statuses.append(client.get("/api/echo").status)
        client.close()
    assert statuses == [200] * (2 * THREADS * ROUNDS + 1), statuses
    print(len(statuses))


if __name__ == "__main__":
    main(*sys.argv[1:])
