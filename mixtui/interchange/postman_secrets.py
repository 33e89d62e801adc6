"""Values that are called like a secret, taken out of an imported draft.

Credentials of Mixpanel's are found before (`leaving_out`); these are others, such as
the password of a warehouse.
"""

from __future__ import annotations

import re
from dataclasses import replace

from mixtui.core import json_text
from mixtui.core.forms import FormMistake, parse_form
from mixtui.core.requests import Body, BodyType, Draft, Pair
from mixtui.interchange.credentials import credential
from mixtui.interchange.foreign_templates import TEMPLATE
from mixtui.interchange.form_text import form_text
from mixtui.interchange.found import ExtractedCredential
from mixtui.interchange.notes import Notes
from mixtui.interchange.postman_variables import Variables, is_project_token
from mixtui.mixpanel.credentials import CredentialKind

_INSIDE = re.compile(r'"(\w*(?:secret|passw)\w*)"\s*:\s*"(?!\{\{)[^"]', re.IGNORECASE)
"""A member of a JSON body that is called like a secret."""
_KNOWN = ("token", "cookie")
"""Handled with the credentials."""


def strip_secrets(draft: Draft, notes: Notes) -> Draft:
    """The draft; what is called like a secret keeps its name alone."""
    body = draft.body
    for name in _INSIDE.findall(body.text) if body else ():
        notes.add(
            f"The body holds {name}, which looks like a secret, and stays as it is: "
            "write {{env:NAME}} in its place."
        )
    return replace(
        draft,
        query=tuple(_row(row, notes) for row in draft.query),
        headers=tuple(_row(row, notes) for row in draft.headers),
        body=_form(body, notes) if body and body.type is BodyType.FORM else body,
    )


def with_project_tokens(
    body: Body | None, variables: Variables
) -> tuple[Body | None, tuple[ExtractedCredential, ...]]:
    """The body with each variable that holds a project token filled, so that it can be
    taken out; in one that is no JSON by itself it becomes ``{{project_token}}``."""
    if body is None:
        return None, ()
    filled = variables.with_tokens(body.text)
    if body.type is not BodyType.JSON or json_text.check(filled) is None:
        return replace(body, text=filled), ()
    found: list[ExtractedCredential] = []
    for name in TEMPLATE.findall(body.text):
        if is_project_token(name) and (value := variables.values.get(name)):
            found += credential(CredentialKind.PROJECT_TOKEN, variables.filled(value))

    def ours(match: re.Match[str]) -> str:
        known = is_project_token(match.group(1))
        return "{{project_token}}" if known else match.group()

    return replace(body, text=TEMPLATE.sub(ours, body.text)), tuple(found)


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
