"""The operations that Mixpanel documents: what each takes, does and costs.

They are data, one file a family in ``catalogue/`` beside this file, written in our own
words after Mixpanel's reference (https://developer.mixpanel.com/reference/overview).
A family is read when it is first asked for, so that a start reads none of them.

The keys of a row are the fields of `Operation`; what is absent has the default here.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from mixtui.mixpanel.apis import BASE_PATHS, SERVICES, Api, Region, Service, base_url
from mixtui.mixpanel.buckets import Bucket
from mixtui.mixpanel.credentials import CredentialKind
from mixtui.mixpanel.endpoints import Safety

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

FAMILIES = (
    "ingestion",
    "identity",
    "query",
    "export",
    "pipelines",
    "lexicon",
    "annotations",
    "gdpr",
    "service-accounts",
    "warehouse",
    "flags",
    "flags-management",
    "experiments",
)
"""The families, and the names of their files."""


class Place(StrEnum):
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


class Names(StrEnum):
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
    place: Place
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
    names: Names | None = None
    example: str = ""
    given: bool = False
    """The app adds it (`core.identifiers`) or fills it in the path."""


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
    names: Names | None = None


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
    words: tuple[str, ...]
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

    def parameter(self, name: str, place: Place = Place.QUERY) -> Parameter | None:
        """The parameter of that name, or None."""
        found = (p for p in self.parameters if p.name == name and p.place is place)
        return next(found, None)


@cache
def operations() -> tuple[Operation, ...]:
    """All of them, family by family."""
    return tuple(each for family in FAMILIES for each in family_operations(family))


def operation(id: str) -> Operation | None:
    """The operation of that id, or None."""
    family = id.partition(".")[0]
    if family not in FAMILIES:
        return None
    return next((each for each in family_operations(family) if each.id == id), None)


@cache
def family_operations(family: str) -> tuple[Operation, ...]:
    """The operations of one family, in the order of its file."""
    folder = files(__package__).joinpath("catalogue")
    document = tomllib.loads(folder.joinpath(f"{family}.toml").read_text("utf-8"))
    title, link = str(document["title"]), str(document["links"])
    return tuple(_operation(family, title, link, row) for row in document["operation"])


def _operation(family: str, title: str, link: str, row: Mapping[str, Any]) -> Operation:
    return Operation(
        id=f"{family}.{row['id']}",
        family=family,
        family_title=title,
        title=row["title"],
        help=row["help"],
        words=tuple(row.get("words", ())),
        method=row["method"],
        api=Api(row["api"]),
        url=row["url"],
        parameters=tuple(_parameter(each) for each in row.get("parameters", ())),
        body=_body(row["body"]) if "body" in row else None,
        credentials=tuple(CredentialKind(kind) for kind in row["credentials"]),
        adds=tuple(row.get("adds", ())),
        safety=Safety(row["safety"]),
        repeat=Repeat(row["repeat"]),
        bucket=Bucket(row.get("bucket", "none")),
        stage=Stage(row.get("stage", "current")),
        replacement=row.get("replacement", ""),
        ends=row.get("ends"),
        link=row.get("link", link + row["id"]),
    )


def _parameter(row: Mapping[str, Any]) -> Parameter:
    return Parameter(
        name=row["name"],
        place=Place(row.get("in", "query")),
        type=ValueType(row.get("type", "string")),
        help=row["help"],
        required=row.get("required", False),
        required_when=row.get("required_when", ""),
        default=row.get("default", ""),
        suggested=row.get("suggested", ""),
        allowed=tuple(row.get("allowed", ())),
        minimum=row.get("minimum"),
        maximum=row.get("maximum"),
        names=_names(row),
        example=row.get("example", ""),
        given=row.get("given", False),
    )


def _body(row: Mapping[str, Any]) -> BodyPlan:
    return BodyPlan(
        types=tuple(row["types"]),
        shape=Shape(row.get("shape", "object")),
        example=row["example"],
        mandatory=row.get("mandatory", True),
        fields=tuple(_field(each) for each in row.get("fields", ())),
        chosen_by=row.get("chosen_by", ""),
        variants=tuple(_variant(each) for each in row.get("variants", ())),
        key=row.get("key", ""),
    )


def _variant(row: Mapping[str, Any]) -> Variant:
    return Variant(
        value=row["value"],
        title=row["title"],
        fields=tuple(_field(each) for each in row["fields"]),
        example=row.get("example", ""),
    )


def _field(row: Mapping[str, Any]) -> BodyField:
    return BodyField(
        name=row["name"],
        type=ValueType(row.get("type", "string")),
        help=row.get("help", ""),
        required=row.get("required", False),
        allowed=tuple(row.get("allowed", ())),
        default=row.get("default", ""),
        nullable=row.get("nullable", False),
        names=_names(row),
    )


def _names(row: Mapping[str, Any]) -> Names | None:
    return Names(row["names"]) if "names" in row else None
