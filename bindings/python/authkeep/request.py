"""Builds a native request from what Python programs have at hand."""

from __future__ import annotations

import ctypes
import json as json_module
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from numbers import Number
from typing import Any, Iterable, Iterator, Mapping, Optional, Tuple, TypedDict, Union
from uuid import UUID

from ._errors import InvalidArgument
from ._handle import RequestHandle
from ._native import native, out_error
from ._text import encode
from .call import Call

#: One value of a query parameter, or its name.
Scalar = Union[str, float, bool, Number, Decimal, date, time, UUID, Enum]
#: A value, several of the same name, or None for what is left out.
ParamValue = Union[Scalar, Iterable[Optional[Scalar]], None]
#: Mappings differ by the type of their names, so that any will do.
Params = Union[Mapping[Any, ParamValue], Iterable[Tuple[Scalar, ParamValue]]]
Headers = Union[Mapping[str, str], Iterable[Tuple[str, str]]]
Data = Union[bytes, bytearray, memoryview, str]

#: Methods are case-sensitive (RFC 9110 §9.1), but nobody means another `get`.
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


class Options(TypedDict, total=False):
    """The keyword arguments of `Client.request`."""

    params: Optional[Params]
    headers: Optional[Headers]
    json: Any
    data: Optional[Data]
    timeout: Optional[float]
    call: Optional[Call]


def spelled(method: str) -> str:
    """The method as it is sent: a standard one in capitals, another as it is."""
    if isinstance(method, str) and method.upper() in _METHODS:
        return method.upper()
    return method


def build(
    method: str,
    target: str,
    params: Optional[Params],
    headers: Optional[Headers],
    json: Any,
    data: Optional[Data],
) -> RequestHandle:
    """A native request. A `json` or `data` of None is no body."""
    handle = RequestHandle()
    native.authkeep_request_new(
        encode(method, "method"), encode(target, "target"), ctypes.byref(handle), out_error()
    )
    for name, value in _pairs(params, "params"):
        key = _param_text(name, "a parameter's name")
        what = f"parameter {key}"
        for each in _param_values(value, what):
            text = encode(_param_text(each, what), what)
            native.authkeep_request_add_query(
                handle, encode(key, "a parameter's name"), text, out_error()
            )
    has_content_type = False
    for name, header in _pairs(headers, "headers"):
        field = encode(name, "a header's name")
        value = encode(header, f"header {name}")
        native.authkeep_request_add_header(handle, field, value, out_error())
        has_content_type |= field.lower() == b"content-type"
    if json is not None:
        if data is not None:
            raise InvalidArgument("give json or data, not both", code="request.body")
        document = json_module.dumps(json, separators=(",", ":"), allow_nan=False).encode()
        content_type = None if has_content_type else b"application/json"
        native.authkeep_request_set_body(handle, document, len(document), content_type, out_error())
    elif data is not None:
        body = _bytes(data)
        native.authkeep_request_set_body(handle, body, len(body), None, out_error())
    return handle


def _pairs(items: Any, what: str) -> Iterator[Tuple[Any, Any]]:
    if items is None:
        return
    if isinstance(items, (str, bytes)) or not isinstance(items, Iterable):
        raise TypeError(
            f"{what} must be a mapping or pairs, not {type(items).__name__}; "
            "a query string is part of the target: get('/path?limit=50')"
        )
    for pair in items.items() if isinstance(items, Mapping) else items:
        if not (isinstance(pair, (tuple, list)) and len(pair) == 2):
            raise TypeError(f"{what} must be a mapping or pairs; each pair is (name, value)")
        yield pair[0], pair[1]


def _param_values(value: Any, what: str) -> Iterator[Any]:
    if isinstance(value, Mapping):
        raise TypeError(f"{what} can't be a mapping; name each parameter as the server does")
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        value = (value,)
    return (each for each in value if each is not None)


def _param_text(value: Any, what: str) -> str:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        # As JSON spells it, which is what servers understand.
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (Number, date, time, UUID)):
        return str(value)
    raise TypeError(
        f"{what} can't be of type {type(value).__name__}; "
        "it may be a text, a number, a date or a UUID"
    )


def _bytes(data: Data) -> bytes:
    if isinstance(data, str):
        return data.encode()
    if isinstance(data, (bytes, bytearray, memoryview)):
        return bytes(data)
    if hasattr(data, "read"):
        instead = "pass what its read() returns"
    elif isinstance(data, Mapping):
        instead = "json takes objects; urllib.parse.urlencode makes a form of them"
    else:
        instead = "json takes objects"
    raise TypeError(f"data must be bytes or str, not {type(data).__name__}; {instead}")
