"""Convert parameters to rows: required ones first, optional ones disabled.

Locations and styles: https://spec.openapis.org/oas/v3.1.1#style-values
"""

from __future__ import annotations

from urllib.parse import unquote_plus

from msgspec import Struct
from msgspec.structs import replace

from mixtui.interchange.files.openapi.sample import (
    ExampleBuilder,
    example_scalar,
    known_template,
)
from mixtui.interchange.files.openapi.schema import (
    Schema,
    Schemas,
    example_values,
    is_password,
    type_of,
)
from mixtui.interchange.json_values import (
    Value,
    as_list,
    as_mapping,
    as_text,
    is_scalar,
    mappings_in,
    template_text,
)
from mixtui.model.draft import Pair
from mixtui.patterns import compile_late
from mixtui.request.templates import escape_text

_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|"}
_ENCODED = compile_late(r"[\w.~+*()!'-]*(?:%[0-9A-Fa-f]{2}[\w.~+*()!'-]*)+")
_COMPUTED_HEADERS = ("content-type", "authorization")


class Parameter(Struct, frozen=True):
    """A parameter with its flattened schema."""

    name: str
    location: str
    """``query``, ``header``, ``path`` or ``cookie``."""
    required: bool
    description: str
    schema: Schema
    value: Value
    """An example, from the file or generated; None = nothing is known."""
    style: str
    explode: bool
    as_json: bool = False
    """Its value is sent as JSON text."""

    @property
    def allowed(self) -> tuple[Value, ...]:
        """The values of its ``enum``, or of that of its items."""
        return tuple(as_list(self.schema.get("enum"))) or tuple(
            as_list(as_mapping(self.schema.get("items")).get("enum"))
        )


class ParameterRows(Struct, frozen=True):
    """The parameters of an operation, by location."""

    query: tuple[Pair, ...]
    headers: tuple[Pair, ...]
    path: tuple[Parameter, ...]
    content_types: tuple[str, ...]
    """The media types that a ``Content-Type`` parameter allows."""


class ParameterReader:
    """Reads the parameters of an operation."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._notes = schemas.notes

    def read(self, *levels: Value) -> list[Parameter]:
        """Return all parameters, the required ones first.

        Args:
            levels: Lists of parameters; a later list overrides parameters of the same name.
        """
        result: dict[tuple[str, str], Parameter] = {}
        for level in levels:
            for node in mappings_in(level):
                resolved = self._schemas.references.resolve(node)
                parameter = self._parameter(resolved)
                if parameter is not None:
                    result[parameter.name, parameter.location] = parameter
        return sorted(result.values(), key=lambda parameter: not parameter.required)

    def rows(self, parameters: list[Parameter]) -> ParameterRows:
        """Convert parameters to rows of the request."""

        def within(location: str) -> list[Parameter]:
            return [each for each in parameters if each.location == location]

        query = [row for each in within("query") for row in _query_rows(each)]
        headers = [
            _row(each.name, _delimited(each, ","), each)
            for each in within("header")
            if each.name.lower() not in _COMPUTED_HEADERS
        ]
        content_types = tuple(
            str(value)
            for each in within("header")
            if each.name.lower() == "content-type"
            for value in each.allowed
        )
        return ParameterRows(
            tuple(query),
            (*headers, *_cookie_rows(within("cookie"))),
            tuple(within("path")),
            content_types,
        )

    def _parameter(self, raw: Schema) -> Parameter | None:
        name, location = as_text(raw.get("name")), as_text(raw.get("in"))
        if not name or location not in ("query", "header", "path", "cookie"):
            if raw and "$ref" not in raw:
                self._notes.add(
                    f"A parameter ({name or 'unnamed'}) was skipped: its location "
                    f"({location or 'none'}) is unknown."
                )
            return None
        if location == "header" and name.lower() == "authorization":
            self._notes.add(
                "The header Authorization was skipped: mixtui sends the "
                "environment's credential."
            )
        content = as_mapping(raw.get("content"))
        media = as_mapping(next(iter(content.values()), None))
        media_type = next(iter(content), "")
        node = media.get("schema") if content else raw.get("schema")
        schema = self._schemas.flatten(node)
        required = raw.get("required") is True or location == "path"
        example_source = {**as_mapping(media), **raw} if content else raw
        style = as_text(raw.get("style")) or _default_style(location)
        explode = raw.get("explode")
        if raw.get("allowReserved") is True:
            self._notes.add(
                f"{name} allows unencoded reserved characters (allowReserved); mixtui "
                "encodes them, which is equivalent."
            )
        return Parameter(
            name,
            location,
            required,
            as_text(raw.get("description")) or as_text(schema.get("description")),
            schema,
            self._decode_example(
                name, self._example_value(name, example_source, schema, required)
            ),
            style,
            explode if isinstance(explode, bool) else style == "form",
            as_json="json" in media_type,
        )

    def _example_value(
        self, name: str, raw: Schema, schema: Schema, required: bool
    ) -> Value:
        if name in ("project_id", "workspace_id", "organization_id", "token"):
            return known_template(name)
        if is_password(schema):
            return self._schemas.leave_password_out(name)
        if "example" in raw:
            return raw["example"]
        for example in as_mapping(raw.get("examples")).values():
            resolved = self._schemas.references.resolve(example)
            if "value" in resolved:
                return resolved["value"]
        if values := example_values(schema):
            return values[0]
        if allowed := [
            value for value in as_list(schema.get("enum")) if value is not None
        ]:
            return allowed[0]
        if template := known_template(name):
            return template
        kind = type_of(schema)
        if kind in ("object", "array") or self._schemas.options(schema, frozenset()):
            return _none_if_empty(ExampleBuilder(self._schemas).build(schema))
        if kind == "boolean" and not required:
            return True
        if kind in ("integer", "number") and "minimum" not in schema:
            return None
        return example_scalar(schema, kind, name)

    def _decode_example(self, name: str, value: Value) -> Value:
        """Decode an example that is percent-encoded, or it would be encoded twice."""
        if not isinstance(value, str) or not _ENCODED.fullmatch(value):
            return value
        self._notes.add(
            f"The example of {name} is percent-encoded; it was decoded, and is "
            "encoded when sent."
        )
        return unquote_plus(value)


def _none_if_empty(value: Value) -> Value:
    return None if value in ([], [""], [None], {}) else value


def _default_style(location: str) -> str:
    return "form" if location in ("query", "cookie") else "simple"


def _row(name: str, value: str, parameter: Parameter) -> Pair:
    return Pair(escape_text(name), value, parameter.required)


def _query_rows(parameter: Parameter) -> list[Pair]:
    """Return the rows of a query parameter; an array or object may need several."""
    name, value = parameter.name, parameter.value
    if parameter.as_json or is_scalar(value):
        return [_row(name, template_text(value), parameter)]
    if parameter.style == "deepObject":
        return [
            _row(inner_name, inner, parameter)
            for inner_name, inner in _deep_object(name, value)
        ]
    if not parameter.explode or parameter.style in _SEPARATORS:
        separator = _SEPARATORS.get(parameter.style, ",")
        return [_row(name, _delimited(parameter, separator), parameter)]
    if isinstance(value, dict):
        return [_row(key, template_text(v), parameter) for key, v in value.items()]
    rows = [_row(name, template_text(v), parameter) for v in as_list(value)]
    return rows or [_row(name, "", parameter)]


def _deep_object(name: str, value: Value) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [
            row for key, v in value.items() for row in _deep_object(f"{name}[{key}]", v)
        ] or [(name, "")]
    if isinstance(value, list):
        return [(name, template_text(v)) for v in value]
    return [(name, template_text(value))]


def _delimited(parameter: Parameter, separator: str) -> str:
    value = parameter.value
    if isinstance(value, list):
        return separator.join(template_text(v) for v in value)
    if isinstance(value, dict) and not parameter.as_json:
        name_separator = "=" if parameter.explode else separator
        return separator.join(
            f"{name}{name_separator}{template_text(v)}" for name, v in value.items()
        )
    return template_text(value)


def _cookie_rows(parameters: list[Parameter]) -> list[Pair]:
    """Put the required cookies into one header, each optional one into a disabled row."""
    cookies = [_row(each.name, _delimited(each, ","), each) for each in parameters]
    required = "; ".join(f"{c.name}={c.value}" for c in cookies if c.enabled)
    rows = [Pair("Cookie", required)] if required else []
    return rows + [
        replace(c, name="Cookie", value=f"{c.name}={c.value}")
        for c in cookies
        if not c.enabled
    ]
