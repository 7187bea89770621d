"""A snapshot of an access token."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Optional

from ._handle import Snapshot, TokenHandle
from ._native import native
from ._text import decode, decode_optional


class Token(Snapshot):
    """An access token as it was when it was asked for. It never changes.

    Its attributes are read from the native library each time, so that Python
    holds no copy of the secret but those that the program asks for.
    """

    __slots__ = ("_handle",)

    _INSTEAD = "hand over its access_token, or have the other process ask a client of its own"

    def __init__(self, handle: TokenHandle) -> None:
        self._handle = handle

    @property
    def access_token(self) -> str:
        """The secret itself."""
        return decode(native.authkeep_token_access_token(self._handle))

    @property
    def type(self) -> str:
        """How it is sent, such as ``Bearer``; empty for a static key."""
        return decode(native.authkeep_token_type(self._handle))

    @property
    def scope(self) -> Optional[str]:
        """The scopes granted, separated by spaces; None where unknown."""
        return decode_optional(native.authkeep_token_scope(self._handle))

    @property
    def expires_at(self) -> Optional[datetime]:
        """When it expires, in UTC; None for a key that never does."""
        seconds = self._expires_at_seconds()
        return None if seconds is None else datetime.fromtimestamp(seconds, timezone.utc)

    @property
    def expires_in(self) -> Optional[float]:
        """Seconds from now until it expires, at least 0; None for never."""
        seconds = self._expires_at_seconds()
        return None if seconds is None else max(0.0, seconds - time.time())

    @property
    def min_validity_met(self) -> bool:
        """Whether it lived as long as was asked for when it was handed out."""
        return bool(native.authkeep_token_min_validity_met(self._handle))

    def _expires_at_seconds(self) -> Optional[int]:
        seconds: int = native.authkeep_token_expires_at(self._handle)
        return None if seconds < 0 else seconds

    def __repr__(self) -> str:
        expires_at = self.expires_at
        until = "never expires" if expires_at is None else f"expires at {expires_at.isoformat()}"
        return f"<authkeep.Token {self.type or 'key'}, {until}>"
