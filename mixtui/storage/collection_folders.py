"""Which folders can be opened as a collection: recent ones, and those of a typed path."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from enum import Enum
from pathlib import Path

from msgspec import Struct

from mixtui.storage.paths import COLLECTION_FILE, fold_name


class FolderKind(Enum):
    """What is known of a folder; the value is shown beside it."""

    OPEN = "open"
    COLLECTION = "collection"
    PLAIN = "folder"
    """It has no mixtui.toml."""
    MISSING = "missing"
    NEW = "create"
    """It does not exist, and can be created."""
    SILENT = "does not respond"
    """It is on a network or disk that does not answer."""


class CollectionFolder(Struct, frozen=True):
    """A folder to choose."""

    path: Path
    kind: FolderKind

    @property
    def can_be_chosen(self) -> bool:
        """Whether it can be opened or created."""
        return self.kind not in (FolderKind.MISSING, FolderKind.SILENT)


class Listing(Struct, frozen=True):
    """The folders in a folder, by name."""

    path: Path
    exists: bool
    folders: Sequence[CollectionFolder] = ()


def inspect(path: Path) -> CollectionFolder:
    """Look at a folder. Blocks, perhaps for ever: it may be on a network."""
    return CollectionFolder(path, _kind(path, FolderKind.MISSING))


def list_folder(path: Path) -> Listing:
    """List the folders in a folder. Blocks, perhaps for ever: it may be on a network."""
    try:
        with os.scandir(path) as entries:
            names = [each.name for each in entries if each.is_dir()]
    except OSError:
        return Listing(path, path.is_dir())
    names.sort(key=lambda name: (fold_name(name), name))
    return Listing(path, True, tuple(inspect(path / name) for name in names))


def matching_folders(listing: Listing, start: str) -> list[CollectionFolder]:
    """Return what a typed path may mean, the likeliest first.

    The folder of that very name, then those whose names begin like that, then a new one.
    Hidden folders are listed if the dot is typed.
    """
    if not start:
        kind = _kind(listing.path, FolderKind.NEW)
        return [CollectionFolder(listing.path, kind), *_visible(listing.folders, start)]
    exact = [each for each in listing.folders if each.path.name == start]
    others = [each for each in _visible(listing.folders, start) if each not in exact]
    target = listing.path / start
    is_new = not exact and not os.path.lexists(target)
    return [*exact, *others, *([CollectionFolder(target, FolderKind.NEW)] * is_new)]


def _visible(
    folders: Iterable[CollectionFolder], start: str
) -> Iterable[CollectionFolder]:
    folded = fold_name(start)
    return (
        each
        for each in folders
        if fold_name(each.path.name).startswith(folded)
        and each.path.name.startswith(".") <= start.startswith(".")
    )


def _kind(path: Path, missing: FolderKind) -> FolderKind:
    if os.path.isfile(path / COLLECTION_FILE):
        return FolderKind.COLLECTION
    return FolderKind.PLAIN if os.path.isdir(path) else missing
