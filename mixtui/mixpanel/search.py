"""Search the catalogue for operations by keywords.

Every word must match somewhere: in the title, the id, the path, the synonyms, the family
or the parameters of an operation. A complete word scores higher than a prefix, that
higher than a substring, and a typo lowest. A prefix of a title, an id or a path scores
higher than one of a synonym. Ties are in catalogue order.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from mixtui.mixpanel.catalogue import Stage, operations
from mixtui.patterns import compile_late
from mixtui.text import Span, merge_positions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mixtui.mixpanel.catalogue import Operation

_WORD = compile_late(r"[^\W_]+")
_FILLERS = frozenset(
    ("a", "all", "an", "and", "by", "do", "for", "from", "how", "i", "in")
) | {"my", "of", "one", "or", "the", "to", "with"}
_EXACT, _PREFIX, _SUBSTRING, _TYPO, _PREFIXES = 100, 75, 40, 25, 10
_PHRASE = 60
"""Bonus if the words are exactly a title, an id or a synonym."""
_START = 10
"""Bonus if a title, an id or a path starts with the words, less what follows them."""
_COVERAGE = 10
"""Bonus for a title, an id or a path of nothing but the words."""
_SHARED_PATHS = compile_late(
    r"^/(?:query|projects|organizations|workspaces|api/2\.0)\b"
)
_OLD_PREFIX = compile_late(r"(?:/api)?/2\.0(?=/.)")
"""Where the query API was before; scripts and blog posts still have it."""
_OUTDATED = 3
"""Penalty for an operation that is no longer developed."""


class _Weight(Struct, frozen=True):
    """What a match in a text of an operation is worth."""

    complete: float
    """For a complete word."""
    partial: float
    """For a part of a word, or a typo."""


_TITLE = _Weight(1.0, 1.0)
_ID = _Weight(0.95, 0.97)
_PATH = _Weight(0.9, 0.95)
_SYNONYM = _Weight(0.85, 0.6)
_FAMILY = _Weight(0.5, 0.5)
_PARAMETER = _Weight(0.3, 0.3)
_METHOD = _Weight(0.3, 0.3)


class OperationMatch(Struct, frozen=True):
    """A matching operation."""

    operation: Operation
    score: float
    """Higher is better; 0 for an empty search."""
    spans: tuple[Span, ...] = ()
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
    words = [term for term in terms if "/" not in term]
    rows = [
        (
            sum(term_scores.get(index, 0) for term_scores in scores)
            + _bonus(index, text, words),
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
    result: dict[int, float], places: dict[int, _Weight], quality: float
) -> None:
    for index, weight in places.items():
        factor = weight.complete if quality == _EXACT else weight.partial
        result[index] = max(result.get(index, 0), quality * factor)


def _quality(term: str, word: str) -> float:
    shorter, longer = sorted((term, word), key=len)
    if term == word or (len(shorter) > 2 and f"{shorter}s" == longer):
        return _EXACT
    if word.startswith(term):
        return _PREFIX
    return _SUBSTRING * len(term) / len(word) if len(term) > 2 and term in word else 0


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
    if not result and (old := _OLD_PREFIX.match(bare)):
        rest = bare[old.end() :]
        return _path_scores(f"/query{rest}") or _path_scores(rest)
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


def _bonus(index: int, text: str, terms: Sequence[str]) -> float:
    """Return the bonus for how much of a name the terms are, less the penalty for age."""
    operation, phrase = operations()[index], _normalise(text)
    exact = phrase in _titles()[index] or phrase in _ids()[index]
    # "group" is not the synonym "group by".
    known = exact or (phrase in _synonyms()[index] and _is_synonym(operation, text))
    bonus = (_PHRASE if known else 0) + (_PHRASE / 4 if exact else 0)
    if known and not exact:
        # Several share the synonym: the shortest title is the most general.
        bonus += 1 / len(operation.title.split())
    if terms:
        bonus += max(_name_bonus(name, terms) for name in _names()[index])
    return bonus - (_OUTDATED if operation.stage is not Stage.CURRENT else 0)


def _is_synonym(operation: Operation, text: str) -> bool:
    words = _WORD.findall(text.lower())
    return any(_WORD.findall(each.lower()) == words for each in operation.synonyms)


def _name_bonus(name: Sequence[str], terms: Sequence[str]) -> float:
    """Return the bonus for the terms in the words of a title, an id or a path."""
    matched = sum(any(word.startswith(term) for word in name) for term in terms)
    starts = all(word.startswith(term) for word, term in zip(name, terms, strict=False))
    share = min(matched, len(name)) / len(name)
    return _COVERAGE * share + (_START if starts else 0)


def _matches_every_term(operation: Operation, text: str) -> bool:
    index = operations().index(operation)
    return all(index in _term_scores(term) for term in _terms(text))


def _spans(operation: Operation, terms: list[str]) -> tuple[Span, ...]:
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
    return merge_positions(marked)


@cache
def _vocabulary() -> dict[str, dict[int, _Weight]]:
    """Return every word, with the operations that contain it and its weight there."""
    result: dict[str, dict[int, _Weight]] = {}
    for index, operation in enumerate(operations()):
        for text, weight in _weighted_texts(operation):
            for word in _WORD.findall(text.lower()):
                # The first text that holds a word is the one of the largest weight.
                result.setdefault(word, {}).setdefault(index, weight)
    return result


def _weighted_texts(operation: Operation) -> Iterable[tuple[str, _Weight]]:
    """Yield the texts that are searched, those of the largest weight first."""
    family, _, name = operation.id.partition(".")
    parameters = (each.name for each in operation.parameters if not each.generated)
    yield operation.title, _TITLE
    yield name, _ID
    yield _path_words(operation), _PATH
    yield " ".join(operation.synonyms), _SYNONYM
    yield f"{family} {operation.family_title}", _FAMILY
    yield " ".join(parameters), _PARAMETER
    yield operation.method, _METHOD


def _path_words(operation: Operation) -> str:
    # The one operation of the export API has no path of its own.
    url = operation.url or operation.official_path
    return re.sub(r"\{[^{}]*\}", " ", url)


@cache
def _names() -> tuple[tuple[tuple[str, ...], ...], ...]:
    """Return the words of what each operation is called: title, id, path, fragment.

    Without the part of a path that all operations of an API share.
    """
    return tuple(
        tuple(
            tuple(words.split())
            for name in (
                each.title,
                each.id.partition(".")[2],
                _SHARED_PATHS.sub("", _path_words(each)),
                each.fragment,
            )
            if (words := _normalise(name))
        )
        for each in operations()
    )


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
