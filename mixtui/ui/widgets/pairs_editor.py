"""The editor of query and header rows.

At rest it is one widget; the two fields of a row, or the text of all rows, exist only
while they are typed in. What is typed counts at once: the rows are always up to date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import TextArea

from mixtui.core.requests import Pair
from mixtui.ui.widgets.pairs_bulk import PairsBulk
from mixtui.ui.widgets.pairs_model import PairsModel, Rows
from mixtui.ui.widgets.pairs_row_edit import RowEdit
from mixtui.ui.widgets.pairs_rows import Given, PairsRows
from mixtui.ui.widgets.pairs_text import from_text, to_text

_BLANK = Pair("", "")


@dataclass(frozen=True, slots=True)
class _Editing:
    """A row under the fields."""

    index: int
    is_new: bool
    before: Rows
    """What escape and undo go back to."""


class PairsEditor(Vertical):
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

    def __init__(self, *, headers: bool = False, name: str | None = None) -> None:
        super().__init__(name=name)
        self._headers = headers
        self._separator = ":" if headers else "="
        self._model = PairsModel()
        self._editing: _Editing | None = None
        self._bulk_before: Rows | None = None
        what = "headers of your own" if headers else "query parameters"
        hint = f"No {what}.  a adds one · b edits them as text"
        self._rows = PairsRows(self._model, self._separator, hint)

    def compose(self) -> ComposeResult:
        """The list alone."""
        yield self._rows

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The rows as they are now, with what is being typed."""
        pairs = self._model.rows.pairs
        if self._editing is not None and pairs[self._editing.index] == _BLANK:
            return self._model.rows.without(self._editing.index).pairs
        return pairs

    @pairs.setter
    def pairs(self, pairs: Sequence[Pair]) -> None:
        if tuple(pairs) == self.pairs:
            return
        self._model.reset(pairs)
        self._editing = self._bulk_before = None
        self._rows.edited = None
        if self.is_mounted:
            self.query("RowEdit, PairsBulk").remove()
            self._rows.display = True
        self._rows.show_rows()

    @property
    def given(self) -> tuple[Given, ...]:
        """Rows that the app adds, shown below the others."""
        return self._rows.given

    @given.setter
    def given(self, given: Sequence[Given]) -> None:
        self._rows.given = tuple(given)

    def _say(self) -> None:
        self.post_message(self.Changed(self, self.pairs))

    @on(PairsRows.Changed)
    def _rows_changed(self, event: PairsRows.Changed) -> None:
        event.stop()
        self._say()

    # A row in place

    @on(PairsRows.EditRequested)
    async def _edit_asked(self, event: PairsRows.EditRequested) -> None:
        event.stop()
        await self._edit(event.index, is_new=event.is_new)

    async def _edit(self, index: int, *, is_new: bool) -> None:
        before = self._model.rows
        if is_new:
            self._model.rows = before.inserted(index, [_BLANK])
        self._editing = _Editing(index, is_new, before)
        self._rows.edited = index
        self._rows.show_rows()
        pair = self._model.rows.pairs[index]
        fields = RowEdit(pair, self._rows.name_width, is_new=is_new)
        fields.place(index - round(self._rows.scroll_y), self._rows.name_width)
        await self.mount(fields)
        fields.focus_first()

    @on(RowEdit.Typed)
    def _typed(self, event: RowEdit.Typed) -> None:
        event.stop()
        if self._editing is not None:
            rows = self._model.rows.with_pair(self._editing.index, event.pair)
            self._model.rows = rows
            self._say()

    @on(RowEdit.Done)
    async def _done(self, event: RowEdit.Done) -> None:
        event.stop()
        editing = self._editing
        if editing is None:
            return
        if event.restore:
            self._model.rows = editing.before
            self._say()
            await self._close(focus=True)
            return
        if not self._accept(editing):
            return
        blank = self._model.rows.pairs[editing.index : editing.index + 1] == (_BLANK,)
        go_on = event.go_on and editing.is_new and not blank
        await self._settle(editing, focus=not event.left)
        if go_on:
            await self._edit(editing.index + 1, is_new=True)
        elif event.by:
            self._model.rows = self._model.rows.at(editing.index + event.by)
            self._rows.show_rows()

    @on(RowEdit.Pasted)
    async def _pasted(self, event: RowEdit.Pasted) -> None:
        """Several lines were pasted into a field: each is a row."""
        event.stop()
        editing = self._editing
        if editing is None:
            return
        rows, index = self._model.rows, editing.index
        if rows.pairs[index] == _BLANK:
            rows = rows.without(index)
            index -= 1
        pairs = from_text(event.text, self._separator)
        self._model.rows = rows.inserted(index + 1, pairs)
        await self._close(focus=True)
        self._model.change(self._model.rows, since=editing.before)
        self._say()

    def _accept(self, editing: _Editing) -> bool:
        pair = self._model.rows.pairs[editing.index]
        if not self._headers or not _has_controls(pair):
            return True
        self.app.notify(
            "A header is one line without control characters: "
            "take the marks like ␊ out, or press esc.",
            severity="warning",
            markup=False,
        )
        return False

    async def _settle(self, editing: _Editing, *, focus: bool) -> None:
        rows = self._model.rows
        if rows.pairs[editing.index] == _BLANK:
            rows = rows.without(editing.index)
        self._model.change(rows, since=editing.before)
        await self._close(focus=focus)
        self._say()

    async def _close(self, *, focus: bool) -> None:
        self._editing = None
        self._rows.edited = None
        if focus:
            self._rows.focus()
        await self.query(RowEdit).remove()
        self._rows.show_rows()

    # All rows as text

    @on(PairsRows.BulkRequested)
    async def _bulk_asked(self, event: PairsRows.BulkRequested) -> None:
        event.stop()
        self._bulk_before = self._model.rows
        text = to_text(self._model.rows.pairs, self._separator)
        self._rows.display = False
        bulk = PairsBulk(text, self._separator)
        await self.mount(bulk)
        bulk.focus_text(self._bulk_before.cursor)

    @on(TextArea.Changed)
    def _bulk_typed(self, event: TextArea.Changed) -> None:
        event.stop()
        if self._bulk_before is not None:
            pairs = from_text(event.text_area.text, self._separator)
            self._model.rows = Rows(pairs).at(self._bulk_before.cursor)
            self._say()

    @on(PairsBulk.Left)
    async def _bulk_left(self, event: PairsBulk.Left) -> None:
        event.stop()
        if self._bulk_before is None:
            return
        before, self._bulk_before = self._bulk_before, None
        self._model.change(self._model.rows, since=before)
        self._rows.display = True
        self._rows.focus()
        await self.query(PairsBulk).remove()
        self._rows.show_rows()

    def on_resize(self, event: events.Resize) -> None:
        """Keep the fields over their row."""
        for fields in self.query(RowEdit):
            if self._editing is not None:
                self._rows.show_rows()
                top = self._editing.index - round(self._rows.scroll_y)
                fields.place(top, self._rows.name_width)


def _has_controls(pair: Pair) -> bool:
    return any(ord(c) < 32 or 127 <= ord(c) < 160 for c in (*pair.name, *pair.value))
