"""Print hints on the command line: a line each on stderr, or values in a JSON object."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from mixtui.cli.console import Console

if TYPE_CHECKING:
    # Imported only where hints are shown: a pipe must not wait for it.
    from mixtui.hints import Hint


class Hints(Struct, frozen=True):
    """The hints of one request; none where they are not shown."""

    hints: tuple[Hint, ...] = ()
    visible: bool = True
    """Whether they go to stderr as well, not only into a JSON object."""

    def report(self, console: Console, reported: Collection[str] = ()) -> None:
        """Report the hints, a line each, except those already reported.

        Args:
            console: Where to report.
            reported: Messages, and fields of the draft whose error is already reported.
        """
        for hint in self.hints if self.visible else ():
            if hint.message not in reported and hint.field not in reported:
                console.report(f"hint: {_location_prefix(hint)}{hint.message}")

    def values(self) -> list[dict[str, Any]]:
        """Return the hints as JSON values."""
        return [
            {
                "field": hint.field.value,
                "row": None if hint.row is None else hint.row + 1,
                "line": hint.line,
                "sentence": hint.message,
                "grave": hint.severe,
            }
            for hint in self.hints
        ]


def _location_prefix(hint: Hint) -> str:
    return "" if hint.line is None else f"body, line {hint.line}: "
