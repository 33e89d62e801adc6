"""The two fields over a row that is being edited."""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from mixtui.core.requests import Pair
from mixtui.ui.widgets.field import Field
from mixtui.ui.widgets.pairs_text import hidden, shown


class RowField(Field):
    """A field of a row; several pasted lines are handed on."""

    @dataclass
    class LinesPasted(Message):
        """More than one line was pasted."""

        text: str

    def _on_paste(self, event: events.Paste) -> None:
        text = event.text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
        if "\n" in text:
            event.stop()
            event.prevent_default()
            self.post_message(self.LinesPasted(text))
        else:
            # Textual calls the handler of the base class next.
            event.text = shown(text)


class RowEdit(Horizontal):
    """Edits one pair in place."""

    DEFAULT_CSS = """
    RowEdit { height: 1; width: 100%; background: $surface; }
    RowEdit > Static { width: 5; height: 1; color: $text-primary; }
    RowEdit > .-value { width: 1fr; margin: 0 0 0 2; }
    """
    BINDINGS = [
        Binding("escape", "restore", "Undo", show=False),
        Binding("up", "leave(-1)", "Above", show=False),
        Binding("down", "leave(1)", "Below", show=False),
    ]

    @dataclass
    class Typed(Message):
        """The pair is another one now."""

        pair: Pair

    @dataclass
    class Done(Message):
        """The editing is over."""

        restore: bool = False
        """Forget what was typed."""
        go_on: bool = False
        """Another new row may follow."""
        by: int = 0
        """Rows to move on by."""
        left: bool = False
        """The focus is elsewhere already."""

    @dataclass
    class Pasted(Message):
        """Several lines were pasted into a field."""

        text: str

    def __init__(self, pair: Pair, name_width: int, *, is_new: bool) -> None:
        super().__init__()
        self._pair = pair
        self._is_new = is_new
        self._name_field = RowField(
            shown(pair.name), placeholder="name", compact=True, select_on_focus=False
        )
        self._value_field = RowField(
            shown(pair.value), placeholder="value", compact=True, select_on_focus=False
        )
        self._value_field.add_class("-value")

    def compose(self) -> ComposeResult:
        """A mark, and the fields where the texts stood."""
        yield Static("  ▸  ")
        yield self._name_field
        yield self._value_field

    def focus_first(self) -> None:
        """The value is what changes most; a new row starts with its name."""
        (self._name_field if self._is_new else self._value_field).focus()

    def place(self, top: int, name_width: int) -> None:
        """Stand over a row of the list."""
        self.styles.offset = (0, top)
        self._name_field.styles.width = name_width

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        name, value = hidden(self._name_field.value), hidden(self._value_field.value)
        pair = replace(self._pair, name=name, value=value)
        if pair != self._pair:
            self._pair = pair
            self.post_message(self.Typed(pair))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input is self._name_field and self._is_new and event.value:
            self._value_field.focus()
        else:
            self.post_message(self.Done(go_on=True))

    @on(RowField.LinesPasted)
    def _lines_pasted(self, event: RowField.LinesPasted) -> None:
        event.stop()
        self.post_message(self.Pasted(event.text))

    def on_descendant_blur(self) -> None:
        """The focus went on: what was typed stays."""
        if self.screen.focused not in (self._name_field, self._value_field):
            self.post_message(self.Done(left=True))

    def action_restore(self) -> None:
        """Forget what was typed."""
        self.post_message(self.Done(restore=True))

    def action_leave(self, by: int) -> None:
        """Keep what was typed and go to another row."""
        self.post_message(self.Done(by=by))
