"""Find the name that a misspelt one was meant to be."""

from __future__ import annotations

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from collections.abc import Iterable

_MAX_LENGTH = 60
"""Characters; a longer text is not a misspelt name."""
_MIN_PREFIX = 3
"""Characters that say enough to complete a name."""
_CUTOFF = 0.65


def did_you_mean(name: str, candidates: Iterable[str], otherwise: str = "") -> str:
    """Return ``Did you mean NAME?``, or `otherwise` if no candidate is similar."""
    match = closest_name(name, candidates)
    return f"Did you mean {match}?" if match else otherwise


def closest_name(
    name: str, candidates: Iterable[str], *, cutoff: float = _CUTOFF
) -> str:
    """Return the candidate that a misspelt name most likely means.

    Args:
        name: What was typed.
        candidates: The names that exist.
        cutoff: The similarity required, from 0 to 1.

    Returns:
        The candidate; empty = none is similar. Case, dashes and the like do not count:
        the two dashes of ``--env`` do not make it similar to ``--json``.
    """
    folded = _fold(name)
    if not folded or len(name) > _MAX_LENGTH:
        return ""
    by_fold: dict[str, str] = {}
    for candidate in candidates:
        by_fold.setdefault(_fold(candidate), candidate)
    if folded in by_fold:
        return by_fold[folded]
    import difflib  # Imported here because it costs start-up.

    if similar := difflib.get_close_matches(folded, by_fold, n=1, cutoff=cutoff):
        return by_fold[similar[0]]
    longer = [each for each in by_fold if each.startswith(folded)]
    if len(folded) >= _MIN_PREFIX and len(longer) == 1:
        return by_fold[longer[0]]
    return ""


def _fold(name: str) -> str:
    """Remove differences in style: ``fromDate``, ``from_date``, ``From-Date``."""
    return "".join(c for c in name.casefold() if c.isalnum())
