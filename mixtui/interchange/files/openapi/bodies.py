"""Read request bodies: one for each media type, variant and named example."""

from __future__ import annotations

import json

from msgspec import Struct

from mixtui.interchange.files.openapi.sample import ExampleBuilder
from mixtui.interchange.files.openapi.schema import (
    MAX_VARIANTS,
    Schema,
    Schemas,
    Variant,
    join_titles,
)
from mixtui.interchange.json_values import (
    Value,
    as_list,
    as_mapping,
    as_text,
    compact_json,
    indented_json,
    template_text,
)
from mixtui.model.draft import Body, BodyType, Pair
from mixtui.request.body import CONTENT_TYPES
from mixtui.request.forms import exact_form_text, form_text

_NDJSON_TYPES = ("application/x-ndjson", "application/ndjson", "application/jsonl")
_OTHER_LINE_TYPES = (
    "application/jsonlines",
    "application/x-jsonlines",
    "application/json-seq",
)


class BodyVariant(Struct, frozen=True):
    """One way to fill the body of an operation."""

    title: str
    """What distinguishes it from the others; empty for the first one."""
    body: Body | None
    headers: tuple[Pair, ...] = ()
    """The content type, if mixtui would not send it by itself."""
    omitted: tuple[str, ...] = ()
    """Optional fields that got no value."""


class _Example(Struct, frozen=True):
    """A value before it is written in its media type."""

    title: str
    value: Value
    omitted: tuple[str, ...] = ()


class BodyReader:
    """Reads the request body of an operation."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._notes = schemas.notes

    def read(self, node: Value, content_types: tuple[str, ...]) -> list[BodyVariant]:
        """Return every variant of the body, the preferred one first; empty = no body.

        Args:
            node: The ``requestBody``.
            content_types: Further media types, allowed by a ``Content-Type`` parameter.
        """
        content = dict(
            as_mapping(self._schemas.references.resolve(node).get("content"))
        )
        first = next(iter(content.values()), None)
        for name in content_types:
            if content and name not in content:
                content[name] = first
        body_variants: list[BodyVariant] = []
        for media_type, media in content.items():
            kind = body_type(media_type)
            if kind is None:
                self._notes.add(
                    f"A {media_type} body was skipped: mixtui does not send multipart "
                    "bodies."
                )
                continue
            variants = self._media_variants(
                media_type, kind, self._schemas.references.resolve(media)
            )
            type_label = _type_label(media_type) if body_variants else ""
            body_variants += [
                BodyVariant(
                    join_titles(variant.title, type_label),
                    variant.body,
                    variant.headers,
                    variant.omitted,
                )
                for variant in variants
            ]
        return body_variants[:MAX_VARIANTS]

    def _media_variants(
        self, media_type: str, kind: BodyType, media: Schema
    ) -> list[BodyVariant]:
        headers: tuple[Pair, ...] = ()
        if kind is BodyType.FILE:
            return [
                BodyVariant(
                    "", Body(BodyType.FILE), (Pair("Content-Type", media_type),)
                )
            ]
        if _essence(media_type) != CONTENT_TYPES[kind].partition(";")[
            0
        ] and "*" not in (media_type):
            headers = (Pair("Content-Type", media_type),)
        return [
            BodyVariant(
                variant.title,
                self._body(kind, variant.value, media),
                headers,
                variant.omitted,
            )
            for variant in self._example_values(
                media, required_only=kind is BodyType.FORM
            )
        ]

    def _example_values(self, media: Schema, *, required_only: bool) -> list[_Example]:
        """Return the file's own examples, or a generated one for each schema variant."""
        if "example" in media:
            return [_Example("", media["example"])]
        if named := list(self._named_examples(media)):
            return named
        examples = []
        variants = self._variants(media)
        is_only_variant = len(variants) == 1
        for variant in variants:
            builder = ExampleBuilder(self._schemas, required_only=required_only)
            # The original schema still has the references that reveal recursion.
            value = builder.build(
                media.get("schema") if is_only_variant else variant.schema
            )
            examples.append(_Example(variant.title, value, tuple(builder.omitted)))
        return examples

    def _variants(self, media: Schema) -> list[Variant]:
        if "schema" not in media:
            return [Variant("", {})]
        return self._schemas.variants(media["schema"])

    def _named_examples(self, media: Schema) -> list[_Example]:
        examples = []
        for name, node in as_mapping(media.get("examples")).items():
            example = self._schemas.references.resolve(node)
            if "value" in example:
                title = as_text(example.get("summary")) or name
                examples.append(_Example(title, example["value"]))
            elif "externalValue" in example:
                self._notes.add(
                    f"The example {name} is in another file, which is not read."
                )
        return [_Example("", examples[0].value)] if len(examples) == 1 else examples

    def _body(self, kind: BodyType, value: Value, media: Schema) -> Body:
        match kind:
            case BodyType.JSON:
                return Body(kind, _json_body(value))
            case BodyType.NDJSON:
                lines = value if isinstance(value, list) else [value]
                body = "\n".join(
                    template_text(line) if isinstance(line, str) else compact_json(line)
                    for line in lines
                )
                return Body(kind, body)
            case BodyType.FORM:
                return Body(kind, self._form(value, media))
            case _:
                return Body(kind, template_text(value))

    def _form(self, value: Value, media: Schema) -> str:
        if not isinstance(value, dict):
            return template_text(value) if "=" in template_text(value) else ""
        encoding = as_mapping(media.get("encoding"))
        fields = [
            field
            for name, inner in value.items()
            for field in _form_fields(name, inner, as_mapping(encoding.get(name)))
        ]
        exact = exact_form_text(fields)
        if exact is None:
            self._notes.add(
                "A form field has a value that mixtui cannot represent: check the form."
            )
        return form_text(fields) if exact is None else exact


def body_type(media_type: str) -> BodyType | None:
    """Return the body type for a media type; None = mixtui cannot send it."""
    base = _essence(media_type)
    if base in _NDJSON_TYPES or base in _OTHER_LINE_TYPES:
        return BodyType.NDJSON
    if base.endswith(("/json", "+json")) or base in ("*/*", "application/*"):
        return BodyType.JSON
    if base == "application/x-www-form-urlencoded":
        return BodyType.FORM
    if base == "text/csv":
        return BodyType.CSV
    if base.startswith("text/") or base.endswith(("/xml", "+xml", "/javascript")):
        return BodyType.TEXT
    return None if base.startswith("multipart/") else BodyType.FILE


def _json_body(value: Value) -> str:
    """Write a value as JSON; an example that is JSON text already stays as it is."""
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        try:
            json.loads(value)
        except (ValueError, RecursionError):
            return indented_json(value)
        return template_text(value).strip()
    return "" if value is None else indented_json(value)


def _form_fields(name: str, value: Value, encoding: Schema) -> list[tuple[str, str]]:
    """Write a property as form fields (style ``form``, exploded by default)."""
    if "json" in as_text(encoding.get("contentType")) or isinstance(value, dict):
        style = as_text(encoding.get("style"))
        if isinstance(value, dict) and style == "deepObject":
            return [(f"{name}[{key}]", template_text(v)) for key, v in value.items()]
        return [(name, template_text(value))]
    if isinstance(value, list):
        if encoding.get("explode") is False:
            return [(name, ",".join(template_text(item) for item in value))]
        return [(name, template_text(item)) for item in as_list(value)] or [(name, "")]
    text = template_text(value)
    # JSON text needs no line feed at its end.
    is_json = text.lstrip().startswith(("{", "["))
    return [(name, text.strip() if is_json else text)]


def _essence(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _type_label(media_type: str) -> str:
    base = _essence(media_type)
    labels = {"application/x-www-form-urlencoded": "form"}
    return labels.get(base, base.partition("/")[2].removeprefix("x-") or base)
