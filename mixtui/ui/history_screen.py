"""What was exchanged: look through it, open, send again, edit, compare, remove."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static
from textual.worker import Worker, WorkerCancelled

from mixtui.core.errors import MixtuiError
from mixtui.core.record import Identity
from mixtui.core.visible import excerpt, visible
from mixtui.core.words import counted
from mixtui.storage.history import Entry, History, HistoryQuery
from mixtui.storage.history_query import HINT, parse_query
from mixtui.ui.action import Action, Scope
from mixtui.ui.dialogs import ConfirmDialog
from mixtui.ui.history_actions import HISTORY_ACTIONS, HISTORY_COMMANDS
from mixtui.ui.history_choice import (
    DiffRecords,
    HistoryChoice,
    OpenRecord,
    Resend,
    RestoreDraft,
)
from mixtui.ui.history_purge import purge_dialog, purged_words, sure_dialog
from mixtui.ui.keymap import bindings
from mixtui.ui.widgets.field import Field
from mixtui.ui.widgets.history_list import HistoryList
from mixtui.ui.widgets.key_hints import KeyHints

_BACK = Action("history.close", ("escape",), "Back", "Go back.", "")
"""For the hints alone: escape goes back everywhere, whatever keys people choose."""
_LISTED = 10_000
"""The rows that are read at most; who looks for older ones types a word."""
_EXCERPT = 60


class HistoryScreen(ModalScreen[HistoryChoice | None]):
    """Gives what the person wants with an exchange; None = nothing.

    Exchanges may have been removed meanwhile, whatever the result.

    Args:
        history: Where they are kept.
        this: The request that is open, to list it alone; None = there is none.
        alone: List it alone at first.
        actions: Every action, with the person's own keys; empty = the usual ones.
    """

    DEFAULT_CSS = """
    HistoryScreen > #box {
        width: 100%; height: 100%;
        border: round $primary; border-title-color: $text-primary;
        border-title-style: bold; background: $surface;
    }
    HistoryScreen Field { background: $panel; }
    HistoryScreen #filter { height: 1; padding: 0 1; }
    HistoryScreen .line {
        height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis;
    }
    HistoryScreen #say { color: $text-muted; }
    HistoryScreen #say.-error { color: $text-error; }
    HistoryScreen #rows { height: 1fr; border-top: solid $panel; }
    HistoryScreen #details { height: 4; border-top: solid $panel; }
    HistoryScreen #url { color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Scope.HISTORY, HISTORY_COMMANDS),
        Binding("down", "to_list", "List", show=False),
        Binding("escape,f3", "close", "Back", show=False),
    ]

    def __init__(
        self,
        history: History,
        this: Identity | None = None,
        *,
        alone: bool = False,
        actions: Sequence[Action] = (),
    ) -> None:
        super().__init__()
        self._history = history
        self._this = this
        self._alone = alone and this is not None
        own = {action.id: action for action in actions}
        self._actions = tuple(own.get(a.id, a) for a in HISTORY_ACTIONS if a.in_footer)
        self._query = HistoryQuery()
        self._marked: Entry | None = None
        self._search: Worker[None] | None = None
        self._looking = False

    def compose(self) -> ComposeResult:
        """A filter, what it found, the one under the cursor in words; the keys."""
        box = Vertical(id="box")
        box.border_title = "History"
        with box:
            with Vertical(id="filter"):
                yield Field(placeholder=HINT, compact=True)
            yield Static(id="say", classes="line", markup=False)
            with Vertical(id="rows"):
                yield HistoryList()
            with Vertical(id="details"):
                yield Static(id="name", classes="line", markup=False)
                yield Static(id="url", classes="line", markup=False)
                yield Static(id="facts", classes="line", markup=False)
            yield KeyHints()

    def on_mount(self) -> None:
        """Read it."""
        self.query_one(KeyHints).show([*self._actions, _BACK])
        self._list.focus()
        self._look()

    @property
    def _list(self) -> HistoryList:
        return self.query_one(HistoryList)

    # Looking, in a thread

    def _look(self) -> None:
        """Find what the filter says; one search at a time, the last one counts."""
        try:
            query = parse_query(self.query_one(Field).value)
        except MixtuiError as error:
            self._say(str(error), wrong=True)
            return
        if self._alone:
            query = replace(query, identity=self._this)
        self._query = query
        if not self._looking:
            self._looking = True
            self._search = self.run_worker(self._follow(), group="find")

    async def _follow(self) -> None:
        """Search until what was found is what the filter says by now."""
        try:
            query = None
            while query is not self._query:
                query = self._query
                await self._find(query)
        finally:
            self._looking = False

    async def _find(self, query: HistoryQuery) -> None:
        found: list[Entry] = []
        warning = ""
        try:
            if self._history.exists:
                search = self._history.search
                found = await asyncio.to_thread(search, query, _LISTED)
            warning = self._history.take_warning()
        except MixtuiError as error:
            warning = str(error)
        self._list.show(found)
        self._say(warning or self._summary(found), wrong=bool(warning))

    def _summary(self, found: Sequence[Entry]) -> str:
        count = counted(len(found), "exchange")
        if len(found) == _LISTED:
            count = f"the newest {_LISTED:,} exchanges"
        words = f"{count} of {'this request' if self._alone else 'all requests'}"
        if not found:
            plain = HistoryQuery(identity=self._query.identity)
            filtered = self._query != plain
            none = "Nothing like that" if filtered else "Nothing yet"
            where = " of this request" if self._alone else ""
            words = f"{none}{where} is in the history."
        if self._marked is not None:
            words += f" · marked: {_title(self._marked)}"
        return words

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._look()

    @on(Input.Submitted)
    async def _typed_all(self, event: Input.Submitted) -> None:
        event.stop()
        # The next key means what the filter finds, not what was listed before.
        if self._search is not None:
            with contextlib.suppress(WorkerCancelled):
                await self._search.wait()
        self._list.focus()

    @on(HistoryList.Moved)
    def _moved(self, event: HistoryList.Moved) -> None:
        event.stop()
        entry = self._list.chosen
        texts = ("", "", "") if entry is None else _details(entry)
        for name, text in zip(("name", "url", "facts"), texts, strict=True):
            self.query_one(f"#{name}", Static).update(visible(text))

    # Actions

    def action_close(self) -> None:
        """Go back."""
        self._finish(None)

    def action_to_list(self) -> None:
        """From the filter to what it found."""
        self._list.focus()

    def action_find(self) -> None:
        """Type what to look for."""
        self.query_one(Field).focus()

    @on(HistoryList.Chosen)
    def action_open(self) -> None:
        """Show the old answer."""
        if (entry := self._list.chosen) is not None:
            self._finish(OpenRecord(entry.id))

    def action_resend(self) -> None:
        """Send it again."""
        if (entry := self._list.chosen) is None:
            return
        if entry.incomplete_draft:
            key = next(a.keys_text for a in self._actions if a.name == "restore")
            self._say(
                "A secret typed into this request was not kept: put it back into the "
                f"editor ({key}) and type the secret again.",
                wrong=True,
            )
            return
        self._finish(Resend(entry.id))

    def action_restore(self) -> None:
        """Put it back into the editor."""
        if (entry := self._list.chosen) is not None:
            self._finish(RestoreDraft(entry.id))

    def action_scope(self) -> None:
        """This request alone, or all."""
        if self._this is None:
            self._say("No request is open: these are all there are.", wrong=True)
            return
        self._alone = not self._alone
        self._look()

    def action_mark(self) -> None:
        """Mark it, or take the mark away."""
        if (entry := self._list.chosen) is None:
            return
        same = self._marked is not None and self._marked.id == entry.id
        self._marked = None if same else entry
        self._list.mark(None if same else entry.id)
        self._say(self._summary(self._list.entries))

    def action_diff(self) -> None:
        """Compare it with the marked one, or with the one before."""
        if (entry := self._list.chosen) is not None:
            self._work(self._diff(entry))

    def action_delete(self) -> None:
        """Remove it, after a question."""
        if (entry := self._list.chosen) is not None:
            self._work(self._delete(entry))

    def action_purge(self) -> None:
        """Remove many, after questions."""
        self._work(self._purge())

    async def _diff(self, entry: Entry) -> None:
        other = self._marked
        if other is None or other.id == entry.id:
            previous = self._history.previous
            other = await asyncio.to_thread(previous, entry.identity, entry.id)
        if other is None:
            self._say(
                "There is no answer before it to the same request: mark another one.",
                wrong=True,
            )
        elif not (entry.status and other.status):
            self._say(
                "No answer came to one of the two: there is nothing to compare.",
                wrong=True,
            )
        else:
            old, new = sorted((other, entry), key=lambda e: (e.started, e.id))
            self._finish(DiffRecords(old.id, new.id))

    async def _delete(self, entry: Entry) -> None:
        dialog = ConfirmDialog(
            f"Remove {_title(entry)} for good?",
            yes="Remove it",
            no="Keep it",
            title="Delete",
            dangerous=True,
        )
        if await self.app.push_screen_wait(dialog):
            await asyncio.to_thread(self._history.delete, entry.id)
            await self._after("Removed.")

    async def _purge(self) -> None:
        chosen = self._list.chosen
        environment = chosen.environment if chosen else ""
        dialog = purge_dialog(self._query, environment)
        if (query := await self.app.push_screen_wait(dialog)) is None:
            return
        would = await asyncio.to_thread(self._history.measure, query)
        if not would.count:
            self._say("There is nothing of that kind.")
        elif await self.app.push_screen_wait(sure_dialog(would)):
            purged = await asyncio.to_thread(self._history.purge, query)
            await self._after(f"{purged_words(purged)} removed.")

    async def _after(self, sentence: str) -> None:
        """Something was removed, maybe the marked one: list what is left."""
        self._marked = None
        self._list.mark(None)
        await self._find(self._query)
        self._say(sentence)

    def _work(self, work: Awaitable[None]) -> None:
        async def run() -> None:
            try:
                await work
            except MixtuiError as error:
                self._say(str(error), wrong=True)

        self.run_worker(run(), group="work")

    def _finish(self, choice: HistoryChoice | None) -> None:
        if self.is_current:
            self.dismiss(choice)

    def _say(self, sentence: str, *, wrong: bool = False) -> None:
        say = self.query_one("#say", Static)
        say.update(visible(sentence))
        say.set_class(wrong, "-error")


def _title(entry: Entry) -> str:
    name = excerpt(entry.name or f"{entry.method} {entry.url}", _EXCERPT)
    return f"{name}, {entry.started.astimezone():%Y-%m-%d %H:%M:%S}"


def _details(entry: Entry) -> tuple[str, str, str]:
    """Name, URL and facts, each on its line."""
    name = entry.name or "(no name)"
    if entry.file is not None:
        name += f" · {entry.file}"
    status = str(entry.status) if entry.status else "no status"
    facts = [entry.environment, status, entry.outcome]
    if entry.incomplete_draft:
        facts.append("a secret in it was not kept")
    if entry.body_bytes and not entry.has_body:
        facts.append("its body is not kept")
    return name, f"{entry.method} {entry.url}", " · ".join(facts)
