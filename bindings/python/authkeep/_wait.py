"""Makes a native call that may wait: the one way to do so."""

from __future__ import annotations

import ctypes
from threading import get_ident
from typing import Any, Callable, List, Optional, Tuple

from . import _interrupt
from ._native import out_error
from .call import Call

#: Out-parameters for errors, used again and again: making one costs as much as
#: a call. One in which an error arrived is not put back.
_spare_errors: List[Any] = []

#: Where there are no options, a native call is still needed to watch a pipe.
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
    try:
        error = _spare_errors.pop()
    except IndexError:
        error = out_error()
    wake = _interrupt.begin() if get_ident() == _interrupt.main_thread else None
    if wake is None:
        native_call = None if call is None else call._handle(None)
        function(client(), *subject, native_call, ctypes.byref(out), error)
    else:
        call = call or _NO_OPTIONS
        try:
            function(client(), *subject, call._handle(wake), ctypes.byref(out), error)
        except BaseException:
            # A signal cancels for good, but only the call that it interrupts.
            call._forget(wake)
            raise
        finally:
            _interrupt.end()
    _spare_errors.append(error)
