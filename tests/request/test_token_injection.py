"""The project token is added to each record without one; nothing else changes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.jsontext import check
from mixtui.mixpanel.endpoints import TokenPlace
from mixtui.request.event_ids import inject_token

EVENTS, MERGE, RECORD = (
    TokenPlace.PROPERTIES,
    TokenPlace.MERGE_EVENTS,
    TokenPlace.RECORD,
)

INJECTED = [
    (
        "an event",
        EVENTS,
        '[{"event": "a", "properties": {"time": 1}}]',
        '[{"event": "a", "properties": {"token": "T", "time": 1}}]',
    ),
    (
        "empty properties",
        EVENTS,
        '{"event":"a","properties":{ }}',
        '{"event":"a","properties":{"token": "T" }}',
    ),
    (
        "no properties",
        EVENTS,
        '[{"event": "a"}]',
        '[{"properties": {"token": "T"}, "event": "a"}]',
    ),
    (
        "typed token",
        EVENTS,
        '[{"event": "a", "properties": {"token": "X"}}]',
        '[{"event": "a", "properties": {"token": "X"}}]',
    ),
    (
        "typed empty token",
        EVENTS,
        '[{"properties": {"token": ""}}]',
        '[{"properties": {"token": ""}}]',
    ),
    (
        "token typed in escapes",
        EVENTS,
        '[{"properties": {"\\u0074oken": "X"}}]',
        '[{"properties": {"\\u0074oken": "X"}}]',
    ),
    (
        "a token elsewhere does not count",
        EVENTS,
        '[{"token": "X", "properties": {"a": {"token": "X"}}}]',
        '[{"token": "X", "properties": {"token": "T", "a": {"token": "X"}}}]',
    ),
    (
        "one with and one without",
        EVENTS,
        '[{"properties":{"token":"X"}},{"properties":{"a":1}}]',
        '[{"properties":{"token":"X"}},{"properties":{"token": "T", "a":1}}]',
    ),
    (
        "numbers, order, duplicates and layout",
        EVENTS,
        '[ {"properties" : {"b":1.0, "a":1e400,\n\t"a":-0, "n":12345678901234567890}} ]',
        '[ {"properties" : {"token": "T", "b":1.0, "a":1e400,\n\t"a":-0, '
        '"n":12345678901234567890}} ]',
    ),
    (
        "a profile",
        RECORD,
        '[{"$distinct_id": "1", "$set": {"a": 1}}]',
        '[{"$token": "T", "$distinct_id": "1", "$set": {"a": 1}}]',
    ),
    ("an empty profile", RECORD, "[{}]", '[{"$token": "T"}]'),
    ("a profile with its token", RECORD, '[{"$token":"X"}]', '[{"$token":"X"}]'),
    (
        "a merge",
        MERGE,
        '[{"event": "$merge", "properties": {}}]',
        '[{"event": "$merge", "properties": {"token": "T"}}]',
    ),
    (
        "an imported event",
        MERGE,
        '[{"event": "a", "properties": {}}]',
        '[{"event": "a", "properties": {}}]',
    ),
    ("no records", EVENTS, "[]", "[]"),
    ("no objects", EVENTS, '[1, "a", null, []]', '[1, "a", null, []]'),
    (
        "properties that are none",
        EVENTS,
        '[{"properties": null}]',
        '[{"properties": null}]',
    ),
]


@pytest.mark.parametrize(
    ("token_place", "text", "expected"),
    [row[1:] for row in INJECTED],
    ids=[row[0] for row in INJECTED],
)
def test_a_record_without_a_token_gets_one(
    token_place: TokenPlace, text: str, expected: str
) -> None:
    result = inject_token(text, "T", token_place)
    assert result.text == expected
    assert bool(result.added) == (text != expected)


def test_the_first_record_without_a_token_is_named_when_there_is_none() -> None:
    text = '[{"$token": "X"}, {"a": 1}, {}]'
    result = inject_token(text, "", RECORD)
    assert (result.text, result.added, result.total, result.first_without) == (
        text,
        0,
        3,
        2,
    )


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
RECORDS = st.lists(
    st.dictionaries(
        st.sampled_from(["event", "properties", "$token", "$set", "a", "é\n"]),
        SCALARS
        | st.just("$merge")
        | st.dictionaries(st.sampled_from(["token", "time", '"']), SCALARS),
    )
    | SCALARS
)
TOKENS = st.text(min_size=1, max_size=6)


@given(RECORDS, TOKENS, st.sampled_from([EVENTS, RECORD]), st.sampled_from([None, 1]))
def test_the_result_is_the_original_plus_the_token(
    typed: list[object], token: str, token_place: TokenPlace, indent: int | None
) -> None:
    text = json.dumps(typed, indent=indent)
    result = inject_token(text, token, token_place)
    assert check(result.text) is None
    assert json.loads(result.text) == [with_token(r, token, token_place) for r in typed]


def with_token(record: object, token: str, token_place: TokenPlace) -> object:
    if not isinstance(record, dict):
        return record
    if token_place is RECORD:
        return {"$token": token, **record}
    properties = record.get("properties", {})
    if not isinstance(properties, dict):
        return record
    return {**record, "properties": {"token": token, **properties}}


@given(RECORDS, TOKENS, st.sampled_from([EVENTS, MERGE, RECORD]))
def test_every_typed_character_stays_in_its_order(
    typed: list[object], token: str, token_place: TokenPlace
) -> None:
    text = json.dumps(typed)
    rest = iter(inject_token(text, token, token_place).text)
    assert all(character in rest for character in text)
