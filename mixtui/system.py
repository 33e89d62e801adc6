"""Paths, file locks, malloc and cancellation."""

from __future__ import annotations

import errno
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from functools import cache
from pathlib import Path

from mixtui import folders

if sys.platform != "win32":
    import fcntl


LOCK_SECONDS = 10.0
"""How long a change of a file waits for that of another program."""
_LOCK_PAUSE = 0.01
_held = threading.local()


def working_folder() -> Path:
    """Return the working folder, or where it was before another program deleted it.

    Raises:
        FileNotFoundError: It was deleted before this process asked for it.
    """
    return Path(folders.working_folder())


def absolute(path: Path) -> Path:
    """Return a path that is relative to the working folder as an absolute one."""
    return path if path.is_absolute() else working_folder() / path


def real_path(path: Path) -> Path:
    """Return a path as an absolute one without symbolic links."""
    return Path(os.path.realpath(absolute(path)))


@contextmanager
def folder_lock(folder: Path, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """Hold a folder against other programs and threads while a file in it is changed.

    The lock is on the folder itself: nothing is left behind, and a crash releases it. A
    thread may acquire it again. Own code: filelock locks files, which stay, and would add a
    lock on Windows only, where this one does nothing.

    Args:
        folder: Must exist.
        seconds: How long to wait for another program.

    Raises:
        TimeoutError: Another program still holds it.
        OSError: The folder cannot be opened.
    """
    if sys.platform == "win32":
        yield
        return
    held: set[tuple[int, int]] = _held.__dict__.setdefault("folders", set())
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        status = os.fstat(file)
        identity = (status.st_dev, status.st_ino)
        if identity in held:
            yield
            return
        end = time.monotonic() + seconds
        while try_lock(file) is Lock.TAKEN:
            if time.monotonic() > end:
                reason = f"another program has held it for {seconds:.0f} s"
                raise TimeoutError(errno.ETIMEDOUT, reason)
            time.sleep(_LOCK_PAUSE)
        held.add(identity)
        try:
            yield
        finally:
            held.discard(identity)
    finally:
        os.close(file)


class Lock(Enum):
    """The result of an attempt to lock an open file."""

    HELD = "held"
    """It is locked until it is closed."""
    TAKEN = "taken"
    """Another program, or this one by another descriptor, has it."""
    NONE = "none"
    """Windows and some network file systems have no locks, or none of folders (NFS)."""


def try_lock(file: int) -> Lock:
    """Lock an open file or folder until it is closed, if it is not locked."""
    if sys.platform == "win32":
        return Lock.NONE
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return Lock.TAKEN
    except OSError:
        return Lock.NONE
    return Lock.HELD


_ARENA_MAX, _MMAP_THRESHOLD, _TRIM_THRESHOLD = -8, -3, -1
# malloc.h; see mallopt(3).
_LARGE = 128 * 1024
"""Bytes; larger blocks are returned to the system as soon as they are freed."""
_TRIM = 1024 * 1024
"""Free bytes at the end of the heap that may stay."""


@cache
def limit_malloc_caching() -> None:
    """Let glibc's allocator return freed memory to the system, from now on.

    Does nothing with another C library.
    """
    if sys.platform != "linux":
        return
    import ctypes

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    # One thread computes at a time anyway: two arenas are enough.
    mallopt(_ARENA_MAX, 2)
    mallopt(_MMAP_THRESHOLD, _LARGE)
    mallopt(_TRIM_THRESHOLD, _TRIM)


def run_for(steps: Iterator[object], seconds: float) -> bool:
    """Run steps for a short time; return whether all are done.

    For work that shows results while it runs: between two slices, the event loop has the
    interpreter for itself, and cancelled work is not resumed.
    """
    end = time.monotonic() + seconds
    return all(time.monotonic() <= end for _ in steps)


class Cancelled(Exception):
    """Raised by work whose `CancelToken` was cancelled."""


class CancelToken:
    """Asks work in a thread or a task to end, and shows how far it is.

    Work in a thread calls `checkpoint` or `raise_if_cancelled` between its steps; a task
    that waits is woken by `on_cancel`. The other side calls `cancel` and reads
    `fraction`. Both attributes are written by one side only and read in one step, so
    that reading them needs no lock. A token cannot be reset: each piece of work gets its
    own.
    """

    def __init__(self) -> None:
        self.cancelled = False
        """Whether the work shall end."""
        self.fraction = 0.0
        """How much of the work is done, from 0 to 1."""
        self._callbacks: list[Callable[[], object]] = []
        self._lock = threading.RLock()

    def cancel(self) -> None:
        """Ask the work to end at its next step. Can be called from any thread."""
        with self._lock:
            self.cancelled = True
            callbacks, self._callbacks = self._callbacks, []
            for callback in callbacks:
                callback()

    @contextmanager
    def on_cancel(self, callback: Callable[[], object]) -> Iterator[None]:
        """Call back once if the token is, or was, cancelled before the block ends.

        Args:
            callback: Called in the thread that cancels; must return at once. To wake a
                task, pass something that uses `loop.call_soon_threadsafe`.
        """
        with self._lock:
            if self.cancelled:
                callback()
            else:
                self._callbacks.append(callback)
        try:
            yield
        finally:
            with self._lock:
                if callback in self._callbacks:
                    self._callbacks.remove(callback)

    def raise_if_cancelled(self) -> None:
        """End the work if that was requested.

        Raises:
            Cancelled: The token was cancelled.
        """
        if self.cancelled:
            raise Cancelled

    def checkpoint(self, done: int, total: int) -> None:
        """Report that ``done`` of ``total`` are done, unless the work was cancelled.

        Raises:
            Cancelled: The token was cancelled.
        """
        self.raise_if_cancelled()
        self.fraction = done / total if total else 1.0
