"""The JSON Schema of each TOML file that mixtui reads.

Draft 7: the one that taplo knows, which editors use for TOML. The keys, their types and
their choices are what the readers ask for (`recording`), the descriptions are in
`descriptions`. Here is only what a reader checks after reading.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from generate.descriptions import DESCRIPTIONS, TITLES
from generate.recording import (
    ANY_NAME,
    UNKNOWN_KEY,
    RecordingFile,
    RecordingTable,
    Schema,
)
from mixtui.actions import ACTIONS
from mixtui.request.omissions import ADDITION_NAMES, HEADER_NAMES
from mixtui.request.templates import NAME
from mixtui.storage.environments import EnvironmentFile
from mixtui.storage.paths import COLLECTION_FILE
from mixtui.storage.request_file import read_draft
from mixtui.storage.settings import read_settings
from mixtui.ui import themes

_BASE = "https://raw.githubusercontent.com/mixtui/mixtui/main/docs/schemas"
_DRAFT = "http://json-schema.org/draft-07/schema#"
_PLAIN_NAME = r"^\S(.*\S)?$"


def schema(name: str) -> Schema:
    """Return the schema of a kind of file.

    Args:
        name: One of `FILES`.

    Raises:
        KeyError: A key of the file has no description.
    """
    body = FILES[name]()
    descriptions = DESCRIPTIONS[name]
    for path, part in parts(body):
        key = ".".join(path)
        if key not in descriptions:
            raise KeyError(f"generate/descriptions.py does not describe {name}: {key}")
        details = dict(part)
        part.clear()
        part.update({"description": descriptions[key], **details})
    head = {"$schema": _DRAFT, "$id": f"{_BASE}/{name}.json", "title": TITLES[name]}
    return {**head, **body}


def to_json(schema: Schema) -> str:
    """Write a schema as the text of its file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def parts(
    schema: Schema, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Schema]]:
    """Yield the schema of each key with the path to it; rows are at the path of their key."""
    for key, part in schema.get("properties", {}).items():
        yield (*path, key), part
        yield from parts(part.get("items", part), (*path, key))
    others = schema.get("additionalProperties")
    if others not in (None, UNKNOWN_KEY):
        yield (*path, ANY_NAME), others
        yield from parts(others, (*path, ANY_NAME))


def _request() -> Schema:
    document = RecordingTable()
    read_draft(document, [])
    options = document.schema["properties"]["options"]["properties"]
    options["leave_out"]["items"] = {
        "anyOf": [
            {"enum": list(ADDITION_NAMES)},
            *({"pattern": _any_case(name)} for name in HEADER_NAMES),
        ]
    }
    _restrict_input(document.schema["properties"]["input"]["items"])
    return document.schema


def _restrict_input(row: Schema) -> None:
    """Add the rules of `request.inputs.input_mistake` that a schema can express."""
    row["properties"]["name"]["pattern"] = rf"^(?!env:){NAME}$"
    del row["properties"]["choices_from"]["default"]
    no_choices = {"choices": {"maxItems": 0}}
    stored = [{"required": ["default"]}, {"required": ["choices_from"]}]
    row["allOf"] = [
        {
            "if": {"properties": {"secret": {"const": True}}, "required": ["secret"]},
            "then": {"properties": no_choices, "not": {"anyOf": stored}},
        },
        {"if": {"required": ["choices_from"]}, "then": {"properties": no_choices}},
        {
            "if": {"properties": {"event": {"minLength": 1}}, "required": ["event"]},
            "then": {
                "properties": {"choices_from": {"const": "properties"}},
                "required": ["choices_from"],
            },
        },
    ]


def _any_case(name: str) -> str:
    letters = (f"[{c.upper()}{c.lower()}]" if c.isalpha() else c for c in name)
    return f"^{''.join(letters)}$"


def _environments(name: str = "environments.toml") -> Schema:
    file = RecordingFile(name)
    EnvironmentFile(file)
    file.document.schema["properties"]["environments"]["propertyNames"] = {
        "pattern": _PLAIN_NAME
    }
    return file.document.schema


def _config() -> Schema:
    file = RecordingFile("config.toml")
    read_settings(file)
    properties = file.document.schema["properties"]
    properties["theme"] = {
        "anyOf": [{"enum": list(themes.theme_names())}, {"type": "string"}]
    }
    keys = properties["keys"]
    one = keys["additionalProperties"]
    keys["additionalProperties"] = UNKNOWN_KEY
    keys["properties"] = {action.id: dict(one) for action in ACTIONS}
    return file.document.schema


def _theme() -> Schema:
    color = {"type": "string", "minLength": 1}
    share = {"type": "number", "minimum": 0, "maximum": 1}
    style = {"type": "string", "pattern": _words(themes.TEXT_STYLES)}
    properties: Schema = {}
    for key in sorted(themes.KEYS):
        if key == "variables":
            properties[key] = {
                "type": "object",
                "properties": {
                    name: dict(style if themes.is_text_style(name) else color)
                    for name in sorted(themes.variable_names())
                },
                "additionalProperties": UNKNOWN_KEY,
            }
        elif key in themes.FLAGS:
            properties[key] = {"type": "boolean"}
        else:
            properties[key] = dict(share if key in themes.NUMBERS else color)
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": UNKNOWN_KEY,
        "required": ["primary"],
    }


def _words(words: frozenset[str]) -> str:
    one = f"({'|'.join(sorted(words))})"
    return rf"^\s*{one}(\s+{one})*\s*$"


def _credentials() -> Schema:
    kinds: dict[str, Any] = {}

    def stored(environment: str, kind: str) -> None:
        kinds[kind] = {"type": "string"}

    EnvironmentFile(RecordingFile("environments.toml"), stored)
    return {
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "properties": kinds,
            "additionalProperties": UNKNOWN_KEY,
        },
        "propertyNames": {"pattern": _PLAIN_NAME},
    }


FILES: dict[str, Callable[[], Schema]] = {
    "request": _request,
    "environments": _environments,
    "collection": partial(_environments, COLLECTION_FILE),
    "config": _config,
    "theme": _theme,
    "credentials": _credentials,
}
"""The kinds of files, by the name of their schema."""
