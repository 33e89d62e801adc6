"""A collection: a folder of saved requests, one file each."""

from __future__ import annotations

import difflib
import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mixtui.model.draft import Draft, Method
from mixtui.model.errors import BrokenFile, ChangedOutside, NameTaken, StorageError
from mixtui.storage import files as atomic
from mixtui.storage import paths as names
from mixtui.storage import toml_values
from mixtui.storage.files import Fingerprint
from mixtui.storage.paths import (
    COLLECTION_FILE,
    SUFFIX,
    display_name,
    fold_name,
    state_dir,
)
from mixtui.storage.request_file import parse, render
from mixtui.storage.trash import Deleted, Trash

_FolderIdentity = tuple[int, int]
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


def _scan(path: Path, linked: set[_FolderIdentity]) -> Folder:
    name = display_name(path.name)
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
            stem = display_name(entry.name[: -len(SUFFIX)])
            requests.append(RequestEntry(path / entry.name, stem))
        elif _is_folder(entry, path, linked):
            folders.append(_scan(path / entry.name, linked))
    return Folder(path, name, tuple(folders), tuple(requests))


def _is_request(entry: os.DirEntry[str]) -> bool:
    # A link that leads nowhere is no file, nor is a pipe that would never end.
    name = entry.name
    return name.endswith(SUFFIX) and name != COLLECTION_FILE and _safely(entry.is_file)


def _is_folder(
    entry: os.DirEntry[str], parent: Path, linked: set[_FolderIdentity]
) -> bool:
    if not _safely(entry.is_dir):
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


def _safely(question: Callable[[], bool]) -> bool:
    try:
        return question()
    except OSError:
        return False


def sort_key(name: str) -> list[tuple[bool, int, str]]:
    """Sorts names without regard to case, and the numbers in them as numbers."""
    return [
        (not part.isdecimal(), int(part) if part.isdecimal() else 0, part)
        for part in re.split(r"(\d+)", fold_name(name))
        if part
    ]


def find_request(
    text: str,
    root: Path,
    entries: Sequence[RequestEntry],
    name_of: Callable[[Path], str],
) -> Path:
    """The one request that `text` names.

    By its path from `root` without ``.toml``, else by its file name, else by the name
    inside it, each first as written and then without regard to case. `name_of` opens
    a file; it is asked only when paths do not answer. Raises StorageError when there
    is none, with the nearest names, or more than one, with all of them.
    """
    wanted = text.strip().replace("\\", "/").removeprefix("./").removesuffix(SUFFIX)
    paths = {entry.path: _relative_name(entry.path, root) for entry in entries}
    stems = {entry.path: entry.path.name.removesuffix(SUFFIX) for entry in entries}
    for candidates in (paths, stems):
        if found := _matching_paths(wanted, candidates):
            return _single_match(text, found, paths, root)
    inside = {entry.path: name_of(entry.path) for entry in entries}
    if found := _matching_paths(text.strip(), inside):
        return _single_match(text, found, paths, root)
    raise StorageError(root, _not_found_message(text, paths, inside))


def _relative_name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix().removesuffix(SUFFIX)


def _matching_paths(wanted: str, names: dict[Path, str]) -> list[Path]:
    exact = [path for path, name in names.items() if name == wanted]
    if exact:
        return exact
    folded = fold_name(wanted)
    return [path for path, name in names.items() if fold_name(name) == folded]


def _single_match(
    text: str, found: list[Path], paths: dict[Path, str], root: Path
) -> Path:
    if len(found) == 1:
        return found[0]
    names = ", ".join(display_name(paths[path]) for path in found[:5])
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    raise StorageError(
        root,
        f"“{text}” names {len(found)} saved requests: {names}{more}; "
        "write the one you mean with its folder.",
    )


def _not_found_message(
    text: str, paths: dict[Path, str], inside: dict[Path, str]
) -> str:
    if not paths:
        return f"There is no saved request “{text}”: the collection is empty."
    known = {
        fold_name(name): name for name in (*inside.values(), *paths.values()) if name
    }
    known |= {fold_name(name.rpartition("/")[2]): name for name in paths.values()}
    close = difflib.get_close_matches(fold_name(text), known, n=3, cutoff=0.6)
    names = dict.fromkeys(display_name(known[match]) for match in close)
    if names:
        return f"There is no saved request “{text}”; is it {' or '.join(names)}?"
    return f"There is no saved request “{text}”: see «mixtui list» for all of them."


_MARKER = b"# This folder is a mixtui collection: a saved request in each .toml file.\n"


@dataclass(frozen=True, slots=True)
class RequestHead:
    """What the sidebar shows of a request."""

    name: str
    """Safe to show; the file's name without ``.toml`` where it holds none."""
    method: Method


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A request file as it was when it was opened or saved."""

    path: Path
    draft: Draft
    source: str
    """Its TOML."""
    fingerprint: Fingerprint
    warnings: tuple[str, ...] = ()
    """A sentence for each key that is not known."""


class Collection:
    """The requests under one root. Blocking: keep long work off the event loop.

    Every method raises StorageError for what a disk or a person may do wrong. Paths
    are those that `scan` gave; nothing outside of the root is touched.
    """

    def __init__(self, root: Path, trash: Path | None = None) -> None:
        self.root = Path(os.path.abspath(root))
        self._trash = Trash(trash or state_dir() / "trash")

    def scan(self) -> Folder:
        """The tree of folders and files; no file is opened."""
        return scan_folders(self.root)

    def head(self, path: Path) -> RequestHead | BrokenFile:
        """Name and method from one file, or what is wrong with it (not raised)."""
        try:
            draft, _ = parse(atomic.read(path), path)
        except BrokenFile as broken:
            return broken
        except StorageError as error:
            return BrokenFile(path, str(error))
        stem = path.name.removesuffix(SUFFIX)
        return RequestHead(names.display_name(draft.name or stem), draft.method)

    def open(self, path: Path) -> OpenRequest:
        """Read one request. Raises BrokenFile."""
        data = atomic.read(self._inside(path))
        draft, warnings = parse(data, path)
        source = toml_values.decode(data)
        return OpenRequest(path, draft, source, Fingerprint.of(data), warnings)

    def save(
        self, request: OpenRequest, draft: Draft, *, overwrite: bool = False
    ) -> OpenRequest:
        """Write `draft` to the file of `request`, and return it as it is now.

        Raises ChangedOutside when the file holds something else than when it was
        opened, or is gone; with `overwrite` it is written nevertheless, over the
        comments and unknown keys that it holds by now. A file that has become broken
        is never overwritten: BrokenFile.
        """
        path = self._inside(request.path)
        source = request.source
        current = atomic.read(path) if os.path.lexists(path) else None
        if current is None and not overwrite:
            raise ChangedOutside(
                path,
                f"{path.name} was deleted or moved since you opened it: "
                "save it again to put it back, or save it under another name.",
            )
        if current is not None and Fingerprint.of(current) != request.fingerprint:
            if not overwrite:
                raise ChangedOutside(
                    path,
                    f"{path.name} was changed by something else since you opened it: "
                    "overwrite it, open it again, or save under another name.",
                )
            parse(current, path)
            source = toml_values.decode(current)
        data = _encode(render(draft, source, path=path), path)
        if data != current:
            self._make_root()
            atomic.write(path, data)
        return self.open(path)

    def save_as(
        self, folder: Path, draft: Draft, stem: str | None = None
    ) -> OpenRequest:
        """Write a new file in `folder`.

        Its name comes from the draft's and is made unique, unless `stem` gives it:
        then NameTaken is raised when there is one of that name.
        """
        self._inside(folder)
        explicit = None if stem is None else names.validate_name(stem, folder)
        path = self._create(folder, explicit, draft.name, render(draft))
        return self.open(path)

    def duplicate(self, path: Path) -> OpenRequest:
        """Copy a request, comments and all, beside itself, named “… copy”."""
        request = self.open(path)
        name = request.draft.name and f"{request.draft.name} copy"
        draft = replace(request.draft, name=name)
        source = render(draft, request.source, path=path)
        stem = f"{path.name.removesuffix(SUFFIX)} copy"
        return self.open(self._create(path.parent, None, name or stem, source))

    def rename(self, path: Path, new_name: str) -> OpenRequest:
        """Change the name inside a request, and its file's name after it."""
        name = " ".join(new_name.split())
        if not name:
            raise StorageError(path, "A request needs a name: type one.")
        request = self.open(path)
        request = self.save(request, replace(request.draft, name=name))
        stem = path.name.removesuffix(SUFFIX)
        others = _stems(path.parent) - {names.fold_name(stem)}
        new_stem = names.unique_name(names.slug(name), others)
        if new_stem == stem:
            return request
        return self.open(_move(path, path.with_name(new_stem + SUFFIX)))

    def move(self, path: Path, folder: Path) -> Path:
        """Move a request or a folder into another folder; returns where it is now.

        Raises NameTaken when there is one of that name.
        """
        self._inside(path, root_too=False)
        self._inside(folder)
        if folder == path.parent:
            return path
        if folder.is_relative_to(path):
            raise StorageError(
                path, f"The folder {path.name} cannot be moved into itself."
            )
        return _move(path, folder / path.name)

    def new_folder(self, parent: Path, name: str) -> Path:
        """Make a folder. Raises NameTaken."""
        self._inside(parent)
        path = parent / names.validate_name(name, parent)
        self._make_root()
        try:
            path.mkdir()
        except FileExistsError:
            raise _name_in_use(path) from None
        except OSError as error:
            raise StorageError(
                path, f"The folder {path.name} was not made: {error.strerror}."
            ) from None
        return path

    def rename_folder(self, path: Path, name: str) -> Path:
        """Give a folder another name; returns where it is now. Raises NameTaken."""
        self._inside(path, root_too=False)
        return _move(path, path.with_name(names.validate_name(name, path.parent)))

    def delete(self, path: Path) -> Deleted:
        """Move a request, or a folder with all that is in it, to the trash."""
        return self._trash.add(self._inside(path, root_too=False))

    def restore(self, deleted: Deleted) -> Path:
        """Bring it back; returns where it is, which may be beside what came since."""
        self._inside(deleted.path)
        self._make_root()
        return self._trash.restore(deleted)

    def restorable(self) -> tuple[Deleted, ...]:
        """What can be brought back, the newest first; it outlives the program."""
        return self._trash.deleted_under(self.root)

    def find(self, words: str) -> Path:
        """The request that `words` names: path, file name, or name; for people.

        Raises StorageError when there is none, or more than one.
        """

        def name_of(path: Path) -> str:
            head = self.head(path)
            return head.name if isinstance(head, RequestHead) else ""

        return find_request(words, self.root, self.scan().all_requests(), name_of)

    def _inside(self, path: Path, *, root_too: bool = True) -> Path:
        # By name, not by where links lead: a link in the collection is the user's own.
        absolute = Path(os.path.abspath(path))
        if not absolute.is_relative_to(self.root):
            raise StorageError(path, f"{path} is outside the collection {self.root}.")
        if absolute == self.root and not root_too:
            raise StorageError(path, "The collection's own folder stays where it is.")
        return path

    def _make_root(self) -> None:
        if os.path.lexists(self.root):
            return
        atomic.create(self.root / COLLECTION_FILE, _MARKER)

    def _create(
        self, folder: Path, explicit: str | None, name: str, source: str
    ) -> Path:
        self._make_root()
        while True:
            stem = explicit or names.unique_name(names.slug(name), _stems(folder))
            path = folder / (stem + SUFFIX)
            if explicit and names.fold_name(explicit) in _stems(folder):
                raise _name_in_use(path)
            try:
                atomic.create(path, _encode(source, path))
            except NameTaken:
                if explicit:
                    raise
            else:
                return path


def _stems(folder: Path) -> set[str]:
    try:
        results = os.listdir(folder)
    except OSError:
        return set()
    return {
        names.fold_name(n.removesuffix(SUFFIX)) for n in results if n.endswith(SUFFIX)
    }


def _move(source: Path, target: Path) -> Path:
    # On a file system without upper and lower case, a new spelling finds itself.
    same = (
        source.parent == target.parent
        and names.fold_name(source.name) == names.fold_name(target.name)
        and os.path.lexists(target)
        and os.path.samestat(os.lstat(source), os.lstat(target))
    )
    try:
        if same or (source.is_dir() and not os.path.lexists(target)):
            os.rename(source, target)
        elif source.is_dir():
            raise _name_in_use(target)
        else:
            atomic.move_new(source, target)
    except FileExistsError:
        raise _name_in_use(target) from None
    except OSError as error:
        raise StorageError(
            source, f"{source.name} was not moved: {error.strerror}."
        ) from None
    return target


def _name_in_use(path: Path) -> NameTaken:
    return NameTaken(path, f"There is a {path.name} already: choose another name.")


def _encode(source: str, path: Path) -> bytes:
    try:
        return source.encode()
    except UnicodeEncodeError:
        raise StorageError(
            path,
            f"{path.name} was not written: the request holds half a character (a lone "
            "surrogate); remove it.",
        ) from None


_LONGEST = 60
"""Characters of a folder's name."""


@dataclass(frozen=True, slots=True)
class WrittenRequest:
    """A file that was made."""

    path: Path
    draft: Draft


def target_folder(collection: Collection, text: str) -> Path:
    """The folder that a person names, relative to the collection's root.

    Raises:
        StorageError: One of its names cannot be a folder's.
    """
    folder = collection.root
    for part in text.replace(os.sep, "/").strip("/").split("/"):
        if part.strip() not in ("", "."):
            folder = _inside(folder, names.validate_name(part, folder))
    return folder


def write_requests(
    collection: Collection,
    folder: Path,
    requests: Iterable[tuple[tuple[str, ...], Draft]],
) -> Iterator[WrittenRequest]:
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
        yield WrittenRequest(opened.path, opened.draft)


def folder_name(name: str) -> str:
    """A folder's name like the one that another tool has."""
    text = unicodedata.normalize("NFC", name)
    stored = "".join(" " if _is_bad(character) else character for character in text)
    short = " ".join(stored.split())[:_LONGEST].strip(". ")
    while len(short.encode()) > _LONGEST * 3:
        short = short[:-1]
    stem = names.fold_name(short.partition(".")[0])
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
            if names.fold_name(one) == names.fold_name(name) and (folder / one).is_dir()
        ),
        name,
    )
    return folder / known
