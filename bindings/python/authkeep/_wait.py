"""Makes a native call that may wait: the one way to do so.

Python runs signal handlers on the main thread, between two steps of the
interpreter, so never while a native call waits there. What a waiting call of
the main thread needs depends on the handlers that the program has:

- Only Python's own for SIGINT, which raises KeyboardInterrupt: the native call
  watches a pipe, and Ctrl+C cancels it. This costs next to nothing.
- Others too, which may raise or return: nobody knows before they have run, and
  a request that is under way can't be taken up again. So the native call is
  made on a thread of its own, while the main thread waits where handlers run:
  one that raises cancels the call, one that returns lets it go on.
"""

from __future__ import annotations

import _thread
import atexit
import ctypes
import os
import signal
import time
from threading import get_ident
from typing import Any, Callable, Dict, List, Optional, Tuple

from . import _interrupt
from ._errors import Cancelled
from ._log import noted, silence, tell
from ._native import native, out_error
from .call import Call

#: Out-parameters for errors, used again and again: making one costs as much as
#: a call. One in which an error arrived is not put back.
_spare_errors: List[Any] = []
#: One for each of these, spare or in use: what is not spare is a call under way.
_errors: List[None] = []
#: How long the last calls may take to tell something when the program ends.
_GRACE = 0.3

#: What the main thread waits for while a thread of its own makes the call, and
#: where that thread leaves its failure.
_aside: Dict[Any, List[BaseException]] = {}

#: Where there are no options, a native call is still needed to cancel.
_NO_OPTIONS = Call()


def wait(
    function: Callable[..., Any],
    client: Callable[[], Any],
    subject: Tuple[Any, ...],
    call: Optional[Call],
    out: Any,
) -> None:
    """Fills `out` by ``function(client, *subject, call, out, out_error)``.

    `client` gives the client's handle at the last moment and is not kept: a
    traceback that refers to this frame must not keep a closed client open.
    """

    def make(native_call: Any) -> None:
        spare_errors, errors = _spare_errors, _errors
        try:
            error = spare_errors.pop()
        except IndexError:
            error = out_error()
            errors.append(None)
        try:
            function(client(), *subject, native_call, ctypes.byref(out), error)
        except BaseException:
            errors.pop()
            raise
        spare_errors.append(error)

    try:
        if get_ident() != _interrupt.main_thread:
            make(None if call is None else call._handle(None))
        elif not (_interrupt.has_handlers() and _wait_aside(make, call or _NO_OPTIONS)):
            _watch(make, call)
    finally:
        if noted:
            tell(get_ident())


def _watch(make: Callable[[Any], None], call: Optional[Call]) -> None:
    """Makes the call on this thread, so that Ctrl+C cancels it."""
    wake = _interrupt.begin()
    if wake is None:
        make(None if call is None else call._handle(None))
        return
    call = call or _NO_OPTIONS
    try:
        make(call._handle(wake, wake))
    except BaseException:
        # A signal cancels for good, but only the call that it interrupts.
        call._forget(wake)
        raise
    finally:
        _interrupt.end()


def _wait_aside(make: Callable[[Any], None], call: Call) -> bool:
    """Makes the call on another thread; False if there can be none."""
    ended = _thread.allocate_lock()
    ended.acquire()
    failures: List[BaseException] = []
    threads: List[int] = []
    is_left = False
    native_call = call._handle(ended)

    def run() -> None:
        try:
            threads.append(get_ident())
            # A signal that came to this thread would not wake the one that waits.
            signal.pthread_sigmask(signal.SIG_BLOCK, _interrupt.SIGNALS)
            make(native_call)
        except BaseException as error:
            failures.append(error)
        finally:
            ended.release()
            if is_left:
                tell(get_ident())

    try:
        try:
            _thread.start_new_thread(run, ())
        except RuntimeError:
            return False
        _aside[ended] = failures
        ended.acquire()
    except BaseException:
        native.authkeep_call_cancel(native_call)
        is_left = True
        raise
    finally:
        _aside.pop(ended, None)
        call._forget(ended)
        if noted and threads:
            tell(threads[0])
    if failures:
        # Taken out: it refers to `run`, and so to the list.
        raise failures.pop()
    return True


@atexit.register
def _end() -> None:
    """Lets the calls that may still tell something end, if they do so at once."""
    silence()
    spare_errors, errors = _spare_errors, _errors
    _begin_anew()
    under_way, until = 0, 0.0
    while len(errors) > len(spare_errors):
        if under_way != len(errors) - len(spare_errors):
            under_way, until = len(errors) - len(spare_errors), time.monotonic() + _GRACE
        elif time.monotonic() > until:
            break
        time.sleep(0.001)


def _begin_anew() -> None:
    global _spare_errors, _errors
    _spare_errors, _errors = [], []


def _in_forked_child() -> None:
    """Only the thread that forked is here, and none of the calls of others."""
    _begin_anew()
    for ended, failures in _aside.items():
        # A signal handler has forked: the thread that made the call is the parent's.
        if ended.locked():
            failures.append(
                Cancelled("the call goes on in the parent process alone", code="call.forked")
            )
            ended.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_forked_child)
