"""Which items of two sequences belong together, found within a bounded time.

What both begin and end with is put aside. Between, items that occur once on both sides
are anchors (as in a patience diff): the longest run of them in the same order stays. In
the gaps that have none, Myers' greedy search looks for the shortest change, and gives
up where the sides are too different: such a gap is replaced as a whole.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

from mixtui.jsontext import Kind, NotJson, raw_kind, raw_member
from mixtui.system import CancelToken

_ROUNDS = 32
"""How often a gap is searched for anchors again; so often only in contrived input."""
_EDITS = 400
"""The most insertions and deletions that a gap without anchors may take."""
_EFFORT = 3_000_000
"""Comparisons that all such gaps of one alignment may take together."""


class MatchRun(NamedTuple):
    """Neighbouring items that are the same on both sides."""

    old: int
    new: int
    length: int


def align(
    old: Sequence[Hashable], new: Sequence[Hashable], token: CancelToken | None = None
) -> list[MatchRun]:
    """What is the same, in order; what lies between two runs was replaced.

    Raises:
        Cancelled: The token was cancelled.
    """
    numbers: dict[Hashable, int] = {}
    sides = [[numbers.setdefault(i, len(numbers)) for i in side] for side in (old, new)]
    return _joined(sorted(_Search(sides[0], sides[1], token or CancelToken()).runs()))


class _Gap(NamedTuple):
    a: int
    a_end: int
    b: int
    b_end: int
    round: int


class _Search:
    def __init__(self, old: list[int], new: list[int], token: CancelToken) -> None:
        self._old = old
        self._new = new
        self._token = token
        self._effort = _EFFORT

    def runs(self) -> Iterator[MatchRun]:
        gaps = [_Gap(0, len(self._old), 0, len(self._new), 0)]
        while gaps:
            self._token.raise_if_cancelled()
            gap, *ends = self._trimmed(gaps.pop())
            yield from (run for run in ends if run.length)
            if gap.a == gap.a_end or gap.b == gap.b_end:
                continue
            anchors = self._anchors(gap) if gap.round < _ROUNDS else []
            if not anchors:
                yield from self._shortest(gap)
                continue
            a, b = gap.a, gap.b
            for i, j in anchors:
                yield MatchRun(i, j, 1)
                if i > a and j > b:
                    gaps.append(_Gap(a, i, b, j, gap.round + 1))
                a, b = i + 1, j + 1
            gaps.append(_Gap(a, gap.a_end, b, gap.b_end, gap.round + 1))

    def _trimmed(self, gap: _Gap) -> tuple[_Gap, MatchRun, MatchRun]:
        old, new = self._old, self._new
        a, a_end, b, b_end, _ = gap
        while a < a_end and b < b_end and old[a] == new[b]:
            a, b = a + 1, b + 1
        while a < a_end and b < b_end and old[a_end - 1] == new[b_end - 1]:
            a_end, b_end = a_end - 1, b_end - 1
        head = MatchRun(gap.a, gap.b, a - gap.a)
        tail = MatchRun(a_end, b_end, gap.a_end - a_end)
        return _Gap(a, a_end, b, b_end, gap.round), head, tail

    def _anchors(self, gap: _Gap) -> list[tuple[int, int]]:
        old, new = self._old[gap.a : gap.a_end], self._new[gap.b : gap.b_end]
        times_old, times_new = Counter(old), Counter(new)
        place = {item: gap.b + j for j, item in enumerate(new)}
        pairs = [
            (gap.a + i, place[item])
            for i, item in enumerate(old)
            if times_old[item] == 1 and times_new[item] == 1
        ]
        return [pairs[k] for k in longest_rise([j for _, j in pairs])]

    def _shortest(self, gap: _Gap) -> list[MatchRun]:
        """Myers' greedy search; nothing where it would take too long."""
        a, a_end, b, b_end, _ = gap
        old, new = self._old, self._new
        count, size = a_end - a, b_end - b
        if abs(count - size) > _EDITS:
            return []
        furthest = {1: 0}
        trace: list[dict[int, int]] = []
        for edits in range(min(count + size, _EDITS) + 1):
            self._token.raise_if_cancelled()
            trace.append(furthest.copy())
            for k in range(-edits, edits + 1, 2):
                x = start = _step(furthest, k, edits)
                y = x - k
                while x < count and y < size and old[a + x] == new[b + y]:
                    x, y = x + 1, y + 1
                self._effort -= x - start + 1
                furthest[k] = x
                if x >= count and y >= size:
                    return _walked_back(trace, gap)
            if self._effort < 0:
                return []
        return []


def _step(furthest: dict[int, int], k: int, edits: int) -> int:
    """Where a diagonal is entered: down from the one above, or right from below."""
    if k == -edits or (k != edits and furthest[k - 1] < furthest[k + 1]):
        return furthest[k + 1]
    return furthest[k - 1] + 1


def _walked_back(trace: list[dict[int, int]], gap: _Gap) -> list[MatchRun]:
    x, y = gap.a_end - gap.a, gap.b_end - gap.b
    runs: list[MatchRun] = []
    for edits in range(len(trace) - 1, -1, -1):
        furthest, k = trace[edits], x - y
        start = _step(furthest, k, edits)
        if x > start:
            runs.append(MatchRun(gap.a + start, gap.b + start - k, x - start))
        down = k == -edits or (k != edits and furthest[k - 1] < furthest[k + 1])
        x = start if down else start - 1
        y = x - (k + 1 if down else k - 1)
    return runs


def longest_rise(numbers: Sequence[int]) -> list[int]:
    """The positions of the longest rising part of different numbers."""
    ends: list[int] = []
    tops: list[int] = []
    before: list[int] = []
    for index, number in enumerate(numbers):
        at = bisect_left(tops, number)
        before.append(ends[at - 1] if at else -1)
        ends[at : at + 1] = [index]
        tops[at : at + 1] = [number]
    results: list[int] = []
    index = ends[-1] if ends else -1
    while index >= 0:
        results.append(index)
        index = before[index]
    return results[::-1]


def _joined(runs: list[MatchRun]) -> list[MatchRun]:
    joined: list[MatchRun] = []
    for run in runs:
        if joined:
            last = joined[-1]
            if last.old + last.length == run.old and last.new + last.length == run.new:
                joined[-1] = last._replace(length=last.length + run.length)
                continue
        joined.append(run)
    return joined


_NAMES = (
    ("$insert_id",),
    ("properties", "$insert_id"),
    ("$distinct_id",),
    ("id",),
    ("key",),
    ("name",),
    ("event",),
)
"""Where the name of an object may stand; the likeliest to be its own first."""
_CHECK_EVERY = 0x3FF


class AlignmentStep(NamedTuple):
    """Items that belong together, by their indexes; None = there is none."""

    old: int | None
    new: int | None
    moved: bool = False
    """It stands elsewhere among those that are on both sides."""


def steps(
    old: Sequence[bytes], new: Sequence[bytes], token: CancelToken
) -> Iterator[AlignmentStep]:
    """What became of each item, in order; pairs that are the same may be left out.

    Raises:
        Cancelled: The token was cancelled.
    """
    start, tail = _ends(old, new)
    middle_old, middle_new = old[start : len(old) - tail], new[start : len(new) - tail]
    if len(old) == len(new) and _series(middle_old) and _series(middle_new):
        found: Iterator[AlignmentStep] = map(
            AlignmentStep, range(len(middle_old)), range(len(middle_new))
        )
    elif names := _names(middle_old, middle_new, token):
        found = _by_name(*names)
    else:
        found = _by_content(middle_old, middle_new, token)
    for i, j, moved in found:
        yield AlignmentStep(
            None if i is None else i + start, None if j is None else j + start, moved
        )


def _ends(old: Sequence[bytes], new: Sequence[bytes]) -> tuple[int, int]:
    """How many items are the same at the beginning, and at the end behind those."""
    shortest = min(len(old), len(new))
    start = next((i for i in range(shortest) if old[i] != new[i]), shortest)
    rest = shortest - start
    return start, next((i for i in range(rest) if old[-1 - i] != new[-1 - i]), rest)


def _series(items: Sequence[bytes]) -> bool:
    return all(raw_kind(item) is Kind.NUMBER or item == b"null" for item in items)


def _names(
    old: Sequence[bytes], new: Sequence[bytes], token: CancelToken
) -> tuple[list[bytes], list[bytes]] | None:
    if not old or not new:
        return None
    if not all(raw_kind(item) is Kind.OBJECT for side in (old, new) for item in side):
        return None
    for where in _NAMES:
        # The first item alone tells most often that there is no such name.
        if _name(old[0], where) is None:
            continue
        before, after = (_all_names(side, where, token) for side in (old, new))
        if before and after:
            return before, after
    return None


def _all_names(
    items: Sequence[bytes], where: tuple[str, ...], token: CancelToken
) -> list[bytes] | None:
    """The names of all; None where one has none, or two have the same."""
    names: dict[bytes, None] = {}
    for index, item in enumerate(items):
        if not index & _CHECK_EVERY:
            token.raise_if_cancelled()
        name = _name(item, where)
        if name is None or name in names:
            return None
        names[name] = None
    return list(names)


def _name(item: bytes, where: tuple[str, ...]) -> bytes | None:
    value: bytes | None = item
    for key in where:
        if value is None or raw_kind(value) is not Kind.OBJECT:
            return None
        try:
            value = raw_member(value, key)
        except NotJson:
            return None
    if value is None or raw_kind(value) not in (Kind.TEXT, Kind.NUMBER):
        return None
    return value


def _by_name(old: list[bytes], new: list[bytes]) -> Iterator[AlignmentStep]:
    place = {name: index for index, name in enumerate(old)}
    origins = [place.get(name) for name in new]
    there = [(origin, j) for j, origin in enumerate(origins) if origin is not None]
    results = {there[k][1] for k in longest_rise([origin for origin, _ in there])}
    left = set(range(len(old))).difference(origin for origin, _ in there)
    at = 0
    for j, origin in enumerate(origins):
        if origin is not None and j in results:
            yield from (AlignmentStep(i, None) for i in range(at, origin) if i in left)
            at = origin
        yield AlignmentStep(origin, j, moved=origin is not None and j not in results)
    yield from (AlignmentStep(i, None) for i in range(at, len(old)) if i in left)


def _by_content(
    old: Sequence[bytes], new: Sequence[bytes], token: CancelToken
) -> Iterator[AlignmentStep]:
    i = j = 0
    for run in [*align(old, new, token), None]:
        i_end, j_end = (run.old, run.new) if run else (len(old), len(new))
        pairs = min(i_end - i, j_end - j)
        yield from map(AlignmentStep, range(i, i + pairs), range(j, j + pairs))
        yield from (AlignmentStep(k, None) for k in range(i + pairs, i_end))
        yield from (AlignmentStep(None, k) for k in range(j + pairs, j_end))
        if run:
            i, j = run.old + run.length, run.new + run.length
