"""The escapes of ``$'…'``: https://www.gnu.org/software/bash/manual (ANSI-C quoting)."""

from __future__ import annotations

import re

from mixtui.core.errors import InterchangeError

_ESCAPE = re.compile(
    r"\\(?:([abeEfnrtv\\'\"?])|([0-7]{1,3})|x([0-9A-Fa-f]{1,2})"
    r"|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|c(.))",
    re.DOTALL,
)
_LETTERS = dict(zip("abeEfnrtv", "\a\b\x1b\x1b\f\n\r\t\v", strict=True))
_LAST = 0x10FFFF


def escape(text: str, at: int) -> tuple[bytes, int]:
    """What the escape at a position stands for, and where it ends.

    An unknown one stands for itself, backslash and all, as in bash.
    """
    found = _ESCAPE.match(text, at)
    if found is None:
        return b"\\", at + 1
    letter, octal, byte, short, long, control = found.groups()
    if letter is not None:
        return _LETTERS.get(letter, letter).encode(), found.end()
    if octal is not None:
        return bytes([int(octal, 8) & 0xFF]), found.end()
    if byte is not None:
        return bytes([int(byte, 16)]), found.end()
    if control is not None:
        return bytes([ord(control) & 0x1F]), found.end()
    code = int(short or long, 16)
    if code > _LAST:
        raise InterchangeError(
            f"The command holds \\U{code:X}, which is no character: correct it."
        )
    return chr(code).encode("utf-8", "surrogatepass"), found.end()


def text_of(data: bytes) -> str:
    """The bytes of a word as text.

    Browsers write a character beyond U+FFFF as two halves; they are joined.

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
