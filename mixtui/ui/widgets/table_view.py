"""A table of records with its filter, the value under the cursor, and what is shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from mixtui.core.records.cells import Cell, Kind
from mixtui.core.records.columns import Column
from mixtui.core.records.copying import comma_separated, copied, tsv
from mixtui.core.records.moments import moment
from mixtui.core.records.table import Row
from mixtui.core.records.view import View, next_sort
from mixtui.core.visible import sanitize, sanitize_excerpt
from mixtui.core.words import pluralise
from mixtui.ui.action import Scope
from mixtui.ui.keymap import bindings
from mixtui.ui.table_actions import TABLE_ACTIONS
from mixtui.ui.widgets.field import TextInput
from mixtui.ui.widgets.table_grid import TableGrid
from mixtui.ui.widgets.table_work import TableWork

LIVE_ROWS = 20_000
"""Up to so many rows, the filter acts while it is typed."""
_OWN = (
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
    _shown = Content("")

    def say(self, content: Content) -> None:
        """Show this; nothing is painted when it is shown already."""
        if content != self._shown:
            self._shown = content
            self.update(content, layout=False)


class TableView(TableWork):
    """Shows the tables of a body; everything that takes long runs in a thread."""

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
        *bindings(Scope.TABLE, TABLE_ACTIONS, only=_OWN),
        Binding("escape", "stop", "Stop", show=False),
    ]

    @dataclass
    class Copy(Message):
        """Something is to be copied."""

        what: str
        """What it is: ``the cell``, ``1,204 rows as TSV``."""
        chunks: Iterable[str]
        """Its text, in pieces that are made when they are asked for: in a thread."""
        suffix: str = ".txt"
        """What a file of it would end in."""

    @dataclass
    class OpenValue(Message):
        """A value is to be shown as a document of its own."""

        path: str
        """Where it stands, in jq's notation."""
        text: bytes
        """The value as the server wrote it."""

    def compose(self) -> ComposeResult:
        """The rows, the value under the cursor or the filter, and what is shown."""
        yield TableGrid()
        yield _Line(id="table-detail")
        yield TextInput(placeholder="words, or column:word", id="table-filter")
        yield _Line(id="table-status")

    def on_mount(self) -> None:
        """Say what there is."""
        self.show_status()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape is for others when there is nothing to stop or take off."""
        if action == "stop":
            filtered = self.view is not None and bool(self.view.text)
            busy = self.work is not None or self.search is not None
            return self.has_class("-filtering") or filtered or busy
        if action == "next_table":
            return len(self.tables) > 1
        return True

    def action_stop(self) -> None:
        """Leave the filter, stop what runs, or show all rows again."""
        if self.work is not None:
            self.stop_arranging()
        elif not self.has_class("-filtering") and self.search is not None:
            self.search.stop()
        elif self.view is not None and self.view.text:
            self._filter("")
        if self.has_class("-filtering"):
            self.query_one(TextInput).value = ""
            self._close_filter()
        self.show_status()

    def action_sort(self) -> None:
        """Sort by the cursor's column: rising, falling, as it came."""
        if (column := self._column) is not None:
            sort, text = self.wanted
            self.order_rows("sorting", next_sort(sort, column.path), text)

    def action_filter(self) -> None:
        """Type words that the rows shall hold."""
        if self.view is not None:
            self.add_class("-filtering")
            words = self.query_one(TextInput)
            words.value = self.wanted[1]
            words.focus()

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
        sort, before = self.wanted
        if (text := text.strip()) != before:
            self.order_rows("filtering", sort, text)

    def leave_filter(self) -> None:
        """Forget the words that were typed."""
        self.remove_class("-filtering")
        self.query_one(TextInput).value = ""

    def _close_filter(self) -> None:
        self.grid.focus()
        self.remove_class("-filtering")

    def action_hide(self) -> None:
        """Hide the cursor's column; the last one stays."""
        column = self._column
        if self.view is not None and column is not None and len(self.view.columns) > 1:
            self.grid.show(self.view.hiding(column.path))
            self.show_status()
            self.show_detail()

    def action_show_all(self) -> None:
        """Show the hidden columns again."""
        if self.view is not None:
            self.grid.show(self.view.showing_all())
            self.show_status()
            self.show_detail()

    def action_next_table(self) -> None:
        """Show another list of the body."""
        if self.view is not None and self.view.table in self.tables:
            at = self.tables.index(self.view.table) + 1
            self.choose_table(self.tables[at % len(self.tables)])

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
            text = copied(row.cell(column))
            self.post_message(self.Copy(f"{column.title} of the row", [text]))

    def action_copy_row(self) -> None:
        """Copy the row with a header."""
        if self.view is not None and (current := self.grid.current) is not None:
            chunks = tsv(self.view.table, self.view.columns, [current[0].number])
            self.post_message(self.Copy("the row as TSV", chunks, ".tsv"))

    def action_copy_tsv(self) -> None:
        """Copy all rows that are shown, as TSV."""
        if (view := self.view) is not None:
            chunks = tsv(view.table, view.columns, view.numbers)
            self.post_message(self.Copy(f"{_rows(view)} as TSV", chunks, ".tsv"))

    def action_copy_csv(self) -> None:
        """Copy all rows that are shown, as CSV."""
        if (view := self.view) is not None:
            chunks = comma_separated(view.table, view.columns, view.numbers)
            self.post_message(self.Copy(f"{_rows(view)} as CSV", chunks, ".csv"))

    def action_copy_path(self) -> None:
        """Copy the path of the cell."""
        if self.view is not None and (current := self.grid.current) is not None:
            row, column = current
            path = self.view.table.path(row.number, column)
            self.post_message(self.Copy("the path", [path]))

    @on(TableGrid.Chosen)
    def action_open(self) -> None:
        """Open the nested value, or the whole record."""
        if self.view is None or (current := self.grid.current) is None:
            return
        row, column = current
        cell = row.cell(column)
        table = self.view.table
        if cell is not None and cell.kind is Kind.NESTED:
            path = table.path(row.number, column)
            self.post_message(self.OpenValue(path, cell.raw))
        else:
            self.post_message(self.OpenValue(table.path(row.number), row.raw))

    @on(TableGrid.HeaderClicked)
    def _header_clicked(self) -> None:
        self.action_sort()

    # What is said

    @on(TableGrid.Moved)
    def show_detail(self) -> None:
        content = Content("")
        if self.view is not None and (current := self.grid.current) is not None:
            row, column = current
            path = sanitize(self.view.table.path(row.number, column))
            content = Content.assemble(
                (f"{path}  ", "$text-muted"), _detail(row, column)
            )
        self.query_one("#table-detail", _Line).say(content)

    def show_status(self) -> None:
        parts: list[str] = []
        if self.work is not None:
            done = f"{self.work.watch.fraction:.0%}"
            parts.append(f"{self.work.doing} {done}, esc stops")
        elif self.search is not None:
            parts.append(f"reading {self.search.fraction:.0%}")
        if self.view is not None:
            parts.append(sanitize(self.view.words))
            if (count := len(self.tables)) > 1 and self.view.table in self.tables:
                at = self.tables.index(self.view.table) + 1
                parts.append(f"table {at} of {count}")
        self.query_one("#table-status", _Line).say(Content(" · ".join(parts)))


def _detail(row: Row, column: Column) -> Content:
    cell = row.cell(column)
    if cell is None:
        return Content.styled("nothing", "$text-disabled")
    text = Content(sanitize_excerpt(_whole(cell), _DETAIL))
    if when := moment(column.path, cell):
        text += Content.styled(f"  {when}", "$text-accent")
    return text


def _whole(cell: Cell) -> str:
    # A large value takes long to be put on one line, of which a screen shows little.
    return cell.whole if len(cell.raw) < 20_000 else cell.text


def _rows(view: View) -> str:
    return pluralise(len(view.numbers), "row")
