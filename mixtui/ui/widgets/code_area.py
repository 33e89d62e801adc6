"""The editor of bodies: Textual's `TextArea`, coloured, exact, and quick when large.

It draws the lines that show and no more, so that a body of a megabyte is typed in like
one of a hundred bytes. Tab leaves the field (ctrl+i is the same key in a terminal);
enter keeps the indentation and deepens it behind an opening bracket.
"""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.cache import LRUCache
from textual.document._document_navigator import DocumentNavigator
from textual.geometry import Size
from textual.reactive import reactive, var
from textual.strip import Strip
from textual.widgets import TextArea

from mixtui.core.document import Language
from mixtui.core.highlight import Token, tokens
from mixtui.ui.widgets.brackets import matching_bracket
from mixtui.ui.widgets.code_colours import CODE_CLASSES, Styles, code_css, code_styles
from mixtui.ui.widgets.code_line import LineWindow, StyledSpan
from mixtui.ui.widgets.exact_document import NoWrapDocument, VerbatimDocument
from mixtui.ui.widgets.frugal import MinimalRepaint

INDENT = "  "
_WHOLE = 2048
"""Characters; a longer line is lexed by the part that shows."""
_STEP = 64
_PAIRS = {"{": "}", "[": "]"}


class CodeArea(MinimalRepaint, TextArea):
    """Edits code."""

    DEFAULT_CSS = """
    CodeArea {
        border: none; padding: 0; background: transparent;
        scrollbar-size: 1 1;
    }
    CodeArea:focus { border: none; }
    CodeArea > .code--mistake { background: $error; color: $background; text-style: bold; }
    CodeArea:ansi > .code--mistake {
        background: transparent; color: ansi_red; text-style: bold reverse;
    }
    CodeArea > .text-area--gutter { color: $text-disabled; }
    CodeArea > .text-area--cursor-gutter { color: $text-primary; text-style: bold; }
    """ + code_css("CodeArea")
    COMPONENT_CLASSES = {"code--mistake", *CODE_CLASSES}

    cursor_blink = reactive(False, init=False)
    code: var[Language] = var(Language.TEXT, init=False)
    """What is edited: its colours, and how enter indents."""
    mistake: var[tuple[int, int] | None] = var(None, init=False)
    """Line and column, from 1, to be marked."""

    def __init__(
        self,
        text: str = "",
        *,
        code: Language = Language.TEXT,
        line_numbers: bool = True,
        placeholder: str = "",
        classes: str | None = None,
    ) -> None:
        self._tokens: LRUCache[tuple[Language, str], list[Token]] = LRUCache(512)
        self._looks: dict[str, Style] | None = None
        self._code_styles: Styles = {}
        super().__init__(
            soft_wrap=False,
            tab_behavior="focus",
            show_line_numbers=line_numbers,
            placeholder=placeholder,
            classes=classes,
            compact=True,
        )
        self.set_reactive(CodeArea.code, code)
        self._take(text)

    # The text

    def load_text(self, text: str) -> None:
        """Show another text and forget the edits of the one before."""
        self.history.clear()
        self._take(text)
        self.post_message(self.Changed(self).set_sender(self))

    def _take(self, text: str) -> None:
        self.document = VerbatimDocument(text)
        self.wrapped_document = NoWrapDocument(self.document, 0, self.indent_width)
        self.navigator = DocumentNavigator(self.wrapped_document)
        self.set_reactive(CodeArea.mistake, None)
        self.move_cursor((0, 0))
        self._refresh_size()
        self.refresh()

    def _refresh_size(self) -> None:
        """Measure roughly: each new size lays the whole screen out again."""
        width = _widest(self.document.lines, self.indent_width) + self.gutter_width + 1
        height = self.document.line_count
        self.virtual_size = Size(
            -(-width // _STEP) * _STEP if width > self.size.width else 1,
            height if height > self.size.height else 1,
        )
        self._refresh_scrollbars()

    def watch_code(self) -> None:
        """Other colours."""
        self.refresh()

    def watch_mistake(self) -> None:
        """Show the mark, or take it away."""
        self.refresh()

    def find_matching_bracket(
        self, bracket: str, search_from: tuple[int, int]
    ) -> tuple[int, int] | None:
        """The partner of the bracket at a location, not counting those in texts."""
        return matching_bracket(self.document.lines, search_from)

    # Keys

    async def _on_paste(self, event: events.Paste) -> None:
        # Terminals send a pasted line end as a carriage return. Textual calls the
        # handler of the base class next.
        event.text = event.text.replace("\r\n", "\n").replace("\r", "\n")

    async def _on_key(self, event: events.Key) -> None:
        if self.read_only or self.code not in (Language.JSON, Language.JSON_LINES):
            return
        if event.key == "enter":
            self._break_line()
        elif event.character in _PAIRS.values():
            self._close(str(event.character))
        else:
            return
        event.stop()
        event.prevent_default()

    def _break_line(self) -> None:
        start, end = sorted(self.selection)
        before = self.document[start[0]][: start[1]]
        after = self.document[end[0]][end[1] :]
        indent = before[: len(before) - len(before.lstrip(" \t"))]
        opening = before.rstrip()[-1:]
        if opening not in _PAIRS:
            self.replace(f"\n{indent}", start, end, maintain_selection_offset=False)
            return
        inner = f"\n{indent}{INDENT}"
        closes = after.lstrip().startswith(_PAIRS[opening])
        outer = f"\n{indent}" if closes else ""
        self.replace(inner + outer, start, end, maintain_selection_offset=False)
        self.move_cursor((start[0] + 1, len(inner) - 1))

    def _close(self, bracket: str) -> None:
        """A closing bracket that starts its line stands under its partner's line."""
        start, end = sorted(self.selection)
        before = self.document[start[0]][: start[1]]
        if before and not before.strip():
            start = (start[0], max(0, start[1] - len(INDENT)))
        self.replace(bracket, start, end, maintain_selection_offset=False)

    # Drawing

    def notify_style_update(self) -> None:
        """Colours changed."""
        self._looks = None
        super().notify_style_update()

    def draw_line(self, y: int) -> Strip:
        """A line of the text, or nothing below the last."""
        width = self.scrollable_content_region.width
        row = y + self.scroll_offset.y
        looks = self._looks or self._look()
        if row >= self.document.line_count:
            return Strip.blank(width, looks["plain"])
        at_cursor = row == self.cursor_location[0] and self.has_focus
        ground = looks["line"] if at_cursor else looks["plain"]
        room = max(0, width - self.gutter_width)
        text = self.document[row]
        if not text and self.document.line_count == 1 and self.placeholder:
            strip = self._empty(looks, room)
        else:
            left = self.scroll_offset.x
            line = LineWindow(text, self.indent_width, left, room)
            colours = self._colours(line)
            strip = line.strip(ground, colours, self._marks(row, looks), room)
        return Strip.join([self._number(row, at_cursor, looks), strip])

    def _colours(self, line: LineWindow) -> list[tuple[int, int, Style]]:
        styles = self._code_styles
        whole = len(line.text) <= _WHOLE
        text = line.text if whole else line.text[line.start : line.end]
        key = (self.code, text)
        found = self._tokens.get(key)
        if found is None:
            cropped = not whole and line.start > 0
            found = self._tokens[key] = tokens(text, self.code, cropped=cropped)
        at = 0 if whole else line.start
        spans = []
        for kind, part in found:
            if kind in styles:
                spans.append((at, at + len(part), styles[kind]))
            at += len(part)
        return spans

    def _marks(self, row: int, looks: dict[str, Style]) -> list[StyledSpan]:
        """What lies over the colours of a row, the last on top."""
        marks: list[StyledSpan] = []
        if self.mistake is not None and row == self.mistake[0] - 1:
            column = self.mistake[1] - 1
            marks.append((column, column + 1, looks["mistake"]))
        (top, first), (bottom, last) = sorted(self.selection)
        if (top, first) != (bottom, last):
            if top <= row <= bottom:
                start = first if row == top else 0
                end = last if row == bottom else len(self.document[row]) + 1
                marks.append((start, end, looks["selection"]))
        elif self.has_focus and (other := self.matching_bracket_location) is not None:
            for place in (other, self.cursor_location):
                if place[0] == row:
                    marks.append((place[1], place[1] + 1, looks["bracket"]))
        if self.has_focus and row == self.cursor_location[0]:
            column = self.cursor_location[1]
            marks.append((column, column + 1, looks["cursor"]))
        return marks

    def _number(self, row: int, at_cursor: bool, looks: dict[str, Style]) -> Strip:
        if not self.show_line_numbers:
            return Strip([])
        style = looks["cursor-gutter" if at_cursor else "gutter"]
        text = f"{row + 1:>{self.gutter_width - 2}}"
        if self.mistake is not None and row == self.mistake[0] - 1:
            style = looks["mistake"]
        parts = [Segment(text, style), Segment("  ", looks["plain"])]
        return Strip(parts, len(text) + 2)

    def _empty(self, looks: dict[str, Style], room: int) -> Strip:
        text = str(self.placeholder)
        first = looks["placeholder"] + (looks["cursor"] if self.has_focus else Style())
        parts = [Segment(text[:1], first), Segment(text[1:], looks["placeholder"])]
        return Strip(parts).adjust_cell_length(room, looks["plain"])

    def _look(self) -> dict[str, Style]:
        self._code_styles = code_styles(self)
        plain = self.rich_style
        names = {
            "line": "cursor-line",
            "gutter": "gutter",
            "cursor-gutter": "cursor-gutter",
            "selection": "selection",
            "bracket": "matching-bracket",
            "cursor": "cursor",
            "placeholder": "placeholder",
        }
        looks = {
            look: self.get_component_rich_style(f"text-area--{name}")
            for look, name in names.items()
        }
        looks["plain"] = plain
        looks["mistake"] = self.get_component_rich_style("code--mistake")
        looks["line"] = Style(color=plain.color, bgcolor=looks["line"].bgcolor)
        self._looks = looks
        return looks


def _widest(lines: list[str], tab: int) -> int:
    """Cells of the widest line; only lines that may be it are measured by the cell."""
    widest = 0
    odd: list[str] = []
    for line in lines:
        if not line.isascii() or "\t" in line:
            odd.append(line)
        elif len(line) > widest:
            widest = len(line)
    for line in odd:
        if len(line) * max(2, tab) > widest:
            widest = max(widest, cell_len(line.expandtabs(tab)))
    return widest
