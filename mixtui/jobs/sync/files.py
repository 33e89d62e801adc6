"""Change files that a person may be editing: never what was not read."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from msgspec import Struct

from mixtui.model.errors import ChangedOutside, StorageError
from mixtui.storage import files

_AT_ONCE = 16


def changed_since(path: Path) -> ChangedOutside:
    """Return the error for a file that was changed since it was read."""
    return ChangedOutside(
        path,
        f"{path} was changed by another program since it was read: repeat the command.",
    )


class Replacement(Struct, frozen=True):
    """The new content of a file."""

    path: Path
    before: bytes | None
    """What was read; None = there was no file."""
    data: bytes


def replace_files(replacements: Sequence[Replacement]) -> None:
    """Write files that still are as they were read.

    Raises:
        ChangedOutside: One was changed since; others may be written.
        StorageError: One cannot be written; others may be.
    """

    def write(each: Replacement) -> None:
        if not files.replace(each.path, each.before, each.data):
            raise changed_since(each.path)

    # A disk confirms several at once in the time of one.
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for done in [pool.submit(write, each) for each in replacements]:
            done.result()


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
            raise changed_since(path)
        try:
            path.unlink()
        except OSError as error:
            raise StorageError(
                path, f"{path} cannot be removed: {error.strerror}."
            ) from None
