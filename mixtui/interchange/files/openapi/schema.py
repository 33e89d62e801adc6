"""Flatten schemas into variants."""

from __future__ import annotations

from msgspec import Struct

from mixtui.interchange.files.openapi.references import References
from mixtui.interchange.json_values import (
    Value,
    as_list,
    as_mapping,
    as_text,
    mappings_in,
    texts_in,
)
from mixtui.interchange.notes import Notes

Schema = dict[str, Value]
MAX_VARIANTS = 40
_CHOICE_KEYS = ("oneOf", "anyOf")
_STRUCTURE_KEYS = ("properties", "items", "required", "allOf", "oneOf", "anyOf")


class Variant(Struct, frozen=True):
    """One of the alternatives that a schema allows."""

    title: str
    """Empty when it is the only one."""
    schema: Schema
    """Flat; without ``oneOf`` and ``anyOf`` at its top."""


class Schemas:
    """Flattens the schemas of one document."""

    def __init__(self, references: References, notes: Notes) -> None:
        self.references = references
        self.notes = notes

    def leave_password_out(self, name: str) -> str:
        """Return the value of a password, which is empty, and note that."""
        self.notes.add(
            f"The value of {name} was removed, because its schema calls it a password. Use "
            "{{env:NAME}} instead."
        )
        return ""

    def flatten(self, node: Value, within: frozenset[str] = frozenset()) -> Schema:
        """Return a schema with its references resolved and its ``allOf`` merged.

        Args:
            node: The schema; if it is not an object, anything is allowed.
            within: The references that enclose it: another one of them is recursion.
        """
        return self.flatten_within(node, within)[0]

    def flatten_within(
        self, node: Value, within: frozenset[str]
    ) -> tuple[Schema, frozenset[str]]:
        """Return the flat schema, and the references that enclose its parts."""
        result, followed = self.references.resolve_with_path(node)
        within = within | followed
        parts = mappings_in(result.get("allOf"))
        merged = {name: value for name, value in result.items() if name != "allOf"}
        for part in parts:
            if as_text(part.get("$ref")) in within:
                continue
            inner, within_part = self.flatten_within(part, within)
            within |= within_part
            merged = self._merge(merged, inner)
        return merged, within

    def variants(self, node: Value, depth: int = 0) -> list[Variant]:
        """Return the variants of a schema in order, at least one."""
        schema, within = self.flatten_within(node, frozenset())
        options = self.options(schema, within) if depth < 4 else []
        if not any(self._has_structure(option) for option in options):
            return self._item_variants(schema, depth)
        base = {name: v for name, v in schema.items() if name not in _CHOICE_KEYS}
        variants: list[Variant] = []
        for number, option in enumerate(options, 1):
            title = self.label(option, number)
            merged = self._merge(self.flatten(option, within), base)
            self._set_discriminator(merged, schema, option)
            inner = self.variants(merged, depth + 1)
            if len(options) == 1:
                return inner
            variants += [
                Variant(join_titles(title, variant.title), variant.schema)
                for variant in inner
            ]
        if len(variants) > MAX_VARIANTS:
            self.notes.add(
                f"The body has {len(variants)} variants: the first {MAX_VARIANTS} "
                "were imported."
            )
        return variants[:MAX_VARIANTS]

    def options(self, schema: Schema, within: frozenset[str]) -> list[Schema]:
        """Return the alternatives of ``oneOf`` or ``anyOf``, without null and recursion."""
        alternatives = [
            option for key in _CHOICE_KEYS for option in mappings_in(schema.get(key))
        ]
        return [
            option
            for option in alternatives
            if as_text(option.get("$ref")) not in within
            and option.get("type") != "null"
        ]

    def label(self, option: Schema, number: int = 1) -> str:
        """Return a name that distinguishes one of several alternatives."""
        resolved = self.references.resolve(option)
        if title := as_text(resolved.get("title")).strip():
            return title
        if reference := as_text(option.get("$ref")):
            return reference.rpartition("/")[2]
        if required := texts_in(resolved.get("required")):
            return "with " + ", ".join(required[:3])
        return type_of(self.flatten(option)) or f"variant {number}"

    def _item_variants(self, schema: Schema, depth: int) -> list[Variant]:
        """Return a variant of a list schema for each variant of its items."""
        if type_of(schema) != "array" or depth > 2 or _has_example(schema):
            return [Variant("", schema)]
        return [
            Variant(
                variant.title,
                {**schema, "items": variant.schema} if variant.title else schema,
            )
            for variant in self.variants(schema.get("items"), depth + 1)
        ]

    def _has_structure(self, option: Schema) -> bool:
        flat = self.flatten(option)
        return any(key in flat for key in _STRUCTURE_KEYS) or type_of(flat) in (
            "object",
            "array",
        )

    def _set_discriminator(
        self, merged: Schema, schema: Schema, option: Schema
    ) -> None:
        """Set the discriminator property of a variant to its value."""
        discriminator = as_mapping(schema.get("discriminator"))
        name, reference = (
            as_text(discriminator.get("propertyName")),
            as_text(option.get("$ref")),
        )
        if not name or not reference:
            return
        properties = as_mapping(merged.get("properties"))
        if _has_example(self.flatten(properties.get(name))):
            return
        short = reference.rpartition("/")[2]
        value = next(
            (
                key
                for key, target in as_mapping(discriminator.get("mapping")).items()
                if target in (reference, short)
            ),
            short,
        )
        merged["properties"] = {**properties, name: {"const": value}}

    def _merge(self, first: Schema, second: Schema) -> Schema:
        """Merge two schemas; the first one wins where they conflict."""
        merged = {**second, **first}
        properties = dict(as_mapping(first.get("properties")))
        for name, value in as_mapping(second.get("properties")).items():
            existing = properties.get(name)
            combined: Value = {"allOf": [existing, value]}
            properties[name] = (
                value if existing is None or existing == value else combined
            )
        if properties:
            merged["properties"] = properties
        required = [*texts_in(first.get("required")), *texts_in(second.get("required"))]
        if required:
            merged["required"] = list[Value](dict.fromkeys(required))
        for key in _CHOICE_KEYS:
            if key in first and key in second and first[key] != second[key]:
                self.notes.add(f"A schema has two {key}: the first is used.")
        return merged


def type_of(schema: Schema) -> str:
    """Return the type of a flat schema, ignoring null; empty = any."""
    declared = schema.get("type")
    for name in [declared] if isinstance(declared, str) else texts_in(declared):
        if name != "null":
            return name
    if "properties" in schema or "required" in schema:
        return "object"
    return "array" if "items" in schema else ""


def example_values(schema: Schema) -> tuple[Value, ...]:
    """Return the values that a flat schema names itself, the best example first."""
    values = [schema[key] for key in ("example",) if key in schema]
    values += as_list(schema.get("examples"))
    values += [schema[key] for key in ("const", "default") if key in schema]
    if len(allowed := as_list(schema.get("enum"))) == 1:
        values += allowed
    return tuple(values)


def _has_example(schema: Schema) -> bool:
    return bool(example_values(schema))


def join_titles(first: str, second: str) -> str:
    """Join two titles with a comma; either may be empty."""
    return f"{first}, {second}" if first and second else first or second


def is_password(schema: Schema) -> bool:
    """Return whether a schema says that its values are passwords."""
    return schema.get("format") == "password"
