"""The URL that a person may mean who types the beginning of one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mixtui.core.completing import Suggestion
from mixtui.core.requests import Method
from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.operations import Operation

_ID = re.compile(r"[{\d]")


def complete_url(
    typed: str, method: Method, api: Api, operations: Iterable[Operation]
) -> tuple[Suggestion, ...]:
    """URLs of the catalogue that go on where the typing ended.

    Those of the method come first, then other methods of the API; where the API has
    none, other APIs. An id that stands in the place of a placeholder stays.
    """
    text = typed.strip()
    if "?" in text or text.startswith("{{"):
        return ()
    rows = tuple(operations)
    own = [each for each in rows if each.api is api]
    found = list(_completed(text, own, method))
    if not found and len(text) > 1 and not _is_whole(text, own):
        others = [each for each in rows if each.api is not api]
        found = list(_completed(text, others, method))
    found.sort(key=lambda each: _rank(each, method))
    return tuple(found)


def url_ghost(
    suggestions: Iterable[Suggestion], typed: str, method: Method, api: Api
) -> str:
    """The first that changes neither method nor API; empty = none."""
    for each in suggestions:
        same = each.operation is not None and each.operation.method == method
        if same and each.operation and each.operation.api is api and typed:
            return each.value if each.value.startswith(typed) else ""
    return ""


def _completed(
    text: str, operations: Iterable[Operation], method: Method
) -> Iterator[Suggestion]:
    seen: set[tuple[str, str, Api]] = set()
    for each in operations:
        url = _completion(text, each.url)
        key = (each.method, url or "", each.api)
        if url is None or key in seen:
            continue
        seen.add(key)
        if url != text or each.method != method:
            yield Suggestion(url, f"{each.method:<6} {url}", each.title, operation=each)


def _completion(text: str, url: str) -> str | None:
    """The URL with what was typed at its beginning; None = it begins otherwise."""
    typed, known = text.split("/"), url.split("/")
    if len(typed) > len(known):
        return None
    kept: list[str] = []
    last = len(typed) - 1
    for index, (mine, theirs) in enumerate(zip(typed, known, strict=False)):
        if theirs.startswith("{"):
            if index == 1 and mine and not _ID.match(mine):
                return None  # A path would begin with any word at all.
            kept.append(mine or theirs)
        elif mine == theirs or (index == last and theirs.startswith(mine)):
            kept.append(theirs)
        else:
            return None
    return "/".join([*kept, *known[len(typed) :]])


def _is_whole(text: str, operations: Iterable[Operation]) -> bool:
    return any(_completion(text, each.url) == text for each in operations)


def _rank(suggestion: Suggestion, method: Method) -> int:
    operation = suggestion.operation
    return 0 if operation is not None and operation.method == method else 1
