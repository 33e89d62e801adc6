"""Remember between runs what was entered last for the inputs of saved requests."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from mixtui import jsonbytes
from mixtui.model.errors import StorageError
from mixtui.storage import files
from mixtui.storage.paths import private_folder, state_dir

MAX_REQUESTS = 500
"""Requests remembered; the one sent longest ago is dropped."""
_MAX_LENGTH = 10_000
"""Characters of the longest value that is stored."""


class AnswerStore:
    """A private JSON file. Blocking: call it off the event loop.

    The caller passes no secret: what is stored is shown in the form the next time.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Read nothing yet.

        Args:
            folder: The folder of the file; None = the state folder.
        """
        self._folder = state_dir() if folder is None else folder
        self._path = self._folder / "inputs.json"

    def load(self, request: Path) -> dict[str, str]:
        """Return what was entered last for a saved request; empty if nothing was."""
        return self._load().get(str(request), {})

    def store(self, request: Path, values: Mapping[str, str]) -> None:
        """Store what was entered for a saved request, in place of what was before.

        Raises:
            StorageError: The file cannot be written.
        """
        kept = {n: text for n, text in values.items() if len(text) <= _MAX_LENGTH}

        def change(stored: dict[str, dict[str, str]]) -> None:
            stored.pop(str(request), None)
            if kept:
                stored[str(request)] = kept

        self._update(change)

    def follow(self, old: Path, new: Path) -> None:
        """Keep what was entered for a request, or those of a folder, that was moved.

        Raises:
            StorageError: The file cannot be written.
        """

        def moved(path: str) -> str:
            if not Path(path).is_relative_to(old):
                return path
            return str(new / Path(path).relative_to(old))

        def change(stored: dict[str, dict[str, str]]) -> None:
            followed = {moved(path): values for path, values in stored.items()}
            stored.clear()
            stored.update(followed)

        if any(moved(path) != path for path in self._load()):
            self._update(change)

    def _load(self) -> dict[str, dict[str, str]]:
        try:
            return _parse(files.read(self._path))
        except StorageError:
            return {}

    def _update(self, change: Callable[[dict[str, dict[str, str]]], None]) -> None:
        private_folder(self._folder)

        def updated(data: bytes | None) -> bytes:
            stored = _parse(data or b"{}")
            change(stored)
            newest = dict(list(stored.items())[-MAX_REQUESTS:])
            return json.dumps(newest).encode("utf-8", "surrogatepass")

        files.update(self._path, updated, mode=0o600)


def _parse(data: bytes) -> dict[str, dict[str, str]]:
    try:
        document = jsonbytes.read_file(data)
    except jsonbytes.NotJson:
        return {}
    if not isinstance(document, dict):
        return {}
    return {
        path: {n: v for n, v in values.items() if isinstance(v, str)}
        for path, values in document.items()
        if isinstance(values, dict)
    }
