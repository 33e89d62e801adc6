"""What a segmentation expression gives for one event or profile."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from mixtui.sandbox.expressions import (
    Binary,
    Expression,
    FunctionCall,
    ListOf,
    Literal,
    Property,
    Unary,
)
from mixtui.sandbox.json_text import Json


@dataclass(frozen=True, slots=True)
class Scope:
    """What the names of an expression stand for; a missing property is None."""

    properties: Mapping[str, Json]
    user: Mapping[str, Json] = field(default_factory=dict)
    event: Mapping[str, Json] = field(default_factory=dict)

    def find(self, property: Property) -> Json:
        """The property's value."""
        match property.scope:
            case "user":
                return self.user.get(property.name)
            case "event":
                return self.event.get(property.name)
            case _:
                return self.properties.get(property.name)


def uses_profile(expression: Expression) -> bool:
    """Whether ``user[...]`` is used anywhere."""
    match expression:
        case Property(scope):
            return scope == "user"
        case Unary(_, operand) | FunctionCall(_, operand):
            return uses_profile(operand)
        case Binary(_, left, right):
            return uses_profile(left) or uses_profile(right)
        case ListOf(items):
            return any(uses_profile(item) for item in items)
        case Literal():
            return False


def is_match(expression: Expression, scope: Scope) -> bool:
    """Whether a condition is true; values that are no boolean count as in Python."""
    return bool(evaluate(expression, scope))


def evaluate(expression: Expression, scope: Scope) -> Json:
    """The value; None where something undefined or of the wrong type comes in."""
    match expression:
        case Literal(literal):
            return literal
        case Property():
            return scope.find(expression)
        case ListOf(items):
            return [evaluate(item, scope) for item in items]
        case Unary("not", operand):
            return not is_match(operand, scope)
        case Unary(_, operand):
            negated = as_number(evaluate(operand, scope))
            return None if negated is None else -negated
        case Binary("and", left, right):
            return is_match(left, scope) and is_match(right, scope)
        case Binary("or", left, right):
            return is_match(left, scope) or is_match(right, scope)
        case Binary(sign, left, right):
            return _binary(sign, evaluate(left, scope), evaluate(right, scope))
        case FunctionCall(function, argument):
            return _FUNCTIONS[function](evaluate(argument, scope))


def as_number(item: Json) -> float | None:
    """The number that a number is; anything else is None."""
    if isinstance(item, bool) or not isinstance(item, int | float):
        return None
    return item


def _binary(sign: str, left: Json, right: Json) -> Json:
    if sign in ("==", "!="):
        return _equal(left, right) is (sign == "==")
    if sign == "in":
        return _contains(left, right)
    if sign in _ORDER:
        return _ordered(sign, left, right)
    if sign == "+" and isinstance(left, str) and isinstance(right, str):
        return left + right
    return _arithmetic(sign, as_number(left), as_number(right))


def _equal(left: Json, right: Json) -> bool:
    # In Python True == 1; in an expression a boolean is no number.
    return isinstance(left, bool) is isinstance(right, bool) and left == right


def _contains(left: Json, right: Json) -> bool:
    if isinstance(right, list):
        return any(_equal(left, item) for item in right)
    return isinstance(left, str) and isinstance(right, str) and left in right


def _ordered(sign: str, left: Json, right: Json) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return _ORDER[sign](left, right)
    first, second = as_number(left), as_number(right)
    return first is not None and second is not None and _ORDER[sign](first, second)


def _arithmetic(sign: str, left: float | None, right: float | None) -> Json:
    if left is None or right is None:
        return None
    try:
        result = _ARITHMETIC[sign](left, right)
    except (ZeroDivisionError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def _number(item: Json) -> Json:
    if isinstance(item, str):
        try:
            number = float(item)
        except ValueError:
            return None
        return number if math.isfinite(number) else None
    return int(item) if isinstance(item, bool) else as_number(item)


def _string(item: Json) -> Json:
    match item:
        case bool():
            return "true" if item else "false"
        case float() if item.is_integer():
            return str(int(item))
        case None | str():
            return item
        case _:
            return str(item)


def _datetime(item: Json) -> Json:
    """Seconds since the epoch, from ISO text or a number (s or ms)."""
    if isinstance(item, str):
        try:
            moment = datetime.fromisoformat(item)
        except ValueError:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    number = as_number(item)
    return number / 1000 if number is not None and abs(number) > 1e11 else number


def _whole(rounding: Callable[[float], float]) -> Callable[[Json], Json]:
    def function(item: Json) -> Json:
        number = as_number(item)
        return None if number is None else rounding(number)

    return function


_ORDER: dict[str, Callable[..., bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": math.fmod,
}
_FUNCTIONS: dict[str, Callable[[Json], Json]] = {
    "boolean": bool,
    "ceil": _whole(math.ceil),
    "datetime": _datetime,
    "defined": lambda item: item is not None,
    "floor": _whole(math.floor),
    "number": _number,
    "round": _whole(lambda number: math.floor(number + 0.5)),
    "string": _string,
}
