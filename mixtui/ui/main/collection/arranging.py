"""Change the tree of saved requests: rename, move, copy, order, label, delete, undo."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mixtui.key_names import key_of
from mixtui.model.errors import NameTaken
from mixtui.storage.location import Location
from mixtui.storage.tags import join_tags
from mixtui.storage.tree import Folder
from mixtui.storage.tree_changes import (
    Change,
    Created,
    Deleted,
    Labeled,
    Labels,
    Moved,
    Reordered,
    Reversal,
)
from mixtui.text import pluralise
from mixtui.ui.widgets.screen import run_in_daemon

if TYPE_CHECKING:
    from mixtui.ui.main.collection.controller import CollectionController
    from mixtui.ui.main.host import PaneHost
    from mixtui.ui.sidebar.tree import Entry


class TreeController:
    """Runs the actions on saved requests and folders, and says what they did.

    Its coroutines wait for dialogs, so they run in a worker of the screen.
    """

    def __init__(self, host: PaneHost, collection: CollectionController) -> None:
        self._host = host
        self._collection = collection
        self._turn = asyncio.Lock()
        """Changes come one after the other, however slow the disk is."""

    async def handle(self, action: str, entry: Entry | None, count: int = 1) -> None:
        """Run an action on a saved request or folder; say on which.

        Args:
            action: Its name.
            entry: What it acts on; None = nothing is there.
            count: How far to move, for those that move.
        """
        on_tree: dict[str, Callable[[], Awaitable[None]]] = {
            "undo": self._undo,
            "redo": self._redo,
            "new_folder": self._new_folder,
        }
        on_entry: dict[str, Callable[[Entry], Awaitable[None]]] = {
            "open": self._open,
            "duplicate": self._duplicate,
            "copy_to": self._copy_to,
            "rename": self._rename,
            "delete": self._delete,
            "move": self._move,
            "move_up": lambda entry: self._reorder(entry, -count),
            "move_down": lambda entry: self._reorder(entry, count),
            "favorite": self._toggle_favorite,
            "tags": self._edit_tags,
        }
        if action in on_tree:
            await on_tree[action]()
        elif entry is not None:
            await on_entry[action](entry)
        else:
            self._host.notify_text(f"Save the request first ({key_of('save')}).")

    async def _open(self, entry: Entry) -> None:
        opened = self._collection.open_request
        if opened is not None and entry.path == opened.path:
            self._host.focus_request()
            return
        await self._collection.open(entry.path)

    async def _do(self, work: Callable[..., Change], *arguments: object) -> Change:
        """Change files in a thread: another program may hold the folder. Show it."""
        async with self._turn:
            with self._collection.saving():
                change = await run_in_daemon(partial(work, *arguments))
                self._collection.follow(change)
        return change

    async def _duplicate(self, entry: Entry) -> None:
        editor = self._collection.editor
        change = await self._do(editor.copy, entry.path, entry.path.parent)
        self._host.notify_text(done_text(change))

    async def _copy_to(self, entry: Entry) -> None:
        folder = await self._ask_folder("Copy", entry)
        if folder is not None and await self._collection.may_move(entry, folder):
            change = await self._do(self._collection.editor.copy, entry.path, folder)
            self._host.notify_text(done_text(change))

    async def _move(self, entry: Entry) -> None:
        folder = await self._ask_folder("Move", entry)
        if folder is not None and await self._collection.may_move(entry, folder):
            change = await self._do(self._collection.editor.move, entry.path, folder)
            self._host.notify_text(done_text(change))

    async def _ask_folder(self, verb: str, entry: Entry) -> Path | None:
        from mixtui.ui.dialogs.dialogs import FolderDialog

        store = self._collection.store
        tree = await run_in_daemon(store.scan)
        without = entry.path if isinstance(entry, Folder) else None
        return await self._host.ask(
            FolderDialog(store.root, tree, verb=verb, without=without)
        )

    async def _rename(self, entry: Entry) -> None:
        """Rename a request or folder, or move it: Other/Name."""
        before = self._collection.store.location(entry.path)
        is_folder = isinstance(entry, Folder)
        title = "Rename folder" if is_folder else "Rename request"
        location = before
        while True:
            chosen = await self._collection.ask_location(
                title, location, is_folder=is_folder
            )
            if chosen is None or chosen == before:
                return
            location = chosen
            store = self._collection.store
            folder = await run_in_daemon(partial(store.folder_path, location.folders))
            if not await self._collection.may_move(entry, folder):
                return
            editor = self._collection.editor
            try:
                change = await self._do(editor.rename, entry.path, location)
            except NameTaken as taken:
                self._host.notify_text(str(taken), severity="warning")
            else:
                self._host.notify_text(done_text(change))
                return

    async def _new_folder(self) -> None:
        store = self._collection.store
        parent = self._host.saved_requests.folder_at_cursor() or store.root
        location = Location(parent.relative_to(store.root).parts, "")
        while chosen := await self._collection.ask_location(
            "New folder", location, is_folder=True
        ):
            location = chosen
            try:
                await self._do(self._collection.editor.new_folder, location)
            except NameTaken as taken:
                self._host.notify_text(str(taken), severity="warning")
            else:
                return

    async def _delete(self, entry: Entry) -> None:
        from mixtui.ui.dialogs.dialogs import ConfirmDialog

        if isinstance(entry, Folder) and entry.all_requests():
            count = len(entry.all_requests())
            sure = await self._host.ask(
                ConfirmDialog(
                    f"Delete the folder {entry.name} with "
                    f"{pluralise(count, 'saved request')}? "
                    f"{key_of('tree.undo')} in the sidebar undoes this.",
                    yes="Delete",
                    no="Cancel",
                    title="Delete folder",
                    dangerous=True,
                )
            )
            if not sure:
                return
        change = await self._do(self._collection.editor.delete, entry.path)
        self._host.notify_text(
            f"{done_text(change)} Press {key_of('tree.undo')} in the sidebar to undo."
        )

    async def _reorder(self, entry: Entry, by: int) -> None:
        collection = self._collection
        shown = self._host.saved_requests.shown_paths
        async with self._turn:
            change = await run_in_daemon(
                partial(collection.editor.reorder, entry.path, by, shown)
            )
            if change is not None:
                collection.follow(change)

    # Labels

    async def _toggle_favorite(self, entry: Entry) -> None:
        if self._refuses_labels(entry):
            return
        labels = await self._labels(entry)
        await self._label(entry, replace(labels, favorite=not labels.favorite))

    async def _edit_tags(self, entry: Entry) -> None:
        from mixtui.ui.dialogs.tags import TagsDialog

        if self._refuses_labels(entry):
            return
        labels = await self._labels(entry)
        known = self._host.saved_requests.tags
        tags = await self._host.ask(TagsDialog(labels.tags, known))
        if tags is not None and tags != labels.tags:
            await self._label(entry, replace(labels, tags=tags))

    def _refuses_labels(self, entry: Entry) -> bool:
        if isinstance(entry, Folder):
            self._host.notify_text(
                "Only requests can be favorites or have tags. Select a request."
            )
        return isinstance(entry, Folder)

    async def _labels(self, entry: Entry) -> Labels:
        return await run_in_daemon(partial(self._collection.editor.labels, entry.path))

    async def _label(self, entry: Entry, labels: Labels) -> None:
        change = await self._do(self._collection.editor.label, entry.path, labels)
        self._host.notify_text(done_text(change))

    # Undo

    async def _undo(self) -> None:
        reversal = await self._revert(self._collection.editor.undo)
        if reversal is None:
            self._host.notify_text("Nothing to undo.")
        else:
            self._host.notify_text(undone_text(reversal.reverted, reversal.done))

    async def _redo(self) -> None:
        reversal = await self._revert(self._collection.editor.redo)
        if reversal is None:
            self._host.notify_text("Nothing to redo.")
        else:
            self._host.notify_text(done_text(reversal.done))

    async def _revert(self, work: Callable[[], Reversal | None]) -> Reversal | None:
        async with self._turn:
            with self._collection.saving():
                reversal = await run_in_daemon(work)
                if reversal is not None:
                    self._collection.follow_reversal(reversal)
        return reversal


def done_text(change: Change) -> str:
    """Say what a change did."""
    name = change.place.location
    match change:
        case Moved(old=old, new=new):
            if old.location.name != new.location.name:
                return f"Renamed {old.location} to {name}."
            if old.path == new.path:
                return f"{name} is in {_folder(change)} already."
            return f"Moved {old.location} to {_folder(change)}."
        case Created(original=None):
            return f"Created {name}."
        case Created(place=place, original=original):
            assert original is not None
            if original.folder == place.folder:
                return f"Duplicated {original.location} as {name.name}."
            return f"Copied {original.location} to {_folder(change)}."
        case Deleted():
            return f"Deleted {name}."
        case Reordered():
            return f"Moved {name} within {_folder(change)}."
        case Labeled(old=old_labels, new=labels):
            if old_labels.favorite != labels.favorite:
                is_one = (
                    "is a favorite" if labels.favorite else "is no longer a favorite"
                )
                return f"{name} {is_one}."
            if not labels.tags:
                return f"Removed the tags of {name}."
            return f"Tagged {name}: {join_tags(labels.tags)}."


def undone_text(change: Change, done: Change) -> str:
    """Say what undoing a change did.

    Args:
        change: What was undone.
        done: How it is now.
    """
    name = done.place.location
    match change:
        case Moved(old=old, new=new):
            if old.location.name != new.location.name:
                return f"Renamed {new.location} back to {name}."
            return f"Moved {new.location} back to {_folder(done)}."
        case Created():
            return f"Removed {change.place.location}."
        case Deleted():
            return f"Restored {name}."
        case Reordered():
            return f"Moved {name} back to its place."
        case Labeled():
            return done_text(done)


def _folder(change: Change) -> str:
    return change.place.folder or "the top folder"
