from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from mixtui.diff.comparison import (
    ComparedSide,
    Comparison,
    HeadChange,
    compare_heads,
    compare_json,
    compare_text,
)
from mixtui.diff.json_diff import JsonDiff, NotComparable
from mixtui.diff.text_diff import TextDiff
from mixtui.model.draft import Headers
from mixtui.model.errors import MixtuiError


def side(body: bytes = b"{}", **changes: Any) -> ComparedSide:
    side_ = ComparedSide(
        "today 14:02", "prod", "200 OK", "accepted", len(body), 0.24, lambda: body
    )
    return replace(side_, **changes)


def test_a_side_has_a_title() -> None:
    assert side().title == "today 14:02 · prod · 200 OK · accepted · 2 B · 240 ms"
    assert side(environment="").title.startswith("today 14:02 · 200 OK")


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ((("Server", "a"),), (("server", "a"),), []),
        ((("Date", "monday"),), (("Date", "tuesday"),), []),
        (
            (("Via", "a"), ("Server", "x")),
            (("Server", "y"), ("Vary", "z")),
            [
                HeadChange("-", "header via", "a", ""),
                HeadChange("~", "header server", "x", "y"),
                HeadChange("+", "header vary", "", "z"),
            ],
        ),
        (
            (("Via", "a"), ("Via", "b")),
            (("Via", "a"),),
            [HeadChange("~", "header via", "a, b", "a")],
        ),
    ],
)
def test_headers_are_compared_by_name(
    old: Headers, new: Headers, changes: list[HeadChange]
) -> None:
    comparison = Comparison(side(headers=old), side(headers=new))
    assert list(compare_heads(comparison)) == changes


def test_status_and_outcome_come_first() -> None:
    failed = side(status="500 Oh", outcome="server error", headers=(("Via", "a"),))
    names = [change.name for change in compare_heads(Comparison(side(), failed))]
    assert names == ["status", "outcome", "header via"]


def test_bodies_are_loaded_and_compared() -> None:
    comparison = Comparison(side(b'{"a":1}'), side(b'{"a":2}'))
    assert isinstance(compare_json(comparison), JsonDiff)
    assert isinstance(compare_text(comparison), TextDiff)
    assert comparison.swapped == Comparison(comparison.new, comparison.old)


def test_a_body_that_is_too_large_is_never_loaded() -> None:
    def load() -> bytes:
        raise AssertionError

    comparison = Comparison(side(), side(body_size=10**9, load=load))
    for changes in (compare_json(comparison), compare_text(comparison)):
        assert isinstance(changes, NotComparable)
        assert "1.0 GB; the limit is" in changes.reason


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (MixtuiError("It was purged."), "It was purged."),
        (FileNotFoundError(2, "No such file"), "read: No such file."),
    ],
)
def test_a_missing_body_is_reported(error: Exception, message: str) -> None:
    def load() -> bytes:
        raise error

    changes = compare_json(Comparison(side(), side(load=load)))
    assert isinstance(changes, NotComparable)
    assert message in changes.reason
