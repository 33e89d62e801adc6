"""What documentation writes in place of values, and what is known of it.

Mixpanel's pages leave ids and tokens to the reader (``<YOUR_PROJECT_ID>``), and name the
type of an example (``<string>``). All importers and the paste into the URL read them here;
variables in a host are read in `mixtui.interchange.urls`.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from msgspec import Struct
from msgspec.structs import replace

from mixtui.interchange.draft_texts import map_texts
from mixtui.interchange.notes import abbreviated_list
from mixtui.model.draft import Draft
from mixtui.patterns import compile_late
from mixtui.request.templates import (
    Escape,
    Literal,
    parse_template,
    placeholder_id,
    plain_text,
    sole_reference,
    variable_name,
)

_KNOWN = {
    "project_token": r"<your[ _-]project[ _-]?token>|(?-i:\bYOUR_PROJECT_TOKEN\b)",
    "project_id": r"<your[ _-]project[ _-]?id>|(?-i:\bYOUR_PROJECT_ID\b)",
    "workspace_id": r"<your[ _-]workspace[ _-]?id>|(?-i:\bYOUR_WORKSPACE_ID\b)",
    "organization_id": (
        r"<your[ _-]organi[sz]ation[ _-]?id>|(?-i:\bYOUR_ORGANI[SZ]ATION_ID\b)"
    ),
}
_KNOWN_PLACEHOLDER = compile_late(
    r"(?<!\\)(?:" + "|".join(f"(?P<{n}>{p})" for n, p in _KNOWN.items()) + ")",
    re.IGNORECASE,
)
_OPEN_PLACEHOLDER = compile_late(
    r"<(?:string|integer|number|boolean|object|array|any|date|date-time|uuid|uri"
    r"|no value|encoded-value|your[ _-][\w -]*\w)>",
    re.IGNORECASE,
)
_MARKED_NAME = compile_late(r"<([^<>]*)>|\[([^\[\]]*)\]|\{([^{}]*)\}|:([\w-]+)")
"""A name as documentation, Postman and Express mark it: ``<project-id>``, ``:projectId``."""
_PATH = compile_late(r"[^?#]*")
_CREDENTIAL_PLACEHOLDER = compile_late(
    r"<.*>|\[.*\]|\{.*\}|\.\.\.|…|\*+|x{3,}|(?:your|my|some)[ _-].*"
    r"|user(?:name)?|password|secret|token"
    r"|(?:api|project|mixpanel|service[ _-]?account)[ _-](?:secret|token|key|password)",
    re.IGNORECASE,
)


def is_placeholder(text: str) -> bool:
    """Return whether a credential is a placeholder: ``YOUR_TOKEN``, ``<secret>``."""
    is_word = _CREDENTIAL_PLACEHOLDER.fullmatch(plain_text(text)) is not None
    return is_word and not env_variable(text)


def env_variable(text: str) -> str:
    """Return the variable of a text that is ``{{env:NAME}}`` alone; empty = none."""
    return variable_name(sole_reference(text))


class FilledPlaceholders(Struct, frozen=True):
    """A draft whose known placeholders are templates."""

    draft: Draft
    notes: tuple[str, ...] = ()
    """Sentences: what became a template, what stays text, what is still to be filled."""


def fill_placeholders(draft: Draft) -> FilledPlaceholders:
    """Write templates in place of the placeholders that an environment can fill."""
    filled: dict[str, str] = {}
    still_open: dict[str, None] = {}
    escaped: dict[str, None] = {}

    def fill(match: re.Match[str]) -> str:
        template = f"{{{{{match.lastgroup}}}}}"
        filled[match[0]] = template
        return template

    def fill_text(text: str) -> str:
        texts: list[str] = []
        for part in parse_template(text):
            written = part.text
            if isinstance(part, Literal):
                written = _KNOWN_PLACEHOLDER.sub(fill, written)
                still_open.update(dict.fromkeys(_OPEN_PLACEHOLDER.findall(written)))
            elif isinstance(part, Escape):
                escaped.setdefault(part.text)
            texts.append(written)
        return "".join(texts)

    def fill_value(value: str) -> str:
        if name := _marked_id(value):
            filled[value] = f"{{{{{name}}}}}"
            return filled[value]
        return value

    def fill_segment(segment: str) -> str:
        # The environment fills {projectId} in a path by itself.
        return segment if placeholder_id(segment) else fill_value(segment)

    def fill_path(path: re.Match[str]) -> str:
        return "/".join(map(fill_segment, path[0].split("/")))

    rows = tuple(replace(row, value=fill_value(row.value)) for row in draft.query)
    url = _PATH.sub(fill_path, draft.url, count=1)
    draft = map_texts(replace(draft, url=url, query=rows), fill_text)
    notes = [
        f"{written} was replaced by {template}." for written, template in filled.items()
    ]
    if escaped:
        notes.append(
            f"Sent as text, without the backslash: {abbreviated_list(list(escaped))}."
        )
    if still_open:
        notes.append(f"To be filled in: {abbreviated_list(list(still_open))}.")
    return FilledPlaceholders(draft, tuple(notes))


def _marked_id(text: str) -> str:
    """Return the name of the id that a value or segment is marked as; empty = none."""
    match = _MARKED_NAME.fullmatch(unquote(text))
    return placeholder_id(f"{{{match[match.lastindex or 0]}}}") if match else ""
