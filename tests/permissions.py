"""Folders that cannot be written to, for a child of a test: also when it runs as root."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_VERSION = 0x20080522
"""Of the sets of capabilities; see capset(2)."""
_OVERRIDE, _SEARCH = 1, 2
"""CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH: no mode of a file stops who has them."""
_PR_CAPBSET_DROP = 24


def obey_permissions() -> None:
    """Give up, in this process and its children, what no mode of a file stops."""
    if os.geteuid() != 0 or sys.platform != "linux":
        return
    library = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()  # Effective, permitted, inheritable; twice 32 bits.
    given_up = 1 << _OVERRIDE | 1 << _SEARCH
    if library.capget(header, sets):
        raise OSError(ctypes.get_errno(), "capget")
    for capability in (_OVERRIDE, _SEARCH):
        library.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    for index in range(3):
        sets[index] &= ~given_up
    if library.capset(header, sets):
        raise OSError(ctypes.get_errno(), "capset")


def make_read_only(folder: Path) -> None:
    """Let nobody change a folder or anything in it."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode & ~0o222)


def make_writable(folder: Path) -> None:
    """Let the owner change them again."""
    folder.chmod(0o700)
    for path in folder.rglob("*"):
        path.chmod(path.stat().st_mode | 0o200)
