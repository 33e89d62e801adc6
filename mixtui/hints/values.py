"""Check a value against the type and limits of its parameter or field.

Own code rather than a JSON Schema: a hint names the value that was meant, and a schema
only says what does not fit. Half of the values are text of a URL, not JSON.
"""

from __future__ import annotations

import json
import re
from datetime import date
from urllib.parse import unquote

from msgspec import Struct

from mixtui import jsontext
from mixtui.hints.model import closest_name
from mixtui.jsontext import Number
from mixtui.mixpanel.catalogue import BodyField, NameKind, Parameter, ValueType
from mixtui.mixpanel.expression_check import check as check_expression
from mixtui.mixpanel.expression_check import is_bare_name
from mixtui.mixpanel.expressions import property_expression
from mixtui.patterns import compile_late

_INTEGER = compile_late(r"-?[0-9]{1,18}")
_NUMBER = compile_late(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_DATE = compile_late(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_LENIENT_DATE = compile_late(r"([0-9]{4})[-/.]?([0-9]{1,2})[-/.]?([0-9]{1,2})(T.*)?")
_BOOLEAN_SYNONYMS = {"1": "true", "yes": "true", "0": "false", "no": "false"}
_FLAG_SYNONYMS = {"true": "1", "yes": "1", "false": "0", "no": "0"}
_ESCAPED = compile_late(r"%(5B|5D|7B|7D|22|20|2C|3A|24)", re.IGNORECASE)
_ESCAPED_TEXT = compile_late(r"%(5B|22)", re.IGNORECASE)
"""Fewer escapes count in an expression, where % is an operator too."""


class ValueMistake(Struct, frozen=True):
    """What is wrong with a value."""

    problem: str
    """Completes "NAME is VALUE, but": ``takes an integer``."""
    correction: str | None = None
    """The value that was meant; None = unclear."""
    asks: bool = True
    """Whether the message asks "did you mean CORRECTION?"."""


def check_value(parameter: Parameter | BodyField, value: str) -> ValueMistake | None:
    """Return what is wrong with a non-empty value; None = nothing."""
    if (decoded := decode_encoded(parameter.type, value)) is not None:
        return ValueMistake(
            "is already percent-encoded and would be encoded twice", decoded
        )
    if parameter.allowed:
        return _check_choice(parameter, value)
    if parameter.type is ValueType.STRING or parameter.type is ValueType.REPEATED:
        return _check_text(parameter, value)
    check_type = _TYPE_CHECKS.get(parameter.type)
    if check_type is None:
        return None
    return (
        check_type(value)
        or _check_expression(parameter, value)
        or _check_range(parameter, value)
    )


def decode_encoded(kind: ValueType, value: str) -> str | None:
    """Decode a value that is percent-encoded already; None = it is not."""
    escapes = _ESCAPED_TEXT if kind is ValueType.EXPRESSION else _ESCAPED
    if "%" not in value or not escapes.search(value):
        return None
    decoded = unquote(value)
    return None if "�" in decoded else decoded


def parse_date(value: str) -> date | None:
    """Parse a date in Mixpanel's format (``yyyy-mm-dd``); None = it is not one."""
    match = _DATE.fullmatch(value)
    return _to_date(*match.groups()) if match else None


def _to_date(year: str, month: str, day_of_month: str) -> date | None:
    try:
        return date(int(year), int(month), int(day_of_month))
    except ValueError:
        return None


def _check_choice(parameter: Parameter | BodyField, value: str) -> ValueMistake | None:
    if value in parameter.allowed:
        return None
    unquoted = value.strip().strip("\"'")
    if parameter.type in (ValueType.BOOLEAN, ValueType.FLAG):
        unquoted = (
            _FLAG_SYNONYMS if "1" in parameter.allowed else _BOOLEAN_SYNONYMS
        ).get(unquoted.lower(), unquoted)
    correction = (
        unquoted
        if unquoted in parameter.allowed
        else closest_name(unquoted, parameter.allowed)
    )
    one_of = "must be one of " if len(parameter.allowed) > 1 else "must be "
    return ValueMistake(one_of + ", ".join(parameter.allowed), correction or None)


def _check_integer(value: str) -> ValueMistake | None:
    if _INTEGER.fullmatch(value):
        return None
    unquoted = value.strip().strip("\"'").replace(",", "").replace("_", "")
    correction = unquoted if _INTEGER.fullmatch(unquoted) else None
    return ValueMistake("must be an integer", correction)


def _check_number(value: str) -> ValueMistake | None:
    return None if _NUMBER.fullmatch(value) else ValueMistake("must be a number")


def _check_boolean(value: str) -> ValueMistake | None:
    if value in ("true", "false"):
        return None
    correction = value.strip().lower()
    correction = _BOOLEAN_SYNONYMS.get(correction, correction)
    return ValueMistake(
        "must be true or false", correction if correction in ("true", "false") else None
    )


def _check_flag(value: str) -> ValueMistake | None:
    if value in ("0", "1"):
        return None
    return ValueMistake("must be 0 or 1", _FLAG_SYNONYMS.get(value.strip().lower()))


def _check_date(value: str) -> ValueMistake | None:
    if parse_date(value) is not None:
        return None
    match = _LENIENT_DATE.fullmatch(value.strip().strip("\"'"))
    correction = _to_date(*match.groups()[:3]) if match else None
    return ValueMistake(
        "must be a date: yyyy-mm-dd", correction.isoformat() if correction else None
    )


def _check_list(value: str) -> ValueMistake | None:
    opener = value.lstrip()[:1]
    if opener == "[":
        mistake = jsontext.check(value)
        return (
            None
            if mistake is None
            else ValueMistake(f"is not a complete JSON list: {mistake}")
        )
    if opener == '"' and jsontext.check(value) is None:
        return ValueMistake("must be a JSON list", f"[{value.strip()}]")
    is_plain = opener not in ("{", "'", '"') and value.strip() == value
    correction = json.dumps([value], ensure_ascii=False) if is_plain else None
    return ValueMistake("must be a JSON list", correction)


def _check_object(value: str) -> ValueMistake | None:
    if not value.lstrip().startswith("{"):
        return ValueMistake("must be a JSON object")
    mistake = jsontext.check(value)
    return (
        None
        if mistake is None
        else ValueMistake(f"is not a complete JSON object: {mistake}")
    )


def _check_no_list(value: str) -> ValueMistake | None:
    if value.lstrip().startswith("["):
        return ValueMistake(
            'must be an expression such as properties["plan"], not a list'
        )
    return None


_TYPE_CHECKS = {
    ValueType.INTEGER: _check_integer,
    ValueType.NUMBER: _check_number,
    ValueType.BOOLEAN: _check_boolean,
    ValueType.FLAG: _check_flag,
    ValueType.DATE: _check_date,
    ValueType.LIST: _check_list,
    ValueType.OBJECT: _check_object,
    ValueType.EXPRESSION: _check_no_list,
}


def _check_text(parameter: Parameter | BodyField, value: str) -> ValueMistake | None:
    """Warn of quotes or brackets around a plain text: they would become part of it."""
    is_repeated = parameter.type is ValueType.REPEATED
    if value.startswith('"') and value.endswith('"') and len(value) > 2:
        unquoted = _parse_json(value)
        if isinstance(unquoted, str):
            return ValueMistake("is sent with its quotes: remove them", unquoted)
    if (parameter.names is None and not is_repeated) or not value.startswith("["):
        return None
    names = _parse_json(value)
    if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
        return None
    correction = str(names[0]) if len(names) == 1 else None
    if is_repeated:
        return ValueMistake(
            "must be one value per row, not a JSON list: repeat the row", correction
        )
    return ValueMistake("must be a single plain name, not a JSON list", correction)


def _parse_json(text: str) -> object:
    if jsontext.check(text) is not None:
        return None
    return json.loads(text, parse_int=str, parse_float=str)


def _check_expression(
    parameter: Parameter | BodyField, value: str
) -> ValueMistake | None:
    """Return the first problem of an expression."""
    if parameter.type is not ValueType.EXPRESSION:
        return None
    names_property = parameter.names is NameKind.PROPERTY
    if names_property and is_bare_name(value):
        return ValueMistake("must be an expression", property_expression(value.strip()))
    problem = next(iter(check_expression(value, property_alone=names_property)), None)
    if problem is None:
        return None
    return ValueMistake(f"is not valid at {problem}", problem.fix)


def _check_range(parameter: Parameter | BodyField, value: str) -> ValueMistake | None:
    if isinstance(parameter, BodyField) or not _INTEGER.fullmatch(value):
        return None
    if parameter.maximum is not None and int(value) > parameter.maximum:
        return ValueMistake(
            f"must be at most {parameter.maximum:,}", str(parameter.maximum), asks=False
        )
    if parameter.minimum is not None and int(value) < parameter.minimum:
        return ValueMistake(
            f"must be at least {parameter.minimum:,}",
            str(parameter.minimum),
            asks=False,
        )
    return None


_TYPE_NAMES = {
    ValueType.STRING: "text",
    ValueType.INTEGER: "an integer",
    ValueType.NUMBER: "a number",
    ValueType.BOOLEAN: "true or false",
    ValueType.FLAG: "0 or 1",
    ValueType.DATE: "a date: yyyy-mm-dd",
    ValueType.EXPRESSION: "an expression as a string",
    ValueType.LIST: "a list",
    ValueType.OBJECT: "an object",
    ValueType.REPEATED: "a list",
}


def check_json_value(field: BodyField, value: object) -> str:
    """Return what is wrong with a JSON value, to follow the field's name; empty = nothing."""
    type_name = _TYPE_NAMES.get(field.type)
    if type_name is None or (value is None and (field.nullable or not field.required)):
        return ""
    if not _fits_type(field.type, value):
        is_text = isinstance(value, str) and not isinstance(value, Number)
        takes_plain = field.type in (
            ValueType.INTEGER,
            ValueType.NUMBER,
            ValueType.BOOLEAN,
        )
        remedy = ", without quotes" if is_text and takes_plain else ""
        return f"is {type_noun(value)}, but must be {type_name}{remedy}"
    if (
        field.allowed
        and not isinstance(value, bool)
        and str(value) not in field.allowed
    ):
        return f"must be one of {', '.join(field.allowed)}"
    if field.type is ValueType.EXPRESSION and isinstance(value, str):
        mistake = _check_no_list(value) or _check_expression(field, value)
        return mistake.problem if mistake is not None else ""
    if field.required and value == "" and field.name.rpartition(".")[2] != "$delete":
        return "is empty: set a value"
    return ""


def type_noun(value: object) -> str:
    """Return the type of a JSON value as a noun."""
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


def _fits_type(kind: ValueType, value: object) -> bool:
    is_text = isinstance(value, str) and not isinstance(value, Number)
    match kind:
        case ValueType.STRING:
            # A Number is a str, and ids are written as numbers too.
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
            return is_text and parse_date(str(value)) is not None
        case ValueType.EXPRESSION:
            return is_text
        case ValueType.LIST:
            return isinstance(value, list)
        case ValueType.OBJECT:
            return isinstance(value, dict)
        case ValueType.REPEATED:
            return is_text or isinstance(value, list)
        case ValueType.ANY:
            return True
