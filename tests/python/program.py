"""Python programs with a client, to send signals to and to see the end of."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import time

from conftest import PACKAGE
from server import PATIENCE

#: Before each program: a client, and the moment at which something happened.
PROLOGUE = """
import authkeep, json, os, signal, sys, threading, time

signal.signal(signal.SIGINT, signal.default_int_handler)
client = authkeep.Client(**json.loads(sys.argv[1]))

def tell(**facts):
    print(json.dumps({"at": time.monotonic(), **facts}), flush=True)
"""


class Program:
    """A Python program that makes calls, to send signals to."""

    def __init__(self, account, text, prologue=""):
        program = PROLOGUE + prologue + textwrap.dedent(text)
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, json.dumps(account.keys)],
            env={**os.environ, "PYTHONPATH": str(PACKAGE)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def signal(self, number):
        """Sends a signal and returns when, on the clock that the program tells."""
        at = time.monotonic()
        self.process.send_signal(number)
        return at

    def end(self):
        """What the program told, when it has ended well."""
        try:
            told, errors = self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        assert self.process.returncode == 0, errors
        assert errors == ""
        return [json.loads(line) for line in told.splitlines()]
