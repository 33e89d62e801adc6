"""Finding a pattern in a document of any size, part by part.

What is kept of the matches is how many there are in each part: the place of one is
found again when it is gone to.
"""

from __future__ import annotations

import re
import warnings
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mixtui.document.byte_regex import bytes_literal, bytes_pattern
from mixtui.document.json_layout import IndentedJson
from mixtui.document.layout import Layout, LayoutPart
from mixtui.model.errors import SearchError

if TYPE_CHECKING:
    import regex


MATCH_TIMEOUT = 5.0
"""Seconds for one piece of a body."""


class TimeoutPattern:
    """Finds as `re.Pattern` does."""

    def __init__(self, pattern: regex.Pattern[bytes]) -> None:
        self._pattern = pattern

    def finditer(
        self, data: bytes, seconds: float = MATCH_TIMEOUT
    ) -> Iterator[regex.Match[bytes]]:
        """Each match in the bytes.

        Raises:
            SearchError: It takes too long.
        """
        try:
            yield from self._pattern.finditer(data, concurrent=True, timeout=seconds)
        except TimeoutError:
            raise SearchError(
                "This regular expression takes too long here: make it simpler."
            ) from None


Pattern = re.Pattern[bytes] | TimeoutPattern
"""What finds something in bytes."""


def spans(
    pattern: Pattern, data: bytes, seconds: float = MATCH_TIMEOUT
) -> Iterator[tuple[int, int]]:
    """From and to of each match that is not empty.

    Raises:
        SearchError: It takes too long.
    """
    if isinstance(pattern, TimeoutPattern):
        found = (match.span() for match in pattern.finditer(data, seconds))
    else:
        found = (match.span() for match in pattern.finditer(data))
    return (span for span in found if span[1] > span[0])


_AT_ONCE = 0.02
"""Seconds for a line that is being drawn."""
_OVER = 4096
"""Bytes of one very long line that are looked at around a part of it: a match may reach
so far into the next part, and what must stand before one is found so far back."""


@dataclass(frozen=True, slots=True, order=True)
class Match:
    """Where a pattern was found."""

    line: int
    start: int
    """The byte of the line that it starts at."""
    end: int
    """The byte of the line behind it; on a later line, the end of its first one."""


class Search:
    """One pattern in one document. Any one thread counts; another may go to matches."""

    def __init__(self, layout: Layout, pattern: Pattern) -> None:
        self._layout = layout
        self.pattern = pattern
        self._before = array("q", [0])
        """How many matches there are before each part that was counted."""

    def count(self, *, complete: bool = True) -> Iterator[int]:
        """Count on, part by part; yields the number found so far.

        Args:
            complete: The document is; otherwise the parts that may still grow are left
                for later.
        """
        parts = self._layout.part_count if complete else self._settled()
        while (part := len(self._before) - 1) < parts:
            found = sum(1 for _ in self._spans(self._layout.part(part), part))
            self._before.append(self._before[-1] + found)
            yield self._before[-1]

    @property
    def counted(self) -> int:
        """How many matches were found by now."""
        return self._before[-1]

    @property
    def parts_counted(self) -> int:
        """How many parts were looked at."""
        return len(self._before) - 1

    def after(self, line: int, start: int) -> Iterator[Match | None]:
        """The first match at or behind a place, and round to it again from the top.

        Yields None after each part without one, so that one may stop; the last thing
        it yields is the match, or None if there is none at all.
        """
        yield from self._walk(line, start, 1)

    def before(self, line: int, start: int) -> Iterator[Match | None]:
        """The last match before a place, and round to it again from the end.

        Yields as `after` does.
        """
        yield from self._walk(line, start, -1)

    def number(self, match: Match) -> int | None:
        """Which one of all it is, from 1; None = not counted up to it yet.

        Goes through a part: call it in a thread.
        """
        part = self._layout.part_of(match.line, match.start)
        if part >= len(self._before) - 1:
            return None
        earlier = (m for m in self._matches(part) if m <= match)
        return self._before[part] + sum(1 for _ in earlier)

    def in_line(self, line: bytes) -> list[tuple[int, int]]:
        """Where in a line's bytes the pattern is: from, to.

        Raises:
            SearchError: That takes longer than a key press should wait.
        """
        return list(spans(self.pattern, line, _AT_ONCE))

    def _settled(self) -> int:
        """How many parts will not change any more, nor what a match reaches into."""
        count = self._layout.part_count - 2
        if isinstance(self._layout, IndentedJson):
            count = max(count, len(self._layout.fragments))
        return count

    def _walk(self, line: int, start: int, step: int) -> Iterator[Match | None]:
        parts = self._layout.part_count
        if not parts or line >= self._layout.line_count:
            yield None
            return
        here = self._layout.part_of(line, start)
        place = (line, start)
        for offset in range(parts + 1):
            part = (here + step * offset) % parts
            found = None
            if self._may_hold(part):
                matches = list(self._matches(part))
                if offset == 0:
                    matches = [
                        m for m in matches if (place <= (m.line, m.start)) == (step > 0)
                    ]
                found = (matches[:1] if step > 0 else matches[-1:]) or None
            yield found[0] if found else None
            if found:
                return

    def _may_hold(self, part: int) -> bool:
        if part >= len(self._before) - 1:
            return True
        return self._before[part + 1] > self._before[part]

    def _matches(self, number: int) -> Iterator[Match]:
        part = self._layout.part(number)
        starts = _Starts(part)
        for start, end in self._spans(part, number):
            yield starts.match(start, end)

    def _spans(self, part: LayoutPart, number: int) -> Iterator[tuple[int, int]]:
        """From and to, in bytes of a part; the end of one may be behind its end."""
        before, behind = b"", b""
        if part.start:
            before = self._layout.part(number - 1).text[-_OVER:].rpartition(b"\n")[2]
        if number + 1 < self._layout.part_count:
            following = self._layout.part(number + 1)
            if following.start:
                behind = following.text[:_OVER].partition(b"\n")[0]
        begin, length = len(before), len(part.text)
        text = b"%b%b%b" % (before, part.text, behind)
        for start, end in spans(self.pattern, text):
            if 0 <= start - begin < length:
                yield start - begin, end - begin


class _Starts:
    """Turns positions in a part, in rising order, into lines and bytes of a line."""

    def __init__(self, part: LayoutPart) -> None:
        self._text = part.text
        self._line, self._begin = part.first_line, -part.start
        self._seen = 0

    def match(self, start: int, end: int) -> Match:
        ends = self._text.count(b"\n", self._seen, start)
        if ends:
            self._line += ends
            self._begin = self._text.rindex(b"\n", self._seen, start) + 1
        self._seen = start
        line_end = self._text.find(b"\n", start, end)
        end = end if line_end < 0 else max(line_end, start + 1)
        return Match(self._line, start - self._begin, end - self._begin)


_ESCAPE = re.compile(r"\\.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A text to search for."""

    text: str
    case: bool = False
    """Match case exactly; False = only where the text has an upper-case letter."""
    regex: bool = False
    """The text is a regular expression as Python has them."""

    @property
    def matches_case(self) -> bool:
        """Whether an upper-case letter is another than its lower-case one."""
        letters = _ESCAPE.sub("", self.text) if self.regex else self.text
        return self.case or letters != letters.lower()

    def pattern(self) -> Pattern:
        """What finds the text in UTF-8; ``^`` and ``$`` are the ends of a line.

        The body is searched as it is written: a ``\\u00e9`` in it is six characters and
        not an é. A regular expression may match nothing at all: skip such matches.

        Raises:
            SearchError: There is nothing to search for, or it is no regular expression.
        """
        if not self.text:
            raise SearchError("There is nothing to search for.")
        if not self.regex:
            return re.compile(bytes_literal(self.text, self.matches_case))
        return _compiled(self.text, self.matches_case)


def _compiled(text: str, matches_case: bool) -> TimeoutPattern:
    import regex

    try:
        with warnings.catch_warnings():
            # "[[a]" may mean something else in a Python to come.
            warnings.simplefilter("ignore")
            re.compile(text)
            flags = regex.VERSION0 | regex.MULTILINE
            if not matches_case:
                flags |= regex.IGNORECASE
            pattern = bytes_pattern(text, matches_case)
            return TimeoutPattern(regex.compile(pattern, flags))
    except regex.error as error:
        raise SearchError(f"This cannot be searched for: {error}.") from None
    except re.error as error:
        if error.pos is None:
            raise SearchError(f"This cannot be searched for: {error.msg}.") from None
        raise SearchError(
            f"This is no regular expression: {error.msg} (column {error.pos + 1}).",
            error.pos,
        ) from None
    except (OverflowError, RecursionError):
        raise SearchError(
            "This regular expression is too large: make it simpler."
        ) from None
