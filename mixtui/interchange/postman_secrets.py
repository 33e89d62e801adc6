"""Values that are called like a secret, taken out of an imported draft.

Credentials of Mixpanel's are found before (`leaving_out`); these are others, such as
the password of a warehouse.
"""

from __future__ import annotations

from dataclasses import replace

from mixtui.core.forms import FormMistake, parse_form
from mixtui.core.requests import Body, BodyType, Draft, Pair
from mixtui.interchange.form_text import form_text
from mixtui.interchange.notes import Notes
from mixtui.interchange.postman_variables import Variables

_KNOWN = ("token", "cookie")
"""Handled with the credentials."""


def without_secrets(draft: Draft, notes: Notes) -> Draft:
    """The draft; what is called like a secret keeps its name alone."""
    body = draft.body
    return replace(
        draft,
        query=tuple(_row(row, notes) for row in draft.query),
        headers=tuple(_row(row, notes) for row in draft.headers),
        body=_form(body, notes) if body and body.type is BodyType.FORM else body,
    )


def _row(row: Pair, notes: Notes) -> Pair:
    if not _is_secret(row.name, row.value, notes):
        return row
    return Pair(row.name, "", enabled=False)


def _form(body: Body, notes: Notes) -> Body:
    try:
        fields = parse_form(body.text)
    except FormMistake:
        return body
    kept = tuple(
        (name, "" if _is_secret(name, value, notes) else value)
        for name, value in fields
    )
    return body if kept == fields else replace(body, text=form_text(kept))


def _is_secret(name: str, value: str, notes: Notes) -> bool:
    if not value or name.strip().lower() in _KNOWN:
        return False
    if value.startswith("{{") and value.endswith("}}"):
        return False
    if not Variables().is_secret(name):
        return False
    notes.add(
        f"The value of {name} is left out, as it looks like a secret: write "
        "{{env:NAME}} in its place."
    )
    return True
