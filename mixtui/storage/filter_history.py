"""The filters that were used last, for all runs of the program."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from mixtui.core.errors import StorageError
from mixtui.storage import atomic
from mixtui.storage.paths import private_folder, state_dir

MOST = 100
"""Programs that are kept."""
_LONGEST = 10_000
"""Characters of a program that is kept."""


class FilterHistory:
    """Programs in a private file, a JSON text a line. Blocking: call it off the loop."""

    def __init__(self, folder: Path | None = None) -> None:
        """Nothing is read yet.

        Args:
            folder: Where the file is; None = the state folder.
        """
        self._folder = state_dir() if folder is None else folder
        self._path = self._folder / "filters.jsonl"

    def load(self) -> tuple[str, ...]:
        """The programs, the last used first; none if there is no readable file."""
        try:
            lines = atomic.read(self._path).splitlines()
        except StorageError:
            return ()
        found = dict.fromkeys(p for line in lines if (p := _program(line)))
        return tuple(found)[:MOST]

    def add(self, program: str) -> tuple[str, ...]:
        """Put a program first; what other runs added meanwhile stays.

        Returns:
            The programs there are now, the last used first.

        Raises:
            StorageError: The file cannot be written.
        """
        program = program.strip()
        if not program or len(program) > _LONGEST:
            return self.load()
        private_folder(self._folder)
        with self._locked():
            programs = tuple(dict.fromkeys((program, *self.load())))[:MOST]
            text = "".join(f"{json.dumps(each)}\n" for each in programs)
            atomic.write(self._path, text.encode(), mode=0o600)
        return programs

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Between reading and writing no other run may write.

        The file itself is replaced each time, so the lock is on another one.
        """
        import fcntl

        path = self._path.with_suffix(".lock")
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StorageError(
                path, f"{path} cannot be opened: {error.strerror}."
            ) from None
        try:
            # Some network file systems have no locks: then the last one wins.
            with contextlib.suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)


def _program(line: bytes) -> str:
    try:
        program = json.loads(line)
    except ValueError:
        return ""
    return program if isinstance(program, str) else ""
