"""Expand and rename the variables of a Postman collection."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mixtui.interchange.json_values import Value, as_text, mappings_in, query_text
from mixtui.interchange.notes import Notes
from mixtui.request.secret_values import is_secret_name
from mixtui.request.templates import (
    Reference,
    escape_text,
    map_references,
    variable_name,
)

_DYNAMIC_VARIABLES = {
    "$guid": "uuid",
    "$randomUUID": "uuid",
    "$timestamp": "now",
}
"""Postman's dynamic variables, and the equivalent templates."""
_VALID_NAME = re.compile(r"[A-Za-z_][\w.+-]*", re.ASCII)
_TOKEN_NAME = re.compile(r"token", re.I)
_OTHER_TOKEN_NAME = re.compile(r"oauth|bearer|access|secret|auth", re.I)
_MAX_DEPTH = 10
_MAX_LENGTH = 100_000
"""Characters; longer texts are not expanded further."""


@dataclass(frozen=True, slots=True)
class Variables:
    """The variables in scope; those of an inner folder override outer ones."""

    values: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    """Names that Postman itself marks as secret."""

    def within(self, node: Value) -> Variables:
        """Return the variables in scope inside a folder or collection."""
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
        """Replace every variable that has a value."""
        for _ in range(_MAX_DEPTH):
            if "{{" not in source or len(source) > _MAX_LENGTH:
                break
            filled = map_references(source, self._value, foreign=True)
            if filled == source:
                break
            source = filled
        return source

    def expand_tokens(self, source: str) -> str:
        """Replace the variables that hold a project token."""

        def value(reference: Reference) -> str:
            is_token = is_project_token(reference.name)
            return self.expand(reference.text) if is_token else reference.text

        return map_references(source, value, foreign=True)

    def is_secret(self, name: str) -> bool:
        """Return whether a variable's value must be neither shown nor stored."""
        return name in self.hidden or is_secret_name(name) or is_project_token(name)

    def holds_secret(self, name: str) -> bool:
        """Return whether a variable is a secret, or its value contains one."""
        filled = self.expand(self.values.get(name, ""))
        return self.is_secret(name) or any(
            value and self.is_secret(other) and value in filled
            for other, value in self.values.items()
        )

    def _value(self, reference: Reference) -> str:
        return self.values.get(reference.name) or reference.text


def escape_texts(node: Value) -> Value:
    """Escape what means something in mixtui's templates and nothing in Postman's."""
    match node:
        case str():
            return escape_text(node, keep_foreign=True) if "{{" in node else node
        case list():
            return [escape_texts(item) for item in node]
        case dict():
            return {name: escape_texts(value) for name, value in node.items()}
        case _:
            return node


def is_project_token(name: str) -> bool:
    """Return whether a variable is named like Mixpanel's project token, which is public."""
    return bool(_TOKEN_NAME.search(name)) and not _OTHER_TOKEN_NAME.search(name)


def local_name(name: str) -> str:
    """Return the name of a Postman variable in mixtui."""
    if name in _DYNAMIC_VARIABLES:
        return _DYNAMIC_VARIABLES[name]
    if _VALID_NAME.fullmatch(name):
        return name
    valid = re.sub(r"[^\w.+-]+", "_", name, flags=re.ASCII).strip("_.+-") or "variable"
    return valid if valid[0].isalpha() else f"v_{valid}"


def rename_templates(source: str, notes: Notes) -> str:
    """Rename each template to its name in mixtui."""

    def rename(reference: Reference) -> str:
        name = reference.name
        local = local_name(name)
        if local != name and name not in _DYNAMIC_VARIABLES:
            explanation = "is called"
            if name.startswith("$"):
                explanation = (
                    "which Postman makes up, has no counterpart: give it a value as"
                )
            elif variable_name(name):
                explanation = "would read a variable of this machine, so it is called"
            notes.add(f"{{{{{name}}}}} {explanation} {{{{{local}}}}} here.")
        return f"{{{{{local}}}}}"

    return map_references(source, rename, foreign=True)
