"""What a draft and an environment reach beyond the files of their collection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mixtui.model.draft import BodyType, Draft
from mixtui.model.trust import Power, PowerKind
from mixtui.request.body import body_file_path
from mixtui.request.templates import references, variable_name
from mixtui.system import real_path


def draft_powers(draft: Draft, root: Path, folder: Path) -> frozenset[Power]:
    """Return the powers that a saved request needs.

    Args:
        draft: The request, with templates.
        root: The root of its collection: files below it are its own.
        folder: What a relative file path is relative to.
    """
    powers = {
        Power(PowerKind.VARIABLE, variable)
        for text in template_texts(draft)
        for reference in references(text)
        if (variable := variable_name(reference.name))
    }
    body = draft.body
    if body is not None and body.type is BodyType.FILE and body.path:
        path = real_path(body_file_path(body, folder))
        if not path.is_relative_to(real_path(root)):
            powers.add(Power(PowerKind.FILE, str(path)))
    return frozenset(powers)


def template_texts(draft: Draft) -> Iterator[str]:
    """Yield every text of a draft whose templates are filled."""
    yield from sent_texts(draft)
    for each in draft.inputs:
        yield each.default or ""


def sent_texts(draft: Draft) -> Iterator[str]:
    """Yield every text that the request is made of."""
    yield draft.url
    for row in (*draft.path, *draft.query, *draft.headers):
        if row.enabled:
            yield row.name
            yield row.value
    if draft.body is not None:
        yield draft.body.text
        yield draft.body.path
