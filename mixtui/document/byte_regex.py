"""Regular expressions over UTF-8: a pattern of characters becomes one of bytes.

Python's patterns of bytes know ASCII only: ``.`` would match a third of a €, and É and
é would have nothing in common. Here each element of a pattern becomes what matches
whole characters. Characters beyond ASCII count as letters (``\\w``), and nothing but a
``\\n`` that was typed matches a line end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from mixtui.model.errors import SearchError

_BEYOND = rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
"""A character that is not ASCII."""
_ANY = rb"(?:[^\n\x80-\xff]|" + _BEYOND + rb")"
_WORD = rb"[\w\x80-\xff]"
_CLASSES = {
    "d": rb"[0-9]",
    "D": rb"(?:[^0-9\n\x80-\xff]|" + _BEYOND + rb")",
    "w": rb"(?:\w|" + _BEYOND + rb")",
    "W": rb"[^\w\n\x80-\xff]",
    "s": rb"[ \t\r\f\v]",
    "S": rb"(?:[^\s\x80-\xff]|" + _BEYOND + rb")",
    "b": b"(?:(?<=%b)(?!%b)|(?<!%b)(?=%b))" % ((_WORD,) * 4),
    "B": b"(?:(?<=%b)(?=%b)|(?<!%b)(?!%b))" % ((_WORD,) * 4),
}
_CONTROLS = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_HEX = {"x": 2, "u": 4, "U": 8}
_MOST = 20_000
"""Characters that a range may span beyond ASCII."""


def bytes_literal(text: str, matches_case: bool) -> bytes:
    """The pattern of a text in which no character is special."""
    return b"".join(_one(character, matches_case) for character in text)


def bytes_pattern(pattern: str, matches_case: bool) -> bytes:
    """A pattern of bytes that does what a valid pattern of characters does.

    Args:
        pattern: As `re` takes it for texts.
        matches_case: False = each letter beyond ASCII in either case; for the others
            the flag ``re.IGNORECASE`` is to be given.

    Raises:
        SearchError: It has something that cannot be translated.
    """
    return _Translation(pattern, matches_case).result()


class _Translation:
    def __init__(self, pattern: str, matches_case: bool) -> None:
        self._pattern = pattern
        self._matches_case = matches_case
        self._at = 0

    def result(self) -> bytes:
        pieces: list[bytes] = []
        while self._at < len(self._pattern):
            start = self._at
            match self._next():
                case "\\":
                    pieces.append(self._escape())
                case ".":
                    pieces.append(_ANY)
                case "[":
                    pieces.append(self._set())
                case "(" if self._pattern.startswith("(?", start):
                    pieces.append(self._extension(start))
                case character if character.isascii():
                    pieces.append(character.encode())
                case character:
                    pieces.append(_one(character, self._matches_case))
        return b"".join(pieces)

    def _next(self) -> str:
        self._at += 1
        return self._pattern[self._at - 1]

    def _extension(self, start: int) -> bytes:
        """What stands behind ``(?``: a name, flags, a comment."""
        found = re.compile(r"\(\?(P[<=]\w+|#[^)]*|[aiLmsux-]+)").match(
            self._pattern, start
        )
        if found is None:
            return b"("
        if not found.group().isascii() or found.group(1)[0] in "aiLmsux-":
            raise SearchError(
                "This cannot be searched for: leave flags out and use ASCII names."
            )
        self._at = found.end()
        return found.group().encode()

    def _escape(self) -> bytes:
        letter = self._pattern[self._at]
        if letter in _CLASSES:
            self._at += 1
            return _CLASSES[letter]
        if letter in "AZ" or (letter.isdigit() and not self._is_octal()):
            self._at += 1
            return b"\\" + letter.encode()
        return _one(self._escaped_character(), self._matches_case)

    def _is_octal(self) -> bool:
        """Whether digits are a character's number and not a group's."""
        return bool(re.match(r"0|[0-3][0-7]{2}", self._pattern[self._at :]))

    def _escaped_character(self) -> str:
        """The one character that an escape stands for."""
        letter = self._next()
        if letter in _HEX:
            digits = self._pattern[self._at : self._at + _HEX[letter]]
            self._at += len(digits)
            return chr(int(digits, 16))
        if letter == "N":
            raise SearchError("This cannot be searched for: write \\u and its number.")
        if letter in _CONTROLS:
            return chr(_CONTROLS[letter])
        if letter in "01234567":
            found = re.compile("[0-7]{1,3}").match(self._pattern, self._at - 1)
            assert found is not None
            self._at = found.end()
            return chr(int(found.group(), 8))
        return letter

    def _set(self) -> bytes:
        """``[…]``, which is valid."""
        negated = self._pattern[self._at] == "^"
        self._at += negated
        alternatives: list[bytes] = []
        characters: set[str] = set()
        first = True
        while first or self._pattern[self._at] != "]":
            first = False
            start = self._set_item(alternatives)
            if start is None:
                continue
            end = start
            if self._pattern[self._at] == "-" and self._pattern[self._at + 1] != "]":
                self._at += 1
                end = self._set_item(alternatives) or start
            characters |= self._span(start, end)
        self._at += 1
        if characters:
            alternatives.append(_one_of(characters))
        either = b"(?:%b)" % b"|".join(alternatives)
        return b"(?:(?!%b)%b)" % (either, _ANY) if negated else either

    def _set_item(self, alternatives: list[bytes]) -> str | None:
        """The next character of a set; None = a class, which joins the alternatives."""
        letter = self._next()
        if letter != "\\":
            return letter
        letter = self._pattern[self._at]
        if letter in "dDwWsS":
            self._at += 1
            alternatives.append(_CLASSES[letter])
            return None
        if letter == "b":
            self._at += 1
            return "\b"
        return self._escaped_character()

    def _span(self, start: str, end: str) -> set[str]:
        first, last = ord(start), ord(end)
        if last - first > _MOST:
            raise SearchError(
                f"This cannot be searched for: {start}-{end} is too long a range."
            )
        characters = {chr(code) for code in range(first, last + 1)}
        if not self._matches_case:
            for character in list(characters):
                if not character.isascii():
                    characters.update(_cases(character))
        return characters


def _one(character: str, matches_case: bool) -> bytes:
    if character.isascii():
        if matches_case or not character.isalpha():
            return re.escape(character.encode())
        return b"[%b%b]" % (character.lower().encode(), character.upper().encode())
    cases = {character} if matches_case else {character, *_cases(character)}
    return _one_of(cases)


def _one_of(characters: Iterable[str]) -> bytes:
    """What matches one of some characters, as an element that can be repeated."""
    written = {character.encode("utf-8", "surrogatepass") for character in characters}
    if len(written) == 1:
        return b"(?:%b)" % re.escape(written.pop())
    ends: dict[bytes, set[int]] = {}
    for sequence in written:
        ends.setdefault(sequence[:-1], set()).add(sequence[-1])
    pieces = [start + _byte_set(last) for start, last in sorted(ends.items())]
    if len(pieces) == 1 and pieces[0].startswith(b"["):
        return pieces[0]
    return b"(?:%b)" % b"|".join(pieces)


def _byte_set(values: set[int]) -> bytes:
    spans: list[tuple[int, int]] = []
    for value in sorted(values):
        if spans and spans[-1][1] == value - 1:
            spans[-1] = (spans[-1][0], value)
        else:
            spans.append((value, value))
    return b"[%b]" % b"".join(b"\\x%02x-\\x%02x" % span for span in spans)


@cache
def _cases(character: str) -> tuple[str, ...]:
    """A letter beyond ASCII in each of its cases, as `re` has them for texts."""
    return tuple(re.findall(re.escape(character), _letters(), re.IGNORECASE))


@cache
def _letters() -> str:
    """All that may be another case of something."""
    codes = (*range(0x41, 0x7B), *range(0xB5, 0xD800), *range(0xF900, 0x1E944))
    return "".join(map(chr, codes))
