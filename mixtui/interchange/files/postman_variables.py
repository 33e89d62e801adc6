"""Variables of a Postman collection: their values, and their names with us."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mixtui import jsontext
from mixtui.interchange.credentials import extract_credential
from mixtui.interchange.model import (
    ExtractedCredential,
    Notes,
    Value,
    as_text,
    form_text,
    mappings_in,
    query_text,
)
from mixtui.mixpanel.apis import CredentialKind
from mixtui.model.draft import Body, BodyType, Draft, Pair
from mixtui.request.forms import FormMistake, parse_form
from mixtui.request.templates import Reference, map_references, references

_DYNAMIC = {
    "$guid": "uuid",
    "$randomUUID": "uuid",
    "$timestamp": "now",
}
"""Postman's own names, and what does the same here."""
_VALID_NAME = re.compile(r"[A-Za-z_][\w.+-]*", re.ASCII)
_SECRET = re.compile(
    r"secret|token|passw|pwd|credential|authori[sz]ation|api[ _-]?key|private", re.I
)
_PROJECT_TOKEN = re.compile(r"token", re.I)
_NO_PROJECT_TOKEN = re.compile(r"oauth|bearer|access|secret|auth", re.I)
_MAX_DEPTH = 10
_MAX_LENGTH = 100_000
"""Characters that variables inside variables may come to."""


@dataclass(frozen=True, slots=True)
class Variables:
    """What is known where a request stands; an inner folder's win."""

    values: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    """Names that Postman itself marks as secret."""

    def within(self, node: Value) -> Variables:
        """With those of a folder, or of the collection."""
        values, hidden = dict(self.values), set(self.hidden)
        for row in mappings_in(node):
            name = as_text(row.get("key")) or as_text(row.get("id"))
            if not name or row.get("disabled") is True:
                continue
            values[name] = query_text(row.get("value"))
            if row.get("type") == "secret":
                hidden.add(name)
        return Variables(values, frozenset(hidden))

    def expand(self, source: str) -> str:
        """The text with every variable filled that has a value."""
        for _ in range(_MAX_DEPTH):
            if "{{" not in source or len(source) > _MAX_LENGTH:
                break
            filled = map_references(source, self._value, foreign=True)
            if filled == source:
                break
            source = filled
        return source

    def expand_tokens(self, source: str) -> str:
        """The text with variables filled that hold a project token."""

        def value(reference: Reference) -> str:
            is_token = is_project_token(reference.name)
            return self.expand(reference.text) if is_token else reference.text

        return map_references(source, value, foreign=True)

    def is_secret(self, name: str) -> bool:
        """Whether a variable's value must not be shown or kept."""
        return name in self.hidden or bool(_SECRET.search(name))

    def holds_secret(self, name: str) -> bool:
        """Whether its value is one, or has one of another variable inside it."""
        filled = self.expand(self.values.get(name, ""))
        return self.is_secret(name) or any(
            value and self.is_secret(other) and value in filled
            for other, value in self.values.items()
        )

    def _value(self, reference: Reference) -> str:
        return self.values.get(reference.name) or reference.text


def is_project_token(name: str) -> bool:
    """Whether a variable is called like Mixpanel's project token, which is public."""
    return bool(_PROJECT_TOKEN.search(name)) and not _NO_PROJECT_TOKEN.search(name)


def local_name(name: str) -> str:
    """What a variable is called here."""
    if name in _DYNAMIC:
        return _DYNAMIC[name]
    if _VALID_NAME.fullmatch(name):
        return name
    valid = re.sub(r"[^\w.+-]+", "_", name, flags=re.ASCII).strip("_.+-") or "variable"
    return valid if valid[0].isalpha() else f"v_{valid}"


def rename_templates(source: str, notes: Notes) -> str:
    """The text with each template called by the name it has here."""

    def renamed(reference: Reference) -> str:
        name = reference.name
        local = local_name(name)
        if local != name and name not in _DYNAMIC:
            message = (
                "which Postman makes up, has no counterpart: give it a value as"
                if name.startswith("$")
                else "is called"
            )
            notes.add(f"{{{{{name}}}}} {message} {{{{{local}}}}} here.")
        return f"{{{{{local}}}}}"

    return map_references(source, renamed, foreign=True)


_SECRET_MEMBER = re.compile(
    r'"(\w*(?:secret|passw)\w*)"\s*:\s*"(?!\{\{)[^"]', re.IGNORECASE
)
"""A member of a JSON body that is called like a secret."""
_CREDENTIAL_NAMES = ("token", "cookie")
"""Handled with the credentials."""


def strip_secrets(draft: Draft, notes: Notes) -> Draft:
    """The draft; what is called like a secret keeps its name alone."""
    body = draft.body
    for name in _SECRET_MEMBER.findall(body.text) if body else ():
        notes.add(
            f"The body holds {name}, which looks like a secret, and stays as it is: "
            "write {{env:NAME}} in its place."
        )
    return replace(
        draft,
        query=tuple(_strip_row(row, notes) for row in draft.query),
        headers=tuple(_strip_row(row, notes) for row in draft.headers),
        body=_strip_form(body, notes) if body and body.type is BodyType.FORM else body,
    )


def fill_project_tokens(
    body: Body | None, variables: Variables
) -> tuple[Body | None, tuple[ExtractedCredential, ...]]:
    """The body with each variable that holds a project token filled, so that it can be
    taken out; in one that is no JSON by itself it becomes ``{{project_token}}``."""
    if body is None:
        return None, ()
    filled = variables.expand_tokens(body.text)
    if body.type is not BodyType.JSON or jsontext.check(filled) is None:
        return replace(body, text=filled), ()
    credentials: list[ExtractedCredential] = []
    for reference in references(body.text, foreign=True):
        name = reference.name
        if is_project_token(name) and (value := variables.values.get(name)):
            credentials += extract_credential(
                CredentialKind.PROJECT_TOKEN, variables.expand(value)
            )

    def replacement(reference: Reference) -> str:
        is_token = is_project_token(reference.name)
        return "{{project_token}}" if is_token else reference.text

    text = map_references(body.text, replacement, foreign=True)
    return replace(body, text=text), tuple(credentials)


def _strip_row(row: Pair, notes: Notes) -> Pair:
    if not _is_secret(row.name, row.value, notes):
        return row
    return Pair(row.name, "", enabled=False)


def _strip_form(body: Body, notes: Notes) -> Body:
    try:
        fields = parse_form(body.text)
    except FormMistake:
        return body
    stripped = tuple(
        (name, "" if _is_secret(name, value, notes) else value)
        for name, value in fields
    )
    return body if stripped == fields else replace(body, text=form_text(stripped))


def _is_secret(name: str, value: str, notes: Notes) -> bool:
    if not value or name.strip().lower() in _CREDENTIAL_NAMES:
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
