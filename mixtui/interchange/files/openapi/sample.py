"""Generate a value that fits a schema, from its examples, types and field names.

Unknown texts stay empty, so that Mixpanel rejects them instead of storing made-up
data. Dates are templates.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TypeAlias

from mixtui.interchange.files.openapi.schema import (
    Schema,
    Schemas,
    example_values,
    is_password,
    type_of,
)
from mixtui.interchange.json_values import (
    Template,
    Value,
    as_list,
    as_mapping,
    texts_in,
)
from mixtui.patterns import compile_late

_MAX_DEPTH = 12
_MAX_VALUES = 3000
"""In one example."""
_MAX_ITEMS = 5
_FORMATS = {
    "date": Template("{{today}}"),
    "date-time": Template("{{today}}T00:00:00Z"),
    "uuid": Template("{{uuid}}"),
}
_START_DATE_NAME = compile_late(r"(from|start)_?date", re.IGNORECASE)
_END_DATE_NAME = compile_late(r"(to|end)_?date", re.IGNORECASE)
_TEMPLATES = {
    "project_id": "{{project_id}}",
    "workspace_id": "{{workspace_id}}",
    "organization_id": "{{organization_id}}",
    "$token": "{{project_token}}",
    "token": "{{project_token}}",
}


class NoExample(Enum):
    """Marks a value that cannot be built: a recursive schema, or one nested too deeply."""

    MISSING = "missing"


_MISSING = NoExample.MISSING
Example: TypeAlias = "Value | NoExample"


class ExampleBuilder:
    """Builds an example, and records the fields that it leaves out."""

    def __init__(self, schemas: Schemas, *, required_only: bool = False) -> None:
        """Prepare one example.

        Args:
            schemas: Flattens schemas.
            required_only: Omit optional fields without a value even if nothing is
                required: a form would send each of them, empty.
        """
        self._schemas = schemas
        self._required_only = required_only
        self._remaining = _MAX_VALUES
        self.omitted: dict[str, None] = {}
        """Paths of optional fields that got no value."""

    def build(self, schema: Value) -> Value:
        """Build a value that fits a schema."""
        example = self._build(schema, "", frozenset(), 0)
        if self._remaining <= 0:
            self._schemas.notes.add(
                "The example body is truncated, because its schema is too large."
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
        if is_password(schema):
            return self._schemas.leave_password_out(path)
        if values := example_values(schema):
            return values[0]
        if options := self._schemas.options(schema, within):
            return self._build_option(schema, options, path, within, depth)
        if allowed := [
            value for value in as_list(schema.get("enum")) if value is not None
        ]:
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
        """Build the first of several options, and note the others."""
        if len(options) > 1 and path:
            labels = [
                self._schemas.label(option, number)
                for number, option in enumerate(options, 1)
            ]
            others = ", ".join(labels[1:6]) + (", …" if len(labels) > 6 else "")
            self._schemas.notes.add(
                f"{path} has two variants: {labels[0]} is used; {others} is also "
                "allowed."
                if len(labels) == 2
                else f"{path} has several variants: {labels[0]} is used; also allowed: "
                f"{others}."
            )
        base = {k: v for k, v in schema.items() if k not in ("oneOf", "anyOf")}
        merged: Value = {"allOf": [options[0], base]}
        return self._build(merged, path, within, depth + 1)

    def _build_object(
        self, schema: Schema, path: str, within: frozenset[str], depth: int
    ) -> Example:
        properties = as_mapping(schema.get("properties"))
        required = texts_in(schema.get("required"))
        included = self._included_fields(properties, required, within)
        result: dict[str, Value] = {}
        for name in dict.fromkeys([*properties, *required]):
            inner = f"{path}.{name}" if path else name
            node = properties.get(name)
            if name not in included:
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
        """Return the fields to include: required ones, and those with an example.

        If there are none, all writable fields are included.
        """
        writable = [
            name for name, node in properties.items() if self._is_writable(node)
        ]
        with_example = {
            name
            for name in writable
            if any(
                value is not None
                for value in example_values(
                    self._schemas.flatten(properties[name], within)
                )
            )
        }
        included = {*required, *with_example}
        return included if included or self._required_only else set(writable)

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
    """Return an example for a scalar, by its format, bounds or name."""
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
    template, kind = known_template(name), str(schema.get("format"))
    if template and kind == "date-time":
        return Template(f"{template}T00:00:00Z")
    return template or _FORMATS.get(kind, "")


def known_template(name: str) -> Template | None:
    """Return the template for a name that means the same in every API, or None."""
    if _START_DATE_NAME.fullmatch(name):
        return Template("{{today-7d}}")
    if _END_DATE_NAME.fullmatch(name):
        return Template("{{today}}")
    template = _TEMPLATES.get(name)
    return None if template is None else Template(template)
