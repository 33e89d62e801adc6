"""``{{…}}`` in what others wrote: which may stand in a request of ours, and how.

``{{env:NAME}}`` would send a variable of this machine, so none is taken over from a
file that came from elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from mixtui.core.requests import Draft, Pair
from mixtui.interchange.notes import Notes

TEMPLATE = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_OWN = re.compile(r"\{\{\s*env:([^{}]*?)\s*\}\}")


def translate_templates(draft: Draft, change: Callable[[str], str]) -> Draft:
    """The draft with each text in it changed: URL, rows, body."""

    def pair(row: Pair) -> Pair:
        return replace(row, name=change(row.name), value=change(row.value))

    body = draft.body
    return replace(
        draft,
        url=change(draft.url),
        query=tuple(map(pair, draft.query)),
        headers=tuple(map(pair, draft.headers)),
        body=body and replace(body, text=change(body.text)),
    )


def without_variables_of_ours(draft: Draft, notes: Notes) -> Draft:
    """The draft without ``{{env:NAME}}``; each is called ``{{env_NAME}}``."""

    def change(source: str) -> str:
        if "env:" not in source:
            return source
        for name in _OWN.findall(source):
            notes.add(
                f"{{{{env:{name}}}}} would read a variable of this machine, so it is "
                f"called {{{{env_{name}}}}} here."
            )
        return _OWN.sub(r"{{env_\1}}", source)

    return translate_templates(draft, change)


def template_names(draft: Draft) -> set[str]:
    """The names of all templates in a draft."""
    body = draft.body.text if draft.body else ""
    rows = [text for r in (*draft.query, *draft.headers) for text in (r.name, r.value)]
    return {
        name for text in (draft.url, body, *rows) for name in TEMPLATE.findall(text)
    }
