"""The saved requests of a new collection; all of them work against the sandbox."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from mixtui.model.errors import NameTaken, StorageError
from mixtui.temporary import TemporaryFolder


def write_starter_collection(folder: Path) -> None:
    """Copy the collection into a folder that is empty or does not exist: all or nothing.

    Args:
        folder: The root of the new collection.

    Raises:
        NameTaken: The folder is not empty; nothing was written.
        StorageError: The folder cannot be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = TemporaryFolder(folder.parent)
        try:
            new = temporary.path / folder.name
            for path, content in _starter_files(files(__package__) / "starter"):
                target = new.joinpath(*path)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            os.rename(new, folder)  # Replaces an empty folder, never one with files.
        finally:
            temporary.remove()
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise NameTaken(
                folder,
                f"{folder} is not empty: the starter collection is never written "
                "over existing files. Choose an empty folder.",
            ) from None
        raise StorageError(
            folder,
            f"Cannot write the starter collection to {folder}: {error.strerror}.",
        ) from None


def _starter_files(
    folder: Traversable, parents: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], bytes]]:
    """Yield the path parts and content of every file."""
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        path = (*parents, entry.name)
        if entry.is_dir():
            yield from _starter_files(entry, path)
        elif entry.name.endswith(".toml"):
            yield path, entry.read_bytes()
