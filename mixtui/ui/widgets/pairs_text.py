"""Rows as text and back, exactly: names and values survive whatever they hold.

One row a line, ``name=value`` or ``name: value``; a leading ``# `` switches it off. In
a name, a backslash takes the meaning from the next character. Control characters show
as their pictures (``␊`` for a line feed) and come back from them; ``␛`` before a picture
means the picture itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mixtui.core.requests import Pair

_OFF = "# "
_PICTURE_OF_ESCAPE = "\N{SYMBOL FOR ESCAPE}"
_DELETE, _PICTURE_OF_DELETE = "\x7f", "\N{SYMBOL FOR DELETE}"
_ESCAPE_ITSELF = "\N{SYMBOL FOR SUBSTITUTE FORM TWO}"
"""Behind the picture of escape: U+001B. Itself it is never escaped."""
_C1, _C1_SIGNS = 0x80, 0x2440
"""The controls U+0080 to U+009F borrow the block of optical marks."""
_SPECIAL = re.compile("[\x00-\x1f\x7f-\x9f\u2400-\u2421]")
_SHOWN = re.compile(f"{_PICTURE_OF_ESCAPE}(.)|([\u2400-\u2421])", re.DOTALL)


def shown(text: str) -> str:
    """Text for a one-line field: no control character is left in it."""
    return _SPECIAL.sub(_show, text)


def hidden(text: str) -> str:
    """The text that `shown` was given."""
    return _SHOWN.sub(_hide, text)


def to_text(pairs: Iterable[Pair], separator: str) -> str:
    """Rows as lines; the separator is ``=`` or ``:``."""
    return "\n".join(_line(pair, separator) for pair in pairs)


def from_text(text: str, separator: str) -> tuple[Pair, ...]:
    """Lines as rows; blank lines are skipped, a line without separator is a name."""
    lines = (line.removesuffix("\r") for line in text.split("\n"))
    return tuple(_pair(line, separator) for line in lines if line.strip())


def _line(pair: Pair, separator: str) -> str:
    name = shown(pair.name).replace("\\", "\\\\").replace(separator, f"\\{separator}")
    if name.startswith("#"):
        name = f"\\{name}"
    gap = " " if separator == ":" else ""
    return f"{'' if pair.enabled else _OFF}{name}{separator}{gap}{shown(pair.value)}"


def _pair(line: str, separator: str) -> Pair:
    enabled = not line.startswith(_OFF)
    name, value = _split(line if enabled else line.removeprefix(_OFF), separator)
    if separator == ":":
        value = value.removeprefix(" ")
    return Pair(hidden(name), hidden(value), enabled)


def _split(line: str, separator: str) -> tuple[str, str]:
    name: list[str] = []
    characters = iter(enumerate(line))
    for at, character in characters:
        if character == separator:
            return "".join(name), line[at + 1 :]
        if character == "\\":
            _, character = next(characters, (at, "\\"))
        name.append(character)
    return "".join(name), ""


def _show(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if character == "\x1b":
        return _PICTURE_OF_ESCAPE + _ESCAPE_ITSELF
    if code < 0x20:
        return chr(0x2400 + code)
    if character == _DELETE:
        return _PICTURE_OF_DELETE
    if code < 0xA0:
        return _PICTURE_OF_ESCAPE + chr(_C1_SIGNS + code - _C1)
    return _PICTURE_OF_ESCAPE + character


def _hide(match: re.Match[str]) -> str:
    escaped, picture = match.group(1), match.group(2)
    if picture:
        return _DELETE if picture == _PICTURE_OF_DELETE else chr(ord(picture) - 0x2400)
    if escaped == _ESCAPE_ITSELF:
        return "\x1b"
    if _C1_SIGNS <= ord(escaped) < _C1_SIGNS + 0x20:
        return chr(_C1 + ord(escaped) - _C1_SIGNS)
    return str(escaped)
