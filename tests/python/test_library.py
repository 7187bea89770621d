"""How the native library is found, and what is said when it isn't."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import authkeep
import pytest
from authkeep import _library, _native


@pytest.fixture
def bare_package(tmp_path):
    """A copy of the package that has no library beside it."""
    package = Path(authkeep.__file__).parent
    ignored = shutil.ignore_patterns("__pycache__", "*.so", "*.dylib", "*.dll")
    shutil.copytree(package, tmp_path / "authkeep", ignore=ignored)
    return tmp_path


def run(directory, program, **variables):
    environment = {key: value for key, value in os.environ.items() if key != "AUTHKEEP_LIBRARY"}
    environment.update(variables, PYTHONPATH=str(directory))
    return subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_missing_library_is_said_in_our_own_words(bare_package):
    result = run(bare_package, "import authkeep")
    last = result.stderr.splitlines()[-1]
    assert last.startswith("ImportError: authkeep: there is no native library at ")
    assert "AUTHKEEP_LIBRARY" in last


def test_the_explicit_path_must_be_right(bare_package):
    result = run(bare_package, "import authkeep", AUTHKEEP_LIBRARY="/no/such/libauthkeep.so")
    last = result.stderr.splitlines()[-1]
    assert last.startswith("ImportError: authkeep: cannot load /no/such/libauthkeep.so")


def test_another_library_is_recognised(bare_package):
    other = next(Path("/lib").rglob("libm.so.6"))
    result = run(bare_package, "import authkeep", AUTHKEEP_LIBRARY=str(other))
    assert result.stderr.splitlines()[-1].endswith("is not a libauthkeep")


def test_a_library_beside_the_package_is_found(bare_package):
    shutil.copy(os.environ["AUTHKEEP_LIBRARY"], bare_package / "authkeep" / _library.FILE_NAME)
    result = run(bare_package, "import authkeep; print(authkeep.__version__)")
    assert result.stdout.strip() == authkeep.__version__, result.stderr


def test_a_copy_that_the_process_has_loaded_is_used(bare_package):
    program = "import ctypes, sys; ctypes.CDLL(sys.argv[1], ctypes.RTLD_GLOBAL); import authkeep"
    program = program.replace("sys.argv[1]", repr(os.environ["AUTHKEEP_LIBRARY"]))
    program += "; print(authkeep._library.load().origin)"
    result = run(bare_package, program)
    assert result.stdout.strip() == "the library (loaded by this process)", result.stderr


def test_a_library_that_is_too_old_is_refused(monkeypatch):
    monkeypatch.setattr(_library, "REQUIRED_ABI", 1_000_000)
    with pytest.raises(ImportError, match="this package needs 1000000 or a newer one"):
        _library.load()


def test_a_function_that_the_library_lacks_fails_when_it_is_used():
    nothing = SimpleNamespace()
    older = _library.Library(nothing, nothing, 1, "an older library")
    native = _native._bind(older)
    with pytest.raises(NotImplementedError, match="an older library has ABI version 1 and no"):
        native.authkeep_client_get_token(None)


def test_each_function_of_the_table_is_in_the_library():
    library = _library.load().waiting
    assert [name for name, _, _ in _native.TABLE if not hasattr(library, name)] == []
