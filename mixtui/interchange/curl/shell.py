"""Split shell commands into arguments.

Quotes, backslashes and ``$'…'`` are decoded as in a POSIX shell, and nothing is run. An
argument is the text of a template: what the shell would pass on is escaped, and a variable
becomes a reference (``$TOKEN`` → ``{{env:TOKEN}}``); a substitution that would run another
program is an error. Characters that word processors and web pages put into a command are
read as what they replaced, with a note, or named with their place.
https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html
"""

from __future__ import annotations

import re

from msgspec import Struct

from mixtui.model.errors import InterchangeError
from mixtui.patterns import compile_late
from mixtui.request.templates import escape_text
from mixtui.text import (
    DASHES,
    FOREIGN_BLANKS,
    INVISIBLE,
    QUOTATION_MARKS,
    name_character,
    pluralise,
)

_ESCAPE = compile_late(
    r"\\(?:([abeEfnrtv\\'\"?])|([0-7]{1,3})|x([0-9A-Fa-f]{1,2})"
    r"|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|c(.))",
    re.DOTALL,
)
_LETTERS = dict(zip("abeEfnrtv", "\a\b\x1b\x1b\f\n\r\t\v", strict=True))
_MAX_CODE_POINT = 0x10FFFF
_BLANKS = " \t\r\n"
_FOREIGN = compile_late(f"[{FOREIGN_BLANKS}{INVISIBLE}]")
_IS_INVISIBLE = compile_late(f"[{INVISIBLE}]")
_OPERATORS = "|;<>()"
_UNQUOTED_TEXT = compile_late(rf"[^\s'\"\\$`|;<>()&^{QUOTATION_MARKS}{INVISIBLE}]+")
_DOUBLE_QUOTED_TEXT = compile_late(r"[^\"\\$`]+")
# ${NAME:?message} is the same variable, with an error message for when it is not set.
_VARIABLE = compile_late(
    r"([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::?\?[^}\"'`$\\]*)?\}", re.ASCII
)
_LINE_END = r"(?:\r\n?|[\n\u2028\u2029])"
_LINE_CONTINUATION = compile_late(rf"\\{_LINE_END}")
_BLANK_CONTINUATION = compile_late(
    rf"\\[ \t\r{FOREIGN_BLANKS}]*(?:(?P<line_end>{_LINE_END})|\Z)"
)
"""A continuation with blanks behind its backslash, or at the very end."""
_CHARACTER_REFERENCE = compile_late(
    r"&(?:[A-Za-z]{2,6}|#\d{1,7}|#[xX][\dA-Fa-f]{1,6});"
)
"""What the source of a web page has for a character that has a meaning there."""
_OPTION_LINE = compile_late(rf"(?:\s*#[^\n]*\n)*\s*[-{DASHES}]+[A-Za-z]")
_ANGLE_BRACKETS = compile_late(r"<[A-Za-z](?:[\w -]*\w)?>")
"""What documentation writes in place of a value: ``<your_project_id>``."""
_REDIRECTION = compile_late(r"<(?![<(&])|>[>|]?(?:&(?=[\d-]))?")
# A key of Mixpanel's inside a JSON text between double quotes: \"$set\":
_KEY_IN_JSON = compile_late(r'[a-z]\w*\\"\s*:', re.ASCII)

_Pieces = list[bytes | str]
"""Parts of an argument: bytes that the shell passes on, and references."""


class CommandLine(Struct, frozen=True):
    """The first command of a text."""

    arguments: tuple[str, ...]
    """Texts of templates."""
    notes: tuple[str, ...] = ()
    end: int = 0
    """Where the command ends, in characters of the text."""
    input_file: str | None = None
    """The file that standard input comes from, as the text of a template."""


def split_command(text: str, start: int = 0) -> CommandLine:
    """Split the first command of a text into its arguments.

    Args:
        text: All of it, so that messages name places in it.
        start: Where the command starts.

    Raises:
        InterchangeError: A quote is not closed or none of a shell, or only a shell could
            expand the text.
    """
    return _Splitter(text, start).run()


class _Splitter:
    """Splits a text in one pass; `_position` is the index of the next character."""

    def __init__(self, text: str, start: int) -> None:
        self._text = text
        self._position = start
        self._arguments: list[str] = []
        self._input_file: str | None = None
        self._notes: dict[str, None] = {}
        self._mended: dict[str, list[int]] = {}

    def run(self) -> CommandLine:
        while self._skip_to_argument():
            if self._skip_redirection():
                continue
            self._check_dash()
            start = self._position
            word = self._read_argument()
            # 2>file: the number belongs to the redirection, which is skipped.
            redirected = self._text[self._position : self._position + 1] in ("<", ">")
            if not (redirected and self._text[start : self._position].isdecimal()):
                self._arguments.append(word)
        if self._text[self._position :].strip():
            self._note("Everything after the command was skipped.")
        notes = (*map(self._mended_note, self._mended), *self._notes)
        return CommandLine(
            tuple(self._arguments), notes, self._position, self._input_file
        )

    def _skip_to_argument(self) -> bool:
        """Skip to the next argument or redirection; False = the command has ended."""
        text = self._text
        while self._position < len(text):
            character = text[self._position]
            if self._skip_continuation():
                continue
            if character in "\r\n" and self._arguments:
                if not _OPTION_LINE.match(text, self._position):
                    return False
                self._position += 1
                if character == "\n":
                    self._note(
                        "A line that starts with an option was read as part of the "
                        "command, although the line before it does not end with \\."
                    )
            elif character in _BLANKS:
                self._position += 1
            elif _FOREIGN.match(character):
                self._mend(character)
            elif character == "#":
                end = text.find("\n", self._position)
                self._note(f"The comment at {self._place()} was skipped.")
                self._position = len(text) if end < 0 else end
            else:
                self._check_reference()
                return character not in "|;()&" or self._is_output()
        return False

    def _is_output(self) -> bool:
        """Return whether ``&>`` redirects the output."""
        return self._text.startswith("&>", self._position)

    def _skip_redirection(self) -> bool:
        """Skip a redirection, and the file that it names."""
        text = self._text
        if self._is_output():
            self._position += 1
        match = _REDIRECTION.match(text, self._position)
        if match is None or _ANGLE_BRACKETS.match(text, self._position):
            if text[self._position] == "<" and match is None:
                raise InterchangeError(
                    f"The text after the command ({self._place()}) can only be passed "
                    "on by a shell. Put it after --data-raw."
                )
            return False
        self._position = match.end()
        while self._position < len(text) and text[self._position] in " \t":
            self._position += 1
        word = self._read_argument()
        if match[0] == "<":
            self._input_file = word
        else:
            self._note("The output file was skipped.")
        return True

    def _skip_continuation(self) -> bool:
        """Skip a backslash that ends a line, even if spaces follow it."""
        if match := _LINE_CONTINUATION.match(self._text, self._position):
            self._position = match.end()
            return True
        match = _BLANK_CONTINUATION.match(self._text, self._position)
        if match is None:
            return False
        if match["line_end"]:
            self._note(
                f"The \\ at {self._place()} is followed by spaces: it was read as a "
                "line continuation."
            )
        else:
            self._note(
                "The command ends with \\, as if it continued. Check that all of it "
                "was copied."
            )
        self._position = match.end()
        return True

    def _check_dash(self) -> None:
        character = self._text[self._position]
        if character in DASHES and self._arguments:
            raise InterchangeError(
                f"An option starts with the dash {character} ({self._place()}). Use - "
                "or -- instead."
            )

    def _check_reference(self) -> None:
        if reference := _CHARACTER_REFERENCE.match(self._text, self._position):
            raise InterchangeError(
                f"{reference[0]} at {self._place()} is an HTML entity. Copy the "
                "command as the page displays it."
            )

    def _mend(self, character: str) -> None:
        self._mended.setdefault(character, []).append(self._position)
        self._position += 1

    def _mended_note(self, character: str) -> str:
        positions = self._mended[character]
        more = (
            f" and {pluralise(len(positions) - 1, 'more place')}"
            if len(positions) > 1
            else ""
        )
        verb = "removed" if _IS_INVISIBLE.match(character) else "read as a space"
        return (
            f"The character {name_character(character)} at "
            f"{self._place(positions[0])}{more} was {verb}."
        )

    def _place(self, position: int | None = None) -> str:
        before = self._text[: self._position if position is None else position]
        column = len(before) - before.rfind("\n")
        return f"line {before.count(chr(10)) + 1}, column {column}"

    def _read_argument(self) -> str:
        pieces: _Pieces = []
        text = self._text
        while self._position < len(text):
            character = text[self._position]
            if angle := _ANGLE_BRACKETS.match(text, self._position):
                self._note(
                    f"{angle[0]} is not quoted, so a shell would look for a file: it "
                    "was read as text."
                )
                pieces.append(_encode(angle[0]))
                self._position = angle.end()
                continue
            if character in _BLANKS or character in _OPERATORS or self._is_end():
                break
            if _FOREIGN.match(character):
                if not _IS_INVISIBLE.match(character):
                    break
                self._mend(character)
                continue
            if character == "\\" and self._skip_continuation():
                continue
            pieces += self._read_part(character)
        return _template(pieces)

    def _is_end(self) -> bool:
        """Return whether an ``&`` ends the command; inside a URL it is literal."""
        if self._text[self._position] != "&":
            return False
        self._check_reference()
        following = self._text[self._position + 1 : self._position + 2]
        if not following or following in f"{_BLANKS}&{_OPERATORS}":
            return True
        self._note(
            "An & is not quoted, so a shell would end the command there: it was read "
            "as text."
        )
        return False

    def _read_part(self, character: str) -> _Pieces:
        """Decode one quoted or plain part of an argument."""
        text, start = self._text, self._position
        if plain := _UNQUOTED_TEXT.match(text, start):
            self._position = plain.end()
            return [_encode(plain.group())]
        if character in QUOTATION_MARKS:
            raise InterchangeError(
                f"Shells do not recognize the typographic quotation mark {character} "
                f"({self._place()}). Use ' or \" instead."
            )
        self._position += 1
        match character:
            case "'":
                return self._read_single_quoted(start)
            case '"':
                return self._read_double_quoted(start)
            case "\\":
                self._position += 1
                return [_encode(text[self._position - 1])]
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
                    "The command is quoted with ^ for Windows cmd, which mixtui "
                    "cannot read. Copy it as “cURL (bash)”."
                )
            case _:
                return [_encode(character)]

    def _read_single_quoted(self, start: int) -> _Pieces:
        end = self._text.find("'", self._position)
        if end < 0:
            raise self._unclosed_quote_error(start)
        content, self._position = self._text[self._position : end], end + 1
        return [_encode(content)]

    def _read_double_quoted(self, start: int) -> _Pieces:
        text = self._text
        pieces: _Pieces = []
        while self._position < len(text):
            if plain := _DOUBLE_QUOTED_TEXT.match(text, self._position):
                pieces.append(_encode(plain.group()))
                self._position = plain.end()
                continue
            character = text[self._position]
            self._position += 1
            if character == '"':
                return pieces
            if character == "`":
                raise _needs_shell_error("`…`")
            if character == "$":
                pieces += self._read_dollar_in_double_quotes()
            elif text[self._position : self._position + 1] in ("$", "`", '"', "\\"):
                pieces.append(_encode(text[self._position]))
                self._position += 1
            elif continued := _LINE_CONTINUATION.match(text, self._position - 1):
                self._position = continued.end()
            else:
                pieces.append(b"\\")
        raise self._unclosed_quote_error(start)

    def _read_dollar(self, start: int) -> _Pieces:
        following = self._text[self._position : self._position + 1]
        if following == "'":
            self._position += 1
            return self._read_ansi_quoted(start)
        if following == '"':
            self._position += 1
            return self._read_double_quoted(start)
        return self._read_variable()

    def _read_dollar_in_double_quotes(self) -> _Pieces:
        preceding = self._text[max(0, self._position - 3) : self._position - 1]
        if preceding == '\\"' and _KEY_IN_JSON.match(self._text, self._position):
            self._note(
                "A $ is in double quotes, where a shell would look for a variable: "
                "it was read as text."
            )
            return [b"$"]
        return self._read_variable()

    def _read_variable(self) -> _Pieces:
        text, index = self._text, self._position
        if match := _VARIABLE.match(text, index):
            self._position = match.end()
            name = match.group(1) or match.group(2)
            return [f"{{{{env:{name}}}}}"]
        following = text[index : index + 1]
        if following == "(":
            raise _needs_shell_error("$(…)")
        if following == "{":
            raise _needs_shell_error("${…}")
        if following.isdecimal() or following in tuple("@*#?$!-"):
            raise _needs_shell_error(f"${following}")
        return [b"$"]

    def _read_ansi_quoted(self, start: int) -> _Pieces:
        """Decode ``$'…'``, as bash and zsh do."""
        text = self._text
        pieces: _Pieces = []
        while self._position < len(text):
            character = text[self._position]
            if character == "'":
                self._position += 1
                return pieces
            if character == "\\":
                piece, self._position = decode_escape(text, self._position)
            else:
                piece, self._position = _encode(character), self._position + 1
            pieces.append(piece)
        raise self._unclosed_quote_error(start)

    def _unclosed_quote_error(self, start: int) -> InterchangeError:
        line = self._text.count("\n", 0, start) + 1
        return InterchangeError(
            f"The quote opened in line {line} of the command is not closed. Copy all "
            "of it."
        )

    def _note(self, sentence: str) -> None:
        self._notes[sentence] = None


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _needs_shell_error(expansion: str) -> InterchangeError:
    return InterchangeError(
        f"The command contains {expansion}, which only a shell can expand. Replace it "
        "with its value."
    )


def _template(pieces: _Pieces) -> str:
    """Join the pieces of an argument; what is not a reference is escaped."""
    texts: list[str] = []
    passed_on: list[bytes] = []
    for piece in pieces:
        if isinstance(piece, bytes):
            passed_on.append(piece)
        else:
            text = decode_argument(b"".join(passed_on))
            texts += [escape_text(text, before_reference=True), piece]
            passed_on = []
    return "".join([*texts, escape_text(decode_argument(b"".join(passed_on)))])


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
            f"The command contains \\U{code:X}, which is not a valid character."
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
            "The command contains bytes that are not UTF-8 text. Put them into a "
            "file and use --data-binary @FILE."
        ) from None
    return text
