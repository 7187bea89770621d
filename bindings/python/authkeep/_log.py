"""Hands to `logging` what the native library tells.

The library tells it at the end of a call, from within. A step of Python there
would be a place where Ctrl+C gets lost, and where a handler raises, forks or
exits in the middle of native code. So a message is put down there, by functions
of C alone, and `logging` gets it when the native call is over, on the thread
that made it.
"""

from __future__ import annotations

import ctypes
import logging
import os
import traceback
import weakref
from collections import deque
from contextlib import suppress
from functools import partial
from threading import get_ident
from typing import Deque, Dict, List, Optional, Set, Tuple

from ._handle import ClientHandle
from ._native import Log, native, out_error

#: What was told, and has not reached `logging`: by which thread, the level, the text.
noted: Deque[Tuple[int, int, str]] = deque()

_LEVELS = {1: logging.WARNING, 2: logging.INFO, 3: logging.DEBUG}
_MOST_DETAILED = max(_LEVELS)
_logger = logging.getLogger("authkeep")
# Or `logging` would print warnings in a program that has set up no handler.
_logger.addHandler(logging.NullHandler())

#: The threads whose messages handlers are at work on.
_telling: Set[int] = set()
#: The handles that have a log, by address: one that is made again replaces the
#: one before. A weak reference with a callback would be a step of Python in a
#: finalizer.
_listening: Dict[Optional[int], weakref.ref[ClientHandle]] = {}
_silent = False

_call_function = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object, ctypes.c_char_p)(
    ("PyObject_CallFunction", ctypes.pythonapi)
)
#: ``noted.append((get_ident(), level, message))``; "O&" is a function to call
#: and its argument. What is left over, the context, is not looked at.
_note = Log(
    partial(
        _call_function,
        noted.append,
        b"((O&is))",
        ctypes.cast(ctypes.pythonapi.PyObject_CallNoArgs, ctypes.c_void_p),
        ctypes.py_object(get_ident),
    )
)


def listen(handle: ClientHandle) -> ClientHandle:
    """Has the library tell what happens to a client, and returns its handle."""
    with suppress(NotImplementedError):  # an older library, which tells nothing
        native.authkeep_client_set_log(handle, _MOST_DETAILED, _note, None, out_error())
        _listening[handle.value] = weakref.ref(handle)
        if _silent:
            _silence(handle)
    return handle


def tell(thread: int) -> None:
    """Hands over what was told to a thread, whose calls are over."""
    notes = _taken(thread)
    teller = get_ident()
    if teller in _telling:
        # By a handler that uses a client: to tell it that would never end.
        return
    try:
        _telling.add(teller)
        for level, text in notes:
            _hand_over(_LEVELS.get(level, logging.DEBUG), text)
    finally:
        _telling.discard(teller)


def _taken(thread: int) -> List[Tuple[int, str]]:
    taken = []
    for note in noted.copy():
        if note[0] == thread:
            with suppress(ValueError):
                noted.remove(note)
                taken.append(note[1:])
    return taken


def _hand_over(level: int, text: str) -> None:
    try:
        _logger.log(level, text)
    except Exception:
        # A handler that fails must not cost the answer of the call. `logging`
        # reports it in this way where the handler leaves it to it.
        if logging.raiseExceptions:
            traceback.print_exc()


def _silence(handle: ClientHandle) -> None:
    native.authkeep_client_set_log(handle, 0, Log(), None, out_error())


def silence() -> None:
    """Ends all logs, those of clients to come too.

    An interpreter that ends also ends each thread that asks for its lock. One
    that did so from within native code would take the process along.
    """
    global _silent
    _silent = True
    for reference in list(_listening.values()):
        handle = reference()
        if handle is not None:
            _silence(handle)


def _in_forked_child() -> None:
    # The parent tells them, on threads that are not here.
    noted.clear()
    _telling.intersection_update({get_ident()})


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_forked_child)
