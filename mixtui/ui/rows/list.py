"""The list of rows, drawn line by line in one widget, and its commands."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from mixtui.actions import Scope
from mixtui.interchange.sniff import is_importable
from mixtui.model.draft import Pair
from mixtui.request.templates import Values
from mixtui.text import sanitize
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.keys.motions import Motions
from mixtui.ui.rows.model import (
    GeneratedRow,
    GeneratedRows,
    Rows,
    RowsModel,
    from_text,
)
from mixtui.ui.widgets.cells import truncate_end
from mixtui.ui.widgets.code_colours import (
    TEMPLATE_CLASSES,
    template_class,
    template_css,
)

HINT_MARK = "!"


def with_hint_mark(
    parts: list[tuple[str, str]], index: int, hinted: Collection[int]
) -> list[tuple[str, str]]:
    """Return the parts of a row, with a mark in its first cell if it has a hint.

    Args:
        parts: Texts and the names of their styles; the first begins with a blank.
        index: The row.
        hinted: The rows that have a hint.
    """
    if index not in hinted or not parts:
        return parts
    (first, style), *rest = parts
    return [(HINT_MARK, "rows--hinted"), (first[1:], style), *rest]


GAP = 2
"""Cells between name and value."""
_MIN_REASON_WIDTH = 6


def row_parts(pair: Pair, name_width: int) -> list[tuple[str, str]]:
    """Return the texts of a row, each with its component class."""
    name = truncate_end(pair.name, name_width)
    value = sanitize(pair.value)
    gap = " " * GAP
    if pair.enabled:
        return [
            (" [x] ", "rows--mark"),
            (name + gap, "rows--name"),
            (value, "rows--value"),
        ]
    blank = name[len(name.rstrip()) :] + gap
    return [
        (" [ ] ", "rows--off-mark"),
        (name.rstrip(), "rows--off"),
        (blank, "rows--hint"),
        (value, "rows--off"),
    ]


def generated_row_parts(
    row: GeneratedRow, name_width: int, width: int
) -> list[tuple[str, str]]:
    """Return the texts of a generated row, each with its component class.

    Args:
        row: The row.
        name_width: Cells of the column of names.
        width: Cells of the row.
    """
    gap, value = " " * GAP, sanitize(row.value)
    name = truncate_end(row.name, name_width)
    head = [("  +  ", "rows--generated"), (name + gap + value, "rows--generated")]
    if row.omitted:
        head = [
            (" [ ] ", "rows--off-mark"),
            (name.rstrip(), "rows--off"),
            (name[len(name.rstrip()) :] + gap, "rows--hint"),
            (value, "rows--off"),
        ]
    room = width - sum(cell_len(text) for text, _ in head) - GAP - 1
    if not row.reason or room < _MIN_REASON_WIDTH:
        return head
    reason = truncate_end(row.reason, min(room, cell_len(row.reason)))
    pad = " " * (room - cell_len(reason) + GAP)
    return [*head, (pad + reason, "rows--generated")]


MARK_WIDTH = 5
_MIN_NAME_WIDTH = 8


class EditableRows(Motions, ScrollView, inherit_bindings=False):
    """Draws rows, and runs the commands that need no typing."""

    DEFAULT_CSS = """
    EditableRows {
        background: transparent; height: 1fr; scrollbar-size: 1 1;
        overflow-x: hidden;
    }
    EditableRows > .rows--mark { color: $text-success; }
    EditableRows > .rows--name { color: $text-primary; }
    EditableRows > .rows--value { color: $foreground; }
    EditableRows > .rows--off { color: $text-muted; text-style: strike; }
    EditableRows > .rows--off-mark { color: $text-warning; }
    EditableRows > .rows--generated { color: $text-muted; text-style: italic; }
    EditableRows > .rows--hinted { color: $text-warning; text-style: bold; }
    EditableRows > .rows--hint { color: $text-muted; }
    EditableRows > .rows--cursor { background: $primary-muted; }
    EditableRows:ansi > .rows--cursor { background: transparent; text-style: reverse; }
    """ + template_css("EditableRows")
    COMPONENT_CLASSES = {
        "rows--mark",
        "rows--name",
        "rows--value",
        "rows--off",
        "rows--off-mark",
        "rows--generated",
        "rows--hint",
        "rows--hinted",
        "rows--cursor",
        *TEMPLATE_CLASSES,
    }
    BINDINGS = bindings(Scope.ROWS)

    @dataclass
    class EditRequested(Message):
        """Posted to edit a row in place."""

        index: int
        is_new: bool

    @dataclass
    class ValueRequested(Message):
        """Posted to edit the value of a row in a dialog."""

        index: int

    class Moved(Message):
        """Posted when the cursor is on another line."""

    class BulkRequested(Message):
        """Posted to edit all rows as text."""

    class Changed(Message):
        """Posted when a command changed the rows."""

    @dataclass
    class GeneratedToggled(Message):
        """Posted to leave a generated row out, or to add it again."""

        row: GeneratedRow

    @dataclass
    class GeneratedTyped(Message):
        """Posted to make a generated row one of the user, and edit it."""

        row: GeneratedRow

    class Shown(Message):
        """Posted when the rows were drawn again: the cursor may be on another."""

    class CorrectRequested(Message):
        """Posted to apply the hint of the row under the cursor."""

    def __init__(self, model: RowsModel, separator: str, hint: str) -> None:
        super().__init__()
        self._model = model
        self._separator = separator
        self._hint = hint
        self._generated = GeneratedRows()
        self._last_line = 0
        self.edited: int | None = None
        """The row under the fields."""
        self.hinted: frozenset[int] = frozenset()
        """The rows that have a hint."""
        self.values: Values | None = None
        """Where templates get their values; None = each of them has one."""

    @property
    def generated(self) -> tuple[GeneratedRow, ...]:
        """Generated rows, below the others."""
        return self._generated.rows

    @generated.setter
    def generated(self, rows: Sequence[GeneratedRow]) -> None:
        self._generated.replace(rows)
        self.show_rows()

    @property
    def current(self) -> Pair | None:
        """The row under the cursor; None = it is on a generated row."""
        return None if self._generated.cursor is not None else self._model.rows.current

    def go_to(self, row: int) -> None:
        """Put the cursor on a row, not counting generated ones."""
        self._change(self._model.rows.with_cursor(row))

    @property
    def generated_name(self) -> str:
        """The name of the generated row under the cursor; empty = it is on none."""
        generated_row = self._generated.current
        return generated_row.name if generated_row is not None else ""

    def show_rows(self) -> None:
        """Draw the model again and bring the cursor into view."""
        height = self._line_count
        if height != self.virtual_size.height:
            self.virtual_size = Size(1, height)
        region = Region(0, self._line, 1, 1)
        self.scroll_to_region(region, animate=False, force=True, x_axis=False)
        if self._line != self._last_line:
            self._last_line = self._line
            self.post_message(self.Moved())
        self.refresh()
        self.post_message(self.Shown())

    @property
    def _line_count(self) -> int:
        return max(len(self._model.rows.pairs), 1) + len(self._generated.rows)

    @property
    def _line(self) -> int:
        """The line of the cursor."""
        rows, generated = self._model.rows, self._generated.cursor
        return rows.cursor if generated is None else max(len(rows.pairs), 1) + generated

    @property
    def name_width(self) -> int:
        """Cells of the column of names."""
        names = [pair.name for pair in self._model.rows.pairs]
        names += [generated_row.name for generated_row in self._generated.rows]
        widest = max((cell_len(sanitize(name)) for name in names), default=0)
        return max(
            _MIN_NAME_WIDTH, min(widest, (self.size.width - MARK_WIDTH) * 2 // 5)
        )

    # Commands

    def _change(self, rows: Rows) -> None:
        self._generated.cursor = None
        if self._model.change(rows):
            self.post_message(self.Changed())
        self.show_rows()

    def action_add(self) -> None:
        """Add a row under the cursor and edit it."""
        rows = self._model.rows
        index = rows.cursor + 1 if rows.pairs else 0
        self.post_message(self.EditRequested(index, is_new=True))

    def action_edit(self) -> None:
        """Edit the row under the cursor, or the first one."""
        if (generated_row := self._generated.current) is not None:
            self._generated.cursor = None
            self.post_message(self.GeneratedTyped(generated_row))
        elif self._model.rows.pairs:
            index = self._model.rows.cursor
            self.post_message(self.EditRequested(index, is_new=False))
        else:
            self.action_add()

    def action_edit_value(self) -> None:
        """Edit the value of the row in the editor that suits it."""
        if self._generated.cursor is None and self._model.rows.pairs:
            self.post_message(self.ValueRequested(self._model.rows.cursor))

    def action_switch(self) -> None:
        """Disable or enable the row."""
        if (generated_row := self._generated.current) is not None:
            self.post_message(self.GeneratedToggled(generated_row))
            return
        self._change(self._model.rows.with_current_toggled())

    def action_delete(self) -> None:
        """Delete the row; a generated one can only be disabled."""
        if (generated_row := self._generated.current) is not None:
            if not generated_row.omitted:
                self.post_message(self.GeneratedToggled(generated_row))
        elif self._model.rows.pairs:
            self._change(self._model.rows.without(self._model.rows.cursor))

    def action_undo(self) -> None:
        """Undo the last change."""
        if self._model.undo():
            self.post_message(self.Changed())
            self.show_rows()

    def action_correct(self) -> None:
        """Apply the hint of the row."""
        self.post_message(self.CorrectRequested())

    def action_move_up(self) -> None:
        """Move the row up."""
        if self._generated.cursor is None:
            self._change(self._model.rows.moved(-1))

    def action_move_down(self) -> None:
        """Move the row down."""
        if self._generated.cursor is None:
            self._change(self._model.rows.moved(1))

    def action_bulk(self) -> None:
        """Edit all rows as text."""
        self.post_message(self.BulkRequested())

    def move_by(self, rows: int) -> None:
        """Move the cursor by some rows; generated rows come last."""
        self.move_to(max(0, self._line + rows))

    def move_to(self, row: int) -> None:
        """Move the cursor to a row, or to the last; generated rows come last."""
        pairs = max(len(self._model.rows.pairs), 1)
        if row < pairs or not self._generated.rows:
            self._change(self._model.rows.with_cursor(row))
        else:
            self._generated.cursor = min(row - pairs, len(self._generated.rows) - 1)
            self.show_rows()

    def move_to_end(self) -> None:
        self.move_to(self._line_count - 1)

    action_first, action_last = Motions.action_top, Motions.action_bottom

    def on_paste(self, event: events.Paste) -> None:
        """Insert pasted lines as rows."""
        if not is_importable(event.text):
            event.stop()
            self.insert(event.text)

    def insert(self, text: str) -> None:
        """Insert the lines of a text as rows behind the cursor."""
        if pairs := from_text(text, self._separator):
            rows = self._model.rows
            index = rows.cursor + 1 if rows.pairs else 0
            self._change(rows.inserted(index, pairs))

    def on_click(self, event: events.Click) -> None:
        """Go to a row; a click on its mark toggles it, a double click edits it."""
        index = event.y + round(self.scroll_y)
        generated = index - max(len(self._model.rows.pairs), 1)
        if 0 <= generated < len(self._generated.rows):
            self._generated.cursor = generated
            self.show_rows()
        elif not 0 <= index < len(self._model.rows.pairs):
            if event.chain == 2:
                self.action_add()
            return
        else:
            self._change(self._model.rows.with_cursor(index))
        if event.x < MARK_WIDTH:
            self.action_switch()
        elif event.chain == 2:
            self.action_edit()

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Draw a row, a generated row, the hint of an empty list, or a blank line."""
        width = self.scrollable_content_region.width
        ground = self.rich_style
        index = y + round(self.scroll_y)
        pairs = self._model.rows.pairs
        generated = index - max(len(pairs), 1)
        if index == self.edited:
            return Strip.blank(width, ground)
        if index < len(pairs):
            parts = row_parts(pairs[index], self.name_width)
        elif index == 0:
            parts = [(f" {self._hint}", "rows--hint")]
        elif generated < len(self._generated.rows):
            row = self._generated.rows[generated]
            parts = generated_row_parts(row, self.name_width, width)
        else:
            return Strip.blank(width, ground)
        parts = with_hint_mark(self._with_templates(parts), index, self.hinted)
        style = self.get_component_rich_style
        strip = Strip([Segment(text, style(name)) for text, name in parts if text])
        if cell_len("".join(text for text, _ in parts)) > width:
            strip = Strip([*strip.crop(0, width - 1), Segment("…", ground)])
        at_cursor = self.has_focus and index == self._line and (pairs or index > 0)
        strip = strip.adjust_cell_length(width, ground)
        return self._highlight(strip) if at_cursor else strip

    def _with_templates(self, parts: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Cut the value of an enabled row at its templates."""
        *head, (value, style) = parts
        if style != "rows--value" or "{{" not in value:
            return parts
        from mixtui.editing.highlight import reference_tokens  # Not needed to start.

        tokens = reference_tokens(value, self.values)
        return [
            *head,
            *((text, template_class(kind) or style) for kind, text in tokens),
        ]

    def _highlight(self, strip: Strip) -> Strip:
        cursor = self.get_component_rich_style("rows--cursor")
        if cursor.reverse:  # One colour for all: the terminal has few.
            plain = Strip([Segment(s.text, self.rich_style + cursor) for s in strip])
            return plain.simplify()
        light = Style(bgcolor=cursor.bgcolor)
        return Strip([Segment(s.text, (s.style or Style()) + light) for s in strip])
