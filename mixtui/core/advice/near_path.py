"""A path that nothing is documented at, and the one that was probably meant."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from mixtui.core.advice.call import HintContext
from mixtui.core.recognising import methods_at
from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.operations import FAMILIES, Operation, family_operations

_ALIKE = 0.75
"""How near each word of a path has to be to the one it is a slip of."""
_LONGEST = 200
"""Characters; a longer path is nobody's slip."""
_OF_API = {
    Api.INGESTION: ("ingestion", "identity", "flags"),
    Api.QUERY: ("query",),
    Api.EXPORT: ("export",),
    Api.PIPELINES: ("pipelines",),
    Api.LEXICON: ("lexicon",),
}
_ELSEWHERE = {family for families in _OF_API.values() for family in families}


def suggest_path(call: HintContext) -> str:
    """The path that was probably meant, as it may stand in the URL; empty if none.

    Ids and templates stay as they were typed: only the words of the path are put right.
    """
    if call.target is None or methods_at(call.target):
        return ""
    typed = call.draft.url.strip().partition("#")[0].partition("?")[0]
    if not typed.startswith("/") or not typed.strip("/") or len(typed) > _LONGEST:
        return ""
    found = [
        (score, each.method == call.draft.method, path)
        for each in _of_api(call.draft.api)
        for score, path in _fits(typed.strip("/").split("/"), each)
    ]
    # What is as near stays in the order of the catalogue.
    best = max(found, key=lambda row: row[:2], default=None)
    return best[2] if best is not None else ""


def _of_api(api: Api) -> Iterator[Operation]:
    for family in _OF_API.get(api) or [f for f in FAMILIES if f not in _ELSEWHERE]:
        yield from family_operations(family)


def _fits(typed: list[str], operation: Operation) -> Iterator[tuple[float, str]]:
    """How near an operation's path is, and the path with what was typed in it."""
    wanted = operation.path.strip("/").split("/")
    if operation.path.strip("/") and len(typed) == len(wanted):
        put = [_word(a, b) for a, b in zip(typed, wanted, strict=True)]
        if all(score >= _ALIKE for score, _ in put):
            score = sum(score for score, _ in put) / len(put)
            yield score, "/" + "/".join(word for _, word in put)
    elif len(typed) == len(wanted) - 1 and typed == wanted[1:]:
        yield _ALIKE, operation.path  # The first word was left out: /segmentation.


def _word(typed: str, wanted: str) -> tuple[float, str]:
    if wanted.startswith("{"):
        return (1.0, typed) if typed else (0.0, "")
    if typed == wanted:
        return 1.0, typed
    if "{" in typed:
        return 0.0, ""
    return SequenceMatcher(None, typed.lower(), wanted).ratio(), wanted
