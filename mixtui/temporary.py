"""Temporary files and folders: private, and swept if the program that made them was killed.

The process that creates them holds a lock on them, which the system releases when the
process ends, in whatever way. A file with such a name that is not locked and has not changed
for a while is abandoned: the next program that creates something temporary or opens its
files in the same folder removes it.

Files that may still be written to, such as that of an editor, are not temporary files.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from mixtui.patterns import compile_late
from mixtui.system import Lock, try_lock

_PATTERN = compile_late(r"\.mixtui-[A-Za-z0-9_]+\.tmp")
GRACE = 600.0
"""Seconds: what was changed since may be about to be locked, or handed over."""
_GRACE_WITHOUT_LOCKS = 7 * 86400.0
"""Seconds, where nothing tells whether the maker still runs (see `system.Lock.NONE`)."""
_swept: set[Path] = set()


def temporary_name() -> str:
    """Return a new name: hidden, and ignored by collections."""
    return f".mixtui-{os.urandom(8).hex()}.tmp"


class TemporaryFolder:
    """A folder that only its owner can read (0700), locked while it is used."""

    def __init__(self, parent: Path | None = None, name: str = "") -> None:
        """Make it.

        Args:
            parent: Where; None = where temporary files go.
            name: A name that is not swept; empty = a temporary one.

        Raises:
            OSError: It cannot be created.
        """
        if parent is None:
            import tempfile

            parent = Path(tempfile.gettempdir())
        sweep(parent)
        self.path = parent / (name or temporary_name())
        self.path.mkdir(mode=0o700)
        self._file = _open(self.path)
        if self._file is not None:
            try_lock(self._file)

    def leave(self) -> None:
        """Leave it as it is: nobody owns it any longer."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def remove(self) -> None:
        """Remove it with its content, if it is still there."""
        import shutil

        shutil.rmtree(self.path, ignore_errors=True)
        self.leave()


def sweep(folder: Path) -> None:
    """Remove what killed programs left in a folder; checks once per run."""
    if folder in _swept:
        return
    _swept.add(folder)
    try:
        names = list(filter(_PATTERN.fullmatch, os.listdir(folder)))
    except OSError:
        return
    for name in names:
        remove_abandoned(folder / name)


def remove_abandoned(path: Path) -> None:
    """Remove a temporary file or folder, unless it is in use or not ours."""
    if not _is_abandoned(path):
        return
    if path.is_dir():
        import shutil

        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def lock_on(path: Path) -> Lock:
    """Try to lock a file or folder and return the result; the lock is released."""
    file = _open(path)
    if file is None:
        return Lock.NONE
    try:
        return try_lock(file)
    finally:
        os.close(file)


def _is_abandoned(path: Path) -> bool:
    file = _open(path)
    if file is None:
        return False
    try:
        status = os.fstat(file)
        if hasattr(os, "getuid") and status.st_uid != os.getuid():
            return False
        age = time.time() - status.st_mtime
        match try_lock(file):
            case Lock.HELD:
                return age > GRACE
            case Lock.NONE:
                return age > _GRACE_WITHOUT_LOCKS
            case Lock.TAKEN:
                return False
    finally:
        os.close(file)


def _open(path: Path) -> int | None:
    """Open a file or folder for a lock; None = that is not possible."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        return os.open(path, flags)
    except OSError:
        return None
