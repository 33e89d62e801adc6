"""Texts with holes: what a variable holds is not written out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable whose value stands here."""

    name: str
    what: str
    """What it holds, for the note that says it must be set."""


Text = tuple[str | Variable, ...]
"""Pieces in order; plain pieces are not empty."""


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A text that may not be written out, and the variable to write instead."""

    text: str
    variable: Variable


def split_placeholders(text: str, holes: Sequence[Placeholder]) -> Text:
    """A text with every occurrence of the holes' texts replaced by variables.

    Where two begin at one place the first one given counts.
    """
    parts: list[str | Variable] = []
    at = 0
    while at < len(text):
        begins = [(text.find(hole.text, at), hole) for hole in holes if hole.text]
        found = [(start, hole) for start, hole in begins if start >= 0]
        if not found:
            parts.append(text[at:])
            break
        start, hole = min(found, key=lambda pair: pair[0])
        if start > at:
            parts.append(text[at:start])
        parts.append(hole.variable)
        at = start + len(hole.text)
    return tuple(parts)


def variables_of(texts: Sequence[Text]) -> tuple[Variable, ...]:
    """The variables of several texts, each once."""
    found = (part for text in texts for part in text if isinstance(part, Variable))
    return tuple(dict.fromkeys(found))
