"""Untrusted JSON and YAML files."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.interchange.json_values import Value, compact_json, indented_json
from mixtui.interchange.reader import MAX_BYTES, decode, parse
from mixtui.model.errors import InterchangeError

TRAPS = """
on: {no: off, yes: on}
country: NO
date: 2026-01-02
time: 12:30:45
version: 1.10
octal: 010
based: [0o17, 0xff]
numbers: [1, -2, +3, 1e3, .5, 12345678901234567890123]
words: [true, False, null, ~, TRUE, yes, n]
quoted: ["1", 'true']
200: {description: fine}
infinite: .inf
typed: [!!str 12, !!int "12", !!custom x]
"""


def test_scalars_follow_yaml_1_2() -> None:
    assert parse(TRAPS, "f").value == {
        "on": {"no": "off", "yes": "on"},
        "country": "NO",
        "date": "2026-01-02",
        "time": "12:30:45",
        "version": Decimal("1.10"),
        "octal": 10,
        "based": [15, 255],
        "numbers": [1, -2, 3, Decimal("1e3"), Decimal(".5"), 12345678901234567890123],
        "words": [True, False, None, None, True, "yes", "n"],
        "quoted": ["1", "true"],
        "200": {"description": "fine"},
        "infinite": ".inf",
        "typed": ["12", 12, "x"],
    }


def test_anchors_aliases_and_merges_are_followed() -> None:
    source = "a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: [*a]\nd: {<<: [*a, {z: 4}]}\n"
    assert parse(source, "f").value == {
        "a": {"x": 1, "y": 2},
        "b": {"x": 1, "y": 3},
        "c": [{"x": 1, "y": 2}],
        "d": {"x": 1, "y": 2, "z": 4},
    }


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ('{"a": 1.10, "b": 1e400}', {"a": Decimal("1.10"), "b": Decimal("1e400")}),
        ('{"a": "\\ud800x"}', {"a": "\ufffdx"}),
        ("\ufeff[1]".removeprefix("\ufeff"), [1]),
        ("{a: 1, b: [x]}", {"a": 1, "b": ["x"]}),
        ("--- \na: 1\n--- \nb: 2\n", {"a": 1}),
        ("[" + "9" * 5000 + "]", [Decimal("9" * 5000)]),
        ('{"a": NaN}', {"a": "NaN"}),
    ],
)
def test_values_are_read_exactly(source: str, value: Value) -> None:
    assert parse(source, "f").value == value


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ('{"a": ]', "line 1, column 7: invalid JSON: a value is missing"),
        ("a: 1\nb: [", "line"),
        ("a: *b", "*b is undefined"),
        ("a: &a [*a]", "is undefined, or refers to itself"),
        ("? [1, 2]\n: x", "a key is an object or a list"),
        ("a: \x01", "invalid YAML"),
        ("a: 'x", "invalid YAML"),
        ("a:\n\tb: 1", "line 2, column 1: YAML does not allow tabs"),
        ("a:\n  b: 1\n  \tc: 2", "line 3, column 3: YAML does not allow tabs"),
    ],
)
def test_an_invalid_file_is_rejected_with_a_message(source: str, message: str) -> None:
    with pytest.raises(InterchangeError) as error:
        parse(source, "spec.yaml")
    assert message in str(error.value)
    assert str(error.value).startswith("spec.yaml")


def test_a_file_that_is_nested_too_deeply_is_rejected() -> None:
    sources = ("[" * 9000, "[" * 200 + "]" * 200, "{a: " * 200 + "}" * 200, "- " * 9000)
    for source in sources:
        with pytest.raises(InterchangeError, match="nested deeper than 100"):
            parse(source, "f")


def test_aliases_that_multiply_without_end_are_rejected() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, 12):
        copies = ", ".join([f"*a{level - 1}"] * 10)
        lines.append(f"a{level}: &a{level} [{copies}]")
    with pytest.raises(InterchangeError, match="more than 1,000,000 values"):
        parse("\n".join(lines), "bomb.yaml")


def test_a_duplicate_key_is_reported() -> None:
    for source in ('{"a": 1, "a": 2}', "a: 1\na: 2\n"):
        content = parse(source, "f")
        assert content.value == {"a": 2}
        assert "key a " in content.notes[0]


def test_encodings_are_recognised_by_their_byte_order_mark() -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32"):
        assert decode("ä: 1".encode(encoding), "f") == "ä: 1"
    with pytest.raises(InterchangeError, match="not UTF-8 text"):
        decode(b"\xff\xfe\xfd", "f")
    with pytest.raises(InterchangeError, match="the limit is 16 MB"):
        decode(bytes(MAX_BYTES + 1), "f")


scalars = st.none() | st.booleans() | st.integers() | st.text()
values = st.recursive(
    scalars, lambda v: st.lists(v) | st.dictionaries(st.text(), v), max_leaves=20
)


@given(values)
def test_json_is_written_so_that_it_reads_the_same(value: Value) -> None:
    if not isinstance(value, list | dict):
        return
    expected = parse(compact_json(value), "f").value
    assert expected == parse(indented_json(value), "f").value
    if "\\u" not in compact_json(value):
        assert expected == value


@given(st.text())
def test_any_text_is_read_or_rejected(source: str) -> None:
    try:
        parse(source, "f")
    except InterchangeError as error:
        assert str(error).startswith("f")
