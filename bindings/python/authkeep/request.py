"""Builds a native request from what Python programs have at hand."""

from __future__ import annotations

import ctypes
import json as json_module
from typing import Any, Iterable, Iterator, Mapping, Optional, Sequence, Tuple, TypedDict, Union

from ._errors import InvalidArgument
from ._handle import RequestHandle
from ._native import native, out_error
from ._text import encode
from .call import Call

#: One value of a query parameter.
Scalar = Union[str, int, float, bool]
#: A value, several of the same name, or None for a parameter to leave out.
ParamValue = Union[Scalar, Sequence[Scalar], None]
Params = Union[Mapping[str, ParamValue], Iterable[Tuple[str, ParamValue]]]
Headers = Union[Mapping[str, str], Iterable[Tuple[str, str]]]
Data = Union[bytes, bytearray, memoryview, str]


class Options(TypedDict, total=False):
    """The keyword arguments of `Client.request`."""

    params: Optional[Params]
    headers: Optional[Headers]
    json: Any
    data: Optional[Data]
    timeout: Optional[float]
    call: Optional[Call]


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
    for name, value in _pairs(params):
        for text in _param_texts(name, value):
            native.authkeep_request_add_query(
                handle, encode(name, "a parameter's name"), encode(text, name), out_error()
            )
    for name, header in _pairs(headers):
        native.authkeep_request_add_header(
            handle, encode(name, "a header's name"), encode(header, name), out_error()
        )
    if json is not None:
        if data is not None:
            raise InvalidArgument("give json or data, not both", code="request.body")
        document = json_module.dumps(json, separators=(",", ":"), allow_nan=False).encode()
        native.authkeep_request_set_json(handle, document, out_error())
    elif data is not None:
        body = _bytes(data)
        native.authkeep_request_set_body(handle, body, len(body), None, out_error())
    return handle


def _pairs(items: Any) -> Iterator[Tuple[str, Any]]:
    if items is None:
        return iter(())
    return iter(items.items() if isinstance(items, Mapping) else items)


def _param_texts(name: str, value: ParamValue) -> Iterator[str]:
    if value is None:
        return
    if isinstance(value, (str, int, float)):
        yield _param_text(value)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield _param_text(each)
    else:
        raise TypeError(f"parameter {name} can't be of type {type(value).__name__}")


def _param_text(value: Scalar) -> str:
    # As JSON spells it, which is what servers understand.
    return str(value).lower() if isinstance(value, bool) else str(value)


def _bytes(data: Data) -> bytes:
    if isinstance(data, str):
        return data.encode()
    if isinstance(data, (bytes, bytearray, memoryview)):
        return bytes(data)
    raise TypeError(f"data must be bytes or str, not {type(data).__name__}; json takes objects")
