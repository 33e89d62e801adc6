"""Remember between runs the SQL that was typed last for a file, sent or not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from mixtui import jsonbytes
from mixtui.model.errors import StorageError
from mixtui.storage import files
from mixtui.storage.paths import private_folder

MAX_QUERIES = 200
"""Files whose query is remembered; the one that was typed longest ago is dropped."""


class QueryStore:
    """A private JSON file. Blocking: call it off the event loop."""

    def __init__(self, folder: Path) -> None:
        """Read nothing yet.

        Args:
            folder: The state folder.
        """
        self._folder = folder
        self._path = folder / "queries.json"

    def load(self, sources: Sequence[str]) -> str:
        """Return what was typed last for some files; empty if nothing was."""
        try:
            return _parse(files.read(self._path)).get(_key(sources), "")
        except StorageError:
            return ""

    def store(self, sources: Sequence[str], query: str) -> None:
        """Store what was typed for some files, in place of what was before.

        Raises:
            StorageError: The file cannot be written.
        """
        private_folder(self._folder)

        def updated(data: bytes | None) -> bytes:
            stored = _parse(data or b"{}")
            stored.pop(_key(sources), None)
            stored[_key(sources)] = query
            newest = dict(list(stored.items())[-MAX_QUERIES:])
            return json.dumps(newest).encode("utf-8", "surrogatepass")

        files.update(self._path, updated, mode=0o600)


def _key(sources: Sequence[str]) -> str:
    return "\n".join(sources)


def _parse(data: bytes) -> dict[str, str]:
    try:
        document = jsonbytes.read_file(data)
    except jsonbytes.NotJson:
        return {}
    if not isinstance(document, dict):
        return {}
    return {name: text for name, text in document.items() if isinstance(text, str)}
