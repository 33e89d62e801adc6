"""Forms: typed lines become fields, and fields become one encoded line."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.request.forms import FormMistake, encode_form, parse_form

PARSED = [
    ("", ()),
    ("\n  \n", ()),
    ("a=1", (("a", "1"),)),
    ("a=1\r\nb=2\r\n", (("a", "1"), ("b", "2"))),
    ("events=a\nevents=b", (("events", "a"), ("events", "b"))),
    ("a=", (("a", ""),)),
    ("a=b=c&d", (("a", "b=c&d"),)),
    (" a = 1 ", (("a", " 1 "),)),
    ('params={"limit": 10}', (("params", '{"limit": 10}'),)),
    ('script="""\nmain() {\n}\n"""\nb=2', (("script", "main() {\n}"), ("b", "2"))),
    ('script="""one\ntwo"""', (("script", "one\ntwo"),)),
    ('script="""one"""', (("script", "one"),)),
    ('script="""\r\na\r\n"""', (("script", "a"),)),
    ('a=""', (("a", '""'),)),
]


@pytest.mark.parametrize(("text", "fields"), PARSED)
def test_a_line_is_a_field(text: str, fields: tuple[tuple[str, str], ...]) -> None:
    assert parse_form(text) == fields


MISTAKES = [
    ("a=1\nno equals sign", 2, "name=value"),
    ("=1", 1, "name=value"),
    ('a=1\n\nb="""\nnever\nends', 3, "no closing"),
]


@pytest.mark.parametrize(("text", "line", "message"), MISTAKES)
def test_a_line_that_is_not_a_field_is_located(
    text: str, line: int, message: str
) -> None:
    with pytest.raises(FormMistake, match=message) as caught:
        parse_form(text)
    assert caught.value.mistake.line == line


NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\n="), min_size=1
).filter(lambda name: name == name.strip() != "")
LINES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n")).filter(
    lambda line: not line.startswith('"""')
)


@given(st.lists(st.tuples(NAMES, LINES)))
def test_fields_on_separate_lines_are_parsed(fields: list[tuple[str, str]]) -> None:
    text = "\n".join(f"{name}={value}" for name, value in fields)
    assert parse_form(text) == tuple(fields)


@given(NAMES, st.lists(LINES.filter(lambda line: '"""' not in line), min_size=1))
def test_a_multi_line_value_is_parsed(name: str, lines: list[str]) -> None:
    value = "\n".join(lines)
    if value:
        assert parse_form(f'{name}="""\n{value}\n"""') == ((name, value),)


@given(st.lists(st.tuples(st.text(min_size=1), st.text())))
def test_an_encoded_form_decodes_to_its_fields(fields: list[tuple[str, str]]) -> None:
    encoded = encode_form(tuple(fields))
    assert encoded.isascii()
    assert parse_qsl(encoded, keep_blank_values=True) == fields


@given(st.text())
def test_any_text_is_a_form_or_a_mistake(text: str) -> None:
    try:
        fields = parse_form(text)
    except FormMistake as error:
        assert 1 <= error.mistake.line <= text.count("\n") + 1
        return
    assert all(name for name, _ in fields)
