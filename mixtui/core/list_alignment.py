"""Which items of two JSON lists belong together.

1. What both begin and end with stays as it is.
2. Two lists of as many numbers are series: the position is what counts.
3. Objects that all have a name of their own are matched by it, wherever they stand:
   by ``$insert_id``, ``$distinct_id``, ``id``, ``key``, ``name`` or ``event``, the first
   that each has and that is different in all of them, on both sides.
4. Else equal items are matched in order (see `core.alignment`), and what lies between
   is paired by position; what is left over came or went.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mixtui.core.alignment import ShouldStop, align, check, longest_rise
from mixtui.core.json_values import Kind, NotJson, kind, member

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
    old: Sequence[bytes], new: Sequence[bytes], stop: ShouldStop
) -> Iterator[AlignmentStep]:
    """What became of each item, in order; pairs that are the same may be left out.

    Raises:
        Stopped: ``stop`` said so.
    """
    start, tail = _ends(old, new)
    middle_old, middle_new = old[start : len(old) - tail], new[start : len(new) - tail]
    if len(old) == len(new) and _series(middle_old) and _series(middle_new):
        found: Iterator[AlignmentStep] = map(
            AlignmentStep, range(len(middle_old)), range(len(middle_new))
        )
    elif names := _names(middle_old, middle_new, stop):
        found = _by_name(*names)
    else:
        found = _by_content(middle_old, middle_new, stop)
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
    return all(kind(item) is Kind.NUMBER or item == b"null" for item in items)


def _names(
    old: Sequence[bytes], new: Sequence[bytes], stop: ShouldStop
) -> tuple[list[bytes], list[bytes]] | None:
    if not old or not new:
        return None
    if not all(kind(item) is Kind.OBJECT for side in (old, new) for item in side):
        return None
    for where in _NAMES:
        # The first item alone tells most often that there is no such name.
        if _name(old[0], where) is None:
            continue
        before, after = (_all_names(side, where, stop) for side in (old, new))
        if before and after:
            return before, after
    return None


def _all_names(
    items: Sequence[bytes], where: tuple[str, ...], stop: ShouldStop
) -> list[bytes] | None:
    """The names of all; None where one has none, or two have the same."""
    names: dict[bytes, None] = {}
    for index, item in enumerate(items):
        if not index & _CHECK_EVERY:
            check(stop)
        name = _name(item, where)
        if name is None or name in names:
            return None
        names[name] = None
    return list(names)


def _name(item: bytes, where: tuple[str, ...]) -> bytes | None:
    value: bytes | None = item
    for key in where:
        if value is None or kind(value) is not Kind.OBJECT:
            return None
        try:
            value = member(value, key)
        except NotJson:
            return None
    if value is None or kind(value) not in (Kind.TEXT, Kind.NUMBER):
        return None
    return value


def _by_name(old: list[bytes], new: list[bytes]) -> Iterator[AlignmentStep]:
    place = {name: index for index, name in enumerate(old)}
    origins = [place.get(name) for name in new]
    there = [(origin, j) for j, origin in enumerate(origins) if origin is not None]
    kept = {there[k][1] for k in longest_rise([origin for origin, _ in there])}
    left = set(range(len(old))).difference(origin for origin, _ in there)
    at = 0
    for j, origin in enumerate(origins):
        if origin is not None and j in kept:
            yield from (AlignmentStep(i, None) for i in range(at, origin) if i in left)
            at = origin
        yield AlignmentStep(origin, j, moved=origin is not None and j not in kept)
    yield from (AlignmentStep(i, None) for i in range(at, len(old)) if i in left)


def _by_content(
    old: Sequence[bytes], new: Sequence[bytes], stop: ShouldStop
) -> Iterator[AlignmentStep]:
    i = j = 0
    for run in [*align(old, new, stop), None]:
        i_end, j_end = (run.old, run.new) if run else (len(old), len(new))
        pairs = min(i_end - i, j_end - j)
        yield from map(AlignmentStep, range(i, i + pairs), range(j, j + pairs))
        yield from (AlignmentStep(k, None) for k in range(i + pairs, i_end))
        yield from (AlignmentStep(None, k) for k in range(j + pairs, j_end))
        if run:
            i, j = run.old + run.length, run.new + run.length
