"""Manage a collection: a folder of saved requests, one file each."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Draft, Method
from mixtui.model.errors import BrokenFile, ChangedOutside, NameTaken, StorageError
from mixtui.storage import files, toml_values
from mixtui.storage.files import Fingerprint
from mixtui.storage.location import Location, matching_name
from mixtui.storage.paths import (
    COLLECTION_FILE,
    SUFFIX,
    display_name,
    fold_name,
    slug,
    state_dir,
    unique_name,
    validate_name,
)
from mixtui.storage.request_file import parse, render
from mixtui.storage.tags import shown_tags
from mixtui.storage.trash import DeletedItem, Trash
from mixtui.storage.tree import Folder, find_request, is_request, scan_folders
from mixtui.storage.trust import TrustStore

_MARKER = b"# This folder is a mixtui collection: a saved request in each .toml file.\n"


@dataclass(frozen=True, slots=True)
class RequestHead:
    """What lists of requests show of one, and find it by."""

    name: str
    """Safe to show; the file's name without ``.toml`` if it holds none."""
    method: Method
    api: Api
    url: str
    description: str
    favorite: bool = False
    tags: tuple[str, ...] = ()
    """Safe to show, each once; none is empty."""


@dataclass(frozen=True, slots=True)
class OpenRequest:
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
        self.root = Path(os.path.abspath(root))
        self._trash = Trash(trash or state_dir() / "trash")

    def scan(self) -> Folder:
        """List folders and files; opens no file."""
        return scan_folders(self.root)

    def head(self, path: Path) -> RequestHead | BrokenFile:
        """Read what lists show of one file, or return its problem."""
        try:
            draft, _ = parse(files.read(path), path)
        except BrokenFile as broken:
            return broken
        except StorageError as error:
            return BrokenFile(path, str(error))
        stem = path.name.removesuffix(SUFFIX)
        return RequestHead(
            display_name(draft.name or stem),
            draft.method,
            draft.api,
            draft.url,
            draft.description,
            draft.favorite,
            shown_tags(draft.tags),
        )

    def open(self, path: Path) -> OpenRequest:
        """Read one request.

        Raises:
            BrokenFile: It is not a valid request.
        """
        data = files.read(self._check_inside(path))
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
        path = self._check_inside(request.path)

        def change(current: bytes | None) -> bytes:
            source = request.source
            if current is None:
                if not overwrite:
                    raise ChangedOutside(
                        path,
                        f"{path.name} was deleted or moved since you opened it: save "
                        "again to restore it, or save under another name.",
                    )
                self._make_root()
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
        self._check_inside(folder)
        explicit = None if stem is None else validate_name(stem, folder)
        path = self._create(folder, explicit, draft.name, render(draft))
        return self.open(path)

    def save_at(self, location: Location, draft: Draft) -> OpenRequest:
        """Write a new file for a draft, which gets the name of the location.

        Raises:
            NameTaken: There is a request of that name; ``path`` is its file.
        """
        self._check_unused(location)
        folder = self.folder_path(location.folders)
        return self.save_as(folder, replace(draft, name=location.name))

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
            path /= matching_name(name, _folders(path)) or name
        return path

    def request_at(self, location: Location) -> Path | None:
        """Return the file of the request at a location, or None."""
        folder, name = self.folder_path(location.folders), fold_name(location.name)
        for path in sorted(_request_files(folder)):
            if fold_name(self.location(path).name) == name:
                return path
        return None

    def _check_unused(self, location: Location, besides: Path | None = None) -> None:
        path = self.request_at(location)
        if path is not None and path != besides:
            raise NameTaken(
                path, f"The request {location} already exists: choose another name."
            )

    def duplicate(self, path: Path) -> OpenRequest:
        """Copy a request, comments included, beside itself, named “… copy”."""
        request = self.open(path)
        name = request.draft.name and f"{request.draft.name} copy"
        draft = replace(request.draft, name=name)
        source = render(draft, request.source, path=path)
        stem = f"{path.name.removesuffix(SUFFIX)} copy"
        return self.open(self._create(path.parent, None, name or stem, source))

    def rename(self, path: Path, location: Location) -> OpenRequest:
        """Change the name inside a request, and move its file accordingly.

        Raises:
            NameTaken: There is a request of that name; nothing was changed.
        """
        request = self.open(path)
        self._check_unused(location, besides=path)
        request = self.save(request, replace(request.draft, name=location.name))
        folder = self.folder_path(location.folders)
        self._make_folder(folder)
        stem = path.name.removesuffix(SUFFIX)
        is_same_folder = folder == path.parent
        others = _stems(folder) - ({fold_name(stem)} if is_same_folder else set())
        target = folder / (unique_name(slug(location.name), others) + SUFFIX)
        return request if target == path else self.open(_move(path, target))

    def move(self, path: Path, folder: Path) -> Path:
        """Move a request or a folder into another folder; return its path.

        Raises:
            NameTaken: The folder holds something of that name.
        """
        self._check_inside(path, allow_root=False)
        self._check_inside(folder)
        if folder == path.parent:
            return path
        if folder.is_relative_to(path):
            raise _into_itself(path)
        return _move(path, folder / path.name)

    def new_folder(self, location: Location) -> Path:
        """Create a folder, and those that it is in; return its path.

        Raises:
            NameTaken: Something of that name exists.
        """
        parent = self.folder_path(location.folders)
        name = validate_name(location.name, parent)
        path = parent / (matching_name(name, _folders(parent)) or name)
        self._make_root()
        self._make_folder(parent)
        try:
            path.mkdir()
        except FileExistsError:
            raise _name_in_use(path) from None
        except OSError as error:
            raise _not_made(path, error) from None
        return path

    def rename_folder(self, path: Path, location: Location) -> Path:
        """Rename a folder, or move it; return its path.

        Raises:
            NameTaken: Something of that name exists.
        """
        self._check_inside(path, allow_root=False)
        parent = self.folder_path(location.folders)
        if parent.is_relative_to(path):
            raise _into_itself(path)
        self._make_folder(parent)
        return _move(path, parent / validate_name(location.name, parent))

    def _make_folder(self, path: Path) -> None:
        try:
            self._check_inside(path).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _not_made(path, error) from None

    def delete(self, path: Path) -> DeletedItem:
        """Move a request, or a folder with its content, to the trash."""
        return self._trash.add(self._check_inside(path, allow_root=False))

    def restore(self, deleted: DeletedItem) -> Path:
        """Move something back from the trash; return its path, which may be a new one."""
        self._check_inside(deleted.path)
        self._make_root()
        return self._trash.restore(deleted)

    def restorable(self) -> tuple[DeletedItem, ...]:
        """Return what can be restored, newest first; also what earlier runs deleted."""
        return self._trash.deleted_under(self.root)

    def find(self, text: str) -> Path:
        """Return the request that the user names: by path, file name or name.

        Raises:
            StorageError: No request matches, or several do.
        """

        def name_of(path: Path) -> str:
            head = self.head(path)
            return head.name if isinstance(head, RequestHead) else ""

        return find_request(text, self.root, self.scan().all_requests(), name_of)

    def _check_inside(self, path: Path, *, allow_root: bool = True) -> Path:
        # Links are not resolved: the owner of the collection may link to other folders.
        absolute = Path(os.path.abspath(path))
        if not absolute.is_relative_to(self.root):
            raise StorageError(path, f"{path} is outside the collection {self.root}.")
        if absolute == self.root and not allow_root:
            raise StorageError(
                path, "The root folder of the collection cannot be changed."
            )
        return path

    def _make_root(self) -> None:
        if os.path.lexists(self.root):
            return
        # Before the files: a folder that cannot be trusted is not made.
        TrustStore().mark_made_here(self.root)
        with contextlib.suppress(NameTaken):  # Another program was quicker.
            files.create(self.root / COLLECTION_FILE, _MARKER)

    def _create(
        self, folder: Path, explicit: str | None, name: str, source: str
    ) -> Path:
        self._make_root()
        while True:
            stem = explicit or unique_name(slug(name), _stems(folder))
            path = folder / (stem + SUFFIX)
            if explicit and fold_name(explicit) in _stems(folder):
                raise _name_in_use(path)
            try:
                files.create(path, _encode(source, path))
            except NameTaken:
                if explicit:
                    raise
            else:
                return path


def _folders(folder: Path) -> list[str]:
    """Return the names of the folders in a folder."""
    try:
        with os.scandir(folder) as entries:
            return sorted(each.name for each in entries if each.is_dir())
    except OSError:
        return []


def _request_files(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return [folder / each.name for each in entries if is_request(each)]
    except OSError:
        return []


def _stems(folder: Path) -> set[str]:
    try:
        names = os.listdir(folder)
    except OSError:
        return set()
    return {fold_name(n.removesuffix(SUFFIX)) for n in names if n.endswith(SUFFIX)}


def _move(source: Path, target: Path) -> Path:
    # Where case does not matter, the new spelling of a name is the same file.
    is_same_file = (
        source.parent == target.parent
        and fold_name(source.name) == fold_name(target.name)
        and os.path.lexists(target)
        and os.path.samestat(os.lstat(source), os.lstat(target))
    )
    try:
        if is_same_file or (source.is_dir() and not os.path.lexists(target)):
            os.rename(source, target)
        elif source.is_dir():
            raise _name_in_use(target)
        else:
            files.move_new(source, target)
    except FileExistsError:
        raise _name_in_use(target) from None
    except OSError as error:
        raise StorageError(
            source, f"{source.name} was not moved: {error.strerror}."
        ) from None
    return target


def _into_itself(path: Path) -> StorageError:
    return StorageError(path, f"The folder {path.name} cannot be moved into itself.")


def _not_made(path: Path, error: OSError) -> StorageError:
    return StorageError(
        path, f"The folder {path.name} cannot be created: {error.strerror}."
    )


def _name_in_use(path: Path) -> NameTaken:
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
