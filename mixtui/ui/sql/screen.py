"""The screen of SQL: a query of files, and its rows. Nothing is sent."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static, TextArea

from mixtui.actions import ACTIONS, Action, Scope, find, in_scope
from mixtui.document.document import Document, read_source
from mixtui.jobs.event_query import (
    MAX_ROWS,
    QueryAnswer,
    QueryColumn,
    QueryError,
    QueryFiles,
)
from mixtui.jobs.query_examples import QueryExample, query_examples
from mixtui.key_names import key_of
from mixtui.model.errors import MixtuiError
from mixtui.storage.queries import QueryStore
from mixtui.system import Cancelled, CancelToken
from mixtui.text import duration, pluralise, sanitize
from mixtui.ui.dialogs.dialogs import ChoiceDialog
from mixtui.ui.keys.hints import KeyHints
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.sql.area import SqlArea
from mixtui.ui.sql.result import SqlResult
from mixtui.ui.widgets.screen import CommandScreen, run_in_daemon
from mixtui.ui.widgets.tabs import TabBar

_AUTOSAVE = 1.0
"""Seconds after which what is typed is stored."""
_ENDING = 2.0
"""Seconds that a query which was cancelled gets to end, when the screen closes."""
_JSON_LINES = "application/x-ndjson"
_BACK = Action("sql.leave", ("escape",), "Back", "Go back.", "")
"""Only for the key hints: escape goes back whatever keys users choose."""
_STOP = Action("sql.stop", ("escape",), "Stop", "Stop the query.", "")


class SqlScreen(CommandScreen):
    """Ask files with SQL, and show the rows as a response is shown.

    Args:
        patterns: Files, globs or folders.
        folder: What relative ones are relative to.
        state: The state folder, which keeps what is typed.
        actions: Every action, with the user's keys; empty = the default ones.
    """

    DEFAULT_CSS = """
    SqlScreen #query {
        border: round $border-blurred; border-title-color: $text-primary; height: 9;
        padding: 0 1;
    }
    SqlScreen #query:focus-within { border: round $border; }
    SqlScreen #query SqlArea { height: 1fr; }
    SqlScreen.-short #query { height: 7; }
    SqlScreen #say {
        height: 3; padding: 0 1; color: $text-muted; text-overflow: ellipsis;
    }
    SqlScreen.-short #say { height: 2; }
    SqlScreen #say.-error { color: $text-error; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Scope.SQL),
        Binding("f5,ctrl+r,ctrl+enter", "run", "Run", show=False, id="send"),
        Binding("escape", "leave", "Back", show=False),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]
    area = getters.query_one(SqlArea)
    result = getters.query_one(SqlResult)
    note = getters.query_one("#say", Static)
    key_hints = getters.query_one(KeyHints)

    def __init__(
        self,
        patterns: Sequence[str],
        folder: Path,
        state: Path,
        *,
        actions: Sequence[Action] = (),
    ) -> None:
        super().__init__()
        self._files = QueryFiles(patterns, folder)
        self._store = QueryStore(state)
        self._sources = tuple(str(folder / os.path.expanduser(p)) for p in patterns)
        names = [os.path.basename(source) for source in self._sources]
        self._heading = names[0] if len(names) == 1 else f"{names[0]} … {names[-1]}"
        self._actions = actions or ACTIONS
        self._columns: tuple[QueryColumn, ...] = ()
        self._token: CancelToken | None = None
        self._is_wanted = False
        """Whether to run the query once the files are read."""
        self._stored = self._text = ""
        """The query as it is stored, and as it is typed."""
        self._timer: Timer | None = None
        self._is_loaded = False
        self._said = ""

    def compose(self) -> ComposeResult:
        box = Vertical(id="query")
        box.border_title = Content(sanitize(f"SQL · {self._heading}")).markup
        with box:
            yield SqlArea(placeholder="SELECT … FROM events")
        yield Static(id="say")
        yield SqlResult(f"{self._heading}-query")
        yield KeyHints()

    def on_mount(self) -> None:
        """Show what was typed last, and read the columns."""
        self.area.focus()
        self._show_hints()
        self._load()

    # The query

    @work(group="load", description="")
    async def _load(self) -> None:
        self._stored = await asyncio.to_thread(self._store.load, self._sources)
        self._is_loaded = True
        if self._stored and not self.area.text:
            self.area.load_text(self._stored)
        await self._read_columns()

    async def _read_columns(self) -> None:
        self._say(f"Reading {self._heading}…")
        token = self._begin()
        try:
            self._columns = await run_in_daemon(lambda: self._files.columns(token))
        except Cancelled:
            self._say("Stopped.")
        except MixtuiError as error:
            self._say(str(error), wrong=True)
        finally:
            self._end()
        if self._columns:
            self._show_columns()

    def _show_columns(self) -> None:
        self._say(self._columns_label)
        if not self.area.text:
            self.area.replace_all(self._examples[0].query)
        if self._is_wanted:
            self._is_wanted = False
            self.action_run()

    @property
    def _columns_label(self) -> str:
        names = ", ".join(column.name for column in self._columns)
        return f"Columns of events: {names}."

    @property
    def _examples(self) -> tuple[QueryExample, ...]:
        return query_examples(self._columns)

    def action_run(self) -> None:
        """Run the query."""
        if self._token is not None and not self._columns:
            self._is_wanted = True
            self._say("The query runs when the files are read; esc stops that.")
        elif self._token is not None:
            self._say("A query is running; esc stops it.")
        elif self.area.text.strip():
            self._run(self.area.text)
        else:
            self._say("Enter a query.")

    @work(group="run", description="")
    async def _run(self, query: str) -> None:
        self._say("Running…")
        self.area.mistake = None
        started = time.monotonic()
        token = self._begin()
        try:
            await self.store_typed()
            answer, document = await run_in_daemon(lambda: self._answer(query, token))
            if not self._columns:
                self._columns = await run_in_daemon(lambda: self._files.columns(token))
        except Cancelled:
            self._say("Stopped.")
        except QueryError as error:
            self._say(str(error), wrong=True)
            if query == self.area.text:
                self.area.mistake = error.position
        except MixtuiError as error:
            self._say(str(error), wrong=True)
        except OSError as error:
            self._say(f"The rows cannot be kept: {error.strerror}.", wrong=True)
        else:
            seconds = duration(time.monotonic() - started)
            self._show_answer(answer, document, seconds)
        finally:
            self._end()

    def _answer(
        self, query: str, token: CancelToken
    ) -> tuple[QueryAnswer, Document | None]:
        """Return the rows as a document. Blocking."""
        answer = self._files.answer(query, token)
        if not answer.count:
            return answer, None
        return answer, read_source(answer.source, _JSON_LINES)

    def _show_answer(
        self, answer: QueryAnswer, document: Document | None, seconds: str
    ) -> None:
        if answer.is_cut:
            rest = "; mixtui events query --csv prints all"
            self._say(f"The first {MAX_ROWS:,} rows in {seconds}{rest}.")
        else:
            self._say(f"{pluralise(answer.count, 'row')} in {seconds}.")
        self.result.show(document, "The query gave no rows.")

    def action_examples(self) -> None:
        """Choose a query to start from, in place of the one that is there."""
        self.run_guarded(self._choose_example())

    async def _choose_example(self) -> None:
        choices = [
            (str(number), example.title, example.query)
            for number, example in enumerate(self._examples, 1)
        ]
        chosen = await self.app.push_screen_wait(
            ChoiceDialog(
                f"The query is replaced; {key_of('text.undo')} restores it.",
                choices,
                title="Example queries",
            )
        )
        if chosen is not None:
            self.area.replace_all(chosen)
            self.area.focus()

    def action_leave(self) -> None:
        """Stop what runs, or else go back."""
        if self._token is not None:
            self._is_wanted = False
            self._token.cancel()
        elif self.is_current:
            self.dismiss(None)

    def _begin(self) -> CancelToken:
        self._token = CancelToken()
        self._show_hints()
        return self._token

    def _end(self) -> None:
        if self._token is not None:
            self._token.cancel()  # Of a worker that ends before its thread.
        self._token = None
        self._show_hints()

    def _show_hints(self) -> None:
        send = find("send", self._actions)
        run = [] if send is None else [Action("sql.run", send.keys, "Run", "", "")]
        last = _BACK if self._token is None else _STOP
        rows = [
            action
            for action in in_scope(self.result.scope, self._actions)
            if action.in_footer and self.result.has_focus_within
        ]
        self.key_hints.show([*run, *in_scope(Scope.SQL, self._actions), *rows, last])

    def on_descendant_focus(self) -> None:
        """Show the keys of what has the focus."""
        self._show_hints()

    @on(TabBar.Activated)
    def _tab_shown(self) -> None:
        self._show_hints()

    def _say(self, sentence: str, *, wrong: bool = False) -> None:
        if sentence != self._said:  # Each key would draw it again.
            self._said = sentence
            self.note.update(Content(sanitize(sentence)), layout=False)
            self.note.set_class(wrong, "-error")

    # What is typed

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._text = self.area.text
        self.area.mistake = None
        if self._columns and self._token is None:
            self._say(self._columns_label)
        if self._timer is None:
            self._timer = self.set_timer(_AUTOSAVE, self._store_later)

    async def _store_later(self) -> None:
        self._timer = None
        await self.store_typed()

    async def store_typed(self) -> None:
        """Store the query, for the next time that the files are opened."""
        if (error := await self._keep()) is not None:
            self._say(f"The query cannot be kept: {error}", wrong=True)

    async def _keep(self) -> MixtuiError | None:
        """Store the query if it is new; return why that failed."""
        query = self._text
        if not self._is_loaded or query == self._stored:
            return None
        self._stored = query
        try:
            await asyncio.to_thread(self._store.store, self._sources, query)
        except MixtuiError as error:
            return error
        return None

    async def on_unmount(self) -> None:
        """Keep what was typed, and let a query end before its files are closed."""
        await self._keep()
        await asyncio.to_thread(self._files.close, _ENDING)
