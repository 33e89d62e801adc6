"""Split a line as bash does, and quote what replaces a part of it.

Bash replaces only the end of the word at the cursor: what follows its last quotation mark or
word break (``=``, ``:``, ``@``, …). A candidate is therefore written without the rest.
"""

from __future__ import annotations

import re

from mixtui.patterns import compile_late

_UNQUOTED_SAFE = compile_late(r"[\w/.,%+-]")
_CONTROL = compile_late(r"[\x00-\x1f\x7f-\x9f]")


class BashWord:
    """The word at the cursor."""

    def __init__(self, text: str, kept: str, quotes: str) -> None:
        self.text = text
        """What it means so far."""
        self.kept = kept
        """What the part of it means that bash does not replace."""
        self.quotes = quotes
        """The quotation mark that is open, or empty."""

    def remainder(self, value: str) -> str | None:
        """Return what replaces the end of the word to make it a value; None = impossible."""
        if not value.startswith(self.kept):
            return None
        return value[len(self.kept) :]


def split_line(line: str, breaks: str) -> tuple[list[str], BashWord]:
    """Split a line up to the cursor into words; the last one may be empty.

    Args:
        line: The line, from the name of the program.
        breaks: The characters of ``COMP_WORDBREAKS``.
    """
    words: list[str] = []
    text, kept, quotes, is_word = "", "", "", False
    index = 0
    while index < len(line):
        char = line[index]
        index += 1
        if quotes:
            if char == quotes:
                quotes, kept = "", text
            elif (
                char == "\\"
                and quotes == '"'
                and line[index : index + 1] in tuple('"\\$`')
            ):
                text += line[index]
                index += 1
            else:
                text += char
        elif char in "'\"":
            quotes, kept, is_word = char, text, True
        elif char == "\\":
            text += line[index : index + 1]
            index, is_word = index + 1, True
        elif char in " \t\n":
            if is_word:
                words.append(text)
            text, kept, is_word = "", "", False
        else:
            text, is_word = text + char, True
            if char in breaks:
                # Bash replaces an @ with what follows it, to complete names of hosts.
                kept = text[:-1] if char == "@" else text
    return words, BashWord(text, kept, quotes)


def quote(text: str, quotes: str) -> str:
    """Write a text so that bash reads exactly it.

    Args:
        text: Without a newline.
        quotes: The quotation mark that is open before it and will be closed behind it.
    """
    if not quotes:
        return "".join(map(_escape, text))
    if quotes == "'":
        quoted = _outside(text, "'", quotes)
    else:
        # An exclamation mark recalls history inside these quotes, even behind a backslash.
        escaped = re.sub(r'(["\\$`])', r"\\\1", text)
        quoted = _outside(escaped, "!", quotes)
    # Readline replaces the opening mark, too, if what replaces the word begins with one.
    return quotes + quoted if quoted.startswith(quotes) else quoted


def _outside(text: str, unquotable: str, quotes: str) -> str:
    """Leave the quotes for each character that cannot be written inside them."""
    return "".join(
        f"{quotes}{_escape(c)}{quotes}" if c in unquotable or _CONTROL.match(c) else c
        for c in text
    )


def _escape(char: str) -> str:
    if _CONTROL.match(char):
        return "$'" + "".join(f"\\x{byte:02x}" for byte in char.encode()) + "'"
    return char if _UNQUOTED_SAFE.match(char) or not char.isascii() else f"\\{char}"
