"""Remember between runs the names that projects know, jq programs and collections."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from mixtui import jsonbytes
from mixtui.mixpanel.catalogue import NameKind
from mixtui.model.errors import StorageError
from mixtui.model.known_names import KnownName, KnownNames, NameQuery
from mixtui.storage import files
from mixtui.storage.paths import private_folder, state_dir

_MAX_QUERIES = 200
"""Look-ups stored for a project; the oldest are dropped."""
_MAX_NAMES = 1_000
"""Names stored of a look-up."""
MAX_FILTERS = 100
"""Programs stored."""
_MAX_FILTER_LENGTH = 10_000
"""Characters of the longest program that is stored."""


class NameStore:
    """A private JSON file for each project. Blocking: call it off the event loop."""

    def __init__(self, folder: Path | None = None) -> None:
        """Read nothing yet.

        Args:
            folder: The folder of the files; None = ``names`` in the state folder.
        """
        self._folder = state_dir() / "names" if folder is None else folder

    def load(self, project: str) -> dict[NameQuery, KnownNames]:
        """Return what is stored for a project; empty if no file can be read.

        Args:
            project: Identifies it: server, project and data view.
        """
        try:
            return _parse_names(files.read(self._path(project)))
        except StorageError:
            return {}

    def store(
        self, project: str, lookup: NameQuery, names: KnownNames
    ) -> dict[NameQuery, KnownNames]:
        """Store the result of a look-up, beside what other runs stored meanwhile.

        Returns:
            All that is stored for the project now.

        Raises:
            StorageError: The file cannot be written.
        """
        private_folder(self._folder)
        newest: dict[NameQuery, KnownNames] = {}

        def add(data: bytes | None) -> bytes:
            stored = {**_parse_names(data or b""), lookup: names}
            rows = sorted(stored.items(), key=lambda row: row[1].requested_at)
            nonlocal newest
            newest = dict(rows[-_MAX_QUERIES:])
            return _to_json(project, newest).encode()

        files.update(self._path(project), add, mode=0o600)
        return newest

    def _path(self, project: str) -> Path:
        # A project's id can be any text; a digest is a valid file name everywhere.
        digest = hashlib.sha256(project.encode("utf-8", "surrogatepass")).hexdigest()
        return self._folder / f"{digest[:16]}.json"


def _parse_names(data: bytes) -> dict[NameQuery, KnownNames]:
    try:
        document = jsonbytes.read_file(data)
    except jsonbytes.NotJson:
        return {}
    rows = document.get("names") if isinstance(document, dict) else None
    parsed = [_parse_row(row) for row in rows] if isinstance(rows, list) else []
    return dict(row for row in parsed if row is not None)


def _to_json(project: str, stored: Mapping[NameQuery, KnownNames]) -> str:
    rows = [
        {
            "kind": lookup.kind.value,
            "event": lookup.event,
            "property": lookup.property_name,
            "asked": names.requested_at.astimezone(UTC).isoformat(timespec="seconds"),
            "names": [[each.value, each.label] for each in names.names[:_MAX_NAMES]],
        }
        for lookup, names in stored.items()
    ]
    return json.dumps({"project": project, "names": rows}) + "\n"


def _parse_row(row: object) -> tuple[NameQuery, KnownNames] | None:
    """Read a row of the file; None = it is not valid."""
    if not isinstance(row, dict):
        return None
    try:
        lookup = NameQuery(
            NameKind(row["kind"]), str(row["event"]), str(row["property"])
        )
        requested_at = datetime.fromisoformat(row["asked"])
        names = tuple(KnownName(str(v), str(label)) for v, label in row["names"])
    except (KeyError, TypeError, ValueError):
        return None
    return (
        (lookup, KnownNames(names, requested_at))
        if requested_at.tzinfo is not None
        else None
    )


class _RecentTexts:
    """Texts in a private file, one JSON string a line. Blocks: call it off the loop."""

    file = ""
    """The name of the file."""
    limit = 0
    """Texts stored; the oldest are dropped."""

    def __init__(self, folder: Path | None = None) -> None:
        """Read nothing yet.

        Args:
            folder: The folder of the file; None = the state folder.
        """
        self._folder = state_dir() if folder is None else folder
        self._path = self._folder / self.file

    def _load(self) -> tuple[str, ...]:
        """Return the texts, last used first; empty if there is no readable file."""
        try:
            return self._parse(files.read(self._path))
        except StorageError:
            return ()

    def _add(self, text: str) -> tuple[str, ...]:
        """Put a text first, before what other runs added meanwhile; return all.

        Raises:
            StorageError: The file cannot be written.
        """
        private_folder(self._folder)
        texts: tuple[str, ...] = ()

        def add(data: bytes | None) -> bytes:
            nonlocal texts
            stored = (text, *self._parse(data or b""))
            texts = tuple(dict.fromkeys(stored))[: self.limit]
            return "".join(f"{json.dumps(each)}\n" for each in texts).encode()

        files.update(self._path, add, mode=0o600)
        return texts

    def _parse(self, data: bytes) -> tuple[str, ...]:
        lines = data.splitlines()
        result = dict.fromkeys(text for line in lines if (text := _parse_text(line)))
        return tuple(result)[: self.limit]


def _parse_text(line: bytes) -> str:
    try:
        text = jsonbytes.read_file(line)
    except jsonbytes.NotJson:
        return ""
    return text if isinstance(text, str) else ""


class FilterHistory(_RecentTexts):
    """The jq programs that were used."""

    file = "filters.jsonl"
    limit = MAX_FILTERS

    def load(self) -> tuple[str, ...]:
        """Return the programs, last used first; empty if there is no readable file."""
        return self._load()

    def add(self, program: str) -> tuple[str, ...]:
        """Put a program first, before what other runs added meanwhile.

        Returns:
            The stored programs, last used first.

        Raises:
            StorageError: The file cannot be written.
        """
        program = program.strip()
        if not program or len(program) > _MAX_FILTER_LENGTH:
            return self.load()
        return self._add(program)


class RecentCollections(_RecentTexts):
    """The collections that were open in the app."""

    file = "collections.jsonl"
    limit = 20

    def load(self) -> tuple[Path, ...]:
        """Return their roots, last opened first; some may be gone."""
        return tuple(map(Path, self._load()))

    def add(self, root: Path) -> None:
        """Put a collection first.

        Raises:
            StorageError: The file cannot be written.
        """
        self._add(str(root))
