"""The history: find, open, resend, restore, compare and delete its entries."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import ClassVar

from msgspec.structs import replace
from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.reactive import var
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Input, Static

from mixtui.actions import HISTORY_COMMANDS, Action, Scope, in_scope
from mixtui.history.history import Entry, History, HistoryQuery
from mixtui.history.query import FILTER_NAMES, InvalidQuery, parse_query
from mixtui.history.record import Identity
from mixtui.key_names import key_of
from mixtui.model.errors import MixtuiError
from mixtui.patterns import compile_late
from mixtui.system import Cancelled, CancelToken
from mixtui.text import pluralise, sanitize
from mixtui.ui.dialogs.dialogs import ChoiceDialog, ConfirmDialog
from mixtui.ui.history.choices import (
    DiffRecords,
    HistoryChoice,
    OpenRecord,
    Part,
    Resend,
    RestoreDraft,
    parts,
    purged_label,
)
from mixtui.ui.history.details import HistoryDetails, HistoryQueryInput
from mixtui.ui.history.labels import SWITCHED_OFF, empty_page, entry_label
from mixtui.ui.history.list import HistoryList, Pages
from mixtui.ui.keys.hints import KeyHints
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.widgets.screen import CancelsWorkersOnPrune, StyledOnce

_BACK = Action("history.close", ("escape",), "Back", "Go back.", "")
"""Only for the key hints: escape goes back whatever keys users choose."""
_EMPTY_FILTER = Action("history.empty", ("ctrl+u",), "Clear", "Clear the filter.", "")
_NO_HINT = replace(_BACK, keys=())
_HINTS_IN_FIRST_ROW = 5
"""Hints in the first of two rows."""
_UNFINISHED_TERM = compile_late(rf"(?:^|\s)(?:{'|'.join(FILTER_NAMES)}):$")
_MISTAKE_DELAY = 0.6
"""Seconds without a key until an invalid filter shows its problem."""


class HistoryScreen(
    StyledOnce, CancelsWorkersOnPrune, ModalScreen[HistoryChoice | None]
):
    """List history entries; return what to do with one, or None.

    Args:
        history: The stored entries.
        identity: The request on the main screen; None = there is none.
        actions: Every action, with the user's keys; empty = the default ones.
    """

    DEFAULT_CSS = """
    HistoryScreen > #box {
        width: 100%; height: 100%;
        border: round $border; border-title-color: $text-primary;
        border-title-style: bold; border-subtitle-color: $text-accent;
        background: $background;
    }
    HistoryScreen HistoryQueryInput { background: $panel; width: 1fr; margin: 0 1; }
    HistoryScreen #say {
        height: auto; min-height: 1; max-height: 2; padding: 0 1; color: $text-muted;
    }
    HistoryScreen #say.-error { color: $text-error; }
    HistoryScreen HistoryList { border-top: solid $border-blurred; padding: 0 0 0 1; }
    HistoryScreen #empty {
        display: none; width: 100%; height: 1fr; padding: 1 2;
        align-horizontal: center;
    }
    HistoryScreen #empty Static { width: 100%; max-width: 76; height: auto; }
    HistoryScreen HistoryDetails { border-top: solid $border-blurred; height: 3; }
    HistoryScreen HistoryDetails.-roomy { height: 6; }
    HistoryScreen KeyHints { dock: none; }
    HistoryScreen.-empty HistoryList { height: 1; }
    HistoryScreen.-empty HistoryDetails { display: none; }
    HistoryScreen.-empty #empty { display: block; }
    HistoryScreen.-squat HistoryDetails { display: none; }
    HistoryScreen #more { display: none; }
    HistoryScreen.-narrow #more { display: block; }
    """
    marked: var[Entry | None] = var(None, init=False)
    """The entry to compare another one with."""
    entry_list = getters.query_one(HistoryList)
    query_input = getters.query_one(HistoryQueryInput)
    details = getters.query_one(HistoryDetails)
    note = getters.query_one("#say", Static)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (114, "-normal")]
    VERTICAL_BREAKPOINTS = [(0, "-squat"), (18, "-tall")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Back", show=False),
        Binding("f3", "close", "Back", show=False, id="history"),
        *bindings(Scope.HISTORY, HISTORY_COMMANDS),
    ]

    def __init__(
        self,
        history: History,
        identity: Identity | None,
        *,
        actions: Sequence[Action] = (),
    ) -> None:
        super().__init__()
        self.history = history
        self.identity = identity
        """The request that can be listed alone."""
        own = {action.id: action for action in actions}
        self._actions = tuple(own.get(a.id, a) for a in in_scope(Scope.HISTORY))
        self.only_this_request = False
        """Whether only the entries of that request are listed."""
        self._filter = HistoryQuery()
        self._query_number = 0
        """Counts the queries: the result of an older one is discarded."""
        self._query_lock = asyncio.Lock()
        self._query_cancel = CancelToken()
        """Ends the last query."""
        self._running_jobs = 0
        self._is_explaining = False
        self._trends: dict[int, str] = {}
        self.settled = asyncio.Event()
        """Set while nothing reads or changes the history."""
        self._mistake_timer: Timer | None = None
        self._problem = ""
        """The error of the filter, once shown."""

    def compose(self) -> ComposeResult:
        box = Vertical(id="box")
        box.border_title = "History"
        with box:
            yield HistoryQueryInput(self._leave_field)
            yield Static(id="say")
            yield HistoryList(self.settled.wait)
            with VerticalScroll(id="empty", can_focus=False):
                yield Static()
            yield HistoryDetails()
            yield KeyHints(id="keys")
            yield KeyHints(id="more")

    def on_mount(self) -> None:
        self.entry_list.focus()
        self._show_hints()
        self.search()

    def on_resize(self, event: Resize) -> None:
        """Give the details more lines on a tall screen."""
        self.details.roomy = event.size.height >= 30
        self.call_after_refresh(self._show_hints)

    def on_descendant_focus(self) -> None:
        self._show_hints()

    # Searching, in a thread

    def search(self, *, cursor: int = 0, sentence: str = "") -> None:
        """List the matching entries.

        Args:
            cursor: The row to put the cursor on.
            sentence: Shown with the result.
        """
        self._query_number += 1
        number = self._query_number
        self._query_cancel.cancel()
        self._query_cancel = cancel = CancelToken()
        identity = self.identity if self.only_this_request else None
        query = replace(self._filter, identity=identity)

        async def query_pages() -> None:
            async with self._query_lock:
                if number != self._query_number:
                    return
                pages = Pages(self.history, query)
                try:
                    await asyncio.to_thread(pages.open, cancel)
                except Cancelled:
                    return
            if number == self._query_number:
                self._show(pages, cursor, sentence)

        self.begin(query_pages)

    def begin(self, job: Callable[[], Awaitable[None]]) -> None:
        """Start a job on the history; keys wait until it ends."""
        self._running_jobs += 1
        self.settled.clear()
        self._run_job(job)

    # Takes the function itself: Python warns of a coroutine cancelled before it starts.
    @work(description="")
    async def _run_job(self, job: Callable[[], Awaitable[None]]) -> None:
        try:
            await job()
        except MixtuiError as error:
            self.set_note(str(error), wrong=True)
        finally:
            self._running_jobs -= 1
            if not self._running_jobs:
                self.settled.set()

    async def read_selected(self) -> Entry | None:
        """Return the selected entry; None = there is none, or a message says why."""
        await self.settled.wait()
        try:
            return await self.entry_list.read_selected()
        except MixtuiError as error:
            self.set_note(str(error), wrong=True)
            return None

    # What is shown

    def _show(self, pages: Pages, cursor: int, sentence: str) -> None:
        self.set_class(not pages.count, "-empty")
        if not pages.count:
            page = empty_page(pages.query, self.history.limits)
            self.query_one("#empty Static", Static).update(page)
        self.entry_list.show(pages, datetime.now(), cursor=cursor)
        problem = pages.warning or self._problem
        self.set_note(problem or sentence or self.summary(), wrong=bool(problem))
        self._show_title()
        self._show_hints()

    def summary(self) -> str:
        """Return how many entries are listed, as a sentence."""
        count = self.entry_list.pages.count
        if not self.history.limits.enabled:
            return " ".join(SWITCHED_OFF) if count else ""
        if not count:
            return ""
        is_filtered = self._filter != HistoryQuery()
        return pluralise(count, "request") + (
            " found" if is_filtered else ", newest first"
        )

    def watch_marked(self, marked: Entry | None) -> None:
        self.entry_list.marked_id = marked.id if marked else None
        self._show_title()

    def _show_title(self) -> None:
        """Show in the border what is listed, and which entry is marked."""
        box = self.query_one("#box")
        box.border_title = (
            "History of this request" if self.only_this_request else "History"
        )
        marked = self.marked
        text = f"● {entry_label(marked, datetime.now())}" if marked else ""
        box.border_subtitle = Content(sanitize(text)).markup

    def _show_hints(self) -> None:
        has_entries = not self.has_class("-empty")
        applicable = {"filter": has_entries or self._filter != HistoryQuery()}
        applicable["alone"] = self.identity is not None and (
            has_entries or self.only_this_request
        )
        hints = [
            replace(a, label="All requests")
            if a.name == "alone" and self.only_this_request
            else a
            for a in self._actions
            if a.in_footer and applicable.get(a.name, has_entries)
        ]
        back = _BACK
        if self.query_input.has_focus:
            hints, back = [_EMPTY_FILTER], replace(_BACK, label="To the list")
        split = _HINTS_IN_FIRST_ROW if self.has_class("-narrow") else len(hints)
        first, second = (self.query_one(f"#{i}", KeyHints) for i in ("keys", "more"))
        first.show([*hints[:split], back])
        second.show([*hints[split:], _NO_HINT])

    def set_note(self, sentence: str, *, wrong: bool = False) -> None:
        """Show a sentence under the filter; never markup."""
        self.note.update(Content(sanitize(sentence)))
        self.note.set_class(wrong, "-error")

    @on(HistoryList.CursorMoved)
    def _cursor_moved(self, event: HistoryList.CursorMoved) -> None:
        event.stop()
        if not self._is_explaining:
            self._is_explaining = True
            self._explain()

    @work
    async def _explain(self) -> None:
        """Explain the selected entry, until it stays the same."""
        view, details = self.entry_list, self.details
        try:
            while True:
                entry = view.selected_entry
                detail = await self._detail(entry) if entry else ""
                trend = self._trends.get(entry.id, "") if entry else ""
                details.show(entry, detail, trend)
                if entry and view.selected_entry == entry and details.roomy:
                    details.show(entry, detail, await self._trend(entry))
                if view.selected_entry == entry:
                    return
        finally:
            self._is_explaining = False

    async def _detail(self, entry: Entry) -> str:
        try:
            record = await asyncio.to_thread(self.history.record, entry.id)
        except MixtuiError as error:
            return str(error)
        return " ".join(filter(None, (record.outcome.detail, record.body_note)))

    async def _trend(self, entry: Entry) -> str:
        """Return the report in a response as one line; empty = it is not a small report."""
        if not entry.has_body or entry.body_bytes > _MAX_TREND_BYTES:
            return ""
        if entry.id not in self._trends:
            self._trends[entry.id] = await asyncio.to_thread(
                _read_trend, self.history, entry.id
            )
        return self._trends[entry.id]

    @on(HistoryList.Failed)
    def _failed(self, event: HistoryList.Failed) -> None:
        event.stop()
        self.set_note(str(event.error), wrong=True)

    # The filter

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._read_filter(is_typing=True)

    def _read_filter(self, *, is_typing: bool) -> bool:
        """List what the filter matches; return whether it is valid.

        Args:
            is_typing: Show a problem only after a pause: more may be typed.
        """
        if self._mistake_timer is not None:
            self._mistake_timer.stop()
            self._mistake_timer = None
        text = self.query_input.value
        try:
            history_query = parse_query(_UNFINISHED_TERM.sub("", text))
        except InvalidQuery as error:
            show = partial(self._show_problem, str(error))
            if is_typing:
                self._mistake_timer = self.set_timer(_MISTAKE_DELAY, show)
            else:
                show()
            return False
        had_problem, self._problem = bool(self._problem), ""
        if history_query != self._filter:
            self._filter = history_query
            self.search()
        elif had_problem:  # Any other error is not the filter's, and stays.
            self.set_note(self.summary())
        return True

    def _show_problem(self, problem: str) -> None:
        self._problem = problem
        self.set_note(problem, wrong=True)

    def _leave_field(self, key: str) -> None:
        """Focus the list, unless the filter is invalid."""
        if self._read_filter(is_typing=False) or key == "escape":
            self.set_focus(self.entry_list)

    # Actions on the list

    def action_filter(self) -> None:
        field = self.query_input
        self.set_focus(field)
        field.cursor_position = len(field.value)

    async def action_alone(self) -> None:
        """Toggle between the entries of this request and all."""
        await self.settled.wait()
        if self.identity is not None:
            self.only_this_request = not self.only_this_request
            self.search()

    # Actions on the selected entry

    @on(HistoryList.Selected)
    async def _clicked(self, event: HistoryList.Selected) -> None:
        event.stop()
        await self.action_open()

    async def action_open(self) -> None:
        if (entry := await self.read_selected()) is not None:
            self.finish(OpenRecord(entry.id))

    async def action_resend(self) -> None:
        """Send the request again, unless a secret of it is masked."""
        entry = await self.read_selected()
        if entry is not None and entry.incomplete_draft:
            key = key_of("history.restore")
            self.set_note(
                f"A secret in this request was masked. Press {key} to edit the request, "
                "then enter the secret and send it.",
                wrong=True,
            )
        elif entry is not None:
            self.finish(Resend(entry.id))

    async def action_restore(self) -> None:
        if (entry := await self.read_selected()) is not None:
            self.finish(RestoreDraft(entry.id))

    async def action_mark(self) -> None:
        """Mark or unmark the selected entry."""
        if (entry := await self.read_selected()) is not None:
            is_marked = self.marked is not None and self.marked.id == entry.id
            self._mark(None if is_marked else entry)

    def _mark(self, entry: Entry | None) -> None:
        self.marked = entry
        key = key_of("history.compare")
        marked = f"Marked. Select another request and press {key} to compare."
        self.set_note(marked if entry else self.summary())

    async def action_compare(self) -> None:
        """Compare with the marked entry, or with the previous response."""
        entry = await self.read_selected()
        if entry is None:
            return
        other = self.marked
        if other is None:
            try:
                other = await asyncio.to_thread(
                    self.history.previous, entry.identity, entry.id
                )
            except MixtuiError as error:
                self.set_note(str(error), wrong=True)
                return
        problem = self._comparison_problem(entry, other)
        if other is None or problem:
            self.set_note(problem, wrong=True)
            return
        older, newer = sorted((other, entry), key=lambda e: (e.started, e.id))
        self.finish(DiffRecords(older.id, newer.id))

    def _comparison_problem(self, entry: Entry, other: Entry | None) -> str:
        """Return why two entries cannot be compared; empty = they can."""
        mark = key_of("history.mark")
        if not entry.status:
            return "This request has no response to compare."
        if other is None:
            return (
                "No earlier response to this request. Mark another request with "
                f"{mark} to compare."
            )
        if other.id == entry.id:
            return "This is the marked request. Select another one to compare."
        if not other.status:
            return f"The marked request has no response. Mark another one with {mark}."
        return ""

    # Deleting

    async def action_delete(self) -> None:
        """Delete the selected entry, once confirmed."""
        if (entry := await self.read_selected()) is None:
            return
        question = (
            f"Delete this request and its response? {entry_label(entry, datetime.now())}. "
            "This cannot be undone."
        )

        async def delete() -> None:
            await asyncio.to_thread(self.history.delete, entry.id)
            self._search_again([entry.id], "Deleted.")

        self._ask(question, delete)

    async def action_purge(self) -> None:
        """Delete a part of the history, once chosen and confirmed."""
        entry = await self.read_selected()
        environment = entry.environment if entry else None
        try:
            purgeable = await asyncio.to_thread(parts, self.history, environment)
        except MixtuiError as error:
            self.set_note(str(error), wrong=True)
            return
        if not purgeable:
            self.set_note("Nothing to purge.")
            return
        dialog = ChoiceDialog(
            "Which requests do you want to delete?",
            [p.choice for p in purgeable],
            title="Purge",
        )
        self.app.push_screen(dialog, self._confirm_purge)

    def _confirm_purge(self, part: Part | None) -> None:
        if part is None:
            return
        question = (
            f"Delete {part.label} ({part.size.count:,}) and their responses? "
            "This cannot be undone."
        )

        async def purge() -> None:
            purged = await asyncio.to_thread(self.history.purge, part.query)
            self._search_again(None, purged_label(purged))

        self._ask(question, purge)

    def _ask(self, question: str, job: Callable[[], Awaitable[None]]) -> None:
        dialog = ConfirmDialog(
            question, yes="Delete", no="Cancel", title="Delete", dangerous=True
        )
        self.app.push_screen(dialog, lambda yes: self.begin(job) if yes else None)

    def _search_again(self, deleted: Sequence[int] | None, sentence: str) -> None:
        """List the remaining entries.

        Args:
            deleted: The numbers of those that are gone; None = any of them may be.
            sentence: What happened.
        """
        if self.marked and (deleted is None or self.marked.id in deleted):
            self.marked = None
        self.search(cursor=self.entry_list.cursor or 0, sentence=sentence)

    # Leaving

    def finish(self, choice: HistoryChoice | None) -> None:
        if self.is_current:
            self._query_cancel.cancel()
            self.dismiss(choice)

    def action_close(self) -> None:
        self.finish(None)


_MAX_TREND_BYTES = 200_000
"""A larger body is not read for one line."""


def _read_trend(history: History, number: int) -> str:
    """Read a body, and return its report as one line. Blocks."""
    from mixtui.charts.recognise import read_chart
    from mixtui.charts.sparkline import trend

    try:
        source = history.open_body(number)
        if source is None:
            return ""
        try:
            return trend(read_chart(source.read(0, source.size)))
        finally:
            source.close()
    except (MixtuiError, OSError):
        return ""  # The entry itself shows that, when it is opened.
