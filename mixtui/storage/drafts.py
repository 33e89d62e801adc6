"""Store unsaved drafts in case the app is killed.

A dropped SSH connection or a crash must not lose what was typed. Each run stores at most
one file; a clean exit removes it, and the next start offers to recover the rest.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from mixtui.model.draft import Draft
from mixtui.model.errors import StorageError
from mixtui.storage import files, toml_values
from mixtui.storage.paths import private_folder
from mixtui.storage.request_file import parse, render

_OPENED_FROM = "# mixtui-opened-from = "


@dataclass(frozen=True, slots=True)
class RecoveredDraft:
    """A draft that a run left behind."""

    draft: Draft
    opened_from: Path | None
    """The saved request that was edited; None = a new one."""
    stored_path: Path
    """The file that holds the draft."""


class DraftStore:
    """Stores the draft of one run. Blocks: call it off the event loop."""

    def __init__(self, folder: Path, run: int | None = None) -> None:
        """Write nothing yet.

        Args:
            folder: The folder of the drafts of all runs; made private.
            run: The id of the process; None = this one.
        """
        self._folder = folder
        self._path = folder / f"{os.getpid() if run is None else run}.toml"

    def store(self, draft: Draft, opened_from: Path | None) -> None:
        """Write the draft.

        Raises:
            StorageError: It cannot be written.
        """
        private_folder(self._folder)
        source = toml_values.to_toml_string(str(opened_from)) if opened_from else '""'
        text = f"{_OPENED_FROM}{source}\n{render(draft)}"
        files.write(self._path, text.encode("utf-8", "replace"), mode=0o600)

    def discard(self) -> None:
        """Remove the draft: it was saved or discarded."""
        self._path.unlink(missing_ok=True)

    def recoverable(self) -> tuple[RecoveredDraft, ...]:
        """Return the drafts of runs that have ended, newest first."""
        try:
            paths = sorted(self._folder.glob("*.toml"), key=_sort_by_age)
        except OSError:
            return ()
        drafts = [_recover(path) for path in paths if not _is_running(path.stem)]
        return tuple(draft for draft in drafts if draft is not None)


def _sort_by_age(path: Path) -> float:
    try:
        return -path.stat().st_mtime
    except OSError:
        return 0.0


def _recover(path: Path) -> RecoveredDraft | None:
    try:
        text = files.read(path).decode()
        first = text.partition("\n")[0].removeprefix("# ")
        origin = tomllib.loads(first).get("mixtui-opened-from", "")
        draft, _ = parse(text, path)
    except (StorageError, ValueError):
        return None
    if draft == Draft():
        return None
    return RecoveredDraft(draft, Path(origin) if origin else None, path)


def _is_running(process: str) -> bool:
    if not process.isdecimal():
        return True
    if os.name != "posix":
        # Windows has no harmless signal to check this; a draft offered needlessly is no loss.
        return int(process) == os.getpid()
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
