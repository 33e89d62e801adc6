from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.sandbox.data import events as event_checks
from mixtui.sandbox.data.events import InvalidRecord
from mixtui.sandbox.data.json_text import Json

NOW_MS = 1_773_847_800_000
GOOD = {"time": 1_773_800_000, "distinct_id": "ada", "$insert_id": "a-1"}


def event(**changes: Json) -> Json:
    properties = {
        **GOOD,
        **{
            name.replace("insert_id", "$insert_id"): value
            for name, value in changes.items()
        },
    }
    return {"event": "Visit", "properties": properties}


def event_without(name: str) -> Json:
    return {
        "event": "Visit",
        "properties": {k: v for k, v in GOOD.items() if k != name},
    }


@pytest.mark.parametrize(
    ("record", "field", "message"),
    [
        pytest.param([], "", "must be an object", id="a list"),
        pytest.param({"properties": GOOD}, "event", "missing or blank", id="no name"),
        pytest.param(
            {"event": " ", "properties": {}}, "event", "blank", id="blank name"
        ),
        pytest.param(
            {"event": "x"}, "properties", "must be an object", id="no properties"
        ),
        pytest.param(event_without("time"), "properties.time", "seconds", id="no time"),
        pytest.param(
            event(time="now"), "properties.time", "seconds", id="time in words"
        ),
        pytest.param(event(time=True), "properties.time", "seconds", id="time true"),
        pytest.param(event(time=1), "properties.time", "1971", id="too early"),
        pytest.param(
            event(time=1_773_860_000), "properties.time", "future", id="future"
        ),
        pytest.param(
            event(time=10**300), "properties.time", "seconds", id="absurd time"
        ),
        pytest.param(
            event_without("distinct_id"), "properties.distinct_id", "string", id="no id"
        ),
        pytest.param(
            event(distinct_id="undefined"),
            "properties.distinct_id",
            "does not identify a user",
            id="no one",
        ),
        pytest.param(
            event(distinct_id=0),
            "properties.distinct_id",
            "does not identify a user",
            id="id 0",
        ),
        pytest.param(
            event_without("$insert_id"), "$insert_id", "missing", id="no insert id"
        ),
        pytest.param(
            event(insert_id="a:b"),
            "$insert_id",
            "'$insert_id' is invalid: must only contain alphanumeric or hyphen",
            id="colon",
        ),
        pytest.param(event(insert_id="é"), "$insert_id", "alphanumeric", id="accent"),
        pytest.param(
            event(insert_id="a" * 37), "$insert_id", "36 bytes", id="too long"
        ),
        pytest.param(
            event(insert_id="null"), "$insert_id", "not unique", id="null text"
        ),
        pytest.param(
            event(**{f"p{n}": 1 for n in range(253)}), "properties", "255", id="many"
        ),
        pytest.param(
            event(deep={"a": {"b": {"c": {"d": 1}}}}),
            "properties.deep",
            "deeper",
            id="deep",
        ),
        pytest.param(event(long=[1] * 256), "properties.long", "255 items", id="list"),
        pytest.param(event(big=["x" * 6000] * 200), "", "larger", id="big"),
    ],
)
def test_an_invalid_record_is_refused_by_import(
    record: Json, field: str, message: str
) -> None:
    with pytest.raises(InvalidRecord) as caught:
        event_checks.validate_import(record, NOW_MS, strict=True)
    assert caught.value.field == field
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (1_773_800_000, 1_773_800_000_000),
        (1_773_800_000.25, 1_773_800_000_250),
        (1_773_800_000_123, 1_773_800_000_123),
        (NOW_MS // 1000 + 60, NOW_MS),
    ],
    ids=["seconds", "fractions", "milliseconds", "a minute ahead"],
)
def test_times_come_in_seconds_or_milliseconds(time: float, expected: int) -> None:
    assert (
        event_checks.validate_import(event(time=time), NOW_MS, strict=True).time_ms
        == expected
    )


def test_an_event_keeps_its_own_properties_and_long_texts_are_cut() -> None:
    parsed = event_checks.validate_import(
        event(token="t", plan="x" * 300, n=[1, None]), NOW_MS, strict=True
    )
    assert parsed.properties == {"plan": "x" * 255, "n": [1, None]}
    assert (parsed.distinct_id, parsed.insert_id) == ("ada", "a-1")


def test_an_empty_distinct_id_is_accepted() -> None:
    assert (
        event_checks.validate_import(
            event(distinct_id=""), NOW_MS, strict=True
        ).distinct_id
        == ""
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
properties = st.fixed_dictionaries(
    {},
    optional={
        "time": json_values,
        "distinct_id": json_values,
        "$insert_id": json_values,
        "x": json_values,
    },
)
records = json_values | st.fixed_dictionaries(
    {"event": json_values | st.just("Visit"), "properties": properties}
)


@given(records)
def test_any_record_is_an_event_or_an_invalid_record(record: Json) -> None:
    try:
        event = event_checks.validate_import(record, NOW_MS, strict=True)
    except InvalidRecord:
        return
    assert 0 < event.time_ms <= NOW_MS
