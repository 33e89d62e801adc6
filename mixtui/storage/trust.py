"""Which folders the person trusts, and with what; a private file in the state folder."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from mixtui import jsonbytes
from mixtui.model.errors import StorageError
from mixtui.model.trust import FULL_TRUST, Power, PowerKind, Trust
from mixtui.storage import files
from mixtui.storage.paths import data_dir, private_folder, state_dir
from mixtui.system import real_path

_FILE = "trust.json"


class TrustStore:
    """The trusted folders. Blocking: call it off the event loop.

    A file that cannot be read trusts nothing.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Read nothing yet.

        Args:
            folder: The folder of the file; None = the state folder.
        """
        self._folder = state_dir() if folder is None else folder

    def trust_in(self, root: Path) -> Trust:
        """Return what a collection may use."""
        key = _key(root)
        if os.path.dirname(key) == _key(data_dir()):
            return FULL_TRUST  # A collection of the app itself.
        entry = self._load().get(key)
        if entry is None:
            return Trust(root)
        return FULL_TRUST if entry.get("made_here") is True else _trust(root, entry)

    def folders(self) -> tuple[tuple[Path, Trust], ...]:
        """Return every trusted folder, sorted, with what it may use."""
        return tuple(
            (
                Path(key),
                FULL_TRUST
                if entry.get("made_here") is True
                else _trust(Path(key), entry),
            )
            for key, entry in sorted(self._load().items())
        )

    def grant(self, root: Path, powers: Iterable[Power]) -> Trust:
        """Trust a collection with more powers; return what it may use now.

        Raises:
            StorageError: The file cannot be written.
        """
        if self.trust_in(root).root is None:
            return FULL_TRUST

        def add(entry: Mapping[str, Any] | None) -> Mapping[str, Any]:
            granted = (_trust(root, entry or {}).granted) | frozenset(powers)
            rows = [[power.kind.value, power.target] for power in sorted(granted)]
            return {**(entry or {}), "powers": rows}

        self._change(_key(root), add)
        return self.trust_in(root)

    def mark_made_here(self, root: Path) -> None:
        """Trust a collection that mixtui is making.

        Raises:
            StorageError: The file cannot be written.
        """
        self._change(_key(root), lambda _: {"made_here": True})

    def revoke(self, root: Path) -> bool:
        """Forget a folder; return whether it was known.

        Raises:
            StorageError: The file cannot be written.
        """
        known = _key(root) in self._load()
        if known:
            self._change(_key(root), lambda _: None)
        return known

    def _load(self) -> dict[str, dict[str, Any]]:
        try:
            return _parse(files.read(self._folder / _FILE))
        except StorageError:
            return {}

    def _change(
        self,
        key: str,
        change: Callable[[Mapping[str, Any] | None], Mapping[str, Any] | None],
    ) -> None:
        """Replace the entry of a folder; None = there is none."""

        def edit(data: bytes | None) -> bytes:
            folders: dict[str, Mapping[str, Any]] = {**_parse(data or b"")}
            entry = change(folders.pop(key, None))
            if entry is not None:
                folders[key] = entry
            text = json.dumps({"folders": folders}, indent=2, ensure_ascii=False)
            return text.encode("utf-8", "surrogateescape")

        files.update(private_folder(self._folder) / _FILE, edit, mode=0o600)


def _parse(data: bytes) -> dict[str, dict[str, Any]]:
    try:
        document = jsonbytes.read_file(data)
    except jsonbytes.NotJson:
        return {}
    folders = document.get("folders") if isinstance(document, dict) else None
    if not isinstance(folders, dict):
        return {}
    return {key: entry for key, entry in folders.items() if isinstance(entry, dict)}


def _key(root: Path) -> str:
    return str(real_path(root))


def _trust(root: Path, entry: Mapping[str, Any]) -> Trust:
    rows = entry.get("powers")
    kinds = {kind.value: kind for kind in PowerKind}
    return Trust(
        root,
        frozenset(
            Power(kinds[row[0]], row[1])
            for row in (rows if isinstance(rows, list) else ())
            if isinstance(row, list)
            and len(row) == 2
            and all(isinstance(each, str) for each in row)
            and row[0] in kinds
        ),
    )
