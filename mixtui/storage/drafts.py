"""Store unsaved drafts in case the app is killed.

A dropped SSH connection or a crash must not lose what was typed. Each run stores at most
one draft; a clean exit removes it, and whoever opens its collection next is offered the rest.
Whether a run has ended is told by its lock: another process, or this one, may have its number.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from msgspec import Struct

from mixtui.model.draft import Draft
from mixtui.model.errors import StorageError
from mixtui.storage import files, toml_values
from mixtui.storage.paths import private_folder
from mixtui.storage.request_file import parse, render
from mixtui.storage.toml_values import InvalidToml
from mixtui.system import Lock
from mixtui.temporary import TemporaryFolder, lock_on

_OPENED_FROM = "# mixtui-opened-from = "
_COLLECTION = "# mixtui-collection = "
_FILE = "draft.toml"


class RecoveredDraft(Struct, frozen=True):
    """A draft that a run left behind."""

    draft: Draft
    opened_from: Path | None
    """The saved request that was edited; None = a new one."""
    collection: Path | None
    """The root of the collection that was open; None = unknown."""
    stored_path: Path
    """The file that holds the draft."""

    def discard(self) -> None:
        """Remove it: it was restored or discarded."""
        shutil.rmtree(self.stored_path.parent, ignore_errors=True)


class DraftStore:
    """Stores the draft of one run in a separate folder. Blocks: call it off the loop.

    The folder is locked as long as the run lives.
    """

    def __init__(self, folder: Path) -> None:
        """Write nothing yet.

        Args:
            folder: The folder of the drafts of all runs; made private.
        """
        self._folder = folder
        self._run: TemporaryFolder | None = None

    def store(self, draft: Draft, opened_from: Path | None, collection: Path) -> None:
        """Write the draft.

        Args:
            draft: What is unsaved.
            opened_from: The saved request that is edited; None = a new one.
            collection: The root of the collection that is open.

        Raises:
            StorageError: It cannot be written.
        """
        source = toml_values.to_toml_string(str(opened_from)) if opened_from else '""'
        root = toml_values.to_toml_string(str(collection))
        text = f"{_OPENED_FROM}{source}\n{_COLLECTION}{root}\n{render(draft)}"
        path = self._own_folder().path / _FILE
        files.write(path, text.encode("utf-8", "replace"), mode=0o600)

    def discard(self) -> None:
        """Remove the draft: it was saved or discarded."""
        if self._run is not None:
            self._run.remove()
            self._run = None

    def leave(self) -> None:
        """Leave the draft for the next time that its collection is opened."""
        if self._run is not None:
            self._run.leave()
            self._run = None

    def recoverable(self, collection: Path) -> tuple[RecoveredDraft, ...]:
        """Return the drafts of a collection that runs have left, newest first.

        Also those whose own collection is gone: nobody would be offered them otherwise.
        """
        paths = sorted(self._folder.glob(f"*/{_FILE}"), key=_sort_by_age)
        drafts = [_recover(path) for path in paths if _is_left(path.parent)]
        return tuple(
            draft
            for draft in drafts
            if draft is not None
            and (
                draft.collection in (None, collection)
                or not os.path.isdir(draft.collection or "")
            )
        )

    def _own_folder(self) -> TemporaryFolder:
        if self._run is None:
            private_folder(self._folder)
            name = f"{os.getpid()}-{os.urandom(8).hex()}"
            try:
                self._run = TemporaryFolder(self._folder, name)
            except OSError as error:
                raise StorageError(
                    self._folder, f"{self._folder} was not written: {error.strerror}."
                ) from None
        return self._run


def _sort_by_age(path: Path) -> float:
    try:
        return -path.stat().st_mtime
    except OSError:
        return 0.0


def _recover(path: Path) -> RecoveredDraft | None:
    try:
        text = files.read(path).decode()
        head = text.splitlines()[:2]
        values: dict[str, object] = {}
        for line in head:
            if line.startswith((_OPENED_FROM, _COLLECTION)):
                values |= toml_values.parse_toml(line.removeprefix("# "))
        draft, _ = parse(text, path)
    except (StorageError, ValueError, InvalidToml):
        return None
    if draft == Draft():
        return None
    origin = _path(values.get("mixtui-opened-from"))
    return RecoveredDraft(draft, origin, _path(values.get("mixtui-collection")), path)


def _path(value: object) -> Path | None:
    return Path(value) if isinstance(value, str) and value else None


def _is_left(run: Path) -> bool:
    """Return whether the run of a folder has ended."""
    match lock_on(run):
        case Lock.HELD:
            return True
        case Lock.TAKEN:
            return False
        case Lock.NONE:
            return not _is_running(run.name.partition("-")[0])


def _is_running(process: str) -> bool:
    if not process.isdecimal():
        return True
    if os.name != "posix":
        # Windows has no harmless signal to check this; offering a draft needlessly does no harm.
        return int(process) == os.getpid()
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
