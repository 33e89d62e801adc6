"""A bracketed paste is one event that is text and nothing else.

Textual 8.2's `XTermParser` looks for escape sequences inside a paste, too. One escape
character in the pasted text breaks the paste up: what follows it arrives as keys, and
keys are commands. To be reported upstream; until then the drivers get a parser that
leaves escape characters out of a paste, as terminals themselves do.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from textual._xterm_parser import (
    BRACKETED_PASTE_END,
    BRACKETED_PASTE_START,
    XTermParser,
)
from textual.driver import Driver
from textual.message import Message

_ESCAPE = "\x1b"


class PasteParser(XTermParser):
    """Parses what a terminal sends; takes no escape sequence out of pasted text."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._is_pasting = False
        self._seen = ""
        """The last characters outside a paste: its start may come in two reads."""
        self._held_back = ""
        """The last characters of a paste, if they may be the first of its end."""

    def feed(self, data: str) -> Iterable[Message]:
        if not data:  # The end of all input.
            yield from super().feed("")
        elif text := self._without_escapes(data):
            yield from super().feed(text)

    def _without_escapes(self, data: str) -> str:
        parts: list[str] = []
        rest, self._held_back = self._held_back + data, ""
        while rest:
            read = self._read_paste if self._is_pasting else self._read_keys
            part, rest = read(rest)
            parts.append(part)
        return "".join(parts)

    def _read_keys(self, data: str) -> tuple[str, str]:
        """Return all up to a paste, and the paste."""
        seen = self._seen + data
        before, start, _ = seen.partition(BRACKETED_PASTE_START)
        self._is_pasting = bool(start)
        self._seen = "" if start else seen[1 - len(BRACKETED_PASTE_START) :]
        end = len(before) + len(start) - (len(seen) - len(data))
        return data[:end], data[end:]

    def _read_paste(self, data: str) -> tuple[str, str]:
        """Return pasted text without escape characters, and what follows its end."""
        text, end, rest = data.partition(BRACKETED_PASTE_END)
        self._is_pasting = not end
        last = text.rfind(_ESCAPE)
        if not end and last >= 0 and BRACKETED_PASTE_END.startswith(text[last:]):
            text, self._held_back = text[:last], text[last:]
        return text.replace(_ESCAPE, "") + end, rest


def use_paste_parser(driver_class: type[Driver]) -> None:
    """Have a driver parse with `PasteParser`: it takes the parser from its module."""
    names = vars(sys.modules[driver_class.__module__])
    if names.get("XTermParser") is XTermParser:
        names["XTermParser"] = PasteParser
