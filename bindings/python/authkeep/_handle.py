"""Pointers to native objects, one type per noun, each freed by its last user.

A pointer is freed when nothing refers to it any more, and a call in flight
refers to its arguments: so the interpreter's own reference counts are the
count of users, and closing a client during another thread's call is safe.
"""

from __future__ import annotations

import ctypes
from typing import NoReturn, SupportsIndex, TypeVar

_Self = TypeVar("_Self", bound="Snapshot")


class Owner:
    """What owns native objects. They belong to one process and are freed once.

    So `copy` and `pickle`, which would take a pointer for a number, are refused;
    with them goes the way to another process by `multiprocessing`.
    """

    __slots__ = ()

    #: What to do instead of copying; the end of a sentence.
    _INSTEAD = "it belongs to this process alone"

    def __reduce_ex__(self, _protocol: SupportsIndex) -> NoReturn:
        raise TypeError(f"{type(self).__name__} can't be copied or pickled; {self._INSTEAD}")


class Snapshot(Owner):
    """An owner that never changes: any number of users may share it."""

    __slots__ = ()

    def __copy__(self: _Self) -> _Self:
        return self

    def __deepcopy__(self: _Self, _memo: object) -> _Self:
        return self


class Handle(Owner, ctypes.c_void_p):
    """A pointer that is owned, or NULL. The function table adds its finalizer."""


class ConfigHandle(Handle):
    """An `authkeep_config *`."""


class ClientHandle(Handle):
    """An `authkeep_client *`."""


class CallHandle(Handle):
    """An `authkeep_call *`."""


class TokenHandle(Handle):
    """An `authkeep_token *`."""


class RequestHandle(Handle):
    """An `authkeep_request *`."""


class ResponseHandle(Handle):
    """An `authkeep_response *`."""


class ExplanationHandle(Handle):
    """An `authkeep_explanation *`."""


class ErrorHandle(Handle):
    """An `authkeep_error *`."""
