"""Two versions of a draft are merged field by field, and row by row."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, Draft, Method, Options, Pair
from mixtui.model.merge import merge_drafts, with_field

BASE = Draft(
    name="Sign-ups",
    url="/query/events",
    query=(Pair("event", "a"), Pair("event", "b"), Pair("limit", "5")),
    options=Options(timeout=5.0),
)


def rows(*values: str) -> tuple[Pair, ...]:
    return tuple(
        Pair(row.name, value) for row, value in zip(BASE.query, values, strict=True)
    )


def test_fields_that_one_side_changed_are_merged() -> None:
    mine = replace(BASE, url="/mine", options=replace(BASE.options, timeout=9.0))
    theirs = replace(
        BASE,
        method=Method.POST,
        body=Body(text="{}"),
        options=replace(BASE.options, history=False),
    )
    merge = merge_drafts(BASE, mine, theirs)
    assert merge.conflicts == ()
    assert merge.draft == replace(
        theirs, url="/mine", options=Options(timeout=9.0, history=False)
    )


def test_what_both_changed_alike_does_not_conflict() -> None:
    changed = replace(BASE, url="/x", query=rows("a", "b", "6"))
    assert merge_drafts(BASE, changed, changed).conflicts == ()


def test_a_field_that_both_changed_is_mine_and_a_conflict() -> None:
    mine = replace(BASE, url="/mine", api=Api.APP)
    theirs = replace(
        BASE, url="/theirs", name="Other", options=replace(BASE.options, timeout=1.0)
    )
    mine = replace(mine, options=replace(BASE.options, timeout=2.0))
    merge = merge_drafts(BASE, mine, theirs)
    assert merge.conflicts == ("timeout", "url")
    assert merge.draft == replace(mine, name="Other")
    merged = with_field(merge.draft, "timeout", theirs)
    assert with_field(merged, "url", theirs) == replace(theirs, api=Api.APP)


def test_the_same_rows_are_merged_one_by_one() -> None:
    mine = replace(BASE, query=rows("a", "x", "5"))
    theirs = replace(BASE, query=rows("y", "b", "5"))
    merge = merge_drafts(BASE, mine, theirs)
    assert (merge.draft.query, merge.conflicts) == (rows("y", "x", "5"), ())


@pytest.mark.parametrize(
    "theirs",
    [rows("a", "b", "7"), BASE.query[1:], (*BASE.query, Pair("unit", "day"))],
)
def test_other_rows_than_those_of_the_other_side_are_a_conflict(
    theirs: tuple[Pair, ...],
) -> None:
    mine = replace(BASE, query=rows("a", "b", "6"))
    merge = merge_drafts(BASE, mine, replace(BASE, query=theirs))
    assert (merge.draft, merge.conflicts) == (mine, ("query",))
