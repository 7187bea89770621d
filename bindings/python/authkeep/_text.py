"""Text to and from the native library: UTF-8 that ends at a NUL."""

from __future__ import annotations

from typing import Optional

from ._errors import InvalidArgument


def encode(text: str, name: str) -> bytes:
    """The bytes of `text`; `name` says in an error which argument it was."""
    if not isinstance(text, str):
        raise TypeError(f"{name} must be str, not {type(text).__name__}")
    if "\0" in text:
        raise InvalidArgument(f"{name} contains a NUL character", code="argument.nul")
    try:
        return text.encode()
    except UnicodeEncodeError:
        # The original would show the text, which may be a secret.
        message = f"{name} cannot be encoded in UTF-8"
        raise InvalidArgument(message, code="argument.not_utf8") from None


def decode(text: bytes) -> str:
    """The text of a string that the library always has."""
    return text.decode("utf-8", "replace")


def decode_optional(text: Optional[bytes]) -> Optional[str]:
    """The text, or None where the library has none."""
    return None if text is None else text.decode("utf-8", "replace")
