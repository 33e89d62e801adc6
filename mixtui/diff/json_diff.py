"""Compare two JSON bodies path by path.

Both bodies are stripped of white space, and values with equal bytes are skipped. Values
stay the bytes that the server wrote. Members are matched by key (duplicate keys from the
last to the first, because parsers use the last one), list items by `diff.alignment`. JSON
lines are treated as a list of documents: ``.[3]`` is the fourth, as with ``jq --slurp``.

Two equal numbers (``1.0``, ``1e0``), and two strings that differ only in escapes, are
equal; they are counted, not listed.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterator
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import NamedTuple

from msgspec import Struct

from mixtui.diff.alignment import align_items
from mixtui.jsonbytes import (
    Kind,
    NotJson,
    compact,
    raw_items,
    raw_kind,
    raw_members,
    same_string,
)
from mixtui.system import CancelToken
from mixtui.text import size

_PRECISION = 100
_MAX_NUMBER_LENGTH = 2_000
"""Characters; a longer number is compared as text only."""
_MAX_PLAIN_DIGITS = 21
"""Magnitude up to which a number is written without an exponent."""
# Without traps an overflow becomes infinity or NaN, and is ignored.
_CONTEXT = Context(prec=_PRECISION, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])


class NumberChange(Struct, frozen=True):
    """The difference of two numbers."""

    delta: Decimal
    """New minus old; exact up to 100 digits, rounded beyond."""
    percent: Decimal | None
    """Relative to the absolute old value; None = that is 0, or the result not finite."""


def number_change(old: bytes, new: bytes) -> NumberChange | None:
    """Return the difference of two JSON numbers; None if it cannot be computed."""
    old_number, new_number = _parse_number(old), _parse_number(new)
    if old_number is None or new_number is None:
        return None
    delta = _CONTEXT.subtract(new_number, old_number)
    if not delta.is_finite():
        return None
    percent = None
    if old_number:
        share = _CONTEXT.divide(delta, _CONTEXT.abs(old_number))
        percent = _CONTEXT.multiply(share, Decimal(100))
        percent = percent if percent.is_finite() else None
    return NumberChange(delta, percent)


def same_number(old: bytes, new: bytes) -> bool:
    """Return whether two JSON numbers have the same value: ``1.0`` and ``1e0``."""
    old_number, new_number = _parse_number(old), _parse_number(new)
    return (
        old_number is not None and new_number is not None and old_number == new_number
    )


def delta_label(change: NumberChange) -> str:
    """Format the difference: ``+1,200``, ``-0.25``, ``+1e+400``."""
    return _signed(change.delta)


def percent_label(change: NumberChange) -> str:
    """Format the percentage: ``+3.4 %``, ``-100 %``, ``+1,250 %``; empty = undefined."""
    percent = change.percent
    if percent is None:
        return ""
    if not percent:
        return "0 %"
    size = percent.adjusted()
    if size < -3:
        return "under 0.001 %"
    places = 0 if size >= 2 else max(1, -size)
    if Decimal(-100) < percent < Decimal("-99.9"):
        return "-99.9 %"  # Rounding would suggest that nothing is left.
    if size > _MAX_PLAIN_DIGITS:
        return f"{_signed(percent)} %"
    return f"{f'{percent:+,.{places}f}'.removesuffix('.0')} %"


def _parse_number(text: bytes) -> Decimal | None:
    if len(text) > _MAX_NUMBER_LENGTH:
        return None
    # An exponent beyond the range of Decimal makes it NaN.
    number = Decimal(text.decode("ascii"), _CONTEXT)
    return number if number.is_finite() else None


def _signed(number: Decimal) -> str:
    plain = _CONTEXT.normalize(number)
    digits = len(plain.as_tuple().digits)
    if (
        -_MAX_PLAIN_DIGITS < plain.adjusted() < _MAX_PLAIN_DIGITS
        and digits <= _MAX_PLAIN_DIGITS * 2
    ):
        return f"{plain:+,f}"
    return f"{plain:+.5e}".replace(".00000e", "e")


MAX_BYTES = 50_000_000
"""A larger body is not compared: two would not fit into the memory budget."""
MAX_CHANGES = 50_000
"""The comparison stops there: nobody reads more."""
_MAX_DEPTH = 500
_CANCEL_CHECK_MASK = 0xFF

Path = tuple[str | int, ...]
"""Keys and indexes from the root; see `document.json_path`."""


class Added(Struct, frozen=True):
    """A value that exists only in the new body."""

    path: Path
    """In the new body."""
    value: bytes


class Removed(Struct, frozen=True):
    """A value that exists only in the old body."""

    path: Path
    """In the old body."""
    value: bytes


class Changed(Struct, frozen=True):
    """A value that differs between the bodies."""

    path: Path
    """In the new body."""
    old_path: Path
    """In the old body; differs if items before it were added or removed."""
    old: bytes
    new: bytes
    difference: NumberChange | None = None
    """The difference of two finite numbers."""


class Moved(Struct, frozen=True):
    """An item at a different position in its list; its value may have changed too."""

    path: Path
    """In the new body."""
    old_path: Path
    value: bytes
    """The new value."""


Change = Added | Removed | Changed | Moved


class JsonDiff(Struct, frozen=True):
    """The changes in document order."""

    changes: tuple[Change, ...]
    respelled: int = 0
    """How many numbers and strings are equal but written differently."""
    is_complete: bool = True
    """False = there are more changes than listed."""
    in_lines: bool = False
    """Whether the bodies are JSON lines."""


class NotComparable(Struct, frozen=True):
    """The reason why there is no comparison."""

    reason: str
    """A sentence."""


def diff_json(
    old: bytes, new: bytes, token: CancelToken | None = None
) -> JsonDiff | NotComparable:
    """Compare two JSON bodies by path. Slow for large bodies: call it in a thread.

    Args:
        old: The decoded body.
        new: The decoded body.
        token: Cancels the comparison.

    Raises:
        Cancelled: The token was cancelled.
    """
    token = token or CancelToken()
    longest = max(len(old), len(new))
    if longest > MAX_BYTES:
        return NotComparable(
            f"Too large to compare by path: {size(longest)}; the limit is "
            f"{size(MAX_BYTES)}."
        )
    try:
        documents = _parse_documents(
            old.removeprefix(BOM_UTF8), new.removeprefix(BOM_UTF8), token
        )
        if isinstance(documents, NotComparable):
            return documents
        return _Comparer(token).run(documents)
    except NotJson as reason:
        return NotComparable(f"A body is {reason}: cannot compare by path.")


class _Documents(NamedTuple):
    old: bytes | list[bytes]
    new: bytes | list[bytes]
    """A list = one document per line."""


def _parse_documents(
    old: bytes, new: bytes, token: CancelToken
) -> _Documents | NotComparable:
    reasons: dict[str, NotJson] = {}
    result: dict[str, bytes] = {}
    for side, body in (("old", old), ("new", new)):
        try:
            result[side] = compact(body)
        except NotJson as reason:
            reasons[side] = reason
    if not reasons:
        return _Documents(result["old"], result["new"])
    lines: dict[str, list[bytes]] = {}
    for side, body in (("old", old), ("new", new)):
        try:
            lines[side] = (
                [result[side]] if side in result else _parse_lines(body, token)
            )
        except NotJson:
            return NotComparable(
                f"The {side} body is {reasons[side]}: cannot compare by path."
            )
    return _Documents(lines["old"], lines["new"])


def _parse_lines(body: bytes, token: CancelToken) -> list[bytes]:
    documents = []
    for index, line in enumerate(body.split(b"\n")):
        if not index & _CANCEL_CHECK_MASK:
            token.raise_if_cancelled()
        if line.strip():
            documents.append(compact(line))
    return documents


class _Pair(NamedTuple):
    """Two corresponding values with different bytes."""

    path: Path
    old_path: Path
    old: bytes
    new: bytes


class _Comparer:
    def __init__(self, token: CancelToken) -> None:
        self._token = token
        self._respelled = 0

    def run(self, documents: _Documents) -> JsonDiff:
        """Compare all pairs that differ.

        Raises:
            NotJson: A value cannot be parsed.
            Cancelled: The token was cancelled.
        """
        old, new = documents
        changes: list[Change] = []
        in_lines = isinstance(old, list) or isinstance(new, list)
        # An explicit stack: the server chooses the nesting depth.
        if isinstance(old, list) and isinstance(new, list):
            pending = [*self._compare_lists((), (), old, new)]
        elif isinstance(old, bytes) and isinstance(new, bytes) and old != new:
            pending = [_Pair((), (), old, new)]
        else:
            pending = []
        pending.reverse()
        step = 0
        while pending:
            step += 1
            if not step & _CANCEL_CHECK_MASK:
                self._token.raise_if_cancelled()
            entry = pending.pop()
            if isinstance(entry, _Pair):
                pending += reversed([*self._compare_pair(entry)])
            elif len(changes) == MAX_CHANGES:
                return JsonDiff(tuple(changes), self._respelled, False, in_lines)
            else:
                changes.append(entry)
        return JsonDiff(tuple(changes), self._respelled, True, in_lines)

    def _compare_pair(self, pair: _Pair) -> Iterator[_Pair | Change]:
        if len(pair.path) > _MAX_DEPTH:
            raise NotJson("nested too deeply")
        path, old_path, old, new = pair
        match raw_kind(old), raw_kind(new):
            case Kind.OBJECT, Kind.OBJECT:
                yield from self._compare_objects(pair)
            case Kind.LIST, Kind.LIST:
                yield from self._compare_lists(
                    path, old_path, raw_items(old), raw_items(new)
                )
            case Kind.NUMBER, Kind.NUMBER if same_number(old, new):
                self._respelled += 1
            case Kind.NUMBER, Kind.NUMBER:
                yield Changed(path, old_path, old, new, number_change(old, new))
            case Kind.TEXT, Kind.TEXT if same_string(old, new):
                self._respelled += 1
            case _:
                yield Changed(path, old_path, old, new)

    def _compare_objects(self, pair: _Pair) -> Iterator[_Pair | Change]:
        old_members, new_members = (
            _number_duplicates(raw_members(pair.old)),
            _number_duplicates(raw_members(pair.new)),
        )
        for name, value in old_members.items():
            path, old_path = (*pair.path, name[0]), (*pair.old_path, name[0])
            if name not in new_members:
                yield Removed(old_path, value)
            elif value != new_members[name]:
                yield _Pair(path, old_path, value, new_members[name])
        for name, value in new_members.items():
            if name not in old_members:
                yield Added((*pair.path, name[0]), value)

    def _compare_lists(
        self, path: Path, old_path: Path, old: list[bytes], new: list[bytes]
    ) -> Iterator[_Pair | Change]:
        for i, j, moved in align_items(old, new, self._token):
            if i is None and j is not None:
                yield Added((*path, j), new[j])
            elif j is None and i is not None:
                yield Removed((*old_path, i), old[i])
            elif i is not None and j is not None:
                if moved:
                    yield Moved((*path, j), (*old_path, i), new[j])
                if old[i] != new[j]:
                    yield _Pair((*path, j), (*old_path, i), old[i], new[j])


def _number_duplicates(
    members: list[tuple[str, bytes]],
) -> dict[tuple[str, int], bytes]:
    """Return the members by key and how many members with the same key follow."""
    remaining = Counter(key for key, _ in members)
    numbered: dict[tuple[str, int], bytes] = {}
    for key, value in members:
        remaining[key] -= 1
        numbered[key, remaining[key]] = value
    return numbered
