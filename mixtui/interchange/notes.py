"""What an import has to tell, each thing once."""

from __future__ import annotations

from collections.abc import Iterator


class Notes:
    """Sentences in the order in which they came."""

    def __init__(self) -> None:
        self._sentences: dict[str, None] = {}

    def add(self, sentence: str) -> None:
        """Keep a sentence."""
        self._sentences.setdefault(sentence)

    def __iter__(self) -> Iterator[str]:
        return iter(self._sentences)
