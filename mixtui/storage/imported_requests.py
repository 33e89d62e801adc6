"""Imported requests into files: a folder for each folder of theirs, nothing
overwritten."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mixtui.core.requests import Draft
from mixtui.storage import names
from mixtui.storage.collection import Collection

_LONGEST = 60
"""Characters of a folder's name."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was made."""

    path: Path
    draft: Draft


def target_folder(collection: Collection, words: str) -> Path:
    """The folder that a person names, relative to the collection's root.

    Raises:
        StorageError: One of its names cannot be a folder's.
    """
    folder = collection.root
    for part in words.replace(os.sep, "/").strip("/").split("/"):
        if part.strip() not in ("", "."):
            folder = _inside(folder, names.checked(part, folder))
    return folder


def write_requests(
    collection: Collection,
    folder: Path,
    requests: Iterable[tuple[tuple[str, ...], Draft]],
) -> Iterator[Written]:
    """Write one file for each request. Blocking; each is there when it is yielded.

    Args:
        collection: Where it belongs.
        folder: The folder in it; made if there is none.
        requests: Folders inside it, as another tool calls them, and the draft.

    Raises:
        StorageError: A file cannot be written; those before it stay.
    """
    for folders, draft in requests:
        into = folder
        for name in folders:
            into = _inside(into, folder_name(name))
        opened = collection.save_as(into, draft)
        yield Written(opened.path, opened.draft)


def folder_name(name: str) -> str:
    """A folder's name like the one that another tool has."""
    text = unicodedata.normalize("NFC", name)
    kept = "".join(" " if _is_bad(character) else character for character in text)
    short = " ".join(kept.split())[:_LONGEST].strip(". ")
    while len(short.encode()) > _LONGEST * 3:
        short = short[:-1]
    stem = names.fold(short.partition(".")[0])
    if not short or names.slug(stem) != names.slug(stem).removesuffix("-request"):
        return f"{short} requests".strip()
    return short


def _is_bad(character: str) -> bool:
    return character in '/\\<>:"|?*' or unicodedata.category(character) in (
        "Cc",
        "Cf",
        "Cs",
        "Co",
        "Cn",
        "Zl",
        "Zp",
    )


def _inside(folder: Path, name: str) -> Path:
    """The folder of that name, spelled as it is there already."""
    try:
        there = os.listdir(folder)
    except OSError:
        there = []
    known = next(
        (
            one
            for one in there
            if names.fold(one) == names.fold(name) and (folder / one).is_dir()
        ),
        name,
    )
    return folder / known
