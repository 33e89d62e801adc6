"""The trash: deleted requests and folders, which can be restored for 30 days."""

from __future__ import annotations

import errno
import os
import shutil
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

from mixtui.model.errors import StorageError
from mixtui.storage import files, toml_values
from mixtui.storage.paths import SUFFIX, fold_name, private_folder, unique_name

_RETENTION_DAYS = 30
_ORIGIN = "deleted-from.toml"
"""Beside each deleted file: where it was."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """A file or folder that was deleted and can be restored."""

    path: Path
    """Its path before."""
    trash_path: Path
    """Its path in the trash."""


class Trash:
    """A private folder with one subfolder per deletion."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, path: Path) -> Deleted:
        """Move a file or folder into the trash.

        Raises:
            StorageError: It could not be moved, and is where it was.
        """
        self._purge()
        private_folder(self.folder)
        slot = private_folder(
            self.folder / f"{time.time_ns():020}-{os.urandom(4).hex()}"
        )
        origin = f"path = {toml_values.to_toml_string(str(path))}\n"
        files.write(slot / _ORIGIN, origin.encode("utf-8", "replace"), mode=0o600)
        trash_path = slot / path.name
        try:
            _move(path, trash_path)
        except OSError as error:
            shutil.rmtree(slot, ignore_errors=True)
            raise StorageError(
                path, f"{path.name} was not deleted: {error.strerror}."
            ) from None
        return Deleted(path, trash_path)

    def restore(self, deleted: Deleted) -> Path:
        """Move it back, under another name if its own is used by now.

        Returns:
            Its path.

        Raises:
            StorageError: It could not be moved, or was purged.
        """
        target = _free_path(deleted.path, folder=deleted.trash_path.is_dir())
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _move(deleted.trash_path, target)
        except FileNotFoundError:
            raise StorageError(
                deleted.path, f"{deleted.path.name} is not in the trash any more."
            ) from None
        except OSError as error:
            raise StorageError(
                deleted.path,
                f"{deleted.path.name} was not restored: {error.strerror}; "
                f"it is still in {deleted.trash_path.parent}.",
            ) from None
        shutil.rmtree(deleted.trash_path.parent, ignore_errors=True)
        return target

    def deleted_under(self, root: Path) -> tuple[Deleted, ...]:
        """Return what was deleted under `root` and can be restored, newest first."""
        results = []
        for slot in sorted(self._slots(), reverse=True):
            try:
                origin = tomllib.loads((slot / _ORIGIN).read_text("utf-8"))
                path = Path(origin["path"])
            except (OSError, ValueError, KeyError, TypeError):
                continue
            trash_path = slot / path.name
            if path.is_relative_to(root) and os.path.lexists(trash_path):
                results.append(Deleted(path, trash_path))
        return tuple(results)

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


def _free_path(path: Path, *, folder: bool) -> Path:
    suffix = "" if folder else SUFFIX
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
    partial = target.with_name(f".mixtui-{os.urandom(8).hex()}.tmp")
    try:
        if source.is_dir() and not source.is_symlink():
            shutil.copytree(source, partial, symlinks=True)
        else:
            shutil.copy2(source, partial, follow_symlinks=False)
        os.rename(partial, target)
    except OSError:
        shutil.rmtree(partial, ignore_errors=True)
        partial.unlink(missing_ok=True)
        raise
    if source.is_dir() and not source.is_symlink():
        shutil.rmtree(source)
    else:
        source.unlink()
