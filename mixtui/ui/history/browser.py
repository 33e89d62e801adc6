"""The list of old calls, its filter, and the one under the cursor explained."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Input, Static
from textual.worker import Worker

from mixtui.actions import HISTORY_ACTIONS, Action
from mixtui.history.entries import QUERY_SYNTAX, InvalidQuery, parse_query
from mixtui.history.history import Entry, History, HistoryQuery
from mixtui.history.record import Identity
from mixtui.model.errors import MixtuiError
from mixtui.text import pluralise, sanitize
from mixtui.ui.history.labels import (
    SWITCHED_OFF,
    colour,
    empty_page,
    entry_label,
    facts,
)
from mixtui.ui.history.list import HistoryList, Pages
from mixtui.ui.keys.hints import KeyHints
from mixtui.ui.widgets.field import TextInput
from mixtui.ui.widgets.screen import CancelsWorkersOnPrune

_LEAVING = ("enter", "escape", "tab", "shift+tab", "up", "down", "pageup", "pagedown")


class HistoryQueryInput(TextInput):
    """Takes a filter; some keys go back to the list."""

    def __init__(self, leave: Callable[[str], None]) -> None:
        """An empty line.

        Args:
            leave: Called with the key that goes to the list.
        """
        super().__init__(placeholder=QUERY_SYNTAX, compact=True, select_on_focus=False)
        self._leave = leave

    async def _on_key(self, event: events.Key) -> None:
        if event.key in _LEAVING:
            event.stop()
            event.prevent_default()
            self._leave(event.key)
        else:
            await super()._on_key(event)


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """Show an old answer again."""

    number: int


@dataclass(frozen=True, slots=True)
class Resend:
    """Send the same request again."""

    number: int


@dataclass(frozen=True, slots=True)
class RestoreDraft:
    """Show the request again, to be changed; a secret in it may be masked."""

    number: int


@dataclass(frozen=True, slots=True)
class DiffRecords:
    """Compare two answers; the old one is the older one."""

    old: int
    new: int


HistoryChoice = OpenRecord | Resend | RestoreDraft | DiffRecords


class HistoryDetails(Vertical):
    """Explains one call in two lines, or in more where there are many."""

    DEFAULT_CSS = """
    HistoryDetails { height: 2; padding: 0 1; }
    HistoryDetails Static {
        height: 1; text-wrap: nowrap; text-overflow: ellipsis;
    }
    HistoryDetails.-roomy { height: 5; }
    HistoryDetails.-roomy #url { height: auto; max-height: 2; }
    HistoryDetails.-roomy #what { height: 1fr; text-wrap: wrap; }
    """

    _entry: Entry | None = None
    _detail = ""

    def __init__(self) -> None:
        """Nothing is explained yet."""
        super().__init__()
        self._url, self._what = Static(id="url"), Static(id="what")

    def compose(self) -> ComposeResult:
        """The URL above what is known."""
        yield self._url
        yield self._what

    @property
    def roomy(self) -> bool:
        """Whether there are many lines."""
        return self.has_class("-roomy")

    @roomy.setter
    def roomy(self, roomy: bool) -> None:
        self.set_class(roomy, "-roomy")
        self._draw()

    def on_resize(self) -> None:
        """A URL is broken at the new width."""
        self._draw()

    def show(self, entry: Entry | None, detail: str) -> None:
        """Explain a call.

        Args:
            entry: Which; None = nothing.
            detail: What its outcome means; empty = that is not known, or clear.
        """
        if (entry, detail) != (self._entry, self._detail):
            self._entry, self._detail = entry, detail
            self._draw()

    def _draw(self) -> None:
        entry = self._entry
        if entry is None:
            self._url.update("")
            self._what.update("")
            return
        head = Content.styled(entry.method, "bold $text-primary")
        self._url.update(head + Content(self._broken(f" {sanitize(entry.url)}")))
        text = Content.styled(sanitize(facts(entry)), "$text-muted")
        if self._detail:
            text += Content("\n" if self.roomy else " · ")
            text += Content.styled(sanitize(self._detail), f"$text-{colour(entry)}")
        self._what.update(text)

    def _broken(self, url: str) -> str:
        """In two lines where it needs them: anywhere, for it is no prose."""
        entry, width = self._entry, self.scrollable_content_region.width
        room = width - len(entry.method) if entry else width
        if not self.roomy or len(url) <= room:
            return url
        return f"{url[:room]}\n{url[room:]}"


_BACK = Action("history.close", ("escape",), "Back", "Go back.", "")
"""For the hints alone: escape goes back everywhere, whatever keys people choose."""
_EMPTY = Action("history.empty", ("ctrl+u",), "Empty it", "Empty the filter.", "")
_NOTHING = replace(_BACK, keys=())
_FIRST_ROW = 5
"""Hints in the first of two rows."""
_UNFINISHED = re.compile(r"(?:^|\s)(?:status|after|before|on|method|request|env):$")
_PATIENCE = 0.6
"""Seconds without a key until a filter that is half typed is called a mistake."""


class HistoryBrowser(CancelsWorkersOnPrune, ModalScreen[HistoryChoice | None]):
    """Lists calls of the history, and finds some of them.

    Args:
        history: What was kept.
        identity: The request that the person came from; None = there is none.
        actions: Every action, with the person's own keys; empty = the usual ones.
    """

    DEFAULT_CSS = """
    HistoryBrowser > #box {
        width: 100%; height: 100%;
        border: round $primary; border-title-color: $text-primary;
        border-title-style: bold; border-subtitle-color: $text-accent;
        background: $surface;
    }
    HistoryBrowser HistoryQueryInput { background: $panel; width: 1fr; margin: 0 1; }
    HistoryBrowser #say {
        height: auto; min-height: 1; max-height: 2; padding: 0 1; color: $text-muted;
    }
    HistoryBrowser #say.-error { color: $text-error; }
    HistoryBrowser HistoryList { border-top: solid $panel; padding: 0 0 0 1; }
    HistoryBrowser #empty {
        display: none; width: 100%; height: 1fr; padding: 1 2;
        align-horizontal: center;
    }
    HistoryBrowser #empty Static { width: 100%; max-width: 76; height: auto; }
    HistoryBrowser HistoryDetails { border-top: solid $panel; height: 3; }
    HistoryBrowser HistoryDetails.-roomy { height: 6; }
    HistoryBrowser KeyHints { dock: none; }
    HistoryBrowser.-empty HistoryList { height: 1; }
    HistoryBrowser.-empty HistoryDetails { display: none; }
    HistoryBrowser.-empty #empty { display: block; }
    HistoryBrowser #more { display: none; }
    HistoryBrowser.-narrow #more { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f3", "close", "Back", show=False),
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (114, "-normal")]

    def __init__(
        self,
        history: History,
        identity: Identity | None,
        *,
        actions: Sequence[Action] = (),
    ) -> None:
        super().__init__()
        self.history = history
        self.here = identity
        """The request that can be listed alone."""
        own = {action.id: action for action in actions}
        self._actions = tuple(own.get(a.id, a) for a in HISTORY_ACTIONS)
        self.alone = False
        """Whether it is."""
        self._filter = HistoryQuery()
        self.marked: Entry | None = None
        """The call to compare another one with."""
        self._turn = 0
        """Grows with each query: the answer to an old one has nothing to say."""
        self._one_query = asyncio.Lock()
        self._going_on = 0
        self._explaining = False
        self.settled = asyncio.Event()
        """Set while nothing reads or changes the history."""
        self._mistake: Timer | None = None
        self._problem = ""
        """What is wrong with the filter, once that was said."""

    def compose(self) -> ComposeResult:
        """The filter, the calls, the one under the cursor; the keys."""
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
        """List all calls."""
        self.query_one(HistoryList).focus()
        self._show_hints()
        self.search()

    def on_resize(self, event: Resize) -> None:
        """Give the details more lines where there are many."""
        self.query_one(HistoryDetails).roomy = event.size.height >= 30
        self.call_after_refresh(self._show_hints)

    def on_descendant_focus(self) -> None:
        """Other keys matter."""
        self._show_hints()

    # Searching, in a thread

    def search(self, *, cursor: int = 0, then: str = "") -> None:
        """List what matches.

        Args:
            cursor: The row to be under the cursor.
            then: A sentence to say with it.
        """
        self._turn += 1
        turn = self._turn
        identity = self.here if self.alone else None
        query = replace(self._filter, identity=identity)

        async def work() -> None:
            async with self._one_query:
                if turn != self._turn:
                    return
                pages = await asyncio.to_thread(Pages(self.history, query).open)
            if turn == self._turn:
                self._show(pages, cursor, then)

        self.begin(work)

    def begin(self, work: Callable[[], Awaitable[None]]) -> None:
        """Start what reads or changes the history; keys wait for its end."""
        self._going_on += 1
        self.settled.clear()

        async def run() -> None:
            try:
                await work()
            except MixtuiError as error:
                self.set_note(str(error), wrong=True)
            finally:
                self._going_on -= 1
                if not self._going_on:
                    self.settled.set()

        # The function itself: a coroutine that is cancelled too soon is warned of.
        _: Worker[None] = self.run_worker(run)

    async def read_selected(self) -> Entry | None:
        """The call under the cursor; None = there is none, or a sentence says why."""
        await self.settled.wait()
        try:
            return await self.query_one(HistoryList).read_selected()
        except MixtuiError as error:
            self.set_note(str(error), wrong=True)
            return None

    # What is shown

    def _show(self, pages: Pages, cursor: int, sentence: str) -> None:
        self.set_class(not pages.count, "-empty")
        if not pages.count:
            keys = self.key_of("filter"), self.key_of("alone")
            page = empty_page(pages.query, self.history.limits, *keys)
            self.query_one("#empty Static", Static).update(page)
        self.query_one(HistoryList).show(pages, datetime.now(), cursor=cursor)
        problem = pages.warning or self._problem
        self.set_note(problem or sentence or self.summary(), wrong=bool(problem))
        self.show_title()
        self._show_hints()

    def summary(self) -> str:
        """How many calls are listed."""
        count = self.query_one(HistoryList).pages.count
        if not self.history.limits.enabled:
            return " ".join(SWITCHED_OFF) if count else ""
        if not count:
            return ""
        is_found = self._filter != HistoryQuery()
        return pluralise(count, "call") + (
            " found" if is_found else ", the newest first"
        )

    def show_title(self) -> None:
        """Say what is listed, and which call is marked."""
        box = self.query_one("#box")
        box.border_title = "History of this request" if self.alone else "History"
        marked = self.marked
        text = f"● {entry_label(marked, datetime.now())}" if marked else ""
        box.border_subtitle = Content(sanitize(text)).markup

    def _show_hints(self) -> None:
        listed = not self.has_class("-empty")
        useful = {"filter": listed or self._filter != HistoryQuery()}
        useful["alone"] = self.here is not None and (listed or self.alone)
        hints = [
            replace(a, label="All requests") if a.name == "alone" and self.alone else a
            for a in self._actions
            if a.in_footer and useful.get(a.name, listed)
        ]
        back = _BACK
        if self.query_one(HistoryQueryInput).has_focus:
            hints, back = [_EMPTY], replace(_BACK, label="To the list")
        split = _FIRST_ROW if self.has_class("-narrow") else len(hints)
        first, second = (self.query_one(f"#{i}", KeyHints) for i in ("keys", "more"))
        first.show([*hints[:split], back])
        second.show([*hints[split:], _NOTHING])

    def set_note(self, sentence: str, *, wrong: bool = False) -> None:
        """A sentence under the filter; never markup."""
        say = self.query_one("#say", Static)
        say.update(Content(sanitize(sentence)))
        say.set_class(wrong, "-error")

    def key_of(self, name: str) -> str:
        """The keys of an action, as people write them."""
        return next(a.keys_text for a in self._actions if a.name == name)

    @on(HistoryList.CursorMoved)
    def _moved(self, event: HistoryList.CursorMoved) -> None:
        event.stop()
        if not self._explaining:
            self._explaining = True
            _: Worker[None] = self.run_worker(self._explain)

    async def _explain(self) -> None:
        """Explain the call under the cursor, until it stays there."""
        view, details = self.query_one(HistoryList), self.query_one(HistoryDetails)
        try:
            while True:
                entry = view.selected_entry
                details.show(entry, await self._detail(entry) if entry else "")
                if view.selected_entry == entry:
                    return
        finally:
            self._explaining = False

    async def _detail(self, entry: Entry) -> str:
        try:
            record = await asyncio.to_thread(self.history.record, entry.id)
        except MixtuiError as error:
            return str(error)
        return " ".join(filter(None, (record.outcome.detail, record.body_note)))

    @on(HistoryList.Failed)
    def _failed(self, event: HistoryList.Failed) -> None:
        event.stop()
        self.set_note(str(event.error), wrong=True)

    # The filter

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._read_filter(patient=True)

    def _read_filter(self, *, patient: bool) -> bool:
        """List what the filter says; gives whether it can be.

        Args:
            patient: It is being typed: it may be no mistake when it is finished.
        """
        if self._mistake is not None:
            self._mistake.stop()
            self._mistake = None
        text = self.query_one(HistoryQueryInput).value
        try:
            history_query = parse_query(_UNFINISHED.sub("", text))
        except InvalidQuery as error:
            show = partial(self._show_problem, str(error))
            if patient:
                self._mistake = self.set_timer(_PATIENCE, show)
            else:
                show()
            return False
        self._problem = ""
        if history_query != self._filter:
            self._filter = history_query
            self.search()
        elif self.query_one("#say").has_class("-error"):
            self.set_note(self.summary())
        return True

    def _show_problem(self, problem: str) -> None:
        self._problem = problem
        self.set_note(problem, wrong=True)

    def _leave_field(self, key: str) -> None:
        """Go to the list; a mistake keeps who chose it in the field."""
        if self._read_filter(patient=False) or key == "escape":
            self.set_focus(self.query_one(HistoryList))

    # Leaving

    def finish(self, choice: HistoryChoice | None) -> None:
        if self.is_current:
            self.dismiss(choice)

    def action_close(self) -> None:
        """Go back."""
        self.finish(None)
