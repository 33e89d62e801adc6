"""Check segmentation expressions.

https://developer.mixpanel.com/reference/segmentation-expressions. A problem never stops
a send: the server decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from msgspec import Struct

from mixtui.mixpanel.expressions import (
    CONSTANTS,
    FUNCTIONS,
    NO_PLACEHOLDER,
    SCOPES,
    WORD_OPERATORS,
    Token,
    TokenKind,
    property_expression,
    tokenize,
)
from mixtui.patterns import compile_late
from mixtui.spelling import closest_name

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
    **{word: word for word in (*WORD_OPERATORS, *CONSTANTS)},
}
"""By lower-case name: words of other languages, or keywords in capitals."""
_ENCODED = compile_late(r"%(?:5B|22|27)", re.IGNORECASE)
"""A percent-encoded bracket or quote."""


class Problem(Struct, frozen=True):
    """A suspicious part of an expression, and its position."""

    message: str
    column: int
    """From 1, in characters."""
    fix: str | None = None
    """The complete corrected expression, if it is known."""

    def __str__(self) -> str:
        return f"column {self.column}: {self.message}"


def check(
    text: str, *, property_alone: bool = False, placeholder: str = NO_PLACEHOLDER
) -> tuple[Problem, ...]:
    """Return the problems of an expression from left to right; none if it is empty.

    Args:
        text: The expression as typed.
        property_alone: Whether it names one property (``on``), so that a bare name is
            likely meant as one.
        placeholder: The pattern of placeholders for values.
    """
    if _ENCODED.search(text) and not re.search(r"[\[\"']", text):
        label = "it is already percent-encoded and would be encoded twice"
        fix = unquote(text.replace("+", " "))
        # Braces that were encoded would become a placeholder.
        has_new_braces = fix.count("{{") != text.count("{{")
        return (Problem(label, 1, None if has_new_braces else fix),)
    if property_alone and is_bare_name(text):
        name = text.strip()
        column = len(text) - len(text.lstrip()) + 1
        wrapped = property_expression(name)
        message = f"write the property as {wrapped}"
        return (Problem(message, column, wrapped),)
    parts = tokenize(text, placeholder)
    remarks = list(_foreign_operators(text, parts))
    if all(part.kind is not TokenKind.UNTERMINATED for part in parts):
        remarks += _unmatched_bracket(parts)
    if not remarks:
        remarks = [*_unknown_names(text, parts), *_misplaced_tokens(text, parts)]
    return tuple(sorted(remarks, key=lambda remark: remark.column))


def is_bare_name(text: str) -> bool:
    """Return whether a text is a bare name rather than an expression."""
    name = text.strip()
    if not name or name in CONSTANTS or re.search(r"[\"'\[\](){}<>=!+*/%,]", name):
        return False
    return not re.fullmatch(r"-?[\d.]+", name)


def _foreign_operators(text: str, parts: list[Token]) -> Iterator[Problem]:
    """Yield the operators that belong to other languages."""
    for token in parts:
        if token.kind is TokenKind.UNTERMINATED:
            yield Problem(
                "the string that starts here has no closing quote", token.start + 1
            )
        elif token.kind is TokenKind.OTHER:
            yield Problem(
                f"{token.text} is not valid in an expression", token.start + 1
            )
        elif token.kind is TokenKind.SYMBOL and token.text in _FOREIGN:
            right = _FOREIGN[token.text]
            yield Problem(
                f"use `{right}` instead of `{token.text}`",
                token.start + 1,
                _replace_token(text, token, right),
            )


def _unmatched_bracket(parts: list[Token]) -> Iterator[Problem]:
    """Yield the first unmatched bracket."""
    opened: list[Token] = []
    for token in parts:
        if token.kind is not TokenKind.SYMBOL:
            continue
        if token.text in _CLOSES:
            opened.append(token)
        elif token.text == "," and not opened:
            yield Problem("a comma is only valid within brackets", token.start + 1)
            return
        elif token.text in _CLOSES.values():
            if not opened:
                yield Problem(f"{token.text} has no opening bracket", token.start + 1)
                return
            before = opened.pop()
            if _CLOSES[before.text] != token.text:
                yield Problem(
                    f"{token.text} closes the {before.text} of column "
                    f"{before.start + 1}: {_CLOSES[before.text]} expected",
                    token.start + 1,
                )
                return
    if opened:
        last = opened[-1]
        yield Problem(
            f"this {last.text} has no {_CLOSES[last.text]}",
            last.start + 1,
        )


def _unknown_names(text: str, parts: list[Token]) -> Iterator[Problem]:
    """Yield the words that are not part of the language."""
    for index, token in enumerate(parts):
        if token.kind is not TokenKind.WORD:
            continue
        after = parts[index + 1].text if index + 1 < len(parts) else ""
        if after == "(" and token.text not in WORD_OPERATORS:
            if token.text not in FUNCTIONS:
                yield _unknown(text, token, FUNCTIONS, "function")
        elif token.text in FUNCTIONS:
            yield Problem(
                f"{token.text} is a function: {token.text}(…)", token.start + 1
            )
        elif token.text in SCOPES:
            if after != "[":
                yield Problem(
                    f'write the property as {token.text}["name"]', token.start + 1
                )
        elif after == "[" and token.text not in (*WORD_OPERATORS, *CONSTANTS):
            yield _unknown(text, token, SCOPES, "place of properties")
        elif token.text not in (*WORD_OPERATORS, *CONSTANTS):
            yield _bare_word(text, token)


def _bare_word(text: str, token: Token) -> Problem:
    right = _FOREIGN_WORDS.get(token.text.lower())
    if right is not None:
        fixed = _replace_token(text, token, right)
        return Problem(
            f"use `{right}` instead of `{token.text}`", token.start + 1, fixed
        )
    scope, dot, name = token.text.partition(".")
    right = property_expression(token.text)
    if dot and name and scope in SCOPES:
        right = property_expression(name, scope)
    fixed = _replace_token(text, token, right)
    return Problem(f"write the property as {right}", token.start + 1, fixed)


def _unknown(text: str, token: Token, known: tuple[str, ...], noun: str) -> Problem:
    closest = closest_name(token.text, known)
    if not closest:
        names = ", ".join(known)
        return Problem(f"unknown {noun} {token.text}: {names}", token.start + 1)
    fixed = _replace_token(text, token, closest)
    message = f"unknown {noun} {token.text}: did you mean {closest}?"
    return Problem(message, token.start + 1, fixed)


def _misplaced_tokens(text: str, parts: list[Token]) -> Iterator[Problem]:
    """Yield the first position where a value or an operator is missing."""
    value_due = True
    for index, token in enumerate(parts):
        role = _role(parts, index)
        if role == "value":
            if not value_due:
                yield Problem(
                    f"an operator is missing before {token.text}", token.start + 1
                )
                return
            value_due = False
        elif role == "operator":
            if value_due:
                yield Problem(
                    f"a value is missing before {token.text}", token.start + 1
                )
                return
            value_due = True
        elif role == "close":
            if value_due and not _closes_empty_list(parts, index):
                yield Problem(
                    f"a value is missing before {token.text}", token.start + 1
                )
                return
            value_due = False
        elif role == "open" and not value_due:
            yield Problem(
                f"an operator is missing before {token.text}", token.start + 1
            )
            return
    if parts and value_due:
        yield Problem("a value is missing at the end", len(text.rstrip()) + 1)


def _role(parts: list[Token], index: int) -> str:
    """Return the role of a token in the order of values and operators.

    Prefixes, and tokens that belong to the one before, have none: "".
    """
    token = parts[index]
    before = parts[index - 1] if index else None
    starts = before is None or _role_of_sign(before) in ("open", "operator")
    if token.kind in (TokenKind.NUMBER, TokenKind.STRING, TokenKind.PLACEHOLDER):
        return "value"
    if token.kind is TokenKind.WORD:
        if token.text in FUNCTIONS or token.text in SCOPES:
            return "prefix" if starts else "value"
        if token.text == "not":
            return "prefix"
        return "operator" if token.text in WORD_OPERATORS else "value"
    belongs = before is not None and before.text in (*FUNCTIONS, *SCOPES)
    if token.text in _CLOSES:
        return "prefix" if belongs else "open"
    if token.text == "-" and starts:
        return "prefix"
    return _role_of_sign(token)


def _role_of_sign(token: Token) -> str:
    if token.kind is TokenKind.WORD:
        return "operator" if token.text in WORD_OPERATORS else "value"
    if token.kind is not TokenKind.SYMBOL:
        return "value"
    if token.text in _CLOSES:
        return "open"
    return "close" if token.text in _CLOSES.values() else "operator"


def _closes_empty_list(parts: list[Token], index: int) -> bool:
    """Return whether a bracket closes ``[]``: an empty list is a value."""
    is_empty = parts[index].text == "]" and parts[index - 1].text == "["
    return is_empty and not (index > 1 and parts[index - 2].text in SCOPES)


def _replace_token(text: str, token: Token, right: str) -> str:
    """Replace a token in the text, with blanks where words would touch."""
    before, after = text[: token.start], text[token.end :]
    if right[-1:].isalnum():
        before += " " if before[-1:].isalnum() else ""
        after = (" " if re.match(r"[\w\"']", after) else "") + after
    return before + right + after
