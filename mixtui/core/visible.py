"""Foreign text made fit for a terminal: nothing in it acts, hides or deceives.

A server's text may hold escape sequences, characters that reorder a line (bidi
controls) or characters that nobody sees. Each becomes one visible mark, one cell wide.
"""

from __future__ import annotations

import re

TAB = 4
"""Cells between tab stops."""
MARK = "\N{SYMBOL FOR SUBSTITUTE FORM TWO}"
"""Stands for a character that would not be seen, or would act."""

# Unicode's control, format, line and paragraph separator and surrogate characters
# (categories Cc, Cf, Zl, Zp, Cs), and those that it calls default ignorable: they have
# no picture of their own, so a terminal shows nothing, or guesses.
_UNSEEN = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    "\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "]"
)
_ELLIPSIS = "…"


def sanitize(text: str) -> str:
    """The text with every character that is not a picture replaced by a mark.

    A tab becomes spaces up to the next stop; other controls their control picture
    (U+2400 and on); the rest `MARK`. One line in, one line out: a line feed is marked
    like any other control.
    """
    if "\t" in text:
        text = text.expandtabs(TAB)
    return _UNSEEN.sub(_mark, text)


def sanitize_excerpt(text: str, limit: int) -> str:
    """The text on one line, made visible, at most ``limit`` characters long."""
    # Twice the limit: what whitespace folds away is not missed at the end.
    line = sanitize(" ".join(text[: limit * 2 + 1].split()))
    if len(line) <= limit and len(text) <= limit * 2:
        return line
    return line[: limit - 1].rstrip() + _ELLIPSIS


def _mark(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "\N{SYMBOL FOR DELETE}" if code == 0x7F else MARK
