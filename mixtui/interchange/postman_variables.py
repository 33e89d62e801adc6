"""Variables of a Postman collection: their values, and their names with us."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mixtui.interchange.foreign_templates import TEMPLATE
from mixtui.interchange.notes import Notes
from mixtui.interchange.values import Value, mappings, plain, text

_DYNAMIC = {
    "$guid": "uuid",
    "$randomUUID": "uuid",
    "$timestamp": "now",
}
"""Postman's own names, and what does the same here."""
_GOOD = re.compile(r"[A-Za-z_][\w.+-]*", re.ASCII)
_SECRET = re.compile(
    r"secret|token|passw|pwd|credential|authori[sz]ation|api[ _-]?key|private", re.I
)
_PROJECT_TOKEN = re.compile(r"token", re.I)
_NO_PROJECT_TOKEN = re.compile(r"oauth|bearer|access|secret|auth", re.I)
_DEEPEST = 10
_LONGEST = 100_000
"""Characters that variables inside variables may come to."""


@dataclass(frozen=True, slots=True)
class Variables:
    """What is known where a request stands; an inner folder's win."""

    values: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    """Names that Postman itself marks as secret."""

    def inside(self, node: Value) -> Variables:
        """With those of a folder, or of the collection."""
        values, hidden = dict(self.values), set(self.hidden)
        for row in mappings(node):
            name = text(row.get("key")) or text(row.get("id"))
            if not name or row.get("disabled") is True:
                continue
            values[name] = plain(row.get("value"))
            if row.get("type") == "secret":
                hidden.add(name)
        return Variables(values, frozenset(hidden))

    def filled(self, source: str) -> str:
        """The text with every variable filled that has a value."""
        for _ in range(_DEEPEST):
            if "{{" not in source or len(source) > _LONGEST:
                break
            found = TEMPLATE.sub(lambda match: self._value(match), source)
            if found == source:
                break
            source = found
        return source

    def with_tokens(self, source: str) -> str:
        """The text with variables filled that hold a project token."""
        return TEMPLATE.sub(
            lambda match: (
                self.filled(match.group())
                if is_project_token(match.group(1))
                else match.group()
            ),
            source,
        )

    def is_secret(self, name: str) -> bool:
        """Whether a variable's value must not be shown or kept."""
        return name in self.hidden or bool(_SECRET.search(name))

    def holds_secret(self, name: str) -> bool:
        """Whether its value is one, or has one of another variable inside it."""
        filled = self.filled(self.values.get(name, ""))
        return self.is_secret(name) or any(
            value and self.is_secret(other) and value in filled
            for other, value in self.values.items()
        )

    def _value(self, match: re.Match[str]) -> str:
        return self.values.get(match.group(1)) or match.group()


def is_project_token(name: str) -> bool:
    """Whether a variable is called like Mixpanel's project token, which is public."""
    return bool(_PROJECT_TOKEN.search(name)) and not _NO_PROJECT_TOKEN.search(name)


def local_name(name: str) -> str:
    """What a variable is called here."""
    if name in _DYNAMIC:
        return _DYNAMIC[name]
    if _GOOD.fullmatch(name):
        return name
    better = re.sub(r"[^\w.+-]+", "_", name, flags=re.ASCII).strip("_.+-") or "variable"
    return better if better[0].isalpha() else f"v_{better}"


def with_our_names(source: str, notes: Notes) -> str:
    """The text with each template called by the name it has here."""

    def ours(match: re.Match[str]) -> str:
        name = match.group(1)
        better = local_name(name)
        if better != name and name not in _DYNAMIC:
            made = (
                "which Postman makes up, has no counterpart: give it a value as"
                if name.startswith("$")
                else "is called"
            )
            notes.add(f"{{{{{name}}}}} {made} {{{{{better}}}}} here.")
        return f"{{{{{better}}}}}"

    return TEMPLATE.sub(ours, source)
