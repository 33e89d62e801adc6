"""Events are checked against the documented rules, and sent as they are written."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixtui.jobs.event_check import REJECTED, EventChecker
from mixtui.jobs.model import InvalidRecord

NOW = 1_780_000_000
checker = EventChecker(lambda: NOW)


def event(**properties: object) -> bytes:
    values = {"time": NOW - 5, "distinct_id": "u1", "$insert_id": "a-1", **properties}
    kept = {name: value for name, value in values.items() if value is not ...}
    return json.dumps({"event": "Sign up", "properties": kept}).encode()


def problem(text: bytes) -> str:
    with pytest.raises(InvalidRecord) as raised:
        checker.complete(text)
    return f"{raised.value.field}: {raised.value.reason}".removeprefix(": ")


@pytest.mark.parametrize(
    "text",
    [
        event(),
        event(time=(NOW - 5) * 1000),
        event(time=NOW - 5.25),
        event(distinct_id=7),
        event(distinct_id=""),
        event(a={"b": {"c": 1}}),
        event(a=[1] * 255),
        event(**{f"p{n}": n for n in range(251)}),
        b'{"event":"\\u0041","properties":{"time":1e9,"distinct_id":"x","$insert_id":"b",'
        b'"amount":1.0,"big":123456789012345678901234567890}}',
    ],
)
def test_a_valid_event_is_sent_byte_for_byte(text: bytes) -> None:
    assert checker.complete(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", "not valid JSON (input data was truncated)"),
        (b'{"event": "a"', "not valid JSON (input data was truncated)"),
        (b"[1]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b'{"event": "a"}', "properties: is missing"),
        (b'{"event": "a", "properties": 5}', "properties is not an object"),
        (b'{"properties": {}}', "event: is missing"),
        (b'{"event": 5, "properties": {}}', "event: must be a text"),
        (b'{"event": "", "properties": {}}', "event: is missing"),
        (event(time=...), "properties.time: is missing"),
        (event(time=None), "properties.time: is missing"),
        (
            event(time="2026-01-31"),
            "properties.time: must be a number (Unix seconds or milliseconds)",
        ),
        (
            event(time=True),
            "properties.time: must be a number (Unix seconds or milliseconds)",
        ),
        (event(time=1000), "properties.time: is before 1971"),
        (event(time=NOW + 4000), "properties.time: is more than an hour in the future"),
        (event(time=10**400), "properties.time: is more than an hour in the future"),
        (event(time=-(10**400)), "properties.time: is before 1971"),
        (
            event(time=(NOW - 5) * 10**6),
            "properties.time: is in microseconds: use seconds or milliseconds",
        ),
        (event(distinct_id=...), "properties.distinct_id: is missing"),
        (event(distinct_id=None), "properties.distinct_id: is missing"),
        (
            event(distinct_id="Undefined"),
            "properties.distinct_id: is “Undefined”, which is not an id",
        ),
        (
            event(distinct_id=["a"]),
            "properties.distinct_id: must be a text or a number",
        ),
        (event(**{"$insert_id": 5}), "properties.$insert_id: must be a text"),
        (
            event(**{"$insert_id": "null"}),
            "properties.$insert_id: is “null”, which is not an id",
        ),
        (
            event(**{"$insert_id": "x" * 37}),
            "properties.$insert_id: is longer than 36 bytes",
        ),
        (
            event(**{"$insert_id": "a:b"}),
            "properties.$insert_id: must have only letters, digits and -",
        ),
        (
            event(**{f"p{n}": n for n in range(252)}),
            "properties: has 255 properties; Mixpanel takes fewer than 255",
        ),
        (
            event(**{f"p{n}": n for n in range(10_000)}),
            "properties: has 10003 properties; Mixpanel takes fewer than 255",
        ),
        (
            event(a={"b": {"c": {"d": 1}}}),
            "properties.a: is nested more than 3 objects deep",
        ),
        (
            event(a=[{"b": [{"c": {"d": {}}}]}]),
            "properties.a: is nested more than 3 objects deep",
        ),
        (event(a=[1] * 256), "properties.a: has 256 items; Mixpanel takes 255"),
        (event(a=["x" * 20] * 256), "properties.a: has 256 items; Mixpanel takes 255"),
        (event(a="x" * 3_000_000), "is 3,000,107 bytes long; Mixpanel takes 1 MB"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_an_invalid_event_is_refused_with_its_reason(
    text: bytes, expected: str
) -> None:
    assert problem(text) == expected


def test_a_member_of_an_event_that_is_named_like_a_note_is_sent() -> None:
    text = event(**{REJECTED: 1})
    assert checker.complete(text) == text


def insert_id(text: bytes) -> str:
    completed = json.loads(checker.complete(text))
    found = completed["properties"]["$insert_id"]
    assert isinstance(found, str)
    return found


def test_a_missing_insert_id_is_made_of_the_content_however_it_is_spelled() -> None:
    one = event(**{"$insert_id": ...})
    same = (
        b'{ "properties": {"distinct_id": "u1", "time": %d}, "event": "Sign\\u0020up"}'
    )
    other = event(**{"$insert_id": ..., "plan": "pro"})
    assert insert_id(one) == insert_id(same % (NOW - 5)) != insert_id(other)
    assert insert_id(one) == insert_id(event(**{"$insert_id": None}))
    assert len(insert_id(one)) == 32


@settings(max_examples=50)
@given(
    st.dictionaries(
        st.text(max_size=5).filter(lambda name: name not in ("time", "distinct_id")),
        st.none()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        max_size=5,
    )
)
def test_an_event_that_gets_an_id_keeps_all_else(properties: dict[str, object]) -> None:
    properties.pop("$insert_id", None)
    text = event(**{**properties, "$insert_id": ...})
    completed = json.loads(checker.complete(text))
    assert completed["properties"].pop("$insert_id")
    assert completed == json.loads(text)


def test_the_note_of_a_rejected_record_is_not_sent() -> None:
    noted = json.loads(event()) | {REJECTED: {"line": 3, "reason": "x"}}
    completed = checker.complete(json.dumps(noted).encode())
    assert json.loads(completed) == json.loads(event())
