"""The systems that the library knows by name, each with what it asks of a user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Tuple

from ._native import native
from ._text import decode, decode_optional


@dataclass(frozen=True)
class Need:
    """A key that a user of a provider must give."""

    #: The configuration key, such as ``client_id``.
    key: str
    #: The grant that needs it, such as ``password``; None: every one does.
    grant: Optional[str]
    #: Where it is found, in the words of the vendor's console.
    place: str


@dataclass(frozen=True)
class Provider:
    """A system by the name that ``Client(provider=...)`` takes."""

    name: str
    #: What its vendor calls it.
    title: str
    #: A sentence on what is special; may be empty.
    about: str
    #: The keys that a user must give.
    needs: Tuple[Need, ...]


def providers() -> Tuple[Provider, ...]:
    """Every provider that the library knows, in the order of the names."""
    return tuple(_provider(index) for index in range(native.authkeep_provider_count()))


def _provider(index: int) -> Provider:
    return Provider(
        name=decode(native.authkeep_provider_name(index)),
        title=decode(native.authkeep_provider_title(index)),
        about=decode(native.authkeep_provider_about(index)),
        needs=tuple(
            _need(index, need) for need in range(native.authkeep_provider_need_count(index))
        ),
    )


def _need(provider: int, index: int) -> Need:
    return Need(
        key=decode(native.authkeep_provider_need_key(provider, index)),
        grant=decode_optional(native.authkeep_provider_need_grant(provider, index)),
        place=decode(native.authkeep_provider_need_place(provider, index)),
    )
