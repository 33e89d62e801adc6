"""What has become of the file of an open request: another program may have changed it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from msgspec import Struct

from mixtui.model.errors import StorageError
from mixtui.storage.collection import Collection, OpenRequest
from mixtui.storage.files import Fingerprint, read


class Unchanged(Struct, frozen=True):
    """The file is as it was when the request was opened or saved."""

    label: ClassVar[str] = ""


class FileChanged(Struct, frozen=True):
    """The file has another content."""

    request: OpenRequest
    """As it is now."""
    label: ClassVar[str] = "changed on disk"


class FileMoved(Struct, frozen=True):
    """The file is elsewhere."""

    path: Path
    label: ClassVar[str] = ""


class FileUnreadable(Struct, frozen=True):
    """The file is no longer a request, or cannot be read."""

    problem: str
    """A sentence."""
    text: str = ""
    """Its content, as far as it can be read."""
    label: ClassVar[str] = "broken on disk"


class FileDeleted(Struct, frozen=True):
    """There is no such file."""

    label: ClassVar[str] = "deleted from disk"


FileState = Unchanged | FileChanged | FileMoved | FileUnreadable | FileDeleted
"""Each has a label for the title of the request."""


def file_state(
    store: Collection, request: OpenRequest, appeared: Sequence[Path] = ()
) -> FileState:
    """Compare the file of a request with what was read of it. Blocks.

    Args:
        store: The collection.
        request: As it was opened or last saved.
        appeared: Files that were not there before: one may be this file, moved.
    """
    try:
        current = store.open(request.path)
    except StorageError as error:
        if request.path.exists():
            return FileUnreadable(str(error), _text(request.path))
        moved = [path for path in appeared if _holds(path, request.fingerprint)]
        return FileMoved(moved[0]) if len(moved) == 1 else FileDeleted()
    return (
        Unchanged()
        if current.fingerprint == request.fingerprint
        else FileChanged(current)
    )


def _text(path: Path) -> str:
    try:
        return read(path).decode("utf-8", "replace")
    except StorageError:
        return ""


def _holds(path: Path, fingerprint: Fingerprint) -> bool:
    try:
        is_candidate = path.stat().st_size == fingerprint.size
        return is_candidate and Fingerprint.of(read(path)) == fingerprint
    except (OSError, StorageError):
        return False
