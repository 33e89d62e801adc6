"""Move deleted requests and folders to the trash, and restore them for 30 days."""

from __future__ import annotations

import errno
import os
import shutil
import time
from pathlib import Path

from msgspec import Struct

from mixtui.model.errors import StorageError
from mixtui.storage import files, toml_values
from mixtui.storage.paths import SUFFIX, fold_name, private_folder, unique_name
from mixtui.storage.toml_values import InvalidToml, parse_toml
from mixtui.temporary import TemporaryFolder

_RETENTION_DAYS = 30
_ORIGIN_FILE = "deleted-from.toml"
"""Stands beside each deleted file and holds its original path."""


class DeletedItem(Struct, frozen=True):
    """A file or folder that was deleted and can be restored."""

    path: Path
    """Its path before."""
    trash_path: Path
    """Its path in the trash."""


class Trash:
    """A private folder with one subfolder per deletion."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, path: Path, *, undone: bool = False) -> DeletedItem:
        """Move a file or folder into the trash.

        Args:
            path: What to move.
            undone: It is removed because its creation is undone: it is not listed as
                deleted.

        Raises:
            StorageError: It could not be moved, and is where it was.
        """
        self._purge()
        private_folder(self.folder)
        slot = private_folder(
            self.folder / f"{time.time_ns():020}-{os.urandom(4).hex()}"
        )
        origin = f"path = {toml_values.to_toml_string(str(path))}\n"
        origin += "undone = true\n" if undone else ""
        files.write(slot / _ORIGIN_FILE, origin.encode("utf-8", "replace"), mode=0o600)
        trash_path = slot / path.name
        try:
            _move(path, trash_path)
        except OSError as error:
            shutil.rmtree(slot, ignore_errors=True)
            raise StorageError(
                path, f"{path.name} was not deleted: {error.strerror}."
            ) from None
        return DeletedItem(path, trash_path)

    def restore(self, deleted: DeletedItem) -> Path:
        """Move it back, under another name if its own is used by now.

        Returns:
            Its path.

        Raises:
            StorageError: It could not be moved, or was purged.
        """
        target = _unused_path(deleted.path, is_folder=deleted.trash_path.is_dir())
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _move(deleted.trash_path, target)
        except FileNotFoundError:
            raise StorageError(
                deleted.path, f"{deleted.path.name} is no longer in the trash."
            ) from None
        except OSError as error:
            raise StorageError(
                deleted.path,
                f"{deleted.path.name} was not restored: {error.strerror}; "
                f"it is still in {deleted.trash_path.parent}.",
            ) from None
        shutil.rmtree(deleted.trash_path.parent, ignore_errors=True)
        return target

    def deleted_under(self, root: Path) -> tuple[DeletedItem, ...]:
        """Return what was deleted under `root` and can be restored, newest first."""
        deleted = []
        for slot in sorted(self._slots(), reverse=True):
            try:
                origin = parse_toml((slot / _ORIGIN_FILE).read_text("utf-8"))
                path, undone = Path(origin["path"]), origin.get("undone", False)
            except (OSError, ValueError, KeyError, TypeError, InvalidToml):
                continue
            trash_path = slot / path.name
            if not undone and path.is_relative_to(root) and os.path.lexists(trash_path):
                deleted.append(DeletedItem(path, trash_path))
        return tuple(deleted)

    def _slots(self) -> list[Path]:
        try:
            return [path for path in self.folder.iterdir() if path.is_dir()]
        except OSError:
            return []

    def _purge(self) -> None:
        oldest = time.time_ns() - _RETENTION_DAYS * 86400 * 10**9
        for slot in self._slots():
            stamp = slot.name.partition("-")[0]
            if stamp.isdecimal() and int(stamp) < oldest:
                shutil.rmtree(slot, ignore_errors=True)


def _unused_path(path: Path, *, is_folder: bool) -> Path:
    suffix = "" if is_folder else SUFFIX
    try:
        used = {fold_name(name) for name in os.listdir(path.parent)}
    except OSError:
        return path
    stem = path.name.removesuffix(suffix)
    stems = {name.removesuffix(suffix) for name in used if name.endswith(suffix)}
    return path.with_name(unique_name(stem, stems) + suffix)


def _move(source: Path, target: Path) -> None:
    try:
        os.rename(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy_then_remove(source, target)


def _copy_then_remove(source: Path, target: Path) -> None:
    """Move to another file system: `target` is complete before `source` is removed."""
    folder = TemporaryFolder(target.parent)
    try:
        partial = folder.path / target.name
        if source.is_dir() and not source.is_symlink():
            files.copy_folder(source, partial)
        else:
            shutil.copy2(source, partial, follow_symlinks=False)
        os.rename(partial, target)
    finally:
        folder.remove()
    if source.is_dir() and not source.is_symlink():
        shutil.rmtree(source)
    else:
        source.unlink()
