"""What the terminal shows, cell by cell: only the cells that change are written.

Textual writes a widget that has changed as a whole, and each piece of its text with all of
its colours. Over a slow line that is felt. `FrameApp` compares each update with the frame
before it and writes the difference. A dialog is written once it is complete, not while its
widgets are mounted, laid out and filled.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple
from weakref import WeakSet

from rich.cells import (
    cell_len,
    get_character_cell_size,
    split_graphemes,
    split_text,
)
from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS, Console
from rich.segment import Segment
from rich.terminal_theme import TerminalTheme
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App, ReturnType
from textual.events import Resize
from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Offset, Size
from textual.screen import ModalScreen, Screen
from textual.theme import Theme

from mixtui.ui.keys.input_queue import is_idle
from mixtui.ui.pen import (
    EMOJI_SELECTOR,
    FIRST_EMOJI,
    PLAIN,
    REST,
    UNKNOWN,
    Pen,
    Sgr,
    erases_in_color,
    is_uncertain,
    reach,
    sgr,
    split_pieces,
)

_REGIONAL_INDICATORS = range(0x1F1E6, 0x1F200)
_JOINER = "\u200d"
_UNMARKED = 256
"""Characters of a frame that is not marked as one: it is read at once in any case, and the
marks would add a third to what a key costs."""
_TURN = 0.002
"""Seconds between two looks at whether a dialog is complete."""
_TURNS = 75
"""Looks after which it is shown as it is."""


@lru_cache(maxsize=16384)
def _split_segment(segment: Segment, cut: int) -> tuple[Segment, Segment]:
    """Split a segment at a cell; blanks stand for the halves of a wide character."""
    text, style, control = segment
    before, behind = split_text(text, min(cut, segment.cell_length))
    return Segment(before, style, control), Segment(behind, style, control)


def split_between_characters() -> None:
    """Have Rich split segments between whole characters.

    `Segment.split_cells` of Rich 15.0 splits an emoji behind its first code point, and
    claims cells that it does not draw: the rest of the line moves to the left. Its
    `rich.cells.split_text` is right. To be reported upstream.
    """
    Segment._split_cells = staticmethod(_split_segment)  # type: ignore[assignment]


def split_cells(text: str) -> list[str]:
    """Split text into cells; a wide character is followed by empty ones."""
    if text.isascii() and text.isprintable():
        return list(text)
    return list(_split_unicode(text))


@lru_cache(maxsize=4096)
def _split_unicode(text: str) -> tuple[str, ...]:
    if all(char < FIRST_EMOJI and cell_len(char) == 1 for char in text):
        return tuple(text)
    cells: list[str] = []
    for start, end, width in split_graphemes(text)[0]:
        cluster = "".join(char for char in text[start:end] if _is_shown(char))
        head = next((i for i in range(len(cells) - 1, -1, -1) if cells[i]), None)
        if head is not None and _joins(cells[head], cluster):
            cells[head] += cluster
            cells += [REST] * width
        elif width:
            cells += [cluster or " ", *[REST] * (width - 1)]
    return tuple(cells)


def _continuation(text: str) -> int:
    """Return how many characters at the start belong to the character before the text.

    As in Rich's `cell_len`, none of them takes a cell.
    """
    end = 0
    while end < len(text):
        if text[end] == _JOINER:
            end += 2
        elif text[end] == EMOJI_SELECTOR or not get_character_cell_size(text[end]):
            end += 1
        else:
            break
    return min(end, len(text))


def _is_shown(char: str) -> bool:
    """Whether a character may be written: a control character never may."""
    return not (char < " " or "\x7f" <= char < "\xa0")


def _joins(before: str, cluster: str) -> bool:
    """Whether terminals draw two characters as one flag."""
    return all(
        len(each) == 1 and ord(each) in _REGIONAL_INDICATORS
        for each in (before, cluster)
    )


class Drawing(NamedTuple):
    """What to write to the terminal for an update."""

    text: str
    rows: Collection[int]
    """The rows that change."""


class TerminalFrame:
    """The cells that a terminal shows.

    Args:
        erases: Whether erased cells have the background color (`erases_in_color`).
    """

    def __init__(self, *, erases: bool = False) -> None:
        self._erases = erases
        self._cursor: Offset | None = None
        self._size = Size(0, 0)
        self._texts: list[list[str]] = []
        self._looks: list[list[Sgr]] = []

    def forget(self) -> None:
        """Write every cell of the next update: the terminal may show anything."""
        self._size = Size(0, 0)

    def draw(
        self,
        update: CompositorUpdate,
        size: Size,
        console: Console,
        cursor: Offset | None = None,
        palette: TerminalTheme | None = None,
    ) -> Drawing:
        """Take in an update of the compositor; return what to write for it.

        Args:
            update: A `LayoutUpdate` or a `ChopsUpdate`.
            size: Of the terminal.
            console: Tells how many colours the terminal has.
            cursor: Where to leave the cursor; None = anywhere.
            palette: What the names of colours mean; None = what the terminal makes of them.

        Returns:
            The characters and escape sequences for the cells that change, and for a cursor
            that moves; they leave the terminal without attributes.
        """
        if size != self._size:
            self._size = size
            self._texts = [[UNKNOWN] * size.width for _ in range(size.height)]
            self._looks = [[PLAIN] * size.width for _ in range(size.height)]
            self._cursor = None
        # As Textual does: a console that knows no colours is one nobody asked.
        colors = COLOR_SYSTEMS.get(console.color_system or "", ColorSystem.TRUECOLOR)
        changed: dict[int, list[int]] = {}
        for y, x, segments in _runs(update):
            if y >= size.height:
                continue
            if columns := self._take(y, x, segments, colors, palette):
                changed.setdefault(y, []).extend(columns)
        if not changed and cursor in (None, self._cursor):
            return Drawing("", ())
        self._cursor = cursor
        pen = Pen(self._texts, self._looks, erases=self._erases)
        pen.write(
            piece
            for y, columns in changed.items()
            for piece in split_pieces(
                y,
                _with_covered(columns, self._texts[y]),
                self._texts[y],
                self._looks[y],
            )
        )
        return Drawing(pen.end(cursor), changed.keys())

    def _take(
        self,
        y: int,
        x: int,
        segments: Iterable[Segment],
        colors: ColorSystem,
        palette: TerminalTheme | None,
    ) -> list[int]:
        """Take in a part of a row; return the columns that change."""
        texts: list[str] = []
        looks: list[Sgr] = []
        for text, style, control in segments:
            if control or not text:
                continue
            if not text.isascii() and (start := _continuation(text)):
                _continue(texts, text[:start])
                text = text[start:]
            cells = split_cells(text)
            look, blank = sgr(style, colors, palette)
            texts += cells
            if " " in text and look is not blank:
                looks += [blank if cell == " " else look for cell in cells]
            else:
                looks += [look] * len(cells)
        row_texts, row_looks = self._texts[y], self._looks[y]
        end = min(x + len(texts), self._size.width)
        del texts[end - x :], looks[end - x :]
        old_texts, old_looks = row_texts[x:end], row_looks[x:end]
        if old_texts == texts and old_looks == looks:
            return []
        row_texts[x:end] = texts
        row_looks[x:end] = looks
        return [
            x + index
            for index, (new, old, look, old_look) in enumerate(
                zip(texts, old_texts, looks, old_looks, strict=True)
            )
            if new != old or look != old_look
        ]


def _continue(cells: list[str], text: str) -> None:
    """Append to the last character what does not take a cell of its own."""
    head = next((i for i in range(len(cells) - 1, -1, -1) if cells[i]), None)
    if head is not None:
        cells[head] += "".join(filter(_is_shown, text))


def _with_covered(columns: list[int], texts: list[str]) -> list[int]:
    """Add the cells behind emoji whose parts a terminal may draw one by one."""
    emoji = [column for column in columns if is_uncertain(texts[column])]
    if not emoji:
        return columns
    changed = set(columns)
    while emoji:
        column = emoji.pop()
        for covered in range(
            column + 1, min(column + reach(texts[column]), len(texts))
        ):
            if covered not in changed and texts[covered] != UNKNOWN:
                changed.add(covered)
                if is_uncertain(texts[covered]):
                    emoji.append(covered)
    return sorted(changed)


def _runs(update: CompositorUpdate) -> Iterator[tuple[int, int, Iterable[Segment]]]:
    """Yield the row, the column and the segments of each piece of an update."""
    if isinstance(update, LayoutUpdate):
        for y, strips in enumerate(update.strips, update.region.y):
            x = update.region.x
            for strip in strips:
                yield y, x, strip
                x += strip.cell_length
    elif isinstance(update, ChopsUpdate):
        for y, first, last in update.spans:
            ends = update.chop_ends[y]
            for end, (x, piece) in zip(ends, update.chops[y].items(), strict=False):
                if piece is not None and x < last and end > first:
                    yield y, x, piece


class FrameApp(App[ReturnType]):
    """An app that writes to the terminal only what changes."""

    def __init__(self) -> None:
        super().__init__()
        split_between_characters()
        self._frame = TerminalFrame(erases=erases_in_color(os.environ))
        self._complete: WeakSet[Screen[Any]] = WeakSet()
        """The dialogs that have been shown."""
        self._opening: asyncio.Task[None] | None = None

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Leave named colours to the pen: Textual would look for them in every line."""
        return super().get_line_filters() if self._is_filtered else ()

    @property
    def _is_filtered(self) -> bool:
        """Whether Textual does more to lines than to look for named colours."""
        return self.is_headless or any(
            each.enabled and not isinstance(each, ANSIToTruecolor)
            for each in self._filters
        )

    @property
    def _palette(self) -> TerminalTheme | None:
        """What the names of colours mean; None = what the terminal makes of them."""
        for each in self._filters:
            if isinstance(each, ANSIToTruecolor) and each.enabled:
                return self.ansi_theme
        return None

    def get_theme(self, theme_name: str) -> Theme | None:
        """Get a theme by name; Textual asks for it with every line that it draws."""
        return self._registered_themes.get(theme_name) or super().get_theme(theme_name)

    def redraw(self) -> None:
        """Write the complete screen again: another program has written over it."""
        self._frame.forget()
        self.screen.refresh()

    def on_resize(self, event: Resize) -> None:
        """Write everything next: terminals move what they show, each in its own way."""
        self._frame.forget()

    @contextmanager
    def suspend(self) -> Iterator[None]:
        with super().suspend():
            try:
                yield
            finally:
                self._frame.forget()

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        is_written = (
            self._running
            and not self._closed
            and not self.is_headless
            and not self._batch_count
            and self._driver is not None
            and not self._driver.is_inline
        )
        if not is_written or not isinstance(renderable, LayoutUpdate | ChopsUpdate):
            super()._display(screen, renderable)
            return
        if self._is_opening(screen):
            self.post_display_hook()
            return
        cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
        palette = None if self._is_filtered else self._palette
        drawing = self._frame.draw(renderable, self.size, self.console, cursor, palette)
        self._previous_cursor_position = cursor
        if drawing.text:
            self._write(drawing)
        self.post_display_hook()

    def _write(self, drawing: Drawing) -> None:
        is_marked = self._sync_available and len(drawing.text) > _UNMARKED
        text = f"{SYNC_START}{drawing.text}{SYNC_END}" if is_marked else drawing.text
        assert self._driver is not None
        self._driver.write(text)
        self._driver.flush()

    def _is_opening(self, screen: Screen[Any]) -> bool:
        """Whether a screen is a dialog that is not complete yet."""
        if not isinstance(screen, ModalScreen) or screen in self._complete:
            return False
        # An eager task may have ended before it is known here.
        if self._opening is None or self._opening.done():
            self._opening = asyncio.create_task(self._open(screen))
        return True

    async def _open(self, screen: Screen[Any]) -> None:
        """Show a dialog once its widgets have nothing left to do."""
        # Nothing tells when message pumps become idle.
        for _ in range(_TURNS):
            if self._is_settled(screen):
                break
            await asyncio.sleep(_TURN)
        self._complete.add(screen)
        if screen is self.screen:
            complete = screen._compositor.render_update(
                full=True, screen_stack=self._background_screens
            )
            self._display(screen, complete)

    def _is_settled(self, screen: Screen[Any]) -> bool:
        if screen._dirty_widgets or screen._callbacks:
            return False
        nodes = {*screen.walk_children(with_self=True)}
        return all(map(is_idle, nodes)) and all(
            worker.is_finished for worker in self.workers if worker.node in nodes
        )
