"""The editor of query and header rows.

At rest it is one widget; the two fields of a row (`EditableRows`), or the text of all
rows, exist only while they are typed in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on
from textual.message import Message

from mixtui.core.requests import Pair
from mixtui.ui.widgets.given_rows import GeneratedRow
from mixtui.ui.widgets.pairs_model import Rows
from mixtui.ui.widgets.pairs_rows import PairsRows
from mixtui.ui.widgets.pairs_text import from_text, to_text
from mixtui.ui.widgets.pairs_typing import EditableRows

if TYPE_CHECKING:
    # Imported when they are first needed: text editing is slow to load. So Textual finds
    # the handlers of their messages by name.
    from textual.widgets import TextArea

    from mixtui.ui.widgets.pairs_bulk import BulkArea


class PairsEditor(EditableRows):
    """Edits rows of names and values."""

    DEFAULT_CSS = """
    PairsEditor { height: 1fr; layers: rows fields; }
    PairsEditor > PairsRows { layer: rows; }
    PairsEditor > RowEdit { layer: fields; }
    """

    @dataclass
    class Changed(Message):
        """A person changed the rows."""

        editor: PairsEditor
        pairs: tuple[Pair, ...]

        @property
        def control(self) -> PairsEditor:
            """The editor."""
            return self.editor

    @dataclass
    class ValueRequested(Message):
        """The value of a row is to be edited in an editor of its own."""

        editor: PairsEditor
        index: int

        @property
        def control(self) -> PairsEditor:
            """The editor."""
            return self.editor

    class Shown(Message):
        """The cursor may be on another row, or an edit has ended."""

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The rows as they are now, with what is being typed."""
        return self.pairs_now()

    @pairs.setter
    def pairs(self, pairs: Sequence[Pair]) -> None:
        if tuple(pairs) == self.pairs:
            return
        self._model.reset(pairs)
        if self._fields is not None:
            self._fields.closed = True
        self._editing = self._bulk_before = self._fields = None
        self._rows.edited = None
        self.late.clear()
        if self.is_mounted:
            self._rows.display = True
            self._keep_focus()
            self.query("RowEdit, PairsBulk").remove()
        self._rows.show_rows()

    @property
    def given(self) -> tuple[GeneratedRow, ...]:
        """Rows that the app adds, shown below the others."""
        return self._rows.given

    @given.setter
    def given(self, given: Sequence[GeneratedRow]) -> None:
        self._rows.given = tuple(given)

    def put(self, rows: Mapping[int, Pair], *, if_still: Mapping[int, Pair]) -> None:
        """Other rows in the place of some, as one change that undo takes back.

        Args:
            rows: The new ones, by place.
            if_still: What must stand in these places; otherwise nothing is changed.
        """
        pairs = dict(enumerate(self._model.rows.pairs))
        if any(pairs.get(index) != pair for index, pair in if_still.items()):
            return
        changed, cursor = self._model.rows, self._model.rows.cursor
        for index, pair in rows.items():
            changed = changed.with_pair(index, pair)
        if self._model.change(changed.at(cursor)):
            self._say()
        self._rows.show_rows()

    @on(PairsRows.ValueRequested)
    def _value_asked(self, event: PairsRows.ValueRequested) -> None:
        event.stop()
        if self._headers or event.index >= len(self._model.rows.pairs):
            # A header's value is short and plain: it is edited in its row.
            self._rows.action_edit()
        else:
            self.post_message(self.ValueRequested(self, event.index))

    @property
    def cursor(self) -> int | None:
        """The row under the cursor, or None where there is none."""
        return self._model.rows.cursor if self._rows.current is not None else None

    @property
    def edited(self) -> int | None:
        """The row that is being typed in."""
        return None if self._editing is None else self._editing.index

    @property
    def hinted(self) -> frozenset[int]:
        """The rows that something is said of."""
        return self._rows.hinted

    @hinted.setter
    def hinted(self, rows: frozenset[int]) -> None:
        if rows != self._rows.hinted:
            self._rows.hinted = rows
            self._rows.refresh()

    def change_to(self, pairs: Sequence[Pair]) -> None:
        """Other rows, as if they had been typed: they can be undone."""
        if self._editing is not None or self._bulk_before is not None:
            self.pairs = pairs
            self._say()
            return
        rows = Rows(tuple(pairs)).at(self._model.rows.cursor)
        if self._model.change(rows):
            self._say()
        self._rows.show_rows()

    def go_to(self, row: int) -> None:
        """Put the cursor on a row."""
        if self._editing is None:
            self._rows.go_to(row)

    def _say(self) -> None:
        self.post_message(self.Changed(self, self.pairs))

    def _ask_for_value(self, index: int) -> None:
        self.post_message(self.ValueRequested(self, index))

    @on(PairsRows.Changed)
    def _rows_changed(self, event: PairsRows.Changed) -> None:
        event.stop()
        self._say()

    async def edit_value(self, index: int) -> None:
        """Go to a row, and type its value."""
        if index < len(self._model.rows.pairs):
            await self._edit(index, is_new=False)

    # What a row is

    @on(PairsRows.Shown)
    def _rows_shown(self, event: PairsRows.Shown) -> None:
        # Passed on as our own: what a handler here made the rows post stops here.
        event.stop()
        self.explain_row()
        self.post_message(self.Shown())

    def on_descendant_focus(self) -> None:
        """The line below is for who works with the rows."""
        self.explain_row()

    def on_descendant_blur(self) -> None:
        """The line below is for who works with the rows."""
        self.explain_row()

    # All rows as text

    @on(PairsRows.BulkRequested)
    async def _bulk_asked(self, event: PairsRows.BulkRequested) -> None:
        event.stop()
        from mixtui.ui.widgets.pairs_bulk import PairsBulk

        self._bulk_before = self._model.rows
        text = to_text(self._model.rows.pairs, self._separator)
        self._rows.display = False
        bulk = PairsBulk(text, self._separator, self.late)
        await self.mount(bulk)
        self.late.replay_to(bulk.at_row(self._bulk_before.cursor))

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """What is typed counts at once."""
        event.stop()
        if self._bulk_before is not None:
            pairs = from_text(event.text_area.text, self._separator)
            self._model.rows = Rows(pairs).at(self._bulk_before.cursor)
            self._say()

    async def on_bulk_area_left(self, event: BulkArea.Left) -> None:
        """Back to the list."""
        event.stop()
        if self._bulk_before is None:
            return
        before, self._bulk_before = self._bulk_before, None
        self._model.change(self._model.rows, since=before)
        self._rows.display = True
        self._keep_focus()
        await self.query("PairsBulk").remove()
        self._rows.show_rows()
        self.late.replay_to(self._rows)
