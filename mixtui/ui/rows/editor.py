"""The editor of query and header rows.

At rest it is one widget; the two fields of a row, or the text of all rows, exist only
while they are edited.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import Struct
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from mixtui.key_names import key_of
from mixtui.model.draft import Pair
from mixtui.request.templates import Values
from mixtui.ui.rows.list import EditableRows
from mixtui.ui.rows.model import (
    GeneratedRow,
    Rows,
    RowsModel,
    edited,
    from_text,
    to_text,
)
from mixtui.ui.rows.row_edit import RowCompleter, RowHelp

if TYPE_CHECKING:
    from textual.widgets import TextArea

    # Imported when they are first needed: text editing is slow to load. So Textual finds
    # the handlers of their messages by name.
    from mixtui.ui.rows.bulk import BulkArea
    from mixtui.ui.rows.row_edit import RowEdit


BLANK = Pair("", "")


class _RowInEdit(Struct, frozen=True):
    """The row under the fields."""

    index: int
    is_new: bool
    before: Rows
    """The rows that escape and undo restore."""


class RowsEditor(Vertical):
    """Edits rows of names and values."""

    DEFAULT_CSS = """
    RowsEditor { height: 1fr; layers: rows fields; }
    RowsEditor > EditableRows { layer: rows; }
    RowsEditor > RowEdit { layer: fields; }
    """

    @dataclass
    class Changed(Message):
        """Posted when the rows are edited."""

        editor: RowsEditor
        rows: tuple[Pair, ...]

        @property
        def control(self) -> RowsEditor:
            """The editor."""
            return self.editor

    @dataclass
    class ValueRequested(Message):
        """Posted to edit the value of a row in a dialog."""

        editor: RowsEditor
        index: int

        @property
        def control(self) -> RowsEditor:
            """The editor."""
            return self.editor

    class Shown(Message):
        """Posted when the cursor may be on another row, or an edit has ended."""

    def __init__(
        self,
        *,
        headers: bool = False,
        plain_values: bool = False,
        hint: str = "",
        completer: RowCompleter | None = None,
    ) -> None:
        """Create an editor without rows.

        Args:
            headers: The rows are headers: a name and a value on one line.
            plain_values: Values are short and plain, as those of headers are: they are
                edited in their row, never in a dialog.
            hint: Shown while there are no rows.
            completer: Completes and explains rows; None = there is no completion.
        """
        super().__init__()
        self._edits_in_place = headers or plain_values
        self._headers = headers
        self._separator = ":" if headers else "="
        self._model = RowsModel()
        self._editing: _RowInEdit | None = None
        self._fields: RowEdit | None = None
        self._completer = completer
        self._bulk_before: Rows | None = None
        what = "headers" if headers else "query parameters"
        keys = f"{key_of('rows.add')} Add · {key_of('rows.bulk')} Bulk edit"
        hint = hint or f"No {what}.  {keys}"
        self._list = EditableRows(self._model, self._separator, hint)
        self._help = RowHelp()

    def compose(self) -> ComposeResult:
        yield self._list
        yield self._help

    @property
    def rows(self) -> tuple[Pair, ...]:
        """The rows, with what is being typed."""
        rows = self._model.rows
        if self._editing is not None and rows.pairs[self._editing.index] == BLANK:
            return rows.without(self._editing.index).pairs
        return rows.pairs

    @rows.setter
    def rows(self, rows: Sequence[Pair]) -> None:
        if tuple(rows) == self.rows:
            return
        self._model.reset(rows)
        self._editing = self._bulk_before = self._fields = None
        self._list.edited = None
        if self.is_mounted:
            self._list.display = True
            self._focus_list()
            self.query("RowEdit, BulkEditor").remove()
        self._list.show_rows()

    @property
    def values(self) -> Values | None:
        """Where templates get their values; None = each of them has one."""
        return self._list.values

    @values.setter
    def values(self, values: Values | None) -> None:
        self._list.values = values
        self._list.refresh()
        if self._fields is not None:
            self._fields.values = values

    @property
    def generated(self) -> tuple[GeneratedRow, ...]:
        """Rows that the app adds, below the others."""
        return self._list.generated

    @generated.setter
    def generated(self, rows: Sequence[GeneratedRow]) -> None:
        self._list.generated = tuple(rows)

    def set_values(
        self, values: Mapping[int, str], *, if_still: Mapping[int, Pair]
    ) -> None:
        """Give some rows the values that were chosen, as one change that can be undone.

        Args:
            values: The new ones, by the index of their row.
            if_still: What these rows must be; otherwise nothing is changed.
        """
        pairs = dict(enumerate(self._model.rows.pairs))
        if any(pairs.get(index) != pair for index, pair in if_still.items()):
            return
        changed, cursor = self._model.rows, self._model.rows.cursor
        for index, value in values.items():
            pair = edited(pairs[index], pairs[index].name, value, is_chosen=True)
            changed = changed.with_pair(index, pair)
        if self._model.change(changed.with_cursor(cursor)):
            self._notify_changed()
        self._list.show_rows()

    @on(EditableRows.ValueRequested)
    def _value_requested(self, event: EditableRows.ValueRequested) -> None:
        event.stop()
        if self._edits_in_place or event.index >= len(self._model.rows.pairs):
            self._list.action_edit()
        else:
            self.post_message(self.ValueRequested(self, event.index))

    @property
    def cursor(self) -> int | None:
        """The row under the cursor, or None where there is none."""
        return self._model.rows.cursor if self._list.current is not None else None

    @property
    def edited(self) -> int | None:
        """The row under the fields."""
        return None if self._editing is None else self._editing.index

    @property
    def hinted(self) -> frozenset[int]:
        """The rows that have a hint."""
        return self._list.hinted

    @hinted.setter
    def hinted(self, rows: frozenset[int]) -> None:
        if rows != self._list.hinted:
            self._list.hinted = rows
            self._list.refresh()

    @property
    def is_in_edit(self) -> bool:
        """Whether a row is typed in its fields, or all of them as text."""
        return self._editing is not None or self._bulk_before is not None

    def change_to(self, rows: Sequence[Pair]) -> None:
        """Set other rows as if they had been typed: they can be undone."""
        if self.is_in_edit:
            self.rows = rows
            self._notify_changed()
            return
        cursor = self._model.rows.cursor
        if self._model.change(Rows(tuple(rows)).with_cursor(cursor)):
            self._notify_changed()
        self._list.show_rows()

    def insert(self, text: str) -> None:
        """Insert the lines of a text as rows behind the cursor."""
        self._list.insert(text)

    def go_to(self, row: int) -> None:
        """Put the cursor on a row."""
        if self._editing is None:
            self._list.go_to(row)

    def _notify_changed(self) -> None:
        self.post_message(self.Changed(self, self.rows))

    def _request_value(self, index: int) -> None:
        self.post_message(self.ValueRequested(self, index))

    @on(EditableRows.Changed)
    def _rows_changed(self, event: EditableRows.Changed) -> None:
        event.stop()
        self._notify_changed()

    async def edit_value(self, index: int) -> None:
        """Go to a row, and type its value."""
        if index < len(self._model.rows.pairs):
            await self._edit(index, is_new=False)

    async def edit_named(self, name: str) -> None:
        """Go to the first row of a name, also to one that the app adds, and type its value."""
        names = [pair.name for pair in self._model.rows.pairs]
        if name in names:
            await self._edit(names.index(name), is_new=False)
            return
        for row in self.generated:
            if row.name == name:
                await self._type_generated(row)
                return

    # What a row is

    @on(EditableRows.Shown)
    def _rows_shown(self, event: EditableRows.Shown) -> None:
        # Passed on as our own: what a handler here made the rows post stops here.
        event.stop()
        self.explain_row()
        self.post_message(self.Shown())

    def on_descendant_focus(self) -> None:
        """Explain the row only while the rows have the focus."""
        self.explain_row()

    def on_descendant_blur(self) -> None:
        """Explain the row only while the rows have the focus."""
        self.explain_row()

    # All rows as text

    @on(EditableRows.BulkRequested)
    async def _bulk_requested(self, event: EditableRows.BulkRequested) -> None:
        event.stop()
        from mixtui.ui.rows.bulk import BulkEditor

        rows = self._bulk_before = self._model.rows
        text = to_text(rows.pairs, self._separator)
        self._list.display = False
        bulk = BulkEditor(text, self._separator)
        await self.mount(bulk)
        self.screen.set_focus(bulk.at_row(rows.cursor))

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Apply what is typed at once."""
        event.stop()
        if self._bulk_before is not None:
            pairs = from_text(event.text_area.text, self._separator)
            self._model.rows = Rows(pairs).with_cursor(self._bulk_before.cursor)
            self._notify_changed()

    async def on_bulk_area_left(self, event: BulkArea.Left) -> None:
        """Go back from the text to the list."""
        event.stop()
        if self._bulk_before is None:
            return
        before, self._bulk_before = self._bulk_before, None
        self._model.change(self._model.rows, since=before)
        self._list.display = True
        self._focus_list()
        await self.query("BulkEditor").remove()
        self._list.show_rows()
        self.screen.set_focus(self._list)

    @property
    def current(self) -> Pair | None:
        """The row under the cursor; None = it is on a generated row, or there is none."""
        return self._list.current

    def explain_row(self) -> None:
        """Explain the row under the cursor, if its operation is known."""
        rows, text = self._model.rows, None
        if self._completer is not None and self.has_focus_within:
            pair = self.current
            if self._editing is not None:
                pair = rows.pairs[self._editing.index]
            name = pair.name if pair is not None else self._list.generated_name
            text = self._completer.help(name)
            if pair is not None and (sources := self._completer.sources(pair)):
                text = f"{sources} · {text}" if text else sources
        self._help.show(text)

    # A row in place

    @on(EditableRows.EditRequested)
    async def _edit_requested(self, event: EditableRows.EditRequested) -> None:
        event.stop()
        # Other rows may have been set since it was asked for.
        last = len(self._model.rows.pairs) - (not event.is_new)
        if last >= 0:
            await self._edit(min(event.index, last), is_new=event.is_new)

    @on(EditableRows.GeneratedTyped)
    async def _generated_row_typed(self, event: EditableRows.GeneratedTyped) -> None:
        event.stop()
        await self._type_generated(event.row)

    async def _type_generated(self, generated_row: GeneratedRow) -> None:
        """Make a generated row one of the user's, and edit it."""
        rows = self._model.rows
        if generated_row.omitted:
            # It is sent again, and by itself if the row is deleted later.
            self.post_message(EditableRows.GeneratedToggled(generated_row))
        pair = Pair(
            generated_row.name,
            generated_row.value
            if generated_row.initial_value is None
            else generated_row.initial_value,
        )
        self._model.change(rows.inserted(len(rows.pairs), [pair]))
        self._notify_changed()
        await self._edit(len(rows.pairs), is_new=False)

    async def _edit(self, index: int, *, is_new: bool) -> None:
        from mixtui.ui.rows.row_edit import RowEdit

        before = self._model.rows
        if is_new:
            self._model.rows = before.inserted(index, [BLANK])
        self._editing = _RowInEdit(index, is_new, before)
        self._list.edited = index
        self._list.show_rows()
        pair = self._model.rows.pairs[index]
        fields = RowEdit(
            pair,
            self._list.name_width,
            is_new=is_new,
            completer=self._completer,
        )
        fields.move_to(index - round(self._list.scroll_y), self._list.name_width)
        self._fields = fields
        fields.values = self.values
        await self.mount(fields)
        self.screen.set_focus(fields.first_field)
        if not pair.enabled:
            # Its value is an example of the catalogue: what is typed replaces it.
            fields.first_field.action_select_all()

    def on_row_edit_typed(self, event: RowEdit.Typed) -> None:
        """Apply what is typed at once."""
        event.stop()
        if self._editing is not None and event.row is self._fields:
            rows = self._model.rows.with_pair(self._editing.index, event.pair)
            self._model.rows = rows
            self._notify_changed()
            self.explain_row()

    async def on_row_edit_done(self, event: RowEdit.Done) -> None:
        """Apply the edit or restore the rows, and go on as the key asked."""
        event.stop()
        editing = self._editing
        if editing is None or event.row is not self._fields:
            return
        self._model.rows = self._model.rows.with_pair(editing.index, event.pair)
        if event.restore:
            self._model.rows = editing.before
        elif not self._is_valid_or_notify(editing):
            if not event.focus_has_left and self._fields is not None:
                self.screen.set_focus(self._fields.first_field)
            return
        blank = self._model.rows.pairs[editing.index : editing.index + 1] == (BLANK,)
        await self._close_fields()
        if not event.restore:
            self._commit(editing)
        self._notify_changed()
        if event.edit_value and not blank and not self._edits_in_place:
            self._list.show_rows()
            self._request_value(editing.index)
            return
        if event.add_another and editing.is_new and not blank:
            await self._edit(editing.index + 1, is_new=True)
            return
        if event.move_cursor:
            self._model.rows = self._model.rows.with_cursor(
                editing.index + event.move_cursor
            )
        self._list.show_rows()
        if not event.focus_has_left:
            self.screen.set_focus(self._list)

    async def on_row_edit_pasted(self, event: RowEdit.Pasted) -> None:
        """Insert pasted lines as rows."""
        event.stop()
        editing = self._editing
        if editing is None or event.row is not self._fields:
            return
        rows, index = self._model.rows, editing.index
        rows = rows.with_pair(index, event.pair)
        if rows.pairs[index] == BLANK:
            rows = rows.without(index)
            index -= 1
        pairs = from_text(event.text, self._separator)
        await self._close_fields()
        self._model.change(rows.inserted(index + 1, pairs), since=editing.before)
        self._notify_changed()
        self._list.show_rows()
        self.screen.set_focus(self._list)

    def _is_valid_or_notify(self, editing: _RowInEdit) -> bool:
        pair = self._model.rows.pairs[editing.index]
        if not self._headers or not _has_control_characters(pair):
            return True
        self.app.notify(
            "A header is one line without control characters: "
            "remove marks such as ␊, or press esc.",
            severity="warning",
            markup=False,
        )
        return False

    def _commit(self, editing: _RowInEdit) -> None:
        rows = self._model.rows
        if rows.pairs[editing.index] == BLANK:
            rows = rows.without(editing.index)
        self._model.change(rows, since=editing.before)

    async def _close_fields(self) -> None:
        """Remove the fields."""
        self._editing = None
        self._list.edited = None
        if self._fields is not None:
            fields, self._fields = self._fields, None
            self._focus_list()
            await fields.remove()

    def _focus_list(self) -> None:
        """Move the focus to the list before the focused field goes.

        Textual would focus some other widget.
        """
        focused = self.screen.focused
        if focused is not None and self in focused.ancestors:
            self.screen.set_focus(self._list)

    def on_resize(self, event: events.Resize) -> None:
        """Keep the fields over their row."""
        if self._editing is not None and self._fields is not None:
            self._list.show_rows()
            top = self._editing.index - round(self._list.scroll_y)
            self._fields.move_to(top, self._list.name_width)


def _has_control_characters(pair: Pair) -> bool:
    return any(ord(c) < 32 or 127 <= ord(c) < 160 for c in (*pair.name, *pair.value))
