"""Align the items of two sequences, or of two JSON lists, within a bounded time.

The common head and tail are matched first. Between them, items that occur once on both
sides are anchors (as in a patience diff), of which the longest sequence in the same order
is matched. In a gap without anchors Myers' greedy search looks for the shortest edit. If
the sides differ too much, it gives up, and the gap counts as replaced entirely.

Not difflib: it has no bound on time, cannot be cancelled, and is quadratic on the million
lines that a response may have.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

from mixtui.jsonbytes import Kind, NotJson, raw_kind, raw_member
from mixtui.system import CancelToken

_MAX_ROUNDS = 32
"""Nested anchor searches; only contrived input needs more."""
_MAX_EDITS = 400
"""Insertions and deletions in a gap without anchors."""
_MAX_COMPARISONS = 3_000_000
"""In all gaps without anchors of one alignment together."""


class MatchRun(NamedTuple):
    """A run of consecutive items that are equal on both sides."""

    old: int
    new: int
    length: int


def align(
    old: Sequence[Hashable], new: Sequence[Hashable], token: CancelToken | None = None
) -> list[MatchRun]:
    """Return the equal runs in order; items between two runs were replaced.

    Raises:
        Cancelled: The token was cancelled.
    """
    numbers: dict[Hashable, int] = {}
    sides = [[numbers.setdefault(i, len(numbers)) for i in side] for side in (old, new)]
    return _merge_adjacent(
        sorted(_Aligner(sides[0], sides[1], token or CancelToken()).runs())
    )


class _Gap(NamedTuple):
    a: int
    a_end: int
    b: int
    b_end: int
    round: int


class _Aligner:
    def __init__(self, old: list[int], new: list[int], token: CancelToken) -> None:
        self._old = old
        self._new = new
        self._token = token
        self._remaining_comparisons = _MAX_COMPARISONS

    def runs(self) -> Iterator[MatchRun]:
        gaps = [_Gap(0, len(self._old), 0, len(self._new), 0)]
        while gaps:
            self._token.raise_if_cancelled()
            gap, *ends = self._trim(gaps.pop())
            yield from (run for run in ends if run.length)
            if gap.a == gap.a_end or gap.b == gap.b_end:
                continue
            anchors = self._anchors(gap) if gap.round < _MAX_ROUNDS else []
            if not anchors:
                yield from self._shortest_edit(gap)
                continue
            a, b = gap.a, gap.b
            for i, j in anchors:
                yield MatchRun(i, j, 1)
                if i > a and j > b:
                    gaps.append(_Gap(a, i, b, j, gap.round + 1))
                a, b = i + 1, j + 1
            gaps.append(_Gap(a, gap.a_end, b, gap.b_end, gap.round + 1))

    def _trim(self, gap: _Gap) -> tuple[_Gap, MatchRun, MatchRun]:
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
        positions = {item: gap.b + j for j, item in enumerate(new)}
        pairs = [
            (gap.a + i, positions[item])
            for i, item in enumerate(old)
            if times_old[item] == 1 and times_new[item] == 1
        ]
        return [pairs[k] for k in longest_increasing_subsequence([j for _, j in pairs])]

    def _shortest_edit(self, gap: _Gap) -> list[MatchRun]:
        """Run Myers' greedy search; return no runs if it takes too long."""
        a, a_end, b, b_end, _ = gap
        old, new = self._old, self._new
        old_count, new_count = a_end - a, b_end - b
        if abs(old_count - new_count) > _MAX_EDITS:
            return []
        furthest = {1: 0}
        trace: list[dict[int, int]] = []
        for edits in range(min(old_count + new_count, _MAX_EDITS) + 1):
            self._token.raise_if_cancelled()
            trace.append(furthest.copy())
            for k in range(-edits, edits + 1, 2):
                x = start = _step(furthest, k, edits)
                y = x - k
                while x < old_count and y < new_count and old[a + x] == new[b + y]:
                    x, y = x + 1, y + 1
                self._remaining_comparisons -= x - start + 1
                furthest[k] = x
                if x >= old_count and y >= new_count:
                    return _backtrack(trace, gap)
            if self._remaining_comparisons < 0:
                return []
        return []


def _step(furthest: dict[int, int], k: int, edits: int) -> int:
    """Return the x at which diagonal k is entered: by an insertion, or by a deletion."""
    if k == -edits or (k != edits and furthest[k - 1] < furthest[k + 1]):
        return furthest[k + 1]
    return furthest[k - 1] + 1


def _backtrack(trace: list[dict[int, int]], gap: _Gap) -> list[MatchRun]:
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


def longest_increasing_subsequence(numbers: Sequence[int]) -> list[int]:
    """Return the indexes of a longest increasing subsequence of distinct numbers."""
    end_indexes: list[int] = []
    end_numbers: list[int] = []
    predecessors: list[int] = []
    for index, number in enumerate(numbers):
        length = bisect_left(end_numbers, number)
        predecessors.append(end_indexes[length - 1] if length else -1)
        end_indexes[length : length + 1] = [index]
        end_numbers[length : length + 1] = [number]
    subsequence: list[int] = []
    index = end_indexes[-1] if end_indexes else -1
    while index >= 0:
        subsequence.append(index)
        index = predecessors[index]
    return subsequence[::-1]


def _merge_adjacent(runs: list[MatchRun]) -> list[MatchRun]:
    joined: list[MatchRun] = []
    for run in runs:
        if joined:
            last = joined[-1]
            if last.old + last.length == run.old and last.new + last.length == run.new:
                joined[-1] = last._replace(length=last.length + run.length)
                continue
        joined.append(run)
    return joined


_NAME_PATHS = (
    ("$insert_id",),
    ("properties", "$insert_id"),
    ("$distinct_id",),
    ("id",),
    ("key",),
    ("name",),
    ("event",),
)
"""Paths to a name that identifies an object, the most likely to be unique first."""
_CANCEL_CHECK_MASK = 0x3FF


class AlignmentStep(NamedTuple):
    """A pair of corresponding items, by index; None = only on the other side."""

    old: int | None
    new: int | None
    moved: bool = False
    """Its position among the items of both sides has changed."""


def align_items(
    old: Sequence[bytes], new: Sequence[bytes], token: CancelToken
) -> Iterator[AlignmentStep]:
    """Yield the changes of two JSON lists in order; equal pairs may be omitted.

    Raises:
        Cancelled: The token was cancelled.
    """
    start, tail = _common_ends(old, new)
    middle_old, middle_new = old[start : len(old) - tail], new[start : len(new) - tail]
    if len(old) == len(new) and _is_series(middle_old) and _is_series(middle_new):
        aligned: Iterator[AlignmentStep] = map(
            AlignmentStep, range(len(middle_old)), range(len(middle_new))
        )
    elif names := _find_names(middle_old, middle_new, token):
        aligned = _align_by_name(*names)
    else:
        aligned = _align_by_content(middle_old, middle_new, token)
    for i, j, moved in aligned:
        yield AlignmentStep(
            None if i is None else i + start, None if j is None else j + start, moved
        )


def _common_ends(old: Sequence[bytes], new: Sequence[bytes]) -> tuple[int, int]:
    """Return the lengths of the common head, and of the common tail after it."""
    shortest = min(len(old), len(new))
    start = next((i for i in range(shortest) if old[i] != new[i]), shortest)
    rest = shortest - start
    return start, next((i for i in range(rest) if old[-1 - i] != new[-1 - i]), rest)


def _is_series(items: Sequence[bytes]) -> bool:
    return all(raw_kind(item) is Kind.NUMBER or item == b"null" for item in items)


def _find_names(
    old: Sequence[bytes], new: Sequence[bytes], token: CancelToken
) -> tuple[list[bytes], list[bytes]] | None:
    if not old or not new:
        return None
    if not all(raw_kind(item) is Kind.OBJECT for side in (old, new) for item in side):
        return None
    for name_path in _NAME_PATHS:
        # Usually the first item suffices to rule a path out.
        if _read_name(old[0], name_path) is None:
            continue
        old_names, new_names = (
            _unique_names(side, name_path, token) for side in (old, new)
        )
        if old_names and new_names:
            return old_names, new_names
    return None


def _unique_names(
    items: Sequence[bytes], name_path: tuple[str, ...], token: CancelToken
) -> list[bytes] | None:
    """Return the names of all items; None if one is missing or not unique."""
    names: dict[bytes, None] = {}
    for index, item in enumerate(items):
        if not index & _CANCEL_CHECK_MASK:
            token.raise_if_cancelled()
        name = _read_name(item, name_path)
        if name is None or name in names:
            return None
        names[name] = None
    return list(names)


def _read_name(item: bytes, name_path: tuple[str, ...]) -> bytes | None:
    value: bytes | None = item
    for key in name_path:
        if value is None or raw_kind(value) is not Kind.OBJECT:
            return None
        try:
            value = raw_member(value, key)
        except NotJson:
            return None
    if value is None or raw_kind(value) not in (Kind.TEXT, Kind.NUMBER):
        return None
    return value


def _align_by_name(old: list[bytes], new: list[bytes]) -> Iterator[AlignmentStep]:
    positions = {name: index for index, name in enumerate(old)}
    origins = [positions.get(name) for name in new]
    matched = [(origin, j) for j, origin in enumerate(origins) if origin is not None]
    in_order = {
        matched[k][1]
        for k in longest_increasing_subsequence([origin for origin, _ in matched])
    }
    removed = set(range(len(old))).difference(origin for origin, _ in matched)
    reached = 0
    for j, origin in enumerate(origins):
        if origin is not None and j in in_order:
            yield from (
                AlignmentStep(i, None) for i in range(reached, origin) if i in removed
            )
            reached = origin
        yield AlignmentStep(origin, j, moved=origin is not None and j not in in_order)
    yield from (
        AlignmentStep(i, None) for i in range(reached, len(old)) if i in removed
    )


def _align_by_content(
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
