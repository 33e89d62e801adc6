"""What a person wants with an exchange of the history."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """Show it as if it had just come."""

    id: int


@dataclass(frozen=True, slots=True)
class Resend:
    """Send its draft again. It is whole: see `Record.incomplete_draft`."""

    id: int


@dataclass(frozen=True, slots=True)
class RestoreDraft:
    """Put its draft back into the editor."""

    id: int


@dataclass(frozen=True, slots=True)
class DiffRecords:
    """Compare two answers."""

    old: int
    new: int


HistoryChoice = OpenRecord | Resend | RestoreDraft | DiffRecords
