"""What the terminal shows, cell by cell: only the cells that change are written.

Textual writes a widget that has changed as a whole, and each piece of its text with all of
its colours. Over a slow line that is felt. `FrameApp` compares each update with the frame
before it and writes the difference. A dialog is written once it is complete, not while its
widgets are mounted, laid out and filled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple
from weakref import WeakSet

from rich.cells import cell_len, split_graphemes
from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS, Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App, ReturnType
from textual.events import Resize
from textual.geometry import Size
from textual.screen import ModalScreen, Screen

from mixtui.ui.keys.input_queue import is_idle

_UNKNOWN = "\0"
"""The text of a cell that may show anything."""
_REST = ""
"""The text of a cell that the character before it covers as well."""
_BRIDGE = 4
"""Bytes; unchanged cells worth fewer are written again, as moving the cursor costs more."""
_FIRST_EMOJI = "\U0001f000"
_REGIONAL_INDICATORS = range(0x1F1E6, 0x1F200)
_TURN = 0.002
"""Seconds between two looks at whether a dialog is complete."""
_TURNS = 75
"""Looks after which it is shown as it is."""


class Sgr(NamedTuple):
    """How a cell is drawn, as parameters of SGR (ECMA-48, 8.3.117)."""

    attributes: str = ""
    foreground: str | None = ""
    """None = any: nothing of it shows on a blank."""
    background: str = ""
    shows_on_blank: bool = False
    """Whether the attributes do, as an underline does."""


PLAIN = Sgr()


@lru_cache(maxsize=4096)
def sgr(style: Style | None, colors: ColorSystem) -> tuple[Sgr, Sgr]:
    """Return how a style draws text, and how it draws blanks."""
    if style is None:
        return PLAIN, PLAIN._replace(foreground=None)
    attributes = [code for name, code in _ATTRIBUTES if getattr(style, name)]
    fore, back = style.color, style.bgcolor
    text = Sgr(
        ";".join(attributes),
        "" if fore is None else ";".join(fore.downgrade(colors).get_ansi_codes()),
        "" if back is None else ";".join(back.downgrade(colors).get_ansi_codes(False)),
        any(code in _SHOWN_ON_BLANKS for code in attributes),
    )
    text = text._replace(
        foreground=_without_default(text.foreground, "39"),
        background=_without_default(text.background, "49") or "",
    )
    return text, text if text.shows_on_blank else Sgr("", None, text.background)


def _without_default(code: str | None, default: str) -> str | None:
    return "" if code == default else code


_ATTRIBUTES = (
    ("bold", "1"),
    ("dim", "2"),
    ("italic", "3"),
    ("underline", "4"),
    ("blink", "5"),
    ("blink2", "6"),
    ("reverse", "7"),
    ("conceal", "8"),
    ("strike", "9"),
    ("underline2", "21"),
    ("frame", "51"),
    ("encircle", "52"),
    ("overline", "53"),
)
_SHOWN_ON_BLANKS = {"4", "7", "9", "21", "51", "52", "53"}


def split_cells(text: str) -> list[str]:
    """Split text into cells; a wide character is followed by empty ones."""
    if text.isascii() and text.isprintable():
        return list(text)
    return list(_split_unicode(text))


@lru_cache(maxsize=4096)
def _split_unicode(text: str) -> tuple[str, ...]:
    if all(char < _FIRST_EMOJI and cell_len(char) == 1 for char in text):
        return tuple(text)
    cells: list[str] = []
    for start, end, width in split_graphemes(text)[0]:
        cluster = "".join(char for char in text[start:end] if _is_shown(char))
        head = next((i for i in range(len(cells) - 1, -1, -1) if cells[i]), None)
        if head is not None and _joins(cells[head], cluster):
            cells[head] += cluster
            cells += [_REST] * width
        elif width:
            cells += [cluster or " ", *[_REST] * (width - 1)]
    return tuple(cells)


def _is_shown(char: str) -> bool:
    """Whether a character may be written: a control character never may."""
    return not (char < " " or "\x7f" <= char < "\xa0")


def _joins(before: str, cluster: str) -> bool:
    """Whether terminals draw two characters as one flag."""
    return all(
        len(each) == 1 and ord(each) in _REGIONAL_INDICATORS
        for each in (before, cluster)
    )


def _is_uncertain(cell: str) -> bool:
    """Whether terminals disagree on how many cells a character takes."""
    return len(cell) > 1 or cell >= _FIRST_EMOJI


class TerminalFrame:
    """The cells that a terminal shows."""

    def __init__(self) -> None:
        self._size = Size(0, 0)
        self._texts: list[list[str]] = []
        self._looks: list[list[Sgr]] = []

    def forget(self) -> None:
        """Write every cell of the next update: the terminal may show anything."""
        self._size = Size(0, 0)

    def draw(self, update: CompositorUpdate, size: Size, console: Console) -> str:
        """Take in an update of the compositor; return what to write for it.

        Args:
            update: A `LayoutUpdate` or a `ChopsUpdate`.
            size: Of the terminal.
            console: Tells how many colours the terminal has.

        Returns:
            The characters and escape sequences for the cells that change; it leaves the
            terminal without attributes, and the cursor anywhere.
        """
        if size != self._size:
            self._size = size
            self._texts = [[_UNKNOWN] * size.width for _ in range(size.height)]
            self._looks = [[PLAIN] * size.width for _ in range(size.height)]
        # As Textual does: a console that knows no colours is one nobody asked.
        colors = COLOR_SYSTEMS.get(console.color_system or "", ColorSystem.TRUECOLOR)
        pen = _Pen()
        for y, x, segments in _runs(update):
            if y < size.height:
                self._draw_run(pen, y, x, segments, colors)
        return pen.text()

    def _draw_run(
        self,
        pen: _Pen,
        y: int,
        x: int,
        segments: Iterable[Segment],
        colors: ColorSystem,
    ) -> None:
        texts: list[str] = []
        looks: list[Sgr] = []
        for text, style, control in segments:
            if control or not text:
                continue
            cells = split_cells(text)
            look, blank = sgr(style, colors)
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
            return
        row_texts[x:end] = texts
        row_looks[x:end] = looks
        changed = [
            x + index
            for index, (new, old, look, old_look) in enumerate(
                zip(texts, old_texts, looks, old_looks, strict=True)
            )
            if new != old or look != old_look
        ]
        for start, stop in _spans(changed, row_texts, row_looks):
            pen.write(y, start, row_texts[start:stop], row_looks[start:stop])


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


def _spans(
    changed: list[int], texts: list[str], looks: list[Sgr]
) -> Iterator[tuple[int, int]]:
    """Yield half-open ranges of cells to write, with what is cheaper to write than to skip."""
    start = stop = -1
    for index in changed:
        if start >= 0 and not _is_worth_skipping(texts, looks, stop, index):
            stop = index + 1
            continue
        if start >= 0:
            yield start, _whole(texts, stop)
        start, stop = index, index + 1
        while start and texts[start] == _REST:
            start -= 1
    if start >= 0:
        yield start, _whole(texts, stop)


def _whole(texts: list[str], stop: int) -> int:
    """Return where the character ends that a range ends in."""
    while stop < len(texts) and texts[stop] == _REST:
        stop += 1
    return stop


def _is_worth_skipping(
    texts: list[str], looks: list[Sgr], start: int, stop: int
) -> bool:
    if stop - start > _BRIDGE:
        return True
    gap = "".join(texts[start:stop])
    return (
        _UNKNOWN in gap
        or len(gap.encode()) > _BRIDGE
        or not all(_is_drawn_by(look, looks[start - 1]) for look in looks[start:stop])
    )


def _is_drawn_by(look: Sgr, other: Sgr) -> bool:
    """Whether a cell looks as it should in the colours of another."""
    if look.foreground is None and not other.shows_on_blank:
        return look.background == other.background
    return look == other


class _Pen:
    """Writes cells to a terminal with as few escape sequences as will do."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._attributes = self._foreground = self._background = ""
        self._shows_on_blank = False
        self._y = self._x = -1
        """Where the cursor is; -1 = unknown."""

    def text(self) -> str:
        """Return what was written, and leave no attribute on."""
        if self._attributes or self._foreground or self._background:
            self._parts.append("\x1b[m")
        return "".join(self._parts)

    def write(self, y: int, x: int, texts: list[str], looks: list[Sgr]) -> None:
        """Write cells of a row."""
        self._move(y, x)
        last: Sgr | None = None
        append = self._parts.append
        for index, cell in enumerate(texts):
            look = looks[index]
            if look is not last:
                self._set(look)
                last = look
            if not _is_uncertain(cell):
                append(cell)
                continue
            width = 1
            while index + width < len(texts) and texts[index + width] == _REST:
                width += 1
            # Blank first what the terminal may draw in fewer cells; go on where it should
            # have ended.
            append(
                f"{' ' * width}\x1b[{width}D{cell}\x1b[{y + 1};{x + index + width + 1}H"
            )
        self._y, self._x = y, x + len(texts)

    def _move(self, y: int, x: int) -> None:
        if y == self._y and x >= self._x >= 0:
            if x > self._x:
                self._parts.append(f"\x1b[{x - self._x}C")
        else:
            self._parts.append(f"\x1b[{y + 1};{x + 1}H")

    def _set(self, look: Sgr) -> None:
        attributes, foreground, background, shows = look
        if foreground is None:
            if not self._shows_on_blank:
                attributes = self._attributes
            foreground = self._foreground if attributes == self._attributes else ""
        codes = []
        if attributes != self._attributes:
            if self._attributes:
                codes.append("0")
                self._foreground = self._background = ""
            if attributes:
                codes.append(attributes)
            self._attributes = attributes
            self._shows_on_blank = shows
        if foreground != self._foreground:
            codes.append(foreground or "39")
            self._foreground = foreground
        if background != self._background:
            codes.append(background or "49")
            self._background = background
        if codes:
            self._parts.append(f"\x1b[{';'.join(codes)}m")


class _Written(CompositorUpdate):
    """An update as text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> RenderResult:
        yield Segment(self._text)

    def render_segments(self, console: Console) -> str:
        return self._text


class FrameApp(App[ReturnType]):
    """An app that writes to the terminal only what changes."""

    def __init__(self) -> None:
        super().__init__()
        self._frame = TerminalFrame()
        self._complete: WeakSet[Screen[Any]] = WeakSet()
        """The dialogs that have been shown."""
        self._opening: asyncio.Task[None] | None = None

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
        text = self._frame.draw(renderable, self.size, self.console)
        cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
        if text or cursor != self._previous_cursor_position:
            super()._display(screen, _Written(text))
        else:
            self.post_display_hook()

    def _is_opening(self, screen: Screen[Any]) -> bool:
        """Whether a screen is a dialog that is not complete yet."""
        if not isinstance(screen, ModalScreen) or screen in self._complete:
            return False
        if self._opening is None:
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
        self._opening = None
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
