"""Records of changes to the tree of a collection: each says enough to revert it."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from mixtui.model.draft import Draft
from mixtui.storage.files import Fingerprint
from mixtui.storage.location import Location, join_location
from mixtui.storage.trash import DeletedItem

Content = frozenset[tuple[str, Fingerprint]]
"""Every file of a request or folder, by its path from there."""


class Place(Struct, frozen=True):
    """Where a request or folder is, and what it is called."""

    path: Path
    location: Location
    """As people write it."""
    name: str | None = None
    """What the file of a request says; None = a folder, or a file that is broken."""
    body_file: str = ""
    """The path of the file that it sends, as its own file says it; empty = none."""

    @property
    def folder(self) -> str:
        """The folder it is in, as people write it; empty at the top."""
        return join_location(self.location.folders)


class Moved(Struct, frozen=True):
    """It has another name, is in another folder, or both."""

    old: Place
    new: Place
    made: tuple[Path, ...] = ()
    """Folders that were made for it, the outermost first."""

    @property
    def place(self) -> Place:
        """Where it is now."""
        return self.new


def moved_draft(draft: Draft, change: Moved) -> Draft:
    """Return a draft of what was moved, with its new name and path of a body file.

    What was edited since stays.
    """
    old, new = change.old, change.new
    if new.name is not None and draft.name == old.name:
        draft = replace(draft, name=new.name)
    body = draft.body
    if body is not None and new.body_file and body.path == old.body_file:
        draft = replace(draft, body=replace(body, path=new.body_file))
    return draft


class Created(Struct, frozen=True):
    """A copy, a new folder, or what was restored."""

    place: Place
    content: Content
    made: tuple[Path, ...] = ()
    """Folders that were made for it, the outermost first."""
    original: Place | None = None
    """What it is a copy of."""


class Deleted(Struct, frozen=True):
    """It is in the trash."""

    place: Place
    """Where it was."""
    item: DeletedItem


class Reordered(Struct, frozen=True):
    """It is at another place among those beside it."""

    place: Place
    old: tuple[str, ...]
    """The order of the folder before; empty = by name."""
    new: tuple[str, ...]


class Labels(Struct, frozen=True):
    """What finds a request, besides its name."""

    favorite: bool
    tags: tuple[str, ...]


def labels_of(draft: Draft) -> Labels:
    """Return the labels of a draft."""
    return Labels(draft.favorite, draft.tags)


def with_labels(draft: Draft, labels: Labels) -> Draft:
    """Return a draft with other labels."""
    return replace(draft, favorite=labels.favorite, tags=labels.tags)


class Labeled(Struct, frozen=True):
    """It is a favorite, or no longer, or has other tags."""

    place: Place
    old: Labels
    new: Labels


Change = Moved | Created | Deleted | Reordered | Labeled


class Reversal(Struct, frozen=True):
    """A change was reverted, for undo or for redo."""

    reverted: Change
    done: Change
    """What that did."""
