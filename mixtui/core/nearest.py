"""The operations that a draft may have been meant to be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mixtui.core.finding import find_operations

if TYPE_CHECKING:
    from mixtui.core.requests import Draft
    from mixtui.mixpanel.operations import Operation

_MOST = 5


def suggest_operations(draft: Draft) -> tuple[Operation, ...]:
    """A few, the likeliest first; none for an empty URL."""
    path = draft.url.strip().partition("?")[0]
    if not path.strip("/"):
        return ()
    found = [each.operation for each in find_operations(path)] if "/" in path else []
    found = found or [each.operation for each in find_operations(path_words(draft))]
    # The same method and API first; what they are sorted by otherwise stays.
    found.sort(key=lambda each: (each.method != draft.method) + (each.api != draft.api))
    return tuple(found[:_MOST])


def path_words(draft: Draft) -> str:
    """The telling words of a URL's path: what to look for in the catalogue."""
    path = draft.url.partition("?")[0]
    words = re.findall(r"[A-Za-z][A-Za-z-]+", re.sub(r"\{[^}]*\}?", " ", path))
    return " ".join(word for word in words if word not in ("api", "app", "projects"))
