"""Names that were probably meant, and what they mean."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_ALIKE = 0.72
_LONGEST = 60
"""Characters; a longer name is nobody's slip."""


def suggest_name(name: str, known: Iterable[str]) -> str:
    """The known name that another was probably meant to be; empty if none is near."""
    if not name or len(name) > _LONGEST:
        return ""
    known = tuple(known)
    plain = _plain(name)
    same = next((each for each in known if _plain(each) == plain), "")
    if same:
        return same
    found = difflib.get_close_matches(name, known, n=1, cutoff=_ALIKE)
    return found[0] if found else ""


def _plain(name: str) -> str:
    """Without the marks that people mix up: fromDate, from_date, From-Date."""
    return "".join(c for c in name.lower() if c.isalnum())


def first_clause(words: str) -> str:
    """The first clause of a line of help, to stand in brackets."""
    clause = words.partition(";")[0].partition(". ")[0].rstrip(". ")
    return clause if clause[:2].isupper() else clause[:1].lower() + clause[1:]
