"""Does what it is told, one line after another: python drive.py CONFIG.

The lines are those of tests/c/drive.c.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "bindings" / "python"))

import authkeep


def main() -> None:
    with authkeep.Client(**json.loads(sys.argv[1])) as client:
        for line in sys.stdin:
            method, target, *rest = line.split(maxsplit=2)
            body = json.loads(rest[0]) if rest else None
            try:
                print(client.request(method, target, json=body).status, flush=True)
            except authkeep.Error as error:
                print("error", error.code, error, flush=True)


main()
