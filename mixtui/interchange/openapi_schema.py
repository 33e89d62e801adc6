"""Schemas laid flat: ``allOf`` merged, and the variants of ``oneOf`` and ``anyOf``."""

from __future__ import annotations

from dataclasses import dataclass

from mixtui.interchange.notes import Notes
from mixtui.interchange.openapi_references import References
from mixtui.interchange.values import Value, items, mapping, mappings, text, texts

Schema = dict[str, Value]

MOST_VARIANTS = 40
_CHOICES = ("oneOf", "anyOf")
_STRUCTURE = ("properties", "items", "required", "allOf", "oneOf", "anyOf")


@dataclass(frozen=True, slots=True)
class Variant:
    """One form that a schema allows."""

    title: str
    """Empty when it is the only one."""
    schema: Schema
    """Flat; without a choice at its top."""


class Schemas:
    """Reads the schemas of one document."""

    def __init__(self, references: References, notes: Notes) -> None:
        self.references = references
        self.notes = notes

    def flat(self, node: Value, within: frozenset[str] = frozenset()) -> Schema:
        """A schema with its references followed and its ``allOf`` merged.

        Args:
            node: The schema; one that is no object allows anything.
            within: The references inside which it stands: one of them means a circle.
        """
        return self.flat_and_within(node, within)[0]

    def flat_and_within(
        self, node: Value, within: frozenset[str]
    ) -> tuple[Schema, frozenset[str]]:
        """The flat schema, and the references inside which its own parts stand."""
        found, followed = self.references.followed(node)
        within = within | followed
        parts = mappings(found.get("allOf"))
        merged = {name: value for name, value in found.items() if name != "allOf"}
        for part in parts:
            if text(part.get("$ref")) in within:
                continue
            inner, within_part = self.flat_and_within(part, within)
            within |= within_part
            merged = self._merged(merged, inner)
        return merged, within

    def variants(self, node: Value, depth: int = 0) -> list[Variant]:
        """The forms that a body may have, the first one first; never none."""
        schema, within = self.flat_and_within(node, frozenset())
        options = self.options(schema, within) if depth < 4 else []
        if not any(self._has_structure(option) for option in options):
            return self._of_items(schema, depth)
        base = {name: v for name, v in schema.items() if name not in _CHOICES}
        found: list[Variant] = []
        for number, option in enumerate(options, 1):
            title = self._title(option, number)
            merged = self._merged(self.flat(option, within), base)
            self._discriminate(merged, schema, option)
            inner = self.variants(merged, depth + 1)
            if len(options) == 1:
                return inner
            found += [Variant(_joined(title, one.title), one.schema) for one in inner]
        if len(found) > MOST_VARIANTS:
            self.notes.add(
                f"The body has {len(found)} variants: the first {MOST_VARIANTS} are "
                "imported."
            )
        return found[:MOST_VARIANTS]

    def options(self, schema: Schema, within: frozenset[str]) -> list[Schema]:
        """What ``oneOf`` or ``anyOf`` offers, without null and without circles."""
        offered = [one for key in _CHOICES for one in mappings(schema.get(key))]
        return [
            option
            for option in offered
            if text(option.get("$ref")) not in within and option.get("type") != "null"
        ]

    def label(self, option: Schema, number: int = 1) -> str:
        """What to call one form of several."""
        return self._title(option, number)

    def _of_items(self, schema: Schema, depth: int) -> list[Variant]:
        """A list varies with what is in it."""
        if type_of(schema) != "array" or depth > 2 or _is_given(schema):
            return [Variant("", schema)]
        return [
            Variant(one.title, {**schema, "items": one.schema} if one.title else schema)
            for one in self.variants(schema.get("items"), depth + 1)
        ]

    def _has_structure(self, option: Schema) -> bool:
        flat = self.flat(option)
        return any(key in flat for key in _STRUCTURE) or type_of(flat) in (
            "object",
            "array",
        )

    def _title(self, option: Schema, number: int) -> str:
        resolved = self.references.resolve(option)
        if title := text(resolved.get("title")).strip():
            return title
        if reference := text(option.get("$ref")):
            return reference.rpartition("/")[2]
        if required := texts(resolved.get("required")):
            return "with " + ", ".join(required[:3])
        return type_of(self.flat(option)) or f"variant {number}"

    def _discriminate(self, merged: Schema, schema: Schema, option: Schema) -> None:
        """Give the property that tells the variants apart its value."""
        told = mapping(schema.get("discriminator"))
        name, reference = text(told.get("propertyName")), text(option.get("$ref"))
        if not name or not reference:
            return
        properties = mapping(merged.get("properties"))
        if _is_given(self.flat(properties.get(name))):
            return
        short = reference.rpartition("/")[2]
        value = next(
            (
                key
                for key, target in mapping(told.get("mapping")).items()
                if target in (reference, short)
            ),
            short,
        )
        merged["properties"] = {**properties, name: {"const": value}}

    def _merged(self, first: Schema, second: Schema) -> Schema:
        """Both at once; where they contradict each other the first counts."""
        merged = {**second, **first}
        properties = dict(mapping(first.get("properties")))
        for name, value in mapping(second.get("properties")).items():
            own = properties.get(name)
            both: Value = {"allOf": [own, value]}
            properties[name] = value if own is None or own == value else both
        if properties:
            merged["properties"] = properties
        required = [*texts(first.get("required")), *texts(second.get("required"))]
        if required:
            merged["required"] = list[Value](dict.fromkeys(required))
        for key in _CHOICES:
            if key in first and key in second and first[key] != second[key]:
                self.notes.add(
                    f"Two {key} stand side by side in a schema: the first is used."
                )
        return merged


def type_of(schema: Schema) -> str:
    """The type of a flat schema, null left out; empty = any."""
    named = schema.get("type")
    for name in [named] if isinstance(named, str) else texts(named):
        if name != "null":
            return name
    if "properties" in schema or "required" in schema:
        return "object"
    return "array" if "items" in schema else ""


def given(schema: Schema) -> tuple[Value, ...]:
    """The values that a flat schema names itself, the best one first."""
    found = [schema[key] for key in ("example",) if key in schema]
    found += items(schema.get("examples"))
    found += [schema[key] for key in ("const", "default") if key in schema]
    if len(allowed := items(schema.get("enum"))) == 1:
        found += allowed
    return tuple(found)


def _is_given(schema: Schema) -> bool:
    return bool(given(schema))


def _joined(first: str, second: str) -> str:
    return f"{first}, {second}" if first and second else first or second
