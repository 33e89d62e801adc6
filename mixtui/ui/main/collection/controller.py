"""The saved requests of the main screen: which is open, and what is done to them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mixtui.key_names import key_of
from mixtui.model.draft import Draft
from mixtui.model.errors import ChangedOutside, NameTaken, StorageError
from mixtui.model.merge import Merge, merge_drafts
from mixtui.model.trust import TYPED, DraftOrigin
from mixtui.storage.collection import Collection, OpenRequest
from mixtui.storage.file_state import (
    FileChanged,
    FileDeleted,
    FileState,
    FileUnreadable,
    Unchanged,
    file_state,
)
from mixtui.storage.location import Location
from mixtui.storage.paths import (
    COLLECTION_FILE,
    SUFFIX,
    display_name,
    enclosing_collection,
)
from mixtui.storage.tree import Folder, RequestEntry
from mixtui.storage.tree_changes import (
    Change,
    Created,
    Deleted,
    Labeled,
    Moved,
    Reordered,
    Reversal,
    labels_of,
    moved_draft,
    with_labels,
)
from mixtui.storage.tree_editor import TreeEditor
from mixtui.ui.main.collection.reading import TreeReader
from mixtui.ui.main.trust import TrustController
from mixtui.ui.response.state import RequestRun, RequestSlot
from mixtui.ui.widgets.screen import run_in_daemon

if TYPE_CHECKING:
    from mixtui.ui.main.host import PaneHost
    from mixtui.ui.main.trust import PlacedDraft
    from mixtui.ui.sidebar.tree import Entry

_PATIENCE = 5.0
"""Seconds that a request on the network may take to be read."""


class CollectionController:
    """Knows the open request and its saved form; asks before anything is lost.

    Its coroutines wait for dialogs, so they run in a worker of the screen.
    """

    def __init__(self, host: PaneHost) -> None:
        self._host = host
        self._trust = TrustController(host)
        self._editors: dict[Path, TreeEditor] = {}
        """By the root of each collection of this run."""
        self.open_request: OpenRequest | None = None
        self.slot = RequestSlot()
        """Where the open request is sent from."""
        self._slots: dict[Path, RequestSlot] = {}
        self._lost: tuple[Path, RequestSlot] | None = None
        """The file of the draft on the screen, which was deleted."""
        self._file_state: FileState = Unchanged()
        self._saves = 0
        """Saves that have not ended."""
        self.listed: Callable[[Sequence[Path]], None] = lambda appeared: None
        """Called when the tree was listed, with the files that are new in it."""
        self._reader = TreeReader(host, self._tree_listed)
        self._unsaved_origin = TYPED
        self._nearest: tuple[Path, Path | None] | None = None
        """The folder of the open request, and the collection that it is in.

        Known while the disk does not respond.
        """
        self._template: Draft | None = None
        """What the catalogue made; untouched, it can be made again."""

    @property
    def store(self) -> Collection:
        """The files."""
        return self._host.session.collection

    @property
    def editor(self) -> TreeEditor:
        """What changes the tree, and undoes that."""
        if self.store.root not in self._editors:
            self._editors[self.store.root] = TreeEditor(self.store)
        return self._editors[self.store.root]

    @property
    def saved(self) -> Draft:
        """The draft as its file has it; an empty one without a file."""
        if self.open_request is None or isinstance(self.file_state, FileDeleted):
            return Draft()
        return self.open_request.draft

    @property
    def unsaved(self) -> bool:
        """Whether the draft holds anything that its file does not."""
        return self._host.draft != self.saved

    @property
    def file_state(self) -> FileState:
        """What another program has done to the file of the open request."""
        return self._file_state

    @file_state.setter
    def file_state(self, state: FileState) -> None:
        if state != self._file_state:
            self._file_state = state
            self._host.show_title()

    @property
    def is_saving(self) -> bool:
        """Whether the app is writing a file."""
        return self._saves > 0

    @contextlib.contextmanager
    def saving(self) -> Iterator[None]:
        """Let nobody take what this block writes for the work of another program.

        It lasts until the open request has followed the change.
        """
        self._saves += 1
        try:
            yield
        finally:
            self._saves -= 1

    def show_newer(self, current: OpenRequest) -> None:
        """Go on with the open request as its file is now; what was typed stays."""
        merged = self.merge_with(current).draft
        self._go_on_with(current, merged)

    def merge_with(self, current: OpenRequest) -> Merge:
        """Merge the draft with the file of the open request as it is now."""
        before = self.open_request.draft if self.open_request else Draft()
        return merge_drafts(before, self._host.draft, current.draft)

    def _go_on_with(self, current: OpenRequest, draft: Draft) -> None:
        """Edit a draft of the open request, whose file has changed."""
        self.open_request, self._file_state = current, Unchanged()
        if draft == self._host.draft:
            self._host.show_title()
        else:
            self._host.update_draft(draft)

    def follow_file(self, path: Path) -> None:
        """Go on with the open request at another path, where its file was moved."""
        if (request := self.open_request) is not None:
            self._slots[path] = self._slots.pop(request.path, self.slot)
            self.open_request, self._file_state = (
                replace(request, path=path),
                Unchanged(),
            )
            self._host.show_title()

    @property
    def origin(self) -> DraftOrigin:
        """Where the draft comes from, and what it may use."""
        if self.open_request is None:
            return self._unsaved_origin
        path = self.open_request.path
        return self._host.session.origin_within(path, self._find_nearest(), path.parent)

    def _find_nearest(self) -> Path | None:
        """Return the nearest collection that the open request is in."""
        if self.open_request is None:
            return None
        folder = self.open_request.path.parent
        if self._nearest is None or self._nearest[0] != folder:
            self._nearest = folder, enclosing_collection(folder)
        return self._nearest[1]

    def origin_of(self, run: RequestRun) -> DraftOrigin:
        """Return where the draft of a run came from."""
        return TYPED if run.path is None else self._host.session.origin(run.path)

    @property
    def folder(self) -> Path:
        """What a relative file path in the draft is relative to."""
        return self.origin.folder

    @property
    def open_entry(self) -> RequestEntry | None:
        """The open request as an entry of the tree; None = it is a new one."""
        if self.open_request is None:
            return None
        path = self.open_request.path
        return RequestEntry(path, display_name(path.name.removesuffix(SUFFIX)))

    async def may_move(self, entry: Entry, folder: Path) -> bool:
        """Ask if a move or copy gives requests of a stranger more than they may use.

        Args:
            entry: A request, or a folder of them.
            folder: Where it goes.
        """
        if folder == entry.path.parent:
            return True
        session = self._host.session

        def placed() -> list[PlacedDraft]:
            requests = entry.all_requests() if isinstance(entry, Folder) else [entry]
            drafts = []
            for parent, group in groupby(requests, lambda each: each.path.parent):
                root = enclosing_collection(parent)
                if root is not None and root.is_relative_to(entry.path):
                    continue  # They take their own collection along.
                origin = session.origin(parent / COLLECTION_FILE)
                for each in group if origin.trust.root is not None else ():
                    with suppress(StorageError):  # It cannot be sent.
                        drafts.append((self.store.open(each.path).draft, origin))
            return drafts

        return await self._trust.may_enter(await run_in_daemon(placed), folder)

    async def open(self, path: Path) -> None:
        """Open a request, after the question about unsaved work."""
        if await self.may_leave():
            self.show(await self._load(path))
            self._host.focus_request()

    async def _load(self, path: Path) -> OpenRequest:
        """Read a request; one on the network in a thread, and for a limited time."""
        load = partial(self.store.open, path)
        if not self._reader.is_remote:
            return load()
        try:
            async with asyncio.timeout(_PATIENCE):
                return await run_in_daemon(load)
        except TimeoutError:
            raise StorageError(
                path,
                f"{path.name} cannot be read: its folder does not respond. Try again "
                "when the network is back.",
            ) from None

    async def open_run(self, run: RequestRun) -> None:
        """Show a run in the slot it was sent from; ask about unsaved work first."""
        if run.slot is self.slot:
            self.slot.run, self.slot.recalled = run, None
            self._host.show_slot()
            return
        if not await self.may_leave():
            return
        run.slot.run, run.slot.recalled = run, None
        # It may have been renamed, moved or deleted since it was sent.
        paths = (path for path, slot in self._slots.items() if slot is run.slot)
        path = next(paths, None)
        # Another collection may be open by now; what was sent is shown in any case.
        is_here = path is not None and path.is_relative_to(self.store.root)
        if path is not None and is_here and path.is_file():
            self.show(self.store.open(path))
        else:
            self._show(None, run.draft, run.slot, self.origin_of(run))

    async def new(self) -> None:
        """Start an empty request, after the question about unsaved work."""
        if await self.may_leave():
            self.show(None)
            self._host.focus_request()

    def begin(self, draft: Draft) -> None:
        """Show a draft from the catalogue, as a new request."""
        self._template = draft
        self.show(None, draft)

    async def may_leave(
        self, keep: Callable[[], Awaitable[bool]] | None = None
    ) -> bool:
        """Ask about unsaved changes; return whether the draft may be left.

        Args:
            keep: Keeps the draft for later, and returns whether it did; None = that is not
                offered.
        """
        from mixtui.ui.dialogs.dialogs import ChoiceDialog

        if not self.unsaved or self._host.draft == self._template:
            return True
        request = self.open_request
        name = (request and request.draft.name) or "The new request"
        later = (("k", "Keep as a draft of this collection", "keep"),) if keep else ()
        answer = await self._host.ask(
            ChoiceDialog(
                f"{name} has unsaved changes.",
                (
                    ("s", "Save", "save"),
                    *later,
                    ("d", "Discard", "discard"),
                    ("c", "Keep editing", "stay"),
                ),
                title="Unsaved changes",
            )
        )
        if answer == "save":
            return await self.save()
        if answer == "keep" and keep is not None:
            return await keep()
        return answer == "discard"

    async def save(self) -> bool:
        """Save the draft, asking for a name if it is new; return whether it is saved."""
        request = self.open_request
        if request is None:
            return await self.save_as()
        is_deleted = isinstance(self.file_state, FileDeleted)
        try:
            await self._write(request, overwrite=is_deleted)
        except ChangedOutside:
            return await self._resolve_conflict(request)
        return True

    async def _write(self, request: OpenRequest, *, overwrite: bool = False) -> None:
        draft = self._host.draft
        save = partial(self.store.save, request, draft, overwrite=overwrite)
        await self._save_with(save, draft)

    async def _save_with(self, save: Callable[[], OpenRequest], draft: Draft) -> None:
        """Save a draft in a thread: another program may hold the folder."""
        slot = self.slot
        with self.saving():
            request = await run_in_daemon(save)
        # Under another name, what was sent from it goes with it.
        others = {
            path: other for path, other in self._slots.items() if other is not slot
        }
        self._slots = {**others, request.path: slot}
        if self.slot is slot:  # Nothing else was opened since.
            self.open_request, self._file_state = request, Unchanged()
            # What was typed since stays, unsaved.
            if self._host.draft == draft:
                self._host.draft = request.draft
            self._host.show_title()
        self.reload_tree(request.path)
        self._host.notify_text(f"Saved {self.store.location(request.path)}.")

    async def save_as(self) -> bool:
        """Save the draft under a new name; return whether it is saved."""
        draft = self._host.draft
        folder = self._host.saved_requests.folder_at_cursor() or self.store.root
        if self.open_request is not None:
            folder = self.open_request.path.parent
        name = draft.name or _suggested_name(draft)
        location = Location(folder.relative_to(self.store.root).parts, name)
        while (chosen := await self.ask_location("Save request", location)) is not None:
            location = chosen
            parts = location.folders
            folder = await run_in_daemon(partial(self.store.folder_path, parts))
            if not await self._trust.may_enter([(draft, self.origin)], folder):
                continue
            save = partial(self.store.save_at, location, draft)
            try:
                await self._save_with(save, draft)
            except NameTaken as taken:
                answer = await self._ask_about_taken(taken, location)
                if answer not in ("both", "replace"):
                    continue
                if answer == "replace":
                    await run_in_daemon(partial(self.editor.delete, taken.path))
                named = replace(draft, name=location.name)
                await self._save_with(partial(self.store.save_as, folder, named), draft)
            return True
        return False

    async def _ask_about_taken(
        self, taken: NameTaken, location: Location
    ) -> str | None:
        """Ask what to do about a name that exists; return the choice."""
        from mixtui.ui.dialogs.dialogs import ChoiceDialog

        choices = [("e", "Change the name", "edit"), ("k", "Keep both", "both")]
        request = self.open_request
        if request is None or taken.path != request.path:
            choices.append(
                (
                    "r",
                    f"Replace the other request ({key_of('tree.undo')} restores it)",
                    "replace",
                )
            )
        question = f"The request {location} already exists."
        return await self._host.ask(
            ChoiceDialog(question, choices, title="Name already in use")
        )

    def restore(self, draft: Draft, opened_from: Path | None) -> None:
        """Show a draft that was never saved, as an edit of what it came from."""
        try:
            request = None if opened_from is None else self.store.open(opened_from)
        except StorageError as error:
            assert opened_from is not None
            self._host.notify_text(str(error), severity="warning")
            # Its file is gone; who wrote it stays.
            self.show(None, draft, self._host.session.origin(opened_from))
        else:
            if request is not None:
                # Tags change in the file alone: those of an old draft are out of date.
                draft = with_labels(draft, labels_of(request.draft))
            self.show(request, draft)

    async def _resolve_conflict(self, request: OpenRequest) -> bool:
        """Merge with a file that another program has changed; ask where both changed it."""
        from mixtui.ui.main.collection.conflict import (
            ask_about_broken,
            ask_about_conflict,
        )

        state = await run_in_daemon(partial(file_state, self.store, request))
        if isinstance(state, FileDeleted):
            self.file_state = state
            save = key_of("save")
            self._host.notify_text(
                f"{request.path.name} was deleted from disk: {save} again restores it.",
                severity="warning",
            )
            return False
        answer: Draft | str | None
        match state:
            case FileUnreadable():
                answer = await ask_about_broken(self._host, request, state)
            case FileChanged(request=current):
                merge = self.merge_with(current)
                answer = merge.draft
                if merge.conflicts:
                    answer = await ask_about_conflict(self._host, current, merge)
                if isinstance(answer, Draft):
                    self._go_on_with(current, answer)
            case _:  # It is as it was again.
                answer = self._host.draft
        match answer:
            case Draft():
                return await self.save()
            case "file":
                self.show(self.store.open(request.path))
                return True
            case "save_as":
                return await self.save_as()
            case _:
                return False

    async def ask_location(
        self, title: str, initial: Location, *, is_folder: bool = False
    ) -> Location | None:
        """Ask where something is to be, as Folder/Name; None = escape."""
        # Completion loads the catalogue, which the start does without.
        from mixtui.ui.dialogs.location import LocationDialog, folder_names

        folders = folder_names(await run_in_daemon(self.store.scan))
        root = self.store.root
        return await self._host.ask(
            LocationDialog(title, initial, folders, root, is_folder=is_folder)
        )

    # What changes in the tree

    def follow(self, change: Change) -> None:
        """Show a change, and go on with the open request wherever it is now."""
        match change:
            case Moved():
                self._follow_move(change)
            case Created(place=place):
                self.reload_tree(place.path)
            case Deleted(place=place):
                self._leave_deleted(place.path)
                self.reload_tree(None)
            case Reordered(place=place):
                self.reload_tree(place.path)
            case Labeled(place=place, new=labels):
                request = self.open_request
                if request is not None and request.path == place.path:
                    self._adopt(place.path, partial(with_labels, labels=labels))
                self.reload_tree(place.path)

    def follow_reversal(self, reversal: Reversal) -> None:
        """Show what undo or redo did."""
        match reversal:
            case Reversal(Deleted(item=item), Created(place=place)):
                self._find_lost(item.path, place.path)
        self.follow(reversal.done)

    def _follow_move(self, change: Moved) -> None:
        """Follow a file or folder to its new path, with the slots of its requests."""
        old, new = change.old, change.new

        def follow(path: Path) -> Path:
            if not path.is_relative_to(old.path):
                return path
            return new.path / path.relative_to(old.path)

        self._slots = {follow(path): slot for path, slot in self._slots.items()}
        request = self.open_request
        if request is not None and request.path.is_relative_to(old.path):
            path = follow(request.path)
            if request.path == old.path:
                self._adopt(path, partial(moved_draft, change=change))
            else:
                self._adopt(path, lambda draft: draft)
        self.reload_tree(new.path)

    def _adopt(self, path: Path, change: Callable[[Draft], Draft]) -> None:
        """Go on with the open request as its file is now; what was typed since stays.

        Args:
            path: Its file.
            change: What was done to the draft in it.
        """
        request = self.open_request
        assert request is not None
        try:
            current = self.store.open(path)
        except StorageError:
            current = None
        if current is not None and current.draft == change(request.draft):
            self.open_request, self._file_state = current, Unchanged()
        else:  # Something else changed it, too: to save asks about that.
            self.open_request = replace(request, path=path)
        self._host.update_draft(change(self._host.draft))

    def _leave_deleted(self, path: Path) -> None:
        """Keep the open request on the screen, as a new one, if it was deleted."""
        request = self.open_request
        if request is not None and request.path.is_relative_to(path):
            # Who wrote it, and what its paths mean, stays too.
            self._unsaved_origin = self.origin
            self.open_request, self._lost = None, (request.path, self.slot)
            self._file_state = Unchanged()
            self._host.draft = self._host.draft  # It is unsaved now.

    def _find_lost(self, old: Path, new: Path) -> None:
        """Make the draft on the screen the restored request again that it was."""
        if self.open_request is not None or self._lost is None:
            return
        path, slot = self._lost
        if slot is self.slot and path.is_relative_to(old):
            self.open_request = self.store.open(new / path.relative_to(old))
            self._host.draft = self._host.draft  # It may no longer be unsaved.

    def show(
        self,
        request: OpenRequest | None,
        draft: Draft | None = None,
        origin: DraftOrigin = TYPED,
    ) -> None:
        """Show a saved request, or a new one.

        Args:
            request: The saved request; None = a new one.
            draft: What is edited; None = what the file holds.
            origin: Where the draft of a new request comes from.
        """
        saved = request.draft if request is not None else Draft()
        slot = RequestSlot()
        if request is not None:
            slot = self._slots.setdefault(request.path, slot)
        self._show(request, draft or saved, slot, origin)
        for warning in request.warnings if request else ():
            self._host.notify_text(warning, severity="warning")

    def _show(
        self,
        request: OpenRequest | None,
        draft: Draft,
        slot: RequestSlot,
        origin: DraftOrigin = TYPED,
    ) -> None:
        self._unsaved_origin = origin
        self.open_request, self.slot = request, slot
        self._file_state = Unchanged()
        self._host.draft = draft
        self._host.show_slot()

    # The tree

    def read_ahead(self) -> None:
        """Start to list the collection while the screen is being mounted."""
        self._reader.read_ahead()

    def reload_tree(self, go_to: Path | None) -> None:
        """Read what has changed in the collection, and go to a path in it.

        Args:
            go_to: None = the cursor stays.
        """
        self._reader.reload(go_to)

    async def wait_until_read(self) -> None:
        """Wait until every file was read, as far as lists show it."""
        await self._reader.wait_until_read()

    def _tree_listed(self, appeared: Sequence[Path]) -> None:
        self._nearest = None
        self._find_nearest()  # Now, as the disk responds.
        self.mark_open_request()
        self.listed(appeared)

    def mark_open_request(self) -> None:
        """Mark the open request in the tree, and whether it has unsaved changes."""
        path = self.open_request.path if self.open_request else None
        self._host.saved_requests.mark(path, unsaved=self.unsaved)


def _suggested_name(draft: Draft) -> str:
    """Return a name that says what the draft does; empty if that is not known yet."""
    if not draft.url.strip(" /"):
        return ""
    last = draft.url.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]
    return f"{draft.method.value.capitalize()} {last or draft.api.label}"
