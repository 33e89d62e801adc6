"""Map the texts of a draft, and find the templates in them."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from mixtui.model.draft import Draft, Pair
from mixtui.request.templates import references


def map_texts(draft: Draft, transform: Callable[[str], str]) -> Draft:
    """Apply a function to each text of a draft: URL, rows, body."""

    def map_pair(row: Pair) -> Pair:
        return replace(row, name=transform(row.name), value=transform(row.value))

    body = draft.body
    return replace(
        draft,
        url=transform(draft.url),
        path=tuple(map(map_pair, draft.path)),
        query=tuple(map(map_pair, draft.query)),
        headers=tuple(map(map_pair, draft.headers)),
        body=body and replace(body, text=transform(body.text)),
    )


def template_names(draft: Draft) -> set[str]:
    """Return the names of all templates in a draft."""
    body = draft.body.text if draft.body else ""
    row_texts = [
        text
        for r in (*draft.path, *draft.query, *draft.headers)
        for text in (r.name, r.value)
    ]
    return {
        reference.name
        for text in (draft.url, body, *row_texts)
        for reference in references(text, foreign=True)
    }
