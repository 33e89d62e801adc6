"""A row of query or headers while it is typed in, in two fields over its line.

What is typed counts at once: the rows are always up to date.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical

from mixtui.core.requests import Pair
from mixtui.ui.widgets.late_keys import TypeAhead
from mixtui.ui.widgets.pairs_model import PairsModel, Rows
from mixtui.ui.widgets.pairs_rows import PairsRows
from mixtui.ui.widgets.pairs_text import from_text
from mixtui.ui.widgets.row_completer import RowCompleter
from mixtui.ui.widgets.row_help import RowHelp

if TYPE_CHECKING:
    # Imported when they are first needed: text editing is slow to load. So Textual finds
    # the handlers of their messages by name.

    from mixtui.ui.widgets.pairs_row_edit import RowEdit

BLANK = Pair("", "")


@dataclass(frozen=True, slots=True)
class _Editing:
    """A row under the fields."""

    index: int
    is_new: bool
    before: Rows
    """What escape and undo go back to."""


class EditableRows(Vertical):
    """Rows of names and values, one of which may be under the fields."""

    def __init__(self, *, headers: bool = False, name: str | None = None) -> None:
        super().__init__(name=name)
        self._headers = headers
        self._separator = ":" if headers else "="
        self._model = PairsModel()
        self._editing: _Editing | None = None
        self._fields: RowEdit | None = None
        self.completer: RowCompleter | None = None
        """Knows what the rows may hold; None = nothing does."""
        self._bulk_before: Rows | None = None
        what = "headers of your own" if headers else "query parameters"
        hint = f"No {what}.  a adds one · b edits them as text"
        self.late = TypeAhead()
        self._rows = PairsRows(self._model, self._separator, hint, self.late)
        self._help = RowHelp()

    def compose(self) -> ComposeResult:
        """The list, and a line that explains a row."""
        yield self._rows
        yield self._help

    def pairs_now(self) -> tuple[Pair, ...]:
        """The rows as they are now, with what is being typed."""
        pairs = self._model.rows.pairs
        if self._editing is not None and pairs[self._editing.index] == BLANK:
            return self._model.rows.without(self._editing.index).pairs
        return pairs

    @property
    def current(self) -> Pair | None:
        """The row that the cursor is on, if it is one of the person's own."""
        return self._rows.current

    @abstractmethod
    def _say(self) -> None:
        """Tell that the rows changed."""

    @abstractmethod
    def _ask_for_value(self, index: int) -> None:
        """Ask for an editor of a row's value."""

    def explain_row(self) -> None:
        """Say what the row under the cursor is, if that is known."""
        rows, words = self._model.rows, None
        if self.completer is not None and self.has_focus_within:
            pair = self.current
            if self._editing is not None:
                pair = rows.pairs[self._editing.index]
            name = pair.name if pair is not None else self._rows.given_name
            words = self.completer.help(name)
        self._help.show(words)

    # A row in place

    @on(PairsRows.EditRequested)
    async def _edit_asked(self, event: PairsRows.EditRequested) -> None:
        event.stop()
        # Other rows may have been set since it was asked for.
        last = len(self._model.rows.pairs) - (not event.is_new)
        if last < 0:
            self.late.replay_to(self._rows)
        else:
            await self._edit(min(event.index, last), is_new=event.is_new)

    @on(PairsRows.GivenTaken)
    async def _given_taken(self, event: PairsRows.GivenTaken) -> None:
        """What the app would add becomes a row, to be edited."""
        event.stop()
        given, rows = event.given, self._model.rows
        if given.off:
            # It is sent again, and by itself if the row is deleted later.
            self.post_message(PairsRows.GivenSwitched(given))
        pair = Pair(given.name, given.value if given.own is None else given.own)
        self._model.change(rows.inserted(len(rows.pairs), [pair]))
        self._say()
        await self._edit(len(rows.pairs), is_new=False)

    async def _edit(self, index: int, *, is_new: bool) -> None:
        from mixtui.ui.widgets.pairs_row_edit import RowEdit

        before = self._model.rows
        if is_new:
            self._model.rows = before.inserted(index, [BLANK])
        self._editing = _Editing(index, is_new, before)
        self._rows.edited = index
        self._rows.show_rows()
        pair = self._model.rows.pairs[index]
        fields = RowEdit(
            pair,
            self._rows.name_width,
            self.late,
            is_new=is_new,
            completer=self.completer,
        )
        fields.place(index - round(self._rows.scroll_y), self._rows.name_width)
        self._fields = fields
        await self.mount(fields)
        self.late.replay_to(fields.first)

    def on_row_edit_typed(self, event: RowEdit.Typed) -> None:
        """What is typed counts at once."""
        event.stop()
        if self._editing is not None and event.row is self._fields:
            rows = self._model.rows.with_pair(self._editing.index, event.pair)
            self._model.rows = rows
            self._say()
            self.explain_row()

    async def on_row_edit_done(self, event: RowEdit.Done) -> None:
        """Keep the row or take it back, and go on."""
        event.stop()
        editing = self._editing
        if editing is None or event.row is not self._fields:
            return
        self._model.rows = self._model.rows.with_pair(editing.index, event.pair)
        if event.restore:
            self._model.rows = editing.before
        elif not self._accepts(editing):
            if not event.left and self._fields is not None:
                self.late.replay_to(self._fields.first)
            return
        blank = self._model.rows.pairs[editing.index : editing.index + 1] == (BLANK,)
        await self._close()
        if not event.restore:
            self._settle(editing)
        self._say()
        if event.value and not blank and not self._headers:
            self._rows.show_rows()
            self._ask_for_value(editing.index)
            return
        if event.go_on and editing.is_new and not blank:
            await self._edit(editing.index + 1, is_new=True)
            return
        if event.by:
            self._model.rows = self._model.rows.at(editing.index + event.by)
        self._rows.show_rows()
        if not event.left:
            self.late.replay_to(self._rows)

    async def on_row_edit_pasted(self, event: RowEdit.Pasted) -> None:
        """Several lines were pasted into a field: each is a row."""
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
        await self._close()
        self._model.change(rows.inserted(index + 1, pairs), since=editing.before)
        self._say()
        self._rows.show_rows()
        self.late.replay_to(self._rows)

    def _accepts(self, editing: _Editing) -> bool:
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

    def _settle(self, editing: _Editing) -> None:
        rows = self._model.rows
        if rows.pairs[editing.index] == BLANK:
            rows = rows.without(editing.index)
        self._model.change(rows, since=editing.before)

    async def _close(self) -> None:
        """Take the fields away."""
        self._editing = None
        self._rows.edited = None
        if self._fields is not None:
            fields, self._fields = self._fields, None
            fields.closed = True
            self._keep_focus()
            await fields.remove()

    def _keep_focus(self) -> None:
        """Before the focused field goes, or Textual would focus something else."""
        focused = self.screen.focused
        if focused is not None and self in focused.ancestors:
            self.screen.set_focus(self._rows)

    def on_resize(self, event: events.Resize) -> None:
        """Keep the fields over their row."""
        if self._editing is not None and self._fields is not None:
            self._rows.show_rows()
            top = self._editing.index - round(self._rows.scroll_y)
            self._fields.place(top, self._rows.name_width)


def _has_controls(pair: Pair) -> bool:
    return any(ord(c) < 32 or 127 <= ord(c) < 160 for c in (*pair.name, *pair.value))
