"""JSON as text: agrees with the standard parser, and points at the mistake."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.jsontext import (
    JsonPath,
    Located,
    Number,
    check,
    check_lines,
    cut,
    first_character,
    insert,
    items,
    line_and_column,
    line_records,
    locate,
    member_cut,
    members,
    record_spans,
    records,
)


def refuse(constant: str) -> Any:
    raise ValueError(constant)


def is_json(text: str) -> bool:
    try:
        json.loads(text, parse_constant=refuse)
    except ValueError:
        return False
    return True


JSON_LIKE = st.lists(
    st.sampled_from(
        [
            *'{}[],:"\\ \n\t\r0159.-+eE\x00\u00a0\ufeff',
            *["null", "true", "false", "NaN", "-Infinity", "-0", "1e400"],
            *['"a"', "\\u12"],
        ]
    ),
    max_size=14,
).map("".join)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
    ),
    max_leaves=8,
)
LISTS = st.lists(VALUES, max_size=4)
OBJECTS = st.dictionaries(st.text(), VALUES, max_size=4)


@given(st.text() | JSON_LIKE)
def test_any_text_is_valid_exactly_when_the_parser_says_so(text: str) -> None:
    assert (check(text) is None) == is_json(text)


@given(VALUES, st.sampled_from([None, 2]), st.booleans())
def test_whatever_was_dumped_is_valid(
    value: object, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert check(text) is None


@given(JSON_LIKE)
def test_a_mistake_is_inside_the_text(text: str) -> None:
    mistake = check(text)
    if mistake is not None:
        lines = text.split("\n")
        assert 1 <= mistake.line <= len(lines)
        assert 1 <= mistake.column <= len(lines[mistake.line - 1]) + 1


MISTAKES = [
    ("", 1, 1, "a value is missing"),
    ('{"a": }', 1, 7, "a value is missing"),
    ('{"a" 1}', 1, 6, "a colon is missing"),
    ('{"a": 1\n "b": 2}', 2, 2, "a comma, or the closing bracket"),
    ("[1 2]", 1, 4, "a comma, or the closing bracket"),
    ("{a: 1}", 1, 2, "a name in double quotes"),
    ("{'a': 1}", 1, 2, "a name in double quotes"),
    ('{"a": 1}\n{"b": 2}', 2, 1, "one JSON value is allowed"),
    ('{"a": "b', 1, 7, "no closing quote"),
    ('{"a": "b\nc"}', 1, 9, "control character inside a string: escape"),
    ('["\\x"]', 1, 3, "this backslash does not start a valid escape"),
    ('["\\u12"]', 1, 4, "four hexadecimal digits"),
    ('["NaN", NaN]', 1, 9, "NaN is not JSON"),
    ('{"a\\"Infinity": 1,\n  "b": -Infinity}', 2, 8, "-Infinity is not JSON"),
    ("[" * 100_000, 1, 1, "nested too deeply"),
    ("{“a”: 1}", 1, 2, "“ is a typographic quotation mark"),
    ('{"a": ‘b’}', 1, 7, "‘ is a typographic quotation mark"),
    ('{"a":\u00a01}', 1, 6, "U+00A0 (no-break space) is not valid whitespace in JSON"),
    ('{"a": 1,\n\u200b"b": 2}', 2, 1, "U+200B (zero width space)"),
    ("[–5]", 1, 2, "– is a dash"),
]


@pytest.mark.parametrize(
    ("text", "line", "column", "words"), MISTAKES, ids=[row[3] for row in MISTAKES]
)
def test_a_mistake_has_a_line_a_column_and_words(
    text: str, line: int, column: int, words: str
) -> None:
    mistake = check(text)
    assert mistake is not None
    assert (mistake.line, mistake.column) == (line, column)
    assert words in mistake.message
    assert str(mistake).startswith(f"line {line}, column {column}: ")


def test_a_trailing_comma_is_a_mistake_at_or_before_the_bracket() -> None:
    # Python 3.13 points at the comma, those before it at the bracket.
    mistake = check('{"a": 1,}')
    assert mistake is not None
    assert mistake.column in (8, 9)
    assert "comma" in mistake.message


def test_numbers_that_python_could_not_hold_are_valid() -> None:
    assert check("1" * 5000) is None
    assert check("[1e999999, -0.0, 1E+5]") is None


INDENTS = st.sampled_from([None, 2])


def plain(value: object) -> object:
    """A value as `json.loads` reads it when numbers stay texts."""
    return json.loads(json.dumps(value), parse_int=Number, parse_float=Number)


def inner_values(text: str, start: int) -> list[tuple[JsonPath, Located]]:
    """Every value inside the one at an offset, with the path to it."""
    match text[start]:
        case "{":
            children: list[tuple[str | int, Located]] = [
                (member.key, member) for member in members(text, start)
            ]
        case "[":
            children = list(enumerate(items(text, start)))
        case _:
            children = []
    below = [
        ((step, *path), value)
        for step, child in children
        for path, value in inner_values(text, child.start)
    ]
    return [*(((step,), child) for step, child in children), *below]


@given(VALUES, INDENTS, st.booleans())
def test_every_value_is_what_the_parser_reads_in_its_span(
    value: object, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps([value], indent=indent, ensure_ascii=ascii_only)
    for path, inner in inner_values(text, 0):
        span = text[inner.start : inner.end]
        assert inner.value == json.loads(span, parse_int=Number, parse_float=Number)
        assert locate(text, 0, path) == inner.start
        expected: Any = [value]
        for step in path:
            expected = expected[step]
        assert inner.value == plain(expected)


@given(LISTS, INDENTS)
def test_the_records_of_a_list_are_its_items(
    values: list[object], indent: int | None
) -> None:
    text = f" {json.dumps(values, indent=indent)}\n"
    assert [record.value for record in records(text)] == plain(values)


@pytest.mark.parametrize(("text", "start"), [(' {"a": [1, 2]}', 1), ("5", 0)])
def test_anything_but_a_list_is_one_record(text: str, start: int) -> None:
    (record,) = records(text)
    assert record.start == start


@given(LISTS)
def test_each_line_that_is_not_blank_is_a_record(values: list[object]) -> None:
    text = "".join(f" {json.dumps(value)}\n\n" for value in values)
    assert check_lines(text) is None
    assert [record.value for record in line_records(text)] == plain(values)


def test_a_mistake_in_json_lines_has_the_line_of_the_text() -> None:
    mistake = check_lines('{"a": 1}\n\n [1 2]\n[')
    assert mistake is not None
    assert (mistake.line, mistake.column) == (3, 5)


@given(OBJECTS, INDENTS)
def test_the_members_of_an_object_are_its_keys_and_values(
    value: dict[str, object], indent: int | None
) -> None:
    text = json.dumps(value, indent=indent)
    found = list(members(text, 0))
    assert [(m.key, plain(value[m.key])) for m in found] == [
        (m.key, m.value) for m in found
    ]
    assert [m.key for m in found] == list(value)
    assert all(text[m.key_start :].startswith(json.dumps(m.key)) for m in found)


def test_duplicate_keys_are_all_members_and_the_last_is_located() -> None:
    text = '{"a": 1, "a": 2}'
    assert [member.key for member in members(text, 0)] == ["a", "a"]
    assert locate(text, 0, ("a",)) == 14


@pytest.mark.parametrize(
    ("path", "start"),
    [
        ((), 0),
        (("a",), 6),
        (("a", 1), 10),
        (("a", 9), 6),
        (("b",), 0),
        ((1,), 0),
        (("a", "b"), 6),
    ],
)
def test_a_path_is_followed_as_far_as_it_exists(path: JsonPath, start: int) -> None:
    assert locate('{"a": [1, 2]}', 0, path) == start


@given(LISTS | OBJECTS, INDENTS)
def test_the_spans_of_a_valid_document_are_those_of_its_records(
    value: object, indent: int | None
) -> None:
    text = f"\n{json.dumps(value, indent=indent)} "
    expected = [(record.start, record.end) for record in records(text)]
    assert [(span.start, span.end) for span in record_spans(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[{"t": {{now}}}, {"t": 1}]', ['{"t": {{now}}}', '{"t": 1}']),
        ('[{"a": 1}, {"b"', ['{"a": 1}']),
        ('[{"a": "],{"} x , 2]', ['{"a": "],{"} x', "2"]),
        ("[,1,,2]", ["1", "2"]),
        ("[NaN, 1]", ["NaN", "1"]),
        ("[1] 2", ["1"]),
        (' {"a" ', ['{"a"']),
        ("", []),
    ],
)
def test_records_of_a_text_that_is_not_valid_end_at_commas_and_brackets(
    text: str, expected: list[str]
) -> None:
    assert [text[s.start : s.end] for s in record_spans(text)] == expected


@given(JSON_LIKE)
def test_spans_are_in_ascending_order_and_inside_the_text(text: str) -> None:
    end = 0
    for span in record_spans(text):
        assert end <= span.start <= span.end <= len(text)
        end = span.end


@given(OBJECTS.filter(bool), INDENTS, st.data())
def test_a_member_is_cut_out_with_its_comma(
    value: dict[str, object], indent: int | None, data: st.DataObject
) -> None:
    text = json.dumps(value, indent=indent)
    index = data.draw(st.integers(0, len(value) - 1))
    inside = list(members(text, 0))
    rest = cut(text, [member_cut(text, 0, inside, index)])
    value.pop(inside[index].key)
    assert json.loads(rest) == value


@given(st.text(alphabet="a\n "), st.integers(0, 20))
def test_a_line_and_a_column_lead_back_to_the_character(text: str, offset: int) -> None:
    offset = min(offset, len(text))
    line, column = line_and_column(text, offset)
    before = text.split("\n")[: line - 1]
    assert sum(len(each) + 1 for each in before) + column - 1 == offset


def test_the_first_character_skips_json_white_space_alone() -> None:
    assert first_character(" \r\n\t{") == "{"
    assert first_character("\u00a0{") == "\u00a0"
    assert first_character("  ") == ""


def test_insertions_leave_everything_else() -> None:
    assert insert("abc", [(0, "<"), (1, "|"), (3, ">")]) == "<a|bc>"
    assert insert("abc", []) == "abc"
