"""Change the tree of a collection: rename, move, copy, order, label, delete; and undo it.

Each change is a frozen record that says enough to revert it. Reverting one gives the record
of what that did, so that redo is to revert again.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Container, Sequence
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from mixtui.model.draft import BodyType, Draft
from mixtui.model.errors import BrokenFile, MixtuiError, NameTaken, StorageError
from mixtui.storage import files
from mixtui.storage.answers import AnswerStore
from mixtui.storage.collection import (
    Collection,
    folder_names,
    name_in_use,
    request_files,
    stems,
)
from mixtui.storage.files import Fingerprint
from mixtui.storage.location import Location, matching_name
from mixtui.storage.order import entry_name, follow_move, load_order, store_order
from mixtui.storage.paths import SUFFIX, fold_name, slug, unique_name, validate_name
from mixtui.storage.request_file import render
from mixtui.storage.tree import siblings
from mixtui.storage.tree_changes import (
    Change,
    Content,
    Created,
    Deleted,
    Labeled,
    Labels,
    Moved,
    Place,
    Reordered,
    Reversal,
    labels_of,
    moved_draft,
    with_labels,
)
from mixtui.temporary import TemporaryFolder

_MAX_COPIERS = 100
"""Programs that copy the same folder at the same time."""
_AnyChange = TypeVar("_AnyChange", bound=Change)


class ChangedSince(StorageError):
    """A change cannot be reverted, because something else has changed the same since."""


class TreeEditor:
    """Changes a collection, and remembers how to undo that. Blocks: call it off the loop.

    Every method raises StorageError for what can go wrong with a disk or a name. Nothing
    outside the root is touched.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._root = collection.root
        self._done: list[Change] = []
        self._undone: list[Change] = []

    # Changes

    def rename(self, path: Path, location: Location) -> Moved:
        """Give a request or folder another name, folder or both.

        Raises:
            NameTaken: Something of that name exists; nothing was changed.
        """
        self._check(path)
        old, made = self._place(path), self._missing(location.folders)
        is_folder = path.is_dir()
        new = (self._rename_folder if is_folder else self._rename_request)(
            path, location
        )
        return self._record(Moved(old, self._place(new), made))

    def _rename_request(self, path: Path, location: Location) -> Path:
        collection = self._collection
        request = collection.open(path)
        collection.check_unused(location, besides=path)
        folder = self._make_folder(collection.folder_path(location.folders))
        collection.save(request, replace(request.draft, name=location.name))
        own = {fold_name(path.name.removesuffix(SUFFIX))}
        others = stems(folder) - (own if folder == path.parent else set())
        target = folder / (unique_name(slug(location.name), others) + SUFFIX)
        return path if target == path else self._relocate(path, target)

    def _rename_folder(self, path: Path, location: Location) -> Path:
        parent = self._collection.folder_path(location.folders)
        if parent.is_relative_to(path):
            raise _into_itself(path, "moved")
        target = parent / validate_name(location.name, parent)
        return path if target == path else self._relocate(path, target)

    def move(self, path: Path, folder: Path) -> Moved:
        """Move a request or a folder into another folder.

        Raises:
            NameTaken: The folder holds something of that name.
        """
        self._check(path)
        self._collection.check_inside(folder)
        old = self._place(path)
        if folder == path.parent:
            return Moved(old, old)
        if folder.is_relative_to(path):
            raise _into_itself(path, "moved")
        new = self._relocate(path, folder / path.name)
        return self._record(Moved(old, self._place(new)))

    def copy(self, path: Path, folder: Path) -> Created:
        """Copy a request, or a folder with its content, into a folder.

        Where its name is in use, it is called “… copy”, “… copy 2” and so on; beside the
        original, it comes after it. Comments and unknown keys are copied, too.
        """
        self._check(path)
        self._collection.check_inside(folder)
        if path.is_dir():
            if folder.is_relative_to(path):
                raise _into_itself(path, "copied")
            copy = self._copy_folder(path, folder)
        else:
            copy = self._copy_request(path, folder)
        if folder == path.parent:
            self._put_after(path, copy)
        original = self._place(path)
        return self._record(
            Created(self._place(copy), _content(copy), original=original)
        )

    def _copy_request(self, path: Path, folder: Path) -> Path:
        collection = self._collection
        request = collection.open(path)
        name = request.draft.name
        used = {
            fold_name(collection.location(each).name) for each in request_files(folder)
        }
        stem = path.name.removesuffix(SUFFIX)
        shown = _copy_name(name or stem, used)
        draft = replace(request.draft, name=name and shown)
        draft = _with_same_body_file(draft, path.parent, folder)
        source = render(draft, request.source, path=path)
        if shown == (name or stem):  # Its file keeps its name, too.
            return collection.create(folder, None, stem, source)
        return collection.create(folder, None, slug(shown), source)

    def _copy_folder(self, path: Path, folder: Path) -> Path:
        partial = None
        try:
            partial = TemporaryFolder(folder)
            files.copy_folder(path, partial.path / path.name)
            return _move_to_free_name(partial.path / path.name, folder)
        except OSError as error:
            raise StorageError(
                path, f"{path.name} was not copied: {error.strerror}."
            ) from None
        finally:
            if partial is not None:
                partial.remove()

    def new_folder(self, location: Location) -> Created:
        """Create a folder, and those that it is in.

        Raises:
            NameTaken: Something of that name exists.
        """
        made = self._missing(location.folders)
        parent = self._collection.folder_path(location.folders)
        name = validate_name(location.name, parent)
        path = parent / (matching_name(name, folder_names(parent)) or name)
        self._collection.make_root()
        self._make_folder(parent)
        try:
            path.mkdir()
        except FileExistsError:
            raise name_in_use(path) from None
        except OSError as error:
            raise _not_made(path, error) from None
        return self._record(Created(self._place(path), frozenset(), made))

    def delete(self, path: Path) -> Deleted:
        """Move a request, or a folder with its content, to the trash."""
        return self._record(self._delete(path))

    def _delete(self, path: Path, *, undone: bool = False) -> Deleted:
        self._check(path)
        place = self._place(path)
        return Deleted(place, self._collection.trash.add(path, undone=undone))

    def reorder(
        self, path: Path, by: int, shown: Container[Path] | None = None
    ) -> Reordered | None:
        """Move a request or folder up or down among those beside it.

        Args:
            path: What to move.
            by: How far; negative = up.
            shown: What counts; None = everything.

        Returns:
            None if it is the first or last already.

        Raises:
            MixtuiError: mixtui.toml cannot be changed.
        """
        self._check(path)
        is_folder = path.is_dir()
        listed, by_name = siblings(self._root, path)
        if path not in listed:
            raise StorageError(path, f"{path.name} is no longer there.")
        counted = [p for p in listed if p == path or shown is None or p in shown]
        index = counted.index(path)
        past = counted[min(max(0, index + by), len(counted) - 1)]
        if past == path:
            return None
        listed.remove(path)
        listed.insert(listed.index(past) + (by > 0), path)
        old = self._order(path.parent)
        new = [name for name in old if name.endswith("/") is not is_folder]
        if listed != by_name:
            new += [entry_name(each, is_folder=is_folder) for each in listed]
            new.sort(key=lambda name: not name.endswith("/"))  # Folders come first.
        self._store_order(path.parent, new)
        return self._record(Reordered(self._place(path), old, tuple(new)))

    def label(self, path: Path, labels: Labels) -> Labeled:
        """Change whether a request is a favorite, and its tags."""
        self._check(path)
        old = labels_of(self._collection.open(path).draft)
        self._collection.edit(path, lambda draft: with_labels(draft, labels))
        return self._record(Labeled(self._place(path), old, labels))

    def labels(self, path: Path) -> Labels:
        """Return what a request has.

        Raises:
            BrokenFile: It is not a valid request.
        """
        return labels_of(self._collection.open(path).draft)

    # Undo

    def undo(self) -> Reversal | None:
        """Revert the last change, also a deletion of an earlier run; None = there is none.

        Raises:
            ChangedSince: Something else has changed the same since: it is given up.
            NameTaken: Its place is in use; it can be tried again.
        """
        deleted = () if self._done else self._restorable()[:1]
        return self._revert_last(self._done or [*deleted], self._undone)

    def redo(self) -> Reversal | None:
        """Do again what was undone last; None = there is nothing. Raises as `undo`."""
        return self._revert_last(self._undone, self._done)

    def _revert_last(
        self, changes: list[Change], reverted: list[Change]
    ) -> Reversal | None:
        if not changes:
            return None
        change = changes[-1]
        try:
            done = self._revert(change)
        except ChangedSince:
            changes.pop()
            raise
        changes.pop()
        reverted.append(done)
        return Reversal(change, done)

    def _restorable(self) -> tuple[Deleted, ...]:
        """Return what earlier runs deleted, newest first."""
        return tuple(
            Deleted(self._deleted_place(item.path), item)
            for item in self._collection.trash.deleted_under(self._root)
        )

    def _revert(self, change: Change) -> Change:
        match change:
            case Moved():
                return self._move_back(change)
            case Created(place=place, content=content, made=made):
                if not os.path.lexists(place.path) or _content(place.path) != content:
                    raise _changed_since(place, "removed")
                deleted = self._delete(place.path, undone=True)
                _remove_empty(made)
                return deleted
            case Deleted(item=item):
                missing = self._missing(item.path.parent.relative_to(self._root).parts)
                self._collection.check_inside(item.path)
                self._collection.make_root()
                path = self._collection.trash.restore(item)
                return Created(self._place(path), _content(path), missing)
            case Reordered(place=place, old=old, new=new):
                if self._order(place.path.parent) != new:
                    raise _changed_since(place, "moved back")
                self._store_order(place.path.parent, old)
                return Reordered(place, new, old)
            case Labeled(place=place, old=old, new=new):
                if not place.path.is_file() or self.labels(place.path) != new:
                    raise _changed_since(place, "changed back")
                self._collection.edit(place.path, lambda d: with_labels(d, old))
                return Labeled(place, new, old)

    def _move_back(self, change: Moved) -> Moved:
        old, new, collection = change.old, change.new, self._collection
        if not os.path.lexists(new.path):
            raise _changed_since(new, "moved back")
        self._check_free(old, besides=new.path)
        if new.name is not None:
            back = Moved(new, old)
            collection.edit(new.path, lambda draft: moved_draft(draft, back))
        missing = self._missing(old.path.parent.relative_to(self._root).parts)
        if old.path != new.path:
            self._relocate(new.path, old.path, keeps_body_file=False)
        _remove_empty(change.made)
        return Moved(new, self._place(old.path), missing)

    def _check_free(self, place: Place, besides: Path) -> None:
        """Raise NameTaken if something else is where a change is to be reverted to."""
        path: Path | None = place.path
        if not os.path.lexists(place.path) or os.path.samefile(place.path, besides):
            by_name = self._collection.request_at(place.location)
            path = by_name if place.name is not None and by_name != besides else None
        if path is not None:
            raise NameTaken(
                path,
                f"{place.location} exists again. Rename or delete it, then undo.",
            )

    # Files

    def _record(self, change: _AnyChange) -> _AnyChange:
        self._done.append(change)
        self._undone.clear()
        return change

    def _check(self, path: Path) -> None:
        self._collection.check_inside(path, allow_root=False)

    def _place(self, path: Path) -> Place:
        location = self._collection.location(path)
        if path.is_file():
            with contextlib.suppress(BrokenFile, StorageError):
                draft = self._collection.open(path).draft
                return Place(path, location, draft.name, _body_file(draft))
        return Place(path, location)

    def _deleted_place(self, path: Path) -> Place:
        folders = path.parent.relative_to(self._root).parts
        return Place(path, Location(folders, path.name.removesuffix(SUFFIX)))

    def _relocate(
        self, path: Path, target: Path, *, keeps_body_file: bool = True
    ) -> Path:
        """Move to an unused path; what belongs to the path follows it."""
        self._collection.check_inside(target, allow_root=False)
        self._make_folder(target.parent)
        _move(path, target)
        if keeps_body_file and target.is_file() and path.parent != target.parent:
            with contextlib.suppress(BrokenFile):
                self._collection.edit(
                    target,
                    lambda d: _with_same_body_file(d, path.parent, target.parent),
                )
        # Without its place, what was moved comes last, and its inputs are asked for without
        # the last values: no reason to report a failure.
        with contextlib.suppress(MixtuiError):
            follow_move(self._root, path, target)
        with contextlib.suppress(MixtuiError):
            AnswerStore().follow(path, target)
        return target

    def _make_folder(self, path: Path) -> Path:
        try:
            self._collection.check_inside(path).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _not_made(path, error) from None
        return path

    def _missing(self, folders: Sequence[str]) -> tuple[Path, ...]:
        """Return which of some folders, each in the one before it, do not exist."""
        paths = (
            self._collection.folder_path(folders[:count])
            for count in range(1, len(folders) + 1)
        )
        return tuple(path for path in paths if not os.path.lexists(path))

    # The order

    def _order(self, folder: Path) -> tuple[str, ...]:
        return tuple(load_order(self._root).names.get(self._key(folder), ()))

    def _store_order(self, folder: Path, names: Sequence[str]) -> None:
        store_order(self._root, self._key(folder), names)

    def _key(self, folder: Path) -> str:
        return folder.relative_to(self._root).as_posix()

    def _put_after(self, path: Path, copy: Path) -> None:
        """Put a copy after its original where the folder has an order."""
        name = entry_name(path, is_folder=path.is_dir())
        order = self._order(path.parent)
        if name in order:
            index = order.index(name) + 1
            added = entry_name(copy, is_folder=copy.is_dir())
            names = [*order[:index], added, *order[index:]]
            with contextlib.suppress(MixtuiError):  # As for what is moved.
                self._store_order(path.parent, names)


def _body_file(draft: Draft) -> str:
    is_file = draft.body is not None and draft.body.type is BodyType.FILE
    return draft.body.path if draft.body is not None and is_file else ""


def _with_same_body_file(draft: Draft, old: Path, new: Path) -> Draft:
    """Return a draft that sends the same file from another folder, if that exists."""
    path = _body_file(draft)
    if not path or os.path.isabs(path) or path.startswith("~"):
        return draft
    target = old / path
    if old == new or not target.exists() or draft.body is None:
        return draft
    moved = Path(os.path.relpath(target, new)).as_posix()
    return replace(draft, body=replace(draft.body, path=moved))


def _move_to_free_name(copy: Path, folder: Path) -> Path:
    """Move the copy of a folder into one where other programs may copy it, too.

    Raises:
        OSError: It cannot be moved.
    """
    for _ in range(_MAX_COPIERS):
        used = {fold_name(name) for name in folder_names(folder)}
        target = folder / _copy_name(copy.name, used)
        try:
            os.rename(copy, target)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        else:
            return target
    raise OSError(errno.EBUSY, "other programs keep taking its name")


def _copy_name(name: str, used: Container[str]) -> str:
    """Return the first of `name`, “… copy”, “… copy 2” that is not used."""
    candidate, number = name, 0
    while fold_name(candidate) in used:
        number += 1
        candidate = f"{name} copy" + (f" {number}" if number > 1 else "")
    return candidate


def _content(path: Path) -> Content:
    """Return what tells whether a request or folder has changed."""
    if not path.is_dir():
        return frozenset({("", _fingerprint(path))})
    return frozenset(
        (str(Path(folder, name).relative_to(path)), _fingerprint(Path(folder, name)))
        for folder, _, names in os.walk(path)
        for name in names
    )


def _fingerprint(path: Path) -> Fingerprint:
    try:
        return Fingerprint.of(files.read(path))
    except StorageError:
        return Fingerprint(-1, "")  # A dangling link, or not readable.


def _remove_empty(folders: Sequence[Path]) -> None:
    for folder in reversed(folders):
        with contextlib.suppress(OSError):
            folder.rmdir()


def _move(source: Path, target: Path) -> None:
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
            raise name_in_use(target)
        else:
            files.move_new(source, target)
    except FileExistsError:
        raise name_in_use(target) from None
    except OSError as error:
        raise StorageError(
            source, f"{source.name} was not moved: {error.strerror}."
        ) from None


def _changed_since(place: Place, verb: str) -> ChangedSince:
    return ChangedSince(
        place.path, f"{place.location} was not {verb}: it was changed since."
    )


def _into_itself(path: Path, verb: str) -> StorageError:
    return StorageError(path, f"The folder {path.name} cannot be {verb} into itself.")


def _not_made(path: Path, error: OSError) -> StorageError:
    return StorageError(
        path, f"The folder {path.name} cannot be created: {error.strerror}."
    )
