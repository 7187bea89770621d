"""Where a credential comes from and how it is used: data, not code."""

from __future__ import annotations

import json
import os
import threading
from typing import Any, Mapping, Optional, Union

from ._errors import InvalidArgument, InvalidConfig
from ._handle import ConfigHandle, Owner
from ._native import native, out_error
from ._text import encode

Path = Union[str, "os.PathLike[str]"]


class Config(Owner):
    """Layers of settings, of which the last one counts. Each method returns the config.

    A secret that was set can't be read back.
    """

    __slots__ = ("_handle", "_lock")

    _INSTEAD = "make one where it is needed, from the same keys"

    def __init__(self, **keys: Any) -> None:
        self._handle: ConfigHandle = native.authkeep_config_new()
        # A native config is for one thread at a time.
        self._lock = threading.Lock()
        if keys:
            self.merge(keys)

    def set(self, key: str, value: Union[str, int, bool]) -> Config:
        """Sets one key, such as ``timeouts.total_ms``, to a literal value."""
        if not isinstance(value, (str, int)):
            raise TypeError(
                f"{key} must be str, int or bool here, not {type(value).__name__}; "
                "merge takes lists and mappings, and None to delete"
            )
        name, text = encode(key, "key"), encode(_text(value), key)
        with self._lock:
            native.authkeep_config_set(self._handle, name, text, out_error())
        return self

    def set_env(self, name: str, value: str) -> Config:
        """Hands over an environment variable that goes before the process's own.

        For references such as ``authkeep.env(name)`` in this config alone, and
        for where a profile that is loaded after this is looked for.
        `os.environ` needs no handing over.
        """
        key, text = encode(name, "name"), encode(value, "value")
        with self._lock:
            native.authkeep_config_set_env(self._handle, key, text, out_error())
        return self

    def merge(self, keys: Mapping[str, Any]) -> Config:
        """Sets many keys at once; nested keys are mappings, and None deletes."""
        for key in keys:
            outer, dot, inner = str(key).partition(".")
            if dot:
                raise InvalidConfig(
                    f'"{key}" is nested as {outer}={{"{inner}": ...}} here; '
                    "Config.set takes dotted keys",
                    code="config.unknown_key",
                )
        try:
            text = json.dumps(keys, default=_plain, allow_nan=False)
        except ValueError:
            # The original would show the value, which may be a secret.
            message = "a configuration value is neither finite nor free of cycles"
            raise InvalidArgument(message, code="config.value") from None
        return self.merge_json(text)

    def merge_json(self, text: str) -> Config:
        """Sets the keys of a JSON object."""
        document = encode(text, "text")
        with self._lock:
            native.authkeep_config_merge_json(self._handle, document, out_error())
        return self

    def load_profile(
        self, name: str, path: Optional[Path] = None, *, allow_references: bool = False
    ) -> Config:
        """Sets the keys of a profile, from the user's own file or the one at `path`.

        References to secrets in a file given by path are refused, unless
        `allow_references` says that it is trusted to name programs and files.
        """
        profile, place = encode(name, "name"), encode_path(path)
        with self._lock:
            native.authkeep_config_load_profile(
                self._handle, profile, place, allow_references, out_error()
            )
        return self

    def __repr__(self) -> str:
        return "<authkeep.Config>"


def encode_path(path: Optional[Path]) -> Optional[bytes]:
    """The bytes of a path; None is the user's own file."""
    return None if path is None else encode(os.fspath(path), "path")


def _text(value: Union[str, int, bool]) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a configuration value can't be of type {type(value).__name__}")
