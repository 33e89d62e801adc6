"""Writes cells to a terminal with few escape sequences.

Cells of a kind are written together, wherever they are: on a screen of many colours it
costs less to move the cursor than to name two colours again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from rich.cells import get_character_cell_size
from rich.color import Color, ColorSystem
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.color import Color as RGB
from textual.filter import ANSIToTruecolor
from textual.geometry import Offset

from mixtui.patterns import compile_late
from mixtui.ui.contrast import rounded

UNKNOWN = "\0"
"""The text of a cell that may show anything."""
REST = ""
"""The text of a cell that the character before it covers as well."""
FIRST_EMOJI = "\U0001f000"
EMOJI_SELECTOR = "\ufe0f"
_FIRST_TAG = "\U000e0000"
_NO_WRAP, _WRAP = "\x1b[?7l", "\x1b[?7h"
"""Resets and sets DECAWM: whether text that reaches the last column goes on below."""
_ERASING_TERMS = (
    "xterm",
    "alacritty",
    "contour",
    "foot",
    "ghostty",
    "kitty",
    "konsole",
    "linux",
    "rio",
    "vte",
    "wezterm",
)
"""How TERM begins in terminals that give erased cells the background color.

A table instead of terminfo, which many containers lack. tmux and GNU screen are not in it:
their terminfo promises neither ECH nor the color.
"""
_LONG_BLANK = compile_late(" {11,}")
"""Blanks that take more bytes than ECH and the move behind them."""


class Sgr(NamedTuple):
    """How a cell is drawn, as parameters of SGR (ECMA-48, 8.3.117)."""

    attributes: tuple[str, ...] = ()
    foreground: str | None = ""
    """None = any: nothing of it shows on a blank."""
    background: str = ""
    shows_on_blank: bool = False
    """Whether the attributes do, as an underline does."""


class Piece(NamedTuple):
    """Cells of a row that one look draws."""

    look: Sgr
    y: int
    start: int
    stop: int


PLAIN = Sgr()
_RESET, _REVERSE = "0", "7"
_ATTRIBUTES = (
    ("bold", "1", "22"),
    ("dim", "2", "22"),
    ("italic", "3", "23"),
    ("underline", "4", "24"),
    ("blink", "5", "25"),
    ("blink2", "6", "25"),
    ("reverse", _REVERSE, "27"),
    ("conceal", "8", "28"),
    ("strike", "9", "29"),
    ("underline2", "21", "24"),
    ("frame", "51", "54"),
    ("encircle", "52", "54"),
    ("overline", "53", "55"),
)
"""The names of Rich, and the parameters that set and end them."""
_ENDS = {code: end for _, code, end in _ATTRIBUTES}
_SHOWN_ON_BLANKS = {"4", _REVERSE, "9", "21", "51", "52", "53"}
_REVERSIBLE = {"1", "3"}
"""Attributes of which reversed colours show nothing but the colours exchanged."""
_BLACK = Color.from_rgb(0, 0, 0)
_TRUECOLOR = {"3": "38;2;", "4": "48;2;"}


@lru_cache(maxsize=4096)
def sgr(
    style: Style | None, colors: ColorSystem, palette: TerminalTheme | None = None
) -> tuple[Sgr, Sgr]:
    """Return how a style draws text, and how it draws blanks.

    Args:
        style: Of the text; None = that of the terminal.
        colors: How many colours the terminal has.
        palette: What the names of colours mean; None = what the terminal makes of them.
    """
    if style is None:
        return PLAIN, PLAIN._replace(foreground=None)
    if palette is not None:
        style = _named_colors(palette).truecolor_style(style, style.bgcolor or _BLACK)
    codes = tuple(code for name, code, _ in _ATTRIBUTES if getattr(style, name))
    fore, back = style.color, style.bgcolor
    if colors is ColorSystem.EIGHT_BIT and fore is not None and back is not None:
        fore, back = _rounded(fore, back)
    front = "" if fore is None else ";".join(fore.downgrade(colors).get_ansi_codes())
    ground = (
        "" if back is None else ";".join(back.downgrade(colors).get_ansi_codes(False))
    )
    front, ground = front.removeprefix("39"), ground.removeprefix("49")
    plain = tuple(code for code in codes if code != _REVERSE)
    if plain != codes and _is_reversible(plain, front, ground):
        codes, front, ground = plain, _exchanged(ground), _exchanged(front)
    text = Sgr(codes, front, ground, any(code in _SHOWN_ON_BLANKS for code in codes))
    return text, text if text.shows_on_blank else Sgr((), None, text.background)


@cache
def _named_colors(palette: TerminalTheme) -> ANSIToTruecolor:
    return ANSIToTruecolor(palette)


def _rounded(text: Color, background: Color) -> tuple[Color, Color]:
    """Round two colors to those of 256 so that the text can still be read."""
    if text.triplet is None or background.triplet is None:
        return text, background
    numbers = rounded(RGB(*text.triplet), RGB(*background.triplet))
    return Color.from_ansi(numbers[0]), Color.from_ansi(numbers[1])


def _is_reversible(attributes: tuple[str, ...], *colors: str) -> bool:
    """Whether reversing shows exactly the colours exchanged, in every terminal.

    Terminals draw the colours of their palette, and the default ones, brighter where
    text is bold; some show another colour where text is dim.
    """
    return _REVERSIBLE.issuperset(attributes) and all(
        color.startswith(("38;2;", "48;2;")) for color in colors
    )


def _exchanged(color: str) -> str:
    """Return a colour of text as one of the background, and the other way round."""
    return f"{'4' if color[0] == '3' else '3'}{color[1:]}"


def erases_in_color(variables: Mapping[str, str]) -> bool:
    """Return whether ECH fills cells with the background color in the terminal."""
    # In GNU screen TERM may have been set to that of the terminal around it.
    return variables.get("TERM", "").startswith(_ERASING_TERMS) and not variables.get(
        "STY"
    )


def is_uncertain(cell: str) -> bool:
    """Whether terminals disagree on how many cells a character takes."""
    return len(cell) > 1 or cell >= FIRST_EMOJI


def reach(cell: str) -> int:
    """Return how many cells a terminal takes at most for what is one character."""
    return sum(map(_reach, cell))


def _reach(char: str) -> int:
    if FIRST_EMOJI <= char < _FIRST_TAG or char == EMOJI_SELECTOR:
        return 2  # A selector makes a character wide that takes one cell at least.
    return get_character_cell_size(char)


def split_pieces(
    y: int, changed: Sequence[int], texts: Sequence[str], looks: Sequence[Sgr]
) -> Iterator[Piece]:
    """Yield the changed cells of a row in pieces of one look.

    Args:
        y: The row.
        changed: The columns, in order.
        texts: What each cell of the row shows.
        looks: How.
    """
    start = stop = -1
    look, is_alone = PLAIN, False
    for index in changed:
        if index < stop:  # The rest of a wide character.
            continue
        first = index
        while first and texts[first] == REST:
            first -= 1
        uncertain = is_uncertain(texts[first])
        joined = None
        if start >= 0:
            if first == stop and not uncertain and not is_alone:
                joined = _joined(look, looks[first])
            if joined is None:
                yield Piece(look, y, start, stop)
        if joined is None:
            start, look, is_alone = first, looks[first], uncertain
        else:
            look = joined
        stop = first + 1
        while stop < len(texts) and texts[stop] == REST:
            stop += 1
    if start >= 0:
        yield Piece(look, y, start, stop)


def _joined(look: Sgr, other: Sgr) -> Sgr | None:
    """Return the look that draws the cells of two looks; None = there is none."""
    if _is_drawn_by(other, look):
        return look
    return other if _is_drawn_by(look, other) else None


def _is_drawn_by(look: Sgr, other: Sgr) -> bool:
    """Whether a cell looks as it should if another look draws it."""
    if look is other:
        return True
    if look.foreground is None and not other.shows_on_blank:
        return look.background == other.background
    return look == other


class _State(NamedTuple):
    """What the terminal was told by SGR."""

    attributes: tuple[str, ...] = ()
    foreground: str = ""
    background: str = ""


_NOTHING = _State()


@lru_cache(maxsize=4096)
def _change(state: _State, look: Sgr) -> tuple[str, _State]:
    """Return the shortest sequence after which a look is drawn, and the state then."""
    attributes, foreground, background, _ = look
    if foreground is None:
        kept = tuple(a for a in state.attributes if a not in _SHOWN_ON_BLANKS)
        after = [_State(kept, state.foreground, background)]
        if _is_reversible(kept, background):
            reverse = (*kept, _REVERSE)
            after.append(_State(reverse, _exchanged(background), state.background))
    else:
        after = [_State(attributes, foreground, background)]
        if _is_reversible(attributes, foreground, background):
            reverse = (*attributes, _REVERSE)
            colors = _exchanged(background), _exchanged(foreground)
            after.append(_State(reverse, *colors))
    ways = [(_codes(state, each), each) for each in after]
    return min(ways, key=lambda way: len(way[0]))


def _codes(before: _State, after: _State) -> str:
    if before == after:
        return ""
    ends = {_ENDS[a] for a in before.attributes if a not in after.attributes}
    kept = [a for a in before.attributes if _ENDS[a] not in ends]
    steps = [*sorted(ends), *(a for a in after.attributes if a not in kept)]
    if before.foreground != after.foreground:
        steps.append(after.foreground or "39")
    if before.background != after.background:
        steps.append(after.background or "49")
    anew = [_RESET, *after.attributes, after.foreground, after.background]
    ways = ";".join(steps), ";".join(filter(None, anew))
    shortest = min(ways, key=len)
    return f"\x1b[{'' if shortest == _RESET else shortest}m"


class Pen:
    """Writes cells of a frame.

    Args:
        texts: What each cell of each row shows in the end.
        looks: How.
        erases: Whether ECH may stand for blanks.
    """

    def __init__(
        self,
        texts: Sequence[Sequence[str]],
        looks: Sequence[Sequence[Sgr]],
        *,
        erases: bool,
    ) -> None:
        self._texts = texts
        self._looks = looks
        self._erases = erases
        self._parts: list[str] = []
        self._state = _NOTHING
        self._y = self._x = -1
        """Where the cursor is; -1 = unknown."""

    def write(self, pieces: Iterable[Piece]) -> None:
        """Write pieces in an order that takes few colours."""
        by_look: dict[Sgr, list[Piece]] = {}
        for piece in pieces:
            if is_uncertain(self._texts[piece.y][piece.start]):
                # First: a terminal may draw it over the next cell as well.
                self._write_uncertain(piece)
            else:
                by_look.setdefault(piece.look, []).append(piece)
        while by_look:
            nearest = min(by_look, key=self._distance)
            for piece in self._merged(by_look.pop(nearest)):
                self._write(piece)

    def _distance(self, look: Sgr) -> tuple[bool, int]:
        # Text first, as its colours often draw blanks, too.
        is_late = look.foreground is None and self._state == _NOTHING
        return is_late, len(_change(self._state, look)[0])

    def end(self, cursor: Offset | None) -> str:
        """Leave no attribute on; return what was written.

        Args:
            cursor: Where to leave the cursor; None = where it is.
        """
        if self._state != _NOTHING:
            self._parts.append("\x1b[m")
        if cursor is not None:
            self._move(cursor.y, cursor.x)
        return "".join(self._parts)

    def _merged(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """Yield pieces of a look; what is between two is written if that is shorter."""
        before: Piece | None = None
        for piece in pieces:
            if before is not None and self._is_bridged(before, piece):
                before = before._replace(stop=piece.stop)
                continue
            if before is not None:
                yield before
            before = piece
        if before is not None:
            yield before

    def _is_bridged(self, before: Piece, piece: Piece) -> bool:
        look, y, _, start = before
        count = piece.start - start
        if piece.y != y or not 0 <= count <= _LONGEST_STEP:
            return False
        texts, looks = self._texts[y][start : piece.start], self._looks[y]
        return (
            all(cell and cell != UNKNOWN and not is_uncertain(cell) for cell in texts)
            and _size("".join(texts)) < len(_steps(count, "C"))
            and all(_is_drawn_by(each, look) for each in looks[start : piece.start])
        )

    def _write(self, piece: Piece) -> None:
        look, y, start, stop = piece
        self._set(look)
        self._move(y, start)
        text = "".join(self._texts[y][start:stop])
        if self._erases and not look.shows_on_blank and _REVERSE not in self._state[0]:
            text, stop = self._erased(text, stop)
        self._parts.append(text)
        self._came_to(y, stop)

    @staticmethod
    def _erased(text: str, stop: int) -> tuple[str, int]:
        """Return a text whose long blanks are erased, and where it leaves the cursor."""
        written = _LONG_BLANK.sub(_erasure, text)
        blanks = len(text) - len(text.rstrip(" "))
        passed = written.removesuffix(_steps(blanks, "C"))
        return (written, stop) if passed == written else (passed, stop - blanks)

    def _write_uncertain(self, piece: Piece) -> None:
        look, y, start, stop = piece
        self._set(look)
        self._move(y, start)
        # Blank first what the terminal may draw in fewer cells; go on where it should
        # have ended. What it may draw in more never goes on in the next row.
        width, cell = stop - start, self._texts[y][start]
        back = f"\x1b[{width}D"
        if start + max(width, reach(cell)) >= len(self._texts[y]):
            back, cell = f"\x1b[{y + 1};{start + 1}H", f"{_NO_WRAP}{cell}{_WRAP}"
        self._parts.append(f"{' ' * width}{back}{cell}\x1b[{y + 1};{stop + 1}H")
        self._came_to(y, stop)

    def _came_to(self, y: int, x: int) -> None:
        # Behind the last column terminals disagree on where the cursor is.
        self._y, self._x = (y, x) if x < len(self._texts[y]) else (-1, -1)

    def _move(self, y: int, x: int) -> None:
        if (y, x) == (self._y, self._x):
            return
        ways = [f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"]
        if self._y == y and self._x < x:
            ways.append(_steps(x - self._x, "C"))
        elif self._y >= 0:
            down = y - self._y
            if down:
                vertical = _steps(abs(down), "B" if down > 0 else "A")
                ways.append(vertical + self._sideways(x))
                if down > 0 and not x:
                    ways.append("\r" + "\n" * down)
            else:
                ways.append(self._sideways(x))
        self._parts.append(min(ways, key=_size))
        self._y, self._x = y, x

    def _sideways(self, x: int) -> str:
        by = x - self._x
        if by >= 0:
            return _steps(by, "C") if by else ""
        return min("\b" * -by, _steps(-by, "D"), *([] if x else ["\r"]), key=len)

    def _set(self, look: Sgr) -> None:
        codes, self._state = _change(self._state, look)
        if codes:
            self._parts.append(codes)


_LONGEST_STEP = 6
"""Bytes of the longest move within a row."""


def _steps(count: int, direction: str) -> str:
    return f"\x1b[{count}{direction}" if count > 1 else f"\x1b[{direction}"


def _erasure(blank: re.Match[str]) -> str:
    count = len(blank[0])
    return f"\x1b[{count}X{_steps(count, 'C')}"


def _size(text: str) -> int:
    return len(text.encode())
