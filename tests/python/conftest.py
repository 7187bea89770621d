"""What the tests share: the real library, and one real server for all of them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

PACKAGE = Path(__file__).parents[2] / "bindings" / "python"
sys.path.insert(0, str(PACKAGE))

for name in ("AUTHKEEP_LIBRARY", "AUTHKEEP_TEST_SERVER"):
    if not os.environ.get(name):
        pytest.exit(f"{name} is not set; `cargo test` sets it", returncode=2)

import authkeep  # noqa: E402

from server import Registered, Server  # noqa: E402


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture
def registered(server: Server) -> Iterator[Callable[..., Registered]]:
    """Registers a client at the server; its switches end with the test."""
    made = []

    def register(**members: Any) -> Registered:
        made.append(server.register(**members))
        return made[-1]

    yield register
    for one in made:
        one.clear()


@pytest.fixture
def client(registered: Callable[..., Registered]) -> Iterator[authkeep.Client]:
    """A client of an account of its own."""
    with authkeep.Client(**registered().keys) as opened:
        yield opened
