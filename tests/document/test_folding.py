"""Folds compared with a plain list of lines."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.document import json_layout
from mixtui.document.document import read
from mixtui.document.folding import FoldedView, Folds, folded_at
from mixtui.system import Cancelled, CancelToken
from tests.document.growing import GrowingBody

LINES = 60
Spans = list[tuple[int, int]]


def nested(first: int, last: int, draw: st.DrawFn) -> Iterator[tuple[int, int]]:
    """Draw spans within lines that are disjoint or nested, as objects are."""
    while first < last and draw(st.booleans()):
        start = draw(st.integers(first, last - 1))
        end = draw(st.integers(start + 1, last))
        yield start, end
        yield from nested(start + 1, end - 1, draw)
        first = end + 1


@st.composite
def spans(draw: st.DrawFn) -> Spans:
    return list(nested(0, LINES - 1, draw))


def visible_lines(folded: Spans) -> list[int]:
    """Return the lines that no span hides."""
    return [n for n in range(LINES) if not any(s < n <= e for s, e in folded)]


def check(folds: Folds, folded: Spans) -> None:
    rows = visible_lines(folded)
    assert folds.hidden == LINES - len(rows)
    assert [folds.line(row) for row in range(len(rows))] == rows
    for line in range(LINES):
        # The row of a hidden line is that of the fold around it: the last row before.
        assert folds.row(line) == sum(row <= line for row in rows) - 1
        assert folds.end(line) == dict(folded).get(line)
    assert bool(folds) is bool(folded)


@given(spans())
def test_initial_folds_hide_the_right_lines(folded: Spans) -> None:
    check(Folds(folded), folded)


@given(spans(), st.data())
def test_opening_and_closing_folds_hides_the_right_lines(
    spans: Spans, data: st.DataObject
) -> None:
    folds = Folds()
    folded: Spans = []
    for _ in range(data.draw(st.integers(0, 12))):
        step = data.draw(st.sampled_from(["fold", "open", "reveal"]))
        if step == "fold" and spans:
            span = data.draw(st.sampled_from(spans))
            folds.fold(*span)
            folded = [*(s for s in folded if s != span), span]
        elif step == "open" and folded:
            span = data.draw(st.sampled_from(folded))
            folds.open(span[0])
            folded.remove(span)
        elif step == "reveal":
            line = data.draw(st.integers(0, LINES - 1))
            remaining = [(s, e) for s, e in folded if not s < line <= e]
            assert folds.reveal(line) is (remaining != folded)
            folded = remaining
        check(folds, folded)


RECORDS = {"results": [{"id": n, "tags": [n, {}], "x": {"y": [[]]}} for n in range(9)]}


@pytest.fixture(params=[7, 40, 1 << 17])
def pieces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Divide documents into many parts, or one."""
    monkeypatch.setattr(json_layout, "PIECE", request.param)
    monkeypatch.setattr(json_layout, "FIRST_PIECE", request.param)


def folded_lines(body: object, level: int) -> list[str]:
    document = read(json.dumps(body).encode())
    view = FoldedView(document)
    view.folds = folded_at(document, level, CancelToken())
    rows = range(view.row_count)
    return [(view.text(row) + view.hidden_text(row)).strip() for row in rows]


@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize(
    ("level", "rows"),
    [
        (0, ["{ … 1 key }"]),
        (1, ["{", '"results": [ … 9 items ]', "}"]),
        (2, ["{", '"results": [', *["{ … 3 keys },"] * 8, "{ … 3 keys }", "]", "}"]),
        (9, None),
    ],
)
def test_a_level_is_folded(level: int, rows: list[str] | None) -> None:
    formatted = json.dumps(RECORDS, indent=2).split("\n")
    assert folded_lines(RECORDS, level) == (
        rows or [line.strip() for line in formatted]
    )


@pytest.mark.usefixtures("pieces")
def test_objects_and_lists_at_one_level_are_both_folded() -> None:
    body = [{"a": 1}, [1, 2], {}, "{", 3, {"b": "}", "c": "["}]
    assert folded_lines(body, 1) == [
        "[",
        "{ … 1 key },",
        "[ … 2 items ],",
        "{},",
        '"{",',
        "3,",
        "{ … 2 keys }",
        "]",
    ]


def test_folding_a_level_can_be_cancelled() -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        folded_at(read(json.dumps(RECORDS).encode()), 1, token)


@pytest.mark.parametrize("body", [b"a,b\n1,2\n", b'{"a": 1}\n{"a": 2}\n', b"\x00" * 99])
def test_a_body_that_is_not_formatted_json_has_nothing_to_fold(body: bytes) -> None:
    document = read(body)
    view = FoldedView(document)
    view.folds = folded_at(document, 0, CancelToken())
    assert view.row_count == document.line_count
    assert view.hidden_text(0) == ""


def test_rows_are_counted_while_lines_arrive() -> None:
    body = GrowingBody(b'{"a": [1, 2],\n "b": [' + b"3, " * 9000)
    view = FoldedView(body.document)
    view.folds.fold(1, 4)
    rows_before, lines_before = view.row_count, body.document.line_count
    body.append(b"4, " * 100_000)
    assert body.document.line_count > lines_before
    assert view.row_count - rows_before == body.document.line_count - lines_before
