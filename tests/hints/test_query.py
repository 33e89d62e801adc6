"""Hints about the query: drafts with a mistake, and the closest ones without."""

from __future__ import annotations

import pytest

from mixtui.hints import Hint
from mixtui.model.draft import Draft, Pair
from mixtui.model.errors import Field
from tests.hints.samples import hints_of, make_draft, messages_of

DATES = ("from_date=2026-11-01", "to_date=2026-11-20")


def events(*rows: str) -> Draft:
    defaults = ('event=["a"]', "type=general", "unit=day", *DATES)
    return make_draft("GET", "query", "/query/events", *_override(defaults, rows))


def properties(*rows: str) -> Draft:
    defaults = ("event=a", "name=plan", "type=general", "unit=day", *DATES)
    return make_draft(
        "GET", "query", "/query/events/properties", *_override(defaults, rows)
    )


def export(*rows: str) -> Draft:
    return make_draft("GET", "export", "", *_override(DATES, rows))


def retention(*rows: str) -> Draft:
    return make_draft("GET", "query", "/query/retention", *_override(DATES, rows))


def _override(defaults: tuple[str, ...], rows: tuple[str, ...]) -> list[str]:
    """Replace default rows by rows of the same name; ``-name`` removes one."""
    removed = {row.removeprefix("-") for row in rows if "=" not in row}
    added = [row for row in rows if "=" in row]
    names = removed | {row.partition("=")[0] for row in added}
    return [*(row for row in defaults if row.partition("=")[0] not in names), *added]


MISTAKES = [
    (events("-unit"), "unit", "missing"),
    (events("-unit", "-unit=day"), "unit is disabled, but", "enable it"),
    (events("unit="), "unit is empty", "set a value"),
    (events("from_dat=2026-11-01", "-from_date"), "from_dat", "mean from_date?"),
    (events("fromDate=2026-11-01", "-from_date"), "fromDate", "mean from_date?"),
    (events("zebra=1"), "zebra", "not a documented parameter"),
    (events("unit=Day"), "unit is Day", "did you mean day?"),
    (events("unit=fortnight"), "unit is fortnight", "must be one of minute, hour"),
    (events("event=a"), "event is a", 'did you mean ["a"]?'),
    (events('event=["a"'), "event", "not a complete JSON list: line 1"),
    (events("event=%5B%22a%22%5D"), "event", "already percent-encoded"),
    (
        properties('event=["a"]'),
        "event is",
        "must be a single plain name, not a JSON list",
    ),
    (properties('event="a"'), "event is", "did you mean a?"),
    (properties("limit=many"), "limit is many", "must be an integer"),
    (properties("limit=1,000"), "limit is 1,000", "did you mean 1000?"),
    (export("limit=100001"), "limit is 100001", "at most 100,000"),
    (export("limit=0"), "limit is 0", "at least 1"),
    (export("time_in_ms=1"), "time_in_ms is 1", "did you mean true?"),
    (export("from_date=20261101"), "from_date is 20261101", "mean 2026-11-01?"),
    (export("from_date=2026-02-30"), "from_date is 2026-02-30", "yyyy-mm-dd"),
    (export("from_date=2026-11-22"), "after to_date", "swap them"),
    (export("to_date=2026-11-25"), "to_date (2026-11-25) is after today", "rejects"),
    (
        events("from_date=2026-12-01", "to_date=2026-12-02"),
        "from_date",
        "in the future",
    ),
    (events("from_date=2020-01-01"), "from_date", "five years"),
    (retention("unit=day", "interval=7"), "unit and interval", "remove interval"),
    (
        retention("retention_type=birth"),
        "born_event is missing",
        "retention_type=birth requires",
    ),
    (retention("unbounded_retention=maybe"), "unbounded_retention", "true or false"),
    (retention("on=plan"), "on is plan", 'did you mean properties["plan"]?'),
    (events("token=abc"), "token does not belong", "remove it"),
    (events("api_secret=abc"), "api_secret does not belong", "remove it"),
    (events("unit=day", "unit=week"), "unit is a duplicate", "keep one"),
    (
        make_draft("POST", "ingestion", "/engage?verbose=yes", body='{"$set":{}}'),
        "verbose is yes",
        "must be 0 or 1",
    ),
    (
        make_draft("GET", "ingestion", "/flags", "context=user"),
        "context is user",
        "must be a JSON object",
    ),
    (
        make_draft("GET", "export", "?from_date=2026-11-01", *DATES),
        "from_date is in the URL and here",
        "keep one",
    ),
]
VALID = [
    events(),
    events("-unit", "unit=week"),
    events('event=["a","b"]'),
    events("-from_date", "-to_date", "interval=7"),
    properties("limit=1000"),
    properties("event=[beta] launch"),
    export("limit=100000"),
    export("time_in_ms=true"),
    export("to_date=2026-11-24"),
    export('where=properties["x"] % 20 == 0'),
    export("from_date=2026-11-20"),
    events("from_date=2022-01-01"),
    retention("unit=day"),
    retention("interval=7"),
    retention("retention_type=birth", "born_event=a"),
    retention("unbounded_retention=true"),
    retention('on=properties["plan"]'),
    events("project_id=5", "workspace_id=6"),
    make_draft("GET", "query", "/query/engage", "page=2", "session_id=s", "where=true"),
    make_draft("GET", "ingestion", "/flags", 'context={"distinct_id": "u"}'),
    make_draft("GET", "query", "/query/segmentation", "event=a", "unit=week", *DATES),
]


@pytest.mark.parametrize(("draft", "subject", "hint"), MISTAKES)
def test_a_mistake_gives_a_hint(draft: Draft, subject: str, hint: str) -> None:
    hints = [each for each in messages_of(draft) if subject in each]
    assert hints, messages_of(draft)
    assert any(hint in each for each in hints), hints


@pytest.mark.parametrize("draft", VALID)
def test_a_valid_draft_has_no_hint(draft: Draft) -> None:
    assert [each.message for each in hints_of(draft) if each.severe] == []


def only_hint(draft: Draft, text: str) -> Hint:
    hints = [each for each in hints_of(draft) if text in each.message]
    assert len(hints) == 1
    return hints[0]


@pytest.mark.parametrize(
    ("draft", "text", "row", "corrected"),
    [
        (events("event=a"), "event is a", 4, Pair("event", '["a"]')),
        (events("from_dat=2026-11-01", "-from_date"), "mean", 4, None),
        (events("unit=Day"), "mean day", 4, Pair("unit", "day")),
        (events("token=abc"), "token", 5, Pair("token", "abc", enabled=False)),
        (events("event=%5B%22a%22%5D"), "encoded", 4, Pair("event", '["a"]')),
        (properties('event=["a"]'), "single plain", 5, Pair("event", "a")),
        (retention("unit=day", "interval=7"), "mutually", 3, None),
        (export("to_date=2026-11-25"), "today", 1, Pair("to_date", "{{today}}")),
        (events("-unit", "-unit=day"), "unit is disabled", 4, Pair("unit", "day")),
    ],
)
def test_a_row_is_named_and_corrected(
    draft: Draft, text: str, row: int, corrected: Pair | None
) -> None:
    hint = only_hint(draft, text)
    assert (hint.field, hint.row) == (Field.QUERY, row)
    assert hint.suggestion is not None
    if corrected is not None:
        assert hint.suggestion.query[row] == corrected
    after = [each.message for each in hints_of(hint.suggestion)]
    assert hint.message not in after


def test_dates_in_the_wrong_order_are_swapped() -> None:
    hint = only_hint(export("from_date=2026-11-22"), "swap them")
    assert hint.suggestion is not None
    dates = {row.name: row.value for row in hint.suggestion.query}
    assert dates == {"from_date": "2026-11-20", "to_date": "2026-11-22"}


def test_a_parameter_with_a_default_is_added() -> None:
    draft = make_draft("POST", "ingestion", "/import", body="[]")
    hint = only_hint(draft, "strict")
    assert hint.suggestion is not None
    assert hint.suggestion.query == (Pair("strict", "1"),)


def test_a_profile_write_is_warned_of_the_missing_ip_once() -> None:
    body = '{"$distinct_id": "u", "$set": {"a": 1}}'
    hint = only_hint(
        make_draft("POST", "ingestion", "/engage", body=body), "ip is missing"
    )
    assert not hint.severe
    assert hint.suggestion is not None
    assert hints_of(hint.suggestion) == ()
    disabled = make_draft("POST", "ingestion", "/engage", "-ip=0", body=body)
    assert hints_of(disabled) == ()


def test_no_message_contains_a_secret() -> None:
    draft = events("unit={{env:WORD}}", "event={{env:WORD}}", "limit={{env:WORD}}")
    messages = messages_of(draft)
    assert any(each.startswith("unit is ••••••") for each in messages)
    assert not any("hush" in each for each in messages)


def test_a_template_without_a_value_is_not_a_wrong_value() -> None:
    assert hints_of(events("unit={{unit}}")) == ()


def test_the_repeated_parameter_may_be_repeated() -> None:
    draft = make_draft(
        "GET",
        "pipelines",
        "/pipeline/status",
        "name=p",
        "status=pending",
        "status=running",
    )
    assert not any("duplicate" in each for each in messages_of(draft))
