"""Text for users: foreign text sanitized for a terminal; sizes, durations, times.

A server's text may contain escape sequences, characters that reorder a line (bidi
controls) or invisible characters. Each becomes one visible mark, one cell wide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

Span = tuple[int, int]
"""Start and end of a part of a text."""

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

# What word processors and web pages put where plain characters belong; the first two are
# sets for a regular expression.
FOREIGN_BLANKS = "\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
INVISIBLE = "\u00ad\u200b-\u200f\u2060\ufeff"
QUOTATION_MARKS = "“”„‟‘’‚‛«»‹›′″´＂＇"
DASHES = "‐‑‒–—―−﹘﹣－"
_FOREIGN = re.compile(f"[{FOREIGN_BLANKS}{INVISIBLE}]")
_FOREIGN_BLANK = re.compile(f"[{FOREIGN_BLANKS}]")


def sanitize(text: str) -> str:
    """Replace every character that has no glyph by a visible mark.

    A tab becomes spaces up to the next stop; other controls their control picture
    (U+2400 and on); the rest `MARK`. One line in, one line out: a line feed is marked
    like any other control.
    """
    if "\t" in text:
        text = text.expandtabs(TAB)
    return _UNSEEN.sub(_mark, text)


def name_character(character: str) -> str:
    """Return code point and name of a character: ``U+00A0 (no-break space)``."""
    import unicodedata  # Not needed to start.

    name = unicodedata.name(character, "unnamed").lower()
    return f"U+{ord(character):04X} ({name})"


def mend_blanks(text: str) -> tuple[str, tuple[str, ...]]:
    """Replace the blanks of web pages by plain spaces, and remove invisible characters.

    Returns:
        The text, and the distinct characters that were replaced.
    """
    mended = tuple(dict.fromkeys(_FOREIGN.findall(text)))
    if not mended:
        return text, ()
    return _FOREIGN.sub("", _FOREIGN_BLANK.sub(" ", text)), mended


def escape_json(document: str) -> str:
    """Escape every character of a JSON document that has no glyph; its values stay.

    JSON itself only escapes C0 controls. Line feeds are between its tokens and stay.
    """
    return _UNSEEN.sub(_json_escape, document)


def _json_escape(match: re.Match[str]) -> str:
    character = match.group()
    if character == "\n":
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    codes = (units[start : start + 2].hex() for start in range(0, len(units), 2))
    return "".join(f"\\u{code}" for code in codes)


def sanitize_excerpt(text: str, limit: int) -> str:
    """Sanitize a text, and shorten it to one line of at most ``limit`` characters."""
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


_UNITS = ("KB", "MB", "GB", "TB", "PB")


def size(count: int) -> str:
    """Format a number of bytes, in powers of 1,000: ``812 B``, ``1.2 KB``, ``34 MB``."""
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in _UNITS:
        value /= 1000
        if value < 9.95:
            return f"{value:.1f} {unit}"
        if value < 999.5:
            return f"{value:.0f} {unit}"
    return f"{value:,.0f} {_UNITS[-1]}"


def duration(seconds: float) -> str:
    """Format a time span: ``38 ms``, ``1.24 s``, ``12.4 s``, ``2 min 5 s``, ``1 h 2 min``."""
    if seconds < 0.0005:
        return "0 ms"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.995:
        return f"{seconds:.2f} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def pluralise(count: int, noun: str, plural: str = "") -> str:
    """Format a number with its noun: ``1 record``, ``1,200 records``, ``2 entries``."""
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {plural or noun + 's'}"


def format_time(moment: datetime, now: datetime | None = None) -> str:
    """Format a moment in local time: ``today 14:02:11``, ``yesterday …``.

    Args:
        moment: With its time zone.
        now: None = now.
    """
    local, today = moment.astimezone(), (now or datetime.now()).astimezone().date()
    day = f"{local:%Y-%m-%d}"
    if local.date() == today:
        day = "today"
    elif local.date() == today - timedelta(days=1):
        day = "yesterday"
    return f"{day} {local:%H:%M:%S}"


def merge_positions(positions: Iterable[int]) -> tuple[Span, ...]:
    """Return the parts of a text that characters at these positions make up, in order."""
    spans: list[Span] = []
    for position in sorted(set(positions)):
        if spans and spans[-1][1] == position:
            spans[-1] = spans[-1][0], position + 1
        else:
            spans.append((position, position + 1))
    return tuple(spans)
