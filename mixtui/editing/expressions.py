"""Segmentation expressions: divided into tokens, checked, and property names wrapped.

https://developer.mixpanel.com/reference/segmentation-expressions. What is found is a
remark and never stops a send: the server has the last word.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

from mixtui.request.templates import REFERENCE

FUNCTIONS = (
    "defined",
    "number",
    "string",
    "boolean",
    "datetime",
    "floor",
    "round",
    "ceil",
)
SCOPES = ("properties", "user", "event")
CONSTANTS = ("true", "false", "undefined")
_WORD_OPERATORS = ("in", "and", "or", "not")
_CLOSES = {"(": ")", "[": "]"}
_FOREIGN = {
    "=": "==",
    "===": "==",
    "!==": "!=",
    "<>": "!=",
    "&&": "and",
    "&": "and",
    "||": "or",
    "|": "or",
    "!": "not",
}
_FOREIGN_WORDS = {
    "null": "undefined",
    "none": "undefined",
    "nil": "undefined",
    **{word: word for word in (*_WORD_OPERATORS, *CONSTANTS)},
}
"""By small letters: what people write who come from elsewhere, or in capitals."""
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<template>"""
    + REFERENCE
    + r""")
      | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
      | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<open_text>["'].*)
      | (?P<word>[A-Za-z_$][\w$.]*)
      | (?P<sign>===|!==|==|!=|<=|>=|<>|&&|\|\||[-+*/%<>=!&|()\[\],])
      | (?P<other>\S)
    )""",
    re.VERBOSE | re.DOTALL,
)


_ENCODED = re.compile(r"%(?:5B|22|27)", re.IGNORECASE)
"""A bracket or a quote, percent-encoded."""


class Kind(StrEnum):
    """What a token is."""

    NUMBER = "number"
    TEXT = "text"
    OPEN_TEXT = "open_text"
    """A text that does not end."""
    WORD = "word"
    SIGN = "sign"
    TEMPLATE = "template"
    OTHER = "other"
    """What has no place in an expression."""


@dataclass(frozen=True, slots=True)
class Token:
    """A part of an expression."""

    kind: Kind
    text: str
    start: int
    """In characters, from 0."""

    @property
    def end(self) -> int:
        """The position behind it."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Remark:
    """What is odd about an expression, and where."""

    message: str
    column: int
    """From 1, in characters."""
    fixed: str | None = None
    """The whole expression without it, where that is known."""

    def __str__(self) -> str:
        return f"column {self.column}: {self.message}"


def tokens(text: str) -> list[Token]:
    """The parts of an expression, whatever it holds."""
    found = []
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        found.append(Token(Kind(kind), match[kind], match.start(kind)))
    return found


def check(text: str, *, property_alone: bool = False) -> tuple[Remark, ...]:
    """What is odd about an expression, from left to right; nothing for an empty one.

    Args:
        text: As it is typed.
        property_alone: It is about one property (``on``), so that a bare name is
            likely to be one.
    """
    if _ENCODED.search(text) and not re.search(r"[\[\"']", text):
        words = "it is percent-encoded already, and would be encoded twice"
        return (Remark(words, 1, unquote(text.replace("+", " "))),)
    if property_alone and is_bare_name(text):
        name = text.strip()
        column = len(text) - len(text.lstrip()) + 1
        wrapped = property_of(name)
        message = f"a property is written {wrapped}"
        return (Remark(message, column, wrapped),)
    parts = tokens(text)
    remarks = list(_foreign(text, parts))
    if all(part.kind is not Kind.OPEN_TEXT for part in parts):
        remarks += _brackets(parts)
    if not remarks:
        remarks = [*_words(text, parts), *_order(text, parts)]
    return tuple(sorted(remarks, key=lambda remark: remark.column))


def is_bare_name(text: str) -> bool:
    """Whether a text is a name and no expression."""
    name = text.strip()
    if not name or name in CONSTANTS or re.search(r"[\"'\[\](){}<>=!+*/%,]", name):
        return False
    return not re.fullmatch(r"-?[\d.]+", name)


def property_of(name: str, scope: str = "properties") -> str:
    """The expression of a property: ``properties["name"]``."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'{scope}["{escaped}"]'


def property_names(text: str) -> Iterator[str]:
    """The names of properties that an expression is about."""
    parts = tokens(text)
    for scope, bracket, name in zip(parts, parts[1:], parts[2:], strict=False):
        if scope.text in SCOPES and bracket.text == "[" and name.kind is Kind.TEXT:
            yield re.sub(r"\\(.)", r"\1", name.text[1:-1], flags=re.DOTALL)


def _foreign(text: str, parts: list[Token]) -> Iterator[Remark]:
    """Signs that belong to other languages."""
    for token in parts:
        if token.kind is Kind.OPEN_TEXT:
            yield Remark(
                "the text that starts here has no closing quote", token.start + 1
            )
        elif token.kind is Kind.OTHER:
            yield Remark(f"{token.text} has no place in an expression", token.start + 1)
        elif token.kind is Kind.SIGN and token.text in _FOREIGN:
            right = _FOREIGN[token.text]
            yield Remark(
                f"{token.text} is written {right}",
                token.start + 1,
                _replaced(text, token, right),
            )


def _brackets(parts: list[Token]) -> Iterator[Remark]:
    """The first bracket without its partner."""
    opened: list[Token] = []
    for token in parts:
        if token.kind is not Kind.SIGN:
            continue
        if token.text in _CLOSES:
            opened.append(token)
        elif token.text == "," and not opened:
            yield Remark("a comma stands only within brackets", token.start + 1)
            return
        elif token.text in _CLOSES.values():
            if not opened:
                yield Remark(
                    f"nothing was opened for this {token.text}", token.start + 1
                )
                return
            before = opened.pop()
            if _CLOSES[before.text] != token.text:
                yield Remark(
                    f"{token.text} closes the {before.text} of column "
                    f"{before.start + 1}: {_CLOSES[before.text]} is due",
                    token.start + 1,
                )
                return
    if opened:
        last = opened[-1]
        yield Remark(
            f"the {last.text} that stands here has no {_CLOSES[last.text]}",
            last.start + 1,
        )


def _words(text: str, parts: list[Token]) -> Iterator[Remark]:
    """Words that are none of the language."""
    for index, token in enumerate(parts):
        if token.kind is not Kind.WORD:
            continue
        after = parts[index + 1].text if index + 1 < len(parts) else ""
        if after == "(" and token.text not in _WORD_OPERATORS:
            if token.text not in FUNCTIONS:
                yield _unknown(text, token, FUNCTIONS, "function")
        elif token.text in FUNCTIONS:
            yield Remark(
                f"{token.text} is a function: {token.text}(…)", token.start + 1
            )
        elif token.text in SCOPES:
            if after != "[":
                yield Remark(
                    f'a property is written {token.text}["name"]', token.start + 1
                )
        elif after == "[" and token.text not in (*_WORD_OPERATORS, *CONSTANTS):
            yield _unknown(text, token, SCOPES, "place of properties")
        elif token.text not in (*_WORD_OPERATORS, *CONSTANTS):
            yield _bare_word(text, token)


def _bare_word(text: str, token: Token) -> Remark:
    right = _FOREIGN_WORDS.get(token.text.lower())
    if right is not None:
        fixed = _replaced(text, token, right)
        return Remark(f"{token.text} is written {right}", token.start + 1, fixed)
    scope, dot, name = token.text.partition(".")
    right = property_of(token.text)
    if dot and name and scope in SCOPES:
        right = property_of(name, scope)
    fixed = _replaced(text, token, right)
    return Remark(f"a property is written {right}", token.start + 1, fixed)


def _unknown(text: str, token: Token, known: tuple[str, ...], what: str) -> Remark:
    near = difflib.get_close_matches(token.text.lower(), known, n=1, cutoff=0.6)
    if not near:
        names = ", ".join(known)
        return Remark(f"no {what} is called {token.text}: {names}", token.start + 1)
    fixed = _replaced(text, token, near[0])
    message = f"no {what} is called {token.text}: did you mean {near[0]}?"
    return Remark(message, token.start + 1, fixed)


def _order(text: str, parts: list[Token]) -> Iterator[Remark]:
    """The first place where a value or an operator is missing."""
    value_due = True
    for index, token in enumerate(parts):
        role = _role(parts, index)
        if role == "value":
            if not value_due:
                yield Remark(
                    f"an operator is missing before {token.text}", token.start + 1
                )
                return
            value_due = False
        elif role == "operator":
            if value_due:
                yield Remark(f"a value is missing before {token.text}", token.start + 1)
                return
            value_due = True
        elif role == "close":
            if value_due and not _closes_empty_list(parts, index):
                yield Remark(f"a value is missing before {token.text}", token.start + 1)
                return
            value_due = False
        elif role == "open" and not value_due:
            yield Remark(f"an operator is missing before {token.text}", token.start + 1)
            return
    if parts and value_due:
        yield Remark("a value is missing at the end", len(text.rstrip()) + 1)


def _role(parts: list[Token], index: int) -> str:
    """What a token does to the order of values and operators.

    Prefixes, and what belongs to the token before it, do nothing: "".
    """
    token = parts[index]
    before = parts[index - 1] if index else None
    starts = before is None or _role_of_sign(before) in ("open", "operator")
    if token.kind in (Kind.NUMBER, Kind.TEXT, Kind.TEMPLATE):
        return "value"
    if token.kind is Kind.WORD:
        if token.text in FUNCTIONS or token.text in SCOPES:
            return "prefix" if starts else "value"
        if token.text == "not":
            return "prefix"
        return "operator" if token.text in _WORD_OPERATORS else "value"
    belongs = before is not None and before.text in (*FUNCTIONS, *SCOPES)
    if token.text in _CLOSES:
        return "prefix" if belongs else "open"
    if token.text == "-" and starts:
        return "prefix"
    return _role_of_sign(token)


def _role_of_sign(token: Token) -> str:
    if token.kind is Kind.WORD:
        return "operator" if token.text in _WORD_OPERATORS else "value"
    if token.kind is not Kind.SIGN:
        return "value"
    if token.text in _CLOSES:
        return "open"
    return "close" if token.text in _CLOSES.values() else "operator"


def _closes_empty_list(parts: list[Token], index: int) -> bool:
    """Whether a bracket closes ``[]``: a list of nothing is a value."""
    is_empty = parts[index].text == "]" and parts[index - 1].text == "["
    return is_empty and not (index > 1 and parts[index - 2].text in SCOPES)


def _replaced(text: str, token: Token, right: str) -> str:
    """The text with another token in its place, with blanks where words would touch."""
    before, after = text[: token.start], text[token.end :]
    if right[-1:].isalnum():
        before += " " if before[-1:].isalnum() else ""
        after = (" " if re.match(r"[\w\"']", after) else "") + after
    return before + right + after
