from __future__ import annotations

import json
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.core.document import Document, Language, read
from mixtui.core.json_layout import lay_out


def shown(document: Document) -> list[str]:
    return [document.line(index) for index in range(document.line_count)]


@pytest.mark.parametrize(
    ("body", "media_type", "language", "lines"),
    [
        pytest.param(
            b'{"b":1.50,"a":[],"b":1e400,"n":12345678901234567890123}',
            "application/json",
            Language.JSON,
            [
                "{",
                '  "b": 1.50,',
                '  "a": [],',
                '  "b": 1e400,',
                '  "n": 12345678901234567890123',
                "}",
            ],
            id="numbers, duplicates and order stay",
        ),
        pytest.param(b"[1]", "text/plain", Language.JSON, ["[", "  1", "]"], id="list"),
        pytest.param(b"\xef\xbb\xbf{}", "", Language.JSON, ["{}"], id="BOM"),
        pytest.param(
            b'{"event":"a"}\n{"event":"b"}\n',
            "text/plain",
            Language.JSON_LINES,
            ['{"event":"a"}', '{"event":"b"}'],
            id="raw export",
        ),
        pytest.param(
            b'{"event":"a"}\nterminated early\n',
            "text/plain",
            Language.JSON_LINES,
            ['{"event":"a"}', "terminated early"],
            id="raw export that ended early",
        ),
        pytest.param(
            '{"a":"\u2028"}\n{}'.encode(),
            "",
            Language.JSON_LINES,
            ['{"a":"␦"}', "{}"],
            id="a separator inside a record",
        ),
        pytest.param(
            b'{"event":"a"}\n',
            "application/x-ndjson",
            Language.JSON_LINES,
            ['{"event":"a"}'],
            id="one JSON line",
        ),
        pytest.param(b"a,b\n1,2", "text/csv", Language.CSV, ["a,b", "1,2"], id="CSV"),
        pytest.param(b"no, sorry", "", Language.TEXT, ["no, sorry"], id="text"),
        pytest.param(
            b"true story", "", Language.TEXT, ["true story"], id="almost JSON"
        ),
        pytest.param(b"2024-01-01", "", Language.TEXT, ["2024-01-01"], id="a date"),
        pytest.param(
            b"<b>hi</b>", "text/html", Language.TEXT, ["<b>hi</b>"], id="HTML"
        ),
        pytest.param(b" \n", "", Language.TEXT, [" "], id="space only"),
    ],
)
def test_a_body_is_recognised_and_laid_out(
    body: bytes, media_type: str, language: Language, lines: list[str]
) -> None:
    document = read(body, media_type)
    assert document.language is language
    assert shown(document) == lines
    assert document.notice == ""
    assert document.source == body


@pytest.mark.parametrize(
    ("body", "media_type", "language", "notice"),
    [
        pytest.param(b"", "", Language.TEXT, "The body is empty.", id="empty"),
        pytest.param(b"1", "", Language.JSON, "A bare 1: Mixpanel took", id="1"),
        pytest.param(b"0\n", "", Language.JSON, "A bare 0: Mixpanel refused", id="0"),
        pytest.param(
            b'{"a": ',
            "",
            Language.JSON,
            "not valid JSON (input data was truncated): shown as it came",
            id="cut JSON",
        ),
        pytest.param(
            b"sorry",
            "application/json",
            Language.TEXT,
            "The content type says JSON, but this is not",
            id="a false content type",
        ),
        pytest.param(
            b'"caf\xe9"', "", Language.JSON, "Bytes that are not UTF-8", id="Latin-1"
        ),
        pytest.param(
            b"\x1f\x8b\x08\x00\x00", "", Language.HEX, "Binary: 5 B", id="gzip"
        ),
        pytest.param(
            b"[" * 20_000 + b"]" * 20_000,
            "",
            Language.JSON,
            "nested too deeply",
            id="deep",
        ),
        pytest.param(
            b"[" * 900 + b"1," * 50_000 + b"1" + b"]" * 900,
            "",
            Language.JSON,
            "nested too deeply",
            id="more indentation than memory",
        ),
    ],
)
def test_what_is_special_about_a_body_is_said(
    body: bytes, media_type: str, language: Language, notice: str
) -> None:
    document = read(body, media_type)
    assert notice in document.notice
    assert document.language is language


def test_a_binary_body_is_shown_in_hexadecimal() -> None:
    document = read(bytes(range(20)))
    assert shown(document)[1].startswith("00000010  10 11 12 13")
    assert document.width == len(document.line(0))


def test_text_with_a_few_controls_is_text() -> None:
    assert read(b"\x1b[31mred\x1b[0m \x07").language is Language.TEXT


def test_raw_leaves_the_layout() -> None:
    document = read(b'{"a":1}', raw=True)
    assert shown(document) == ['{"a":1}']
    assert document.language is Language.JSON


def test_a_notice_stays_in_the_raw_layout() -> None:
    assert read(b"1", raw=True).notice


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values, st.booleans())
def test_indenting_changes_nothing_but_space(value: object, ascii_only: bool) -> None:
    if "NaN" in (text := json.dumps(value, ensure_ascii=ascii_only)):
        text = text.replace("NaN", "null")
    text = text.replace("Infinity", "1e999")
    laid_out = lay_out(text.encode()).decode()
    assert json.loads(laid_out, parse_float=str) == json.loads(text, parse_float=str)


@given(st.binary(), st.sampled_from(["", "application/json", "text/csv", "text/plain"]))
def test_any_body_can_be_shown(body: bytes, media_type: str) -> None:
    document = read(body, media_type)
    for line in shown(document):
        assert "\n" not in line
        assert "\x1b" not in line
        assert len(line) <= document.width


def test_a_document_holds_no_list_of_texts() -> None:
    document = read(b"[" + b",".join([b"1"] * 1000) + b"]")
    assert document.line_count == 1002
    held = vars(document.lines).values()
    assert {type(value) for value in held} == {bytes, array, dict, int}
