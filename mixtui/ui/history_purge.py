"""Which parts of the history can be purged, and how much each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mixtui.core.words import pluralise, size
from mixtui.storage.history import History, HistoryQuery, Purged
from mixtui.ui.history_words import days_ago

_OLD = 30
"""Days."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the history."""

    letter: str
    words: str
    """Which calls: ``all calls``, in the middle of a sentence."""
    query: HistoryQuery
    size: Purged

    @property
    def choice(self) -> tuple[str, str, Part]:
        """An answer of a `ChoiceDialog`."""
        amount = f"{pluralise(self.size.count, 'call')}, {size(self.size.bytes)}"
        return self.letter, f"{self.words[:1].upper()}{self.words[1:]}: {amount}", self


def parts(history: History, environment: str | None) -> Sequence[Part]:
    """The parts that have something in them. Blocks.

    Args:
        history: What there is.
        environment: The one of the call under the cursor; None = there is no call.

    Raises:
        StorageError: The history cannot be read.
    """
    if not history.exists:
        return []
    old = HistoryQuery(until=days_ago(_OLD))
    found = [("o", f"calls older than {_OLD} days", old)]
    if environment:
        within = HistoryQuery(environment=environment)
        found.append(("e", f"calls of the environment {environment}", within))
    found.append(("a", "all calls", HistoryQuery()))
    measured = [
        Part(letter, words, query, history.measure(query))
        for letter, words, query in found
    ]
    return [part for part in measured if part.size.count]


def purged_words(purged: Purged) -> str:
    """What was removed, in a sentence."""
    return f"{pluralise(purged.count, 'call')} deleted: {size(purged.bytes)} are free."
