"""A value that fits a schema: the file's own example, or one made of what it says.

What nobody can know stays empty, so that Mixpanel refuses it rather than stores a
made-up word. A date is a template.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TypeAlias

from mixtui.interchange.files.openapi_schema import (
    Schema,
    Schemas,
    example_values,
    type_of,
)
from mixtui.interchange.model import Value, as_list, as_mapping, texts_in

_MAX_DEPTH = 12
_MAX_VALUES = 3000
"""Values in one sample."""
_MAX_ITEMS = 5
_FORMATS = {
    "date": "{{today}}",
    "date-time": "{{today}}T00:00:00Z",
    "uuid": "{{uuid}}",
}
_FIRST_DAY = re.compile(r"(from|start)_?date", re.IGNORECASE)
_LAST_DAY = re.compile(r"(to|end)_?date", re.IGNORECASE)
_KNOWN = {
    "project_id": "{{project_id}}",
    "workspace_id": "{{workspace_id}}",
    "organization_id": "{{organization_id}}",
    "$token": "{{project_token}}",
    "token": "{{project_token}}",
}


class NoExample(Enum):
    """What stands for a value that cannot be: a schema inside itself."""

    MISSING = "missing"


_MISSING = NoExample.MISSING
Example: TypeAlias = "Value | NoExample"


class ExampleBuilder:
    """Makes samples, and remembers the fields that it left out."""

    def __init__(self, schemas: Schemas, *, required_only: bool = False) -> None:
        """For one sample.

        Args:
            schemas: Reads schemas.
            required_only: Leave optional fields without a value out even where none is
                required: in a form each of them would be sent, empty.
        """
        self._schemas = schemas
        self._required_only = required_only
        self._remaining = _MAX_VALUES
        self.omitted: dict[str, None] = {}
        """Optional fields that got no value, by their path."""

    def build(self, schema: Value) -> Value:
        """A value that fits."""
        example = self._build(schema, "", frozenset(), 0)
        if self._remaining <= 0:
            self._schemas.notes.add(
                "The body's example is cut: its schema is too large."
            )
        return None if isinstance(example, NoExample) else example

    def _build(
        self, node: Value, path: str, within: frozenset[str], depth: int
    ) -> Example:
        self._remaining -= 1
        if depth > _MAX_DEPTH or self._remaining <= 0:
            return _MISSING
        if isinstance(node, dict) and node.get("$ref") in within:
            return _MISSING
        schema, within = self._schemas.flatten_within(node, within)
        if values := example_values(schema):
            return values[0]
        if options := self._schemas.options(schema, within):
            return self._build_option(schema, options, path, within, depth)
        if allowed := [one for one in as_list(schema.get("enum")) if one is not None]:
            return allowed[0]
        match type_of(schema):
            case "object":
                return self._build_object(schema, path, within, depth)
            case "array":
                return self._build_list(schema, path, within, depth)
            case kind:
                return example_scalar(schema, kind, path)

    def _build_option(
        self,
        schema: Schema,
        options: list[Schema],
        path: str,
        within: frozenset[str],
        depth: int,
    ) -> Example:
        """The first of several forms; the others are named."""
        if len(options) > 1 and path:
            labels = [
                self._schemas.label(one, number)
                for number, one in enumerate(options, 1)
            ]
            others = ", ".join(labels[1:6]) + (", …" if len(labels) > 6 else "")
            self._schemas.notes.add(
                f"{path} has several forms: {labels[0]} is used; {others} too is allowed."
                if len(labels) == 2
                else f"{path} has several forms: {labels[0]} is used; also allowed: "
                f"{others}."
            )
        base = {k: v for k, v in schema.items() if k not in ("oneOf", "anyOf")}
        both: Value = {"allOf": [options[0], base]}
        return self._build(both, path, within, depth + 1)

    def _build_object(
        self, schema: Schema, path: str, within: frozenset[str], depth: int
    ) -> Example:
        properties = as_mapping(schema.get("properties"))
        required = texts_in(schema.get("required"))
        wanted = self._included_fields(properties, required, within)
        result: dict[str, Value] = {}
        for name in dict.fromkeys([*properties, *required]):
            inner = f"{path}.{name}" if path else name
            node = properties.get(name)
            if name not in wanted:
                if self._is_writable(node):
                    self.omitted.setdefault(inner)
                continue
            value = self._build(node, inner, within, depth + 1)
            if not isinstance(value, NoExample):
                result[name] = value
            elif name in required:
                result[name] = None
        return result

    def _included_fields(
        self,
        properties: dict[str, Value],
        required: list[str],
        within: frozenset[str],
    ) -> set[str]:
        """The fields that belong into the sample: those that must be there, and those
        that the file gives a value; all of them if that leaves none."""
        writable = [
            name for name, node in properties.items() if self._is_writable(node)
        ]
        valued = {
            name
            for name in writable
            if any(
                value is not None
                for value in example_values(
                    self._schemas.flatten(properties[name], within)
                )
            )
        }
        wanted = {*required, *valued}
        return wanted if wanted or self._required_only else set(writable)

    def _is_writable(self, node: Value) -> bool:
        return self._schemas.references.resolve(node).get("readOnly") is not True

    def _build_list(
        self, schema: Schema, path: str, within: frozenset[str], depth: int
    ) -> Example:
        item = self._build(schema.get("items"), f"{path}[]", within, depth + 1)
        if isinstance(item, NoExample):
            return []
        minimum = schema.get("minItems")
        count = min(minimum, _MAX_ITEMS) if isinstance(minimum, int) else 1
        return [item] * max(count, 1)


def example_scalar(schema: Schema, kind: str, path: str) -> Value:
    """A value without structure: what its format, its bounds or its name say."""
    name = path.rpartition(".")[2]
    match kind:
        case "boolean":
            return False
        case "integer" | "number":
            minimum = schema.get("minimum")
            return 0 if minimum is None or isinstance(minimum, str | dict) else minimum
        case "null":
            return None
    if kind and kind != "string":
        return ""
    known, kind = known_template(name), str(schema.get("format"))
    if known and kind == "date-time":
        return f"{known}T00:00:00Z"
    return known or _FORMATS.get(kind, "")


def known_template(name: str) -> str:
    """The template for a name that every Mixpanel request means the same by."""
    if _FIRST_DAY.fullmatch(name):
        return "{{today-7d}}"
    if _LAST_DAY.fullmatch(name):
        return "{{today}}"
    return _KNOWN.get(name, "")
