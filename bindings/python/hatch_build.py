"""Builds the native library with cargo and puts it into the wheel.

The binding is plain ctypes: one wheel per platform serves every Python, which
no build backend for extension modules knows how to say. AUTHKEEP_LIBRARY names
a library that has been built already. An sdist carries the Rust sources, as
cargo packs them, in `rust/`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

FILE_NAMES = {"win32": "authkeep.dll", "darwin": "libauthkeep.dylib"}
FILE_NAME = FILE_NAMES.get(sys.platform, "libauthkeep.so")


class Version(MetadataHookInterface):
    """Takes the version from Cargo.toml."""

    def update(self, metadata: dict[str, Any]) -> None:
        manifest = (rust_root(self.root) / "Cargo.toml").read_text(encoding="utf-8")
        found = re.search(r'^version = "(.+)"$', manifest, re.MULTILINE)
        if found is None:
            raise ValueError("Cargo.toml has no version")
        metadata["version"] = found.group(1)


class Library(BuildHookInterface[Any]):
    """Adds the library to a wheel, and its sources to an sdist."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        rust = rust_root(self.root)
        included = build_data["force_include"]
        if self.target_name == "sdist":
            # Lives as long as the hook, so until the sdist has been written.
            self.unpacked = tempfile.TemporaryDirectory()
            included[str(packed_sources(rust, Path(self.unpacked.name)))] = "rust"
        elif version != "editable":  # which runs from the source tree, with AUTHKEEP_LIBRARY
            library = os.environ.get("AUTHKEEP_LIBRARY") or built_library(rust)
            included[library] = f"authkeep/{FILE_NAME}"
            platform = re.sub(r"[-.]", "_", sysconfig.get_platform())
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{platform}"


def rust_root(root: str) -> Path:
    """Where Cargo.toml is: here in an sdist, two levels up in the repository."""
    packed = Path(root) / "rust"
    return packed if packed.exists() else Path(root).parent.parent


def built_library(rust: Path) -> str:
    """Builds the library and returns its path."""
    build = "rustc --lib --locked --features capi --profile dist --crate-type cdylib"
    output = cargo(rust, *build.split(), "--message-format=json-render-diagnostics")
    for message in map(json.loads, output.splitlines()):
        for name in message.get("filenames", []):
            if Path(name).name == FILE_NAME:
                return str(name)
    raise FileNotFoundError(f"cargo has built no {FILE_NAME}")


def packed_sources(rust: Path, directory: Path) -> Path:
    """What `cargo package` would publish, unpacked below `directory`."""
    cargo(rust, "package", "--no-verify", "--allow-dirty", "--target-dir", str(directory))
    (crate,) = directory.glob("package/*.crate")
    with tarfile.open(crate) as archive:
        archive.extractall(directory)
    return directory / crate.stem


def cargo(rust: Path, *arguments: str) -> bytes:
    """What cargo prints; its own messages go to the terminal."""
    return subprocess.run(
        ["cargo", *arguments], cwd=rust, stdout=subprocess.PIPE, check=True
    ).stdout
