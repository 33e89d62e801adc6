"""Search the catalogue for operations by keywords.

Every word must match somewhere: in the title, the id, the path, the family or the
synonyms of an operation. A complete word scores higher than a prefix, that higher than
an infix, and a typo lowest; a title scores higher than a path. Ties are in catalogue
order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from mixtui.mixpanel.catalogue import Stage, operations

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mixtui.mixpanel.catalogue import Operation

MatchSpan = tuple[int, int]
"""Start and end of a match."""

_WORD = re.compile(r"[^\W_]+")
_FILLERS = frozenset(
    ("a", "all", "an", "and", "by", "do", "for", "from", "how", "i", "in")
) | {"my", "of", "one", "or", "the", "to", "with"}
_EXACT, _PREFIX, _SUBSTRING, _TYPO, _PREFIXES = 100, 75, 40, 25, 10
_PHRASE = 60
"""Bonus if the words are exactly a title, an id or a synonym."""
_OUTDATED = 3
"""Penalty for an operation that is no longer developed."""
_WEIGHTS = {"title": 1.0, "id": 0.9, "words": 0.85, "path": 0.7, "family": 0.5}
_METHOD_WEIGHT = 0.3


@dataclass(frozen=True, slots=True)
class OperationMatch:
    """A matching operation."""

    operation: Operation
    score: float
    """Higher is better; 0 for an empty search."""
    spans: tuple[MatchSpan, ...] = ()
    """The matching parts of the title, in order and disjoint."""


def search_operations(text: str) -> list[OperationMatch]:
    """Return the matching operations, best first; all of them for an empty search.

    If none matches every word, return those that match most of them.
    """
    terms = _terms(text)
    if not terms:
        return [OperationMatch(operation, 0) for operation in operations()]
    scores = [_term_scores(term) for term in terms]
    counts = [
        sum(index in result for result in scores) for index in range(len(operations()))
    ]
    most = max(counts)
    if not most:
        return []
    phrase, typed = _normalise(text), len([term for term in terms if "/" not in term])
    rows = [
        (
            sum(term_scores.get(index, 0) for term_scores in scores)
            + _bonus(index, phrase, typed),
            index,
        )
        for index, count in enumerate(counts)
        if count == most
    ]
    rows.sort(key=lambda row: (-row[0], row[1]))
    catalogue = operations()
    return [
        OperationMatch(catalogue[at], score, _spans(catalogue[at], terms))
        for score, at in rows
    ]


def find_unambiguous(text: str) -> Operation | None:
    """Return the only operation that the words can denote, or None.

    The words are its id (with or without the family), its title, a phrase unique to it,
    or it is the only match.
    """
    phrase = _normalise(text)
    for names in (_ids, _titles, *([_synonyms] if " " in phrase else [])):
        results = [index for index, of in enumerate(names()) if phrase in of]
        if phrase and len(results) == 1:
            return operations()[results[0]]
    fitting = search_operations(text) if phrase else []
    complete = fitting and _matches_every_term(fitting[0].operation, text)
    return fitting[0].operation if len(fitting) == 1 and complete else None


def _terms(text: str) -> list[str]:
    """Return the search terms: words, and paths unchanged."""
    results: list[str] = []
    for piece in text.lower().split():
        if "/" in piece:
            results.append(_relative_url(piece))
        else:
            results += _WORD.findall(piece)
    telling = [term for term in results if term not in _FILLERS]
    return list(dict.fromkeys(telling or results))


def _relative_url(url: str) -> str:
    """Return a URL without its host and query."""
    path = re.sub(r"^https?://[^/]*|^[^/]*\.[^/]*", "", url)
    return re.sub(r"\?[^#]*", "", path) or "/"


def _normalise(text: str) -> str:
    """Normalise for comparison: lower case, no punctuation, only meaningful words."""
    tokens = _WORD.findall(text.lower())
    return " ".join([word for word in tokens if word not in _FILLERS] or tokens)


def _term_scores(term: str) -> dict[int, float]:
    """Return how well each operation matches a term, by its index in the catalogue."""
    if "/" in term:
        return _path_scores(term)
    result: dict[int, float] = {}
    for word, places in _vocabulary().items():
        if quality := _quality(term, word):
            _raise_scores(result, places, quality)
    if result:
        return result
    for word, places in _vocabulary().items():
        if _is_one_edit_away(term, word):
            _raise_scores(result, places, _TYPO)
    return result or _prefix_scores(term)


def _raise_scores(
    result: dict[int, float], places: dict[int, float], quality: float
) -> None:
    for index, weight in places.items():
        result[index] = max(result.get(index, 0), quality * weight)


def _quality(term: str, word: str) -> float:
    if term == word or f"{term}s" == word or term == f"{word}s":
        return _EXACT
    if term not in word:
        return 0
    share = len(term) / len(word)
    if word.startswith(term):
        return _PREFIX + 20 * share
    return _SUBSTRING * share if len(term) > 2 else 0


def _path_scores(term: str) -> dict[int, float]:
    """Score URLs: complete, prefix or suffix, substring."""
    result: dict[int, float] = {}
    bare = term.rstrip("/") or "/"
    for index, operation in enumerate(operations()):
        path = operation.official_path.lower()
        known = (operation.url.lower(), operation.path.lower(), path)
        full_text = f"{path}#{operation.fragment}"
        if bare in known or bare == full_text or _is_path_of(bare, path):
            result[index] = _EXACT
        elif any(url.startswith(bare) or url.endswith(bare) for url in known):
            result[index] = _PREFIX
        elif bare in full_text:
            result[index] = _SUBSTRING
    return result


def _is_path_of(typed: str, path: str) -> bool:
    """Return whether a path with ids matches that of an operation."""
    parts = re.split(r"\{[^{}]*\}", path)
    return "{" in path and bool(
        re.fullmatch("[^/]+".join(map(re.escape, parts)), typed)
    )


def _is_one_edit_away(term: str, word: str) -> bool:
    """Return whether inserting, deleting, replacing or swapping one letter makes them
    equal.
    """
    if len(term) < 4 or abs(len(term) - len(word)) > 1 or term[0] != word[0]:
        return False
    start = 0
    while start < min(len(term), len(word)) and term[start] == word[start]:
        start += 1
    a, b = term[start:], word[start:]
    return (
        a[1:] == b[1:]
        or a[1:] == b
        or a == b[1:]
        or (a[:2] == b[1::-1] and a[2:] == b[2:])
    )


def _prefix_scores(term: str) -> dict[int, float]:
    """Match operations whose id words start with pieces of the term ("segnum")."""
    if len(term) < 3:
        return {}
    names = (operation.id.partition(".")[2] for operation in operations())
    return {
        index: _PREFIXES
        for index, name in enumerate(names)
        if _is_made_of_prefixes(term, name.split("-"))
    }


def _is_made_of_prefixes(term: str, tokens: list[str]) -> bool:
    """Return whether a term is composed of prefixes of words, in order."""
    if not term or not tokens:
        return not term
    first, rest = tokens[0], tokens[1:]
    longest = next(
        (n for n in range(len(first), 0, -1) if term.startswith(first[:n])), 0
    )
    return any(_is_made_of_prefixes(term[n:], rest) for n in range(longest, -1, -1))


def _bonus(index: int, phrase: str, terms: int) -> float:
    """Return the bonus for an exact phrase and a short title, less the penalty for age."""
    operation = operations()[index]
    exact = phrase in _titles()[index] or phrase in _ids()[index]
    known = exact or phrase in _synonyms()[index]
    brevity = terms / max(len(operation.title.split()), terms) if terms else 0
    old = _OUTDATED if operation.stage is not Stage.CURRENT else 0
    return (_PHRASE if known else 0) + (_PHRASE / 4 if exact else 0) + brevity - old


def _matches_every_term(operation: Operation, text: str) -> bool:
    index = operations().index(operation)
    return all(index in _term_scores(term) for term in _terms(text))


def _spans(operation: Operation, terms: list[str]) -> tuple[MatchSpan, ...]:
    """Return the positions of the terms in the title: at word starts if any, else
    anywhere.
    """
    title = operation.title.lower()
    marked: set[int] = set()
    for term in terms:
        starts = [m.start() for m in re.finditer(rf"\b{re.escape(term)}", title)]
        if not starts and (middle := title.find(term)) >= 0 and len(term) > 2:
            starts = [middle]
        for start in starts:
            marked.update(range(start, start + len(term)))
    return tuple(_join_indices(sorted(marked)))


def _join_indices(places: list[int]) -> Iterable[MatchSpan]:
    start = end = -1
    for position in places:
        if position != end:
            if end > start:
                yield start, end
            start = position
        end = position + 1
    if end > start:
        yield start, end


@cache
def _vocabulary() -> dict[str, dict[int, float]]:
    """Return every word, with the operations that contain it and its weight there."""
    result: dict[str, dict[int, float]] = {}
    for index, operation in enumerate(operations()):
        for text, weight in _weighted_texts(operation):
            for word in _WORD.findall(text.lower()):
                places = result.setdefault(word, {})
                places[index] = max(places.get(index, 0), weight)
    return result


def _weighted_texts(operation: Operation) -> Iterable[tuple[str, float]]:
    family, _, name = operation.id.partition(".")
    path = re.sub(r"\{[^{}]*\}", " ", operation.url)
    yield operation.title, _WEIGHTS["title"]
    yield name, _WEIGHTS["id"]
    yield " ".join(operation.synonyms), _WEIGHTS["words"]
    yield path, _WEIGHTS["path"]
    yield f"{family} {operation.family_title}", _WEIGHTS["family"]
    yield operation.method, _METHOD_WEIGHT


@cache
def _ids() -> tuple[frozenset[str], ...]:
    return tuple(
        frozenset((_normalise(each.id), _normalise(each.id.partition(".")[2])))
        for each in operations()
    )


@cache
def _titles() -> tuple[frozenset[str], ...]:
    return tuple(frozenset((_normalise(each.title),)) for each in operations())


@cache
def _synonyms() -> tuple[frozenset[str], ...]:
    return tuple(frozenset(map(_normalise, each.synonyms)) for each in operations())
