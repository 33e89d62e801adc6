"""Text for users: foreign text sanitized for a terminal; sizes, durations, times.

A server's text may contain escape sequences, characters that reorder a line (bidi
controls) or invisible characters. Each becomes one visible mark, one cell wide, except
where it is part of an emoji: there it is seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from mixtui.patterns import compile_late

Span = tuple[int, int]
"""Start and end of a part of a text."""

TAB = 4
"""Cells between tab stops."""
MARK = "\N{SYMBOL FOR SUBSTITUTE FORM TWO}"
"""Stands for a character that would not be seen, or would act."""

# Unicode's control, format, line and paragraph separator and surrogate characters
# (categories Cc, Cf, Zl, Zp, Cs), and those that it calls default ignorable: they have
# no picture of their own, so a terminal shows nothing, or guesses.
_UNSEEN_CHARACTER = (
    "["
    "\x00-\x1f\x7f-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    "\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "]"
)
_UNSEEN = compile_late(_UNSEEN_CHARACTER)
_FIRST_UNSEEN = "\u034f"
"""The first of them that Python calls printable."""
# Emoji of more than one character, by the grammar of "possible emoji" in Unicode Technical
# Standard 51, 1.4.9. Two things are narrower, as text could hide in them otherwise: tags
# are kept in the three flags of subdivisions that fonts have, and no tag is kept elsewhere.
_EMOJI = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328"
    "\u23cf\u23e9-\u23f3\u23f8-\u23fa\u24c2\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe"
    "\u2600-\u2604\u260e\u2611\u2614\u2615\u2618\u261d\u2620\u2622\u2623\u2626\u262a"
    "\u262e\u262f\u2638-\u263a\u2640\u2642\u2648-\u2653\u265f\u2660\u2663\u2665\u2666"
    "\u2668\u267b\u267e\u267f\u2692-\u2697\u2699\u269b\u269c\u26a0\u26a1\u26a7\u26aa"
    "\u26ab\u26b0\u26b1\u26bd\u26be\u26c4\u26c5\u26c8\u26ce\u26cf\u26d1\u26d3\u26d4\u26e9"
    "\u26ea\u26f0-\u26f5\u26f7-\u26fa\u26fd\u2702\u2705\u2708-\u270d\u270f\u2712\u2714"
    "\u2716\u271d\u2721\u2728\u2733\u2734\u2744\u2747\u274c\u274e\u2753-\u2755\u2757"
    "\u2763\u2764\u2795-\u2797\u27a1\u27b0\u27bf\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c"
    "\u2b50\u2b55\u3030\u303d\u3297\u3299"
    # Above U+FFFF: what emoji are chosen from, but for skin tones and letters of flags.
    "\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff"
)
_PART = f"[{_EMOJI}](?:[\U0001f3fb-\U0001f3ff]|\ufe0f\u20e3?)?"
_TAGS = "|".join(
    "".join(chr(0xE0000 + ord(letter)) for letter in region)
    for region in ("gbeng", "gbsct", "gbwls")
)
_EMOJI_SEQUENCE = (
    "[0-9#*]\ufe0f\u20e3"
    "|[\U0001f1e6-\U0001f1ff]{2}"
    f"|\U0001f3f4(?:{_TAGS})\U000e007f"
    f"|{_PART}(?:\u200d{_PART})*"
)
_UNSEEN_OR_SEQUENCE = compile_late(f"{_EMOJI_SEQUENCE}|(?P<unseen>{_UNSEEN_CHARACTER})")
_ELLIPSIS = "…"

# What word processors and web pages put where plain characters belong; the first two are
# sets for a regular expression.
FOREIGN_BLANKS = "\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
INVISIBLE = "\u00ad\u200b-\u200f\u2060\ufeff"
QUOTATION_MARKS = "“”„‟‘’‚‛«»‹›′″´＂＇"
DASHES = "‐‑‒–—―−﹘﹣－"
_FOREIGN = compile_late(f"[{FOREIGN_BLANKS}{INVISIBLE}]")
_FOREIGN_BLANK = compile_late(f"[{FOREIGN_BLANKS}]")


def sanitize(text: str) -> str:
    """Replace every character that has no glyph by a visible mark.

    A tab becomes spaces up to the next stop; other controls their control picture
    (U+2400 and on); the rest `MARK`. One line in, one line out: a line feed is marked
    like any other control. Joiners, variation selectors and tags stay in emoji, which
    terminals show as one picture.
    """
    if "\t" in text:
        text = text.expandtabs(TAB)
    if max(text, default="") < _FIRST_UNSEEN and text.isprintable():
        return text  # Without a pattern, which takes two milliseconds to compile.
    if not _UNSEEN.search(text):
        return text
    return _UNSEEN_OR_SEQUENCE.sub(_mark, text)


def emoji_sequences(text: str) -> list[Span]:
    """Return the emoji of a text that are several characters, in order."""
    if text.isascii():
        return []
    return [
        match.span()
        for match in re.finditer(_EMOJI_SEQUENCE, text)
        if match.end() - match.start() > 1
    ]


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
    if match["unseen"] is None:
        return match.group()
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
