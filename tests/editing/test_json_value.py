from __future__ import annotations

import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.editing.json_value import (
    as_lines,
    check,
    compact,
    decode,
    format_json,
    from_lines,
    is_list,
)
from mixtui.request.templates import mask_templates

scalars = (
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False)
)
values = st.recursive(
    scalars.filter(lambda v: v not in (float("inf"), float("-inf"))),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)
lists = st.lists(values, max_size=5)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ('[ "a b" , 1.0,\n\t2e400 ]', '["a b",1.0,2e400]'),
        ('{"a" : 1, "a": [ ]}', '{"a":1,"a":[]}'),
        ('["\\" , \\""]', '["\\" , \\""]'),
        ('{"id": {{ cohort }}}', '{"id":{{ cohort }}}'),
        (" 12345678901234567890 ", "12345678901234567890"),
    ],
)
def test_compacting_removes_only_space_between_tokens(text: str, result: str) -> None:
    assert check(text) is None
    assert compact(text) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ('["a","b"]', '[\n  "a",\n  "b"\n]'),
        ('{"a":1,"b":{"c":2}}', '{\n  "a": 1,\n  "b": {"c":2}\n}'),
        ("[]", "[]"),
        ("[ ]", "[ ]"),
        ("5", "5"),
        ("[1,", "[1,"),
        ("[{{a}},2]", "[\n  {{a}},\n  2\n]"),
    ],
)
def test_a_value_is_formatted_by_its_items(text: str, result: str) -> None:
    assert format_json(text) == result


@given(values, st.sampled_from([None, 1]))
def test_formatting_does_not_change_the_value(
    value: object, indent: int | None
) -> None:
    text = json.dumps(value, indent=indent)
    compacted = json.dumps(value, separators=(",", ":"))
    assert compact(format_json(text)) == compact(text) == compacted


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('["Sign up", "Log in"]', "Sign up\nLog in"),
        ('["5", 5, "true", true, "", " "]', '"5"\n5\n"true"\ntrue\n""\n" "'),
        ('["a\\nb", "[1]", {"a": 1}]', '"a\\nb"\n"[1]"\n{"a":1}'),
        ('["{{plan}}", {{id}}]', "{{plan}}\n{{id}}"),
        ("[]", ""),
    ],
)
def test_a_list_is_edited_with_one_item_per_line(text: str, lines: str) -> None:
    assert is_list(text)
    assert as_lines(text) == lines


@given(lists)
def test_lines_are_read_as_the_list_they_show(value: list[object]) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert json.loads(from_lines(as_lines(text))) == value


def test_typed_lines_that_are_not_json_are_strings() -> None:
    assert from_lines('Sign up\n\n 7 \nsay "hi"\n') == '["Sign up",7,"say \\"hi\\""]'


def test_an_error_has_its_position_after_a_template() -> None:
    error = check('[\n  {{a}}, "b"\n  "c"]')
    assert error is not None
    assert (error.line, error.column) == (3, 3)


@pytest.mark.parametrize("value", [["a b", "é+"], {"id": 1}, ["100%"], ["a%20b"]])
def test_an_encoded_value_is_recognised(value: object) -> None:
    text = json.dumps(value)
    for encoded, message in [
        (quote(text), "percent-encoded"),
        (quote_plus(text), "percent-encoded"),
        (quote(quote(text)), "percent-encoded"),
        (json.dumps(text), "in quotes"),
        (f"'{text}'", "in quotes"),
        (quote(json.dumps(text)), "percent-encoded and in quotes"),
        (text.replace('"', '\\"'), "with escaped quotes"),
    ]:
        decoded_value = decode(encoded)
        assert decoded_value is not None
        assert json.loads(decoded_value.text) == value
        assert message in decoded_value.description


@pytest.mark.parametrize(
    "text",
    ['["a%20b"]', '["%5B"]', '{"a":1}', "Sign up", '"a"', '"5"', "", "50%", "[1", "'a"],
)
def test_a_value_without_encoding_is_not_decoded(text: str) -> None:
    assert decode(text) is None


@pytest.mark.parametrize("text", [r'["\{{x}}"]', r'{"a": "{{b}} \{{ c }}"}'])
def test_escaped_braces_are_text_of_json(text: str) -> None:
    assert check(text) is None
    assert mask_templates(compact(text)) == compact(mask_templates(text))


def test_escaped_braces_stay_escaped_in_lines() -> None:
    text = "[" + r'"a \{{x}}","\\\\{{y}}"' + "]"
    lines = r"a \{{x}}" + "\n" + r"\\{{y}}"
    assert from_lines(lines) == text
    decoded = decode("%5B%22%7B%7Bx%7D%7D%22%5D")
    assert decoded is not None
    assert decoded.text == r'["\{{x}}"]'


@given(st.text())
def test_any_text_can_be_checked(text: str) -> None:
    decode(text)
    from_lines(text)
    format_json(text)
