"""Folders that cannot be written to, for a child of a test: also when it runs as root."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_VERSION = 0x20080522
"""Of the sets of capabilities; see capset(2)."""
_OVERRIDE, _SEARCH = 1, 2
"""CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH: no mode of a file stops who has them."""
_PR_CAPBSET_DROP = 24
_GIVEN_UP = 1 << _OVERRIDE | 1 << _SEARCH
_CapabilitySets = ctypes.c_uint32 * 6
"""Effective, permitted, inheritable; twice 32 bits."""


def obey_permissions() -> None:
    """Give up, in this process and its children, what no mode of a file stops."""
    if not _is_privileged():
        return
    for capability in (_OVERRIDE, _SEARCH):
        ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    sets = _capabilities()
    for index in range(3):
        sets[index] &= ~_GIVEN_UP
    _set_capabilities(sets)


@contextmanager
def obeying_permissions() -> Iterator[None]:
    """Give it up for a while, in this thread and those that it starts."""
    if not _is_privileged():
        yield
        return
    before, sets = _capabilities(), _capabilities()
    sets[0] &= ~_GIVEN_UP
    _set_capabilities(sets)
    try:
        yield
    finally:
        _set_capabilities(before)


def _is_privileged() -> bool:
    return os.geteuid() == 0 and sys.platform == "linux"


def _capabilities() -> ctypes.Array[ctypes.c_uint32]:
    sets = _CapabilitySets()
    _call("capget", sets)
    return sets


def _set_capabilities(sets: ctypes.Array[ctypes.c_uint32]) -> None:
    _call("capset", sets)


def _call(name: str, sets: ctypes.Array[ctypes.c_uint32]) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_VERSION, 0)
    if library[name](header, sets):
        raise OSError(ctypes.get_errno(), name)


def make_read_only(folder: Path) -> None:
    """Let nobody change a folder or anything in it."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode & ~0o222)


def make_writable(folder: Path) -> None:
    """Let the owner change them again."""
    folder.chmod(0o700)
    for path in folder.rglob("*"):
        path.chmod(path.stat().st_mode | 0o200)
