"""Manage a collection: a folder of saved requests, one file each."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from mixtui.model.draft import Draft
from mixtui.model.errors import BrokenFile, ChangedOutside, NameTaken, StorageError
from mixtui.storage import files, toml_values
from mixtui.storage.files import Fingerprint
from mixtui.storage.heads import RequestHead, read_head, read_heads
from mixtui.storage.location import Location, matching_name
from mixtui.storage.paths import (
    COLLECTION_FILE,
    COLLECTION_MARKER,
    SUFFIX,
    fold_name,
    slug,
    state_dir,
    unique_name,
    validate_name,
)
from mixtui.storage.request_file import parse, render
from mixtui.storage.trash import Trash
from mixtui.storage.tree import Folder, TreeScanner, find_request, is_request
from mixtui.storage.trust import TrustStore
from mixtui.system import absolute


class OpenRequest(Struct, frozen=True):
    """A request file as it was when it was opened or saved."""

    path: Path
    draft: Draft
    source: str
    """Its TOML."""
    fingerprint: Fingerprint
    warnings: tuple[str, ...] = ()
    """A sentence for each unknown key."""


class Collection:
    """The requests under one root. Blocks: call it off the event loop.

    Every method raises StorageError for what can go wrong with a disk or a name. Paths
    are those that `scan` returned; nothing outside the root is touched.
    """

    def __init__(self, root: Path, trash: Path | None = None) -> None:
        self.root = Path(os.path.normpath(absolute(root)))
        self.trash = Trash(trash or state_dir() / "trash")
        self._scanner = TreeScanner(self.root)

    def scan(self) -> Folder:
        """List folders and files; opens no file. What has not changed is the same object."""
        return self._scanner.scan()

    def head(self, path: Path) -> RequestHead | BrokenFile:
        """Read what lists show of one file, or return its problem."""
        return read_head(path)

    def heads(self, folder: Folder) -> dict[Path, RequestHead | BrokenFile]:
        """Read what lists show of every file that `scan` listed.

        Only those that have changed since the last time are opened.
        """
        paths = [entry.path for entry in folder.all_requests()]
        return read_heads(self.root, paths)

    def open(self, path: Path) -> OpenRequest:
        """Read one request.

        Raises:
            BrokenFile: It is not a valid request.
        """
        data = files.read(self.check_inside(path))
        draft, warnings = parse(data, path)
        source = toml_values.decode(data)
        return OpenRequest(path, draft, source, Fingerprint.of(data), warnings)

    def save(
        self, request: OpenRequest, draft: Draft, *, overwrite: bool = False
    ) -> OpenRequest:
        """Write a draft to the file of a request, and return the request as saved.

        Args:
            request: As it was opened or last saved.
            draft: What to write.
            overwrite: Also write if the file was changed meanwhile; comments and unknown
                keys that it holds by now stay.

        Raises:
            ChangedOutside: The file was changed or deleted since it was opened.
            BrokenFile: It has become invalid; such a file is never overwritten.
        """
        path = self.check_inside(request.path)

        def change(current: bytes | None) -> bytes:
            source = request.source
            if current is None:
                if not overwrite:
                    raise ChangedOutside(
                        path,
                        f"{path.name} was deleted or moved since you opened it: save "
                        "again to restore it, or save under another name.",
                    )
                self.make_root()
            elif Fingerprint.of(current) != request.fingerprint:
                if not overwrite:
                    raise ChangedOutside(
                        path,
                        f"{path.name} was changed on disk since you opened it: "
                        "overwrite it, reopen it, or save under another name.",
                    )
                parse(current, path)
                source = toml_values.decode(current)
            return _encode(render(draft, source, path=path), path)

        files.update(path, change)
        return self.open(path)

    def save_as(
        self, folder: Path, draft: Draft, stem: str | None = None
    ) -> OpenRequest:
        """Write a new file.

        Args:
            folder: Where.
            draft: What to write.
            stem: The file's name without ``.toml``; None = a unique one made from the
                draft's name.

        Raises:
            NameTaken: A file of the name `stem` exists.
        """
        self.check_inside(folder)
        explicit = None if stem is None else validate_name(stem, folder)
        path = self.create(folder, explicit, slug(draft.name), render(draft))
        return self.open(path)

    def save_at(self, location: Location, draft: Draft) -> OpenRequest:
        """Write a new file for a draft, which gets the name of the location.

        Raises:
            NameTaken: There is a request of that name; ``path`` is its file.
        """
        self.check_unused(location)
        folder = self.folder_path(location.folders)
        return self.save_as(folder, replace(draft, name=location.name))

    def edit(self, path: Path, change: Callable[[Draft], Draft]) -> OpenRequest:
        """Change a request as its file is now, and return it as saved.

        Raises:
            BrokenFile: It is not a valid request.
        """
        request = self.open(path)
        return self.save(request, change(request.draft))

    def location(self, path: Path) -> Location:
        """Return where a request or folder is, and what it is called."""
        folders = path.parent.relative_to(self.root).parts
        if path.is_dir():
            return Location(folders, path.name)
        head = self.head(path)
        stem = path.name.removesuffix(SUFFIX)
        return Location(folders, head.name if isinstance(head, RequestHead) else stem)

    def folder_path(self, folders: Iterable[str]) -> Path:
        """Return the path of a folder, spelled as what exists; it may not exist yet."""
        path = self.root
        for name in folders:
            path /= matching_name(name, folder_names(path)) or name
        return path

    def request_at(self, location: Location) -> Path | None:
        """Return the file of the request at a location, or None."""
        folder, name = self.folder_path(location.folders), fold_name(location.name)
        for path in sorted(request_files(folder)):
            if fold_name(self.location(path).name) == name:
                return path
        return None

    def check_unused(self, location: Location, besides: Path | None = None) -> None:
        """Raise NameTaken if a request, other than `besides`, is at a location."""
        path = self.request_at(location)
        if path is not None and path != besides:
            raise NameTaken(
                path, f"The request {location} already exists: choose another name."
            )

    def find(self, text: str) -> Path:
        """Return the request that the user names: by path, file name or name.

        Raises:
            StorageError: No request matches, or several do.
        """

        tree = self.scan()

        def names() -> dict[Path, str]:
            return {
                path: head.name if isinstance(head, RequestHead) else ""
                for path, head in self.heads(tree).items()
            }

        return find_request(text, self.root, tree.all_requests(), names)

    def check_inside(self, path: Path, *, allow_root: bool = True) -> Path:
        """Return a path that the collection may change.

        Raises:
            StorageError: It is outside, or the root itself and that is not allowed.
        """
        # Links are not resolved: the owner of the collection may link to other folders.
        place = Path(os.path.normpath(absolute(path)))
        if not place.is_relative_to(self.root):
            raise StorageError(path, f"{path} is outside the collection {self.root}.")
        if place == self.root and not allow_root:
            raise StorageError(
                path, "The root folder of the collection cannot be changed."
            )
        return path

    def make_root(self) -> None:
        """Create the root with its marker, if it does not exist; it is trusted."""
        if os.path.lexists(self.root):
            return
        # Before the files: a folder that cannot be trusted is not made.
        TrustStore().mark_made_here(self.root)
        with contextlib.suppress(NameTaken):  # Another program was quicker.
            files.create(self.root / COLLECTION_FILE, COLLECTION_MARKER.encode())

    def create(
        self, folder: Path, explicit: str | None, stem: str, source: str
    ) -> Path:
        """Write a new file under a file name, or a unique one made from a stem."""
        self.make_root()
        while True:
            free = explicit or unique_name(stem, stems(folder))
            path = folder / (free + SUFFIX)
            if explicit and fold_name(explicit) in stems(folder):
                raise name_in_use(path)
            try:
                files.create(path, _encode(source, path))
            except NameTaken:
                if explicit:
                    raise
            else:
                return path


def folder_names(folder: Path) -> list[str]:
    """Return the names of the folders in a folder."""
    try:
        with os.scandir(folder) as entries:
            return sorted(each.name for each in entries if each.is_dir())
    except OSError:
        return []


def request_files(folder: Path) -> list[Path]:
    """Return the request files in a folder."""
    try:
        with os.scandir(folder) as entries:
            return [folder / each.name for each in entries if is_request(each)]
    except OSError:
        return []


def stems(folder: Path) -> set[str]:
    """Return the names of request files in a folder, folded, without ``.toml``."""
    try:
        names = os.listdir(folder)
    except OSError:
        return set()
    return {fold_name(n.removesuffix(SUFFIX)) for n in names if n.endswith(SUFFIX)}


def name_in_use(path: Path) -> NameTaken:
    """Return the error for a file or folder that exists."""
    return NameTaken(path, f"{path.name} already exists: choose another name.")


def _encode(source: str, path: Path) -> bytes:
    try:
        return source.encode()
    except UnicodeEncodeError:
        raise StorageError(
            path,
            f"{path.name} was not written: the request contains half a surrogate "
            "pair. Remove it.",
        ) from None
