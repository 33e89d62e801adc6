"""Search a document of any size, part by part.

A part is decoded and searched as text, and the positions are mapped back to bytes, so
that a regular expression has its usual Python meaning. Only the number of matches in
each part is stored; the position of a match is computed again when it is visited.
"""

from __future__ import annotations

import re
import warnings
from array import array
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from mixtui.document.json_layout import IndentedJson
from mixtui.document.layout import Layout, LayoutPart
from mixtui.model.errors import SearchError
from mixtui.patterns import compile_late

if TYPE_CHECKING:
    import regex

MATCH_TIMEOUT = 5.0
"""Seconds that a regular expression may take for one part."""
_DRAWING_TIMEOUT = 0.02
"""Seconds that it may take for a line while drawing."""
_OVERLAP = 4096
"""Bytes of a very long line that are searched around a part of it: how far a match may
reach into the next part, and how far a look-behind sees.
"""

Span = tuple[int, int]
"""Start and end of a non-empty match."""


class SearchQuery(Struct, frozen=True):
    """A text to search for."""

    text: str
    case: bool = False
    """Match case exactly; False = only if the text has an upper-case letter."""
    regex: bool = False
    """The text is a regular expression in Python's syntax."""

    @property
    def matches_case(self) -> bool:
        """Return whether the search is case-sensitive."""
        letters = _ESCAPE.sub("", self.text) if self.regex else self.text
        return self.case or letters != letters.lower()

    def pattern(self) -> Pattern:
        """Compile the query; ``^`` and ``$`` match at the ends of a line.

        The body is searched in its source form: a ``\u00e9`` in it is six characters,
        not an é.

        Raises:
            SearchError: The text is empty or not a valid regular expression.
        """
        if not self.text:
            raise SearchError("Enter a search term.")
        if not self.regex:
            flags = re.NOFLAG if self.matches_case else re.IGNORECASE
            return Pattern(re.compile(re.escape(self.text), flags))
        return Pattern(_compile(self.text, self.matches_case))


class Pattern:
    """Finds the matches of a query in text or UTF-8.

    A plain text is compiled by `re`, which is faster with many matches and always
    terminates; a regular expression by `regex`, which supports a timeout.
    """

    def __init__(self, compiled: re.Pattern[str] | regex.Pattern[str]) -> None:
        self._compiled = compiled

    def spans_in_text(
        self, text: str, timeout: float = MATCH_TIMEOUT
    ) -> Iterator[Span]:
        """Yield the non-empty matches, in characters.

        Args:
            text: The text to search.
            timeout: Seconds, for a regular expression.

        Raises:
            SearchError: The timeout expired.
        """
        compiled = self._compiled
        matches: Iterator[re.Match[str] | regex.Match[str]]
        if isinstance(compiled, re.Pattern):
            matches = compiled.finditer(text)
        else:
            matches = compiled.finditer(text, concurrent=True, timeout=timeout)
        try:
            for match in matches:
                start, end = match.span()
                if start < end:
                    yield start, end
        except TimeoutError:
            raise SearchError(
                "This regular expression takes too long: simplify it."
            ) from None

    def spans(self, data: bytes, timeout: float = MATCH_TIMEOUT) -> Iterator[Span]:
        """Yield the matches in UTF-8, in bytes; invalid bytes match ``.``.

        Raises:
            SearchError: The timeout expired.
        """
        text = data.decode("utf-8", "surrogateescape")
        spans = self.spans_in_text(text, timeout)
        return spans if len(text) == len(data) else _in_bytes(spans, text)

    def count(self, data: bytes) -> int:
        """Count the matches in UTF-8; faster than iterating over `spans`.

        Raises:
            SearchError: The timeout expired.
        """
        text = data.decode("utf-8", "surrogateescape")
        return sum(1 for _ in self.spans_in_text(text))


def _in_bytes(spans: Iterator[Span], text: str) -> Iterator[Span]:
    position = offset = 0
    for start, end in spans:
        first = offset + len(text[position:start].encode("utf-8", "surrogateescape"))
        offset = first + len(text[start:end].encode("utf-8", "surrogateescape"))
        position = end
        yield first, offset


class Match(Struct, frozen=True, order=True):
    """The position of a match."""

    line: int
    start: int
    """Byte offset in the line."""
    end: int
    """Byte offset of its end; for a match over several lines, the end of the first
    line.
    """


class Search:
    """One pattern in one document. One thread counts while another may navigate."""

    def __init__(self, layout: Layout, pattern: Pattern) -> None:
        self._layout = layout
        self.pattern = pattern
        self._totals = array("q", [0])
        """How many matches there are before each part that was counted."""

    def count(self, *, complete: bool = True) -> Iterator[int]:
        """Continue counting, part by part; yields the number of matches so far.

        Args:
            complete: Whether the document is complete; otherwise parts that may still
                grow are left for later.
        """
        parts = self._layout.part_count if complete else self._final_part_count()
        while (part := len(self._totals) - 1) < parts:
            self._totals.append(self._totals[-1] + self._count_part(part))
            yield self._totals[-1]

    @property
    def counted(self) -> int:
        """Return the number of matches counted so far."""
        return self._totals[-1]

    def after(self, line: int, start: int) -> Iterator[Match | None]:
        """Find the first match at or after a position, wrapping around at the end.

        Yields None after each part without a match, so that the caller can stop; the
        last item is the match, or None if there is none.
        """
        yield from self._walk(line, start, 1)

    def before(self, line: int, start: int) -> Iterator[Match | None]:
        """Find the last match before a position, wrapping around at the start.

        Yields as `after` does.
        """
        yield from self._walk(line, start, -1)

    def number(self, match: Match) -> int | None:
        """Return the number of a match, from 1; None if it is not counted yet.

        Searches a part: call it in a thread.
        """
        part = self._layout.part_of(match.line, match.start)
        if part >= len(self._totals) - 1:
            return None
        earlier = (m for m in self._matches(part) if m <= match)
        return self._totals[part] + sum(1 for _ in earlier)

    def in_line(self, text: str) -> list[Span]:
        """Return the matches in a line, or a piece of one, in characters.

        Raises:
            SearchError: It takes longer than a key press should.
        """
        return list(self.pattern.spans_in_text(text, _DRAWING_TIMEOUT))

    def _final_part_count(self) -> int:
        """Return how many parts, and the parts their matches reach into, are final."""
        count = self._layout.part_count - 2
        if isinstance(self._layout, IndentedJson):
            count = max(count, len(self._layout.fragments))
        return count

    def _walk(self, line: int, start: int, step: int) -> Iterator[Match | None]:
        parts = self._layout.part_count
        if not parts or line >= self._layout.line_count:
            yield None
            return
        first_part = self._layout.part_of(line, start)
        position = (line, start)
        for offset in range(parts + 1):
            part = (first_part + step * offset) % parts
            match = None
            if self._may_match(part):
                matches = list(self._matches(part))
                if offset == 0:
                    matches = [
                        m
                        for m in matches
                        if (position <= (m.line, m.start)) == (step > 0)
                    ]
                if matches:
                    match = matches[0 if step > 0 else -1]
            yield match
            if match is not None:
                return

    def _may_match(self, part: int) -> bool:
        if part >= len(self._totals) - 1:
            return True
        return self._totals[part + 1] > self._totals[part]

    def _matches(self, number: int) -> Iterator[Match]:
        part = self._layout.part(number)
        lines = _LineFinder(part)
        for start, end in self._spans(part, number):
            yield lines.match(start, end)

    def _count_part(self, number: int) -> int:
        part = self._layout.part(number)
        if any(self._adjacent_text(part, number)):
            return sum(1 for _ in self._spans(part, number))
        return self.pattern.count(part.text)

    def _adjacent_text(self, part: LayoutPart, number: int) -> tuple[bytes, bytes]:
        """Return the adjacent ends of the previous and next part that belong to the
        same lines.
        """
        before, after = b"", b""
        if part.start:
            before = self._layout.part(number - 1).text[-_OVERLAP:].rpartition(b"\n")[2]
        if number + 1 < self._layout.part_count:
            following = self._layout.part(number + 1)
            if following.start:
                after = following.text[:_OVERLAP].partition(b"\n")[0]
        return before, after

    def _spans(self, part: LayoutPart, number: int) -> Iterator[Span]:
        """Yield matches in bytes of a part; one may end after the part."""
        before, after = self._adjacent_text(part, number)
        begin, length = len(before), len(part.text)
        for start, end in self.pattern.spans(b"%b%b%b" % (before, part.text, after)):
            if 0 <= start - begin < length:
                yield start - begin, end - begin


class _LineFinder:
    """Converts ascending byte offsets in a part into lines and offsets in them."""

    def __init__(self, part: LayoutPart) -> None:
        self._text = part.text
        self._line, self._line_start = part.first_line, -part.start
        self._searched = 0

    def match(self, start: int, end: int) -> Match:
        line_ends = self._text.count(b"\n", self._searched, start)
        if line_ends:
            self._line += line_ends
            self._line_start = self._text.rindex(b"\n", self._searched, start) + 1
        self._searched = start
        line_end = self._text.find(b"\n", start, end)
        end = end if line_end < 0 else max(line_end, start + 1)
        return Match(self._line, start - self._line_start, end - self._line_start)


_ESCAPE = compile_late(r"\\.", re.DOTALL)


def _compile(text: str, matches_case: bool) -> regex.Pattern[str]:
    import regex

    try:
        with warnings.catch_warnings():
            # "[[a]" may change its meaning in a future Python version.
            warnings.simplefilter("ignore")
            re.compile(text)  # Its messages include the column.
            flags = regex.VERSION0 | regex.MULTILINE
            if not matches_case:
                flags |= regex.IGNORECASE
            return regex.compile(_within_lines(text), flags)
    except regex.error as error:
        raise SearchError(f"Cannot search for this: {error}.") from None
    except re.error as error:
        if error.pos is None:
            raise SearchError(f"Cannot search for this: {error.msg}.") from None
        raise SearchError(
            f"Not a valid regular expression: {error.msg} (column {error.pos + 1}).",
            error.pos,
        ) from None
    except (OverflowError, RecursionError):
        raise SearchError(
            "This regular expression is too large: simplify it."
        ) from None


_ELEMENT = compile_late(
    r"\\(?P<escape>.)"
    r"|\[(?P<negated>\^?)(?P<bracket>\]?)(?P<members>(?:\\.|[^\]\\])*)\]"
    r"|\(\?\#[^)]*\)",
    re.DOTALL,
)
"""The elements of a valid pattern that may match a line end, or look as if they did."""
_WITHIN_A_LINE = {"s": r"[^\S\n]", "D": r"[^\d\n]", "W": r"[^\w\n]"}
_TYPED_LINE_END = compile_late(r"\n|\\n")


def _within_lines(pattern: str) -> str:
    """Keep a pattern from matching a line end unless one was typed.

    A document is searched line by line: ``[^,]+`` would span all of them.
    """
    return _ELEMENT.sub(_element_within_a_line, pattern)


def _element_within_a_line(element: re.Match[str]) -> str:
    text, escape, members = element[0], element["escape"], element["members"]
    if escape:
        return _WITHIN_A_LINE.get(escape, text)
    if members is None:
        return text  # A comment.
    if element["negated"]:
        bracket = r"\]" if element["bracket"] else ""
        return rf"[^\n{bracket}{members}]"
    may_match = {"\\s", "\\D", "\\W"} & set(_ESCAPE.findall(members))
    if may_match and not _TYPED_LINE_END.search(members):
        return rf"(?:(?!\n){text})"
    return text
