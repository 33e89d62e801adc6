"""Quote texts and placeholders for a shell, so that it changes nothing in them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from mixtui.model.errors import InterchangeError
from mixtui.patterns import compile_late
from mixtui.text import sanitize

# Not shlex.quote: it leaves a leading = bare, and zsh replaces =NAME by the path of NAME.
_SAFE_UNQUOTED = compile_late(r"[A-Za-z0-9@%+:,./_-][A-Za-z0-9@%+=:,./_-]*")
_SAFE_IN_DOUBLE_QUOTES = compile_late(r"[A-Za-z0-9@%+=:,./_ -]*")
_MAX_ARGUMENT_BYTES = 100_000
"""Below the 128 KiB that Linux allows for an argument."""


class Variable(Struct, frozen=True):
    """An environment variable in place of its value."""

    name: str
    description: str
    """What it holds, for the note that asks to set it."""


ExportText = tuple[str | Variable, ...]
"""Pieces in order; plain pieces are not empty."""


class Placeholder(Struct, frozen=True):
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
            "The request contains a NUL character, which a command line cannot. "
            "Export it as Python."
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
