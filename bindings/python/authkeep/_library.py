"""Finds and loads the native library.

An explicit path wins; then a copy that the host program has already loaded,
so that host and scripts share one token cache; then the one in this package.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import NamedTuple, Optional

#: The oldest library that this package works with. A newer one only adds.
REQUIRED_ABI = 1

_FILE_NAMES = {"win32": "authkeep.dll", "darwin": "libauthkeep.dylib"}
FILE_NAME = _FILE_NAMES.get(sys.platform, "libauthkeep.so")


class Library(NamedTuple):
    """One loaded library, seen in two ways."""

    #: Calls let other Python threads run meanwhile.
    waiting: ctypes.CDLL
    #: Calls keep the interpreter lock: they are over before it could change hands.
    quick: ctypes.CDLL
    abi_version: int
    origin: str


def load() -> Library:
    """Loads the library, or raises an ImportError that says what to do."""
    explicit = os.environ.get("AUTHKEEP_LIBRARY")
    if explicit:
        return _open(explicit, "named by AUTHKEEP_LIBRARY")
    if _already_loaded():
        return _open(None, "loaded by this process")
    path = Path(__file__).with_name(FILE_NAME)
    if not path.exists():
        raise ImportError(
            f"authkeep: there is no native library at {path}; "
            f"install the package from a wheel, or set AUTHKEEP_LIBRARY to the path of {FILE_NAME}"
        )
    return _open(str(path), "of this package")


def _already_loaded() -> bool:
    # Windows has no handle that searches all modules of a process.
    return os.name != "nt" and hasattr(ctypes.CDLL(None), "authkeep_abi_version")


def _open(path: Optional[str], role: str) -> Library:
    origin = f"{path or 'the library'} ({role})"
    try:
        waiting, quick = ctypes.CDLL(path), ctypes.PyDLL(path)
        abi_version = int(waiting.authkeep_abi_version())
    except OSError as error:
        raise ImportError(f"authkeep: cannot load {origin}: {error}") from None
    except AttributeError:
        raise ImportError(f"authkeep: {origin} is not a libauthkeep") from None
    if abi_version < REQUIRED_ABI:
        raise ImportError(
            f"authkeep: {origin} has ABI version {abi_version}; "
            f"this package needs {REQUIRED_ABI} or a newer one"
        )
    return Library(waiting, quick, abi_version, origin)
