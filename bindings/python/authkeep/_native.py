"""The C functions as a table: one row each, in the order of the header.

A function that this library lacks fails when it is used, not when the table
is loaded, so that an older library serves as far as it goes. A failing status
becomes an exception in one place, `_check`.
"""

from __future__ import annotations

import ctypes
from types import SimpleNamespace
from typing import Any, Callable, Dict, Optional, Sequence, Tuple

from . import _errors, _library
from ._handle import CallHandle as Call
from ._handle import ClientHandle as Client
from ._handle import ConfigHandle as Config
from ._handle import ErrorHandle as Error
from ._handle import ExplanationHandle as Explanation
from ._handle import Handle
from ._handle import RequestHandle as Request
from ._handle import ResponseHandle as Response
from ._handle import TokenHandle as Token

Status = Int32 = ctypes.c_int32
Int64 = ctypes.c_int64
Size = ctypes.c_size_t
Text = ctypes.c_char_p
Bytes = ctypes.c_char_p  # passed in, with its size
Address = ctypes.c_void_p  # handed out, with a size; c_char_p would stop at a NUL
Log = ctypes.CFUNCTYPE(None, Int32, Text, Address)
Out = ctypes.POINTER
OutError = ctypes.POINTER(Error)

TABLE: Tuple[Tuple[str, Any, Sequence[Any]], ...] = (
    ("authkeep_version", Text, ()),
    ("authkeep_abi_version", Int32, ()),
    ("authkeep_provider_count", Size, ()),
    ("authkeep_provider_name", Text, (Size,)),
    ("authkeep_provider_title", Text, (Size,)),
    ("authkeep_provider_about", Text, (Size,)),
    ("authkeep_provider_need_count", Size, (Size,)),
    ("authkeep_provider_need_key", Text, (Size, Size)),
    ("authkeep_provider_need_grant", Text, (Size, Size)),
    ("authkeep_provider_need_place", Text, (Size, Size)),
    ("authkeep_config_new", Config, ()),
    ("authkeep_config_set", Status, (Config, Text, Text, OutError)),
    ("authkeep_config_set_env", Status, (Config, Text, Text, OutError)),
    ("authkeep_config_merge_json", Status, (Config, Text, OutError)),
    ("authkeep_config_load_profile", Status, (Config, Text, Text, Int32, OutError)),
    ("authkeep_config_free", None, (Config,)),
    ("authkeep_client_new", Status, (Config, Out(Client), OutError)),
    ("authkeep_client_open", Status, (Text, Text, Out(Client), OutError)),
    ("authkeep_client_clone", Status, (Client, Out(Client), OutError)),
    ("authkeep_client_get_token", Status, (Client, Call, Out(Token), OutError)),
    ("authkeep_client_copy_token", Status, (Client, Call, Address, Size, Out(Size), OutError)),
    ("authkeep_client_perform", Status, (Client, Request, Call, Out(Response), OutError)),
    ("authkeep_client_get", Status, (Client, Text, Call, Out(Response), OutError)),
    ("authkeep_client_reset", Status, (Client, OutError)),
    ("authkeep_client_forget", Status, (Client, OutError)),
    ("authkeep_client_set_log", Status, (Client, Int32, Log, Address, OutError)),
    ("authkeep_client_explain", Status, (Client, Call, Out(Explanation), OutError)),
    ("authkeep_client_free", None, (Client,)),
    ("authkeep_call_new", Call, ()),
    ("authkeep_call_set_timeout_ms", Status, (Call, Int64, OutError)),
    ("authkeep_call_set_min_validity_ms", Status, (Call, Int64, OutError)),
    ("authkeep_call_set_wake", Status, (Call, Int32, Int32, Int32, OutError)),
    ("authkeep_call_cancel", None, (Call,)),
    ("authkeep_call_free", None, (Call,)),
    ("authkeep_token_access_token", Text, (Token,)),
    ("authkeep_token_access_token_size", Size, (Token,)),
    ("authkeep_token_type", Text, (Token,)),
    ("authkeep_token_scope", Text, (Token,)),
    ("authkeep_token_expires_at", Int64, (Token,)),
    ("authkeep_token_min_validity_met", Int32, (Token,)),
    ("authkeep_token_free", None, (Token,)),
    ("authkeep_request_new", Status, (Text, Text, Out(Request), OutError)),
    ("authkeep_request_add_query", Status, (Request, Text, Text, OutError)),
    ("authkeep_request_add_header", Status, (Request, Text, Text, OutError)),
    ("authkeep_request_set_body", Status, (Request, Bytes, Size, Text, OutError)),
    ("authkeep_request_set_json", Status, (Request, Text, OutError)),
    ("authkeep_request_free", None, (Request,)),
    ("authkeep_response_status", Int32, (Response,)),
    ("authkeep_response_header", Text, (Response, Text)),
    ("authkeep_response_header_count", Size, (Response,)),
    ("authkeep_response_header_name", Text, (Response, Size)),
    ("authkeep_response_header_value", Text, (Response, Size)),
    ("authkeep_response_body", Address, (Response,)),
    ("authkeep_response_body_size", Size, (Response,)),
    ("authkeep_response_free", None, (Response,)),
    ("authkeep_explanation_json", Text, (Explanation,)),
    ("authkeep_explanation_counter", Int64, (Explanation, Text)),
    ("authkeep_explanation_free", None, (Explanation,)),
    ("authkeep_error_status", Status, (Error,)),
    ("authkeep_error_code", Text, (Error,)),
    ("authkeep_error_message", Text, (Error,)),
    ("authkeep_error_oauth_error", Text, (Error,)),
    ("authkeep_error_oauth_description", Text, (Error,)),
    ("authkeep_error_http_status", Int32, (Error,)),
    ("authkeep_error_retry_after_ms", Int64, (Error,)),
    ("authkeep_error_free", None, (Error,)),
)

#: Nothing of these waits for anything: giving up the interpreter lock around
#: each would cost more than the call, and more still with many threads.
_QUICK = (
    "authkeep_provider_",
    "authkeep_client_reset",
    "authkeep_client_forget",
    "authkeep_client_set_log",
    "authkeep_client_explain",
    "authkeep_call_",
    "authkeep_token_",
    "authkeep_response_",
    "authkeep_explanation_",
    "authkeep_error_",
)


def out_error() -> Any:
    """The last argument of a function that can fail."""
    return ctypes.byref(Error())


def _check(status: int, _function: Any, arguments: Tuple[Any, ...]) -> int:
    if status == 0:
        return status
    error = arguments[-1]._obj
    # The traceback keeps this frame, and would keep a closed client open.
    del arguments
    raise _exception(status, error)


def _exception(status: int, error: Error) -> _errors.Error:
    cls = _errors.CLASSES.get(status, _errors.Error)
    if not error:
        return cls(f"authkeep failed with status {status}", status=status)
    retry_after_ms: int = native.authkeep_error_retry_after_ms(error)
    return cls(
        _text(native.authkeep_error_message(error)) or "",
        status=status,
        code=_text(native.authkeep_error_code(error)) or "",
        oauth_error=_text(native.authkeep_error_oauth_error(error)),
        oauth_description=_text(native.authkeep_error_oauth_description(error)),
        http_status=native.authkeep_error_http_status(error) or None,
        retry_after=None if retry_after_ms < 0 else retry_after_ms / 1000,
    )


def _text(text: Optional[bytes]) -> Optional[str]:
    return None if text is None else text.decode("utf-8", "replace")


def _bind(library: _library.Library) -> Any:
    functions: Dict[str, Callable[..., Any]] = {}
    for name, restype, argtypes in TABLE:
        try:
            view = library.quick if name.startswith(_QUICK) else library.waiting
            function: Any = getattr(view, name)
        except AttributeError:
            functions[name] = _missing(name, library)
            continue
        function.restype = restype
        function.argtypes = argtypes
        if argtypes and argtypes[-1] is OutError:
            function.errcheck = _check
        functions[name] = function
    return SimpleNamespace(**functions)


def _missing(name: str, library: _library.Library) -> Callable[..., Any]:
    def function(*_arguments: Any) -> Any:
        raise NotImplementedError(
            f"{library.origin} has ABI version {library.abi_version} and no {name}; "
            "a newer one is needed"
        )

    return function


#: The functions by name. Untyped: `TABLE` is what checks their arguments.
native: Any = _bind(_library.load())


def _add_finalizers() -> None:
    # A `__del__` in Python would be a place where Ctrl+C gets lost: what is
    # raised in there goes nowhere. A native function that is bound as a method
    # has no step of the interpreter in it.
    as_method = ctypes.pythonapi.PyInstanceMethod_New
    as_method.restype = ctypes.py_object
    as_method.argtypes = [ctypes.py_object]
    for handle in Handle.__subclasses__():
        noun = handle.__name__[: -len("Handle")].lower()
        handle.__del__ = as_method(getattr(native, f"authkeep_{noun}_free"))  # type: ignore[attr-defined]


_add_finalizers()
