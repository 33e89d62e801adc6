from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.mixpanel.expression_check import check, is_bare_name
from mixtui.mixpanel.expressions import property_expression, property_names
from mixtui.request.templates import REFERENCE
from mixtui.sandbox.data import expressions as sandbox

VALID = [
    "",
    'properties["plan"] == "pro"',
    "user['$email'] != 'a' and not defined(user[\"x\"])",
    'event["$time"] >= datetime("2026-01-01T00:00:00")',
    'properties["a"] in ["x", "y"] or properties["b"] not in [1, 2]',
    'floor(number(properties["n"]) / 10) * 10 % 3 - -1 <= 2e3',
    'boolean(properties["a"]) == true and (properties["b"] != undefined)',
    'properties["say \\"hi\\" (now)]"] == 1',
    'not ("a" in properties["list"])',
    "1",
    '"x" in []',
]


@pytest.mark.parametrize("text", VALID)
def test_a_valid_expression_has_no_problem(text: str) -> None:
    assert check(text) == ()


def test_a_placeholder_stands_for_a_value() -> None:
    text = 'properties["d"] > {{month_start}} and properties["e"] == "{{plan}}"'
    assert check(text, placeholder=REFERENCE) == ()
    assert check(text)


@pytest.mark.parametrize(
    ("text", "column", "message", "fixed"),
    [
        ('properties["a"] = 1', 17, "use `==` instead of `=`", 'properties["a"] == 1'),
        ('properties["a"]=1', 16, "use `==` instead of `=`", 'properties["a"]==1'),
        ("1 && 2", 3, "use `and` instead of `&&`", "1 and 2"),
        ("1&&2", 2, "use `and` instead of `&&`", "1 and 2"),
        ("true||false", 5, "use `or` instead of `||`", "true or false"),
        (
            '!defined(user["a"])',
            1,
            "use `not` instead of `!`",
            'not defined(user["a"])',
        ),
        ("1 <> 2", 3, "use `!=` instead of `<>`", "1 != 2"),
        ("1 AND 2", 3, "use `and` instead of `AND`", "1 and 2"),
        ("1 == null", 6, "use `undefined` instead of `null`", "1 == undefined"),
        ('properties["a] == 1', 12, "no closing quote", None),
        ('(properties["a"] == 1', 1, "has no )", None),
        ('defined(user["a")', 17, "closes the [ of column 13: ] expected", None),
        ("1)", 2, ") has no opening bracket", None),
        (
            'define(properties["a"])',
            1,
            "did you mean defined?",
            'defined(properties["a"])',
        ),
        ('total(properties["a"])', 1, "unknown function total", None),
        ('property["a"] == 1', 1, "did you mean properties?", 'properties["a"] == 1'),
        ("plan == 1", 1, 'as properties["plan"]', 'properties["plan"] == 1'),
        ("user.plan == 1", 1, 'as user["plan"]', 'user["plan"] == 1'),
        ("$browser == 1", 1, "as properties", 'properties["$browser"] == 1'),
        ("properties == 1", 1, 'properties["name"]', None),
        ("defined == 1", 1, "is a function", None),
        ("1 ==", 5, "a value is missing at the end", None),
        ("== 1", 1, "a value is missing before ==", None),
        ("1 2", 3, "an operator is missing before 2", None),
        ('"a" properties["b"]', 5, "an operator is missing before properties", None),
        ("1 + ( )", 7, "a value is missing before )", None),
        ("defined()", 9, "a value is missing before )", None),
        ("properties[] == 1", 12, "a value is missing before ]", None),
        ("(1) (2)", 5, "an operator is missing before (", None),
        ("1 # 2", 3, "# is not valid", None),
        (
            "user%5B%22a%22%5D%20%3D%3D+1",
            1,
            "already percent-encoded",
            'user["a"] == 1',
        ),
        ("1, 2", 2, "a comma is only valid within brackets", None),
    ],
)
def test_an_error_is_reported_with_its_column(
    text: str, column: int, message: str, fixed: str | None
) -> None:
    first = check(text)[0]
    assert message in str(first)
    assert first.column == column
    assert first.fix == fixed


@pytest.mark.parametrize(
    ("name", "expression"),
    [
        ("plan", 'properties["plan"]'),
        ("Plan Type", 'properties["Plan Type"]'),
        ("$browser", 'properties["$browser"]'),
        ("sign-up", 'properties["sign-up"]'),
        ("a\\b", 'properties["a\\\\b"]'),
    ],
)
def test_a_bare_name_is_offered_as_a_property(name: str, expression: str) -> None:
    (problem,) = check(f" {name} ", property_alone=True)
    assert problem.fix == expression
    assert problem.column == 2
    assert check(expression, property_alone=True) == ()


@pytest.mark.parametrize("text", ["", "5", "-1.5", "true", 'user["a"]', "a == 1"])
def test_text_that_is_not_a_name_is_not_wrapped(text: str) -> None:
    assert not is_bare_name(text)


@given(st.text(min_size=1))
def test_the_expression_of_a_property_has_its_name(name: str) -> None:
    expression = property_expression(name)
    assert list(property_names(expression)) == [name]
    assert check(expression) == ()
    assert sandbox.parse(expression) == sandbox.Property("properties", name)


@given(st.text(alphabet="ab1\"'\\()[]=!<>&| ,.-+{}$#"))
def test_any_text_is_checked(text: str) -> None:
    for problem in check(text) + check(text, property_alone=True):
        assert 1 <= problem.column <= len(text) + 1


_operands = st.sampled_from(
    [
        'properties["a"]',
        "user['b']",
        "1",
        '"t"',
        "true",
        "undefined",
        'defined(user["c"])',
    ]
)


@given(
    st.recursive(
        _operands,
        lambda inner: (
            st.builds(
                "({} {} {})".format,
                inner,
                st.sampled_from(
                    [
                        "+",
                        "-",
                        "*",
                        "/",
                        "%",
                        "==",
                        "!=",
                        ">",
                        ">=",
                        "<",
                        "<=",
                        "and",
                        "or",
                    ]
                ),
                inner,
            )
            | st.builds("not {}".format, inner)
            | st.builds("string({})".format, inner)
            | st.builds("({} in [{}, {}])".format, inner, inner, inner)
        ),
        max_leaves=12,
    )
)
def test_a_generated_expression_has_no_problem(text: str) -> None:
    assert check(text) == ()
