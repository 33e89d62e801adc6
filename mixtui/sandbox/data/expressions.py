"""Parse and evaluate segmentation expressions such as ``properties["plan"] == "pro"``.

https://developer.mixpanel.com/reference/segmentation-expressions
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TypeAlias

from msgspec import Struct, field

from mixtui.mixpanel.expressions import (
    FUNCTIONS,
    SCOPES,
    SYMBOLS,
    Token,
    TokenKind,
    tokenize,
    unescape,
)
from mixtui.sandbox.data.json_text import Json

MAX_LENGTH = 10_000
# Limits the recursion, here and in `evaluate`, to less than Python's own limit.
MAX_DEPTH = 150
MAX_OPERATORS = 300
_LOGICAL_LEVELS = (("or",), ("and",))
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=", "in")
_SUMS = ("+", "-")
_PRODUCTS = ("*", "/", "%")
_KINDS = (TokenKind.NUMBER, TokenKind.STRING, TokenKind.WORD, TokenKind.SYMBOL)
_OPERATORS = frozenset(("or", "and", "not", *_COMPARISONS, *_SUMS, *_PRODUCTS))


class ExpressionError(ValueError):
    """The text is not an expression, or one that the sandbox does not support."""


class Literal(Struct, frozen=True):
    """A number, text, ``true``, ``false`` or ``undefined`` (None)."""

    value: float | str | bool | None


class Property(Struct, frozen=True):
    """``properties["x"]``, ``user["x"]`` or ``event["x"]``."""

    scope: str
    name: str


class Unary(Struct, frozen=True):
    """``not x`` or ``-x``."""

    operator: str
    operand: Expression


class Binary(Struct, frozen=True):
    """Two operands and their operator."""

    operator: str
    left: Expression
    right: Expression


class FunctionCall(Struct, frozen=True):
    """``defined(x)`` and similar functions of one argument."""

    function: str
    argument: Expression


class ListLiteral(Struct, frozen=True):
    """``["a", "b"]``."""

    items: tuple[Expression, ...]


Expression: TypeAlias = Literal | Property | Unary | Binary | FunctionCall | ListLiteral


def parse(text: str) -> Expression:
    """Parse an expression; ExpressionError says where it is invalid."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"longer than {MAX_LENGTH} characters")
    tokens = list(_tokens(text))
    if sum(token.text in _OPERATORS for token in tokens) > MAX_OPERATORS:
        raise ExpressionError(f"more than {MAX_OPERATORS} operators")
    parser = _Parser(tokens)
    expression = parser.binary(0)
    parser.end()
    return expression


def _tokens(text: str) -> Iterator[Token]:
    for token in tokenize(text):
        is_known_kind = token.kind in _KINDS
        if not is_known_kind or (
            token.kind is TokenKind.SYMBOL and token.text not in SYMBOLS
        ):
            raise ExpressionError(f"unexpected {token.text[:1]!r} at {token.start}")
        yield token
    yield Token(TokenKind.OTHER, "", len(text.rstrip()))


class _Parser:
    """Precedence climbing: or, and, not, comparison, sum, product, sign."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def binary(self, level: int) -> Expression:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError("nested too deeply")
        expression = self._binary(level)
        self._depth -= 1
        return expression

    def _binary(self, level: int) -> Expression:
        match level:
            case 0 | 1:
                return self._chain(_LOGICAL_LEVELS[level], level + 1)
            case 2:
                if self._take("not"):
                    return Unary("not", self.binary(2))
                return self.binary(3)
            case 3:
                return self._comparison()
            case 4:
                return self._chain(_SUMS, 5)
            case 5:
                return self._chain(_PRODUCTS, 6)
            case _:
                if self._take("-"):
                    return Unary("-", self.binary(6))
                return self._primary()

    def end(self) -> None:
        if self._peek().text:
            raise self._unexpected()

    def _chain(self, operators: tuple[str, ...], level: int) -> Expression:
        left = self.binary(level)
        while operator := self._take(*operators):
            left = Binary(operator, left, self.binary(level))
        return left

    def _comparison(self) -> Expression:
        left = self.binary(4)
        if self._take("not"):
            self._expect("in")
            return Unary("not", Binary("in", left, self.binary(4)))
        if operator := self._take(*_COMPARISONS):
            return Binary(operator, left, self.binary(4))
        return left

    def _primary(self) -> Expression:
        token = self._peek()
        if self._take("("):
            expression = self.binary(0)
            self._expect(")")
            return expression
        if self._take("["):
            return self._list()
        self._next += 1
        match token.kind:
            case TokenKind.NUMBER:
                return Literal(float(token.text))
            case TokenKind.STRING:
                return Literal(unescape(token.text[1:-1]))
            case TokenKind.WORD:
                return self._word(token)
        self._next -= 1
        raise self._unexpected()

    def _word(self, token: Token) -> Expression:
        if token.text in ("true", "false"):
            return Literal(token.text == "true")
        if token.text in ("undefined", "null"):
            return Literal(None)
        if token.text in SCOPES:
            self._expect("[")
            name = self._peek()
            if name.kind is not TokenKind.STRING:
                raise self._unexpected()
            self._next += 1
            self._expect("]")
            return Property(token.text, unescape(name.text[1:-1]))
        if token.text in FUNCTIONS:
            self._expect("(")
            argument = self.binary(0)
            self._expect(")")
            return FunctionCall(token.text, argument)
        raise ExpressionError(f"unknown name {token.text!r} at {token.start}")

    def _list(self) -> Expression:
        items: list[Expression] = []
        if self._take("]"):
            return ListLiteral(())
        while True:
            items.append(self.binary(0))
            if self._take("]"):
                return ListLiteral(tuple(items))
            self._expect(",")

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self, *texts: str) -> str:
        token = self._peek()
        if token.kind in (TokenKind.WORD, TokenKind.SYMBOL) and token.text in texts:
            self._next += 1
            return token.text
        return ""

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise self._unexpected()

    def _unexpected(self) -> ExpressionError:
        token = self._peek()
        found_text = repr(token.text) if token.text else "end"
        return ExpressionError(f"unexpected {found_text} at {token.start}")


class Scope(Struct, frozen=True):
    """The values of an expression's properties; a missing one is None."""

    properties: Mapping[str, Json]
    user: Mapping[str, Json] = field(default_factory=dict)
    event: Mapping[str, Json] = field(default_factory=dict)

    def find(self, property: Property) -> Json:
        """Return the property's value."""
        match property.scope:
            case "user":
                return self.user.get(property.name)
            case "event":
                return self.event.get(property.name)
            case _:
                return self.properties.get(property.name)


def uses_profile(expression: Expression) -> bool:
    """Return whether the expression uses ``user[...]``."""
    match expression:
        case Property(scope):
            return scope == "user"
        case Unary(_, operand) | FunctionCall(_, operand):
            return uses_profile(operand)
        case Binary(_, left, right):
            return uses_profile(left) or uses_profile(right)
        case ListLiteral(items):
            return any(uses_profile(item) for item in items)
        case Literal():
            return False


def is_match(expression: Expression, scope: Scope) -> bool:
    """Return whether a condition is true; values other than booleans count as in Python."""
    return bool(evaluate(expression, scope))


def evaluate(expression: Expression, scope: Scope) -> Json:
    """Return the value; None if an operand is undefined or of the wrong type."""
    match expression:
        case Literal(literal):
            return literal
        case Property():
            return scope.find(expression)
        case ListLiteral(items):
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
            return _evaluate_binary(sign, evaluate(left, scope), evaluate(right, scope))
        case FunctionCall(function, argument):
            return _FUNCTIONS[function](evaluate(argument, scope))


def as_number(item: Json) -> float | None:
    """Return a value as a number, or None."""
    if isinstance(item, bool) or not isinstance(item, int | float):
        return None
    return item


def _evaluate_binary(operator_text: str, left: Json, right: Json) -> Json:
    if operator_text in ("==", "!="):
        return _equal(left, right) is (operator_text == "==")
    if operator_text == "in":
        return _contains(left, right)
    if operator_text in _ORDER_OPERATORS:
        return _ordered(operator_text, left, right)
    if operator_text == "+" and isinstance(left, str) and isinstance(right, str):
        return left + right
    return _arithmetic(operator_text, as_number(left), as_number(right))


def _equal(left: Json, right: Json) -> bool:
    # In Python True == 1; in an expression a boolean is not a number.
    return isinstance(left, bool) is isinstance(right, bool) and left == right


def _contains(left: Json, right: Json) -> bool:
    if isinstance(right, list):
        return any(_equal(left, item) for item in right)
    return isinstance(left, str) and isinstance(right, str) and left in right


def _ordered(operator_text: str, left: Json, right: Json) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return _ORDER_OPERATORS[operator_text](left, right)
    first, second = as_number(left), as_number(right)
    return (
        first is not None
        and second is not None
        and _ORDER_OPERATORS[operator_text](first, second)
    )


def _arithmetic(operator_text: str, left: float | None, right: float | None) -> Json:
    if left is None or right is None:
        return None
    try:
        result = _ARITHMETIC_OPERATORS[operator_text](left, right)
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
    """Return seconds since the epoch, from ISO text or a number (s or ms)."""
    if isinstance(item, str):
        try:
            moment = datetime.fromisoformat(item)
        except ValueError:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    number = as_number(item)
    return number / 1000 if number is not None and abs(number) > 1e11 else number


def _rounded(rounding: Callable[[float], float]) -> Callable[[Json], Json]:
    def function(item: Json) -> Json:
        number = as_number(item)
        return None if number is None else rounding(number)

    return function


_ORDER_OPERATORS: dict[str, Callable[..., bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ARITHMETIC_OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": math.fmod,
}
_FUNCTIONS: dict[str, Callable[[Json], Json]] = {
    "boolean": bool,
    "ceil": _rounded(math.ceil),
    "datetime": _datetime,
    "defined": lambda item: item is not None,
    "floor": _rounded(math.floor),
    "number": _number,
    "round": _rounded(lambda number: math.floor(number + 0.5)),
    "string": _string,
}
