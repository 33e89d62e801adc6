"""One-line text fields: Textual's `Input`, repainting little, with undo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from rich.highlighter import Highlighter
from rich.text import Text
from textual import events
from textual.document._document import EditResult
from textual.document._edit import Edit
from textual.document._history import EditHistory
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.validation import ValidationResult
from textual.widget import Widget
from textual.widgets import Input
from textual.widgets.input import Selection

from mixtui.actions import Scope
from mixtui.model.secrets import Secret
from mixtui.request.templates import Values
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.keys.paste import plain_text
from mixtui.ui.widgets.code_colours import (
    TEMPLATE_CLASSES,
    template_css,
    template_styles,
)

_STEP = 512


def one_line(text: str) -> str:
    """Join the lines of a text by blanks."""
    lines = text.splitlines()
    if len(lines) < 2:
        return "".join(lines)
    return " ".join(line.strip() for line in lines if line.strip())


class _FieldEdit(Edit):
    """A replacement in a line, for `EditHistory` to group.

    Args:
        before: The whole text before it.
        selection: The selection before it.
        start: The first character that is replaced.
        end: The one behind the last.
        text: What replaces them.
    """

    def __init__(
        self, before: str, selection: Selection, start: int, end: int, text: str
    ) -> None:
        super().__init__(text, (0, start), (0, end), maintain_selection_offset=False)
        self.start, self.selection = start, selection
        self.replaced = before[start:end]
        self._edit_result = EditResult((0, start + len(text)), self.replaced)

    __repr__ = object.__repr__
    """A field may hold a secret, and tracebacks show values."""

    def undone(self, after: str) -> str:
        """Return the text before the edit, given the one after it."""
        return _spliced(after, self.start, len(self.text), self.replaced)

    def redone(self, before: str) -> str:
        """Return the text after the edit, given the one before it."""
        return _spliced(before, self.start, len(self.replaced), self.text)


def _spliced(text: str, start: int, length: int, replacement: str) -> str:
    return f"{text[:start]}{replacement}{text[start + length :]}"


class _FieldHistory(EditHistory):
    """Groups the edits of a field into steps exactly as `TextArea` does."""

    def __init__(self) -> None:
        super().__init__(
            max_checkpoints=50, checkpoint_timer=2.0, checkpoint_max_characters=100
        )

    def last_step(self) -> list[_FieldEdit]:
        """Take the last step to undo; empty = there is none."""
        return [e for e in self._pop_undo() or () if isinstance(e, _FieldEdit)]

    def next_step(self) -> list[_FieldEdit]:
        """Take the next step to redo; empty = there is none."""
        return [e for e in self._pop_redo() or () if isinstance(e, _FieldEdit)]


class _TemplateHighlighter(Highlighter):
    """Colours the templates of a field."""

    def __init__(self, field: TextInput) -> None:
        self._field = field

    def highlight(self, text: Text) -> None:
        """Colour the templates, if it is known where they get their values."""
        values, plain = self._field.values, text.plain
        if values is None or "{{" not in plain:
            return
        from mixtui.editing.highlight import reference_tokens  # Not needed to start.

        styles, start = template_styles(self._field), 0
        for kind, part in reference_tokens(plain, values):
            if kind in styles:
                text.stylize(styles[kind], start, start + len(part))
            start += len(part)


class TextInput(Input):
    """An `Input` that repaints only what changed, has no blinking cursor, and can undo.

    Every edit passes `replace`, which records it. A text that is set (`value`) ends the
    history: it may be that of another request.
    """

    DEFAULT_CSS = """
    TextInput:focus { background-tint: transparent; }
    TextInput > .input--placeholder, TextInput > .input--suggestion { color: $text-muted; }
    TextInput:ansi > .input--placeholder, TextInput:ansi > .input--suggestion {
        color: $text-muted; text-style: italic;
    }
    TextInput:ansi > .input--cursor {
        color: $input-cursor-foreground; background: $input-cursor-background;
        text-style: reverse;
    }
    TextInput:ansi > .input--selection {
        color: ansi_default; background: ansi_default; text-style: reverse;
    }
    """ + template_css("TextInput")
    COMPONENT_CLASSES = {*TEMPLATE_CLASSES}
    BINDINGS = bindings(Scope.TEXT)
    cursor_blink = reactive(False, init=False)
    values: reactive[Values | None] = reactive(None, init=False)
    """Where templates get their values; None = the text has no templates."""
    _recorded = ("", Selection(0, 0))
    """Text and selection after the last edit that was recorded, undone or redone."""

    def on_mount(self) -> None:
        """Colour templates; have the width ready that the first letter needs."""
        self.highlighter = _TemplateHighlighter(self)
        if not self.value:
            self.set_reactive(Widget.virtual_size, Size(_STEP, 1))

    def validate(self, value: str) -> ValidationResult | None:
        """Validate where there are validators; else the first letter styles nothing anew."""
        return super().validate(value) if self.validators else None

    @cached_property
    def _edits(self) -> _FieldHistory:
        return _FieldHistory()

    def load_text(self, text: str) -> None:
        """Set another text, with the cursor behind it, and forget the edits before."""
        self._edits.clear()
        self.value = text
        self.cursor_position = len(text)

    def edit_text(self, text: str) -> None:
        """Replace the whole text as one step of undo, with the cursor behind it."""
        self._replace_as_step(text, Selection(0, len(self.value)))

    def replace(self, text: str, start: int, end: int) -> None:
        """Replace a part of the text, and record it for undo."""
        before, selection = self.value, self.selection
        start, end = sorted((max(0, start), min(len(before), end)))
        super().replace(text, start, end)
        if self.value == before:
            return  # Nothing changed, or it is not allowed there.
        if before != self._recorded[0]:
            self._edits.clear()
        elif selection != self._recorded[1]:
            self._edits.checkpoint()
        self._edits.record(_FieldEdit(before, selection, start, end, text))
        self._recorded = self.value, self.selection

    def action_undo(self) -> None:
        """Undo the last step."""
        if self.value != self._recorded[0]:
            self._edits.clear()
        text, edits = self.value, self._edits.last_step()
        for edit in reversed(edits):
            text = edit.undone(text)
        if edits:
            self._restore(text, edits[0].selection)

    def action_redo(self) -> None:
        """Redo the step that was undone last."""
        if self.value != self._recorded[0]:
            self._edits.clear()
        text, edits = self.value, self._edits.next_step()
        for edit in edits:
            text = edit.redone(text)
        if edits:
            end = edits[-1].start + len(edits[-1].text)
            self._restore(text, Selection.cursor(end))

    def on_blur(self) -> None:
        """End the step: what is typed after coming back is another one."""
        self._edits.checkpoint()

    def _restore(self, text: str, selection: Selection) -> None:
        self.value, self.selection = text, selection
        self._recorded = text, selection

    def action_cursor_right(self, select: bool = False) -> None:
        """Move the cursor, or complete the text: one step of undo."""
        if self._suggestion and self.cursor_at_end and not select:
            self.edit_text(self._suggestion)
        else:
            super().action_cursor_right(select)

    @property
    def content_width(self) -> int:
        """The width to scroll in, in steps: a new width lays the screen out again."""
        return -(-super().content_width // _STEP) * _STEP

    def on_resize(self) -> None:
        """Scroll back what need not be scrolled: before the first layout no text fits."""
        self._scroll_back()

    def watch_selection(self) -> None:
        """Scroll back when the text got shorter: Textual shows the cursor alone then."""
        self._scroll_back()

    def _scroll_back(self) -> None:
        if not self.scroll_x:
            return
        last = max(0, super().content_width - self.scrollable_content_region.width)
        if self.scroll_x > last:
            self.scroll_to(x=last, animate=False, immediate=True)

    def paste_text(self, text: str) -> str:
        """Return what a paste inserts; by default its lines, joined by blanks.

        Args:
            text: What was pasted; its lines end in a newline.
        """
        return one_line(text)

    def _on_paste(self, event: events.Paste) -> None:
        # Textual's own handler keeps the first line, and silently drops the others.
        event.stop()
        event.prevent_default()
        self._insert(self.paste_text(event.text))

    def action_paste(self) -> None:
        """Paste what was copied in the app."""
        self._insert(self.paste_text(plain_text(self.app.clipboard)))

    def _insert(self, text: str) -> None:
        if text:
            self._replace_as_step(text, self.selection)

    def _replace_as_step(self, text: str, selection: Selection) -> None:
        self._edits.checkpoint()
        self.replace(text, *selection)
        self._edits.checkpoint()


class SecretField(TextInput):
    """A masked field; its text is in no message, clipboard, log or traceback."""

    @dataclass
    class Typed(Message):
        """Posted when the secret is edited; without its text."""

        field: SecretField

    @dataclass
    class Submitted(Message):
        """Posted when enter is pressed; without its text."""

        field: SecretField

    def __init__(self, typed: Secret | None, *, placeholder: str) -> None:
        text = typed.reveal() if typed is not None else ""
        super().__init__(text, placeholder=placeholder, password=True, compact=True)

    def post_message(self, message: Message) -> bool:
        """Input's own messages carry the text, and messages are logged."""
        if isinstance(message, Input.Changed):
            return super().post_message(self.Typed(self))
        if isinstance(message, Input.Blurred):
            return False
        return super().post_message(message)

    async def action_submit(self) -> None:
        """Tell that enter was pressed; Input's own message would carry the text."""
        self.post_message(self.Submitted(self))

    def action_copy(self) -> None:
        """Nothing: a secret goes to no clipboard."""

    def action_cut(self) -> None:
        """Delete what is selected, and keep it out of the clipboard."""
        self.delete_selection()


class CommandInput(TextInput):
    """A field whose owner handles some keys before it.

    Args:
        text: The initial text.
        takes: Acts on a key of the owner; returns whether it was one.
        placeholder: Shown while it is empty.
        id: Of the widget.
    """

    def __init__(
        self, text: str, takes: Callable[[str], bool], *, placeholder: str, id: str
    ) -> None:
        super().__init__(
            text, placeholder=placeholder, compact=True, select_on_focus=False, id=id
        )
        self._takes = takes

    async def _on_key(self, event: events.Key) -> None:
        if self._takes(event.key):
            event.stop()
            event.prevent_default()
        else:
            await super()._on_key(event)
