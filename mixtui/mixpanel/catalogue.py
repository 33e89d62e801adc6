"""The operations that Mixpanel documents.

They are data, one file per family in ``catalogue/`` next to this file, in our own words
based on Mixpanel's reference (https://developer.mixpanel.com/reference/overview). A
family is loaded on first use, so that start-up reads none of them.
"""

from __future__ import annotations

import tomllib
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from mixtui.mixpanel.apis import Api, CredentialKind
from mixtui.mixpanel.endpoints import Safety, read_data
from mixtui.mixpanel.limits import Bucket
from mixtui.mixpanel.operation import (
    BodyField,
    BodyPlan,
    NameKind,
    Needs,
    NotBoth,
    OneOf,
    Operation,
    Parameter,
    ParameterLocation,
    Repeat,
    Rule,
    Shape,
    Stage,
    ValueType,
    Variant,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeAlias

    Row: TypeAlias = Mapping[str, Any]

_REFERENCE = "https://developer.mixpanel.com/reference/"

_FAMILY_KEYS = frozenset(("title", "parameter", "field", "operation"))
_OPERATION_KEYS = (
    frozenset(
        (
            "id",
            "title",
            "help",
            "words",
            "method",
            "api",
            "url",
            "parameters",
            "parameter",
        )
    )
    | {"body", "credentials", "adds", "safety", "repeat", "bucket", "stage"}
    | {"replacement", "ends", "page", "rule"}
)
_FIELD_KEYS = frozenset(
    ("type", "help", "required", "allowed", "default", "nullable", "names")
)
_PARAMETER_KEYS = frozenset(
    ("in", "type", "help", "required", "required_when", "default", "suggested")
) | {"allowed", "minimum", "maximum", "names", "example", "given"}
_BODY_KEYS = frozenset(
    ("types", "shape", "example", "mandatory", "fields", "field", "chosen_by")
) | {"variants", "key", "most_records", "most_bytes"}
_NEEDS_KEYS = frozenset(("with", "needs", "unless"))
_VARIANT_KEYS = frozenset(("value", "title", "fields", "field", "example"))


def read_family(family: str, text: str) -> tuple[Operation, ...]:
    """Return the operations of a family, in the order of its file.

    Args:
        family: Its name in ids.
        text: The content of its file.

    Raises:
        AssertionError: It contains an unknown key.
    """
    document = tomllib.loads(text)
    _check(document, _FAMILY_KEYS, f"{family}.toml")
    shared = _Shared(
        document["title"], document.get("parameter", {}), document.get("field", {})
    )
    return tuple(_operation(family, shared, row) for row in document["operation"])


class _Shared(Struct, frozen=True):
    """The defaults of the operations of a family."""

    title: str
    parameters: Mapping[str, Row]
    fields: Mapping[str, Row]


def _operation(family: str, shared: _Shared, row: Row) -> Operation:
    where = f"{family}.{row['id']}"
    _check(row, _OPERATION_KEYS, where)
    rows = _rows(row, "parameter", shared.parameters, where)
    return Operation(
        id=where,
        family=family,
        family_title=shared.title,
        title=row["title"],
        help=row["help"],
        synonyms=tuple(row["words"]),
        method=row["method"],
        api=Api(row["api"]),
        url=row["url"],
        parameters=tuple(_parameter(name, each, where) for name, each in rows),
        rules=tuple(_rule(each, where) for each in row.get("rule", ())),
        body=_body(row["body"], shared, where) if "body" in row else None,
        credentials=tuple(CredentialKind(kind) for kind in row["credentials"]),
        adds=tuple(row.get("adds", ())),
        safety=Safety(row["safety"]),
        repeat=Repeat(row["repeat"]),
        bucket=Bucket(row.get("bucket", "none")),
        stage=Stage(row.get("stage", "current")),
        replacement=row.get("replacement", ""),
        ends=row.get("ends"),
        link=_REFERENCE + row.get("page", row["id"]),
    )


def _rows(
    row: Row, kind: str, shared: Mapping[str, Row], where: str
) -> list[tuple[str, Row]]:
    """Return the documented parameters or fields, with defaults applied."""
    listed, own = row.get(f"{kind}s", []), row.get(kind, {})
    _check(own, frozenset(listed), f"{where}, {kind}s")
    return [(name, {**shared.get(name, {}), **own.get(name, {})}) for name in listed]


def _rule(row: Row, where: str) -> Rule:
    match row:
        case {"one_of": groups}:
            return OneOf(tuple(map(tuple, groups)))
        case {"keep": kept, "not": dropped}:
            return NotBoth(kept, dropped)
        case {"with": name, "needs": needed}:
            _check(row, _NEEDS_KEYS, f"{where}, {name}")
            return Needs(name, needed, row.get("unless", ""))
        case _:
            raise AssertionError(f"{where}: {dict(row)} is not a rule")


def _parameter(name: str, row: Row, where: str) -> Parameter:
    _check(row, _PARAMETER_KEYS, f"{where}, {name}")
    return Parameter(
        name=name,
        location=ParameterLocation(row.get("in", "query")),
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
        generated=row.get("given", False),
    )


def _body(row: Row, shared: _Shared, where: str) -> BodyPlan:
    _check(row, _BODY_KEYS, f"{where}, body")
    return BodyPlan(
        types=tuple(row["types"]),
        shape=Shape(row.get("shape", "object")),
        example=row["example"].removesuffix("\n"),
        mandatory=row.get("mandatory", True),
        fields=_fields(row, shared, where),
        chosen_by=row.get("chosen_by", ""),
        variants=tuple(
            _variant(each, shared, where) for each in row.get("variants", ())
        ),
        key=row.get("key", ""),
        most_records=row.get("most_records", 0),
        most_bytes=row.get("most_bytes", 0),
    )


def _variant(row: Row, shared: _Shared, where: str) -> Variant:
    _check(row, _VARIANT_KEYS, f"{where}, {row['value']}")
    return Variant(
        value=row["value"],
        title=row["title"],
        fields=_fields(row, shared, where),
        example=row["example"].removesuffix("\n"),
    )


def _fields(row: Row, shared: _Shared, where: str) -> tuple[BodyField, ...]:
    rows = _rows(row, "field", shared.fields, where)
    return tuple(_field(name, each, where) for name, each in rows)


def _field(name: str, row: Row, where: str) -> BodyField:
    _check(row, _FIELD_KEYS, f"{where}, {name}")
    return BodyField(
        name=name,
        type=ValueType(row.get("type", "string")),
        help=row["help"],
        required=row.get("required", False),
        allowed=tuple(row.get("allowed", ())),
        default=row.get("default", ""),
        nullable=row.get("nullable", False),
        names=_names(row),
    )


def _names(row: Row) -> NameKind | None:
    return NameKind(row["names"]) if "names" in row else None


def _check(row: Row, known: frozenset[str], where: str) -> None:
    """Reject unknown keys: a typo in a file is found on first use."""
    unknown = sorted(set(row) - known)
    assert not unknown, f"catalogue: {where}: unknown {', '.join(unknown)}"


__all__ = [
    "FAMILIES",
    "BodyField",
    "BodyPlan",
    "NameKind",
    "Needs",
    "NotBoth",
    "OneOf",
    "Operation",
    "Parameter",
    "ParameterLocation",
    "Repeat",
    "Rule",
    "Shape",
    "Stage",
    "ValueType",
    "Variant",
    "family_operations",
    "find_operation",
    "operations",
]

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
"""The families, which are also their file names."""


@cache
def operations() -> tuple[Operation, ...]:
    """Return all operations, family by family."""
    return tuple(each for family in FAMILIES for each in family_operations(family))


def find_operation(id: str) -> Operation | None:
    """Return the operation with an id, or None."""
    family = id.partition(".")[0]
    if family not in FAMILIES:
        return None
    return next((each for each in family_operations(family) if each.id == id), None)


@cache
def family_operations(family: str) -> tuple[Operation, ...]:
    """Return the operations of one family, in the order of its file.

    Raises:
        AssertionError: The file contains an unknown key.
    """
    return read_family(family, read_data(f"catalogue/{family}.toml"))
