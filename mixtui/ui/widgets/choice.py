"""A one-line select with its list, and a checkbox drawn as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Checkbox

from mixtui.ui.widgets.cells import truncate_end
from mixtui.ui.widgets.popup_list import BORDER, CURSOR, PopupList
from mixtui.ui.widgets.reversing import KeepsReverse


class TypeAhead:
    """Finds labels by the letters typed so far, as lists everywhere do."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._labels = tuple(labels)
        self.typed = ""
        """The letters that led to the label that was found last."""

    def find(self, character: str, current: int) -> int | None:
        """Return the index of the label that one more letter leads to.

        The letters so far begin it, or else a word in it. Where no label goes on with
        them, the letter begins anew, and leads from one label to the next.

        Args:
            character: What was typed.
            current: The index of the label that is selected.
        """
        for text in (self.typed + character, character):
            if matches := starting_with(text, self._labels):
                self.typed = text
                start = current if len(text) > 1 else current + 1
                return next((i for i in matches if i >= start), matches[0])
        return None

    def forget(self) -> None:
        """Begin anew with the next letter."""
        self.typed = ""


def starting_with(text: str, labels: Sequence[str]) -> list[int]:
    """Return the indexes of labels that start with a text, or else have such a word."""
    folded = text.casefold()
    starts = [_word_starts(label.casefold()) for label in labels]
    for count in (1, None):
        indexes = [
            index
            for index, words in enumerate(starts)
            if any(word.startswith(folded) for word in words[:count])
        ]
        if indexes:
            return indexes
    return []


def _word_starts(label: str) -> list[str]:
    """Return a label from each of its words on."""
    words = label.split()
    return [" ".join(words[index:]) for index in range(len(words))]


class ChoiceList(PopupList):
    """The labels of a `CompactSelect`, below it."""

    def __init__(self) -> None:
        super().__init__()
        self._labels: tuple[str, ...] = ()

    @property
    def row_count(self) -> int:
        return len(self._labels)

    @property
    def labels(self) -> tuple[str, ...]:
        """What is listed."""
        return self._labels

    def show(
        self, labels: tuple[str, ...], current: int, title: str, field: Region
    ) -> None:
        """List labels under a field, with the cursor on one of them."""
        self._labels = labels
        width = max(cell_len(label) for label in labels) + CURSOR
        self.place(field, max(width, cell_len(title) + BORDER, _MIN_LIST_WIDTH))
        self.border_title = Content(title).markup
        self.note("")
        self.show_rows(current)

    def note(self, text: str) -> None:
        """Show a few words in the border."""
        self.border_subtitle = Content(text).markup

    def row_segments(
        self, index: int, width: int, *, selected: bool
    ) -> Iterable[Segment]:
        plain = self.rich_style
        yield Segment("› " if selected else "  ", plain + Style(bold=True))
        label = truncate_end(self._labels[index], width - CURSOR)
        yield Segment(label, plain + Style(bold=selected))


_MIN_LIST_WIDTH = 18
"""Cells for what the border says of letters that lead nowhere."""


class CompactSelect(Widget, can_focus=True):
    """A select of one line, whose list opens by enter or space, and not by an arrow.

    The field keeps the focus while its list is open, so that a key that the list has no
    use for, such as that for saving, takes the label under the cursor and then acts.
    Letters select the label that begins with them, with the list open or not.
    """

    DEFAULT_CSS = """
    CompactSelect { width: auto; height: 1; color: $text-primary; text-style: bold; }
    CompactSelect:focus {
        background: $block-cursor-background; color: $block-cursor-foreground;
        text-style: $block-cursor-text-style;
    }
    """
    BINDINGS = [Binding("enter,space", "open", "Choose", show=False)]

    value: reactive[str] = reactive("", init=False, layout=True)
    _list: ChoiceList | None = None
    """The list, open under this field."""

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
        self._labels = tuple(label for label, _ in options)
        self._values = tuple(option for _, option in options)
        self._title = title
        self._type_ahead = TypeAhead(self._labels)
        self.set_reactive(CompactSelect.value, value)

    def render(self) -> Text:
        index = self._index
        label = "" if index is None else self._labels[index]
        return Text(f" {label} ▾ ", no_wrap=True)

    @property
    def _index(self) -> int | None:
        """The index of the value; None = it is none of the options."""
        return self._values.index(self.value) if self.value in self._values else None

    def choose(self, value: str) -> None:
        """Set the value as the user does: with a message."""
        if value != self.value:
            self.value = value
            self.post_message(self.Changed(self, value))

    # The list

    @property
    def is_open(self) -> bool:
        """Whether the list is open."""
        return self._list is not None

    def action_open(self) -> None:
        """Open the list below the field, or above it."""
        self._type_ahead.forget()
        lists = self.screen.query(ChoiceList)
        if lists:
            self._list = lists.first()
        else:
            self._list = ChoiceList()
            self.screen.mount(self._list)
        self._list.owner = self
        self._list.show(self._labels, self._index or 0, self._title, self.region)

    def close(self) -> None:
        """Close the list, and keep the value."""
        self._type_ahead.forget()
        if self._list is not None:
            self._list.hide()
            self._list = None

    def take_highlighted(self) -> None:
        """Choose the value under the cursor of the list, and close it."""
        cursor = None if self._list is None else self._list.cursor
        self.close()
        if cursor is not None:
            self.choose(self._values[cursor])

    # Keys

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is text here: a letter selects."""
        return character is not None and (self.is_open or character.isalnum())

    def on_key(self, event: events.Key) -> None:
        """Select by a letter; with the list open, move in it, or take the value."""
        if self._list is None:
            used = self.check_consume_key(event.key, event.character)
            if used:
                self._select_by_letter(event.character or "")
        else:
            used = self._act_in_list(self._list, event)
        if used:
            event.stop()
            event.prevent_default()

    def _select_by_letter(self, character: str) -> None:
        index = self._index
        result = self._type_ahead.find(character, -1 if index is None else index)
        if result is not None:
            self.choose(self._values[result])
            return
        # Shown, so that whoever expected a field sees why nothing is typed.
        self.action_open()
        self._note_no_label(character)

    def _note_no_label(self, text: str) -> None:
        if self._list is not None:
            self._list.note(f"no “{text}”")

    def _act_in_list(self, shown: ChoiceList, event: events.Key) -> bool:
        """Act on a key of the open list; return False for one that goes on."""
        cursor = shown.cursor or 0
        match event.key:
            case "down":
                shown.move_to((cursor + 1) % len(self._labels))
            case "up":
                shown.move_to((cursor - 1) % len(self._labels))
            case "pagedown" | "pageup":
                shown.move_by(
                    shown.page_rows if event.key == "pagedown" else -shown.page_rows
                )
            case "home":
                shown.move_to(0)
            case "end":
                shown.move_to_end()
            case "escape":
                self.close()
                return True
            case "backspace":
                pass
            case "space" if self._type_ahead.typed:
                self._find_in_list(shown, " ")
                return True
            case "enter" | "space":
                self.take_highlighted()
                return True
            case _ if event.is_printable:
                self._find_in_list(shown, event.character or "")
                return True
            case _:
                self.take_highlighted()
                return False
        self._type_ahead.forget()
        shown.note("")
        return True

    def _find_in_list(self, shown: ChoiceList, character: str) -> None:
        result = self._type_ahead.find(character, shown.cursor or 0)
        if result is None:
            self._note_no_label(self._type_ahead.typed + character)
            return
        shown.move_to(result)
        shown.note(self._type_ahead.typed)

    def on_click(self) -> None:
        """Open the list, or close it."""
        if self.is_open:
            self.close()
        else:
            self.action_open()

    def on_blur(self) -> None:
        """Close the list: it belongs to the field with the focus."""
        self.close()

    def on_unmount(self) -> None:
        """Close the list, which other fields of the screen share."""
        self.close()


class TextCheckbox(KeepsReverse, Checkbox):
    """Shows ``[x]`` or ``[ ]`` before its label; Textual's shows an X in two colours."""

    DEFAULT_CSS = """
    TextCheckbox {
        border: none; padding: 0; max-width: 100%;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    TextCheckbox:focus { border: none; background-tint: transparent; }
    TextCheckbox:ansi > .toggle--button { color: $foreground; text-style: none; }
    """

    def render(self) -> Content:
        mark = Content.styled("x" if self.value else " ", "bold $text-success")
        label = self._label.stylize_before(self.get_visual_style("toggle--label"))
        return Content("[") + mark + Content("] ") + label

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return 4 + self._label.cell_length
