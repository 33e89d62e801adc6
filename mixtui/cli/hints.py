"""What is probably wrong with a request, on stderr and in JSON objects."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mixtui.cli.console import Console

if TYPE_CHECKING:
    # Imported when somebody reads hints: a pipe does not wait for it.
    from mixtui.core.advice import Hint


@dataclass(frozen=True, slots=True)
class Hints:
    """The hints of one request; none where nobody asked for any."""

    advices: tuple[Hint, ...] = ()
    spoken: bool = True
    """Whether they are for people as well, not only for a JSON object."""

    def say(self, console: Console, told: Collection[str] = ()) -> None:
        """A line each, but for what was told already.

        Args:
            console: Where to.
            told: Sentences, and parts of the request of which it is said that they
                cannot be sent.
        """
        for advice in self.advices if self.spoken else ():
            if advice.message not in told and advice.field not in told:
                console.say(f"hint: {_where(advice)}{advice.message}")

    def values(self) -> list[dict[str, Any]]:
        """As JSON values."""
        return [
            {
                "field": advice.field.value,
                "row": None if advice.row is None else advice.row + 1,
                "line": advice.line,
                "sentence": advice.message,
                "grave": advice.severe,
            }
            for advice in self.advices
        ]


def _where(advice: Hint) -> str:
    return "" if advice.line is None else f"body, line {advice.line}: "
