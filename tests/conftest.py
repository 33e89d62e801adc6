"""What holds for every test."""

from __future__ import annotations

import gc
import itertools
import os
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from mixtui.client.client import Client
from mixtui.key_names import set_reader
from tests.exchanges import READER
from tests.fixtures_sandbox import copied_sample, new_sandbox, sandbox

__all__ = ["copied_sample", "new_sandbox", "sandbox"]

# Containers often ask Python to write no bytecode. Each worker would rewrite every
# assertion again, and each child of a test compile all of mixtui.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A busy machine is not a failure, and the whole suite should not need a coffee. The same
# examples each time: what has not changed does not fail. `tests.fuzz` looks for new ones.
settings.register_profile(
    "patient",
    deadline=None,
    derandomize=True,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("patient")

# By default, a tenth of the time goes into looking for garbage among all that pytest
# and the imported modules hold for good.
gc.set_threshold(50_000, 20, 100)

ROOT = Path(__file__).parents[1]

_OURS = ("MP_", "MIXPANEL_", "MIXTUI_")
_AUTHORITIES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


_MEMORY = "/dev/shm"
"""The file system in memory of Linux."""


def pytest_configure() -> None:
    """Keep the folders of tests in memory, where no save waits for a disk."""
    if "TMPDIR" not in os.environ and os.access(_MEMORY, os.W_OK):
        flags = os.statvfs(_MEMORY).f_flag
        is_roomy = shutil.disk_usage(_MEMORY).free > 1 << 30
        if is_roomy and not flags & os.ST_NOEXEC:  # A container's may be neither.
            os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", _MEMORY)


_LONGEST_NAME = 60
"""Characters of a value in the name of a case."""


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a case by the beginning of a long value, and by the length of binary data.

    By the whole value, reports are unreadable, and no shell takes the case to run alone.
    Binary data may hold the time of its making, as gzip does: the workers, which each
    collect the cases, would not agree on the name.
    """
    text = val
    if isinstance(val, bytes):
        text = val.decode("ascii", "replace")
        if not text.isprintable():
            return f"{len(val)} bytes"
    if not isinstance(text, str) or len(text) <= _LONGEST_NAME:
        return None
    beginning = text[:_LONGEST_NAME].encode("unicode_escape").decode()
    return f"{beginning}..."


def pytest_collection_finish() -> None:
    """Spare the garbage collector the modules: it took a fifth of the time of a test.

    What is loaded by now stays until the end, and a test makes many small objects.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the whole-screen snapshots unless Textual is the one that they were made with.

    They change with every release of it. All else must hold with any version allowed.
    """
    made_with, installed = _textual_of_snapshots(), version("textual")
    if made_with != installed:
        reason = f"snapshots are of Textual {made_with}; {installed} is installed"
        for item in items:
            if "snap_compare" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.skip(reason=reason))


def _textual_of_snapshots() -> str:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    dev = pyproject["project"]["optional-dependencies"]["dev"]
    (pinned,) = (line for line in dev if line.startswith("textual=="))
    return str(pinned.removeprefix("textual=="))


_opened: list[sqlite3.Connection | subprocess.Popen[Any]] = []
"""Databases in files, and processes, that tests and what they test have opened."""
_connect, _start = sqlite3.connect, subprocess.Popen.__init__


def _connect_noted(database: Any, *args: Any, **named: Any) -> sqlite3.Connection:
    connection = _connect(database, *args, **named)
    if database != ":memory:":
        _opened.append(connection)
    return connection


def _start_noted(process: subprocess.Popen[Any], *args: Any, **named: Any) -> None:
    _start(process, *args, **named)
    _opened.append(process)


sqlite3.connect = _connect_noted
subprocess.Popen.__init__ = _start_noted  # type: ignore[method-assign]


def _still_open() -> list[sqlite3.Connection | subprocess.Popen[Any]]:
    _opened[:] = [each for each in _opened if _is_open(each)]
    return list(_opened)


def _is_open(each: sqlite3.Connection | subprocess.Popen[Any]) -> bool:
    if isinstance(each, subprocess.Popen):
        return each.returncode is None
    try:
        each.total_changes  # noqa: B018 - raises once it is closed
    except sqlite3.ProgrammingError:
        return False
    return True


@pytest.fixture(autouse=True)
def _nothing_left_open() -> Iterator[None]:
    """Fail a test that leaves a database open or a process behind.

    Python warns of them in whatever test runs when they are collected, of databases only
    since 3.13.
    """
    before = _still_open()
    yield
    left = [each for each in _still_open() if each not in before]
    for each in left:
        if isinstance(each, subprocess.Popen):
            each.kill()
        else:
            each.close()
    assert not left, f"Close what the test opened: {left}"


_tests = itertools.count()


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home of its own for each test, and no credentials or proxies from outside.

    It is there once something is written to it: most tests write nothing, and making
    and removing folders took them longer than what they test.
    """
    home = tmp_path_factory.getbasetemp() / "homes" / str(next(_tests))
    # Not the fixture: what a test patches with that is undone before its tmp_path goes.
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(_OURS) or name.upper().endswith("_PROXY"):
                patch.delenv(name)
        for name in _AUTHORITIES:
            patch.delenv(name, raising=False)
        patch.setenv("HOME", str(home))
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            patch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
        yield home


@pytest.fixture(autouse=True)
def _usual_keys() -> Iterator[None]:
    """Let no test see the reader of another: the app and the command line set it."""
    yield
    set_reader(is_in_app=True)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A client on the real network, for servers on loopback."""
    client = Client(READER)
    yield client
    await client.close()
