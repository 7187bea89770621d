"""Pointers to native objects, one type per noun, each freed by its last user.

A pointer is freed when nothing refers to it any more, and a call in flight
refers to its arguments: so the interpreter's own reference counts are the
count of users, and closing a client during another thread's call is safe.
"""

from __future__ import annotations

import ctypes


class Handle(ctypes.c_void_p):
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


class ErrorHandle(Handle):
    """An `authkeep_error *`."""
