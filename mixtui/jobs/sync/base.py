"""Remember what files and project were when they were last equal here."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from mixtui.jobs.sync.plan import Base, Difference, State, digests
from mixtui.model.errors import StorageError
from mixtui.storage import files
from mixtui.storage.paths import private_folder

FOLDER = "pulled"
"""In the state folder."""


class _Stored(Struct, frozen=True):
    project: str
    path: str
    items: dict[str, str]
    sent: dict[str, str | None] = {}
    """What a push was about to make of some; None = to remove."""


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

    def load(self, server: State) -> Base | None:
        """Return the base; None = nothing was pulled or pushed here, or it is lost.

        Args:
            server: As it is now: what a push that was killed has made of it was not
                changed by somebody else.
        """
        try:
            stored = msgspec.json.decode(files.read(self._file), type=_Stored)
        except (StorageError, ValueError):
            return None
        is_this = (stored.project, stored.path) == (self._project, self._path)
        if not is_this:
            return None
        base: dict[str, str | None] = {**stored.items}
        now = digests(server)
        arrived = {k: v for k, v in stored.sent.items() if now.get(k) == v}
        merged = {**base, **arrived}
        return {key: digest for key, digest in merged.items() if digest is not None}

    def save(self, base: Base, changes: Sequence[Difference] = ()) -> None:
        """Store the base.

        Args:
            base: The base.
            changes: What a push is about to send.

        Raises:
            StorageError: It cannot be written.
        """
        private_folder(self._file.parent)
        sent = {
            each.key: each.source.digest if each.source is not None else None
            for each in changes
        }
        stored = _Stored(self._project, self._path, dict(base), sent)
        files.write(self._file, msgspec.json.encode(stored), mode=0o600)
