"""Write the requests of an import into folders, under names that a disk allows."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from mixtui.model.draft import Draft
from mixtui.storage.collection import Collection
from mixtui.storage.location import parse_folders
from mixtui.storage.paths import fold_name, slug

_MAX_NAME_LENGTH = 60
"""Characters of a folder's name."""


class WrittenRequest(Struct, frozen=True):
    """A file that was written, and the request in it."""

    path: Path
    draft: Draft


def target_folder(collection: Collection, text: str) -> Path:
    """Return the folder that the user names, relative to the collection's root.

    Raises:
        StorageError: A part of the path cannot be the name of a folder.
    """
    return collection.folder_path(parse_folders(text, collection.root))


def write_requests(
    collection: Collection,
    folder: Path,
    requests: Iterable[tuple[tuple[str, ...], Draft]],
) -> Iterator[WrittenRequest]:
    """Write one file per request; each exists when it is yielded. Blocks.

    Args:
        collection: The collection to write to.
        folder: A folder in it; created if missing.
        requests: The folders inside `folder`, as another tool names them, and the draft.

    Raises:
        StorageError: A file cannot be written; the ones before it stay.
    """
    for folders, draft in requests:
        path = (*folder.relative_to(collection.root).parts, *map(folder_name, folders))
        target = collection.folder_path(path)
        opened = collection.save_as(target, draft)
        yield WrittenRequest(opened.path, opened.draft)


def folder_name(name: str) -> str:
    """Turn the name that another tool gives a folder into one that a disk allows."""
    text = unicodedata.normalize("NFC", name)
    allowed = "".join(" " if _is_forbidden(c) else c for c in text)
    short = " ".join(allowed.split())[:_MAX_NAME_LENGTH].strip(". ")
    while len(short.encode()) > _MAX_NAME_LENGTH * 3:
        short = short[:-1]
    stem = fold_name(short.partition(".")[0])
    if not short or slug(stem) != slug(stem).removesuffix("-request"):
        return f"{short} requests".strip()
    return short


def _is_forbidden(character: str) -> bool:
    return character in '/\\<>:"|?*' or unicodedata.category(character) in (
        "Cc",
        "Cf",
        "Cs",
        "Co",
        "Cn",
        "Zl",
        "Zp",
    )
