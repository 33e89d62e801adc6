"""Schemas laid flat: ``allOf`` merged, and the variants of ``oneOf`` and ``anyOf``."""

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
    """Follows the references of one document; those it cannot follow are noted."""

    def __init__(self, document: dict[str, Value], notes: Notes) -> None:
        self._document = document
        self._notes = notes

    def resolve(self, node: Value) -> dict[str, Value]:
        """The object that a node is or refers to; empty if it leads nowhere.

        What stands beside a ``$ref`` wins over what it refers to (3.1); 3.0 says to
        ignore it, but nobody writes it there without meaning it.
        """
        return self.resolve_with_path(node)[0]

    def resolve_with_path(self, node: Value) -> tuple[dict[str, Value], frozenset[str]]:
        """The object, and each reference that led to it."""
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

    def flatten(self, node: Value, within: frozenset[str] = frozenset()) -> Schema:
        """A schema with its references followed and its ``allOf`` merged.

        Args:
            node: The schema; one that is no object allows anything.
            within: The references inside which it stands: one of them means a circle.
        """
        return self.flatten_within(node, within)[0]

    def flatten_within(
        self, node: Value, within: frozenset[str]
    ) -> tuple[Schema, frozenset[str]]:
        """The flat schema, and the references inside which its own parts stand."""
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
        """The forms that a body may have, the first one first; never none."""
        schema, within = self.flatten_within(node, frozenset())
        options = self.options(schema, within) if depth < 4 else []
        if not any(self._has_structure(option) for option in options):
            return self._item_variants(schema, depth)
        base = {name: v for name, v in schema.items() if name not in _CHOICES}
        variants: list[Variant] = []
        for number, option in enumerate(options, 1):
            title = self._title(option, number)
            merged = self._merge(self.flatten(option, within), base)
            self._set_discriminator(merged, schema, option)
            inner = self.variants(merged, depth + 1)
            if len(options) == 1:
                return inner
            variants += [
                Variant(_join_titles(title, one.title), one.schema) for one in inner
            ]
        if len(variants) > MAX_VARIANTS:
            self.notes.add(
                f"The body has {len(variants)} variants: the first {MAX_VARIANTS} are "
                "imported."
            )
        return variants[:MAX_VARIANTS]

    def options(self, schema: Schema, within: frozenset[str]) -> list[Schema]:
        """What ``oneOf`` or ``anyOf`` offers, without null and without circles."""
        alternatives = [one for key in _CHOICES for one in mappings_in(schema.get(key))]
        return [
            option
            for option in alternatives
            if as_text(option.get("$ref")) not in within
            and option.get("type") != "null"
        ]

    def label(self, option: Schema, number: int = 1) -> str:
        """What to call one form of several."""
        return self._title(option, number)

    def _item_variants(self, schema: Schema, depth: int) -> list[Variant]:
        """A list varies with what is in it."""
        if type_of(schema) != "array" or depth > 2 or _has_example(schema):
            return [Variant("", schema)]
        return [
            Variant(one.title, {**schema, "items": one.schema} if one.title else schema)
            for one in self.variants(schema.get("items"), depth + 1)
        ]

    def _has_structure(self, option: Schema) -> bool:
        flat = self.flatten(option)
        return any(key in flat for key in _STRUCTURE) or type_of(flat) in (
            "object",
            "array",
        )

    def _title(self, option: Schema, number: int) -> str:
        resolved = self.references.resolve(option)
        if title := as_text(resolved.get("title")).strip():
            return title
        if reference := as_text(option.get("$ref")):
            return reference.rpartition("/")[2]
        if required := texts_in(resolved.get("required")):
            return "with " + ", ".join(required[:3])
        return type_of(self.flatten(option)) or f"variant {number}"

    def _set_discriminator(
        self, merged: Schema, schema: Schema, option: Schema
    ) -> None:
        """Give the property that tells the variants apart its value."""
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
        """Both at once; where they contradict each other the first counts."""
        merged = {**second, **first}
        properties = dict(as_mapping(first.get("properties")))
        for name, value in as_mapping(second.get("properties")).items():
            own = properties.get(name)
            both: Value = {"allOf": [own, value]}
            properties[name] = value if own is None or own == value else both
        if properties:
            merged["properties"] = properties
        required = [*texts_in(first.get("required")), *texts_in(second.get("required"))]
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
    declared = schema.get("type")
    for name in [declared] if isinstance(declared, str) else texts_in(declared):
        if name != "null":
            return name
    if "properties" in schema or "required" in schema:
        return "object"
    return "array" if "items" in schema else ""


def example_values(schema: Schema) -> tuple[Value, ...]:
    """The values that a flat schema names itself, the best one first."""
    values = [schema[key] for key in ("example",) if key in schema]
    values += as_list(schema.get("examples"))
    values += [schema[key] for key in ("const", "default") if key in schema]
    if len(allowed := as_list(schema.get("enum"))) == 1:
        values += allowed
    return tuple(values)


def _has_example(schema: Schema) -> bool:
    return bool(example_values(schema))


def _join_titles(first: str, second: str) -> str:
    return f"{first}, {second}" if first and second else first or second


class Security:
    """Reads the security of an operation."""

    def __init__(
        self, references: References, schemes: Value, default: Value, notes: Notes
    ) -> None:
        """One for a document.

        Args:
            references: Follows references.
            schemes: ``components.securitySchemes``.
            default: The document's own ``security``.
            notes: Where what cannot be carried over is said.
        """
        self._references = references
        self._schemes = as_mapping(schemes)
        self._default = default
        self._notes = notes

    def auth_choice(
        self, operation: dict[str, Value], endpoint: Endpoint
    ) -> AuthChoice:
        """The credential: the only one that is allowed, otherwise what suits."""
        required = operation.get("security", self._default)
        if not isinstance(required, list):
            return AuthChoice.AUTO
        alternatives = mappings_in(required)
        if not any(alternatives):
            # A token in each record is no security scheme; mixtui knows where it goes.
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
        """One alternative. None = no credential of Mixpanel's."""
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
