"""Compare two exchanges: status, headers and body."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from mixtui.diff.json_diff import MOST_BYTES, JsonDiff, NotComparable, diff
from mixtui.diff.text_diff import MOST_BYTES as MOST_TEXT
from mixtui.diff.text_diff import TextDiff, text_diff
from mixtui.model.draft import Headers
from mixtui.model.errors import MixtuiError
from mixtui.system import CancelToken
from mixtui.text import duration, size

Sign = Literal["+", "-", "~"]
"""Added, removed, changed."""

VOLATILE_HEADERS = frozenset(
    {
        "age",
        "alt-svc",
        "cf-ray",
        "content-length",
        "date",
        "expires",
        "last-modified",
        "server-timing",
        "set-cookie",
        "traceparent",
        "tracestate",
        "x-cloud-trace-context",
        "x-request-id",
    }
)
"""Headers that differ between any two responses and carry no information."""


@dataclass(frozen=True, slots=True)
class ComparedSide:
    """One of the two responses being compared."""

    when: str
    """Formatted for display: ``today 14:02:11``."""
    environment: str
    status: str
    """``200 OK``."""
    outcome: str
    """In prose: ``accepted``."""
    body_size: int
    """Bytes, decoded."""
    seconds: float
    load: Callable[[], bytes] = field(repr=False, compare=False)
    """Loads the decoded body; called in a thread, once per comparison. May raise
    MixtuiError or OSError.
    """
    headers: Headers = ()

    @property
    def title(self) -> str:
        """Return everything but the body in one line."""
        facts = (self.when, self.environment, self.status, self.outcome)
        numbers = (size(self.body_size), duration(self.seconds))
        return " · ".join(filter(None, (*facts, *numbers)))


@dataclass(frozen=True, slots=True)
class Comparison:
    """The two responses to compare."""

    old: ComparedSide
    new: ComparedSide

    @property
    def swapped(self) -> Comparison:
        """Return the comparison with its sides exchanged."""
        return Comparison(self.new, self.old)


@dataclass(frozen=True, slots=True)
class HeaderChange:
    """A difference outside the body."""

    sign: Sign
    name: str
    """``status``, ``outcome``, or ``header`` and its name."""
    old: str
    """Empty if it was added."""
    new: str
    """Empty if it was removed."""


def compare_heads(comparison: Comparison) -> tuple[HeaderChange, ...]:
    """Return the differences in status, outcome and headers; see `VOLATILE_HEADERS`."""
    old, new = comparison.old, comparison.new
    facts = (("status", old.status, new.status), ("outcome", old.outcome, new.outcome))
    header_changes = [HeaderChange("~", *fact) for fact in facts if fact[1] != fact[2]]
    before, after = _by_name(old.headers), _by_name(new.headers)
    for name in [*before, *(name for name in after if name not in before)]:
        values = before.get(name, ""), after.get(name, "")
        if values[0] != values[1]:
            sign: Sign = "~" if name in after else "-"
            sign = sign if name in before else "+"
            header_changes.append(HeaderChange(sign, f"header {name}", *values))
    return tuple(header_changes)


def compare_json(
    comparison: Comparison, token: CancelToken | None = None
) -> JsonDiff | NotComparable:
    """Compare the bodies by path. Call it in a thread."""
    bodies = _bodies(comparison, MOST_BYTES, "by path")
    return bodies if isinstance(bodies, NotComparable) else diff(*bodies, token)


def compare_text(
    comparison: Comparison, token: CancelToken | None = None
) -> TextDiff | NotComparable:
    """Compare the bodies as lines of text. Call it in a thread."""
    bodies = _bodies(comparison, MOST_TEXT, "as text")
    return bodies if isinstance(bodies, NotComparable) else text_diff(*bodies, token)


def _bodies(
    comparison: Comparison, most: int, how: str
) -> tuple[bytes, bytes] | NotComparable:
    longest = max(comparison.old.body_size, comparison.new.body_size)
    if longest > most:
        return NotComparable(
            f"A body of {size(longest)} is too big to be compared {how}; "
            f"{size(most)} is the most."
        )
    try:
        return comparison.old.load(), comparison.new.load()
    except MixtuiError as error:
        return NotComparable(str(error))
    except OSError as error:
        why = error.strerror or "unknown reason"
        return NotComparable(f"A body cannot be read any more: {why}.")


def _by_name(headers: Headers) -> dict[str, str]:
    """Return values by lower-case name; those of a repeated name are joined."""
    result: dict[str, str] = {}
    for name, value in headers:
        lower = name.lower()
        if lower not in VOLATILE_HEADERS:
            result[lower] = f"{result[lower]}, {value}" if lower in result else value
    return result
