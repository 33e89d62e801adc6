"""A table of records with its filter, the value under the cursor, and what is shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

from msgspec import Struct, field
from msgspec.structs import replace
from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.widgets import Static

from mixtui.actions import Scope
from mixtui.key_names import key_of
from mixtui.system import Cancelled, CancelToken
from mixtui.tables.cells import Cell, CellKind, Path, time_text
from mixtui.tables.columns import Column
from mixtui.tables.export import clipboard_text, export_csv, export_tsv
from mixtui.tables.finder import Body, TableFinder
from mixtui.tables.table import Row, Table
from mixtui.tables.view import Sort, View, next_sort
from mixtui.text import pluralise, sanitize, sanitize_excerpt
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.table.grid import TableGrid
from mixtui.ui.widgets.field import TextInput
from mixtui.ui.widgets.screen import CancelsWorkersOnPrune, run_in_thread


class Arrangement(Struct, eq=False):
    """A sort or a filter that is being made."""

    doing: str
    sort: Sort | None
    text: str
    cursor: tuple[int, int] | None = None
    """Row and column to go to then; None = the first row, if the order is new."""
    token: CancelToken = field(default_factory=CancelToken)


class TableLook(Struct, frozen=True):
    """How a body was looked at when another came: it is found so again."""

    title: str
    sort: Sort | None
    text: str
    hidden: frozenset[Path]
    cursor: tuple[int, int]


LIVE_ROWS = 20_000
"""Up to so many rows, the filter acts while it is typed."""
_ACTIONS = (
    "open",
    "sort",
    "filter",
    "hide",
    "show_all",
    "next_table",
    "copy_cell",
    "copy_row",
    "copy_tsv",
    "copy_csv",
    "copy_path",
)
_DETAIL = 2000
"""Characters of a value under the table, which is cut at the edge anyway."""


class _Line(Static):
    """One line of text, cut at the edge."""

    DEFAULT_CSS = """
    _Line { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """
    text: var[Content] = var(Content(""), init=False)

    def watch_text(self, text: Content) -> None:
        self.update(text, layout=False)


def _no_records() -> str:
    key = key_of("response.previous_tab")
    return f"No records in this response. {key} shows the body."


class TableView(CancelsWorkersOnPrune, Vertical):
    """Shows the tables of a body; everything that takes long runs in a thread."""

    grid = getters.query_one(TableGrid)
    filter_input = getters.query_one(TextInput)
    _finder: TableFinder | None = None
    _has_more = False
    """Whether more has come while tables are looked for."""
    _look: TableLook | None = None
    """How the body was looked at before; None = never, or it is again."""
    _has_chosen = False
    """Whether a person has chosen which table to see."""
    body: var[Body | None] = var(None, init=False)
    """What the tables are found in; None = nothing. Set it once this is mounted.

    A body in flight is read as far as it has arrived: call `follow` when there is
    more, and once when it is complete.
    """
    tables: var[tuple[Table, ...]] = var((), init=False)
    """The tables of the body, as far as they are known."""
    arrangement: var[Arrangement | None] = var(None, init=False)
    """The sort or filter in progress."""
    search: var[CancelToken | None] = var(None, init=False)
    """Cancels the search for tables; None = none is running."""
    detail: var[Content] = var(Content(""), init=False)
    """The path and the value under the cursor."""
    status: var[Content] = var(Content(""), init=False)
    """What is in progress, and which rows and table are shown."""
    DEFAULT_CSS = """
    TableView { height: 1fr; }
    TableView > #table-filter {
        height: 1; border: none; padding: 0 1; background: $panel; display: none;
    }
    TableView.-filtering > #table-filter { display: block; }
    TableView.-filtering > #table-detail { display: none; }
    TableView > #table-status { color: $text-muted; background: $panel; }
    """
    BINDINGS = [
        *bindings(Scope.TABLE, only=_ACTIONS),
        Binding("escape", "stop", "Stop", show=False),
    ]

    @dataclass
    class Copy(Message):
        """Posted to copy something."""

        what: str
        """What it is: ``the cell``, ``1,204 rows as TSV``."""
        chunks: Iterable[str]
        """Its text, in pieces that are made when they are asked for: in a thread."""
        suffix: str = ".txt"
        """What a file of it would end in."""

    @dataclass
    class OpenValue(Message):
        """Posted to show a value as a document of its own."""

        path: str
        """Where it stands, in jq's notation."""
        text: bytes
        """The value as the server wrote it."""

    def compose(self) -> ComposeResult:
        yield TableGrid()
        yield _Line(id="table-detail").data_bind(text=TableView.detail)
        yield TextInput(
            placeholder="Filter by words, or column:word", id="table-filter"
        )
        yield _Line(id="table-status").data_bind(text=TableView.status)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape is for others when there is nothing to stop or take off."""
        if action == "stop":
            filtered = self.view is not None and bool(self.view.text)
            busy = self.arrangement is not None or self.search is not None
            return self.has_class("-filtering") or filtered or busy
        if action == "next_table":
            return len(self.tables) > 1
        return True

    # What is shown

    @property
    def view(self) -> View | None:
        """The view shown; None = none."""
        return self.grid.view

    @cached_property
    def _looks(self) -> WeakKeyDictionary[Body, TableLook]:
        return WeakKeyDictionary()

    def watch_body(self, old: Body | None, body: Body | None) -> None:
        """Find the tables of another body; show the best, or what was shown before."""
        if old is not None and (view := self.view) is not None:
            cursor = self.grid.row, self.grid.column
            sort, text = self._wanted
            look = TableLook(view.table.title, sort, text, view.hidden, cursor)
            self._looks[old] = self._look or look
        self._look = None if body is None else self._looks.get(body)
        self._stop_work()
        self._has_chosen = False
        self._finder = None if body is None else TableFinder(body)
        self.tables = ()
        self._leave_filter()
        self.grid.show(None)
        self.follow()

    def show_body(self, body: Body | None, otherwise: str) -> None:
        """Show the records of a body; without one, a sentence."""
        self.body = body
        if body is None and self.grid.empty_text != otherwise:
            self.grid.show(None, otherwise)

    def follow(self) -> None:
        """Read what has arrived since the last call."""
        self._has_more = self.search is not None
        if self._finder is not None and self.search is None:
            self.search = CancelToken()
            self._advance(self._finder, self.search)

    @work(group="table-search", description="")
    async def _advance(self, finder: TableFinder, token: CancelToken) -> None:
        problem = ""
        try:
            await run_in_thread(
                lambda: finder.advance(token),
                token,
                lambda: self._update_tables(finder),
            )
            self._update_tables(finder)
            await self._learn(token)
        except Cancelled:
            problem = "Stopped. No records found so far."
        except OSError as error:
            problem = f"Cannot read the body: {error.strerror}."
        if self._finder is not finder:
            return
        self.search = None
        self._update_tables(finder)
        if not self.tables:
            self.grid.show(None, problem or _no_records())
        elif self._look is not None:
            self._restore(self._look)
        elif not self._has_chosen and self._is_untouched:
            self._show_table(self.tables[0])
        if not problem and self._has_more:
            self.follow()
        elif self.view is not None and self.view.is_behind and finder.is_complete:
            self.order_rows("updating", *self._wanted)

    def _restore(self, look: TableLook) -> None:
        """Look at the body as it was looked at before."""
        self._look = None
        for table in self.tables:
            if table.title == look.title:
                self._has_chosen = True
                self._show_table(table)
                self.grid.show(View(table, hidden=look.hidden))
                self.grid.go_to(*look.cursor)
                if look.sort is not None or look.text:
                    self.order_rows("sorting", look.sort, look.text, look.cursor)
                return

    @property
    def _is_untouched(self) -> bool:
        """Whether a better table may replace the one shown."""
        if (view := self.view) is None or view.table is self.tables[0]:
            return False
        is_plain = self.arrangement is None and not (
            view.sort or view.text or view.hidden
        )
        return is_plain and (self.grid.row, self.grid.column) == (0, 0)

    async def _learn(self, token: CancelToken) -> None:
        """Learn columns that only later rows have."""
        if self.view is None:
            return
        table = self.view.table
        await run_in_thread(
            lambda: table.find_columns(token), token, self._update_status
        )
        if self.view is not None and self.view.table is table:
            self.grid.update_extent()

    def _update_tables(self, finder: TableFinder) -> None:
        if self._finder is not finder:
            return
        self.tables = tables = finder.tables
        view = self.view
        if view is None or view.table not in tables:
            if tables:
                titled = [t for t in tables if view and t.title == view.table.title]
                self._show_table((titled or tables)[0])
        else:
            self.grid.update_extent()
        self._update_status()

    def _choose_table(self, table: Table) -> None:
        """Show a table that was chosen by hand."""
        self._has_chosen = True
        self._show_table(table)
        if self.search is None:
            self.follow()  # Its later rows may have columns of their own.

    def _show_table(self, table: Table) -> None:
        """Show a table in its original order."""
        self._stop_arranging()
        self._leave_filter()
        self.grid.show(View(table))

    # Sorting and filtering

    def order_rows(
        self,
        doing: str,
        sort: Sort | None,
        text: str,
        cursor: tuple[int, int] | None = None,
    ) -> None:
        """Sort and filter the rows.

        Args:
            doing: What to call it meanwhile: ``sorting``.
            sort: None = the original order.
            text: What the rows shall hold; empty = all rows.
            cursor: The row and column to go to.
        """
        view = self.view
        if view is None:
            return
        self._stop_arranging()
        self.arrangement = Arrangement(doing, sort, text, cursor)
        self._arrange(view, self.arrangement)

    @work(group="table-order", exclusive=True, description="")
    async def _arrange(self, view: View, arrangement: Arrangement) -> None:
        result: View | None = None
        try:
            result = await run_in_thread(
                lambda: view.arrange(
                    arrangement.sort, arrangement.text, arrangement.token
                ),
                arrangement.token,
                self._update_status,
            )
        except Cancelled:
            pass
        except OSError as error:
            self._report(f"Cannot read the body: {error.strerror}.")
        if self.arrangement is not arrangement:
            return
        self.arrangement = None
        if result is not None and self.view is not None:
            sentence = "No matching rows. Press esc to show all."
            is_new = (arrangement.sort, arrangement.text) != (view.sort, view.text)
            shown = replace(result, hidden=self.view.hidden)
            self.grid.show(shown, sentence, to_top=is_new)
            if arrangement.cursor is not None:
                self.grid.go_to(*arrangement.cursor)

    @property
    def _wanted(self) -> tuple[Sort | None, str]:
        """The sort and the filter shown, or in progress."""
        if self.arrangement is not None:
            return self.arrangement.sort, self.arrangement.text
        return (self.view.sort, self.view.text) if self.view else (None, "")

    def _stop_arranging(self) -> None:
        if self.arrangement is not None:
            self.arrangement.token.cancel()
            self.arrangement = None

    def _stop_work(self) -> None:
        self._stop_arranging()
        if self.search is not None:
            self.search.cancel()
            self.search = None

    def on_unmount(self) -> None:
        """Cancel running threads."""
        self._stop_work()

    def _report(self, sentence: str) -> None:
        self.notify(sanitize(sentence), severity="error", markup=False)

    # Actions

    def action_stop(self) -> None:
        """Leave the filter, stop what runs, or show all rows again."""
        if self.arrangement is not None:
            self._stop_arranging()
        elif not self.has_class("-filtering") and self.search is not None:
            self.search.cancel()
        elif self.view is not None and self.view.text:
            self._filter("")
        if self.has_class("-filtering"):
            self.filter_input.value = ""
            self._close_filter()

    def action_sort(self) -> None:
        """Sort by the cursor's column: ascending, descending, original order."""
        if (column := self._column) is not None:
            sort, text = self._wanted
            self.order_rows("sorting", next_sort(sort, column.path), text)

    def action_filter(self) -> None:
        """Type words that the rows shall hold."""
        if self.view is not None:
            self.add_class("-filtering")
            field = self.filter_input
            field.value = self._wanted[1]
            field.focus()

    @on(TextInput.Changed)
    def _typed(self, event: TextInput.Changed) -> None:
        event.stop()
        few = self.view is not None and self.view.table.row_count <= LIVE_ROWS
        if few and self.has_class("-filtering"):
            self._filter(event.value)

    @on(TextInput.Submitted)
    def _submitted(self, event: TextInput.Submitted) -> None:
        event.stop()
        self._filter(event.value)
        self._close_filter()

    def _filter(self, text: str) -> None:
        sort, before = self._wanted
        if (text := text.strip()) != before:
            self.order_rows("filtering", sort, text)

    def _leave_filter(self) -> None:
        """Close and clear the filter."""
        self.remove_class("-filtering")
        self.filter_input.value = ""

    def _close_filter(self) -> None:
        self.grid.focus()
        self.remove_class("-filtering")

    def action_hide(self) -> None:
        """Hide the cursor's column; the last one stays."""
        column = self._column
        if self.view is not None and column is not None and len(self.view.columns) > 1:
            self.grid.show(self.view.with_hidden(column.path))

    def action_show_all(self) -> None:
        """Show the hidden columns again."""
        if self.view is not None:
            self.grid.show(self.view.with_all_columns())

    def action_next_table(self) -> None:
        """Show another list of the body."""
        if self.view is not None and self.view.table in self.tables:
            index = self.tables.index(self.view.table) + 1
            self._choose_table(self.tables[index % len(self.tables)])

    # Copying and opening

    @property
    def _column(self) -> Column | None:
        if self.view is None or not self.view.columns:
            return None
        return self.view.columns[self.grid.column]

    def action_copy_cell(self) -> None:
        """Copy the cell, whole."""
        if (current := self.grid.current) is not None:
            row, column = current
            text = clipboard_text(row.cell(column))
            self.post_message(self.Copy(f"Cell {column.title}", [text]))

    def action_copy_row(self) -> None:
        """Copy the row with a header."""
        if self.view is not None and (current := self.grid.current) is not None:
            chunks = export_tsv(self.view.table, self.view.columns, [current[0].number])
            self.post_message(self.Copy("row as TSV", chunks, ".tsv"))

    def action_copy_tsv(self) -> None:
        """Copy all rows that are shown, as TSV."""
        if (view := self.view) is not None:
            chunks = export_tsv(view.table, view.columns, view.numbers)
            self.post_message(self.Copy(f"{_rows(view)} as TSV", chunks, ".tsv"))

    def action_copy_csv(self) -> None:
        """Copy all rows that are shown, as CSV."""
        if (view := self.view) is not None:
            chunks = export_csv(view.table, view.columns, view.numbers)
            self.post_message(self.Copy(f"{_rows(view)} as CSV", chunks, ".csv"))

    def action_copy_path(self) -> None:
        if self.view is not None and (current := self.grid.current) is not None:
            row, column = current
            path = self.view.table.path(row.number, column)
            self.post_message(self.Copy("path", [path]))

    @on(TableGrid.Chosen)
    def action_open(self) -> None:
        """Open the nested value, or the complete record."""
        if self.view is None or (current := self.grid.current) is None:
            return
        row, column = current
        cell = row.cell(column)
        table = self.view.table
        if cell is not None and cell.kind is CellKind.NESTED:
            path = table.path(row.number, column)
            self.post_message(self.OpenValue(path, cell.raw))
        else:
            self.post_message(self.OpenValue(table.path(row.number), row.raw))

    @on(TableGrid.HeaderClicked)
    def _header_clicked(self) -> None:
        self.action_sort()

    # The lines under the rows

    @on(TableGrid.Changed)
    def _rows_changed(self) -> None:
        self._update_status()
        self._update_detail()

    def watch_tables(self) -> None:
        self._update_status()

    def watch_arrangement(self) -> None:
        self._update_status()

    def watch_search(self) -> None:
        self._update_status()

    @on(TableGrid.Moved)
    def _update_detail(self) -> None:
        content = Content("")
        if self.view is not None and (current := self.grid.current) is not None:
            row, column = current
            path = sanitize(self.view.table.path(row.number, column))
            content = Content.assemble(
                (f"{path}  ", "$text-muted"), _detail(row, column)
            )
        self.detail = content

    def _update_status(self) -> None:
        parts: list[str] = []
        if self.arrangement is not None:
            done = f"{self.arrangement.token.fraction:.0%}"
            parts.append(f"{self.arrangement.doing} {done} · esc Stop")
        elif self.search is not None:
            parts.append(f"reading {self.search.fraction:.0%}")
        if self.view is not None:
            parts.append(sanitize(self.view.summary))
            if (count := len(self.tables)) > 1 and self.view.table in self.tables:
                index = self.tables.index(self.view.table) + 1
                parts.append(f"table {index} of {count}")
        self.status = Content(" · ".join(parts))


def _detail(row: Row, column: Column) -> Content:
    cell = row.cell(column)
    if cell is None:
        return Content.styled("nothing", "$text-muted")
    text = Content(sanitize_excerpt(_cell_text(cell), _DETAIL))
    if when := time_text(column.path, cell):
        text += Content.styled(f"  {when}", "$text-accent")
    return text


def _cell_text(cell: Cell) -> str:
    # A large value takes long to be put on one line, of which a screen shows little.
    return cell.full_text if len(cell.raw) < 20_000 else cell.text


def _rows(view: View) -> str:
    return pluralise(len(view.numbers), "row")
