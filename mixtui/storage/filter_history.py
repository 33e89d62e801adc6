"""The filters that were used last, for all runs of the program."""

from __future__ import annotations

import json
from pathlib import Path

from mixtui.core.errors import StorageError
from mixtui.core.file_locks import file_lock
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
        lock = self._path.with_suffix(".lock")
        try:
            # Not on the file itself, which is another one after each writing.
            with file_lock(lock):
                programs = tuple(dict.fromkeys((program, *self.load())))[:MOST]
                text = "".join(f"{json.dumps(each)}\n" for each in programs)
                atomic.write(self._path, text.encode(), mode=0o600)
        except OSError as error:
            reason = error.strerror
            raise StorageError(lock, f"{lock} cannot be opened: {reason}.") from None
        return programs


def _program(line: bytes) -> str:
    try:
        program = json.loads(line)
    except ValueError:
        return ""
    return program if isinstance(program, str) else ""
