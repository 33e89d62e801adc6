from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.diff import text_diff as module
from mixtui.diff.json_diff import NotComparable
from mixtui.diff.text_diff import TextDiff, diff_text
from mixtui.system import Cancelled, CancelToken

LINES = st.lists(st.sampled_from([b"a", b"b", b"c", b"", b"}", b"\xff"]), max_size=40)


def compare(old: bytes, new: bytes) -> TextDiff:
    changes = diff_text(old, new)
    assert isinstance(changes, TextDiff)
    return changes


def row_texts(diff: TextDiff) -> list[str]:
    rows = map(diff.row, range(diff.row_count))
    return [
        f"{row.old or '':>2} {row.new or '':>2} {row.sign} {row.text.decode()}"
        for row in rows
    ]


def test_json_is_formatted_first() -> None:
    old, new = b'{"a":1,"b":[1,2]}', b'{"a": 1, "b": [1, 3]}'
    assert row_texts(compare(old, new)) == [
        "      @ @@ -2,6 +2,6 @@",
        ' 2  2     "a": 1,',
        ' 3  3     "b": [',
        " 4  4       1,",
        " 5    -     2",
        "    5 +     3",
        " 6  6     ]",
        " 7  7   }",
    ]


def test_other_text_is_compared_unformatted() -> None:
    changes = compare(b"one\ntwo", b"one\n2\ntwo")
    assert row_texts(changes) == [
        "      @ @@ -1,2 +1,3 @@",
        " 1  1   one",
        "    2 + 2",
        " 2  3   two",
    ]
    assert (changes.added, changes.removed) == (1, 0)


def test_changes_far_apart_are_hunks_of_their_own() -> None:
    lines = [b"%d" % number for number in range(40)]
    changes = compare(b"\n".join(lines), b"\n".join([b"x", *lines[1:30], *lines[31:]]))
    assert changes.hunks == [0, 6]
    assert changes.row(6).text == b"@@ -28,7 +28,6 @@"
    with pytest.raises(IndexError):
        changes.row(changes.row_count)


def test_nothing_differs() -> None:
    assert compare(b'{"a":1}', b'{ "a": 1 }').row_count == 0


def test_one_side_empty() -> None:
    assert row_texts(compare(b"x", b"y")) == [
        "      @ @@ -1 +1 @@",
        " 1    - x",
        "    1 + y",
    ]


@given(LINES, LINES)
def test_the_hunks_turn_the_old_text_into_the_new(
    old: list[bytes], new: list[bytes]
) -> None:
    changes = compare(b"\n".join(old), b"\n".join(new))
    old, new = (b"\n".join(side).split(b"\n") for side in (old, new))
    rebuilt: list[bytes] = []
    position = 0
    for row in map(changes.row, range(changes.row_count)):
        if row.sign == "@":
            continue
        if row.old is not None:
            rebuilt += old[position : row.old - 1]
            position = row.old
            assert old[position - 1] == row.text
        if row.new is not None:
            rebuilt.append(row.text)
            assert len(rebuilt) == row.new
    assert rebuilt + old[position:] == new


@given(LINES, LINES)
def test_headings_count_the_lines_of_their_hunk(
    old: list[bytes], new: list[bytes]
) -> None:
    changes = compare(b"\n".join(old), b"\n".join(new))
    for start, end in pairwise([*changes.hunks, changes.row_count]):
        rows = [changes.row(index) for index in range(start + 1, end)]
        spans = []
        for sign, numbers in (
            ("-", [r.old for r in rows]),
            ("+", [r.new for r in rows]),
        ):
            present = [number for number in numbers if number is not None]
            span = f"{sign}{present[0]}" if present else None
            spans.append(span if len(present) == 1 else f"{span},{len(present)}")
            assert present
        assert changes.row(start).text.decode() == f"@@ {spans[0]} {spans[1]} @@"


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ("MAX_BYTES", "Too large to compare"),
        ("MAX_LINES", "Too long"),
    ],
)
def test_a_body_that_is_too_large_is_reported(
    monkeypatch: pytest.MonkeyPatch, limit: str, message: str
) -> None:
    monkeypatch.setattr(module, limit, 2)
    changes = diff_text(b"a\nb\nc\nd", b"a")
    assert isinstance(changes, NotComparable)
    assert message in changes.reason


def test_a_cancelled_comparison_ends() -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        diff_text(b"a", b"b", token)
