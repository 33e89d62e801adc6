"""The types of an operation: its parameters, bodies, safety and limits."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from msgspec import Struct

from mixtui.mixpanel.apis import (
    BASE_PATHS,
    SERVICES,
    Api,
    CredentialKind,
    Region,
    Service,
    base_url,
)
from mixtui.mixpanel.endpoints import Safety
from mixtui.mixpanel.limits import Bucket


class ParameterLocation(StrEnum):
    """The location of a parameter."""

    PATH = "path"
    QUERY = "query"
    HEADER = "header"


class ValueType(StrEnum):
    """The type of a value as written in a request."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    FLAG = "flag"
    """0 or 1."""
    DATE = "date"
    """yyyy-mm-dd"""
    EXPRESSION = "expression"
    """A segmentation expression (reference/segmentation-expressions)."""
    LIST = "list"
    """A JSON list, also inside a query parameter."""
    OBJECT = "object"
    """A JSON object, also inside a query parameter."""
    REPEATED = "repeated"
    """The parameter once for each value."""
    ANY = "any"


class NameKind(StrEnum):
    """The kind of name in a value, if the project has a list of them."""

    EVENT = "event"
    PROPERTY = "property"
    VALUE = "value"
    """A value of the property that another parameter names."""
    FUNNEL = "funnel"
    COHORT = "cohort"


class Repeat(StrEnum):
    """The effect of sending a request twice."""

    SAFE = "safe"
    """No effect but its cost in quota."""
    IDEMPOTENT = "idempotent"
    """The same data is written again."""
    DEDUPLICATED = "deduplicated"
    """Safe if every record carries its own ``$insert_id`` and ``time``."""
    BY_CONTENT = "by_content"
    """Depends on the request."""
    UNSAFE = "unsafe"
    """The effect occurs twice."""


class Stage(StrEnum):
    """The life cycle stage of an operation."""

    CURRENT = "current"
    MAINTENANCE = "maintenance"
    """Works, but is no longer developed."""
    DEPRECATED = "deprecated"


class Parameter(Struct, frozen=True):
    """A parameter of the URL or a header."""

    name: str
    location: ParameterLocation
    type: ValueType
    help: str
    """One line."""
    required: bool = False
    required_when: str = ""
    """A condition in prose, such as "with a service account"."""
    default: str = ""
    """The server's default."""
    suggested: str = ""
    """A better value than the server's default."""
    allowed: tuple[str, ...] = ()
    """Empty = any value of the type."""
    minimum: int | None = None
    maximum: int | None = None
    names: NameKind | None = None
    example: str = ""
    generated: bool = False
    """Added by the app (`request.additions`) or filled in the path."""

    @property
    def initial_value(self) -> str:
        """Return the value in a new draft; empty if none is known."""
        value = self.example or self.suggested or self.default
        return value or next(iter(self.allowed), "")


class BodyField(Struct, frozen=True):
    """A member of a JSON body, or a field of a form."""

    name: str
    """The path from the body's root: ``entries[].name``, ``[].$set``."""
    type: ValueType
    help: str = ""
    required: bool = False
    allowed: tuple[str, ...] = ()
    default: str = ""
    nullable: bool = False
    names: NameKind | None = None


class Variant(Struct, frozen=True):
    """One of several bodies of an operation, selected by the value of one field."""

    value: str
    title: str
    fields: tuple[BodyField, ...]
    example: str = ""


class Shape(StrEnum):
    """The overall shape of a body."""

    OBJECT = "object"
    LIST = "list"
    """A list of records; a single record is treated as a list of one."""
    EMPTY = "empty"
    """An empty object."""
    TEXT = "text"


class BodyPlan(Struct, frozen=True):
    """The body of an operation."""

    types: tuple[str, ...]
    """Body types (json, ndjson, form, csv), the default first."""
    shape: Shape
    example: str
    """A complete example in the default type; a form as ``name=value`` lines."""
    mandatory: bool = True
    fields: tuple[BodyField, ...] = ()
    chosen_by: str = ""
    """The field whose value selects the variant."""
    variants: tuple[Variant, ...] = ()
    key: str = ""
    """The key of a record that selects this operation (``$set``)."""
    most_records: int = 0
    """The maximum number of records (or ids in the list of ids) per request; 0 = not
    documented.
    """
    most_bytes: int = 0
    """The maximum size of the uncompressed body; 0 = not documented."""


class OneOf(Struct, frozen=True):
    """One of these groups must be there, in full."""

    groups: tuple[tuple[str, ...], ...]


class NotBoth(Struct, frozen=True):
    """Two exclude each other."""

    kept: str
    dropped: str


class Needs(Struct, frozen=True):
    """One needs another."""

    name: str
    needed: str
    harmless: str = ""
    """The value that needs nothing; empty = none."""


Rule = OneOf | NotBoth | Needs
"""A rule between parameters or form fields, which are one namespace for Mixpanel.

Each is a name, or a name with one value: ``use_glue=true``.
"""


class Operation(Struct, frozen=True):
    """One operation of Mixpanel's reference."""

    id: str
    """``family.name``, as in ``query.segmentation-query``."""
    family: str
    family_title: str
    title: str
    """Short, without a full stop."""
    help: str
    """A few sentences: what it does, and its pitfalls."""
    synonyms: tuple[str, ...]
    """Other search terms."""
    method: str
    api: Api
    url: str
    """Relative, with ``{placeholders}`` and perhaps a ``#fragment``."""
    parameters: tuple[Parameter, ...]
    rules: tuple[Rule, ...]
    """What holds between them, or between the fields of a form."""
    body: BodyPlan | None
    credentials: tuple[CredentialKind, ...]
    """Accepted, best first."""
    adds: tuple[str, ...]
    """The values the app adds, by location: ``query:project_id``, ``record:$token``,
    ...
    """
    safety: Safety
    repeat: Repeat
    bucket: Bucket
    stage: Stage
    replacement: str
    """The id of the successor, or empty."""
    ends: date | None
    """The announced end of support."""
    link: str
    """The official page."""

    @property
    def deduplicates(self) -> bool:
        """Return whether a record resent with the same ``$insert_id`` counts once."""
        return self.repeat is Repeat.DEDUPLICATED

    @property
    def is_query(self) -> bool:
        """Whether it may be called by GET and by POST, with its parameters in a form.

        So the official Python utility calls queries, exports and pipelines.
        """
        buckets = (Bucket.QUERY, Bucket.JQL, Bucket.EXPORT)
        is_read = self.safety is Safety.READ
        return is_read and (self.bucket in buckets or self.api is Api.PIPELINES)

    @property
    def takes_data(self) -> bool:
        """Whether its records may come as ``data``, in a form or in the query.

        So the official clients send them.
        """
        has_records = self.body is not None and self.body.shape is Shape.LIST
        return has_records and self.api is Api.INGESTION

    @property
    def accepts_form(self) -> bool:
        """Whether a form is a body that it takes."""
        is_documented = self.body is not None and "form" in self.body.types
        return is_documented or self.is_query or self.takes_data

    @property
    def path(self) -> str:
        """The relative path, without fragment."""
        return self.url.partition("#")[0]

    @property
    def fragment(self) -> str:
        """Return the part after the #; never sent."""
        return self.url.partition("#")[2]

    @property
    def service(self) -> Service:
        """The server."""
        return SERVICES[self.api]

    @property
    def official_path(self) -> str:
        """Return the full path on the official host, with placeholders."""
        return BASE_PATHS[self.api] + self.path

    @property
    def regions(self) -> tuple[Region, ...]:
        """Return the regions that have a host for it."""
        return tuple(region for region in Region if base_url(self.api, region))

    def initial_query(self) -> tuple[tuple[Parameter, bool], ...]:
        """Return the query of a new draft, in order, and whether each row is enabled.

        Required parameters are enabled and come first, also if they are required only
        as long as nothing else changes, as do those with a better value than the
        server's default (``ip=0``). Values added by the app are not included.
        """
        rows = [
            p
            for p in self.parameters
            if p.location is ParameterLocation.QUERY and not p.generated
        ]
        required = [row for row in rows if row.required or row.required_when]
        better = [row for row in rows if row.suggested and row not in required]
        optional = [row for row in rows if row not in (*required, *better)]
        return (
            *((row, True) for row in (*required, *better)),
            *((row, False) for row in optional),
        )

    def parameter(
        self, name: str, location: ParameterLocation = ParameterLocation.QUERY
    ) -> Parameter | None:
        """Return the parameter with a name, or None."""
        parameters = (
            p for p in self.parameters if p.name == name and p.location is location
        )
        return next(parameters, None)
