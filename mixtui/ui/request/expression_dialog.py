"""The editor of a segmentation expression: checked, names completed."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import OptionList, Static, TextArea
from textual.widgets.option_list import Option

from mixtui.editing.names import NameChoice, NameIndex, choices
from mixtui.key_names import key_of
from mixtui.mixpanel.expression_check import Problem, check
from mixtui.request.templates import REFERENCE
from mixtui.text import pluralise, sanitize
from mixtui.ui.keys.paste import plain_text
from mixtui.ui.request.value_dialogs import ValueDialog
from mixtui.ui.widgets.code_colours import text_area_css
from mixtui.ui.widgets.field import one_line
from mixtui.ui.widgets.option_list import ColoredList


class ExpressionArea(TextArea):
    """A text without line breaks; some keys belong to what is around it.

    Args:
        text: What stands in it at first.
        takes: Whether a key is not the field's; acts on it if so.
    """

    DEFAULT_CSS = """
    ExpressionArea { border: none; padding: 0 1; height: 5; background: $panel; }
    ExpressionArea:focus { border: none; }
    """ + text_area_css("ExpressionArea")
    cursor_blink = reactive(False, init=False)

    def __init__(self, text: str, handle_key: Callable[[str], bool]) -> None:
        super().__init__(
            one_line(text), soft_wrap=True, tab_behavior="focus", compact=True
        )
        self._handle_key = handle_key
        self.move_cursor(self.document.end)

    async def _on_key(self, event: events.Key) -> None:
        if self._handle_key(event.key):
            event.stop()
            event.prevent_default()

    async def _on_paste(self, event: events.Paste) -> None:
        # Textual calls the handler of the base class next.
        event.text = one_line(event.text)
        event.stop()

    def action_paste(self) -> None:
        """Paste what was copied in the app."""
        text = one_line(plain_text(self.app.clipboard))
        self.replace(text, *self.selection, maintain_selection_offset=False)

    @property
    def position(self) -> int:
        """The column of the cursor, in characters."""
        return self.cursor_location[1]

    def replace_text(self, text: str, position: int) -> None:
        """Replace the text and move the cursor, as one edit that ctrl+z undoes."""
        self.replace(text, (0, 0), self.document.end)
        self.move_cursor((0, position))


Names = Callable[[], NameIndex]
"""Gives the property names that are known by now."""
_HINTS = "enter Apply · ↑ ↓ tab Complete · esc Cancel"
_NO_NAMES = "Suggestions appear here as you type"


class ExpressionDialog(ValueDialog):
    """Edits an expression; problems are shown but never block.

    Args:
        name: The parameter's.
        value: The expression.
        names: Property names, to complete from.
    """

    DEFAULT_CSS = """
    ExpressionDialog OptionList { height: 6; max-height: 6; margin-top: 1; }
    ExpressionDialog.-short ExpressionArea { height: 3; }
    ExpressionDialog.-short > #box { height: 100%; }
    ExpressionDialog.-short OptionList {
        height: 1fr; min-height: 1; max-height: 100%; margin-top: 0;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "accept", "Apply", show=False, id="save"),
        Binding("f3", "fix", "Fix", show=False),
        Binding("f12", "goto_mistake", id="body.goto_error", show=False),
    ]

    name_list = getters.query_one(OptionList)

    def __init__(self, name: str, value: str, names: Names) -> None:
        super().__init__(name, value, "expression")
        self._names = names
        self._choices: tuple[NameChoice, ...] = ()
        """The names in the list."""
        self._area = ExpressionArea(value, self._handle_key)

    def compose_box(self) -> ComposeResult:
        yield self._area
        yield ColoredList()
        yield Static(id="remark")
        yield Static(id="sent")
        yield Static(_HINTS, classes="hints")

    def on_mount(self) -> None:
        """The keys are the text's; names are put in by tab."""
        self.name_list.can_focus = False
        self._area.focus()
        self._show_choices()
        self.check()

    @on(TextArea.Changed)
    @on(TextArea.SelectionChanged)
    def _typed(self, event: TextArea.Changed | TextArea.SelectionChanged) -> None:
        event.stop()
        self.check()

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._complete()

    def _handle_key(self, key: str) -> bool:
        match key:
            case "enter":
                self.action_accept()
            case "tab":
                self._complete()
            case "up" | "down" if self._choices:
                names = self.name_list
                by = 1 if key == "down" else -1
                names.highlighted = ((names.highlighted or 0) + by) % len(self._choices)
            case _:
                return False
        return True

    def action_accept(self) -> None:
        """Take the expression."""
        self.accept(self._area.text)

    def action_fix(self) -> None:
        """Apply the fix of the first problem, if it has one."""
        first = self._first
        if first is not None and first.fix is not None:
            self._area.replace_text(first.fix, len(first.fix))

    def action_goto_mistake(self) -> None:
        """Move the cursor to the first problem."""
        if (first := self._first) is not None:
            self._area.move_cursor((0, first.column - 1))

    def _complete(self) -> None:
        if self._choices:
            chosen = self._choices[self.name_list.highlighted or 0]
            self._area.replace_text(*chosen.put_into(self._area.text))

    @property
    def _remarks(self) -> tuple[Problem, ...]:
        alone = self.parameter == "on"
        return check(self._area.text, property_alone=alone, placeholder=REFERENCE)

    @property
    def _first(self) -> Problem | None:
        return next(iter(self._remarks), None)

    def check(self) -> None:
        """Check, show names that fit, and how the expression is sent."""
        text, remarks = self._area.text, self._remarks
        self.show_sent(text)
        if not remarks:
            self.set_note("No problems found" if text.strip() else "", ok=True)
        else:
            first = remarks[0]
            more = f" (and {pluralise(len(remarks) - 1, 'more', 'more')})"
            jump = f"{key_of('body.goto_error')} jumps to it"
            keys = "f3 fixes it" if first.fix is not None else jump
            rest = more if remarks[1:] else ""
            self.set_note(f"{first}{rest} · {keys}", ok=False)
        name_choices = choices(text, self._area.position, self._names())
        if name_choices != self._choices:
            self._choices = name_choices
            self._show_choices()

    def _show_choices(self) -> None:
        names = self.name_list
        options = [Option(Content(sanitize(c.label))) for c in self._choices]
        nothing = Option(Content.styled(_NO_NAMES, "$text-muted"), disabled=True)
        names.set_options(options or [nothing])
        names.highlighted = 0 if self._choices else None
