"""Choose a collection: a recent one, or the folder of a typed path."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from mixtui.actions import COMPLETE_ACTIONS, FINDER_ACTIONS, Action
from mixtui.editing.finder import Findable, Finder
from mixtui.storage.collection_folders import (
    CollectionFolder,
    FolderKind,
    Listing,
    inspect,
    list_folder,
    matching_folders,
)
from mixtui.storage.paths import short_path
from mixtui.text import pluralise, sanitize
from mixtui.ui.dialogs.saving import as_path
from mixtui.ui.widgets.cells import truncate_end
from mixtui.ui.widgets.screen import run_in_daemon
from mixtui.ui.widgets.search_screen import MatchList, SearchScreen
from mixtui.ui.widgets.text_page import TextPage

_PATIENCE = 1.0
"""Seconds until a folder that does not answer is listed as such."""
_ENDINGS = {
    FolderKind.OPEN: "It is open. Type a path to open another, such as ~/requests.",
    FolderKind.COLLECTION: "",
    FolderKind.PLAIN: "It has no mixtui.toml: mixtui asks before it opens it.",
    FolderKind.MISSING: "It no longer exists. Type its path to create it.",
    FolderKind.SILENT: "It does not respond: is its disk or network connected?",
    FolderKind.NEW: "enter creates this folder as a new collection.",
}
_HELP = "Type a path, such as ~/requests, to open or create another collection."


class CollectionsScreen(SearchScreen[CollectionFolder]):
    """Gives the folder that was chosen; None = none.

    A text with a slash is a path, whose folders are listed; any other text searches the
    recent collections.

    Args:
        current: The collection that is open.
        recent: Others, last opened first.
        actions: Every action, with the person's own keys; empty = the usual ones.
    """

    DEFAULT_CSS = """
    CollectionsScreen TextPage {
        height: 3; border-top: solid $border-blurred; padding: 0 0 0 1;
    }
    CollectionsScreen.-squat TextPage { height: 1; border: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("shift+f9,f21", "close", "Back", show=False)
    ]
    VERTICAL_BREAKPOINTS = [(0, "-squat"), (20, "-tall")]

    def __init__(
        self, current: Path, recent: Sequence[Path], *, actions: Sequence[Action] = ()
    ) -> None:
        self._current = current
        self._paths = [current, *(path for path in recent if path != current)]
        self._recent: list[CollectionFolder] = []
        self._finder = Finder(())
        self._listings: dict[Path, Listing] = {}
        self._list = CollectionList()
        self._details = TextPage()
        self._waiting: Callable[[], None] = self.action_take
        super().__init__(
            self._list,
            "",
            title="Switch collection",
            placeholder="Search recent collections, or type a path",
            own_actions=(*FINDER_ACTIONS, *COMPLETE_ACTIONS),
            actions=actions,
        )

    def compose_results(self) -> ComposeResult:
        yield self._list
        yield self._details

    async def prepare(self) -> None:
        tasks = {
            asyncio.ensure_future(run_in_daemon(partial(inspect, path))): path
            for path in self._paths[1:]
        }
        if tasks:
            await asyncio.wait(tasks, timeout=_PATIENCE)
        self._recent = [CollectionFolder(self._current, FolderKind.OPEN)]
        for task, path in tasks.items():
            silent = CollectionFolder(path, FolderKind.SILENT)
            self._recent.append(task.result() if task.done() else silent)
        self._finder = Finder(
            Findable(each.path.name, str(each.path.parent)) for each in self._recent
        )

    def list_matches(self, text: str) -> str:
        folder, start = _split_path(text)
        if folder is None:
            matches = [self._recent[index] for index in self._finder.find(text)]
            # The one before is the likeliest: enter goes back and forth.
            self._list.show(matches, text, 0 if text.strip() else 1)
            return pluralise(len(self._recent), "collection")
        listing = self._listings.get(folder)
        if listing is None:
            self._list.show((), start, 0)
            self._read_folder(folder)
            return "Reading…"
        matches = [self._marked_open(f) for f in matching_folders(listing, start)]
        self._list.show(matches, start, 0)
        return pluralise(len(listing.folders), "folder")

    def _marked_open(self, folder: CollectionFolder) -> CollectionFolder:
        is_open = folder.path == self._current
        return CollectionFolder(folder.path, FolderKind.OPEN) if is_open else folder

    @work(exclusive=True, group="folder", description="")
    async def _read_folder(self, folder: Path) -> None:
        self._listings[folder] = await run_in_daemon(partial(list_folder, folder))
        self.search(again=True)
        if not self._ready.is_set():
            self._ready.set()
            self._waiting()

    def _must_wait(self, action: Callable[[], None]) -> bool:
        """Run an action when the folders of the typed path are read, if they are not."""
        folder, _ = _split_path(self.field.value)
        if folder is None or folder in self._listings or self._listed is None:
            return False
        self._waiting = action
        self._ready.clear()  # The next keys wait, too.
        self.search()
        return True

    def action_take(self) -> None:
        """Choose what is under the cursor; wait for folders that are still read."""
        if not self._must_wait(self.action_take):
            super().action_take()

    def action_complete(self) -> None:
        """Put the path under the cursor into the search line, to go on from there."""
        if self._must_wait(self.action_complete):
            return
        match = self._list.chosen
        if match is not None:
            self.field.value = short_path(match.path) + "/"
            self.field.cursor_position = len(self.field.value)

    @property
    def chosen(self) -> CollectionFolder | None:
        match = self._list.chosen
        return match if match is not None and match.can_be_chosen else None

    def explain(self) -> None:
        self._details.show(partial(_details, self._list.chosen))


def _split_path(text: str) -> tuple[Path | None, str]:
    """Return the folder that a typed path is in, and how its name begins.

    None = the text is not a path.
    """
    typed = text.strip()
    if "/" not in typed and not typed.startswith("~") and typed not in (".", ".."):
        return None, typed
    if "\0" in typed:
        return None, typed
    path = Path(os.path.normpath(as_path(typed)))
    if typed.endswith(("/", "..")) or typed in ("~", "."):
        return path, ""
    return path.parent, path.name


def _details(folder: CollectionFolder | None, width: int) -> Sequence[Content]:
    if folder is None:
        return Content.styled(_HELP, "$text-muted").wrap(width)
    lines = Content(sanitize(str(folder.path))).wrap(width)
    note = _ENDINGS[folder.kind] or _HELP
    return [*lines, *Content.styled(note, "$text-muted").wrap(width)]


_KIND = 16
_CURSOR = 2
_GAP = 2
"""Cells of the columns."""


class CollectionList(MatchList[CollectionFolder]):
    """Lists folders: name, the folder that each is in, and what is known of it."""

    DEFAULT_CSS = """
    CollectionList > .folder--quiet { color: $text-muted; }
    CollectionList > .folder--missing { color: $text-error; }
    """
    COMPONENT_CLASSES = {"folder--quiet", "folder--missing"}

    def row_segments(
        self, index: int, width: int, *, selected: bool
    ) -> Iterable[Segment]:
        folder = self.match(index)
        quiet = self.foreground_style("folder--quiet")
        style = self.rich_style + Style(bold=selected)
        yield Segment("› " if selected else "  ", style)
        room = width - _CURSOR - _KIND - 2 * _GAP
        name = room * 2 // 5
        yield from self.marked(folder.path.name or "/", name, style)
        yield Segment(" " * _GAP, style)
        parent = short_path(folder.path.parent)
        yield from self.marked(parent, room - name, quiet, is_path=True)
        yield Segment(" " * _GAP, style)
        kind = truncate_end(folder.kind.value, _KIND)
        missing = self.foreground_style("folder--missing")
        yield Segment(kind, quiet if folder.can_be_chosen else missing)
