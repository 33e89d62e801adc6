"""Which editor suits a value: by what the operation takes, or else by its looks."""

from __future__ import annotations

import re
from enum import StrEnum

from mixtui.core.json_param import decoded
from mixtui.core.json_text import first_character
from mixtui.mixpanel.operations import Operation, ValueType

_EXPRESSIONS = ("where", "on", "born_where")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\{\{\s*(today([+-]\d+[dw])?|month_start)\s*\}\}")


class ValueKind(StrEnum):
    """What a value is to an editor; the words stand in the last line."""

    LIST = "list"
    OBJECT = "object"
    JSON = "JSON"
    """Some JSON."""
    EXPRESSION = "expression"
    DATE = "date"
    TEXT = "value"
    """Any text."""

    @property
    def is_json(self) -> bool:
        """Whether it is JSON."""
        return self in (ValueKind.LIST, ValueKind.OBJECT, ValueKind.JSON)


_KINDS = {
    ValueType.LIST: ValueKind.LIST,
    ValueType.OBJECT: ValueKind.OBJECT,
    ValueType.EXPRESSION: ValueKind.EXPRESSION,
    ValueType.DATE: ValueKind.DATE,
}


def offered_kind(name: str, operation: Operation | None) -> ValueKind | None:
    """The kind that the operation gives a parameter or field, if it is a hard one."""
    if operation is None:
        return None
    if parameter := operation.parameter(name):
        return _KINDS.get(parameter.type)
    if operation.body is None:
        return None
    fields = [*operation.body.fields]
    fields += [f for variant in operation.body.variants for f in variant.fields]
    return next((_KINDS.get(f.type) for f in fields if f.name == name), None)


def kind_of(name: str, value: str, operation: Operation | None) -> ValueKind:
    """The kind of a value, whatever it is."""
    if kind := offered_kind(name, operation):
        return kind
    if name in _EXPRESSIONS:
        return ValueKind.EXPRESSION
    if _DATE.fullmatch(value.strip()):
        return ValueKind.DATE
    begins = first_character(value)
    if begins in ("[", "{") and not value.strip().startswith("{{"):
        return ValueKind.LIST if begins == "[" else ValueKind.OBJECT
    return ValueKind.TEXT if decoded(value) is None else ValueKind.JSON
