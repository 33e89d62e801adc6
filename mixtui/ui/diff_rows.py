"""The rows of a comparison: what differs outside the body, then in it, as words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mixtui.core.comparison import HeaderChange
from mixtui.core.jq_path import jq_path
from mixtui.core.json_diff import (
    Added,
    Change,
    Changed,
    JsonDiff,
    Moved,
    NotComparable,
    Removed,
)
from mixtui.core.number_change import delta_words, percent_words
from mixtui.core.text_diff import TextDiff
from mixtui.core.words import pluralise

_SHOWN = 4_096
"""Bytes of a value that are ever drawn."""


@dataclass(frozen=True, slots=True)
class DiffRow:
    """One difference."""

    sign: str
    """``+`` came, ``-`` went, ``~`` changed, ``>`` moved."""
    label: str
    """The path in jq notation, or what else it is."""
    old: str | None = None
    """None = it was not there."""
    new: str | None = None
    by: str = ""
    """How a number changed: ``+106  +8.8 %``."""
    note: str = ""
    """What else is to be said about where it stood."""

    @property
    def text(self) -> str:
        """The row as a line of text: ``~ .a: 4 → 5 (+1, +25 %)``."""
        values = " → ".join(v for v in (self.old, self.new) if v is not None)
        by = f" ({self.by.replace('  ', ', ')})" if self.by else ""
        note = f" ({self.note})" if self.note else ""
        return f"{self.sign} {self.label}: {values}{by}{note}"


class DiffRows:
    """All rows of a comparison; each is made when it is asked for."""

    def __init__(
        self, heads: Sequence[HeaderChange] = (), body: JsonDiff | None = None
    ) -> None:
        self._heads = heads
        self._body = body
        self._changes = body.changes if body else ()
        self.labels = [
            *(head.name for head in heads),
            *(jq_path(change.path) for change in self._changes),
        ]
        """Path or name of each row."""
        self._folded = [label.casefold() for label in self.labels]

    def __len__(self) -> int:
        return len(self.labels)

    def row(self, index: int, *, whole: bool = False) -> DiffRow:
        """A row; long values are cut unless the whole is wanted."""
        if index < len(self._heads):
            head = self._heads[index]
            old = head.old if head.sign != "+" else None
            new = head.new if head.sign != "-" else None
            return DiffRow(head.sign, head.name, old, new)
        change = self._changes[index - len(self._heads)]
        return _row(change, self.labels[index], None if whole else _SHOWN)

    def path(self, index: int) -> str | None:
        """The path of a row; None = it is not about the body."""
        return self.labels[index] if index >= len(self._heads) else None

    def matching(self, words: str) -> Sequence[int]:
        """The rows whose path holds every word, without regard to case."""
        wanted = words.casefold().split()
        if not wanted:
            return range(len(self.labels))
        return [
            index
            for index, label in enumerate(self._folded)
            if all(word in label for word in wanted)
        ]

    @property
    def summary(self) -> str:
        """``3 added, 1 removed, 12 changed``, and what else there is to know."""
        signs = Counter[str](head.sign for head in self._heads)
        signs.update(_SIGNS[type(change)] for change in self._changes)
        names = (("+", "added"), ("-", "removed"), ("~", "changed"), (">", "moved"))
        counts = ", ".join(f"{signs[s]:,} {name}" for s, name in names if signs[s])
        facts = [counts] if counts else []
        if self._body is not None:
            if not self._changes:
                facts.append("The bodies hold the same values")
            if self._body.respelled:
                values = pluralise(self._body.respelled, "value")
                facts.append(f"{values} written differently, yet equal")
            if not self._body.complete:
                facts.append("there are more: these are the first")
        return " · ".join(facts)


_SIGNS: dict[type[Change], str] = {Added: "+", Removed: "-", Changed: "~", Moved: ">"}


def as_text(rows: DiffRows, indexes: Iterable[int]) -> str:
    """Rows as lines of text, values in full."""
    return "\n".join(rows.row(index, whole=True).text for index in indexes)


def text_summary(lines: TextDiff | NotComparable | None) -> str:
    """``5 lines added, 3 removed, in 2 places``; None = it is not known yet."""
    if lines is None:
        return "Comparing as text …"
    if isinstance(lines, NotComparable):
        return "Not compared"
    if not lines.row_count:
        return "The texts are the same"
    hunks = pluralise(len(lines.hunks), "place")
    return (
        f"{pluralise(lines.added, 'line')} added, {lines.removed:,} removed, in {hunks}"
    )


def _row(change: Change, label: str, limit: int | None) -> DiffRow:
    sign = _SIGNS[type(change)]
    match change:
        case Added(value=value):
            return DiffRow(sign, label, new=_text(value, limit))
        case Removed(value=value):
            return DiffRow(sign, label, old=_text(value, limit))
        case Moved(old_path=old_path, value=value):
            note = f"moved from {jq_path(old_path)}"
            return DiffRow(sign, label, new=_text(value, limit), note=note)
        case Changed(path, old_path, old, new, by):
            parts = (delta_words(by), percent_words(by)) if by else ()
            note = f"was at {jq_path(old_path)}" if path != old_path else ""
            return DiffRow(
                sign,
                label,
                _text(old, limit),
                _text(new, limit),
                "  ".join(filter(None, parts)),
                note,
            )


def _text(value: bytes, limit: int | None) -> str:
    text = value[:limit].decode("utf-8", "replace")
    return text if limit is None or len(value) <= limit else f"{text}…"
