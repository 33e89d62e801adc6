"""Collect the notes of an import."""

from __future__ import annotations

from collections.abc import Iterator

from mixtui.text import name_character

_MAX_LISTED = 3


class Notes:
    """Collects notes without duplicates; iteration yields omissions first."""

    def __init__(self) -> None:
        self._sentences: dict[str, None] = {}
        self._omitted: dict[str, list[str]] = {}

    def add(self, sentence: str) -> None:
        """Add a sentence, once."""
        self._sentences.setdefault(sentence)

    def add_omission(self, name: str, reason: str) -> None:
        """Note a skipped request; those with the same reason share a sentence.

        Args:
            name: Of the request.
            reason: A sentence.
        """
        self._omitted.setdefault(reason, []).append(name)

    @property
    def has_omissions(self) -> bool:
        """Whether requests were skipped."""
        return bool(self._omitted)

    def __iter__(self) -> Iterator[str]:
        for reason, names in self._omitted.items():
            verb = "was" if len(names) == 1 else "were"
            yield f"{abbreviated_list(names)} {verb} skipped: {reason}"
        yield from self._sentences


def mended_note(characters: tuple[str, ...], place: str) -> str:
    """Return a note on spaces that were normalized (`mixtui.text.mend_blanks`)."""
    names = ", ".join(map(name_character, characters))
    return (
        f"{place} contained {names}: spaces were normalized, and zero-width "
        "characters removed."
    )


def abbreviated_list(names: list[str]) -> str:
    """Join the first few names: ``a, b, c and 4 more``."""
    shown = ", ".join(names[:_MAX_LISTED])
    more = len(names) - _MAX_LISTED
    return f"{shown} and {more} more" if more > 0 else shown
