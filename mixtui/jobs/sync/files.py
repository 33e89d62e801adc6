"""Change files that a person may be editing: never what was not read."""

from __future__ import annotations

from pathlib import Path

from mixtui.model.errors import ChangedOutside, StorageError
from mixtui.storage import files


def changed_meanwhile(path: Path) -> ChangedOutside:
    """Return the error for a file that was changed since it was read."""
    return ChangedOutside(
        path, f"{path} was changed by another program meanwhile: repeat the command."
    )


def replace_file(path: Path, before: bytes | None, data: bytes) -> None:
    """Write a file that still is as it was read.

    Args:
        path: Of the file.
        before: What was read; None = there was no file.
        data: The new content.

    Raises:
        ChangedOutside: It was changed since.
        StorageError: It cannot be written.
    """

    def change(present: bytes | None) -> bytes:
        if present != before:
            raise changed_meanwhile(path)
        return data

    files.update(path, change)


def remove_file(path: Path, before: bytes) -> None:
    """Remove a file that still is as it was read.

    Raises:
        ChangedOutside: It was changed since.
        StorageError: It cannot be removed.
    """
    with files.locked(path.parent):
        if not path.exists():
            return
        if files.read(path) != before:
            raise changed_meanwhile(path)
        try:
            path.unlink()
        except OSError as error:
            raise StorageError(
                path, f"{path} cannot be removed: {error.strerror}."
            ) from None
