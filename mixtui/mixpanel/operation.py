"""The types of an operation: its parameters, bodies, safety and limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

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
    """Where a parameter stands."""

    PATH = "path"
    QUERY = "query"
    HEADER = "header"


class ValueType(StrEnum):
    """What a value is, as it is written in a request."""

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
    """What a value is the name of, where the project knows which there are."""

    EVENT = "event"
    PROPERTY = "property"
    VALUE = "value"
    """A value of the property that another parameter names."""
    FUNNEL = "funnel"
    COHORT = "cohort"


class Repeat(StrEnum):
    """What happens when a call is made twice."""

    SAFE = "safe"
    """Nothing but its cost in quota."""
    IDEMPOTENT = "idempotent"
    """It writes the same again."""
    DEDUPLICATED = "deduplicated"
    """Safe if every record carries its own ``$insert_id`` and ``time``."""
    BY_CONTENT = "by_content"
    """It depends on what is sent."""
    UNSAFE = "unsafe"
    """It is done twice."""


class Stage(StrEnum):
    """Where an operation is in its life."""

    CURRENT = "current"
    MAINTENANCE = "maintenance"
    """Works, and is not developed any more."""
    DEPRECATED = "deprecated"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the URL or a header."""

    name: str
    location: ParameterLocation
    type: ValueType
    help: str
    """One line."""
    required: bool = False
    required_when: str = ""
    """A condition in words, such as "with a service account"."""
    default: str = ""
    """What the server takes if it is absent."""
    suggested: str = ""
    """What to send where that differs from the default."""
    allowed: tuple[str, ...] = ()
    """Empty = anything of the type."""
    minimum: int | None = None
    maximum: int | None = None
    names: NameKind | None = None
    example: str = ""
    generated: bool = False
    """The app adds it (`request.additions`) or fills it in the path."""

    @property
    def initial_value(self) -> str:
        """The value that a new draft starts with; empty if nothing is known."""
        value = self.example or self.suggested or self.default
        return value or next(iter(self.allowed), "")


@dataclass(frozen=True, slots=True)
class BodyField:
    """A member of a JSON body, or a field of a form."""

    name: str
    """A path from the body's root: ``entries[].name``, ``[].$set``."""
    type: ValueType
    help: str = ""
    required: bool = False
    allowed: tuple[str, ...] = ()
    default: str = ""
    nullable: bool = False
    names: NameKind | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """One of several bodies that an operation takes, by the value of one field."""

    value: str
    title: str
    fields: tuple[BodyField, ...]
    example: str = ""


class Shape(StrEnum):
    """What a body is as a whole."""

    OBJECT = "object"
    LIST = "list"
    """Of records; one record is taken for a list of one."""
    EMPTY = "empty"
    """An empty object."""
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class BodyPlan:
    """The body that an operation takes."""

    types: tuple[str, ...]
    """Body types (json, ndjson, form, csv); the first is the one to offer."""
    shape: Shape
    example: str
    """Filled, in the first type; a form as ``name=value`` lines."""
    mandatory: bool = True
    fields: tuple[BodyField, ...] = ()
    chosen_by: str = ""
    """The field whose value chooses the variant."""
    variants: tuple[Variant, ...] = ()
    key: str = ""
    """The key of a record that chooses this operation (``$set``)."""
    most_records: int = 0
    """How many records (or ids, in the list of ids) go into one call; 0 = no limit known."""
    most_bytes: int = 0
    """How long the body may be, uncompressed; 0 = no limit known."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of Mixpanel's reference."""

    id: str
    """``family.name``, as in ``query.segmentation-query``."""
    family: str
    family_title: str
    title: str
    """Short, without a full stop."""
    help: str
    """A sentence or a few: what it does, what to watch."""
    synonyms: tuple[str, ...]
    """Other words that people look for."""
    method: str
    api: Api
    url: str
    """Relative, with ``{placeholders}`` and perhaps a ``#fragment``."""
    parameters: tuple[Parameter, ...]
    body: BodyPlan | None
    credentials: tuple[CredentialKind, ...]
    """Accepted, best first."""
    adds: tuple[str, ...]
    """What the app puts where: ``query:project_id``, ``record:$token``, ..."""
    safety: Safety
    repeat: Repeat
    bucket: Bucket
    stage: Stage
    replacement: str
    """The id of what to use instead, or empty."""
    ends: date | None
    """When it stops working, where that is announced."""
    link: str
    """The official page."""

    @property
    def deduplicates(self) -> bool:
        """Whether a record that is sent again with the same ``$insert_id`` counts once."""
        return self.repeat is Repeat.DEDUPLICATED

    @property
    def path(self) -> str:
        """The relative path, without fragment."""
        return self.url.partition("#")[0]

    @property
    def fragment(self) -> str:
        """What follows the #; never sent."""
        return self.url.partition("#")[2]

    @property
    def service(self) -> Service:
        """The server."""
        return SERVICES[self.api]

    @property
    def official_path(self) -> str:
        """The whole path on the official host, with placeholders."""
        return BASE_PATHS[self.api] + self.path

    @property
    def regions(self) -> tuple[Region, ...]:
        """Where it can be called: each region has its own host."""
        return tuple(region for region in Region if base_url(self.api, region))

    def initial_query(self) -> tuple[tuple[Parameter, bool], ...]:
        """The query parameters of a new draft, in order, and whether each is enabled.

        Enabled, and first, are those that are required, also if only as long as nothing
        else is changed, and those with a better value than the server's default
        (``ip=0``). What the app adds by itself is not among them.
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
        """Return the parameter of that name, or None."""
        parameters = (
            p for p in self.parameters if p.name == name and p.location is location
        )
        return next(parameters, None)
