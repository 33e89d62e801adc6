"""The saved requests that a new collection starts with.

One template serves all: the requests of ``starter/project`` work with any project, and a
collection for the sandbox also has those of ``starter/sandbox``, which need its data.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from msgspec import Struct

from mixtui.model.draft import Draft
from mixtui.model.errors import NameTaken, StorageError
from mixtui.model.trust import FULL_TRUST
from mixtui.storage import files as storage_files
from mixtui.storage.paths import COLLECTION_FILE, SUFFIX
from mixtui.storage.request_file import parse
from mixtui.storage.trust import TrustStore
from mixtui.temporary import TemporaryFolder

FIRST_REQUEST = Path("1 Query", "1-event-names.toml")
"""Works with any project that a service account or project secret can query."""
FIRST_WRITE = Path("2 Ingestion", "2-track-a-test-event.toml")
"""Works with a project token alone."""


class StarterFile(Struct, frozen=True):
    """A file of a new collection."""

    path: Path
    """Relative to the root of the collection."""
    content: bytes

    @property
    def is_request(self) -> bool:
        """Whether it is a saved request."""
        return self.path.name != COLLECTION_FILE


def starter_files(*, for_sandbox: bool = False) -> tuple[StarterFile, ...]:
    """Return the files of a new collection, in the order of its tree.

    Args:
        for_sandbox: Also those that need the sandbox's data.
    """
    template = files(__package__) / "starter"
    found = list(_files_in(template / "project"))
    if for_sandbox:
        found += _files_in(template / "sandbox")
    return tuple(sorted(found, key=lambda file: file.path.parts))


def starter_requests() -> tuple[tuple[Path, Draft], ...]:
    """Return the requests that work with any project, each with its path in the root."""
    return tuple(
        (file.path, parse(file.content, file.path)[0])
        for file in starter_files()
        if file.is_request
    )


def write_starter_collection(
    folder: Path, *, for_sandbox: bool = False, may_exist: bool = False
) -> tuple[Path, ...]:
    """Write a new collection: all of it or nothing, and over no file.

    It is trusted as made here, unless the folder had files of somebody else's.

    Args:
        folder: The root of the collection; may hold other files.
        for_sandbox: Also write the requests that need the sandbox's data.
        may_exist: Whether it may be a collection already.

    Returns:
        The paths of the requests.

    Raises:
        NameTaken: It is a collection, or has one of the files; nothing was written.
        StorageError: It cannot be written.
    """
    new = starter_files(for_sandbox=for_sandbox)
    try:
        is_ours = not folder.exists() or not any(folder.iterdir())
        if is_ours:
            _write_at_once(folder, new)
        else:
            # Else what one program takes back is missed by another.
            with storage_files.locked(folder):
                _write_between(folder, new, may_exist=may_exist)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise _taken(folder) from None
        raise StorageError(
            folder,
            f"Cannot write the starter requests to {folder}: {error.strerror}.",
        ) from None
    trust = TrustStore()
    if is_ours and trust.trust_in(folder) is not FULL_TRUST:
        trust.mark_made_here(folder)
    return tuple(folder / file.path for file in new if file.is_request)


def _write_at_once(folder: Path, new: tuple[StarterFile, ...]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = TemporaryFolder(folder.parent)
    try:
        root = temporary.path / folder.name
        for file in new:
            target = root / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.content)
        os.rename(root, folder)  # Replaces an empty folder, never one with files.
    finally:
        temporary.remove()


def _write_between(
    folder: Path, new: tuple[StarterFile, ...], *, may_exist: bool
) -> None:
    """Write into a folder with other files; take all back if one cannot be written."""
    if not may_exist and os.path.lexists(folder / COLLECTION_FILE):
        raise _taken(folder)
    written: list[Path] = []
    try:
        # The marker first: of two programs, only one creates it.
        for file in sorted(new, key=lambda file: file.is_request):
            path = folder / file.path
            if may_exist and not file.is_request and os.path.lexists(path):
                continue
            storage_files.create(path, file.content)
            written.append(path)
    except (OSError, StorageError) as error:
        for path in written:
            path.unlink(missing_ok=True)
        for name in {file.path.parts[0] for file in new if file.is_request}:
            with contextlib.suppress(OSError):  # It has other files, or is not there.
                (folder / name).rmdir()
        if isinstance(error, NameTaken):
            raise NameTaken(
                error.path,
                f"{error.path.relative_to(folder)} is in {folder} already, and no file "
                "is overwritten. Nothing was added.",
            ) from None
        raise


def _taken(folder: Path) -> NameTaken:
    return NameTaken(
        folder,
        f"{folder} is a collection already: starter requests are never written over "
        "its files. Choose another folder.",
    )


def _files_in(
    folder: Traversable, parents: tuple[str, ...] = ()
) -> Iterator[StarterFile]:
    for entry in folder.iterdir():
        path = (*parents, entry.name)
        if entry.is_dir():
            yield from _files_in(entry, path)
        elif entry.name.endswith(SUFFIX):
            yield StarterFile(Path(*path), entry.read_bytes())
