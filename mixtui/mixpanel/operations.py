"""The operations that Mixpanel documents.

They are data, one file a family in ``catalogue/`` beside this file, written in our own
words after Mixpanel's reference (https://developer.mixpanel.com/reference/overview).
A family is read when it is first asked for, so that a start reads none of them.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from mixtui.mixpanel.catalogue_file import read_family
from mixtui.mixpanel.operation import (
    BodyField,
    BodyPlan,
    Names,
    Operation,
    Parameter,
    Place,
    Repeat,
    Shape,
    Stage,
    ValueType,
    Variant,
)

__all__ = [
    "FAMILIES",
    "BodyField",
    "BodyPlan",
    "Names",
    "Operation",
    "Parameter",
    "Place",
    "Repeat",
    "Shape",
    "Stage",
    "ValueType",
    "Variant",
    "family_operations",
    "operation",
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
"""The families, and the names of their files."""


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
    """The operations of one family, in the order of its file.

    Raises:
        AssertionError: The file has a key that no field here reads.
    """
    folder = files(__package__).joinpath("catalogue")
    text = folder.joinpath(f"{family}.toml").read_text("utf-8")
    return read_family(family, text)
