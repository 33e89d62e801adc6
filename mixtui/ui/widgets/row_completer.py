"""What a row editor asks to complete names and values; nothing it asks for is slow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mixtui.core.completing import Suggestion
    from mixtui.core.known_names import KnownNames, NameQuery


class RowCompleter(Protocol):
    """Knows the operation that the rows belong to."""

    def names(self, typed: str) -> Sequence[Suggestion]:
        """Names that a row may have."""

    def values(self, name: str, typed: str) -> Sequence[Suggestion]:
        """Values that the row of a name may have."""

    def help(self, name: str) -> str | None:
        """What a row of that name is; empty = it is not known, None = none is."""

    def ask(self, lookup: NameQuery) -> None:
        """Ask the project for names; a refusal becomes a sentence on the screen."""


class NameSource(Protocol):
    """Knows the names of the project in use."""

    def known(self, lookup: NameQuery) -> KnownNames | None:
        """What is known already; None = it was never asked."""

    def ask(self, lookup: NameQuery) -> None:
        """Ask the project; a refusal becomes a sentence on the screen."""
