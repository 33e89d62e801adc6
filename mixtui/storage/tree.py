"""What is in a collection: folders and files by name, none of them opened."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mixtui.storage.names import SUFFIX, display, fold
from mixtui.storage.paths import COLLECTION_FILE

_Identity = tuple[int, int]
"""Device and inode: what tells a folder that links lead to in several ways."""


@dataclass(frozen=True, slots=True)
class RequestEntry:
    """A request file."""

    path: Path
    stem: str
    """Its file name without ``.toml``."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder and what is in it, both sorted as people count: 2 before 10."""

    path: Path
    name: str
    folders: tuple[Folder, ...] = ()
    requests: tuple[RequestEntry, ...] = ()
    problem: str = ""
    """Why it cannot be listed, in a sentence; empty = it can."""

    def all_requests(self) -> list[RequestEntry]:
        """Every request in it and in the folders inside, in the order of the tree."""
        inner = [entry for folder in self.folders for entry in folder.all_requests()]
        return [*inner, *self.requests]


def scan_folders(root: Path) -> Folder:
    """The tree under `root`; a root that does not exist is empty.

    Hidden files, other files than ``.toml`` and mixtui.toml are left out. Each folder
    that links lead to is listed for the first link alone, and never for one inside it.
    """
    return _scan(root, set())


def _scan(path: Path, linked: set[_Identity]) -> Folder:
    name = display(path.name)
    folders: list[Folder] = []
    requests: list[RequestEntry] = []
    try:
        with os.scandir(path) as listing:
            entries = [entry for entry in listing if not entry.name.startswith(".")]
    except FileNotFoundError:
        entries = []
    except OSError as error:
        problem = f"The folder {name} cannot be listed: {error.strerror}."
        return Folder(path, name, problem=problem)
    entries.sort(key=lambda entry: sort_key(entry.name.removesuffix(SUFFIX)))
    for entry in entries:
        if _is_request(entry):
            stem = display(entry.name[: -len(SUFFIX)])
            requests.append(RequestEntry(path / entry.name, stem))
        elif _is_folder(entry, path, linked):
            folders.append(_scan(path / entry.name, linked))
    return Folder(path, name, tuple(folders), tuple(requests))


def _is_request(entry: os.DirEntry[str]) -> bool:
    # A link that leads nowhere is no file, nor is a pipe that would never end.
    name = entry.name
    return name.endswith(SUFFIX) and name != COLLECTION_FILE and _is(entry.is_file)


def _is_folder(entry: os.DirEntry[str], parent: Path, linked: set[_Identity]) -> bool:
    if not _is(entry.is_dir):
        return False
    if not entry.is_symlink():
        return True
    target = os.path.realpath(entry.path)
    if os.path.join(os.path.realpath(parent), "").startswith(os.path.join(target, "")):
        return False
    status = entry.stat()
    identity = (status.st_dev, status.st_ino)
    if identity in linked:
        return False
    linked.add(identity)
    return True


def _is(question: Callable[[], bool]) -> bool:
    try:
        return question()
    except OSError:
        return False


def sort_key(name: str) -> list[tuple[bool, int, str]]:
    """Sorts names without regard to case, and the numbers in them as numbers."""
    return [
        (not part.isdecimal(), int(part) if part.isdecimal() else 0, part)
        for part in re.split(r"(\d+)", fold(name))
        if part
    ]
