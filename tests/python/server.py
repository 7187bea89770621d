"""The test server as a child process, and its control routes."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import time
import urllib.request
from typing import Any, Callable, Dict

#: How long to wait for something that happens at once; a hang tells nothing.
PATIENCE = 30.0

_numbers = itertools.count(1)


class Server:
    """Ends with its standard input, so that none is left behind."""

    def __enter__(self) -> Server:
        self._process = subprocess.Popen(
            [os.environ["AUTHKEEP_TEST_SERVER"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        ready = json.loads(self._process.stdout.readline())
        self.url: str = ready["url"]
        self.tls_url: str = ready["tls_url"]
        self.ca_file: str = ready["ca_file"]
        # No proxy of the environment stands between a test and its server.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._process.stdout.close()

    def register(self, **members: Any) -> Registered:
        """Registers a client with an id of its own, and a secret unless it says other."""
        client_id = f"python-{next(_numbers)}"
        members = {"client_id": client_id, "client_secret": f"secret of {client_id}", **members}
        self.post("clients", members)
        return Registered(self, members)

    def emulate(self, provider: str, **settings: Any) -> Emulation:
        """Opens an emulation of one vendor's system, on ports of its own."""
        return Emulation(self, self.post("emulate", {"provider": provider, **settings}))

    def post(self, route: str, document: Dict[str, Any]) -> Any:
        return self._answer(f"/control/{route}", json.dumps(document).encode())

    def stats(self) -> Any:
        return self.get("stats")

    def get(self, route: str) -> Any:
        return self._answer(f"/control/{route}", None)

    def _answer(self, path: str, body: Any) -> Any:
        with self._opener.open(self.url + path, data=body, timeout=PATIENCE) as answer:
            return json.load(answer)


class Emulation:
    """A running emulation of one vendor's system."""

    def __init__(self, server: Server, opened: Dict[str, Any]) -> None:
        self._server = server
        self._id = opened["emulation"]
        self.url: str = opened["url"]
        self.tls_url: str = opened["tls_url"]
        #: What it was opened with: the credentials above all.
        self.settings: Dict[str, Any] = opened["settings"]

    def stats(self) -> Any:
        """What it has counted, and why it refused what it refused."""
        return self._server.get(f"emulation?id={self._id}")

    def change(self, **members: Any) -> None:
        """Changes settings, or does something once, such as ``advance_ms``."""
        self._server.post("emulation", {"id": self._id, **members})


class Registered:
    """A client as the server knows it."""

    def __init__(self, server: Server, members: Dict[str, Any]) -> None:
        self._server = server
        self.client_id: str = members["client_id"]
        self.secret: Any = members["client_secret"]
        #: The configuration of an authkeep client.
        self.keys: Dict[str, Any] = {
            "base_url": server.url,
            "token_endpoint": "/oauth/token",
            "client_id": self.client_id,
            "client_secret": self.secret,
        }

    def switch(self, **members: Any) -> None:
        """Makes something go wrong for this client."""
        self._server.post("switch", {"client_id": self.client_id, **members})

    def clear(self) -> None:
        """Turns this client's switches off."""
        self._server.post("clear", {"client_id": self.client_id})

    def change(self, **members: Any) -> None:
        """Changes what the server knows of this client."""
        self._server.post("set", {"client_id": self.client_id, **members})

    def revoke(self) -> None:
        """Makes each of its tokens invalid."""
        self._server.post("revoke", {"client_id": self.client_id})

    def count(self, counter: str) -> int:
        """One of the server's counters for this client."""
        counts = self._server.stats()["clients"].get(self.client_id, {})
        return int(counts.get(counter, 0))

    def wait_for(self, counter: str, least: int) -> None:
        """Returns when a counter has got there."""
        until(lambda: self.count(counter) >= least, f"{counter} of {least}")


def until(holds: Callable[[], bool], what: str) -> None:
    """Returns when something of another thread or process has come true."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.002)
