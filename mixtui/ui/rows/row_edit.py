"""The two fields over a row being edited, their completion, and the line of help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from mixtui.actions import Scope
from mixtui.model.draft import Pair
from mixtui.request.templates import Values
from mixtui.text import sanitize
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.rows.model import edited, escape_controls, unescape_controls
from mixtui.ui.widgets.completing_field import CompletingField

if TYPE_CHECKING:
    from mixtui.editing.suggestions import Suggestion
    from mixtui.model.known_names import KnownNames, NameQuery


class RowCompleter(Protocol):
    """Completes and explains the rows of an operation."""

    def names(self, typed: str) -> Sequence[Suggestion]:
        """Return names that a row may have."""

    def values(self, name: str, typed: str) -> Sequence[Suggestion]:
        """Return values that the row of a name may have."""

    def help(self, name: str) -> str | None:
        """Explain the row of a name; empty = it is unknown, None = nothing is known."""

    def sources(self, row: Pair) -> str:
        """Return where the values of its templates come from; empty = it has none."""

    def ask(self, lookup: NameQuery) -> None:
        """Look names up in the project; a failure is notified."""


class NameSource(Protocol):
    """The event and property names of the project in use."""

    def known(self, lookup: NameQuery) -> KnownNames | None:
        """Return the names known; None = they were never looked up."""

    def ask(self, lookup: NameQuery) -> None:
        """Look names up; a failure is notified."""


class RowInput(CompletingField):
    """A field of a row; several lines pasted over a name are posted, not inserted."""

    @dataclass
    class LinesPasted(Message):
        """Posted when more than one line is pasted over a name."""

        text: str

    def __init__(self, text: str, placeholder: str, row: RowEdit) -> None:
        super().__init__(
            escape_controls(text),
            placeholder=placeholder,
            compact=True,
            select_on_focus=False,
        )
        self._row = row

    async def _on_key(self, event: events.Key) -> None:
        if self.handle_list_key(event.key) or self._row.take_key(event.key, self):
            event.stop()
            event.prevent_default()

    def suggestions(self, typed: str) -> Sequence[Suggestion]:
        """Return names or values that the operation takes."""
        return self._row.suggestions(self, unescape_controls(typed))

    def take(self, suggestion: Suggestion) -> None:
        """Make a suggestion the text, or look up the names that it stands for."""
        if suggestion.lookup is not None and self._row.completer is not None:
            self._row.completer.ask(suggestion.lookup)
            return
        super().take(replace(suggestion, value=escape_controls(suggestion.value)))
        self._row.mark_chosen()

    def on_focus(self) -> None:
        """Show what there is to choose from, before anything is typed."""
        # It may not be laid out yet, and the list lies under it.
        (self.call_next if self.region else self.call_after_refresh)(self._list_choices)

    def _list_choices(self) -> None:
        suggestions = self.suggestions("") if self.has_focus else ()
        if suggestions and (
            not self.value or all(each.is_choice for each in suggestions)
        ):
            self.open_list(suggestions)

    def paste_text(self, text: str) -> str:
        """Return the text of a paste; several lines over a name are rows instead."""
        text = text.strip("\n")
        if "\n" in text and self._row.is_name(self):
            self.post_message(self.LinesPasted(text))
            return ""
        return escape_controls(text)


class RowEdit(Horizontal):
    """Edits one pair in place."""

    DEFAULT_CSS = """
    RowEdit { height: 1; width: 100%; background: $background; }
    RowEdit > Static { width: 5; height: 1; color: $text-primary; }
    RowEdit > .-value { width: 1fr; margin: 0 0 0 2; }
    """

    # A letter among its keys types.
    BINDINGS = bindings(Scope.ROWS, only=("edit_value",))

    @dataclass
    class Typed(Message):
        """Posted when the name or the value is edited."""

        row: RowEdit
        pair: Pair

    @dataclass
    class Done(Message):
        """Posted when the edit ends."""

        row: RowEdit
        pair: Pair
        restore: bool = False
        """Discard what was typed."""
        add_another: bool = False
        """Another new row may follow."""
        move_cursor: int = 0
        """Rows to move the cursor by."""
        focus_has_left: bool = False
        """The focus is elsewhere already."""
        edit_value: bool = False
        """The value is to be edited in a dialog."""

    @dataclass
    class Pasted(Message):
        """Posted when several lines are pasted over the name."""

        row: RowEdit
        pair: Pair
        text: str

    def __init__(
        self,
        pair: Pair,
        name_width: int,
        *,
        is_new: bool,
        completer: RowCompleter | None = None,
    ) -> None:
        super().__init__()
        self._initial = self._reported = pair
        self._is_chosen = False
        """A suggestion was taken."""
        self._is_new = is_new
        self.completer = completer
        self._name_field = RowInput(pair.name, "name", self)
        self._name_field.styles.width = name_width
        self._value_field = RowInput(pair.value, "value", self)
        self._value_field.add_class("-value")

    def compose(self) -> ComposeResult:
        """Lay the fields out where the texts stood, behind a mark."""
        yield Static("  ▸  ")
        yield self._name_field
        yield self._value_field

    @property
    def values(self) -> Values | None:
        """Where templates get their values; None = the texts have no templates."""
        return self._value_field.values

    @values.setter
    def values(self, values: Values | None) -> None:
        self._name_field.values = self._value_field.values = values

    @property
    def pair(self) -> Pair:
        """The name and value in the fields."""
        name, value = (
            unescape_controls(self._name_field.value),
            unescape_controls(self._value_field.value),
        )
        return edited(self._initial, name, value, is_chosen=self._is_chosen)

    @property
    def first_field(self) -> RowInput:
        """The field to start in: the name of a new row, else the value."""
        return self._name_field if self._is_new else self._value_field

    def is_name(self, field: RowInput) -> bool:
        """Return whether a field is that of the name."""
        return field is self._name_field

    def suggestions(self, field: RowInput, typed: str) -> Sequence[Suggestion]:
        """Return suggestions for the text of one of the fields."""
        if self.completer is None:
            return ()
        if self.is_name(field):
            return self.completer.names(typed)
        return self.completer.values(unescape_controls(self._name_field.value), typed)

    def take_key(self, key: str, field: RowInput) -> bool:
        """Act on a key of a field; return whether it was one of the row."""
        in_name = self.is_name(field)
        match key:
            case "enter" if in_name and self._is_new and field.value:
                self.screen.set_focus(self._value_field)
            case "tab" if in_name:
                self.screen.set_focus(self._value_field)
            case "shift+tab" if not in_name:
                self.screen.set_focus(self._name_field)
            case "enter":
                self.post_message(self.Done(self, self.pair, add_another=True))
            case "escape":
                self.post_message(self.Done(self, self.pair, restore=True))
            case "up" | "down":
                by = -1 if key == "up" else 1
                self.post_message(self.Done(self, self.pair, move_cursor=by))
            case _:
                return False
        return True

    def action_edit_value(self) -> None:
        """End the edit, and edit the value in a dialog."""
        self.post_message(self.Done(self, self.pair, edit_value=True))

    def move_to(self, top: int, name_width: int) -> None:
        """Move over a row of the list."""
        self.styles.offset = (0, top)
        self._name_field.styles.width = name_width

    def mark_chosen(self) -> None:
        """Note that a suggestion was taken, which may be the text that stood there."""
        self._is_chosen = True
        self._report()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._report()

    def _report(self) -> None:
        if self.pair != self._reported:
            self._reported = self.pair
            self.post_message(self.Typed(self, self.pair))

    @on(RowInput.LinesPasted)
    def _lines_pasted(self, event: RowInput.LinesPasted) -> None:
        event.stop()
        self.post_message(self.Pasted(self, self.pair, event.text))

    def on_descendant_blur(self) -> None:
        """End the edit when the focus leaves; what was typed stays."""
        fields = (self._name_field, self._value_field)
        if self.screen.focused not in fields:
            self.post_message(self.Done(self, self.pair, focus_has_left=True))


class RowHelp(Static):
    """A line that explains the row under the cursor; hidden while nothing is known."""

    DEFAULT_CSS = """
    RowHelp {
        dock: bottom; layer: rows; display: none; height: 1; padding: 0 1;
        color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis;
    }
    """
    _text: str | None = None

    def show(self, text: str | None) -> None:
        """Explain a row.

        Args:
            text: One line; empty = this row is unknown; None = so are all rows.
        """
        if text == self._text:
            return
        self._text = text
        self.display = text is not None
        self.update(Content(sanitize(text or "")))
