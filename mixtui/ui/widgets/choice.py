"""A one-line select with its menu, and a checkbox drawn as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Offset, Size
from textual.message import Message
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Checkbox, OptionList

from mixtui.ui.widgets.screen import StyledOnce


class CompactSelect(Widget, can_focus=True):
    """A select of one line: lighter to mount than `Select`, and a letter picks a value."""

    DEFAULT_CSS = """
    CompactSelect { width: auto; height: 1; color: $text-primary; text-style: bold; }
    CompactSelect:focus { background: $block-cursor-background; color: $block-cursor-foreground; }
    """
    BINDINGS = [
        Binding("enter,space,down", "open", "Choose", show=False),
    ]

    value: reactive[str] = reactive("", init=False, layout=True)

    @dataclass
    class Changed(Message):
        """The user chose another value."""

        choice: CompactSelect
        value: str

        @property
        def control(self) -> CompactSelect:
            """The select."""
            return self.choice

    def __init__(
        self,
        options: Sequence[tuple[str, str]],
        value: str,
        *,
        id: str | None = None,
        title: str = "",
    ) -> None:
        super().__init__(id=id)
        self._options = tuple(options)
        self._title = title
        self.set_reactive(CompactSelect.value, value)

    def render(self) -> Text:
        label = next((la for la, v in self._options if v == self.value), "")
        return Text(f" {label} ▾ ", no_wrap=True)

    def choose(self, value: str) -> None:
        """Set the value as the user does: with a message."""
        if value != self.value:
            self.value = value
            self.post_message(self.Changed(self, value))

    def on_key(self, event: events.Key) -> None:
        """Go to the next value that starts with a letter."""
        letter = (event.character or "").lower()
        if not letter.isalpha():
            return
        results = starting_with(letter, [label for label, _ in self._options])
        values = [self._options[index][1] for index in results]
        if values:
            event.stop()
            index = values.index(self.value) + 1 if self.value in values else 0
            self.choose(values[index % len(values)])

    def on_click(self) -> None:
        self.action_open()

    def action_open(self) -> None:
        """Open the menu below the field."""

        def chosen(index: int | None) -> None:
            if index is not None:
                self.choose(self._options[index][1])

        labels = [label for label, _ in self._options]
        current = next(
            (i for i, o in enumerate(self._options) if o[1] == self.value), 0
        )
        offset = self.region.offset + Offset(0, 1)
        self.app.push_screen(
            CompactSelectMenu(labels, current, offset, self._title), chosen
        )


def starting_with(letter: str, labels: Sequence[str]) -> list[int]:
    """Return the indexes of labels that start with a letter, or else have such a word."""
    label_words = [label.lower().split() for label in labels]
    first = [i for i, each in enumerate(label_words) if each[0].startswith(letter)]
    return first or [
        i
        for i, each in enumerate(label_words)
        if any(w.startswith(letter) for w in each)
    ]


class CompactSelectMenu(StyledOnce, ModalScreen[int | None]):
    """The menu of a `CompactSelect`, below it; returns the index chosen."""

    DEFAULT_CSS = """
    CompactSelectMenu { background: transparent; }
    CompactSelectMenu OptionList {
        width: auto; height: auto; max-height: 12; padding: 0 1;
        border: round $primary; background: $surface;
    }
    """
    BINDINGS = [Binding("escape", "dismiss", "Close", show=False)]

    def __init__(
        self, labels: Sequence[str], current: int, offset: Offset, title: str
    ) -> None:
        super().__init__()
        self._labels = tuple(labels)
        self._current = current
        self._offset_below = offset
        self._title = title

    def compose(self) -> ComposeResult:
        options = OptionList(*(Text(label) for label in self._labels))
        options.border_title = self._title
        options.styles.offset = self._position()
        yield options

    def on_mount(self) -> None:
        self.query_one(OptionList).highlighted = self._current

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_index)

    def on_key(self, event: events.Key) -> None:
        """Go to the next value that starts with a letter."""
        letter = (event.character or "").lower()
        if not letter.isalpha():
            return
        event.stop()
        options = self.query_one(OptionList)
        index = options.highlighted or 0
        results = starting_with(letter, self._labels)
        if results:
            options.highlighted = next((i for i in results if i > index), results[0])

    def on_click(self, event: events.Click) -> None:
        """Close when the click is beside the list."""
        if event.widget is self:
            self.dismiss(None)

    def _position(self) -> tuple[int, int]:
        """Return the offset below the field, moved so that the menu stays on the screen."""
        size = self.app.size
        height = min(len(self._labels), 12) + 2
        width = max(len(label) for label in self._labels) + 6
        x = max(0, min(self._offset_below.x, size.width - width))
        y = max(0, min(self._offset_below.y, size.height - height))
        return x, y


class TextCheckbox(Checkbox):
    """Shows ``[x]`` or ``[ ]`` before its label; Textual's shows an X in two colours."""

    DEFAULT_CSS = """
    TextCheckbox { border: none; padding: 0; }
    TextCheckbox:focus { border: none; }
    """

    def render(self) -> Content:
        mark = Content.styled("x" if self.value else " ", "bold $text-success")
        label = self._label.stylize_before(self.get_visual_style("toggle--label"))
        return Content("[") + mark + Content("] ") + label

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return 4 + self._label.cell_length
