"""Locks between programs: held by an open file, so a crash lets go of them."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
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


_ARENA_MAX, _MMAP_THRESHOLD, _TRIM_THRESHOLD = -8, -3, -1
# malloc.h; see mallopt(3).
_LARGE = 256 * 1024
"""Bytes; larger pieces are the system's again as soon as they are freed."""
_LOOSE = 1024 * 1024
"""Bytes at the end of the heap that may stay."""


@cache
def limit_malloc_caching() -> None:
    """Let the allocator keep little of what is freed, from now on.

    Does nothing where there is no glibc.
    """
    if sys.platform != "linux":
        return
    import ctypes

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    # One thread computes at a time anyway: two places are enough.
    mallopt(_ARENA_MAX, 2)
    mallopt(_MMAP_THRESHOLD, _LARGE)
    mallopt(_TRIM_THRESHOLD, _LOOSE)


def run_for(steps: Iterator[object], seconds: float) -> bool:
    """Take steps for a short time; returns whether those were all."""
    end = time.monotonic() + seconds
    return all(time.monotonic() <= end for _ in steps)


class Stopped(Exception):
    """The work was stopped before its end, as wanted."""


class Watch:
    """Shared by who works and who waits; each call is one step of a plain flag."""

    fraction = 0.0
    """How much is done, from 0 to 1."""
    _stopped = False

    def stop(self) -> None:
        """Ask the work to end at its next step."""
        self._stopped = True

    def step(self, done: int, total: int) -> None:
        """Say how far the work is.

        Raises:
            Stopped: It shall end here.
        """
        if self._stopped:
            raise Stopped
        self.fraction = done / total if total else 1.0
