"""A file that grows piece by piece beside its name, and gets the name when it is whole.

What came before a failure stays as ``NAME.part``, cut after the last whole piece.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from threading import Lock

from mixtui.core.errors import NameTaken, StorageError
from mixtui.storage.atomic import move_new


class PartFile:
    """Writes ``NAME.part``.

    Args:
        path: The name it gets in the end.
        overwrite: Replace a file of that name.

    Raises:
        NameTaken: There is such a file, and it must not be overwritten.
        StorageError: It cannot be written.
    """

    def __init__(self, path: Path, *, overwrite: bool = False) -> None:
        self.path = path
        self._target = Path(os.path.realpath(path))
        self.part = self._target.with_name(f"{self._target.name}.part")
        self._overwrite = overwrite
        self._whole = 0
        self._writing = Lock()
        """Who stops waiting for a thread may close the file while that writes."""
        if not overwrite and os.path.lexists(path):
            raise NameTaken(path, f"There is a {path.name} already: choose another.")
        try:
            if self._target.is_dir():
                raise IsADirectoryError(0, "it is a folder")
            self._target.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.part.open("wb")
        except OSError as error:
            raise self._failed(error) from None

    @property
    def size(self) -> int:
        """Bytes of all whole pieces."""
        return self._whole

    def write(self, piece: bytes) -> None:
        """Add a piece, or leave the file as it was.

        Raises:
            StorageError: The disk failed.
        """
        with self._writing:
            try:
                self._file.write(piece)
                self._file.flush()
            except OSError as error:
                with contextlib.suppress(OSError):
                    os.truncate(self.part, self._whole)
                raise self._failed(error) from None
            self._whole += len(piece)

    def finish(self) -> None:
        """Give it its name.

        Raises:
            NameTaken: A file of that name appeared meanwhile.
            StorageError: The disk failed.
        """
        try:
            os.fsync(self._file.fileno())
            self._file.close()
            if self._overwrite:
                with contextlib.suppress(FileNotFoundError):
                    self.part.chmod(stat.S_IMODE(self._target.stat().st_mode))
                os.replace(self.part, self._target)
            else:
                move_new(self.part, self._target)
        except FileExistsError:
            raise NameTaken(
                self.path,
                f"There is a {self.path.name} meanwhile: what came is in {self.part}.",
            ) from None
        except OSError as error:
            raise self._failed(error) from None

    def keep(self) -> str:
        """Leave what there is; returns where, for a sentence."""
        with self._writing, contextlib.suppress(OSError):
            self._file.close()
        return str(self.part)

    def _failed(self, error: OSError) -> StorageError:
        return StorageError(
            self.path, f"{self.path} cannot be written: {error.strerror}."
        )
