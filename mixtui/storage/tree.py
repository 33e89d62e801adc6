"""List the tree of saved requests, and find the request that the user names."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from mixtui.model.errors import StorageError
from mixtui.spelling import closest_name
from mixtui.storage.location import join_location
from mixtui.storage.order import Order, entry_name, load_order
from mixtui.storage.paths import COLLECTION_FILE, SUFFIX, display_name, fold_name
from mixtui.system import real_path

_FolderIdentity = tuple[int, int]
"""Device and inode: the same for a folder that several links lead to."""


class RequestEntry(Struct, frozen=True):
    """A request file."""

    path: Path
    stem: str
    """Its file name without ``.toml``."""


class Folder(Struct, frozen=True):
    """A folder and its content, in the chosen order, else naturally: 2 before 10."""

    path: Path
    name: str
    folders: tuple[Folder, ...] = ()
    requests: tuple[RequestEntry, ...] = ()
    problem: str = ""
    """Why it cannot be listed, in a sentence; empty = it can."""

    def all_folders(self) -> list[Folder]:
        """Return every folder below this one."""
        inner = [each for folder in self.folders for each in folder.all_folders()]
        return [*self.folders, *inner]

    def all_requests(self) -> list[RequestEntry]:
        """Return every request below this folder, in the order of the tree."""
        inner = [entry for folder in self.folders for entry in folder.all_requests()]
        return [*inner, *self.requests]


def scan_folders(root: Path) -> Folder:
    """List the tree under `root`; a root that does not exist is empty.

    The order is that of mixtui.toml (see `mixtui.storage.order`), and by name.
    Skips hidden files, mixtui.toml and files that are not ``.toml``. A folder that symbolic
    links lead to is listed for the first link only, and never inside itself.
    """
    return TreeScanner(root).scan()


class _Listing(Struct, frozen=True):
    """What was made of a folder when it was listed."""

    names: Sequence[tuple[str, bool]]
    """What the system listed; True = a request."""
    order: Sequence[str]
    folder: Folder


class TreeScanner:
    """Lists a tree as `scan_folders` does, again and again.

    A folder that holds the same names as the last time stays the same object, with all in
    it: neither sorted nor compared again. Can be used by several threads.

    Args:
        root: The root of the tree.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._listings: dict[str, _Listing] = {}

    def scan(self) -> Folder:
        """Return the tree as it is now."""
        current: dict[str, _Listing] = {}
        order = load_order(self._root)
        folder = self._scan(self._root, ".", order, set(), current)
        self._listings = current
        return folder

    def _scan(
        self,
        path: Path,
        key: str,
        order: Order,
        linked: set[_FolderIdentity],
        current: dict[str, _Listing],
    ) -> Folder:
        name = display_name(path.name)
        try:
            entries = _entries(path)
        except FileNotFoundError:
            entries = []
        except OSError as error:
            problem = f"The folder {name} cannot be listed: {error.strerror}."
            return Folder(path, name, problem=problem)
        requests = [entry for entry in entries if is_request(entry)]
        folders_by_name = _by_name(e for e in entries if _safely(e.is_dir))
        inner = [e for e in folders_by_name if _is_folder(e, path, linked)]
        names = [*((e.name, True) for e in requests), *((e.name, False) for e in inner)]
        chosen = order.names.get(key, ())
        before = self._listings.get(key)
        if before is None or before.names != names or before.order != chosen:
            before = _Listing(
                names, chosen, _list_folder(path, name, key, order, requests, inner)
            )
        folders = tuple(
            self._scan(
                each.path,
                each.path.name if key == "." else f"{key}/{each.path.name}",
                order,
                linked,
                current,
            )
            for each in before.folder.folders
        )
        if any(a is not b for a, b in zip(folders, before.folder.folders, strict=True)):
            before = replace(before, folder=replace(before.folder, folders=folders))
        current[key] = before
        return before.folder


def _list_folder(
    path: Path,
    name: str,
    key: str,
    order: Order,
    requests: Iterable[os.DirEntry[str]],
    folders: Iterable[os.DirEntry[str]],
) -> Folder:
    """Return a folder with its entries in order, and nothing yet in those folders.

    Args:
        path: Its path.
        name: What it is called.
        key: Its path from the root, as in `Order`.
        order: The chosen order.
        requests: The requests in it.
        folders: The folders in it, by name.
    """
    inner = [Folder(path / e.name, display_name(e.name)) for e in folders]
    own = [
        RequestEntry(path / e.name, display_name(e.name[: -len(SUFFIX)]))
        for e in _by_name(requests)
    ]
    if key in order.names:
        position = order.key(key)
        inner.sort(key=lambda e: position(entry_name(e.path, is_folder=True)))
        own.sort(key=lambda e: position(entry_name(e.path, is_folder=False)))
    return Folder(path, name, tuple(inner), tuple(own))


def siblings(root: Path, path: Path) -> tuple[list[Path], list[Path]]:
    """Return what is beside a request or folder and of its kind, with itself.

    Returns:
        The paths in the order of the tree, and by name.
    """
    folder, is_folder = path.parent, path.is_dir()
    key = folder.relative_to(root).as_posix()
    try:
        entries = _entries(folder)
    except OSError:
        entries = []  # It is gone.
    by_name = [
        folder / entry.name
        for entry in _by_name(entries)
        if (_safely(entry.is_dir) if is_folder else is_request(entry))
    ]
    position = load_order(root).key(key)
    ordered = sorted(
        by_name, key=lambda each: position(entry_name(each, is_folder=is_folder))
    )
    return ordered, by_name


def _entries(path: Path) -> list[os.DirEntry[str]]:
    """Return what a folder holds, without what is hidden."""
    with os.scandir(path) as listing:
        return [entry for entry in listing if not entry.name.startswith(".")]


def _by_name(entries: Iterable[os.DirEntry[str]]) -> list[os.DirEntry[str]]:
    return sorted(entries, key=lambda entry: _sort_key(entry.name.removesuffix(SUFFIX)))


def is_request(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry of a folder is a request file."""
    # is_file() excludes dangling links, and pipes, whose reading would never end.
    name = entry.name
    return name.endswith(SUFFIX) and name != COLLECTION_FILE and _safely(entry.is_file)


def _is_folder(
    entry: os.DirEntry[str], parent: Path, linked: set[_FolderIdentity]
) -> bool:
    """Return whether an entry that is a folder is listed: see `scan_folders`."""
    if not entry.is_symlink():
        return True
    target = str(real_path(Path(entry.path)))
    if os.path.join(real_path(parent), "").startswith(os.path.join(target, "")):
        return False
    try:
        status = entry.stat()
    except OSError:
        return False  # It has just gone.
    identity = (status.st_dev, status.st_ino)
    if identity in linked:
        return False
    linked.add(identity)
    return True


def _safely(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except OSError:
        return False


def _sort_key(name: str) -> list[tuple[bool, int, str]]:
    """Sort names without regard to case, and the numbers in them as numbers."""
    return [
        (not part.isdecimal(), int(part) if part.isdecimal() else 0, part)
        for part in re.split(r"(\d+)", fold_name(name))
        if part
    ]


def find_request(
    text: str,
    root: Path,
    entries: Sequence[RequestEntry],
    read_names: Callable[[], Mapping[Path, str]],
) -> Path:
    """Return the one request that `text` names.

    Compares its path from `root` without ``.toml``, then its file name, then the name
    inside it, with its folders (``Folder/Name``, as lists show it) and alone; each first
    exactly and then without regard to case.

    Args:
        text: What the user wrote.
        root: The root of the collection.
        entries: Every request in it.
        read_names: Returns the names inside the files; called only if no path matches.

    Raises:
        StorageError: No request matches (suggests the closest name), or several do.
    """
    name = text.strip().replace("\\", "/").removeprefix("./").removesuffix(SUFFIX)
    paths = {entry.path: _relative_name(entry.path, root) for entry in entries}
    stems = {entry.path: entry.path.name.removesuffix(SUFFIX) for entry in entries}
    for candidates in (paths, stems):
        if matches := _matching_paths(name, candidates):
            return _single_match(text, matches, paths, root)
    names = dict(read_names())
    locations = {
        path: join_location((*path.parent.relative_to(root).parts, name))
        for path, name in names.items()
    }
    for candidates in (locations, names):
        if matches := _matching_paths(text.strip(), candidates):
            return _single_match(text, matches, paths, root)
    raise StorageError(root, _not_found_message(text, paths, names))


def _relative_name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix().removesuffix(SUFFIX)


def _matching_paths(name_: str, names: dict[Path, str]) -> list[Path]:
    exact = [path for path, name in names.items() if name == name_]
    if exact:
        return exact
    folded = fold_name(name_)
    return [path for path, name in names.items() if fold_name(name) == folded]


def _single_match(
    text: str, matches: list[Path], paths: dict[Path, str], root: Path
) -> Path:
    if len(matches) == 1:
        return matches[0]
    names = ", ".join(display_name(paths[path]) for path in matches[:5])
    more = f" and {len(matches) - 5} more" if len(matches) > 5 else ""
    raise StorageError(
        root,
        f"{len(matches)} saved requests are named “{text}”: {names}{more}. Add the "
        "folder to choose one.",
    )


def _not_found_message(
    text: str, paths: dict[Path, str], names: dict[Path, str]
) -> str:
    if not paths:
        return f"“{text}” was not found: the collection is empty."
    names_by_folded = {
        fold_name(name): name for name in (*names.values(), *paths.values()) if name
    }
    names_by_folded |= {
        fold_name(name.rpartition("/")[2]): name for name in paths.values()
    }
    if closest := closest_name(text, names_by_folded):
        hint = f"Did you mean {display_name(names_by_folded[closest])}?"
    else:
        hint = "“mixtui list” lists them all."
    return f"“{text}” was not found in the collection. {hint}"
