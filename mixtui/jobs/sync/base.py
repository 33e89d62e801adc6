"""Remember what files and project were when they were last equal here."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
from msgspec import Struct

from mixtui.jobs.sync.plan import Base
from mixtui.model.errors import StorageError
from mixtui.storage import files
from mixtui.storage.paths import private_folder

FOLDER = "pulled"
"""In the state folder."""


class _Stored(Struct, frozen=True):
    project: str
    path: str
    items: dict[str, str]


class BaseStore:
    """The base of one file or folder with one project. Blocks."""

    def __init__(self, state: Path, project: str, path: Path) -> None:
        """Read nothing yet.

        Args:
            state: The state folder.
            project: What is in it is read from this URL.
            path: Of the file or folder, absolute.
        """
        self._project, self._path = project, str(path)
        name = hashlib.sha256(f"{project}\n{path}".encode("utf-8", "replace"))
        self._file = state / FOLDER / f"{name.hexdigest()[:32]}.json"

    def load(self) -> Base | None:
        """Return the base; None = nothing was pulled or pushed here, or it is lost."""
        try:
            stored = msgspec.json.decode(files.read(self._file), type=_Stored)
        except (StorageError, ValueError):
            return None
        is_this = (stored.project, stored.path) == (self._project, self._path)
        return stored.items if is_this else None

    def save(self, base: Base) -> None:
        """Store the base.

        Raises:
            StorageError: It cannot be written.
        """
        private_folder(self._file.parent)
        stored = _Stored(self._project, self._path, dict(base))
        files.write(self._file, msgspec.json.encode(stored), mode=0o600)
