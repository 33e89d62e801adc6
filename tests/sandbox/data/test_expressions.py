from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.sandbox.data.expressions import (
    MAX_DEPTH,
    ExpressionError,
    Scope,
    evaluate,
    parse,
    uses_profile,
)

SCOPE = Scope(
    properties={
        "plan": "pro",
        "amount": 40,
        "ratio": 0.5,
        "paid": True,
        "tags": ["a", "b"],
        'odd "name"': "x",
        "empty": "",
    },
    user={"$email": "ada@example.com"},
    event={"$time": 1_767_225_600},
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('properties["plan"] == "pro"', True),
        ("properties['plan'] == 'pro'", True),
        ('properties["plan"] != "pro"', False),
        ('properties["odd \\"name\\""] == "x"', True),
        ('user["$email"] == "ada@example.com"', True),
        ('properties["amount"] > 39.5', True),
        ('properties["amount"] >= 40 and properties["amount"] <= 40', True),
        ('properties["amount"] < 40 or properties["paid"]', True),
        ('not properties["paid"]', False),
        ('not properties["paid"] or true', True),
        ('properties["plan"] in ["free", "pro"]', True),
        ('properties["plan"] not in ["free", "pro"]', False),
        ('"a" in properties["tags"]', True),
        ('"r" in properties["plan"]', True),
        ('properties["plan"] in []', False),
        ('defined(properties["nothing"])', False),
        ('defined(properties["empty"])', True),
        ('properties["nothing"] == undefined', True),
        ('properties["nothing"] > 1', False),
        ('properties["plan"] > 1', False),
        ('properties["plan"] > "free"', True),
        ('properties["paid"] == 1', False),
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 2 - 3", 5),
        ("7 % 4 / 2", 1.5),
        ("-properties['amount'] + 1", -39),
        ("--1", 1),
        ("1 / 0", None),
        ("'a' + 'b'", "ab"),
        ("'a' + 1", None),
        ("1e308 * 10", None),
        ("floor(1.7) + ceil(1.2) + round(2.5)", 6),
        ('number("12.5")', 12.5),
        ('number("twelve")', None),
        ('string(properties["amount"])', "40"),
        ("string(true)", "true"),
        ('boolean("")', False),
        ('event["$time"] >= datetime("2026-01-01T00:00:00")', True),
        ('event["$time"] < datetime("2026-01-01T00:00:00Z")', False),
        ("datetime(1767225600000)", 1_767_225_600),
        ('datetime("never")', None),
        ("1 == 1 and 2 == 2 or 1 == 2", True),
        ("  true  ", True),
    ],
    ids=lambda item: str(item),
)
def test_an_expression_gives_its_value(text: str, expected: object) -> None:
    assert evaluate(parse(text), SCOPE) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "unexpected end at 0"),
        ("plan", "unknown name 'plan' at 0"),
        ('properties["plan"', "unexpected end at 17"),
        ("properties[plan]", "unexpected 'plan' at 11"),
        ('properties["plan"] =', "unexpected '=' at 19"),
        ("1 2", "unexpected '2' at 2"),
        ("(1", "unexpected end at 2"),
        ("[1, ", "unexpected end at 3"),
        ('"open', "unexpected '\"' at 0"),
        ("1 == 1 == 1", "unexpected '==' at 7"),
        ("eval(1)", "unknown name 'eval' at 0"),
        ("1 not 2", "unexpected '2' at 6"),
        ("(" * 200 + "1" + ")" * 200, "nested too deeply"),
        ("not " * 301 + "true", "more than 300 operators"),
        ("1" * 10_001, "longer than 10000 characters"),
    ],
    ids=lambda item: item[:20],
)
def test_an_invalid_expression_is_reported_with_its_offset(
    text: str, reason: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert str(caught.value) == reason


def test_expressions_of_the_maximum_length_and_depth_can_be_evaluated() -> None:
    chain = " or ".join(['"x" == "y"'] * 150)
    assert evaluate(parse(chain), SCOPE) is False
    nested = "-" * (MAX_DEPTH - 20) + "1"
    assert evaluate(parse(nested), SCOPE) == 1


TOKENS = (
    'properties["plan"] user["x"] event["$time"] "text" 1 2.5 == != < > <= >= + - * / % '
    "( ) [ ] , and or not in defined( number( datetime( round( true undefined"
)


@given(st.lists(st.sampled_from(TOKENS.split()), max_size=30).map(" ".join) | st.text())
def test_any_text_is_an_expression_or_an_expression_error(text: str) -> None:
    try:
        expression = parse(text)
    except ExpressionError:
        return
    evaluate(expression, SCOPE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('user["a"] == 1', True),
        ('not defined(user["a"])', True),
        ('1 in [2, user["a"]]', True),
        ('properties["user"] == "user"', False),
    ],
)
def test_an_expression_uses_the_profile_only_through_user(
    text: str, expected: bool
) -> None:
    assert uses_profile(parse(text)) is expected
