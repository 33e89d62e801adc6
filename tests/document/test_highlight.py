from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.document.document import Language, read
from mixtui.document.highlight import TokenKind, tokens

KEY, STRING, NUMBER = TokenKind.KEY, TokenKind.STRING, TokenKind.NUMBER
KEYWORD, PUNCTUATION = TokenKind.KEYWORD, TokenKind.PUNCTUATION
TEXT, ERROR, OFFSET = TokenKind.TEXT, TokenKind.ERROR, TokenKind.OFFSET


def significant_tokens(
    line: str, *, cropped: bool = False
) -> list[tuple[TokenKind, str]]:
    """Return the tokens except space and punctuation."""
    all_tokens = tokens(line, Language.JSON, cropped=cropped)
    return [token for token in all_tokens if token[0] not in (TEXT, PUNCTUATION)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('  "name": "Ann",', [(KEY, '"name"'), (STRING, '"Ann"')]),
        ('  "Ann",', [(STRING, '"Ann"')]),
        ('  "a\\"b": -1.5e3', [(KEY, '"a\\"b"'), (NUMBER, "-1.5e3")]),
        ('"x": true', [(KEY, '"x"'), (KEYWORD, "true")]),
        ("null,", [(KEYWORD, "null")]),
        (
            '{"a":1,"b":["c",false]}',
            [
                (KEY, '"a"'),
                (NUMBER, "1"),
                (KEY, '"b"'),
                (STRING, '"c"'),
                (KEYWORD, "false"),
            ],
        ),
        ("}],", []),
        ("terminated early", None),
    ],
)
def test_the_tokens_of_json_are_classified(
    line: str, expected: list[tuple[TokenKind, str]] | None
) -> None:
    if expected is None:
        assert ERROR in {kind for kind, _ in significant_tokens(line)}
    else:
        assert significant_tokens(line) == expected


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        pytest.param(
            'lo", "n": 1',
            [(STRING, 'lo"'), (KEY, '"n"'), (NUMBER, "1")],
            id="begins in a text",
        ),
        pytest.param(
            'ame": 1, "b',
            [(KEY, 'ame"'), (NUMBER, "1"), (STRING, '"b')],
            id="begins in a key, ends in a text",
        ),
        pytest.param('"n": 1', [(KEY, '"n"'), (NUMBER, "1")], id="begins between"),
        pytest.param("some words", [(STRING, "some words")], id="inside one text"),
        pytest.param('", 2', [(STRING, '"'), (NUMBER, "2")], id="begins at a quote"),
    ],
)
def test_a_cropped_line_is_highlighted(
    part: str, expected: list[tuple[TokenKind, str]]
) -> None:
    assert significant_tokens(part, cropped=True) == expected


@given(
    st.text() | st.text(alphabet='"\\{}[]:,/*tnf0.e \ta'),
    st.sampled_from(list(Language)),
    st.booleans(),
)
def test_the_parts_joined_are_the_line(
    line: str, language: Language, cropped: bool
) -> None:
    assert "".join(t for _, t in tokens(line, language, cropped=cropped)) == line


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_every_line_of_formatted_json_is_lexed_completely(value: object) -> None:
    document = read(json.dumps(value).encode())
    for index in range(document.line_count):
        kinds = {kind for kind, _ in tokens(document.line(index), document.language)}
        assert ERROR not in kinds


def test_a_hexadecimal_line_has_three_parts() -> None:
    line = read(b"\0abc").line(0)
    parts_of_line = tokens(line, Language.HEX)
    assert [kind for kind, _ in parts_of_line] == [OFFSET, NUMBER, STRING]
    assert re.fullmatch(r"\|\.abc\|", parts_of_line[2][1].strip())


@pytest.mark.parametrize("language", [Language.CSV, Language.TEXT])
def test_plain_text_is_one_token(language: Language) -> None:
    assert tokens('a,"b",1', language) == [(TEXT, 'a,"b",1')]
