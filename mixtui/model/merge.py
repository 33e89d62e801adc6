"""Merge two versions of a draft, field by field, against the one that both come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from mixtui.model.draft import Draft, Options, Pair


class Merge(Struct, frozen=True):
    """The merged draft; where both versions changed a field, it has that of mine."""

    draft: Draft
    conflicts: tuple[str, ...] = ()
    """The fields that both changed differently, such as ``url`` or ``timeout``."""


def merge_drafts(base: Draft, mine: Draft, theirs: Draft) -> Merge:
    """Merge two versions of a draft.

    Args:
        base: What both come from.
        mine: One version.
        theirs: The other.
    """
    conflicts: list[str] = []
    options = _merge(base.options, mine.options, theirs.options, conflicts)
    own = [name for name in Draft.__struct_fields__ if name != "options"]
    merged = _merge(base, mine, theirs, conflicts, own)
    return Merge(replace(merged, options=options), tuple(conflicts))


def with_field(draft: Draft, name: str, other: Draft) -> Draft:
    """Return a draft with a field, or an option, of another."""
    if name in Options.__struct_fields__:
        options = replace(draft.options, **{name: getattr(other.options, name)})
        return replace(draft, options=options)
    return replace(draft, **{name: getattr(other, name)})


def _merge(
    base: Any,
    mine: Any,
    theirs: Any,
    conflicts: list[str],
    names: Sequence[str] | None = None,
) -> Any:
    """Merge the fields of a Struct; append the names of those that both changed."""
    merged = {}
    for name in names or base.__struct_fields__:
        versions = [getattr(each, name) for each in (base, mine, theirs)]
        if (value := _merged_value(*versions)) is None:
            conflicts.append(name)
        else:
            merged[name] = value[0]
    return replace(mine, **merged)


def _merged_value(base: Any, mine: Any, theirs: Any) -> tuple[Any] | None:
    """Return the merged value in a tuple; None = both changed it."""
    if theirs in (base, mine):
        return (mine,)
    if mine == base:
        return (theirs,)
    return _merged_rows(base, mine, theirs)


def _merged_rows(base: Any, mine: Any, theirs: Any) -> tuple[Any] | None:
    """Merge rows one by one, where both versions have the same ones."""
    keys = [_keys(rows) for rows in (base, mine, theirs)]
    if keys[0] is None or not keys[0] == keys[1] == keys[2]:
        return None
    rows = [
        _merged_value(*versions) for versions in zip(base, mine, theirs, strict=True)
    ]
    if None in rows:
        return None
    return (tuple(row[0] for row in rows if row is not None),)


def _keys(rows: Any) -> list[tuple[str, int]] | None:
    """Return what each row is known by: its name, and how many of it came before."""
    if not isinstance(rows, tuple) or not all(isinstance(row, Pair) for row in rows):
        return None
    before: Counter[str] = Counter()
    keys = []
    for row in rows:
        keys.append((row.name, before[row.name]))
        before[row.name] += 1
    return keys
