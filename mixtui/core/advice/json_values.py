"""Whether a JSON value is what its field takes."""

from __future__ import annotations

from mixtui.core.advice.reading import Number
from mixtui.core.advice.values import day
from mixtui.mixpanel.operations import BodyField, ValueType

_TAKES = {
    ValueType.STRING: "text",
    ValueType.INTEGER: "an integer",
    ValueType.NUMBER: "a number",
    ValueType.BOOLEAN: "true or false",
    ValueType.FLAG: "0 or 1",
    ValueType.DATE: "a date: yyyy-mm-dd",
    ValueType.EXPRESSION: "an expression as text",
    ValueType.LIST: "a list",
    ValueType.OBJECT: "an object",
    ValueType.REPEATED: "a list",
}


def wrong_json(field: BodyField, value: object) -> str:
    """Why a value does not fit, to stand behind the field's name; empty if it does."""
    takes = _TAKES.get(field.type)
    if takes is None or (value is None and (field.nullable or not field.required)):
        return ""
    if not _fits(field.type, value):
        quoted = isinstance(value, str) and not isinstance(value, Number)
        plain = field.type in (ValueType.INTEGER, ValueType.NUMBER, ValueType.BOOLEAN)
        more = ", without quotes" if quoted and plain else ""
        return f"is {kind_of(value)}, but takes {takes}{more}"
    if (
        field.allowed
        and not isinstance(value, bool)
        and str(value) not in field.allowed
    ):
        return f"takes one of {', '.join(field.allowed)}"
    if field.required and value == "" and field.name.rpartition(".")[2] != "$delete":
        return "is empty: give it a value"
    return ""


def kind_of(value: object) -> str:
    """What a JSON value is, in words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case Number():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "an object"


def _fits(kind: ValueType, value: object) -> bool:
    text = isinstance(value, str) and not isinstance(value, Number)
    match kind:
        case ValueType.STRING:
            # Ids are written as numbers too.
            return isinstance(value, str)
        case ValueType.INTEGER:
            return isinstance(value, Number) and value.lstrip("-").isdigit()
        case ValueType.NUMBER:
            return isinstance(value, Number)
        case ValueType.BOOLEAN:
            return isinstance(value, bool)
        case ValueType.FLAG:
            return isinstance(value, bool) or value in ("0", "1")
        case ValueType.DATE:
            return text and day(str(value)) is not None
        case ValueType.EXPRESSION:
            return text
        case ValueType.LIST:
            return isinstance(value, list)
        case ValueType.OBJECT:
            return isinstance(value, dict)
        case ValueType.REPEATED:
            return text or isinstance(value, list)
        case ValueType.ANY:
            return True
