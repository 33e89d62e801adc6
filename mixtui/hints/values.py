"""Check whether the text of a value suits its parameter or form field."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import unquote

from mixtui import jsontext
from mixtui.hints.model import suggest_name
from mixtui.jsontext import Number
from mixtui.mixpanel.catalogue import BodyField, NameKind, Parameter, ValueType
from mixtui.mixpanel.expressions import property_expression

_INTEGER = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_OTHER_DATE = re.compile(r"([0-9]{4})[-/.]?([0-9]{1,2})[-/.]?([0-9]{1,2})(T.*)?")
_BOOLEANS = {"1": "true", "yes": "true", "0": "false", "no": "false"}
_FLAGS = {"true": "1", "yes": "1", "false": "0", "no": "0"}
_ESCAPED = re.compile(r"%(5B|5D|7B|7D|22|20|2C|3A|24)", re.IGNORECASE)
_ESCAPED_TEXT = re.compile(r"%(5B|22)", re.IGNORECASE)
"""In an expression % is also an operator."""
_BARE_NAME = re.compile(r"\$?[^\W\d][\w $.-]*")
_WORDS_OF_EXPRESSIONS = frozenset(
    ("and", "or", "not", "in", "defined", "true", "false")
)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a value."""

    problem: str
    """Completes "NAME is VALUE, but": ``takes an integer``."""
    better: str | None = None
    """The value that was certainly meant."""
    asks: bool = True
    """Whether to ask "did you mean ...?"."""


def wrong_value(known: Parameter | BodyField, value: str) -> Wrong | None:
    """Return what is wrong with a non-empty value, or None."""
    if (once := encoded_twice(known.type, value)) is not None:
        return Wrong("is percent-encoded already, and would be encoded again", once)
    if known.allowed:
        return _wrong_choice(known, value)
    if known.type is ValueType.STRING or known.type is ValueType.REPEATED:
        return _wrong_text(known, value)
    check = _CHECKS.get(known.type)
    if check is None:
        return None
    return check(value) or _bare_property(known, value) or _out_of_range(known, value)


def encoded_twice(kind: ValueType, value: str) -> str | None:
    """Return the decoded value if it is already percent-encoded."""
    escapes = _ESCAPED_TEXT if kind is ValueType.EXPRESSION else _ESCAPED
    if "%" not in value or not escapes.search(value):
        return None
    once = unquote(value)
    return None if "�" in once else once


def day(value: str) -> date | None:
    """Return a date in Mixpanel's format, or None."""
    match = _DATE.fullmatch(value)
    return _calendar(*match.groups()) if match else None


def _calendar(year: str, month: str, of_month: str) -> date | None:
    try:
        return date(int(year), int(month), int(of_month))
    except ValueError:
        return None


def _wrong_choice(known: Parameter | BodyField, value: str) -> Wrong | None:
    if value in known.allowed:
        return None
    unquoted = value.strip().strip("\"'")
    if known.type in (ValueType.BOOLEAN, ValueType.FLAG):
        unquoted = (_FLAGS if "1" in known.allowed else _BOOLEANS).get(
            unquoted.lower(), unquoted
        )
    meant = (
        unquoted if unquoted in known.allowed else suggest_name(unquoted, known.allowed)
    )
    one_of = "takes one of " if len(known.allowed) > 1 else "takes only "
    return Wrong(one_of + ", ".join(known.allowed), meant or None)


def _integer(value: str) -> Wrong | None:
    if _INTEGER.fullmatch(value):
        return None
    unquoted = value.strip().strip("\"'").replace(",", "").replace("_", "")
    better = unquoted if _INTEGER.fullmatch(unquoted) else None
    return Wrong("takes an integer", better)


def _number(value: str) -> Wrong | None:
    return None if _NUMBER.fullmatch(value) else Wrong("takes a number")


def _boolean(value: str) -> Wrong | None:
    if value in ("true", "false"):
        return None
    meant = value.strip().lower()
    meant = _BOOLEANS.get(meant, meant)
    return Wrong("takes true or false", meant if meant in ("true", "false") else None)


def _flag(value: str) -> Wrong | None:
    if value in ("0", "1"):
        return None
    return Wrong("takes 0 or 1", _FLAGS.get(value.strip().lower()))


def _date(value: str) -> Wrong | None:
    if day(value) is not None:
        return None
    match = _OTHER_DATE.fullmatch(value.strip().strip("\"'"))
    meant = _calendar(*match.groups()[:3]) if match else None
    return Wrong("takes a date: yyyy-mm-dd", meant.isoformat() if meant else None)


def _list(value: str) -> Wrong | None:
    mark = value.lstrip()[:1]
    if mark == "[":
        mistake = jsontext.check(value)
        return None if mistake is None else Wrong(f"is no whole JSON list: {mistake}")
    if mark == '"' and jsontext.check(value) is None:
        return Wrong("takes a JSON list", f"[{value.strip()}]")
    bare = mark not in ("{", "'", '"') and value.strip() == value
    listed = json.dumps([value], ensure_ascii=False) if bare else None
    return Wrong("takes a JSON list", listed)


def _object(value: str) -> Wrong | None:
    if not value.lstrip().startswith("{"):
        return Wrong("takes a JSON object")
    mistake = jsontext.check(value)
    return None if mistake is None else Wrong(f"is no whole JSON object: {mistake}")


def _expression(value: str) -> Wrong | None:
    if value.lstrip().startswith("["):
        return Wrong('takes an expression, such as properties["plan"], and no list')
    return None


_CHECKS = {
    ValueType.INTEGER: _integer,
    ValueType.NUMBER: _number,
    ValueType.BOOLEAN: _boolean,
    ValueType.FLAG: _flag,
    ValueType.DATE: _date,
    ValueType.LIST: _list,
    ValueType.OBJECT: _object,
    ValueType.EXPRESSION: _expression,
}


def _wrong_text(known: Parameter | BodyField, value: str) -> Wrong | None:
    """Check a plain text: quotes or brackets around it would become part of it."""
    repeated = known.type is ValueType.REPEATED
    if value.startswith('"') and value.endswith('"') and len(value) > 2:
        inside = _json(value)
        if isinstance(inside, str):
            return Wrong("is taken with its quotes: leave them out", inside)
    if (known.names is None and not repeated) or not value.startswith("["):
        return None
    names = _json(value)
    if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
        return None
    one = str(names[0]) if len(names) == 1 else None
    if repeated:
        return Wrong("takes one value a row, and no JSON list: repeat the row", one)
    return Wrong("takes one bare name, and no JSON list", one)


def _json(text: str) -> object:
    if jsontext.check(text) is not None:
        return None
    return json.loads(text, parse_int=str, parse_float=str)


def _bare_property(known: Parameter | BodyField, value: str) -> Wrong | None:
    """Check that a property is in brackets: ``properties["plan"]``."""
    if known.type is not ValueType.EXPRESSION or known.names is not NameKind.PROPERTY:
        return None
    if not _BARE_NAME.fullmatch(value):
        return None
    if value.lower() in _WORDS_OF_EXPRESSIONS:
        return None
    better = property_expression(value)
    return Wrong("takes an expression", better)


def _out_of_range(known: Parameter | BodyField, value: str) -> Wrong | None:
    if isinstance(known, BodyField) or not _INTEGER.fullmatch(value):
        return None
    if known.maximum is not None and int(value) > known.maximum:
        return Wrong(f"takes at most {known.maximum:,}", str(known.maximum), asks=False)
    if known.minimum is not None and int(value) < known.minimum:
        return Wrong(
            f"takes at least {known.minimum:,}", str(known.minimum), asks=False
        )
    return None


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
    """Return what is wrong with a value, to follow the field's name; empty if nothing
    is.
    """
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


def _fits(kind: ValueType, value: object) -> bool:
    text = isinstance(value, str) and not isinstance(value, Number)
    match kind:
        case ValueType.STRING:
            # Ids are also written as numbers.
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
