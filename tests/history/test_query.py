"""Parsing the filter typed into the history."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.history.query import (
    NO_RESPONSE,
    HistoryQuery,
    InvalidQuery,
    day_after,
    parse_query,
)

NOW = datetime(2026, 3, 10, 15, 30)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone()


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", HistoryQuery()),
        ("  two words ", HistoryQuery(terms=("two", "words"))),
        ('"as one" x', HistoryQuery(terms=("as one", "x"))),
        ('"never closed', HistoryQuery(terms=("never closed",))),
        ("status:404", HistoryQuery(status=(404, 404))),
        ("STATUS:4XX", HistoryQuery(status=(400, 499))),
        ("status:none", HistoryQuery(status=NO_RESPONSE)),
        ("after:2026-01-31", HistoryQuery(since=day("2026-01-31"))),
        ("before:today", HistoryQuery(until=day("2026-03-10"))),
        ("after:today-2w", HistoryQuery(since=day("2026-02-24"))),
        (
            "on:today-1d",
            HistoryQuery(since=day("2026-03-09"), until=day("2026-03-10")),
        ),
        ("method:post x", HistoryQuery(terms=("x",), method="POST")),
        ('request:"Weekly sign-ups"', HistoryQuery(request="Weekly sign-ups")),
        ("env:prod-eu", HistoryQuery(environment="prod-eu")),
        ("environment:prod-eu", HistoryQuery(environment="prod-eu")),
        (
            "since:today-1d until:today",
            HistoryQuery(since=day("2026-03-09"), until=day("2026-03-11")),
        ),
        ('"stauts:404"', HistoryQuery(terms=("stauts:404",))),
        ("https://x.example/a:b", HistoryQuery(terms=("https://x.example/a:b",))),
        ("$set what:ever", HistoryQuery(terms=("$set", "what:ever"))),
    ],
)
def test_a_filter_consists_of_terms_and_named_values(
    text: str, query: HistoryQuery
) -> None:
    assert parse_query(text, NOW) == query


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("status:4", "a number such as 404"),
        ("status:600", "a number such as 404"),
        ("status:ok", "a class such as 4xx"),
        ("after:monday", "a date such as 2026-01-31"),
        ("before:2026-02-30", "a date such as 2026-01-31"),
        ("on:today-9999w", "a date such as"),
        ("stauts:404", "Did you mean status:?"),
        ("x methd:GET", "Did you mean method:?"),
        ("Befor:today", "Did you mean before:?"),
    ],
)
def test_an_invalid_value_is_reported(text: str, message: str) -> None:
    with pytest.raises(InvalidQuery, match=message):
        parse_query(text, NOW if "9999w" not in text else datetime(20, 1, 1))


def test_a_day_ends_where_the_next_begins() -> None:
    assert day_after(day("2026-12-31")) == day("2027-01-01")


@given(st.text())
def test_any_text_is_a_query_or_an_invalid_query(text: str) -> None:
    try:
        query = parse_query(text, NOW)
    except InvalidQuery:
        return
    assert all(query.terms)


@given(st.lists(st.from_regex(r"[a-z/%$._-]{1,9}", fullmatch=True)))
def test_plain_words_are_search_terms(terms: list[str]) -> None:
    assert parse_query(" ".join(terms), NOW).terms == tuple(terms)
