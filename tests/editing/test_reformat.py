"""Formatting, minifying and sorting JSON without changing a value."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.editing.reformat import (
    Reformat,
    Reformatted,
    each_line,
    format_json,
    minify,
    reason_against,
    reformat,
    sort_keys,
)
from mixtui.jsontext import Mistake
from mixtui.model.draft import BodyType

KEPT = {
    "numbers": '{"a":1e400,"b":1.10,"c":12345678901234567890123,"d":-0.0}',
    "duplicate keys in their order": '{"a":1,"b":2,"a":3}',
    "escapes": r'{"\u00e9":"\u00e9 \/ \" \\"}',
    "half a surrogate pair": r'["\ud800","\udc00\ud800"]',
    "blanks inside strings": '{"a  b":"c \u2028 d"}',
    "a template as a value": '{"time":{{now}},"n":-{{n}}}',
    "templates in strings and names": '{"{{a}}":"x {{ b }} y{{c}}"}',
    "a template beside digits": "[8{{a}}8,80{{a}}{{b}}0000000]",
    "a literal pair of braces": r'{"a":"\{{name}}","b":"\\{{name}}"}',
    "the digits that hide templates": '[80,8000000000,"800",{{a}}]',
    "one value": '"text"',
    "one template": "{{body}}",
    "empty containers": '{"a":{},"b":[]}',
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_formatting_and_minifying_change_white_space_alone(text: str) -> None:
    formatted = format_json(text)
    assert isinstance(formatted, str)
    assert minify(formatted) == text
    assert format_json(formatted) == formatted
    assert minify(text) == text


def test_a_document_is_indented_by_two() -> None:
    assert format_json('[{"a":{{now}},"b":{}}]') == (
        '[\n  {\n    "a": {{now}},\n    "b": {}\n  }\n]'
    )


SORTED = {
    "names in order at every level": (
        '{"b":{"d":1,"c":2},"a":[{"f":1,"e":2}]}',
        '{"a":[{"e":2,"f":1}],"b":{"c":2,"d":1}}',
    ),
    "lists keep their order": ("[3,1,2]", "[3,1,2]"),
    "equal names keep theirs": ('{"b":1,"a":2,"b":0}', '{"a":2,"b":1,"b":0}'),
    "escaped names by what they mean": (r'{"b":1,"\u0061":2}', r'{"\u0061":2,"b":1}'),
    "upper case before lower": ('{"a":1,"B":2,"$c":3}', '{"$c":3,"B":2,"a":1}'),
    "values that look like names": ('{"b":"a","a":"b"}', '{"a":"b","b":"a"}'),
    "templates": ('{"b":{{now}},"a":"{{x}}"}', '{"a":"{{x}}","b":{{now}}}'),
    "half a surrogate pair": (r'{"b":"\ud800","a":1}', r'{"a":1,"b":"\ud800"}'),
    "several lines stay several": ('{"b": 1,\n"a": 2}', '{\n  "a": 2,\n  "b": 1\n}'),
    "an empty name": ('{"a":1,"":2}', '{"":2,"a":1}'),
}


@pytest.mark.parametrize(("text", "result"), SORTED.values(), ids=SORTED)
def test_sorting_moves_whole_members(text: str, result: str) -> None:
    assert sort_keys(text) == result


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(_VALUES)
def test_sorting_gives_what_python_gives(value: object) -> None:
    compact = json.dumps(value, separators=(",", ":"), allow_nan=False)
    wanted = json.dumps(value, separators=(",", ":"), sort_keys=True)
    assert sort_keys(compact) == wanted


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ('{"a": 1, // why\n"b": 2}', 1, 10, "no comments"),
        ('{"a": 1 /* why */}', 1, 9, "no comments"),
        ("# why\n[]", 1, 1, "no comments"),
        ("[] // why", 1, 4, "no comments"),
        ('[{{now}},\n {"a" 1}]', 2, 7, "colon"),
        ("[1,]", 1, 4, ""),
        ("", 1, 1, "missing"),
        ("[" * 100_000, 1, 1, "nested too deeply"),
        ("[" * 252 + "]" * 252, 1, 1, "nested too deeply"),
        ('{"a": NaN}', 1, 7, "NaN"),
        ("[{{now}]", 1, 3, ""),
    ],
)
@pytest.mark.parametrize("change", [format_json, minify, sort_keys])
def test_what_is_not_json_is_refused_with_its_first_error(
    change: object, text: str, line: int, column: int, words: str
) -> None:
    assert callable(change)
    mistake = change(text)
    assert isinstance(mistake, Mistake)
    assert (mistake.line, mistake.column) == (line, column)
    assert words in mistake.message


def test_json_lines_are_changed_one_by_one() -> None:
    text = '{"b": 1, "a": 2}\n\n  [ 1 ]\n'
    assert each_line(minify, text) == '{"b":1,"a":2}\n\n[1]\n'
    assert each_line(sort_keys, text) == '{"a":2,"b":1}\n\n[1]\n'


def test_an_error_in_json_lines_names_the_line_of_the_text() -> None:
    mistake = each_line(minify, "{}\n\n[1,,2]")
    assert isinstance(mistake, Mistake)
    assert (mistake.line, mistake.column) == (3, 4)


@pytest.mark.parametrize(
    "before", ["", "{", '{"a": [1', '{"a": [1, "b', '{"a": [1, "b c"]}']
)
@pytest.mark.parametrize("how", [Reformat.FORMAT, Reformat.MINIFY])
def test_the_cursor_stays_at_its_character(how: Reformat, before: str) -> None:
    text = '{"a": [1, "b c"]}'
    result = reformat(how, BodyType.JSON, text, 0, len(before))
    assert isinstance(result, Reformatted)
    lines = result.text.split("\n")
    start = "\n".join([*lines[: result.row], lines[result.row][: result.column]])
    assert "".join(start.split()) == "".join(before.split())


def test_the_cursor_stays_in_its_line_when_keys_are_sorted() -> None:
    text = '{\n  "b": 1,\n  "a": 2\n}'
    result = reformat(Reformat.SORT_KEYS, BodyType.JSON, text, 1, 3)
    assert result == Reformatted('{\n  "a": 2,\n  "b": 1\n}', 2, 3)


@pytest.mark.parametrize("kind", BodyType)
@pytest.mark.parametrize("how", Reformat)
def test_only_json_is_reformatted_and_lines_stay_lines(
    how: Reformat, kind: BodyType
) -> None:
    is_possible = kind is BodyType.JSON or (
        kind is BodyType.NDJSON and how is not Reformat.FORMAT
    )
    assert (reason_against(how, kind) == "") is is_possible


def test_json_lines_are_reformatted_line_by_line() -> None:
    result = reformat(Reformat.MINIFY, BodyType.NDJSON, "{ }\n[ 1 ]", 1, 3)
    assert result == Reformatted("{}\n[1]", 1, 2)
