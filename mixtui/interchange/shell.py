"""Split shell commands into arguments, and quote texts and placeholders for a shell.

Quotes, backslashes and ``$'…'`` are decoded as in a POSIX shell, and nothing is run. A
variable becomes a template (``$TOKEN`` → ``{{env:TOKEN}}``); a substitution that would
run another program is an error.
https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mixtui.model.errors import InterchangeError
from mixtui.text import sanitize

_ESCAPE = re.compile(
    r"\\(?:([abeEfnrtv\\'\"?])|([0-7]{1,3})|x([0-9A-Fa-f]{1,2})"
    r"|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|c(.))",
    re.DOTALL,
)
_LETTERS = dict(zip("abeEfnrtv", "\a\b\x1b\x1b\f\n\r\t\v", strict=True))
_MAX_CODE_POINT = 0x10FFFF


def decode_escape(text: str, index: int) -> tuple[bytes, int]:
    """Decode the escape at an index; return its bytes and the index of its end.

    An unknown escape stays as it is written, as in bash.
    """
    match = _ESCAPE.match(text, index)
    if match is None:
        return b"\\", index + 1
    letter, octal, byte, short, long, control = match.groups()
    if letter is not None:
        return _LETTERS.get(letter, letter).encode(), match.end()
    if octal is not None:
        return bytes([int(octal, 8) & 0xFF]), match.end()
    if byte is not None:
        return bytes([int(byte, 16)]), match.end()
    if control is not None:
        return bytes([ord(control) & 0x1F]), match.end()
    code = int(short or long, 16)
    if code > _MAX_CODE_POINT:
        raise InterchangeError(
            f"The command holds \\U{code:X}, which is no character: correct it."
        )
    return chr(code).encode("utf-8", "surrogatepass"), match.end()


def decode_argument(data: bytes) -> str:
    """Decode the bytes of an argument.

    Browsers write a character beyond U+FFFF as two surrogates, which are joined.

    Raises:
        InterchangeError: They are not UTF-8.
    """
    try:
        text = data.decode("utf-8", "surrogatepass")
        if any("\ud800" <= character <= "\udfff" for character in text):
            text = text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise InterchangeError(
            "The command holds bytes that are not UTF-8 text: put them into a file and "
            "write --data-binary @FILE."
        ) from None
    return text


_BLANKS = " \t\r\n"
_OPERATORS = "|;<>()"
_UNQUOTED_TEXT = re.compile(r"[^\s'\"\\$`|;<>()&^]+")
_DOUBLE_QUOTED_TEXT = re.compile(r"[^\"\\$`]+")
# ${NAME:?message} is the same variable, with an error message for when it is not set.
_VARIABLE = re.compile(
    r"([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::?\?[^}\"'`$\\]*)?\}", re.ASCII
)
_LINE_CONTINUATION = re.compile(r"\\\r?\n")
# A key of Mixpanel's inside a JSON text between double quotes: \"$set\":
_KEY_IN_JSON = re.compile(r'[a-z]\w*\\"\s*:', re.ASCII)


@dataclass(frozen=True, slots=True)
class CommandLine:
    """The first command of a text."""

    arguments: tuple[str, ...]
    notes: tuple[str, ...] = ()
    remainder: str = ""
    """What follows the command: a pipe, a redirection, another command."""


def split_command(text: str) -> CommandLine:
    """Split the first command of a text into its arguments.

    Raises:
        InterchangeError: A quote is not closed, or only a shell could expand the text.
    """
    return _Splitter(text).run()


class _Splitter:
    """Splits a text in one pass; `_position` is the index of the next character."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._arguments: list[str] = []
        self._notes: dict[str, None] = {}

    def run(self) -> CommandLine:
        while self._skip_to_argument():
            start = self._position
            word = self._read_argument()
            # 2>file: the number belongs to the redirection, which is left out.
            redirected = self._text[self._position : self._position + 1] in ("<", ">")
            if not (redirected and self._text[start : self._position].isdecimal()):
                self._arguments.append(word)
        if self._text[self._position :].strip():
            self._note("What follows the command (another one, a file) was left out.")
        rest = self._text[self._position :]
        return CommandLine(tuple(self._arguments), tuple(self._notes), rest)

    def _skip_to_argument(self) -> bool:
        """Skip to the next argument; False = the command has ended."""
        text = self._text
        while self._position < len(text):
            if continued := _LINE_CONTINUATION.match(text, self._position):
                self._position = continued.end()
            elif text[self._position] in "\r\n" and self._arguments:
                return False
            elif text[self._position] in _BLANKS:
                self._position += 1
            elif text[self._position] == "#":
                end = text.find("\n", self._position)
                self._position = len(text) if end < 0 else end
            else:
                return text[self._position] not in f"{_OPERATORS}&"
        return False

    def _read_argument(self) -> str:
        pieces: list[bytes] = []
        while self._position < len(self._text):
            character = self._text[self._position]
            if character in _BLANKS or character in _OPERATORS or self._is_end():
                break
            pieces.append(self._read_part(character))
        return decode_argument(b"".join(pieces))

    def _is_end(self) -> bool:
        """Return whether an ``&`` ends the command; inside a URL it is literal."""
        if self._text[self._position] != "&":
            return False
        following = self._text[self._position + 1 : self._position + 2]
        if not following or following in f"{_BLANKS}&{_OPERATORS}":
            return True
        self._note(
            "An & stood outside quotes, where a shell would end the command: it was "
            "taken as a part of the word."
        )
        return False

    def _read_part(self, character: str) -> bytes:
        """Decode one quoted or plain part of an argument."""
        text, start = self._text, self._position
        if plain := _UNQUOTED_TEXT.match(text, start):
            self._position = plain.end()
            return _encode(plain.group())
        self._position += 1
        match character:
            case "'":
                return self._read_single_quoted(start)
            case '"':
                return self._read_double_quoted(start)
            case "\\":
                return self._read_backslash()
            case "$":
                return self._read_dollar(start)
            case "`":
                raise _needs_shell_error("`…`")
            case "^" if text[self._position : self._position + 1] in (
                "",
                '"',
                "\r",
                "\n",
                "^",
            ):
                raise InterchangeError(
                    "The ^ is quoting of Windows' cmd, which mixtui does not read: "
                    "copy the command as «cURL (bash)»."
                )
            case _:
                return _encode(character)

    def _read_backslash(self) -> bytes:
        if continued := _LINE_CONTINUATION.match(self._text, self._position - 1):
            self._position = continued.end()
            return b""
        self._position += 1
        # A backslash at the end of the text is literal.
        return _encode(self._text[self._position - 1 : self._position] or "\\")

    def _read_single_quoted(self, start: int) -> bytes:
        end = self._text.find("'", self._position)
        if end < 0:
            raise self._unclosed_quote_error(start)
        content, self._position = self._text[self._position : end], end + 1
        return _encode(content)

    def _read_double_quoted(self, start: int) -> bytes:
        text = self._text
        pieces: list[bytes] = []
        while self._position < len(text):
            if plain := _DOUBLE_QUOTED_TEXT.match(text, self._position):
                pieces.append(_encode(plain.group()))
                self._position = plain.end()
                continue
            character = text[self._position]
            self._position += 1
            if character == '"':
                return b"".join(pieces)
            if character == "`":
                raise _needs_shell_error("`…`")
            if character == "$":
                pieces.append(self._read_dollar_in_double_quotes())
            elif text[self._position : self._position + 1] in ("$", "`", '"', "\\"):
                pieces.append(_encode(text[self._position]))
                self._position += 1
            elif continued := _LINE_CONTINUATION.match(text, self._position - 1):
                self._position = continued.end()
            else:
                pieces.append(b"\\")
        raise self._unclosed_quote_error(start)

    def _read_dollar(self, start: int) -> bytes:
        following = self._text[self._position : self._position + 1]
        if following == "'":
            self._position += 1
            return self._read_ansi_quoted(start)
        if following == '"':
            self._position += 1
            return self._read_double_quoted(start)
        return self._read_variable()

    def _read_dollar_in_double_quotes(self) -> bytes:
        preceding = self._text[max(0, self._position - 3) : self._position - 1]
        if preceding == '\\"' and _KEY_IN_JSON.match(self._text, self._position):
            self._note(
                "A $ stood between double quotes, where a shell would look for a "
                "variable: it was taken as a part of the name."
            )
            return b"$"
        return self._read_variable()

    def _read_variable(self) -> bytes:
        text, index = self._text, self._position
        if match := _VARIABLE.match(text, index):
            self._position = match.end()
            name = match.group(1) or match.group(2)
            return _encode(f"{{{{env:{name}}}}}")
        following = text[index : index + 1]
        if following == "(":
            raise _needs_shell_error("$(…)")
        if following == "{":
            raise _needs_shell_error("${…}")
        if following.isdecimal() or following in tuple("@*#?$!-"):
            raise _needs_shell_error(f"${following}")
        return b"$"

    def _read_ansi_quoted(self, start: int) -> bytes:
        """Decode ``$'…'``, as bash and zsh do."""
        text = self._text
        pieces: list[bytes] = []
        while self._position < len(text):
            character = text[self._position]
            if character == "'":
                self._position += 1
                return b"".join(pieces)
            if character == "\\":
                piece, self._position = decode_escape(text, self._position)
            else:
                piece, self._position = _encode(character), self._position + 1
            pieces.append(piece)
        raise self._unclosed_quote_error(start)

    def _unclosed_quote_error(self, start: int) -> InterchangeError:
        line = self._text.count("\n", 0, start) + 1
        return InterchangeError(
            f"The quote that opens in line {line} of the command is not closed: "
            "copy all of it."
        )

    def _note(self, sentence: str) -> None:
        self._notes[sentence] = None


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _needs_shell_error(expansion: str) -> InterchangeError:
    return InterchangeError(
        f"The command holds {expansion}, which only a shell can work out: put the value "
        "itself there."
    )


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable in place of its value."""

    name: str
    description: str
    """What it holds, for the note that asks to set it."""


ExportText = tuple[str | Variable, ...]
"""Pieces in order; plain pieces are not empty."""


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A secret text, and the variable to write instead."""

    text: str
    variable: Variable


def split_placeholders(text: str, placeholders: Sequence[Placeholder]) -> ExportText:
    """Replace every occurrence of the placeholders' texts by their variables.

    Where two start at the same index, the first placeholder wins.
    """
    parts: list[str | Variable] = []
    index = 0
    while index < len(text):
        positions = [
            (text.find(placeholder.text, index), placeholder)
            for placeholder in placeholders
            if placeholder.text
        ]
        matches = [(start, each) for start, each in positions if start >= 0]
        if not matches:
            parts.append(text[index:])
            break
        start, placeholder = min(matches, key=lambda pair: pair[0])
        if start > index:
            parts.append(text[index:start])
        parts.append(placeholder.variable)
        index = start + len(placeholder.text)
    return tuple(parts)


def variables_in(texts: Sequence[ExportText]) -> tuple[Variable, ...]:
    """Return the variables of several texts, each once."""
    variables = (part for text in texts for part in text if isinstance(part, Variable))
    return tuple(dict.fromkeys(variables))


# Not shlex.quote: it leaves a leading = bare, and zsh replaces =NAME by the path of NAME.
_SAFE_UNQUOTED = re.compile(r"[A-Za-z0-9@%+:,./_-][A-Za-z0-9@%+=:,./_-]*")
_SAFE_IN_DOUBLE_QUOTES = re.compile(r"[A-Za-z0-9@%+=:,./_ -]*")

_MAX_ARGUMENT_BYTES = 100_000
"""Below the 128 KiB that Linux allows for an argument."""


def quote_argument(*pieces: str | Variable) -> str:
    """Quote texts and variables as one argument.

    A variable that is not set ends the command: ``${NAME:?}``.

    Raises:
        InterchangeError: It contains a NUL, which no argument can hold.
    """
    if not any(isinstance(piece, Variable) for piece in pieces):
        return _quote("".join(piece for piece in pieces if isinstance(piece, str)))
    plain = [piece for piece in pieces if isinstance(piece, str)]
    if all(_SAFE_IN_DOUBLE_QUOTES.fullmatch(piece) for piece in plain):
        content = (p if isinstance(p, str) else _expansion(p) for p in pieces)
        return '"' + "".join(content) + '"'
    return "".join(
        f'"{_expansion(piece)}"' if isinstance(piece, Variable) else _quote(piece)
        for piece in pieces
    )


def join_lines(*arguments: str) -> str:
    """Join arguments into one command of several lines."""
    return " \\\n  ".join(arguments)


def _expansion(variable: Variable) -> str:
    return f"${{{variable.name}:?}}"


def _quote(text: str) -> str:
    if "\0" in text:
        raise InterchangeError(
            "The request holds a NUL character, which no command line can: export it "
            "as Python."
        )
    if _SAFE_UNQUOTED.fullmatch(text):
        return text
    if is_visible(text):
        return "'" + text.replace("'", "'\\''") + "'"
    return "$'" + "".join(map(_escape, text)) + "'"


def is_visible(text: str) -> bool:
    """Return whether a text has no control or invisible characters."""
    plain = text.replace("\n", "").replace("\t", "")
    return sanitize(plain) == plain


def _escape(character: str) -> str:
    if character in "\\'":
        return f"\\{character}"
    if character == "\n" or is_visible(character):
        return character
    # Octal bytes: what \u stands for depends on the locale.
    return "".join(f"\\{byte:03o}" for byte in character.encode())


def fits_an_argument(body: ExportText) -> bool:
    """Return whether a text may be one argument of a command."""
    return (
        sum(len(p.encode()) for p in body if isinstance(p, str)) <= _MAX_ARGUMENT_BYTES
    )


def printf_pipe(body: ExportText, *, compressed: bool) -> str:
    """Return the pipe that feeds a body to the command after it.

    printf is a shell builtin, so what it prints may be of any length.
    """
    commands = [
        f"printf %s {quote_argument(*body)}",
        *(["gzip -c"] if compressed else []),
    ]
    return "".join(f"{command} |\n  " for command in commands)
