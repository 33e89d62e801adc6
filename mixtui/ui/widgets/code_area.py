"""The editor of bodies: Textual's `TextArea`, coloured, exact, and quick when large.

It draws the lines that show and no more, so that a body of a megabyte is typed in like
one of a hundred bytes. Tab leaves the field (ctrl+i is the same key in a terminal);
enter keeps the indentation and deepens it behind an opening bracket. In JSON, brackets and
quotes close themselves.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from rich.cells import cell_len, get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.cache import LRUCache
from textual.document._document import Document, EditResult, Location
from textual.document._document_navigator import DocumentNavigator
from textual.document._wrapped_document import WrappedDocument
from textual.geometry import Offset, Size
from textual.reactive import reactive, var
from textual.strip import Strip
from textual.widgets import TextArea

from mixtui.document.document import Language
from mixtui.document.highlight import Token
from mixtui.document.search import Pattern
from mixtui.editing import pairs
from mixtui.editing.highlight import template_tokens
from mixtui.model.errors import SearchError
from mixtui.patterns import compile_late
from mixtui.request.templates import Values
from mixtui.text import Span, emoji_sequences, sanitize
from mixtui.ui.widgets.code_colours import (
    CODE_CLASSES,
    Styles,
    code_css,
    code_styles,
    text_area_css,
)

StyledSpan = tuple[int, int, Style]
"""First character, the one after the last, style."""


class LineWindow:
    """The part of a line that shows in a window of cells."""

    def __init__(self, text: str, tab: int, left: int, width: int) -> None:
        self.text = text
        self._tab = tab
        self._left = left
        self._cells: Sequence[int] = cell_starts(text, tab)
        self.start = max(0, bisect_right(self._cells, left) - 1)
        """The first visible character."""
        end = min(len(text), bisect_left(self._cells, left + width))
        while end < len(text) and self._cells[end] == self._cells[end + 1]:
            end += 1  # It is drawn in the cells before.
        self.end = end

    def strip(
        self,
        ground: Style,
        colours: Sequence[StyledSpan],
        marks: Sequence[StyledSpan],
        width: int,
    ) -> Strip:
        """Draw the window in `width` cells; the cell behind the text can be styled."""
        count = self.end - self.start + 1
        styles = [ground] * count
        for first, last, style in (*colours, *marks):
            span = range(max(first - self.start, 0), min(last - self.start, count))
            for index in span:
                styles[index] = styles[index] + style
        for first, last in emoji_sequences(self.text[self.start : self.end]):
            styles[first:last] = [styles[first]] * (last - first)
        segments = self._segments(styles)
        hidden = self._left - self._cells[min(self.start, len(self._cells) - 1)]
        strip = Strip(segments)
        return strip.crop(hidden, hidden + width).adjust_cell_length(width, ground)

    def _segments(self, styles: Sequence[Style]) -> list[Segment]:
        """Group characters by style; the last is the cell behind the text."""
        text = self.text[self.start : self.end] + " "
        segments: list[Segment] = []
        first = 0
        for index in range(1, len(text) + 1):
            if index < len(text) and styles[index] == styles[first]:
                continue
            segments.append(
                Segment(self._shown(first, text[first:index]), styles[first])
            )
            first = index
        return segments

    def _shown(self, first: int, piece: str) -> str:
        if "\t" not in piece:
            return sanitize(piece)
        index = self.start + first
        return "".join(
            " " * (self._cells[index + part.end()] - self._cells[index + part.start()])
            if part.group() == "\t"
            else sanitize(part.group())
            for part in _TABS_AND_TEXTS.finditer(piece)
        )


def cell_starts(text: str, tab: int) -> Sequence[int]:
    """Return the cell that each character starts at, and the one after the last.

    What follows the first character of an emoji starts behind it.
    """
    if text.isascii() and "\t" not in text:
        return range(len(text) + 1)
    advance, starts, end = _advance(tab), [0], 0
    for first, last in emoji_sequences(text):
        starts += list(accumulate(text[end:first], advance, initial=starts[-1]))[1:]
        behind = starts[-1] + cell_len(text[first:last])
        starts += [behind] * (last - first)
        end = last
    starts += list(accumulate(text[end:], advance, initial=starts[-1]))[1:]
    return starts


def _advance(tab: int) -> Callable[[int, str], int]:
    def after(cell: int, character: str) -> int:
        if character == "\t":
            return cell + tab - cell % tab
        return cell + get_character_cell_size(sanitize(character))

    return after


class VerbatimDocument(Document):
    """A document whose lines end at line feeds alone."""

    def __init__(self, text: str) -> None:
        super().__init__("")
        self._lines = text.split("\n")

    def replace_range(self, start: Location, end: Location, text: str) -> EditResult:
        """Replace the text between two locations."""
        top, bottom = sorted((start, end))
        replaced = self.get_text_range(top, bottom)
        before = self._lines[top[0]][: top[1]]
        after = self._lines[bottom[0]][bottom[1] :]
        lines = (before + text + after).split("\n")
        self._lines[top[0] : bottom[0] + 1] = lines
        end_location = (top[0] + len(lines) - 1, len(lines[-1]) - len(after))
        return EditResult(end_location, replaced)


class _Navigator(DocumentNavigator):
    """Moves over a whole emoji, of however many characters."""

    def get_location_left(self, location: Location) -> Location:
        """Return the location before the character to the left."""
        row, column = super().get_location_left(location)
        return row, self._ends_of_emoji(row, column)[0]

    def get_location_right(self, location: Location) -> Location:
        """Return the location behind the character to the right."""
        row, column = super().get_location_right(location)
        return row, self._ends_of_emoji(row, column)[1]

    def _ends_of_emoji(self, row: int, column: int) -> Span:
        """Return start and end of the emoji around a column, or the column twice."""
        sequences = emoji_sequences(self._document[row])
        within = (each for each in sequences if each[0] < column < each[1])
        return next(within, (column, column))


class NoWrapDocument(WrappedDocument):
    """A document without wrapping, for which nothing is computed ahead."""

    def wrap(self, width: int, tab_width: int | None = None) -> None:
        """Set the tab stops alone."""
        self._tab_width = tab_width or self._tab_width

    def wrap_range(self, start: Location, old_end: Location, new_end: Location) -> None:
        """Do nothing: no wrapping depends on an edit."""

    @property
    def height(self) -> int:
        return self.document.line_count

    def get_offsets(self, line_index: int) -> list[int]:
        """Return no offsets: lines are not broken."""
        return []

    def get_sections(self, line_index: int) -> list[str]:
        """Return the line as one section."""
        return [self.document[line_index]]

    def get_target_document_column(
        self, line_index: int, x_offset: int, y_offset: int
    ) -> int:
        """Return the character in a cell of a line."""
        text = self.document[line_index]
        starts = cell_starts(text, self._tab_width)
        return min(len(text), max(0, bisect_right(starts, x_offset) - 1))

    def location_to_offset(self, location: Location) -> Offset:
        """Return the cell and the line of a location."""
        row = min(max(location[0], 0), self.document.line_count - 1)
        starts = cell_starts(self.document[row], self._tab_width)
        return Offset(starts[min(location[1], len(starts) - 1)], row)

    def offset_to_location(self, offset: Offset) -> Location:
        """Return the location at a cell and a line."""
        row = min(max(offset.y, 0), self.document.line_count - 1)
        return row, self.get_target_document_column(row, offset.x, 0)


_OPENING = {"{": "}", "[": "]", "(": ")"}
_CLOSING = {closing: opening for opening, closing in _OPENING.items()}
_TABS_AND_TEXTS = compile_late("\t|[^\t]+")
_BRACKET = compile_late(r"[][{}()]")
_STRING = compile_late(r'"(?:[^"\\]|\\.)*"?')
_MAX_SEARCHED = 50_000
"""Characters searched at most: the search runs at every move of the cursor."""


def matching_bracket(lines: Sequence[str], location: Location) -> Location | None:
    """Return the location of a bracket's partner; None = there is none nearby."""
    row, column = location
    if row >= len(lines):
        return None
    bracket = _without_strings(lines[row])[column : column + 1]
    if bracket in _OPENING:
        return _search(_forward(lines, location), _OPENING)
    if bracket in _CLOSING:
        return _search(_backward(lines, location), _CLOSING)
    return None


def _search(
    brackets: Iterator[tuple[str, Location]], partners: dict[str, str]
) -> Location | None:
    """Return the location of the bracket that closes all; None = they cross."""
    awaited: list[str] = []
    for bracket, location in brackets:
        if bracket in partners:
            awaited.append(partners[bracket])
        elif awaited.pop() != bracket:
            return None
        if not awaited:
            return location
    return None


def _forward(
    lines: Sequence[str], location: Location
) -> Iterator[tuple[str, Location]]:
    seen = 0
    for row in range(location[0], len(lines)):
        start = location[1] if row == location[0] else 0
        for match in _BRACKET.finditer(_without_strings(lines[row]), start):
            yield match.group(), (row, match.start())
        seen += len(lines[row]) + 1
        if seen > _MAX_SEARCHED:
            return


def _backward(
    lines: Sequence[str], location: Location
) -> Iterator[tuple[str, Location]]:
    seen = 0
    for row in range(location[0], -1, -1):
        end = location[1] + 1 if row == location[0] else len(lines[row])
        matches = list(_BRACKET.finditer(_without_strings(lines[row]), 0, end))
        for match in reversed(matches):
            yield match.group(), (row, match.start())
        seen += len(lines[row]) + 1
        if seen > _MAX_SEARCHED:
            return


def _without_strings(line: str) -> str:
    if len(line) > _MAX_SEARCHED:
        return ""
    return _STRING.sub(lambda match: " " * len(match.group()), line)


INDENT = "  "
_MATCH_MARGIN = 256
"""Characters of a line beside what shows that a match may reach into."""
_DRAWING_TIMEOUT = 0.02
"""Seconds that a regular expression may take for a line while drawing."""
_MAX_LEXED = 2048
"""Characters; a longer line is lexed by the part that shows."""
_STEP = 64


class CodeArea(TextArea):
    """Edits code."""

    DEFAULT_CSS = (
        """
    CodeArea {
        border: none; padding: 0; background: transparent;
        scrollbar-size: 1 1;
    }
    CodeArea:focus { border: none; }
    CodeArea > .code--mistake { background: $text-error; color: $background; text-style: bold; }
    CodeArea:ansi > .code--mistake {
        background: transparent; color: $text-error; text-style: bold reverse;
    }
    CodeArea > .code--match { background: $warning-muted; color: $text-warning; }
    CodeArea:ansi > .code--match {
        background: transparent; color: $text-warning; text-style: bold underline;
    }
    CodeArea > .text-area--gutter { color: $text-muted; }
    CodeArea > .text-area--cursor-gutter {
        color: $text-primary; background: $panel; text-style: bold;
    }
    """
        + text_area_css("CodeArea")
        + code_css("CodeArea")
    )
    COMPONENT_CLASSES = {"code--mistake", "code--match", *CODE_CLASSES}

    cursor_blink = reactive(False, init=False)
    code: var[Language] = var(Language.TEXT, init=False)
    """The language: its colours, and how enter indents."""
    values: var[Values | None] = var(None, init=False)
    """Where templates get their values; None = each of them has one."""
    mistake: var[tuple[int, int] | None] = var(None, init=False)
    """Line and column to mark, from 1."""
    searched: var[Pattern | None] = var(None, init=False)
    """What finds the texts to mark; None = nothing."""

    def __init__(
        self,
        text: str = "",
        *,
        code: Language = Language.TEXT,
        line_numbers: bool = True,
        placeholder: str = "",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        self._tokens: LRUCache[tuple[Language, str], list[Token]] = LRUCache(512)
        self._styles_by_part: dict[str, Style] | None = None
        self._code_styles: Styles = {}
        super().__init__(
            soft_wrap=False,
            tab_behavior="focus",
            show_line_numbers=line_numbers,
            placeholder=placeholder,
            id=id,
            classes=classes,
            compact=True,
        )
        self.set_reactive(CodeArea.code, code)
        self._load(text)

    # The text

    def load_text(self, text: str) -> None:
        """Set another text, and forget the edits of the one before."""
        self.history.clear()
        self._load(text)
        self.post_message(self.Changed(self).set_sender(self))

    def _load(self, text: str) -> None:
        self.document = VerbatimDocument(text)
        self.wrapped_document = NoWrapDocument(self.document, 0, self.indent_width)
        self.navigator = _Navigator(self.wrapped_document)
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
        self.refresh()

    def watch_values(self) -> None:
        """Draw the templates anew."""
        self._tokens.clear()
        self.refresh()

    def watch_mistake(self) -> None:
        self.refresh()

    def watch_searched(self) -> None:
        self.refresh()

    def find_matching_bracket(
        self, bracket: str, search_from: tuple[int, int]
    ) -> tuple[int, int] | None:
        """Return the partner of the bracket at a location; strings do not count."""
        return matching_bracket(self.document.lines, search_from)

    # Keys

    @property
    def _is_json(self) -> bool:
        return self.code in (Language.JSON, Language.JSON_LINES)

    async def _on_key(self, event: events.Key) -> None:
        if self.read_only or not self._is_json:
            return
        if event.key == "enter" and self.code is Language.JSON:
            self._break_line()
        elif event.character is not None and event.character in pairs.TYPED:
            self.type_character(event.character)
        else:
            return
        event.stop()
        event.prevent_default()

    async def _on_paste(self, event: events.Paste) -> None:
        """Keep a paste: `TextArea` inserts it, and passes it on."""
        event.stop()

    def _break_line(self) -> None:
        start, end = sorted(self.selection)
        before = self.document[start[0]][: start[1]]
        after = self.document[end[0]][end[1] :]
        indent = before[: len(before) - len(before.lstrip(" \t"))]
        opening = before.rstrip()[-1:]
        if opening not in pairs.OPENING:
            self.replace(f"\n{indent}", start, end, maintain_selection_offset=False)
            return
        inner = f"\n{indent}{INDENT}"
        closes = after.lstrip().startswith(pairs.OPENING[opening])
        outer = f"\n{indent}" if closes else ""
        self.replace(inner + outer, start, end, maintain_selection_offset=False)
        self.move_cursor((start[0] + 1, len(inner) - 1))

    def type_character(self, character: str) -> None:
        """Type a bracket or a quote, which may close itself."""
        start, end = sorted(self.selection)
        row, column = start
        if start == end:
            before, after = self._around_cursor()
            match pairs.effect(character, before, after):
                case pairs.Effect.PAIR:
                    closing = pairs.OPENING.get(character, character)
                    self._insert(character + closing)
                    self.move_cursor((row, column + 1))
                    return
                case pairs.Effect.SKIP if character == pairs.QUOTE or self._is_closed(
                    character
                ):
                    self.move_cursor((row, column + 1))
                    return
                case pairs.Effect.INSERT if self._go_behind(character, before, after):
                    return
        if character in pairs.OPENING.values():
            before = self.document[row][:column]
            if before and not before.strip():
                start = (row, max(0, column - len(INDENT)))
        self.replace(character, start, end, maintain_selection_offset=False)

    def _insert(self, text: str) -> None:
        self.replace(text, *sorted(self.selection), maintain_selection_offset=False)

    def _around_cursor(self) -> tuple[str, str]:
        """Return the parts of the line before and behind the cursor."""
        row, column = self.cursor_location
        line = self.document[row]
        return line[:column], line[column:]

    def _go_behind(self, closing: str, before: str, after: str) -> bool:
        """Go behind a closing bracket that only line ends divide from the cursor.

        An empty line before it is removed. Returns whether there was one.
        """
        row = self.cursor_location[0]
        following = row + 1
        if after.strip() or following >= self.document.line_count:
            return False
        line = self.document[following]
        column = len(line) - len(line.lstrip())
        if not line.startswith(closing, column) or not self._is_closed(closing):
            return False
        if not before.strip():
            self.delete((row, 0), (following, 0), maintain_selection_offset=False)
            following = row
        self.move_cursor((following, column + 1))
        return True

    def _is_closed(self, closing: str) -> bool:
        """Return whether no closing bracket of a kind is missing, as far as is looked."""
        missing = size = 0
        for line in self.document.lines:
            size += len(line)
            if size > _MAX_SEARCHED:
                return True
            plain = _without_strings(line)
            missing += plain.count(_CLOSING[closing]) - plain.count(closing)
        return missing <= 0

    def action_delete_left(self) -> None:
        """Delete the character before the cursor; in an empty pair, both of it."""
        row, column = self.cursor_location
        is_pair = (
            self._is_json
            and not self.read_only
            and self.selection.is_empty
            and pairs.is_empty_pair(*self._around_cursor())
        )
        if is_pair:
            start, end = (row, column - 1), (row, column + 1)
            self.delete(start, end, maintain_selection_offset=False)
        else:
            super().action_delete_left()

    # Drawing

    def notify_style_update(self) -> None:
        self._styles_by_part = None
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """A line of the text, or nothing below the last."""
        width = self.scrollable_content_region.width
        row = y + self.scroll_offset.y
        looks = self._styles_by_part or self._read_styles()
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
            marks = [*self._matches(line, looks), *self._marks(row, looks)]
            strip = line.strip(ground, colours, marks, room)
        return Strip.join([self._number(row, at_cursor, looks), strip])

    def _colours(self, line: LineWindow) -> list[StyledSpan]:
        """Return the colours of the tokens of a line."""
        styles = self._code_styles
        complete = len(line.text) <= _MAX_LEXED
        text = line.text if complete else line.text[line.start : line.end]
        key = (self.code, text)
        token_list = self._tokens.get(key)
        if token_list is None:
            cropped = not complete and line.start > 0
            token_list = template_tokens(text, self.code, self.values, cropped=cropped)
            self._tokens[key] = token_list
        index = 0 if complete else line.start
        spans = []
        for kind, part in token_list:
            if kind in styles:
                spans.append((index, index + len(part), styles[kind]))
            index += len(part)
        return spans

    def _matches(self, line: LineWindow, looks: dict[str, Style]) -> list[StyledSpan]:
        """Mark what is searched for, in the part of a line that shows."""
        if self.searched is None:
            return []
        first = max(0, line.start - _MATCH_MARGIN)
        text = line.text[first : line.end + _MATCH_MARGIN]
        try:
            spans = list(self.searched.spans_in_text(text, _DRAWING_TIMEOUT))
        except SearchError:
            return []  # The search itself reports it.
        return [(first + a, first + b, looks["match"]) for a, b in spans]

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
            for location in (other, self.cursor_location):
                if location[0] == row:
                    marks.append((location[1], location[1] + 1, looks["bracket"]))
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

    def _read_styles(self) -> dict[str, Style]:
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
            style_of: self.get_component_rich_style(f"text-area--{name}")
            for style_of, name in names.items()
        }
        looks["plain"] = plain
        looks["mistake"] = self.get_component_rich_style("code--mistake")
        looks["match"] = self.get_component_rich_style("code--match")
        looks["line"] = Style(color=plain.color, bgcolor=looks["line"].bgcolor)
        self._styles_by_part = looks
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
