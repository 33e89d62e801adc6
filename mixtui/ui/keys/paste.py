"""A paste is one event that is text, and no input of a terminal ends the app.

Textual 8.2's `XTermParser` looks for escape sequences inside a paste, too. One escape
character in the pasted text breaks the paste up: what follows it arrives as keys, and
keys are commands. A key with a number that no character has ends its thread that reads the
terminal, and the app. To be reported upstream; `PasteParser` hands a paste on as plain text
and ignores such keys.

A terminal that does not bracket pastes, and `tmux send-keys`, send them as if they were
typed, line ends as enter. Several lines that arrive in one read were not typed: nobody types
so fast, and nobody who types ahead over a stalled line writes a second line without any key
that is a command. They become a paste, too.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Iterable

from textual._xterm_parser import (
    BRACKETED_PASTE_END,
    BRACKETED_PASTE_START,
    XTermParser,
)
from textual.events import Key, Paste
from textual.keys import Keys
from textual.message import Message

from mixtui.patterns import compile_late

_ESCAPE = "\x1b"
_CTRL = 4
"""In the modifiers of a key, after 1 was subtracted."""
_KEY = compile_late(
    "\x1b\\[(?:27;(?P<modifiers>[0-9]{1,3});(?P<code>[0-9]{1,3})~"  # modifyOtherKeys
    "|(?P<u_code>[0-9]{1,3})(?:;(?P<u_modifiers>[0-9]{1,3})(?::1)?)?u)"  # CSI u
)
_COMMAND = compile_late("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""Keys that act. Line ends and tabs are in pasted text as well."""
_LINE_END = compile_late("\r\n|\r|\n")
_MOTIONS = frozenset("hjklgGnN0123456789 ")
"""What is typed ahead to move in a list, before an enter and behind it."""
_PASTE_GAP = 0.03
"""Seconds; what follows text of a paste within them belongs to it."""


def plain_text(pasted: str) -> str:
    """Return pasted text with newlines for line ends, and without escape and null characters.

    Terminals send a line end as a carriage return. tmux with ``extended-keys`` sends it as
    the key ctrl+j or enter (tmux/tmux#4163, #4663): such a key is the character it stands
    for.
    """
    text = _KEY.sub(_control_character, pasted).replace(_ESCAPE, "").replace("\0", "")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _control_character(key: re.Match[str]) -> str:
    """Return the tab or line end that a key stands for; any other key unchanged."""
    code = int(key["code"] or key["u_code"])
    modifiers = int(key["modifiers"] or key["u_modifiers"] or 1) - 1
    if modifiers & _CTRL:
        code &= 0x1F
    character = chr(code)
    return character if character in "\t\n\r" else key[0]


def is_unbracketed_paste(data: str) -> bool:
    """Return whether what a terminal sent at once are several lines of text."""
    if _COMMAND.search(data):
        return False
    lines = [line for line in _LINE_END.split(data) if len(line.strip()) > 1]
    return sum(not _MOTIONS.issuperset(line) for line in lines) > 1


class PasteParser(XTermParser):
    """Parses whatever a terminal sends; takes no escape sequence out of pasted text."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._is_pasting = False
        self._pasted = ""
        """What has come of a paste."""
        self._seen = ""
        """The last characters outside a paste: its start may come in two reads."""
        self._texts: deque[str] = deque()
        """Of the pastes that are complete."""
        self._unbracketed = ""
        """What has come of a paste without brackets."""
        self._last_read = 0.0
        """When; seconds of the monotonic clock."""

    def feed(self, data: str) -> Iterable[Message]:
        if self._goes_on(data):
            self._unbracketed += data
            self._last_read = time.monotonic()
            return
        yield from self._end_unbracketed()
        if not data:  # The end of all input.
            yield from super().feed("")
        elif text := self._with_plain_pastes(data):
            for message in super().feed(text):
                # It sees a paste without its text, which costs 1 µs a character there.
                is_paste = isinstance(message, Paste)
                yield Paste(self._texts.popleft()) if is_paste else message

    @property
    def due(self) -> float | None:
        """When `tick` has something; seconds of the monotonic clock. None = nothing waits."""
        if self._unbracketed:
            return self._last_read + _PASTE_GAP
        return self._timeout_time

    def tick(self) -> Iterable[Message]:
        """Return what waited long enough."""
        if time.monotonic() - self._last_read >= _PASTE_GAP:
            yield from self._end_unbracketed()
        was_within_sequence = self._timeout_time is not None
        yield from super().tick()
        if was_within_sequence and self._timeout_time is None:
            self._seen = ""  # What began like a paste were keys.

    def _goes_on(self, data: str) -> bool:
        """Return whether data is a paste without brackets, or the next part of one."""
        is_within_sequence = self._timeout_time is not None
        if self._is_pasting or is_within_sequence or not data:
            return False
        if self._unbracketed:
            return not _COMMAND.search(data)
        return is_unbracketed_paste(data)

    def _end_unbracketed(self) -> Iterable[Message]:
        if text := self._unbracketed:
            self._unbracketed = ""
            yield Paste(plain_text(text))

    def _with_plain_pastes(self, data: str) -> str:
        parts: list[str] = []
        rest = data
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
        """Return a paste that is complete, and what follows it."""
        searched = max(0, len(self._pasted) - len(BRACKETED_PASTE_END) + 1)
        self._pasted += data
        end = self._pasted.find(BRACKETED_PASTE_END, searched)
        if end < 0:
            return "", ""
        text, rest = self._pasted[:end], self._pasted[end + len(BRACKETED_PASTE_END) :]
        self._is_pasting, self._pasted = False, ""
        self._texts.append(plain_text(text))
        return BRACKETED_PASTE_END, rest

    def _sequence_to_key_events(
        self, sequence: str, alt: bool = False
    ) -> Iterable[Key]:
        try:
            return list(super()._sequence_to_key_events(sequence, alt))
        except (ValueError, OverflowError):  # It has the form of a key; none has it.
            return [Key(Keys.Ignore, sequence)]
