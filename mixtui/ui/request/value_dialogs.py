"""Dialogs that edit a value: their common frame, and the one for JSON and text."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static, TextArea

from mixtui.document.document import Language
from mixtui.editing import json_value as json_param
from mixtui.editing.json_value import ValueKind
from mixtui.jsontext import first_character, records
from mixtui.key_names import key_of
from mixtui.request.urls import encode_pair_for_display
from mixtui.text import pluralise, sanitize
from mixtui.ui.dialogs.dialogs import Dialog
from mixtui.ui.widgets.code_area import CodeArea

_MAX_SHOWN = 600
"""Characters of the encoded form; a longer one is cut, with its length."""


class ValueDialog(Dialog[str | None]):
    """Edit the value of a parameter; None = cancelled or unchanged.

    Args:
        name: The parameter's.
        value: Its value in the row.
        what: What is edited, for the title.
    """

    DEFAULT_CSS = """
    ValueDialog > #box { width: 90; }
    ValueDialog #sent {
        height: auto; max-height: 5; margin-top: 1; color: $text-muted;
    }
    ValueDialog #remark { height: auto; max-height: 4; }
    ValueDialog.-short #sent { max-height: 3; margin-top: 0; }
    """

    def __init__(self, name: str, value: str, what: str) -> None:
        super().__init__(f"{name} · {what}", None)
        self.parameter = name
        self._old_value = value

    def accept(self, value: str) -> None:
        """Leave with a value; with None if it is unchanged."""
        self.finish(None if value == self._old_value else value)

    def show_sent(self, value: str) -> None:
        """Show how a value is sent."""
        text = encode_pair_for_display(self.parameter, value)
        if len(text) > _MAX_SHOWN:
            text = f"{text[:_MAX_SHOWN]}… ({len(text):,} characters)"
        content = Content.assemble(("Sent as ", "italic"), sanitize(text))
        self.query_one("#sent", Static).update(content)

    def set_note(self, text: str, *, ok: bool) -> None:
        """Show what is wrong, or that nothing is."""
        mark = ("✓ ", "$text-success") if ok else ("! ", "$text-warning")
        content = Content.assemble(mark, sanitize(text)) if text else Content("")
        self.query_one("#remark", Static).update(content)


_MAX_CHECKED = 1_000_000
"""Characters; a longer value is not checked while it is typed."""


class JsonValueDialog(ValueDialog):
    """Edit JSON indented and return it compact; a list also one item a line."""

    DEFAULT_CSS = """
    JsonValueDialog > #box { height: 80%; }
    JsonValueDialog CodeArea { height: 1fr; min-height: 3; }
    JsonValueDialog.-short > #box { height: 100%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "accept", "Apply", show=False, id="save"),
        Binding("f2", "toggle_lines", "One item per line", show=False),
        Binding("f3", "decode", "Decode", show=False),
        Binding("f12", "goto_mistake", id="body.goto_error", show=False),
    ]

    def __init__(self, name: str, value: str, kind: ValueKind) -> None:
        super().__init__(name, value, kind.value)
        self._kind = kind
        self._shows_lines = False
        """Whether each line is an item."""
        self._unconfirmed = ""
        """An invalid value that was rejected once; a second “Apply” accepts it."""
        text = json_param.format_json(value) if kind.is_json else value
        code = Language.JSON if kind.is_json else Language.TEXT
        self._area = CodeArea(text, code=code)

    def compose_box(self) -> ComposeResult:
        yield self._area
        yield Static(id="remark")
        yield Static(id="sent")
        yield Static(self._hints(), classes="hints")

    def on_mount(self) -> None:
        """Put the cursor at the end of the text, as in a row."""
        self._area.focus()
        self._area.move_cursor(self._area.document.end)
        self._check()

    @property
    def value(self) -> str:
        """The value to apply."""
        text = self._area.text
        if not self._kind.is_json:
            return text
        if self._shows_lines:
            return json_param.from_lines(text)
        return text.strip() if json_param.check(text) else json_param.compact(text)

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._check()

    def action_accept(self) -> None:
        """Apply the value; invalid JSON only when asked twice."""
        value = self.value
        problem = self._kind.is_json and value and json_param.check(value)
        if problem and self._unconfirmed != value:
            self._unconfirmed = value
            self.set_note(
                f"Invalid JSON: {problem}. Press {key_of('save')} again to apply it "
                "anyway.",
                ok=False,
            )
            return
        self.accept(value)

    def action_toggle_lines(self) -> None:
        """Switch between one item a line without quotes, and JSON."""
        if not self._kind.is_json or self._kind is ValueKind.OBJECT:
            return
        text = self._area.text
        if self._shows_lines:
            text = json_param.format_json(json_param.from_lines(text))
        elif json_param.is_list(text):
            text = json_param.as_lines(text)
        elif first_character(text) in ("[", "{"):
            self.set_note(
                "Not a valid list yet: fix it first "
                f"({key_of('body.goto_error')} jumps to the error)",
                ok=False,
            )
            return
        self._shows_lines = not self._shows_lines
        self._area.code = Language.TEXT if self._shows_lines else Language.JSON
        self._replace_text(text)
        self.query_one(".hints", Static).update(self._hints())

    def action_decode(self) -> None:
        """Decode a value that is encoded already."""
        decoded = None if self._shows_lines else json_param.decode(self._area.text)
        if self._kind.is_json and decoded is not None:
            self._replace_text(json_param.format_json(decoded.text))

    def action_goto_mistake(self) -> None:
        """Move the cursor to the mistake."""
        if self._area.mistake is not None:
            line, column = self._area.mistake
            self._area.move_cursor((line - 1, column - 1))

    def _replace_text(self, text: str) -> None:
        """Replace the text, as one edit that ctrl+z undoes."""
        self._area.replace(text, (0, 0), self._area.document.end)
        self._check()

    def _hints(self) -> str:
        lines = ""
        if self._kind.is_json and self._kind is not ValueKind.OBJECT:
            lines = " · f2 JSON" if self._shows_lines else " · f2 One item per line"
        return f"{key_of('save')} Apply · esc Cancel{lines}"

    def _check(self) -> None:
        """Check the value, and show how it is sent."""
        text = self._area.text
        self._area.mistake = None
        if len(text) > _MAX_CHECKED:
            self.set_note("Too long to check while typing", ok=True)
            return
        self.show_sent(self.value)
        if not self._kind.is_json or not text.strip():
            self.set_note("", ok=True)
        elif self._shows_lines:
            self.set_note(_item_count(self.value), ok=True)
        elif (decoded := json_param.decode(text)) is not None:
            self.set_note(
                f"The value is already {decoded.description} and would be encoded twice: "
                "f3 decodes it",
                ok=False,
            )
        elif (mistake := json_param.check(text)) is not None:
            self._area.mistake = (mistake.line, mistake.column)
            self.set_note(
                f"{mistake} · {key_of('body.goto_error')} jumps to it", ok=False
            )
        else:
            self.set_note(self._valid_note(text), ok=True)

    def _valid_note(self, text: str) -> str:
        first = first_character(text)
        if first == "[":
            return f"Valid JSON, {_item_count(self.value)}"
        if self._kind is ValueKind.LIST:
            return "Valid JSON, but not a list"
        if self._kind is ValueKind.OBJECT and first != "{":
            return "Valid JSON, but not an object"
        return "Valid JSON"


def _item_count(value: str) -> str:
    """Return the number of items of a compact list, for a sentence."""
    if json_param.check(value) or "{{" in value:
        return "items"
    return pluralise(sum(1 for _ in records(value)), "item")
