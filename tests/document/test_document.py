from __future__ import annotations

import gc

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mixtui.document import document as language
from mixtui.document import document as reading_document
from mixtui.document.document import ENOUGH, Document, DocumentLoader, Language, read
from mixtui.document.json_layout import PIECE
from mixtui.document.layout import TextLines
from mixtui.document.source import BytesSource
from tests.document.bodies_to_show import (
    DOCUMENTS,
    GrowingSource,
    chunk_ends,
    encode,
    load_in_chunks,
    part_lines,
    piece_size,
    raw_lines,
)

MEDIA_TYPES = ["", "application/json", "text/csv", "text/plain", "application/x-ndjson"]


def line_texts(document: Document) -> list[str]:
    return [document.line(index) for index in range(document.line_count)]


def source_bytes(document: Document) -> bytes:
    return document.source.read(0, document.source.size)


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
        pytest.param(
            b'[{"a":1},\n{"b":2}\n]',
            "text/plain",
            Language.JSON,
            [
                "[",
                "  {",
                '    "a": 1',
                "  },",
                "  {",
                '    "b": 2',
                "  }",
                "]",
            ],
            id="a list with an item on each line",
        ),
        pytest.param(
            b'{"a":\n{"b":2}\n}',
            "text/plain",
            Language.JSON,
            ["{", '  "a": {', '    "b": 2', "  }", "}"],
            id="an object on a line of its own in another",
        ),
        pytest.param(b"\xef\xbb\xbf{}", "", Language.JSON, ["{}"], id="BOM"),
        pytest.param(b"{} \r\n\t ", "", Language.JSON, ["{}"], id="space at the end"),
        pytest.param(
            b'{"a":"\\ud83d"}',
            "",
            Language.JSON,
            ["{", '  "a": "\\ud83d"', "}"],
            id="half a surrogate pair",
        ),
        pytest.param(
            b'{"event":"a"}\n{"event":"b"}\n',
            "text/plain",
            Language.JSON_LINES,
            ['{"event":"a"}', '{"event":"b"}'],
            id="raw export",
        ),
        pytest.param(
            b'{"a":1}\r\n{"b":2}\r\n',
            "",
            Language.JSON_LINES,
            ['{"a":1}', '{"b":2}'],
            id="CR LF",
        ),
        pytest.param(
            b'{"a":"\\ud83d"}\n{}',
            "",
            Language.JSON_LINES,
            ['{"a":"\\ud83d"}', "{}"],
            id="half a surrogate pair in a record",
        ),
        pytest.param(
            b'{"event":"a"}\nterminated early\n',
            "text/plain",
            Language.JSON_LINES,
            ['{"event":"a"}', "terminated early"],
            id="raw export that ended early",
        ),
        pytest.param(
            b'{"a":1}\n{"a":\n{"a":3}\n',
            "",
            Language.JSON_LINES,
            ['{"a":1}', '{"a":', '{"a":3}'],
            id="a broken record between others",
        ),
        pytest.param(
            b'{"a":"\x06"}\n{"a":2}\n',
            "text/plain",
            Language.JSON_LINES,
            ['{"a":"␆"}', '{"a":2}'],
            id="a control character in the first record",
        ),
        pytest.param(
            b'{"a":"\x06"}\n{"a":"\x06"}\n{"a":3}',
            "text/plain",
            Language.JSON_LINES,
            ['{"a":"␆"}', '{"a":"␆"}', '{"a":3}'],
            id="a control character in the first two records",
        ),
        pytest.param(
            b'{"a":"x\n{"a":2}\n{"a":3}\n',
            "text/plain",
            Language.JSON_LINES,
            ['{"a":"x', '{"a":2}', '{"a":3}'],
            id="the first record is cut",
        ),
        pytest.param(
            b'Warning: slow\n{"a":2}\n',
            "text/plain",
            Language.JSON_LINES,
            ["Warning: slow", '{"a":2}'],
            id="another line before the records",
        ),
        pytest.param(
            b'null\n\n{"a":2}\n',
            "text/plain",
            Language.JSON_LINES,
            ["null", "", '{"a":2}'],
            id="a scalar before the records",
        ),
        pytest.param(
            b'Dear {name},\n{{"greeting"}}\n',
            "text/plain",
            Language.TEXT,
            ["Dear {name},", '{{"greeting"}}'],
            id="text with braces",
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
def test_a_body_is_recognised_and_formatted(
    body: bytes, media_type: str, language: Language, lines: list[str]
) -> None:
    document = read(body, media_type)
    assert document.language is language
    assert line_texts(document) == lines
    assert document.notice == ""
    assert document.complete
    assert source_bytes(document) == body


DEEP = b"[" * 100_000 + b"]" * 100_000
TRUNCATED = "the body is not valid JSON (it ends in the middle of a value)"


@pytest.mark.parametrize(
    ("body", "media_type", "language", "lines", "notice"),
    [
        pytest.param(b"", "", Language.TEXT, [], "The body is empty.", id="empty"),
        pytest.param(
            b'{"a":1,"b":[1,{"c":tr',
            "",
            Language.JSON,
            ["{", '  "a": 1,', '  "b": [', "    1,", '{"c":tr'],
            f"From line 5 on, {TRUNCATED}: shown raw.",
            id="cut JSON",
        ),
        pytest.param(
            b'{"a": ',
            "",
            Language.JSON,
            ['{"a": '],
            f"{TRUNCATED.capitalize().replace('json', 'JSON')}: shown raw.",
            id="cut at once",
        ),
        pytest.param(
            b"[1,\n",
            "",
            Language.JSON,
            ["[", "  1,"],
            "The body is not valid JSON (it ends in the middle of a value).",
            id="cut behind a comma",
        ),
        pytest.param(
            b'{"a":1}]',
            "",
            Language.JSON,
            ["{", '  "a": 1', "}", "]"],
            "From line 4 on, the body is not valid JSON (invalid character): shown raw.",
            id="one bracket too many",
        ),
        pytest.param(
            b'{"a":1} {"b":2}',
            "",
            Language.JSON,
            ["{", '  "a": 1', "}", "{", '  "b": 2', "}"],
            "2 concatenated JSON documents.",
            id="two documents",
        ),
        pytest.param(
            b'["a\x1bb",1]',
            "",
            Language.JSON,
            ['["a␛b",1]'],
            "The body is not valid JSON (invalid character): shown raw.",
            id="an escape character in a text",
        ),
        pytest.param(
            b'["caf\xe9","\xe6\x97"]',
            "",
            Language.JSON,
            ["[", '  "caf\ufffd",', '  "\ufffd"', "]"],
            "Bytes that are not UTF-8 are shown as \ufffd.",
            id="not UTF-8",
        ),
        pytest.param(
            b"sorry",
            "application/json",
            Language.TEXT,
            ["sorry"],
            "The content type is JSON, but the body is not: shown raw.",
            id="a false content type",
        ),
        pytest.param(
            b'"caf\xe9"',
            "",
            Language.JSON,
            ['"caf\ufffd"'],
            "Bytes that are not UTF-8 are shown as \ufffd.",
            id="Latin-1",
        ),
        pytest.param(
            b" \r\n ",
            "application/json",
            Language.TEXT,
            [" ", " "],
            "The content type is JSON, but the body is not: shown raw.",
            id="white space",
        ),
        pytest.param(
            DEEP,
            "",
            Language.JSON,
            [DEEP.decode()],
            "The body is nested too deeply to be formatted: shown raw.",
            id="deep",
        ),
    ],
)
def test_an_invalid_body_is_shown_as_far_as_possible_with_a_notice(
    body: bytes, media_type: str, language: Language, lines: list[str], notice: str
) -> None:
    document = read(body, media_type)
    assert document.notice == notice
    assert document.language is language
    assert line_texts(document) == lines
    assert source_bytes(document) == body


@pytest.mark.parametrize(
    ("body", "notice"),
    [
        (b"1", "A bare 1: Mixpanel accepted"),
        (b"1\n", "A bare 1: Mixpanel accepted"),
        (b"0\n", "A bare 0: Mixpanel rejected"),
    ],
)
@pytest.mark.parametrize("final_only", [True, False])
def test_a_bare_response_is_explained(
    body: bytes, notice: str, final_only: bool
) -> None:
    ends = [] if final_only else range(1, len(body) + 1)
    source = BytesSource(body)
    loader = DocumentLoader(source, "application/json")
    if not final_only:
        *_, loader = load_in_chunks(body, ends, "application/json")
    else:
        for _ in loader.advance(final=True):
            pass
    document = loader.document
    assert document is not None
    assert document.language is Language.JSON
    assert document.notice.startswith(notice)
    assert "content type" not in document.notice


def test_a_binary_body_is_shown_in_hexadecimal() -> None:
    document = read(bytes(range(20)))
    assert line_texts(document)[1].startswith("00000010  10 11 12 13")
    assert document.width == len(document.line(0))
    assert document.notice == "Binary: 20 B, shown as hex."


def test_json_with_a_nul_is_shown_as_text_and_other_bytes_in_hexadecimal() -> None:
    document = read(b'{"a":"\0"}')
    assert line_texts(document) == ['{"a":"␀"}']
    assert "not valid JSON (invalid character)" in document.notice
    assert read(b"a\0b").language is Language.HEX
    assert read(b"a\0b", "application/json").language is Language.TEXT


def test_a_later_nul_ends_the_formatted_json() -> None:
    document = read(b'["' + b"x" * 9000 + b'",1,"\0"]')
    assert line_texts(document)[2:] == ["  1,", '"␀"]']
    assert "From line 4 on, the body is not valid JSON (invalid" in document.notice


def test_text_with_a_few_controls_is_text() -> None:
    document = read(b"\x1b[31mred\x1b[0m \x07")
    assert document.language is Language.TEXT
    assert line_texts(document) == ["␛[31mred␛[0m ␇"]


def test_a_raw_document_is_not_formatted() -> None:
    document = read(b'{"a":1}', raw=True)
    assert line_texts(document) == ['{"a":1}']
    assert document.language is Language.JSON


def test_a_raw_document_has_the_notice() -> None:
    assert read(b"1", raw=True).notice


def test_one_very_long_line_of_json_is_formatted() -> None:
    text, record = "日本" * 300_000, '{"a":1,"b":["%s"]}' % ("x" * 100)
    records = ",".join([record] * 25_000)
    body = f'{{"n":1e400,"text":"{text}","records":[{records}]}}'.encode()
    assert len(body) > 30 * PIECE
    document = read(body, "application/json")
    assert document.line_count == 6 + 6 * 25_000
    assert document.line(1) == '  "n": 1e400,'
    assert document.line(2, 0, 14) == '  "text": "日本日'
    assert document.line(4 + 6 * 12_345) == "    {"
    assert document.notice == ""


def test_text_without_line_ends_is_divided_into_parts() -> None:
    body = "日本x".encode() * 1_000_000
    document = read(body)
    assert (document.line_count, document.language) == (1, Language.TEXT)
    assert document.line(0, 2_999_997, 100) == "日本x"
    assert document.part_count < 200


def test_a_million_short_lines_are_few_parts() -> None:
    document = read(b"x\n" * 1_000_000)
    assert document.line_count == 1_000_000
    assert document.line(999_999) == "x"
    layout = document.layout
    assert isinstance(layout, TextLines)
    assert document.part_count == 31


@given(st.binary(), st.sampled_from(MEDIA_TYPES))
def test_any_body_can_be_shown(body: bytes, media_type: str) -> None:
    document = read(body, media_type)
    for line in line_texts(document):
        assert "\n" not in line
        assert "\x1b" not in line
        assert len(line) <= document.width
    assert source_bytes(document) == body


BODIES = st.one_of(
    st.binary(max_size=200),
    DOCUMENTS.map(encode),
    st.lists(DOCUMENTS, max_size=5).map(lambda texts: encode("\n".join(texts))),
    st.lists(DOCUMENTS, max_size=5).map("".join).map(encode),
    st.lists(st.sampled_from(["{}", '{"a":[1,2]}', '{"a"', "", "x"]), max_size=9)
    .map("\r\n".join)
    .map(encode),
    st.sampled_from([b"1", b"0\n", b'"abc" ', b"true\n", b"-1.5\nx", b"1\n2\n"]),
    st.text(alphabet='aé日🙂\n\r\t,"{').map(str.encode),
).flatmap(
    lambda body: st.sampled_from([body, b"\xef\xbb\xbf" + body, body[: len(body) // 2]])
)


@given(
    BODIES,
    st.sampled_from(MEDIA_TYPES),
    st.lists(st.integers(0, 1000), max_size=12),
    st.integers(1, 60),
)
def test_a_body_that_arrives_in_pieces_ends_up_like_the_complete_one(
    body: bytes, media_type: str, offsets: list[int], size: int
) -> None:
    complete = read(body, media_type)
    expected, notice = raw_lines(complete), complete.notice
    # Loading begins with the first byte that arrives.
    ends = [end for end in chunk_ends(body, offsets) if end]
    with piece_size(size), pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading_document, "_STEP", size)
        previous: list[bytes] = []
        document = None
        for loader in load_in_chunks(body, ends, media_type):
            if loader.document is None:
                continue
            assert document is None or document is loader.document
            document = loader.document
            # The language may be detected from an incomplete body: see the next test.
            assume(document.language is complete.language)
            current = raw_lines(document)
            assert current[: len(previous[:-1])] == previous[:-1]
            assert part_lines(document) == current
            previous = current
        assert document is not None and document.complete
        assert previous == expected
        assert document.notice == notice
        assert all(len(line) <= document.width for line in line_texts(document))


@given(
    BODIES,
    st.sampled_from(MEDIA_TYPES),
    st.lists(st.integers(0, 1000), max_size=12),
    st.integers(8, 60),
)
def test_only_two_properties_depend_on_how_much_has_arrived(
    body: bytes, media_type: str, offsets: list[int], enough: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language, "ENOUGH", enough)
        patch.setattr(language, "_SAMPLE", enough // 2)
        complete_language = read(body, media_type).language
        *_, loader = load_in_chunks(body, chunk_ends(body, offsets), media_type)
        assert loader.document is not None
        detected = loader.document.language
        first_line = body.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0]
        if detected is not complete_language and Language.HEX in (
            detected,
            complete_language,
        ):
            # A body is binary if its beginning has control characters, which may come
            # after the first line; the content type alone may decide the rest.
            assert b"\n" in body[:enough] or media_type in [
                *MEDIA_TYPES[-1:],
                "text/csv",
            ]
        elif detected is not complete_language:
            # The first record is longer than the sample that a body is judged by.
            assert (detected, complete_language) == (Language.JSON, Language.JSON_LINES)
            assert len(first_line) >= enough


def test_a_long_first_record_that_arrives_slowly_gives_json_documents() -> None:
    record = b'{"a":"' + b"x" * 2 * ENOUGH + b'"}\n'
    body = record + b'{"b":1}\n' * 50
    assert read(body).language is Language.JSON_LINES
    *_, loader = load_in_chunks(body, [1000, ENOUGH, ENOUGH + 1000, len(body)])
    document = loader.document
    assert document is not None
    assert document.language is Language.JSON
    assert document.line_count == 3 * 51
    assert document.notice == "51 concatenated JSON documents."


def test_an_incomplete_character_at_the_end_is_reported_even_if_it_arrived_earlier() -> (
    None
):
    body = b"caf\xc3"
    *_, loader = load_in_chunks(body, [len(body)])
    assert loader.document is not None
    assert "not UTF-8" in loader.document.notice


def test_a_long_text_is_json_if_the_content_type_says_so() -> None:
    body = b'"' + b"x" * (1 << 21) + b'"'
    for media_type, expected in (
        ("application/json", Language.JSON),
        ("", Language.TEXT),
    ):
        assert read(body, media_type).language is expected
        *_, loader = load_in_chunks(body, [1 << 20, len(body)], media_type)
        assert loader.document is not None
        assert loader.document.language is expected
        assert loader.document.notice == read(body, media_type).notice == ""


def test_endless_white_space_is_text() -> None:
    assert read(b" " * (1 << 21)).language is Language.TEXT
    assert read(b" " * (1 << 21) + b"{}").language is Language.TEXT


def test_a_source_that_became_shorter_is_read_as_far_as_it_goes() -> None:
    for body in (b"a\nb\n", b'{"a":1,"b":2}', b"[1,", b"\0\1"):
        source = GrowingSource(body)
        source.size = len(body) + 10
        loader = DocumentLoader(source)
        for _ in loader.advance(final=True):
            pass
        assert loader.document is not None
        assert loader.document.complete


RECORD = b'{"event": "Sign up", "properties": {"time": 1, "plan": "pro"}}, '
LISTED = b"[" + RECORD * 4_000 + b"1]"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(LISTED, id="a list"),
        pytest.param(LISTED.replace(b", ", b",\n "), id="a list in lines"),
        pytest.param(LISTED[:-9], id="it ends early"),
        pytest.param(LISTED + b"x", id="something follows"),
        pytest.param(LISTED + LISTED, id="two documents"),
        pytest.param(LISTED[:200_000] + b"tru, " + LISTED[1:], id="a mistake"),
        pytest.param(b'["' + b"x" * 500_000 + b'", 1]', id="a long text"),
        pytest.param(b'["' + b"x" * 500_000 + b'" 1]', id="a mistake after it"),
        pytest.param(b"[" * 300_000, id="nested too deeply"),
        pytest.param(b'["\\ud800"' + b', "abc"' * 50_000 + b"]", id="half a surrogate"),
        pytest.param(b'{"a": 1}\n' * 40_000 + b"{oops", id="JSON lines"),
        pytest.param(b"text\n" * 50_000, id="text"),
        pytest.param(bytes(range(256)) * 1_000, id="binary"),
    ],
)
def test_reading_a_body_leaves_no_circles_that_hold_its_pieces(body: bytes) -> None:
    read(body)  # What is imported and cached once.
    gc.collect()
    gc.disable()
    try:
        document = read(body)
        assert gc.collect() == 0
    finally:
        gc.enable()
    assert document.complete
