"""What is said about a draft before it is sent."""

from __future__ import annotations

from dataclasses import dataclass

from mixtui.core.errors import Field
from mixtui.core.requests import Draft


@dataclass(frozen=True, slots=True)
class Hint:
    """Something that is probably a mistake; it never stops a send."""

    field: Field
    message: str
    """What is wrong and what to do; holds no secret."""
    row: int | None = None
    """Of the draft's query or headers, from 0."""
    line: int | None = None
    """Of the body's text, from 1."""
    suggestion: Draft | None = None
    """The corrected draft, where it is certain."""
    severe: bool = True
    """False = worth knowing, while the call does what it says."""
