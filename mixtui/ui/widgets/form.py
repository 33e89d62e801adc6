"""What forms share: ↓ and ↑ lead from field to field, and no field holds them."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Label, Static

from mixtui.text import sanitize
from mixtui.ui.keys.keymap import FORM_BINDINGS
from mixtui.ui.widgets.code_area import CodeArea, LineWindow, StyledSpan


class FieldRow(Vertical):
    """A label beside its field, or above it with a note; below, what is wrong."""

    DEFAULT_CSS = """
    FieldRow, FieldRow > Horizontal { height: auto; }
    FieldRow Label { width: 18; color: $text-muted; }
    FieldRow .problem {
        height: auto; margin-left: 18; color: $text-error; display: none;
    }
    FieldRow .note { height: auto; width: 1fr; color: $text-muted; display: none; }
    FieldRow.-stacked Label { width: auto; margin-right: 2; color: $text-primary; }
    FieldRow.-stacked .problem { margin-left: 0; }
    FieldRow TextInput { background: $panel; width: 1fr; }
    """

    def __init__(self, label: str, field: Widget, note: str | None = None) -> None:
        """Create a row.

        Args:
            label: Beside the field.
            field: What is edited.
            note: What it is for; empty = nothing yet; None = there never is a note.
        """
        super().__init__()
        self.field = field
        self.label = label
        self.note = note or ""
        self._has_note = note is not None

    def compose(self) -> ComposeResult:
        label = Label(Content(sanitize(self.label)))
        with Horizontal():
            yield label
            yield Static(classes="note") if self._has_note else self.field
        if self._has_note:
            # Above the field, where no list that the field opens covers it.
            self.add_class("-stacked")
            yield self.field
        yield Static(classes="problem")

    def on_mount(self) -> None:
        """Show the note."""
        if self.note:
            self.set_note(self.note)

    def set_note(self, sentence: str) -> None:
        """Show what the field is for; empty = nothing."""
        self._show(".note", sentence)

    def set_problem(self, sentence: str) -> None:
        """Show a problem; empty = there is none."""
        self._show(".problem", sentence)

    @property
    def has_problem(self) -> bool:
        """Whether a problem is shown."""
        return self.query_one(".problem", Static).display

    def _show(self, selector: str, sentence: str) -> None:
        line = self.query_one(selector, Static)
        if line.display or sentence:
            line.update(Content(sanitize(sentence)))
            line.display = bool(sentence)


class FormScroll(VerticalScroll, can_focus=False):
    """Fields that may need to be scrolled, which moving between them does."""

    BINDINGS = [*FORM_BINDINGS]


class FormTextArea(CodeArea):
    """Lines of text in a form; an arrow past the first or last line leaves it."""

    def __init__(self, text: str, *, id: str, placeholder: str) -> None:
        super().__init__(text, line_numbers=False, placeholder=placeholder, id=id)

    def _colours(self, line: LineWindow) -> list[StyledSpan]:
        """Return no colours: such texts have no templates."""
        return []

    def action_cursor_down(self, select: bool = False) -> None:
        """Go to the line below, or the next field."""
        if self.cursor_at_last_line and not select:
            self.screen.focus_next()
        else:
            super().action_cursor_down(select)

    def action_cursor_up(self, select: bool = False) -> None:
        """Go to the line above, or the previous field."""
        if self.cursor_at_first_line and not select:
            self.screen.focus_previous()
        else:
            super().action_cursor_up(select)
