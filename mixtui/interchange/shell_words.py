"""A command line taken apart as a POSIX shell does it, without running anything.

Quotes, backslashes and ``$'…'`` are undone. A variable becomes a template
(``$TOKEN`` → ``{{env:TOKEN}}``); what would run another program is refused.
https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mixtui.core.errors import InterchangeError
from mixtui.interchange.shell_escapes import escape, text_of

_BLANK = " \t\r\n"
_ENDS = "|;<>()"
_PLAIN = re.compile(r"[^\s'\"\\$`|;<>()&^]+")
_IN_DOUBLE = re.compile(r"[^\"\\$`]+")
# ${NAME:?words} is the variable as well: it only says what to do without it.
_VARIABLE = re.compile(
    r"([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::?\?[^}\"'`$\\]*)?\}", re.ASCII
)
_CONTINUED = re.compile(r"\\\r?\n")
# A key of Mixpanel's inside a JSON text between double quotes: \"$set\":
_KEY = re.compile(r'[a-z]\w*\\"\s*:', re.ASCII)


@dataclass(frozen=True, slots=True)
class CommandLine:
    """The words of the first command of a text."""

    words: tuple[str, ...]
    notes: tuple[str, ...] = ()
    rest: str = ""
    """What follows it, from its end on: a pipe, a redirection, another command."""


def split(text: str) -> CommandLine:
    """The words of a command line; what follows its end is left out.

    Raises:
        InterchangeError: A quote is not closed, or only a shell could tell the words.
    """
    return _Splitter(text).run()


class _Splitter:
    """One pass over the text; `_at` is where it has come to."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._words: list[str] = []
        self._notes: dict[str, None] = {}

    def run(self) -> CommandLine:
        while self._next_word():
            start = self._at
            word = self._word()
            # 2>file: the number belongs to what is left out.
            redirected = self._text[self._at : self._at + 1] in ("<", ">")
            if not (redirected and self._text[start : self._at].isdecimal()):
                self._words.append(word)
        if self._text[self._at :].strip():
            self._note("What follows the command (another one, a file) was left out.")
        rest = self._text[self._at :]
        return CommandLine(tuple(self._words), tuple(self._notes), rest)

    def _next_word(self) -> bool:
        """Go to the next word; False = there is none in this command."""
        text = self._text
        while self._at < len(text):
            if continued := _CONTINUED.match(text, self._at):
                self._at = continued.end()
            elif text[self._at] in "\r\n" and self._words:
                return False
            elif text[self._at] in _BLANK:
                self._at += 1
            elif text[self._at] == "#":
                end = text.find("\n", self._at)
                self._at = len(text) if end < 0 else end
            else:
                return text[self._at] not in f"{_ENDS}&"
        return False

    def _word(self) -> str:
        pieces: list[bytes] = []
        while self._at < len(self._text):
            character = self._text[self._at]
            if character in _BLANK or character in _ENDS or self._is_end():
                break
            pieces.append(self._piece(character))
        return text_of(b"".join(pieces))

    def _is_end(self) -> bool:
        """Whether an ``&`` ends the command; one inside a URL is meant as it stands."""
        if self._text[self._at] != "&":
            return False
        behind = self._text[self._at + 1 : self._at + 2]
        if not behind or behind in f"{_BLANK}&{_ENDS}":
            return True
        self._note(
            "An & stood outside quotes, where a shell would end the command: it was "
            "taken as a part of the word."
        )
        return False

    def _piece(self, character: str) -> bytes:
        """What one quoted or plain part of a word stands for."""
        text, start = self._text, self._at
        if plain := _PLAIN.match(text, start):
            self._at = plain.end()
            return _bytes(plain.group())
        self._at += 1
        match character:
            case "'":
                return self._until_quote(start)
            case '"':
                return self._double(start)
            case "\\":
                return self._backslash()
            case "$":
                return self._dollar(start)
            case "`":
                raise _refused("`…`")
            case "^" if text[self._at : self._at + 1] in ("", '"', "\r", "\n", "^"):
                raise InterchangeError(
                    "The ^ is quoting of Windows' cmd, which mixtui does not read: "
                    "copy the command as «cURL (bash)»."
                )
            case _:
                return _bytes(character)

    def _backslash(self) -> bytes:
        if continued := _CONTINUED.match(self._text, self._at - 1):
            self._at = continued.end()
            return b""
        self._at += 1
        # The last backslash of a text stands for itself.
        return _bytes(self._text[self._at - 1 : self._at] or "\\")

    def _until_quote(self, start: int) -> bytes:
        end = self._text.find("'", self._at)
        if end < 0:
            raise self._not_closed(start)
        inside, self._at = self._text[self._at : end], end + 1
        return _bytes(inside)

    def _double(self, start: int) -> bytes:
        text = self._text
        pieces: list[bytes] = []
        while self._at < len(text):
            if plain := _IN_DOUBLE.match(text, self._at):
                pieces.append(_bytes(plain.group()))
                self._at = plain.end()
                continue
            character = text[self._at]
            self._at += 1
            if character == '"':
                return b"".join(pieces)
            if character == "`":
                raise _refused("`…`")
            if character == "$":
                pieces.append(self._dollar_in_double())
            elif text[self._at : self._at + 1] in ("$", "`", '"', "\\"):
                pieces.append(_bytes(text[self._at]))
                self._at += 1
            elif continued := _CONTINUED.match(text, self._at - 1):
                self._at = continued.end()
            else:
                pieces.append(b"\\")
        raise self._not_closed(start)

    def _dollar(self, start: int) -> bytes:
        behind = self._text[self._at : self._at + 1]
        if behind == "'":
            self._at += 1
            return self._escaped(start)
        if behind == '"':
            self._at += 1
            return self._double(start)
        return self._variable()

    def _dollar_in_double(self) -> bytes:
        before = self._text[max(0, self._at - 3) : self._at - 1]
        if before == '\\"' and _KEY.match(self._text, self._at):
            self._note(
                "A $ stood between double quotes, where a shell would look for a "
                "variable: it was taken as a part of the name."
            )
            return b"$"
        return self._variable()

    def _variable(self) -> bytes:
        text, at = self._text, self._at
        if found := _VARIABLE.match(text, at):
            self._at = found.end()
            name = found.group(1) or found.group(2)
            return _bytes(f"{{{{env:{name}}}}}")
        behind = text[at : at + 1]
        if behind == "(":
            raise _refused("$(…)")
        if behind == "{":
            raise _refused("${…}")
        if behind.isdecimal() or behind in tuple("@*#?$!-"):
            raise _refused(f"${behind}")
        return b"$"

    def _escaped(self, start: int) -> bytes:
        """``$'…'``, as bash and zsh have it."""
        text = self._text
        pieces: list[bytes] = []
        while self._at < len(text):
            character = text[self._at]
            if character == "'":
                self._at += 1
                return b"".join(pieces)
            if character == "\\":
                piece, self._at = escape(text, self._at)
            else:
                piece, self._at = _bytes(character), self._at + 1
            pieces.append(piece)
        raise self._not_closed(start)

    def _not_closed(self, start: int) -> InterchangeError:
        line = self._text.count("\n", 0, start) + 1
        return InterchangeError(
            f"The quote that opens in line {line} of the command is not closed: "
            "copy all of it."
        )

    def _note(self, sentence: str) -> None:
        self._notes[sentence] = None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _refused(what: str) -> InterchangeError:
    return InterchangeError(
        f"The command holds {what}, which only a shell can work out: put the value "
        "itself there."
    )
