"""What looks for the tables of a body, and sorts and filters them, in threads."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial

from textual.containers import Vertical
from textual.message import Message
from textual.worker import Worker

from mixtui.core.records.finding import Body, TableFinder
from mixtui.core.records.sorting import Sort
from mixtui.core.records.table import Table
from mixtui.core.records.view import View
from mixtui.core.records.watch import Stopped, Watch
from mixtui.core.visible import sanitize
from mixtui.ui.ending import CancelsWorkersOnPrune
from mixtui.ui.threads import run_in_thread
from mixtui.ui.widgets.table_grid import TableGrid

_NONE = "There is no list of records in this answer."


@dataclass(eq=False, slots=True)
class Work:
    """A sort or a filter that is being made."""

    doing: str
    sort: Sort | None
    text: str
    watch: Watch = field(default_factory=Watch)


class TableWork(CancelsWorkersOnPrune, Vertical):
    """The part of a `TableView` that waits for threads."""

    @dataclass
    class TablesFound(Message, namespace="table_view"):
        """Other tables than before are known; perhaps none."""

        count: int

    _finder: TableFinder | None = None
    _has_more = False
    """Whether more has come while tables are looked for."""
    _has_chosen = False
    """Whether a person has chosen which table to see."""
    tables: tuple[Table, ...] = ()
    """The tables of the body, as far as they are known."""
    work: Work | None = None
    """What sorts or filters now."""
    search: Watch | None = None
    """What looks for tables now."""

    # What is shown

    @property
    def grid(self) -> TableGrid:
        """The rows."""
        return self.query_one(TableGrid)

    @property
    def view(self) -> View | None:
        """What is shown."""
        return self.grid.view

    def show(self, body: Body | None) -> None:
        """Look for the tables of a body, and show the best; None = nothing.

        Only once the widget is mounted. A body that still comes is looked at as far as
        it has come: call `follow` when there is more, and once when it is complete.
        """
        self._stop_work()
        self._has_chosen = False
        self._finder = None if body is None else TableFinder(body)
        self.tables = ()
        self.leave_filter()
        self.grid.show(None)
        self.show_detail()
        self.follow()

    def follow(self) -> None:
        """Look at what has come since the last time."""
        self._has_more = self.search is not None
        if self._finder is not None and self.search is None:
            self.search = Watch()
            self.run_worker(
                self._look(self._finder, self.search),
                group="table-search",
            )
        self.show_status()

    async def _look(self, finder: TableFinder, watch: Watch) -> None:
        problem = ""
        try:
            await run_in_thread(
                lambda: finder.advance(watch), watch, lambda: self._take(finder)
            )
            self._take(finder)
            await self._learn(watch)
        except Stopped:
            problem = "Stopped before anything was found."
        except OSError as error:
            problem = f"The body cannot be read: {error.strerror}."
        if self._finder is not finder:
            return
        self.search = None
        self._take(finder)
        if not self.tables:
            self.grid.show(None, problem or _NONE)
        elif not self._has_chosen and self._is_untouched:
            self.show_table(self.tables[0])
        if not problem and self._has_more:
            self.follow()
        elif self.view is not None and self.view.is_behind and finder.is_complete:
            self.order_rows("updating", *self.wanted)

    @property
    def _is_untouched(self) -> bool:
        """Whether another, better table may take the place of the one shown."""
        if (view := self.view) is None or view.table is self.tables[0]:
            return False
        is_plain = self.work is None and not (view.sort or view.text or view.hidden)
        return is_plain and (self.grid.row, self.grid.column) == (0, 0)

    async def _learn(self, watch: Watch) -> None:
        """Find the columns that only later rows have."""
        if self.view is None:
            return
        table = self.view.table
        await run_in_thread(lambda: table.learn(watch), watch, self.show_status)
        if self.view is not None and self.view.table is table:
            self.grid.grown()

    def _take(self, finder: TableFinder) -> None:
        if self._finder is not finder:
            return
        if (tables := finder.tables) != self.tables:
            self.tables = tables
            self.post_message(self.TablesFound(len(tables)))
        view = self.view
        if view is None or view.table not in tables:
            if tables:
                titled = [t for t in tables if view and t.title == view.table.title]
                self.show_table((titled or tables)[0])
        else:
            self.grid.grown()
        self.show_status()

    def choose_table(self, table: Table) -> None:
        """Show a table, whichever is the best."""
        self._has_chosen = True
        self.show_table(table)
        if self.search is None:
            self.follow()  # Its later rows may have columns of their own.

    def show_table(self, table: Table) -> None:
        """Show a table as it came."""
        self.stop_arranging()
        self.leave_filter()
        self.grid.show(View(table))
        self.show_status()
        self.show_detail()

    # Sorting and filtering

    def order_rows(self, doing: str, sort: Sort | None, text: str) -> None:
        view = self.view
        if view is None:
            return
        self.stop_arranging()
        self.work = work = Work(doing, sort, text)
        arrange = partial(self._arranged, view, work)
        _: Worker[None] = self.run_worker(arrange, group="table-order", exclusive=True)
        self.show_status()

    async def _arranged(self, view: View, work: Work) -> None:
        result: View | None = None
        try:
            result = await run_in_thread(
                lambda: view.arranged(work.sort, work.text, work.watch),
                work.watch,
                self.show_status,
            )
        except Stopped:
            pass
        except OSError as error:
            self._tell(f"The body cannot be read: {error.strerror}.")
        if self.work is not work:
            return
        self.work = None
        if result is not None and self.view is not None:
            sentence = "No row holds these words: esc shows all."
            is_new = (work.sort, work.text) != (view.sort, view.text)
            shown = replace(result, hidden=self.view.hidden)
            self.grid.show(shown, sentence, to_top=is_new)
        self.show_status()
        self.show_detail()

    @property
    def wanted(self) -> tuple[Sort | None, str]:
        """The sort and the filter that there are, or that are being made."""
        if self.work is not None:
            return self.work.sort, self.work.text
        return (self.view.sort, self.view.text) if self.view else (None, "")

    def stop_arranging(self) -> None:
        if self.work is not None:
            self.work.watch.stop()
            self.work = None

    def _stop_work(self) -> None:
        self.stop_arranging()
        if self.search is not None:
            self.search.stop()
            self.search = None

    def on_unmount(self) -> None:
        """Let no thread go on."""
        self._stop_work()

    # What the view does meanwhile

    def show_detail(self) -> None:
        """Say what is under the cursor."""

    def show_status(self) -> None:
        """Say what is shown, and how far the work is."""

    def leave_filter(self) -> None:
        """Forget the words that were typed."""

    def _tell(self, sentence: str) -> None:
        self.notify(sanitize(sentence), severity="error", markup=False)
