"""Locks between programs: held by an open file, so a crash lets go of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform != "win32":
    import fcntl


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Alone of all programs while the context lasts; waits for the others.

    Raises:
        OSError: The file that says so cannot be made.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try_lock(file, wait=True)
        yield
    finally:
        os.close(file)


def try_lock(file: int, *, wait: bool = False) -> bool:
    """Lock an open file until it is closed; False = another program has it.

    Where there are no locks everybody gets one.
    """
    if sys.platform != "win32":
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        except OSError:
            return True  # Some network file systems have no locks.
    return True
