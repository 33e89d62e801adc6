"""A table of records with its filter, the value under the cursor, and what is shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from mixtui.core.records.cells import Cell, Kind
from mixtui.core.records.columns import Column
from mixtui.core.records.copying import comma_separated, copied, tsv
from mixtui.core.records.finding import Body, TableFinder
from mixtui.core.records.moments import moment
from mixtui.core.records.sorting import Sort
from mixtui.core.records.table import Row, Table
from mixtui.core.records.view import View, next_sort
from mixtui.core.records.watch import Stopped, Watch
from mixtui.core.visible import excerpt, visible
from mixtui.core.words import counted
from mixtui.ui.action import Scope
from mixtui.ui.keymap import bindings
from mixtui.ui.table_actions import TABLE_ACTIONS
from mixtui.ui.threads import in_thread
from mixtui.ui.widgets.field import Field
from mixtui.ui.widgets.table_grid import TableGrid

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
_NONE = "There is no list of records in this answer."


@dataclass(eq=False, slots=True)
class _Work:
    """A sort or a filter that is being made."""

    doing: str
    sort: Sort | None
    text: str
    watch: Watch = field(default_factory=Watch)


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


class TableView(Vertical):
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

    @dataclass
    class TablesFound(Message):
        """Other tables than before are known; perhaps none."""

        count: int

    _finder: TableFinder | None = None
    _tables: tuple[Table, ...] = ()
    _work: _Work | None = None
    """What sorts or filters now."""
    _search: Watch | None = None
    """What looks for tables now."""

    def compose(self) -> ComposeResult:
        """The rows, the value under the cursor or the filter, and what is shown."""
        yield TableGrid()
        yield _Line(id="table-detail")
        yield Field(placeholder="words, or column:word", id="table-filter")
        yield _Line(id="table-status")

    def on_mount(self) -> None:
        """Say what there is."""
        self._show_status()

    # What is shown

    @property
    def grid(self) -> TableGrid:
        """The rows."""
        return self.query_one(TableGrid)

    @property
    def view(self) -> View | None:
        """What is shown."""
        return self.grid.view

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables of the body, as far as they are known."""
        return self._tables

    def show(self, body: Body | None) -> None:
        """Look for the tables of a body, and show the best; None = nothing.

        A body that still comes is looked at as far as it has come: call `follow` when
        there is more, and once when it is complete.
        """
        self._stop_work()
        self._finder = None if body is None else TableFinder(body)
        self._tables = ()
        self.remove_class("-filtering")
        self.query_one(Field).value = ""
        self.grid.show(None)
        self._show_detail()
        self.follow()

    def follow(self) -> None:
        """Look at what has come since the last time."""
        if self._finder is not None and self._search is None:
            self._search = Watch()
            self.run_worker(
                self._look(self._finder, self._search),
                group="table-search",
                exclusive=True,
            )
        self._show_status()

    async def _look(self, finder: TableFinder, watch: Watch) -> None:
        problem = ""
        try:
            await in_thread(
                lambda: finder.advance(watch),
                watch,
                lambda: self._take(finder.tables),
            )
            self._take(finder.tables)
            await self._learn(watch)
        except Stopped:
            problem = "stopped"
        except OSError as error:
            problem = f"the body cannot be read: {error.strerror}"
        if self._search is watch:
            self._search = None
        if self._finder is finder:
            self._take(finder.tables)
            if not self._tables:
                self.grid.show(None, problem or _NONE)
            if self.view is not None and self.view.is_behind:
                self._arrange("updating", *self._wanted)

    async def _learn(self, watch: Watch) -> None:
        """Find the columns that only later rows have."""
        if self.view is None:
            return
        table = self.view.table
        await in_thread(lambda: table.learn(watch), watch, self._show_status)
        if self.view is not None and self.view.table is table:
            self.grid.grown()

    def _take(self, tables: tuple[Table, ...]) -> None:
        if tables != self._tables:
            self._tables = tables
            self.post_message(self.TablesFound(len(tables)))
        view = self.view
        if view is None or view.table not in tables:
            if tables:
                titled = [t for t in tables if view and t.title == view.table.title]
                self._show_table((titled or tables)[0])
        else:
            self.grid.grown()
        self._show_status()

    def _show_table(self, table: Table) -> None:
        self._stop_arranging()
        self.query_one(Field).value = ""
        self.grid.show(View(table))
        self._show_status()
        self._show_detail()

    # Sorting and filtering

    def _arrange(self, doing: str, sort: Sort | None, text: str) -> None:
        view = self.view
        if view is None:
            return
        self._stop_arranging()
        self._work = work = _Work(doing, sort, text)
        self.run_worker(self._arranged(view, work), group="table-order", exclusive=True)
        self._show_status()

    async def _arranged(self, view: View, work: _Work) -> None:
        result: View | None = None
        try:
            result = await in_thread(
                lambda: view.arranged(work.sort, work.text, work.watch),
                work.watch,
                self._show_status,
            )
        except Stopped:
            pass
        except OSError as error:
            self._tell(f"The body cannot be read: {error.strerror}.")
        if self._work is not work:
            return
        self._work = None
        if result is not None and self.view is not None:
            sentence = "No row holds these words: esc shows all."
            self.grid.show(replace(result, hidden=self.view.hidden), sentence)
        self._show_status()
        self._show_detail()

    @property
    def _wanted(self) -> tuple[Sort | None, str]:
        """The sort and the filter that there are, or that are being made."""
        if self._work is not None:
            return self._work.sort, self._work.text
        return (self.view.sort, self.view.text) if self.view else (None, "")

    def _stop_arranging(self) -> None:
        if self._work is not None:
            self._work.watch.stop()
            self._work = None

    def _stop_work(self) -> None:
        self._stop_arranging()
        if self._search is not None:
            self._search.stop()
            self._search = None

    def on_unmount(self) -> None:
        """Let no thread go on."""
        self._stop_work()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape is for others when there is nothing to stop or take off."""
        if action == "stop":
            filtered = self.view is not None and bool(self.view.text)
            busy = self._work is not None or self._search is not None
            return self.has_class("-filtering") or filtered or busy
        if action == "next_table":
            return len(self._tables) > 1
        return True

    def action_stop(self) -> None:
        """Leave the filter, stop what runs, or show all rows again."""
        if self._work is not None:
            self._stop_arranging()
        elif not self.has_class("-filtering") and self._search is not None:
            self._search.stop()
        elif self.view is not None and self.view.text:
            self._filter("")
        if self.has_class("-filtering"):
            self.query_one(Field).value = ""
            self._close_filter()
        self._show_status()

    def action_sort(self) -> None:
        """Sort by the cursor's column: rising, falling, as it came."""
        if (column := self._column) is not None:
            sort, text = self._wanted
            self._arrange("sorting", next_sort(sort, column.path), text)

    def action_filter(self) -> None:
        """Type words that the rows shall hold."""
        if self.view is not None:
            self.add_class("-filtering")
            words = self.query_one(Field)
            words.value = self._wanted[1]
            words.focus()

    @on(Field.Changed)
    def _typed(self, event: Field.Changed) -> None:
        event.stop()
        few = self.view is not None and self.view.table.row_count <= LIVE_ROWS
        if few and self.has_class("-filtering"):
            self._filter(event.value)

    @on(Field.Submitted)
    def _submitted(self, event: Field.Submitted) -> None:
        event.stop()
        self._filter(event.value)
        self._close_filter()

    def _filter(self, text: str) -> None:
        sort, before = self._wanted
        if (text := text.strip()) != before:
            self._arrange("filtering", sort, text)

    def _close_filter(self) -> None:
        self.grid.focus()
        self.remove_class("-filtering")

    def action_hide(self) -> None:
        """Hide the cursor's column; the last one stays."""
        column = self._column
        if self.view is not None and column is not None and len(self.view.columns) > 1:
            self.grid.show(self.view.hiding(column.path))
            self._show_status()
            self._show_detail()

    def action_show_all(self) -> None:
        """Show the hidden columns again."""
        if self.view is not None:
            self.grid.show(self.view.showing_all())
            self._show_status()
            self._show_detail()

    def action_next_table(self) -> None:
        """Show another list of the body."""
        if self.view is not None and self.view.table in self._tables:
            at = self._tables.index(self.view.table) + 1
            self._show_table(self._tables[at % len(self._tables)])
            if self._search is None:
                self.follow()

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
    def _show_detail(self) -> None:
        content = Content("")
        if self.view is not None and (current := self.grid.current) is not None:
            row, column = current
            path = visible(self.view.table.path(row.number, column))
            content = Content.assemble(
                (f"{path}  ", "$text-muted"), _detail(row, column)
            )
        self.query_one("#table-detail", _Line).say(content)

    def _show_status(self) -> None:
        parts: list[str] = []
        if self._work is not None:
            done = f"{self._work.watch.fraction:.0%}"
            parts.append(f"{self._work.doing} {done}, esc stops")
        elif self._search is not None:
            parts.append(f"reading {self._search.fraction:.0%}")
        if self.view is not None:
            parts.append(visible(self.view.words))
            if (count := len(self._tables)) > 1 and self.view.table in self._tables:
                at = self._tables.index(self.view.table) + 1
                parts.append(f"table {at} of {count}")
        self.query_one("#table-status", _Line).say(Content(" · ".join(parts)))

    def _tell(self, sentence: str) -> None:
        self.notify(visible(sentence), severity="error", markup=False)


def _detail(row: Row, column: Column) -> Content:
    cell = row.cell(column)
    if cell is None:
        return Content.styled("nothing", "$text-disabled")
    text = Content(excerpt(_whole(cell), _DETAIL))
    if when := moment(column.path, cell):
        text += Content.styled(f"  {when}", "$text-accent")
    return text


def _whole(cell: Cell) -> str:
    # A large value takes long to be put on one line, of which a screen shows little.
    return cell.whole if len(cell.raw) < 20_000 else cell.text


def _rows(view: View) -> str:
    return counted(len(view.numbers), "row")
