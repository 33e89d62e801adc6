"""Adding missing insert ids to events."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.request.event_ids import add_insert_ids, insert_id_note

EVENT = '{"event": "a", "properties": {"time": 1, "distinct_id": "x"}}'


def insert_ids(text: str) -> list[object]:
    records = json.loads(text)
    records = records if isinstance(records, list) else [records]
    return [record["properties"].get("$insert_id") for record in records]


def test_an_event_gets_an_id_that_import_accepts() -> None:
    (name,) = insert_ids(add_insert_ids(EVENT, "1").text)
    assert re.fullmatch(r"[0-9a-f]{32}", str(name))


def test_the_same_event_gets_the_same_id_every_time() -> None:
    spaced = f"[\n  {EVENT.replace(':', ' : ')}\n]"
    assert insert_ids(add_insert_ids(EVENT, "1").text) == insert_ids(
        add_insert_ids(spaced, "1").text
    )


def test_a_corrected_event_gets_another_id() -> None:
    corrected = EVENT.replace('"x"', '"y"')
    assert insert_ids(add_insert_ids(EVENT, "1").text) != insert_ids(
        add_insert_ids(corrected, "1").text
    )


def test_spaces_inside_a_string_change_the_id() -> None:
    with_space, without_space = (
        EVENT.replace('"x"', '"x y"'),
        EVENT.replace('"x"', '"xy"'),
    )
    assert insert_ids(add_insert_ids(with_space, "1").text) != insert_ids(
        add_insert_ids(without_space, "1").text
    )


def test_another_project_gets_another_id() -> None:
    assert insert_ids(add_insert_ids(EVENT, "1").text) != insert_ids(
        add_insert_ids(EVENT, "2").text
    )


def test_equal_events_get_different_ids() -> None:
    ids = insert_ids(add_insert_ids(f"[{EVENT}, {EVENT}, {EVENT}]", "1").text)
    assert len(set(ids)) == 3


@pytest.mark.parametrize(
    "text",
    [
        '{"event": "a", "properties": {"$insert_id": "mine"}}',
        '{"event": "$merge", "properties": {"$distinct_ids": ["a", "b"]}}',
        '{"event": "a"}',
        '{"event": "a", "properties": []}',
        '{"$set": {}}',
        "[]",
        "[1, null]",
        "7",
    ],
)
def test_a_record_with_an_id_or_without_an_event_is_unchanged(text: str) -> None:
    result = add_insert_ids(text, "1")
    assert result.text == text
    assert result.added == 0
    assert insert_id_note(text) == ""


def test_the_note_counts_the_added_ids() -> None:
    with_id = '{"event": "a", "properties": {"$insert_id": "mine"}}'
    assert insert_id_note(f"[{EVENT}, {with_id}]") == " · + $insert_id in 1 of 2"


@given(st.lists(st.dictionaries(st.text(), st.integers() | st.text()), max_size=5))
def test_nothing_else_of_an_event_changes(properties: list[dict[str, object]]) -> None:
    events = [
        {"event": "a", "properties": event_properties}
        for event_properties in properties
    ]
    result = add_insert_ids(json.dumps(events), "1")
    stripped = json.loads(result.text)
    for event, before in zip(stripped, properties, strict=True):
        if "$insert_id" not in before:
            assert event["properties"].pop("$insert_id")
    assert stripped == events
