"""Texts as words of a POSIX shell, safe to paste into one."""

from __future__ import annotations

import re

from mixtui.core.errors import InterchangeError
from mixtui.core.visible import sanitize
from mixtui.interchange.parts import Text, Variable

_SAFE = re.compile(r"[A-Za-z0-9@%+:,./_-][A-Za-z0-9@%+=:,./_-]*")
_IN_DOUBLE_QUOTES = re.compile(r"[A-Za-z0-9@%+=:,./_ -]*")

_LARGEST = 100_000
"""Bytes."""


def word(*pieces: str | Variable) -> str:
    """Pieces as one word.

    A variable that is not set ends the command: ``${NAME:?}``.

    Raises:
        InterchangeError: A NUL is in it, which no argument can hold.
    """
    if not any(isinstance(piece, Variable) for piece in pieces):
        return _quoted("".join(piece for piece in pieces if isinstance(piece, str)))
    plain = [piece for piece in pieces if isinstance(piece, str)]
    if all(_IN_DOUBLE_QUOTES.fullmatch(piece) for piece in plain):
        inside = (p if isinstance(p, str) else _expansion(p) for p in pieces)
        return '"' + "".join(inside) + '"'
    return "".join(
        f'"{_expansion(piece)}"' if isinstance(piece, Variable) else _quoted(piece)
        for piece in pieces
    )


def line(*words: str) -> str:
    """Words one below the other, as one command."""
    return " \\\n  ".join(words)


def _expansion(variable: Variable) -> str:
    return f"${{{variable.name}:?}}"


def _quoted(text: str) -> str:
    if "\0" in text:
        raise InterchangeError(
            "The request holds a NUL character, which no command line can: export it "
            "as Python."
        )
    if _SAFE.fullmatch(text):
        return text
    if shows(text):
        return "'" + text.replace("'", "'\\''") + "'"
    return "$'" + "".join(map(_escaped, text)) + "'"


def shows(text: str) -> bool:
    """Whether nothing in it would act on a terminal, or hide, when it is pasted."""
    plain = text.replace("\n", "").replace("\t", "")
    return sanitize(plain) == plain


def _escaped(character: str) -> str:
    if character in "\\'":
        return f"\\{character}"
    if character == "\n" or shows(character):
        return character
    # Octal bytes: what \u stands for depends on the locale.
    return "".join(f"\\{byte:03o}" for byte in character.encode())


def fits_an_argument(body: Text) -> bool:
    """Whether a text may be one argument: Linux takes 128 KiB for each."""
    return sum(len(p.encode()) for p in body if isinstance(p, str)) <= _LARGEST


def piped(body: Text, *, compressed: bool) -> str:
    """The commands in front of one that sends what they print.

    printf is a part of the shell, so what it prints may be of any length.
    """
    commands = [f"printf %s {word(*body)}", *(["gzip -c"] if compressed else [])]
    return "".join(f"{command} |\n  " for command in commands)
