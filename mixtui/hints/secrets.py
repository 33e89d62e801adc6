"""Hints about secrets that are typed into a request instead of an environment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mixtui.hints.context import HintContext
from mixtui.hints.model import Hint
from mixtui.model.draft import BodyType
from mixtui.model.errors import Field
from mixtui.request.secret_values import (
    clear_header,
    clear_pairs,
    clear_value,
    names_in_clear,
)

_MAX_BODY = 200_000
"""Characters of a body that are looked through while somebody types."""


def check_secrets(context: HintContext) -> Iterator[Hint]:
    """Name each header and parameter that holds a secret in clear."""
    draft = context.draft
    yield from _hints(Field.URL, clear_pairs(draft.url).names)
    for index, row in enumerate(draft.path):
        yield from _hints(Field.PATH, clear_value(row.name, row.value).names, index)
    for index, row in enumerate(draft.query):
        yield from _hints(Field.QUERY, clear_value(row.name, row.value).names, index)
    for index, row in enumerate(draft.headers):
        names = clear_header(row.name.strip(), row.value).names
        yield from _hints(Field.HEADERS, names, index)


def check_body_secrets(context: HintContext) -> Iterator[Hint]:
    """Name each member or field of the body that holds a secret in clear."""
    body = context.draft.body
    if body is not None and body.type is not BodyType.FILE:
        yield from _hints(Field.BODY, names_in_clear(body, _MAX_BODY))


def _hints(
    field: Field, names: Iterable[str], row: int | None = None
) -> Iterator[Hint]:
    for name in dict.fromkeys(names):
        yield Hint(
            field,
            f"{name} contains a secret in plain text, which is saved with the "
            f"request: use {{{{env:NAME}}}} instead.",
            row,
            severe=False,
        )
