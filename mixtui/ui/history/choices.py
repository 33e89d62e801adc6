"""The actions on a history entry, and the parts of the history that can be deleted."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from mixtui.history.history import History, HistoryQuery, Purged
from mixtui.text import pluralise, size
from mixtui.ui.history.labels import days_ago


class OpenRecord(Struct, frozen=True):
    """Open a stored response."""

    number: int


class Resend(Struct, frozen=True):
    """Send the same request again."""

    number: int


class RestoreDraft(Struct, frozen=True):
    """Show the request again, to be changed; a secret in it may be masked."""

    number: int


class DiffRecords(Struct, frozen=True):
    """Compare two responses, the older one first."""

    old: int
    new: int


HistoryChoice = OpenRecord | Resend | RestoreDraft | DiffRecords


_OLD_DAYS = 30
"""Days."""


class Part(Struct, frozen=True):
    """Some entries of the history, for deletion."""

    letter: str
    label: str
    """Which entries: ``all requests``, as in the middle of a sentence."""
    query: HistoryQuery
    size: Purged

    @property
    def choice(self) -> tuple[str, str, Part]:
        """The option of a `ChoiceDialog`."""
        label = f"{self.label[:1].upper()}{self.label[1:]}"
        return (
            self.letter,
            f"{label} ({self.size.count:,}, {size(self.size.bytes)})",
            self,
        )


def parts(history: History, environment: str | None) -> Sequence[Part]:
    """Return the parts that are not empty. Blocks.

    Args:
        history: The stored entries.
        environment: Of the entry under the cursor; None = there is no entry.

    Raises:
        StorageError: The history cannot be read.
    """
    if not history.exists:
        return []
    old = HistoryQuery(until=days_ago(_OLD_DAYS))
    candidates = [("o", f"requests older than {_OLD_DAYS} days", old)]
    if environment:
        within = HistoryQuery(environment=environment)
        candidates.append(("e", f"requests from the environment {environment}", within))
    candidates.append(("a", "all requests", HistoryQuery()))
    measured = [
        Part(letter, text, query, history.measure_purge(query))
        for letter, text, query in candidates
    ]
    return [part for part in measured if part.size.count]


def purged_label(purged: Purged) -> str:
    """Describe what was deleted, in a sentence."""
    return f"Deleted {pluralise(purged.count, 'request')} ({size(purged.bytes)} freed)."
