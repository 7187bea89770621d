"""One credential: its token and its HTTP session."""

from __future__ import annotations

import ctypes
import json as json_module
from threading import get_ident
from types import TracebackType
from typing import TYPE_CHECKING, Any, Dict, Optional, Type

from ._errors import Closed, InvalidArgument
from ._handle import ClientHandle, ExplanationHandle, Owner, ResponseHandle, TokenHandle
from ._log import listen, noted, tell
from ._native import native, out_error
from ._text import decode, encode
from ._wait import wait
from .call import Call
from .config import Config, Path, encode_path
from .request import Data, Headers, Options, Params, build, spelled
from .response import Response
from .token import Token

if TYPE_CHECKING:
    from typing_extensions import Unpack


class Client(Owner):
    """Sends requests with an access token that it gets, keeps and renews.

    A client may be used from any number of threads at the same time. Made from
    a profile, from keywords, or from a profile that the keywords add to::

        Client("shopware-prod")
        Client(base_url=url, token_endpoint="/oauth/token", client_id=name,
               client_secret=authkeep.env("SHOP_SECRET"), timeouts={"total_ms": 5000})

    The keywords are the configuration keys, which ``docs/config.md`` of the
    source lists (bindings/python/README.md has the link); one that doesn't exist
    raises `InvalidConfig`, which names the nearest that does.

    Clients of the same credential share its token, within a process: those whose
    keys that shape the token request are the same, however they were made.
    """

    __slots__ = ("_handle", "_profile")

    _INSTEAD = "make one in each process, from the same profile or keywords"

    def __init__(
        self,
        profile: Optional[str] = None,
        /,
        *,
        path: Optional[Path] = None,
        allow_references: bool = False,
        **keys: Any,
    ) -> None:
        self._handle: Optional[ClientHandle] = None
        self._profile = profile
        if profile is not None and not isinstance(profile, str):
            raise TypeError(
                f"profile must be the name of one, not {type(profile).__name__}; "
                "use Client.from_config for a Config, and keywords for keys"
            )
        if profile is None and (path is not None or allow_references):
            raise InvalidArgument(
                "path and allow_references concern a profile; name the profile first",
                code="client.profile",
            )
        if profile is None:
            self._handle = _from_config(Config(**keys))
        elif keys or allow_references:
            config = Config().load_profile(profile, path, allow_references=allow_references)
            self._handle = _from_config(config.merge(keys))
        else:
            handle = ClientHandle()
            native.authkeep_client_open(
                encode(profile, "profile"), encode_path(path), ctypes.byref(handle), out_error()
            )
            self._handle = listen(handle)

    @classmethod
    def from_config(cls, config: Config) -> Client:
        """A client of a config, which may be changed and used again afterwards."""
        client = cls.__new__(cls)
        client._profile = None
        client._handle = _from_config(config)
        return client

    @classmethod
    def from_native(cls, address: int) -> Client:
        """A client of a native handle that another language of this process made.

        `address` is an ``authkeep_client *`` of the library that this package
        has loaded. The new client owns it: whoever made it must not free it.
        """
        if not address:
            raise InvalidArgument("the address of a client is not NULL", code="argument.null")
        client = cls.__new__(cls)
        client._profile = None
        client._handle = listen(ClientHandle(address))
        return client

    def to_native(self) -> int:
        """The address of a second native handle on this client, for another language.

        It shares the tokens and connections, and lives on when this client is
        closed. Whoever gets it owns it, and frees it with ``authkeep_client_free``,
        as `from_native` and the C++ ``authkeep::Client`` do.
        """
        clone = ClientHandle()
        native.authkeep_client_clone(self._open_handle(), ctypes.byref(clone), out_error())
        # Its finalizer frees NULL instead.
        address, clone.value = clone.value, None
        assert address is not None
        return address

    def token(
        self,
        *,
        timeout: Optional[float] = None,
        min_validity: Optional[float] = None,
        call: Optional[Call] = None,
    ) -> Token:
        """The access token: at once if it is fresh, else when it is renewed.

        `min_validity` asks for one that lives so many seconds more. Where the
        server gives none, the newest is returned; `Token.min_validity_met` tells.

        A token that is due for renewal, but valid, is returned at once while it
        is renewed; with a refresh token that the server may rotate, the one call
        that begins the renewal waits for it, no longer than its timeout, so that
        a short program doesn't end in the middle.
        """
        if timeout is not None or min_validity is not None:
            call = _only(call, Call(timeout=timeout, min_validity=min_validity))
        out = TokenHandle()
        wait(native.authkeep_client_get_token, self._open_handle, (), call, out)
        return Token(out)

    def request(
        self,
        method: str,
        target: str,
        *,
        params: Optional[Params] = None,
        headers: Optional[Headers] = None,
        json: Any = None,
        data: Optional[Data] = None,
        timeout: Optional[float] = None,
        call: Optional[Call] = None,
    ) -> Response:
        """Sends a request with the access token, and returns the answer.

        `target` is appended to ``base_url``, or is a URL that the configuration
        allows. `params` are added to its query: numbers, UUIDs and dates (ISO
        8601) as text, True as ``true``, several values of one name as a list;
        None leaves one out. `json` is sent as a JSON document with its
        Content-Type, unless `headers` has another; `data` as it is, text in
        UTF-8, without a Content-Type of its own. `timeout` is in seconds, for
        all of it: a token if need be, the connection, and the whole answer;
        `Call` says more.

        Redirects are not followed: a 3xx is an answer like any other.
        """
        if timeout is not None:
            call = _only(call, Call(timeout=timeout))
        method = spelled(method)
        out = ResponseHandle()
        if method == "GET" and params is headers is json is data is None:
            subject: Any = encode(target, "target")
            function = native.authkeep_client_get
        else:
            subject = build(method, target, params, headers, json, data)
            function = native.authkeep_client_perform
        wait(function, self._open_handle, (subject,), call, out)
        return Response(out, method, target)

    def get(self, target: str, **options: Unpack[Options]) -> Response:
        """Sends a GET request; the options are those of `request`."""
        return self.request("GET", target, **options)

    def head(self, target: str, **options: Unpack[Options]) -> Response:
        """Sends a HEAD request; the options are those of `request`."""
        return self.request("HEAD", target, **options)

    def options(self, target: str, **options: Unpack[Options]) -> Response:
        """Sends an OPTIONS request; the options are those of `request`."""
        return self.request("OPTIONS", target, **options)

    def post(self, target: str, **options: Unpack[Options]) -> Response:
        """Sends a POST request; the options are those of `request`."""
        return self.request("POST", target, **options)

    def put(self, target: str, **options: Unpack[Options]) -> Response:
        """Sends a PUT request; the options are those of `request`."""
        return self.request("PUT", target, **options)

    def patch(self, target: str, **options: Unpack[Options]) -> Response:
        """Sends a PATCH request; the options are those of `request`."""
        return self.request("PATCH", target, **options)

    def delete(self, target: str, **options: Unpack[Options]) -> Response:
        """Sends a DELETE request; the options are those of `request`."""
        return self.request("DELETE", target, **options)

    def reset(self) -> None:
        """Forgets failures, so that the next call tries again at once.

        For when the cause of an `InvalidCredentials` has been fixed. A valid token is
        kept. Concerns all clients of the same credential in this process.
        """
        native.authkeep_client_reset(self._open_handle(), out_error())
        if noted:
            tell(get_ident())

    def forget(self) -> None:
        """Drops the token, and the refresh token that the server gave for the first.

        For when they have fallen into wrong hands. The next call begins anew,
        from what the configuration tells; where that is a refresh token that was
        spent already, it raises `ReauthRequired`. The server is not told, and a
        `Token` that was handed out stays as it is. Concerns all clients of the same
        credential in this process.
        """
        native.authkeep_client_forget(self._open_handle(), out_error())
        if noted:
            tell(get_ident())

    def explain(
        self, *, min_validity: Optional[float] = None, call: Optional[Call] = None
    ) -> Dict[str, Any]:
        """What `token` would come to now, and why: no secrets, nothing is sent.

        ``docs/explain.md`` of the source has its members, such as
        ``a_call_would``, ``token``, ``failure`` and ``config``.
        """
        if min_validity is not None:
            call = _only(call, Call(min_validity=min_validity))
        out = ExplanationHandle()
        native_call = None if call is None else call._handle(None)
        native.authkeep_client_explain(
            self._open_handle(), native_call, ctypes.byref(out), out_error()
        )
        explanation: Dict[str, Any] = json_module.loads(
            decode(native.authkeep_explanation_json(out))
        )
        return explanation

    @property
    def counters(self) -> Dict[str, int]:
        """How often what has happened to the credential in this process.

        Such as ``hits`` and ``token_requests``; those of `explain`.
        """
        counters: Dict[str, int] = self.explain()["counters"]
        return counters

    def close(self) -> None:
        """Ends the use of the client: each later call raises `Closed`.

        Waits for nothing. Calls of other threads end as they would have, and
        the last of them gives up the connections. Closing again does nothing.
        """
        self._handle = None

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        name = "" if self._profile is None else f" {self._profile!r}"
        return f"<authkeep.Client{name}{', closed' if self._handle is None else ''}>"

    def _open_handle(self) -> ClientHandle:
        handle = self._handle
        if handle is None:
            raise Closed("the client has been closed", code="client.closed")
        return handle


def _from_config(config: Config) -> ClientHandle:
    handle = ClientHandle()
    with config._lock:
        native.authkeep_client_new(config._handle, ctypes.byref(handle), out_error())
    return listen(handle)


def _only(call: Optional[Call], made: Call) -> Call:
    if call is not None:
        raise InvalidArgument("set timeouts on the call or here, not on both", code="call.twice")
    return made
