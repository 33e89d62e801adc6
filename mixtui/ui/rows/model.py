"""The rows being edited, with undo; rows that the app generates; rows as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from mixtui.model.draft import Draft, Pair
from mixtui.patterns import compile_late
from mixtui.request.additions import Addition, Part
from mixtui.request.omissions import AUTHORIZATION
from mixtui.request.path_parameters import open_parameters
from mixtui.request.templates import Values
from mixtui.text import sanitize

_MAX_UNDO = 200


def edited(pair: Pair, name: str, value: str, *, is_chosen: bool = False) -> Pair:
    """Return a row as a person left it, who edits a disabled one in order to send it.

    Args:
        pair: Before the edit; a disabled one that stays the same stays disabled.
        name: After it.
        value: After it.
        is_chosen: It was picked, even if it is what stood there.
    """
    is_changed = (name, value) != (pair.name, pair.value)
    return Pair(name, value, pair.enabled or is_changed or is_chosen)


class Rows(Struct, frozen=True):
    """A snapshot of the rows; the cursor is on a row, or 0 when there is none."""

    pairs: tuple[Pair, ...] = ()
    cursor: int = 0

    def with_cursor(self, cursor: int) -> Rows:
        """Return the rows with the cursor on another row, clamped to the first and last."""
        return replace(self, cursor=max(0, min(cursor, len(self.pairs) - 1)))

    @property
    def current(self) -> Pair | None:
        """The row under the cursor."""
        return self.pairs[self.cursor] if self.pairs else None

    def with_pair(self, index: int, pair: Pair) -> Rows:
        """Return the rows with another pair in a row, and the cursor on it."""
        return Rows((*self.pairs[:index], pair, *self.pairs[index + 1 :]), index)

    def inserted(self, index: int, pairs: Sequence[Pair]) -> Rows:
        """Return the rows with more before a row; the cursor on the last of them."""
        rows = (*self.pairs[:index], *pairs, *self.pairs[index:])
        return Rows(rows).with_cursor(index + len(pairs) - 1)

    def without(self, index: int) -> Rows:
        """Return the rows without one; the cursor where it was."""
        return Rows((*self.pairs[:index], *self.pairs[index + 1 :])).with_cursor(index)

    def moved(self, by: int) -> Rows:
        """Return the rows with the one under the cursor moved, and the cursor with it."""
        target = self.cursor + by
        if self.current is None or not 0 <= target < len(self.pairs):
            return self
        return (
            self.without(self.cursor)
            .inserted(target, [self.current])
            .with_cursor(target)
        )

    def with_current_toggled(self) -> Rows:
        """Return the rows with the one under the cursor disabled or enabled."""
        if self.current is None:
            return self
        pair = replace(self.current, enabled=not self.current.enabled)
        return self.with_pair(self.cursor, pair)


class RowsModel:
    """Rows with undo."""

    def __init__(self, pairs: Sequence[Pair] = ()) -> None:
        self.rows = Rows(tuple(pairs))
        self._undo_stack: list[Rows] = []

    def reset(self, pairs: Sequence[Pair]) -> None:
        """Start anew with other rows."""
        self.rows = Rows(tuple(pairs))
        self._undo_stack.clear()

    def change(self, rows: Rows, *, since: Rows | None = None) -> bool:
        """Make rows the current ones; return whether more than the cursor changed.

        Args:
            rows: The new ones.
            since: What `undo` goes back to; None = the current rows.
        """
        before = since or self.rows
        self.rows = rows
        if rows.pairs == before.pairs:
            return False
        self._undo_stack.append(before)
        del self._undo_stack[:-_MAX_UNDO]
        return True

    def undo(self) -> bool:
        """Undo the last change; return False if there is none."""
        if not self._undo_stack:
            return False
        self.rows = self._undo_stack.pop()
        return True


class GeneratedRow(Struct, frozen=True):
    """A row that the app adds by itself, or would if it were not disabled."""

    name: str
    value: str
    reason: str = ""
    """Where it comes from."""
    omitted: bool = False
    initial_value: str | None = None
    """The value to start with when it becomes a row of the user; None = the same."""


class GeneratedRows(Struct):
    """Generated rows, and the one under the cursor."""

    rows: tuple[GeneratedRow, ...] = ()
    cursor: int | None = None
    """None = it is on none of these."""

    @property
    def current(self) -> GeneratedRow | None:
        """The row under the cursor."""
        return None if self.cursor is None else self.rows[self.cursor]

    def replace(self, rows: Iterable[GeneratedRow]) -> None:
        """Set other rows; the cursor stays on its name if that is still there."""
        name = self.current.name if self.current is not None else None
        self.rows = tuple(rows)
        names = [each.name for each in self.rows]
        self.cursor = names.index(name) if name in names else None


def generated_rows(additions: Iterable[Addition], part: Part) -> list[GeneratedRow]:
    """Return what the app adds to a part of a request, as rows."""
    return [
        GeneratedRow(
            each.name,
            each.value,
            sanitize(each.origin),
            each.omitted,
            # The secret stays where it is: a row would be saved with the request.
            f"{each.value.partition(' ')[0]} " if each.name == AUTHORIZATION else None,
        )
        for each in additions
        if each.part is part
    ]


def path_rows(draft: Draft, values: Values) -> list[GeneratedRow]:
    """Return the path parameters in the URL of a draft that it has no row for."""
    return [
        GeneratedRow(each.name, each.value, sanitize(each.origin) or "no value yet")
        for each in open_parameters(draft, values)
    ]


_OFF_PREFIX = "# "
_ESCAPE_SYMBOL = "\N{SYMBOL FOR ESCAPE}"
_DELETE, _DELETE_SYMBOL = "\x7f", "\N{SYMBOL FOR DELETE}"
_ESCAPED_ESCAPE = "\N{SYMBOL FOR SUBSTITUTE FORM TWO}"
"""After the symbol for escape: U+001B. The symbol itself is never escaped."""
_C1, _C1_SIGNS = 0x80, 0x2440
"""The controls U+0080 to U+009F are shown as characters of the OCR block."""
_SPECIAL = compile_late("[\x00-\x1f\x7f-\x9f\u2400-\u2421]")
_ESCAPED = compile_late(f"{_ESCAPE_SYMBOL}(.)|([\u2400-\u2421])", re.DOTALL)


def escape_controls(text: str) -> str:
    """Escape the control characters of a text, for a one-line field."""
    return _SPECIAL.sub(_escape, text)


def unescape_controls(text: str) -> str:
    """Return the text that `escape_controls` has escaped."""
    return _ESCAPED.sub(_unescape, text)


def to_text(pairs: Iterable[Pair], separator: str) -> str:
    """Format rows as lines; the separator is ``=`` or ``:``."""
    return "\n".join(_row_line(pair, separator) for pair in pairs)


def from_text(text: str, separator: str) -> tuple[Pair, ...]:
    """Parse lines as rows; skip blank ones; a line without separator is a name."""
    lines = (line.removesuffix("\r") for line in text.split("\n"))
    return tuple(_parse_line(line, separator) for line in lines if line.strip())


def _row_line(pair: Pair, separator: str) -> str:
    name = (
        escape_controls(pair.name)
        .replace("\\", "\\\\")
        .replace(separator, f"\\{separator}")
    )
    if name.startswith("#"):
        name = f"\\{name}"
    gap = " " if separator == ":" else ""
    return f"{'' if pair.enabled else _OFF_PREFIX}{name}{separator}{gap}{escape_controls(pair.value)}"


def _parse_line(line: str, separator: str) -> Pair:
    enabled = not line.startswith(_OFF_PREFIX)
    name, value = _split_line(
        line if enabled else line.removeprefix(_OFF_PREFIX), separator
    )
    if separator == ":":
        value = value.removeprefix(" ")
    return Pair(unescape_controls(name), unescape_controls(value), enabled)


def _split_line(line: str, separator: str) -> tuple[str, str]:
    name: list[str] = []
    characters = iter(enumerate(line))
    for index, character in characters:
        if character == separator:
            return "".join(name), line[index + 1 :]
        if character == "\\":
            _, character = next(characters, (index, "\\"))
        name.append(character)
    return "".join(name), ""


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if character == "\x1b":
        return _ESCAPE_SYMBOL + _ESCAPED_ESCAPE
    if code < 0x20:
        return chr(0x2400 + code)
    if character == _DELETE:
        return _DELETE_SYMBOL
    if code < 0xA0:
        return _ESCAPE_SYMBOL + chr(_C1_SIGNS + code - _C1)
    return _ESCAPE_SYMBOL + character


def _unescape(match: re.Match[str]) -> str:
    escaped, picture = match.group(1), match.group(2)
    if picture:
        return _DELETE if picture == _DELETE_SYMBOL else chr(ord(picture) - 0x2400)
    if escaped == _ESCAPED_ESCAPE:
        return "\x1b"
    if _C1_SIGNS <= ord(escaped) < _C1_SIGNS + 0x20:
        return chr(_C1 + ord(escaped) - _C1_SIGNS)
    return str(escaped)
