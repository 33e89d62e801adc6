"""Resolve references, flatten schemas into variants, and read security requirements."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from mixtui.interchange.model import (
    Notes,
    Value,
    as_list,
    as_mapping,
    as_text,
    mappings_in,
    texts_in,
)
from mixtui.mixpanel.apis import CredentialKind
from mixtui.mixpanel.endpoints import Endpoint
from mixtui.model.draft import AuthChoice


class References:
    """Resolves the references of one document, with a note for each unresolvable one."""

    def __init__(self, document: dict[str, Value], notes: Notes) -> None:
        self._document = document
        self._notes = notes

    def resolve(self, node: Value) -> dict[str, Value]:
        """Return the object that a node is or refers to; empty = unresolvable.

        Siblings of a ``$ref`` override its target, as in 3.1; 3.0 ignores them, but
        whoever writes them there means them.
        """
        return self.resolve_with_path(node)[0]

    def resolve_with_path(self, node: Value) -> tuple[dict[str, Value], frozenset[str]]:
        """Return the object, and the references that were followed to it."""
        seen: dict[str, None] = {}
        siblings: dict[str, Value] = {}
        result = as_mapping(node)
        while reference := as_text(result.get("$ref")):
            rest = {name: value for name, value in result.items() if name != "$ref"}
            siblings = {**rest, **siblings}
            if reference in seen:
                self._notes.add(f"{reference} refers to itself and says nothing.")
                result = {}
                break
            seen[reference] = None
            result = as_mapping(self._target(reference))
        return {**result, **siblings}, frozenset(seen)

    def _target(self, reference: str) -> Value:
        if not reference.startswith("#"):
            self._notes.add(
                f"{reference} is in another file, which is not read: put it into this "
                "one to have it imported."
            )
            return {}
        target = self._lookup_pointer(unquote(reference[1:]))
        if target is None:
            self._notes.add(f"{reference} is not in the file.")
        return target

    def _lookup_pointer(self, pointer: str) -> Value:
        node: Value = self._document
        if pointer and not pointer.startswith("/"):
            return None
        for token in pointer.split("/")[1:]:
            name = token.replace("~1", "/").replace("~0", "~")
            if isinstance(node, dict) and name in node:
                node = node[name]
            elif isinstance(node, list) and name.isdecimal() and name.isascii():
                if len(name) > 9 or int(name) >= len(node):
                    return None
                node = node[int(name)]
            else:
                return None
        return node


Schema = dict[str, Value]

MAX_VARIANTS = 40
_CHOICE_KEYS = ("oneOf", "anyOf")
_STRUCTURE_KEYS = ("properties", "items", "required", "allOf", "oneOf", "anyOf")


@dataclass(frozen=True, slots=True)
class Variant:
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
                f"The body has {len(variants)} variants: the first {MAX_VARIANTS} are "
                "imported."
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
                self.notes.add(
                    f"Two {key} stand side by side in a schema: the first is used."
                )
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


class Security:
    """Reads the security requirements of an operation."""

    def __init__(
        self, references: References, schemes: Value, default: Value, notes: Notes
    ) -> None:
        """Prepare one document.

        Args:
            references: Resolves references.
            schemes: ``components.securitySchemes``.
            default: The document's own ``security``.
            notes: Collects what cannot be imported.
        """
        self._references = references
        self._schemes = as_mapping(schemes)
        self._default = default
        self._notes = notes

    def auth_choice(
        self, operation: dict[str, Value], endpoint: Endpoint
    ) -> AuthChoice:
        """Return the only kind of credential that is allowed, otherwise ``auto``."""
        required = operation.get("security", self._default)
        if not isinstance(required, list):
            return AuthChoice.AUTO
        alternatives = mappings_in(required)
        if not any(alternatives):
            # A token in each record is not a security scheme; mixtui adds it by itself.
            return AuthChoice.AUTO if endpoint.token_authenticates else AuthChoice.NONE
        credential_kinds = {self._kind(names) for names in alternatives if names} - {
            None
        }
        if len(credential_kinds) != 1 or {} in alternatives:
            return AuthChoice.AUTO
        kind = credential_kinds.pop()
        if kind is CredentialKind.PROJECT_SECRET and len(endpoint.credentials) > 1:
            self._notes.add(
                "The file asks for a project secret, which Mixpanel ends in 2027: "
                "auth stays auto, so that a service account is used where there is one."
            )
            return AuthChoice.AUTO
        return AuthChoice(str(kind))

    def _kind(self, names: dict[str, Value]) -> CredentialKind | None:
        """Return the credential of one alternative; None = not one of Mixpanel's."""
        kinds = [self._scheme_kind(name) for name in names]
        return next((kind for kind in kinds if kind is not None), None)

    def _scheme_kind(self, name: str) -> CredentialKind | None:
        scheme = self._references.resolve(self._schemes.get(name))
        kind, text = as_text(scheme.get("type")), f"{name} {scheme.get('description')}"
        text = text.lower().replace("_", " ")
        if kind == "http" and as_text(scheme.get("scheme")).lower() == "basic":
            return _basic_kind(text)
        if kind in ("oauth2", "openIdConnect") or (
            kind == "http" and as_text(scheme.get("scheme")).lower() == "bearer"
        ):
            return CredentialKind.OAUTH
        if kind == "apiKey" and as_text(scheme.get("name")).lower() == "token":
            return CredentialKind.PROJECT_TOKEN
        problem = f"is of the type {kind}" if kind else "is not in the file"
        self._notes.add(
            f"The security scheme {name} {problem}, which is no credential of Mixpanel's: "
            "what suits the endpoint is sent."
        )
        return None


def _basic_kind(text: str) -> CredentialKind:
    if "service" in text:
        return CredentialKind.SERVICE_ACCOUNT
    if "secret" in text:
        return CredentialKind.PROJECT_SECRET
    if "token" in text:
        return CredentialKind.PROJECT_TOKEN
    return CredentialKind.SERVICE_ACCOUNT
