"""The bodies of the history: a private folder, one file each.

``<random>.body`` belongs to a row of the database. Anything else is on its way: its
writer holds a lock on it, which goes with the process.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from mixtui.core.file_locks import try_lock
from mixtui.storage.paths import private_folder

_CHUNK = 1 << 20
_LEFT_ALONE = 600
"""Seconds; what was written to since then may be about to be locked."""


class BodyFolder:
    """The folder. Blocking; every method raises OSError or StorageError."""

    def __init__(self, path: Path) -> None:
        """Nothing is made yet."""
        self.path = path

    def spool(self) -> BinaryIO:
        """A new private file for a body that is still coming.

        It is yours: `keep` gives it another name as well, and what you do not remove
        goes when nobody has it open any more.
        """
        private_folder(self.path)
        path = self.path / f"{os.urandom(16).hex()}.spool"
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        file = os.open(path, flags, 0o600)
        try_lock(file)
        return open(path, "r+b", opener=lambda _, __: file)

    def write(self, chunks: Iterable[bytes]) -> Path:
        """A new file with this content, to be kept and then removed."""
        with self.spool() as file:
            path = Path(file.name)
            try:
                for chunk in chunks:
                    file.write(chunk)
                file.flush()
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        return path

    def keep(self, source: Path) -> str:
        """Give a file a name in the history too; it stays where it is."""
        private_folder(self.path)
        name = f"{os.urandom(16).hex()}.body"
        target = self.path / name
        try:
            os.link(source, target)
        except OSError:
            # Another disk, or one that knows no links.
            shutil.copyfile(source, target)
        target.chmod(0o600)
        return name

    def remove(self, names: Iterable[str]) -> None:
        """Remove files; fine when they are gone. Who has one open can still read it."""
        for name in names:
            with contextlib.suppress(OSError):
                (self.path / name).unlink()

    def sweep(self, kept: Container[str]) -> None:
        """Remove what crashed programs left.

        No other program may be adding to the database meanwhile.

        Args:
            kept: The names that rows of the database have.
        """
        try:
            names = os.listdir(self.path)
        except FileNotFoundError:
            return
        self.remove(
            name
            for name in names
            if (
                name not in kept
                if name.endswith(".body")
                else _is_abandoned(self.path / name)
            )
        )


def chunks_of(path: Path) -> Iterator[bytes]:
    """A file's content, piece by piece.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _is_abandoned(path: Path) -> bool:
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        age = time.time() - os.fstat(file).st_mtime
        return age > _LEFT_ALONE and try_lock(file)
    finally:
        os.close(file)
