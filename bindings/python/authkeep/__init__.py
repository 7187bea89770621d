"""OAuth 2.0 access tokens that never end, and the HTTP session on top of them.

    import authkeep

    with authkeep.Client("shopware-prod") as shop:
        products = shop.get("/api/product", params={"limit": 50}).raise_for_status().json()

A client may be used from any number of threads at the same time. What goes
wrong is an `authkeep.Error`; its class says what to do next.
"""

from ._errors import (
    BadResponse,
    BufferTooSmall,
    Cancelled,
    Closed,
    DeadlineExceeded,
    Error,
    HTTPStatusError,
    InternalError,
    InvalidArgument,
    InvalidConfig,
    InvalidCredentials,
    NotAllowed,
    ReauthRequired,
    StoreError,
    TLSError,
    TooLarge,
    Unavailable,
)
from ._native import native
from ._text import decode
from .call import Call
from .client import Client
from .config import Config
from .provider import Need, Provider, providers
from .response import Headers, Response
from .secret import command, env, file
from .token import Token

__version__: str = decode(native.authkeep_version())

__all__ = [
    "BadResponse",
    "BufferTooSmall",
    "Call",
    "Cancelled",
    "Client",
    "Closed",
    "Config",
    "DeadlineExceeded",
    "Error",
    "HTTPStatusError",
    "Headers",
    "InternalError",
    "InvalidArgument",
    "InvalidConfig",
    "InvalidCredentials",
    "Need",
    "NotAllowed",
    "Provider",
    "ReauthRequired",
    "Response",
    "StoreError",
    "TLSError",
    "Token",
    "TooLarge",
    "Unavailable",
    "command",
    "env",
    "file",
    "providers",
]
