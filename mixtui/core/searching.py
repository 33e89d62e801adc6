"""Finding a pattern in a document of any size, part by part.

What is kept of the matches is how many there are in each part: the place of one is
found again when it is gone to.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from mixtui.core.json_layout import IndentedJson
from mixtui.core.layout import Layout, LayoutPart
from mixtui.core.patient_pattern import Pattern, spans

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
