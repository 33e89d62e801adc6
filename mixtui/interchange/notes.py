"""What an import has to tell, each thing once."""

from __future__ import annotations

from collections.abc import Iterator

_NAMED = 3


class Notes:
    """What is left out, then sentences in the order in which they came."""

    def __init__(self) -> None:
        self._sentences: dict[str, None] = {}
        self._left_out: dict[str, list[str]] = {}

    def add(self, sentence: str) -> None:
        """Keep a sentence."""
        self._sentences.setdefault(sentence)

    def leave_out(self, name: str, reason: str) -> None:
        """Say that a request is left out; what is for the same reason is said once.

        Args:
            name: Of the request.
            reason: A sentence.
        """
        self._left_out.setdefault(reason, []).append(name)

    def __iter__(self) -> Iterator[str]:
        for reason, names in self._left_out.items():
            are = "is" if len(names) == 1 else "are"
            yield f"{named(names)} {are} left out: {reason}"
        yield from self._sentences


def named(names: list[str]) -> str:
    """The first few names of many: ``a, b, c and 4 more``."""
    shown = ", ".join(names[:_NAMED])
    more = len(names) - _NAMED
    return f"{shown} and {more} more" if more > 0 else shown
