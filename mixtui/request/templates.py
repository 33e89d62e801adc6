"""``{{name}}`` templates and the path placeholders of Mixpanel's own pages.

``$`` is always literal: Mixpanel names are full of it (``$set``, ``$distinct_id``).
"""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mixtui.model.environment import Environment
from mixtui.model.errors import DraftError, Field
from mixtui.model.secrets import Secret

_NAME = r"[A-Za-z_][\w.:+-]*"
_TEMPLATE = re.compile(r"\{\{\s*(" + _NAME + r")\s*\}\}")
_UNCLOSED = re.compile(r"\{\{\s*" + _NAME + r"\s*(?:\}(?!\})|$)", re.MULTILINE)
_DAY = re.compile(r"today(?:([+-])(\d{1,5})([dw]))?")
_PLACEHOLDER = re.compile(r"\{([A-Za-z][\w -]*)\}")

_ENVIRONMENT_IDS = (
    "project_id",
    "workspace_id",
    "organization_id",
)
_PLACEHOLDER_IDS = {
    "project": "project_id",
    "projectid": "project_id",
    "workspace": "workspace_id",
    "workspaceid": "workspace_id",
    "organization": "organization_id",
    "organizationid": "organization_id",
}

BUILT_IN = (
    "uuid",
    "now",
    "today",
    "today-7d",
    "month_start",
    *_ENVIRONMENT_IDS,
    "project_token",
    "env:NAME",
)
"""The built-in names, for help and completion."""


def _new_uuid() -> str:
    return str(uuid.uuid4())


def _local_now() -> datetime:
    return datetime.now().astimezone()


@dataclass(frozen=True, slots=True)
class Values:
    """Where the values of templates come from; the first that has the name wins:
    ``variables`` (--var), the environment's variables, the built-ins."""

    environment: Environment
    variables: Mapping[str, str] = field(default_factory=dict)
    process: Mapping[str, str] = field(default_factory=lambda: os.environ)
    """For ``{{env:NAME}}``."""
    now: Callable[[], datetime] = _local_now
    """Local time, zone included: "today" is what the person's clock says."""
    new_uuid: Callable[[], str] = _new_uuid

    def find(self, name: str) -> str | None:
        """The value, or None for an unknown name."""
        for given in (self.variables, self.environment.variables):
            if name in given:
                return given[name]
        if name in _ENVIRONMENT_IDS:
            return str(getattr(self.environment, name)) or None
        if name == "project_token":
            return self.environment.credentials.project_token or None
        if name.startswith("env:"):
            return self.process.get(name.removeprefix("env:"))
        return self._computed(name)

    def _computed(self, name: str) -> str | None:
        if name == "uuid":
            return self.new_uuid()
        now = self.now()
        if name == "now":
            return str(int(now.timestamp()))
        if name == "month_start":
            return now.date().replace(day=1).isoformat()
        if day := _DAY.fullmatch(name):
            sign, count, unit = day.groups()
            days = int(count or 0) * (7 if unit == "w" else 1)
            moved = timedelta(days=-days if sign == "-" else days)
            try:
                return (now.date() + moved).isoformat()
            except OverflowError:
                return None
        return None


@dataclass(frozen=True, slots=True)
class Expanded:
    """A text with its templates filled."""

    text: str
    sensitive: tuple[Secret, ...] = ()
    """Values from ``{{env:NAME}}``: perhaps secrets, so masked where they are shown."""


def expand(
    text: str,
    values: Values,
    field: Field,
    encode: Callable[[str], str] | None = None,
) -> Expanded:
    """Fill every template of a text.

    Args:
        text: The text as typed.
        values: Where values come from.
        field: The part of the draft, for the error.
        encode: Applied to each value; percent-encoding in a URL, so that a value can
            never change which host or path is called.

    Raises:
        DraftError: A name is unknown or a template is not closed.
    """
    _check_characters(text, field)
    if "{{" not in text:
        return Expanded(text)
    if unclosed := _UNCLOSED.search(text):
        raise DraftError(
            field,
            f"The template {unclosed.group().strip()} is not closed: end it with }}}}.",
        )
    sensitive: list[Secret] = []

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        found = values.find(name)
        if found is None:
            raise DraftError(field, _unknown(name, values.environment))
        _check_characters(found, field)
        if name.startswith("env:"):
            sensitive.append(Secret(found))
        return encode(found) if encode else found

    filled = _TEMPLATE.sub(value, text)
    return Expanded(filled, tuple(s for s in sensitive if s.reveal()))


def fill_placeholders(text: str, values: Values, encode: Callable[[str], str]) -> str:
    """Fill ``{Project ID}``, ``{projectId}``, ``{project}`` and the like.

    Any other name is looked up among the variables (``{importId}``).

    Raises:
        DraftError: A placeholder has no value; it is named.
    """

    def value(match: re.Match[str]) -> str:
        written = match.group(1)
        key = re.sub(r"[\s_-]", "", written).lower()
        name = _PLACEHOLDER_IDS.get(key, written)
        found = values.find(name)
        if found is None:
            raise DraftError(Field.URL, _unfilled(written, name, values.environment))
        _check_characters(found, Field.URL)
        return encode(found)

    return _PLACEHOLDER.sub(value, text)


def _check_characters(text: str, field: Field) -> None:
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError as error:
        code = ord(text[error.start])
        raise DraftError(
            field,
            f"Character {error.start + 1} of the {field} is half a character "
            f"(U+{code:04X}), which cannot be sent: delete it.",
        ) from None


def _unknown(name: str, environment: Environment) -> str:
    if name in _ENVIRONMENT_IDS:
        return f"{{{{{name}}}}} has no value: {_no_id(name, environment)}"
    if name == "project_token":
        return (
            f"{{{{project_token}}}} has no value: the environment {environment.name} "
            "has no project token; add it to its credentials (f9)."
        )
    if name.startswith("env:"):
        variable = name.removeprefix("env:")
        return f"{{{{{name}}}}} has no value: the variable {variable} is not set."
    return (
        f"The template {{{{{name}}}}} is unknown: add {name} to the variables of the "
        f"environment {environment.name}, or give it with --var {name}=…"
    )


def _unfilled(written: str, name: str, environment: Environment) -> str:
    if name in _ENVIRONMENT_IDS:
        return f"{{{written}}} cannot be filled: {_no_id(name, environment)}"
    return (
        f"The placeholder {{{written}}} is not filled: type the value in its place, "
        f"or add {written} to the variables of the environment {environment.name}."
    )


def _no_id(name: str, environment: Environment) -> str:
    return f"the environment {environment.name} has no {name}; add it (f9)."
