"""Tags: what is typed, shown and compared."""

from __future__ import annotations

import pytest

from mixtui.storage.tags import has_tags, join_tags, parse_tags, shown_tags


@pytest.mark.parametrize(
    ("typed", "tags"),
    [
        ("", ()),
        (" , ,", ()),
        ("weekly", ("weekly",)),
        ("#weekly, # monthly  report,Weekly", ("weekly", "monthly report")),
        ("a\x1bb", ("a␛b",)),
        ("##weekly, # # b,#", ("weekly", "b")),
    ],
)
def test_typed_tags_are_separated_by_commas(typed: str, tags: tuple[str, ...]) -> None:
    assert parse_tags(typed) == tags
    assert parse_tags(join_tags(tags)) == tags


def test_tags_are_shown_once_as_they_were_first_written() -> None:
    assert shown_tags(["Weekly", "", "weekly", "a,b"]) == ("Weekly", "a b")


@pytest.mark.parametrize(
    ("wanted", "has"),
    [([], True), (["WEEKLY"], True), (["week"], False), (["x"], False)],
)
def test_a_request_has_all_tags_that_are_wanted(wanted: list[str], has: bool) -> None:
    assert has_tags(("weekly", "old"), wanted) is has
