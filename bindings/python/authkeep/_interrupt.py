"""Lets Ctrl+C end a native call that waits on the main thread.

Python's C handler writes each signal's number to the wake-up descriptor at
once. For the time of a call that is a pipe of ours, which the native call
watches: SIGINT ends it, and every byte is passed on to the descriptor that was
there before. Then the interpreter runs its SIGINT handler, as after any step.

There is one pipe per process, made at the first need; a forked child makes
its own. Windows has no descriptor that both sides could use: there Ctrl+C
takes effect when the call has ended.
"""

from __future__ import annotations

import os
import select
import signal
import threading

# The public one makes an enum of each answer, which takes 20 times as long.
from _signal import getsignal  # type: ignore[import-not-found]
from contextlib import suppress
from typing import Callable, List, Optional, Tuple


class _Pipe:
    __slots__ = ("arrived", "read_fd", "write_fd")

    def __init__(self) -> None:
        self.read_fd, self.write_fd = os.pipe()
        os.set_blocking(self.read_fd, False)
        os.set_blocking(self.write_fd, False)
        poller = select.poll()
        poller.register(self.read_fd, select.POLLIN)
        self.arrived: Callable[[int], List[Tuple[int, int]]] = poller.poll


#: The thread that may set the wake-up descriptor; None where none can.
main_thread: Optional[int] = threading.main_thread().ident if hasattr(select, "poll") else None

#: All that a program can handle, as far as this system has signals.
SIGNALS = frozenset(map(int, signal.valid_signals()))
_OTHERS = tuple(sorted(SIGNALS - {signal.SIGINT}))

_pipe: Optional[_Pipe] = None
#: The descriptor that the pipe stands in for, or did so last.
_before = -1
#: False from `begin` to `end`, and after an `end` that a signal handler left.
_clean = True


def has_handlers() -> bool:
    """Whether the program has handlers of its own, which may return or raise."""
    return any(map(callable, map(getsignal, _OTHERS))) or (
        getsignal(signal.SIGINT) is not signal.default_int_handler
        and callable(getsignal(signal.SIGINT))
    )


def begin() -> Optional[Tuple[int, int]]:
    """Puts the pipe in place: its read end and the descriptor before it.

    To be called on the main thread; None means that no signal can be noticed.
    """
    global _pipe, _before, _clean, main_thread
    if _pipe is None:
        _pipe = _Pipe()
    elif not _clean:
        _pass_on(_pipe, _before)
    _clean = False
    try:
        before = signal.set_wakeup_fd(_pipe.write_fd, warn_on_full_buffer=False)
    except ValueError:
        # A subinterpreter, or an embedding host with another main thread.
        main_thread = None
        return None
    except OSError:
        # The host closed the pipe along with all that it did not know.
        _pipe = None
        return None
    if before != _pipe.write_fd:
        _before = before
    return _pipe.read_fd, _before


def end() -> None:
    """Puts back the descriptor that was there before, and what it missed."""
    global _clean
    try:
        signal.set_wakeup_fd(_before)
    except (ValueError, OSError):
        # Closed meanwhile, by a signal handler.
        signal.set_wakeup_fd(-1)
    # What arrived after the native call looked must not end the next one.
    if _pipe is not None and _pipe.arrived(0):
        _pass_on(_pipe, _before)
    _clean = True


def _pass_on(pipe: _Pipe, to: int) -> None:
    # Without a reader, or with a full one, there is nobody to wake up.
    with suppress(OSError):
        signals = os.read(pipe.read_fd, 4096)
        if to != -1:
            os.write(to, signals)


def _in_forked_child() -> None:
    global _pipe, _clean, main_thread
    if main_thread is not None:
        main_thread = threading.get_ident()
    if _pipe is None:
        return
    if not _clean:
        # Forked by another thread during a call of the main thread.
        end()
    # Shared with the parent, whose signals are not ours.
    with suppress(OSError):
        os.close(_pipe.read_fd)
        os.close(_pipe.write_fd)
    _pipe = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_forked_child)
