"""The rows and the body of a draft with their templates filled."""

from __future__ import annotations

from dataclasses import replace

from mixtui.core.errors import DraftError, Field
from mixtui.core.forms import FormMistake, parse_form
from mixtui.core.requests import Body, BodyType, Draft, Pair
from mixtui.core.secrets import Secret
from mixtui.core.templates import Values, expand


def expand_rows(
    rows: tuple[Pair, ...], values: Values, field: Field
) -> tuple[tuple[tuple[str, str], ...], tuple[Secret, ...]]:
    """The rows that are switched on, and their secret values.

    Raises:
        DraftError: A template has no value, or a row no name.
    """
    pairs: list[tuple[str, str]] = []
    sensitive: list[Secret] = []
    for row in rows:
        if not row.enabled or not (row.name or row.value):
            continue
        if not row.name:
            raise DraftError(
                field, f"A row of the {field} has a value but no name: give it one."
            )
        name, value = expand(row.name, values, field), expand(row.value, values, field)
        pairs.append((name.text, value.text))
        sensitive += [*name.sensitive, *value.sensitive]
    return tuple(pairs), tuple(sensitive)


def expand_body(draft: Draft, values: Values) -> tuple[Body | None, tuple[Secret, ...]]:
    """The body if it is sent and not blank, and its secret values.

    Raises:
        DraftError: A template has no value.
    """
    if draft.body is None or not draft.sends_body or is_blank(draft.body):
        return None, ()
    text = expand(draft.body.text, values, Field.BODY)
    path = expand(draft.body.path, values, Field.BODY)
    body = replace(draft.body, text=text.text, path=path.text)
    return body, (*text.sensitive, *path.sensitive)


def is_blank(body: Body) -> bool:
    """Whether there is nothing in a body."""
    return body.type is not BodyType.FILE and not body.text.strip()


def form_fields(body: Body) -> tuple[tuple[str, str], ...]:
    """The fields of a form; none for another type, or for a form that is not whole."""
    if body.type is not BodyType.FORM:
        return ()
    try:
        return parse_form(body.text)
    except FormMistake:
        return ()  # Encoding it says what is wrong.
