"""The answer to a request."""

from __future__ import annotations

import ctypes
import json
import re
from contextlib import suppress
from typing import Any, Dict, Iterator, List, Mapping, Optional

from ._errors import HTTPStatusError
from ._handle import ResponseHandle, Snapshot
from ._native import native
from ._text import decode

_CHARSET = re.compile(r"""charset\s*=\s*["']?([^\s;"']+)""", re.IGNORECASE)


class Headers(Mapping[str, str]):
    """Headers by name, in any case of letters.

    Where a name occurs more than once, this is the first value; `get_all` has
    all of them.
    """

    __slots__ = ("_values",)

    def __init__(self, handle: ResponseHandle) -> None:
        # By lower-case name: the name as it was first sent, then the values.
        self._values: Dict[str, List[str]] = {}
        for index in range(native.authkeep_response_header_count(handle)):
            name = decode(native.authkeep_response_header_name(handle, index))
            value = decode(native.authkeep_response_header_value(handle, index))
            self._values.setdefault(name.lower(), [name]).append(value)

    def get_all(self, name: str) -> List[str]:
        """Every value of this name, in the order received."""
        return self._values.get(name.lower(), [])[1:]

    def __getitem__(self, name: str) -> str:
        try:
            return self._values[name.lower()][1]
        except KeyError:
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        return (named[0] for named in self._values.values())

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        # Values may be cookies.
        return f"<authkeep.Headers {', '.join(self)}>"


class Response(Snapshot):
    """An answer, whatever its status: to an API, 404 is an answer too.

    It never changes; any thread may read it.
    """

    __slots__ = ("_content", "_handle", "_headers", "_request_line", "status")

    _INSTEAD = "hand over what is needed of it, such as status, json() or content"

    #: The HTTP status.
    status: int

    def __init__(self, handle: ResponseHandle, method: str, target: str) -> None:
        self._handle = handle
        self._request_line = (method, target)
        self._content: Optional[bytes] = None
        self._headers: Optional[Headers] = None
        self.status = native.authkeep_response_status(handle)

    @property
    def status_code(self) -> int:
        """The HTTP status, by the name that `requests` has for it."""
        return self.status

    @property
    def ok(self) -> bool:
        """Whether the status is below 400."""
        return self.status < 400

    @property
    def headers(self) -> Headers:
        """The headers, by name."""
        if self._headers is None:
            self._headers = Headers(self._handle)
        return self._headers

    @property
    def content(self) -> bytes:
        """The body."""
        if self._content is None:
            size = native.authkeep_response_body_size(self._handle)
            address = native.authkeep_response_body(self._handle)
            self._content = ctypes.string_at(address, size) if size else b""
        return self._content

    @property
    def text(self) -> str:
        """The body in the character set that the answer names, else in UTF-8."""
        content_type = native.authkeep_response_header(self._handle, b"Content-Type")
        found = _CHARSET.search(decode(content_type)) if content_type else None
        if found:
            # Python knows none of this name, or one that is no character set.
            with suppress(LookupError, UnicodeError):
                return self.content.decode(found.group(1), "replace")
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as a JSON document; a ValueError if it is none."""
        try:
            return json.loads(self.content)
        except RecursionError:
            raise ValueError("the JSON document is nested too deeply") from None

    def raise_for_status(self) -> Response:
        """Returns the response itself, or raises `HTTPStatusError` from 400 on.

        A redirect (3xx) isn't followed and passes, as with `requests`; where one
        must not be taken for the answer, look at `status`.
        """
        if self.ok:
            return self
        method, target = self._request_line
        # Without the query, which may be private.
        path = target.partition("?")[0].partition("#")[0]
        raise HTTPStatusError(f"HTTP {self.status} for {method} {path}", self)

    def __repr__(self) -> str:
        return f"<authkeep.Response {self.status}>"
