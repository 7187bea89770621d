"""What went wrong: one exception class per status of the native library.

The class says what to do next, `code` tells causes apart, and the message is
one line for a log, without a secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Dict, Optional, Tuple, Type

if TYPE_CHECKING:
    from .response import Response


class Error(Exception):
    """The base of all errors of authkeep."""

    STATUS: ClassVar[int] = 0

    #: The number of the status in the native library.
    status: int
    #: A stable string such as ``config.unknown_key``.
    code: str
    #: One line for a log.
    message: str
    #: The ``error`` of the token endpoint's answer (RFC 6749 §5.2).
    oauth_error: Optional[str]
    #: The ``error_description`` of the token endpoint's answer.
    oauth_description: Optional[str]
    #: The HTTP status of the answer that caused the error.
    http_status: Optional[int]
    #: Seconds until another call can have an effect.
    retry_after: Optional[float]

    def __init__(
        self,
        message: str,
        *,
        status: Optional[int] = None,
        code: str = "",
        oauth_error: Optional[str] = None,
        oauth_description: Optional[str] = None,
        http_status: Optional[int] = None,
        retry_after: Optional[float] = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = self.STATUS if status is None else status
        self.code = code
        self.oauth_error = oauth_error
        self.oauth_description = oauth_description
        self.http_status = http_status
        self.retry_after = retry_after


class InvalidArgument(Error, ValueError):
    """A bug of the caller: fix the call."""

    STATUS = 1


class InvalidConfig(Error):
    """Fix the configuration or the profile."""

    STATUS = 2


class NotAllowed(Error):
    """The configuration does not allow this target, header or scheme."""

    STATUS = 3


class InvalidCredentials(Error):
    """The credentials were refused for good: fix them, then `Client.reset`."""

    STATUS = 4


class ReauthRequired(Error):
    """A person must sign in again."""

    STATUS = 5


class Unavailable(Error, ConnectionError):
    """Not now: network, server error, throttling or back-off. See `retry_after`."""

    STATUS = 6


class DeadlineExceeded(Error, TimeoutError):
    """The timeout of the call passed."""

    STATUS = 7


class Cancelled(Error):
    """The call was cancelled."""

    STATUS = 8


class BadResponse(Error):
    """A server answered what the standard does not allow."""

    STATUS = 9


class TLSError(Error):
    """No trusted TLS connection could be made."""

    STATUS = 10


class TooLarge(Error):
    """A token, header or body is larger than the limit."""

    STATUS = 11


class StoreError(Error):
    """Tokens could not be read from or written to their store."""

    STATUS = 12


class BufferTooSmall(Error):
    """A buffer of the binding is too small."""

    STATUS = 13


class Closed(Error):
    """The client has been closed."""

    STATUS = 14


class InternalError(Error):
    """A bug of authkeep."""

    STATUS = 15


class HTTPStatusError(Error):
    """An HTTP status of 400 or more, raised by `Response.raise_for_status` only.

    Its `status` is 0, since the exchange itself succeeded. The message has no
    part of the body, which may be private; `response` has all of it.
    """

    #: None only after pickling.
    response: Optional[Response]

    def __init__(self, message: str, response: Optional[Response] = None) -> None:
        http_status = None if response is None else response.status
        super().__init__(message, code="http.status", http_status=http_status)
        self.response = response

    def __reduce__(self) -> Tuple[Any, ...]:
        # The response belongs to this process.
        return type(self), (self.message,), {**self.__dict__, "response": None}


CLASSES: Dict[int, Type[Error]] = {
    cls.STATUS: cls for cls in Error.__subclasses__() if cls is not HTTPStatusError
}
