"""What a person may choose to do with the history: the results of its screen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """Show an old answer again."""

    number: int


@dataclass(frozen=True, slots=True)
class Resend:
    """Send the same request again."""

    number: int


@dataclass(frozen=True, slots=True)
class RestoreDraft:
    """Show the request again, to be changed; a secret in it may be masked."""

    number: int


@dataclass(frozen=True, slots=True)
class DiffRecords:
    """Compare two answers; the old one is the older one."""

    old: int
    new: int


HistoryChoice = OpenRecord | Resend | RestoreDraft | DiffRecords
