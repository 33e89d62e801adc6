"""Compare two responses: status, outcome, headers and body."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from mixtui.diff.json_diff import MAX_BYTES, JsonDiff, NotComparable, diff_json
from mixtui.diff.text_diff import MAX_BYTES as MOST_TEXT
from mixtui.diff.text_diff import TextDiff, diff_text
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
"""Headers that differ between any two responses, and are not compared."""


class ComparedSide(Struct, frozen=True):
    """One of the two responses being compared."""

    when: str
    """Formatted for display: ``today 14:02:11``."""
    environment: str
    status: str
    """``200 OK``."""
    outcome: str
    """As shown: ``accepted``."""
    body_size: int
    """Bytes, decoded."""
    seconds: float
    load: Callable[[], bytes]
    """Loads the decoded body; called in a thread, once per comparison. May raise
    MixtuiError or OSError.
    """
    headers: Headers = ()

    @property
    def title(self) -> str:
        """Everything but headers and body on one line."""
        facts = (self.when, self.environment, self.status, self.outcome)
        numbers = (size(self.body_size), duration(self.seconds))
        return " · ".join(filter(None, (*facts, *numbers)))


class Comparison(Struct, frozen=True):
    """The two responses to compare."""

    old: ComparedSide
    new: ComparedSide

    @property
    def swapped(self) -> Comparison:
        """The comparison with its sides exchanged."""
        return Comparison(self.new, self.old)


class HeadChange(Struct, frozen=True):
    """A difference outside the body."""

    sign: Sign
    name: str
    """``status``, ``outcome``, or ``header`` and its name."""
    old: str
    """Empty if it was added."""
    new: str
    """Empty if it was removed."""


def compare_heads(comparison: Comparison) -> tuple[HeadChange, ...]:
    """Return the differences in status, outcome and headers, except `VOLATILE_HEADERS`."""
    old, new = comparison.old, comparison.new
    facts = (("status", old.status, new.status), ("outcome", old.outcome, new.outcome))
    changes = [HeadChange("~", *fact) for fact in facts if fact[1] != fact[2]]
    old_headers, new_headers = _by_name(old.headers), _by_name(new.headers)
    for name in [
        *old_headers,
        *(name for name in new_headers if name not in old_headers),
    ]:
        values = old_headers.get(name, ""), new_headers.get(name, "")
        if values[0] != values[1]:
            sign: Sign = "~" if name in new_headers else "-"
            sign = sign if name in old_headers else "+"
            changes.append(HeadChange(sign, f"header {name}", *values))
    return tuple(changes)


def compare_json(
    comparison: Comparison, token: CancelToken | None = None
) -> JsonDiff | NotComparable:
    """Compare the bodies by path. Call it in a thread."""
    bodies = _load_bodies(comparison, MAX_BYTES, "by path")
    return bodies if isinstance(bodies, NotComparable) else diff_json(*bodies, token)


def compare_text(
    comparison: Comparison, token: CancelToken | None = None
) -> TextDiff | NotComparable:
    """Compare the bodies as lines of text. Call it in a thread."""
    bodies = _load_bodies(comparison, MOST_TEXT, "as text")
    return bodies if isinstance(bodies, NotComparable) else diff_text(*bodies, token)


def _load_bodies(
    comparison: Comparison, max_bytes: int, method: str
) -> tuple[bytes, bytes] | NotComparable:
    longest = max(comparison.old.body_size, comparison.new.body_size)
    if longest > max_bytes:
        return NotComparable(
            f"Too large to compare {method}: {size(longest)}; the limit is "
            f"{size(max_bytes)}."
        )
    try:
        return comparison.old.load(), comparison.new.load()
    except MixtuiError as error:
        return NotComparable(str(error))
    except OSError as error:
        reason = error.strerror or "unknown reason"
        return NotComparable(f"A body can no longer be read: {reason}.")


def _by_name(headers: Headers) -> dict[str, str]:
    """Return values by lower-case name; those of a repeated name are joined."""
    result: dict[str, str] = {}
    for name, value in headers:
        lower = name.lower()
        if lower not in VOLATILE_HEADERS:
            result[lower] = f"{result[lower]}, {value}" if lower in result else value
    return result
