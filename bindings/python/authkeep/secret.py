"""References to secrets: a configuration says where a secret is, not what it is.

The library reads them before each token request, so that a secret that was
rotated is taken up by a running program.
"""

from __future__ import annotations

import os
from typing import Dict, List, Sequence, Union


def env(name: str) -> Dict[str, str]:
    """The secret is in this environment variable."""
    return {"env": name}


def file(path: Union[str, os.PathLike[str]]) -> Dict[str, str]:
    """The secret is the text of this file."""
    return {"file": os.fspath(path)}


def command(arguments: Sequence[str]) -> Dict[str, List[str]]:
    """The secret is what this program prints. No shell is involved."""
    if isinstance(arguments, str):
        raise TypeError("command takes a list: the program, then each of its arguments")
    return {"command": list(arguments)}
