"""Options of one call, and its cancellation."""

from __future__ import annotations

import signal
from numbers import Real
from typing import Dict, Optional, Tuple

from ._errors import InvalidArgument
from ._handle import CallHandle, Owner
from ._native import native, out_error

#: The pipe that tells a native call of signals: its read end, and the
#: descriptor that the bytes are passed on to. None off the main thread.
Wake = Optional[Tuple[int, int]]

_LONGEST_MS = 2**63 - 1


class Call(Owner):
    """Options for the calls that it is given to, at once or one after another.

    `timeout` and `min_validity` are seconds; the timeout counts from the start
    of each call. None is the client's ``timeouts.total_ms``, 0 takes what can
    be had without waiting, infinity waits without end. `cancel` ends all of the
    calls from any thread. Ctrl+C ends the call that it interrupts and leaves
    this object as it was.
    """

    __slots__ = ("_cancelled", "_handles", "_min_validity_ms", "_timeout_ms")

    _INSTEAD = "make one where it is needed"

    def __init__(
        self, *, timeout: Optional[float] = None, min_validity: Optional[float] = None
    ) -> None:
        self._timeout_ms = _milliseconds(timeout, "timeout")
        self._min_validity_ms = _milliseconds(min_validity, "min_validity")
        self._cancelled = False
        # Those that a signal may cancel alone have keys of their own: one that
        # watches the pipe, and those made aside. All others share that of None.
        self._handles: Dict[object, CallHandle] = {}

    def cancel(self) -> None:
        """Ends each call in flight, and each later one, with `Cancelled`."""
        # In this order, and `_handle` in the other: no native call slips through.
        self._cancelled = True
        for handle in list(self._handles.values()):
            native.authkeep_call_cancel(handle)

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancelled

    def __repr__(self) -> str:
        limits = {"timeout": self._timeout_ms, "min_validity": self._min_validity_ms}
        options = [
            f"{name}={'endless' if ms == _LONGEST_MS else f'{ms / 1000:g} s'}"
            for name, ms in limits.items()
            if ms is not None
        ]
        return " ".join(["<authkeep.Call", *options, *["cancelled"] * self._cancelled]) + ">"

    def _handle(self, key: object, wake: Wake = None) -> CallHandle:
        """The native call to pass."""
        handle = self._handles.get(key)
        if handle is None:
            handle = self._handles.setdefault(key, self._new_handle(wake))
            if self._cancelled:
                native.authkeep_call_cancel(handle)
        return handle

    def _forget(self, key: object) -> None:
        """Drops a native call that a signal may have cancelled for good."""
        self._handles.pop(key, None)

    def _new_handle(self, wake: Wake) -> CallHandle:
        handle: CallHandle = native.authkeep_call_new()
        if self._timeout_ms is not None:
            native.authkeep_call_set_timeout_ms(handle, self._timeout_ms, out_error())
        if self._min_validity_ms is not None:
            native.authkeep_call_set_min_validity_ms(handle, self._min_validity_ms, out_error())
        if wake is not None:
            read_fd, forward_fd = wake
            native.authkeep_call_set_wake(handle, read_fd, signal.SIGINT, forward_fd, out_error())
        return handle


def _milliseconds(seconds: Optional[float], name: str) -> Optional[int]:
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, Real):
        raise TypeError(
            f"{name} must be one number of seconds for the whole call, "
            f"not {type(seconds).__name__}; limits of a part of it are configuration keys, "
            "such as timeouts.connect_ms"
        )
    if not seconds >= 0:
        message = f"{name} must be 0 or more seconds, not {seconds}"
        raise InvalidArgument(message, code=f"call.{name}")
    # Rounded up: a short timeout must not become none at all.
    return _LONGEST_MS if seconds > _LONGEST_MS / 1000 else -int(-seconds * 1000 // 1)
