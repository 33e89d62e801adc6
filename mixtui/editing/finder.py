"""Find named things by all their attributes, best match first: saved requests, actions.

Every word must match: the name, the folder, the method, the URL, the operation or the
description. What matches decides the order, in the order of `Rank`; ties stay in the
order given. Thousands of requests are searched at each key, so texts are lowered once
and only what is drawn is marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum

from msgspec import Struct

from mixtui.text import Span, merge_positions


class Findable(Struct, frozen=True):
    """The searchable attributes of something that can be chosen; empty = it has none."""

    name: str
    folder: str = ""
    """The path of its folder, as ``Reports/Weekly``; empty at the top."""
    method: str = ""
    url: str = ""
    description: str = ""
    operation: str = ""
    """Title and id of the operation that it calls."""
    tags: tuple[str, ...] = ()
    favorite: bool = False
    """Whether it comes before others that match as well."""

    @property
    def path(self) -> str:
        """Folder and name: ``Reports/Weekly/Sign-ups``."""
        return f"{self.folder}/{self.name}" if self.folder else self.name


class Rank(IntEnum):
    """How a word matches, the best first."""

    NAME = 0
    """It is the name."""
    NAME_PREFIX = 1
    WORD_PREFIX = 2
    """A word of the name starts with it."""
    NAME_PART = 3
    FOLDER = 4
    """It is in the path: a part of a folder, or folder and name."""
    TAG = 5
    """It is in a tag, with the ``#`` before it or without."""
    URL = 6
    OPERATION = 7
    DESCRIPTION = 8
    METHOD = 9
    FUZZY = 10
    """Its letters are in the path, in their order."""


_ENOUGH = 100
"""Where so many things hold a word, nobody needs those that only hold its letters."""


class Finder:
    """Searches by name and attributes.

    Args:
        items: What to search, in the order to return ties.
    """

    def __init__(self, items: Iterable[Findable]) -> None:
        self.items = tuple(items)
        # Lists of texts, not of objects: a loop over them takes half the time.
        self._names = [each.name.lower() for each in self.items]
        self._paths = [each.path.lower() for each in self.items]
        self._urls = [each.url.lower() for each in self.items]
        self._operations = [each.operation.lower() for each in self.items]
        self._tags = [tags_text(each.tags).lower() for each in self.items]
        self._methods = [each.method.lower() for each in self.items]
        self._texts = [
            f"{path}\n{url}\n{operation}\n{tags}\n{each.description.lower()}"
            for each, path, url, operation, tags in zip(
                self.items,
                self._paths,
                self._urls,
                self._operations,
                self._tags,
                strict=True,
            )
        ]
        count = len(self.items)
        favorites_first = sorted(range(count), key=lambda i: not self.items[i].favorite)
        self._positions = [0] * count
        """Where each item is among those that match as well."""
        for position, index in enumerate(favorites_first):
            self._positions[index] = position
        self._all = favorites_first
        self._held: tuple[str, list[int]] = "", list(range(count))
        """The word looked for last, and the items whose texts hold it."""

    def find(self, text: str) -> list[int]:
        """Return the indexes of the matching items, best first; all for no text.

        Of those that match as well, favorites come first.
        """
        terms = text.lower().split()
        if not terms:
            return list(self._all)
        found, *others = map(self._ranks, terms)
        for ranks in others:
            found = {i: rank + ranks[i] for i, rank in found.items() if i in ranks}
        if others:
            self._prefer_phrase(found, " ".join(terms))
        return sorted(
            sorted(found, key=self._positions.__getitem__), key=found.__getitem__
        )

    def _ranks(self, term: str) -> dict[int, int]:
        """Return the rank of every item that a word matches, by its index."""
        names, starts_word = self._names, _word_start(term).search
        ranks: dict[int, int] = {}
        for index in self._holding(term):
            name = names[index]
            if term not in name:
                ranks[index] = self._rank_outside_name(index, term)
            elif name.startswith(term):
                ranks[index] = Rank.NAME if name == term else Rank.NAME_PREFIX
            else:
                ranks[index] = Rank.WORD_PREFIX if starts_word(name) else Rank.NAME_PART
        for index, method in enumerate(self._methods):
            if method == term:
                ranks.setdefault(index, Rank.METHOD)
        if len(term) > 1 and len(ranks) < _ENOUGH:
            is_spread = _spread(term).search
            for index, path in enumerate(self._paths):
                if is_spread(path):
                    ranks.setdefault(index, Rank.FUZZY)
        return ranks

    def _holding(self, term: str) -> list[int]:
        """Return the items whose texts hold a word.

        While one types, each word is the one before and a letter: what did not hold that
        does not hold this.
        """
        before, candidates = self._held
        texts = self._texts
        if not term.startswith(before):
            candidates = list(range(len(texts)))
        held = [index for index in candidates if term in texts[index]]
        self._held = term, held
        return held

    def _rank_outside_name(self, index: int, term: str) -> Rank:
        if term in self._paths[index]:
            return Rank.FOLDER
        if term in self._tags[index]:
            return Rank.TAG
        if term in self._urls[index]:
            return Rank.URL
        if term in self._operations[index]:
            return Rank.OPERATION
        return Rank.DESCRIPTION

    def _prefer_phrase(self, ranks: dict[int, int], phrase: str) -> None:
        """Prefer names that contain the words in sequence, best at their start."""
        for index in ranks:
            name = self._names[index]
            ranks[index] -= (phrase in name) + name.startswith(phrase)


def tags_text(tags: Iterable[str]) -> str:
    """Return tags as they are shown and searched: ``#weekly #report``."""
    return " ".join(f"#{tag}" for tag in tags)


def marks(text: str, searched: str, *, is_path: bool = False) -> tuple[Span, ...]:
    """Return the parts of a text that match, in order and disjoint.

    Args:
        text: An attribute, as it is shown.
        searched: What is looked for.
        is_path: Whether letters that are spread over it match as well.
    """
    lower = text.lower()
    if len(lower) != len(text):
        return ()  # Some letters are longer in lower case: no position is certain.
    marked: set[int] = set()
    for term in searched.lower().split():
        start = _best_start(term, lower, is_path=is_path)
        if start >= 0:
            marked.update(range(start, start + len(term)))
        elif is_path and (match := _spread(term).search(lower)):
            marked.update(match.start(group) for group in range(1, len(term) + 1))
    return merge_positions(marked)


_WORD = r"(?<![^\W_])"
"""Where a word starts."""


def _word_start(term: str) -> re.Pattern[str]:
    return re.compile(_WORD + re.escape(term))


def _spread(term: str) -> re.Pattern[str]:
    """Match the letters of a word in their order, the first one where a word starts."""
    first, *others = map(re.escape, term)
    return re.compile(f"{_WORD}({first})" + "".join(f"[^{e}]*({e})" for e in others))


def _best_start(term: str, lower: str, *, is_path: bool) -> int:
    """Return where a word matches best: in a name, at a word's start, or anywhere."""
    name_start = lower.rfind("/") + 1 if is_path else 0
    for start in (name_start, 0):
        if match := _word_start(term).search(lower, start):
            return match.start()
        if (position := lower.find(term, start)) >= 0:
            return position
    return -1
