from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.model.draft import Pair
from mixtui.ui.rows.model import escape_controls, from_text, to_text, unescape_controls

texts = st.text(st.characters(exclude_categories=["Cs"]))
odd = st.text(st.sampled_from("=:#\\ \n\r\t\x1b\x7f\x9b␛␊␤⑀ab"))
rows = st.builds(Pair, texts | odd, texts | odd, st.booleans())


@given(st.lists(rows), st.sampled_from("=:"))
def test_any_rows_come_back_from_their_text(pairs: list[Pair], separator: str) -> None:
    # A row of blanks only is not a row.
    pairs = [p for p in pairs if separator == "=" or p.name.strip() or p.value.strip()]
    assert from_text(to_text(pairs, separator), separator) == tuple(pairs)


@given(texts | odd)
def test_a_shown_text_holds_no_control_character(text: str) -> None:
    assert not any(
        ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in escape_controls(text)
    )
    assert unescape_controls(escape_controls(text)) == text


@pytest.mark.parametrize(
    ("text", "separator", "pairs"),
    [
        ("a=1\nb=2", "=", (Pair("a", "1"), Pair("b", "2"))),
        ("a=1\r\nb=2\r\n", "=", (Pair("a", "1"), Pair("b", "2"))),
        ("# limit=10", "=", (Pair("limit", "10", enabled=False),)),
        ("where=a==b:c", "=", (Pair("where", "a==b:c"),)),
        ("X-Id: a:b", ":", (Pair("X-Id", "a:b"),)),
        ("X-Id:a", ":", (Pair("X-Id", "a"),)),
        ("alone", "=", (Pair("alone"),)),
        (r"a\=b=c", "=", (Pair("a=b", "c"),)),
        (r"\#a=c", "=", (Pair("#a", "c"),)),
        ("a=one␊two", "=", (Pair("a", "one\ntwo"),)),
        ("\n\n  \n", "=", ()),
        ("a\\", "=", (Pair("a\\"),)),
    ],
)
def test_lines_are_read_as_people_write_them(
    text: str, separator: str, pairs: tuple[Pair, ...]
) -> None:
    assert from_text(text, separator) == pairs


def test_rows_are_written_as_people_read_them() -> None:
    pairs = [Pair("event", '["Sign up"]'), Pair("limit", "10", enabled=False)]
    assert to_text(pairs, "=") == 'event=["Sign up"]\n# limit=10'
    assert to_text(pairs[:1], ":") == 'event: ["Sign up"]'
