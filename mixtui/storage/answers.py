"""Remember between runs what was entered last for the inputs of saved requests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

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
        try:
            return _parse(files.read(self._path)).get(str(request), {})
        except StorageError:
            return {}

    def store(self, request: Path, values: Mapping[str, str]) -> None:
        """Store what was entered for a saved request, in place of what was before.

        Raises:
            StorageError: The file cannot be written.
        """
        private_folder(self._folder)
        kept = {n: text for n, text in values.items() if len(text) <= _MAX_LENGTH}

        def change(data: bytes | None) -> bytes:
            stored = _parse(data or b"{}")
            stored.pop(str(request), None)
            if kept:
                stored[str(request)] = kept
            newest = dict(list(stored.items())[-MAX_REQUESTS:])
            return json.dumps(newest).encode("utf-8", "surrogatepass")

        files.update(self._path, change, mode=0o600)


def _parse(data: bytes) -> dict[str, dict[str, str]]:
    try:
        document = json.loads(data)
    except ValueError:
        return {}
    if not isinstance(document, dict):
        return {}
    return {
        path: {n: v for n, v in values.items() if isinstance(v, str)}
        for path, values in document.items()
        if isinstance(values, dict)
    }
