"""Recipes make events of rows and objects."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mixtui.jobs.model import InvalidRecord, JobError
from mixtui.jobs.recipe import ColumnType, EventMapper, EventRecipe, load_recipe

ROW = {
    "user_id": "u7",
    "created_at": "2026-01-31T12:00:00",
    "amount": " 12.50",
    "zip": "01234",
    "tags": '["a"]',
}


def mapped(
    recipe: EventRecipe, row: dict[str, object] | bytes = b""
) -> dict[str, object]:
    made = json.loads(EventMapper(recipe).map(row or dict(ROW)))
    assert isinstance(made, dict)
    return made


def test_columns_become_what_the_recipe_says() -> None:
    recipe = EventRecipe(
        event="Purchase",
        distinct_id="user_id",
        time="created_at",
        time_zone="Europe/Berlin",
        insert_id="zip",
        rename={"tags": "labels"},
        types={"amount": ColumnType.NUMBER, "tags": ColumnType.JSON},
    )
    assert mapped(recipe) == {
        "event": "Purchase",
        "properties": {
            "time": 1769857200,
            "distinct_id": "u7",
            "$insert_id": "01234",
            "amount": 12.5,
            "labels": ["a"],
        },
    }


@pytest.mark.parametrize(
    ("recipe", "properties"),
    [
        (EventRecipe(keep=("zip",)), {"zip": "01234"}),
        (EventRecipe(keep=("zip", "tags"), drop=("tags",)), {"zip": "01234"}),
        (
            EventRecipe(drop=("user_id", "created_at", "amount", "tags")),
            {"zip": "01234"},
        ),
    ],
)
def test_columns_are_kept_and_dropped(
    recipe: EventRecipe, properties: dict[str, object]
) -> None:
    assert mapped(recipe)["properties"] == properties


@pytest.mark.parametrize(
    ("value", "format", "zone", "seconds"),
    [
        ("1769857200", "", "", 1769857200),
        ("1769857200123", "unix", "", 1769857200123),
        (1769857200, "", "", 1769857200),
        ("2026-01-31T12:00:00+01:00", "", "", 1769857200),
        ("2026-01-31 11:00:00Z", "iso", "", 1769857200),
        ("2026-01-31T11:00:00.250", "", "", 1769857200250),
        ("31.01.2026 12:00", "%d.%m.%Y %H:%M", "Europe/Berlin", 1769857200),
        ("20260131", "%Y%m%d", "", 1769817600),
    ],
)
def test_times_are_read(value: object, format: str, zone: str, seconds: int) -> None:
    recipe = EventRecipe(time_format=format, time_zone=zone)
    assert mapped(recipe, {"time": value})["properties"] == {"time": seconds}


@pytest.mark.parametrize(
    ("recipe", "row", "problem"),
    [
        (EventRecipe(), {"time": "soon"}, "time: “soon” is not a time"),
        (
            EventRecipe(time_format="unix"),
            {"time": "2026-01-31"},
            "not a time in Unix seconds",
        ),
        (EventRecipe(time_format="%Y"), {"time": "x"}, "not a time in the format %Y"),
        (
            EventRecipe(types={"a": ColumnType.NUMBER}),
            {"a": "1,5"},
            "a: “1,5” is not a number",
        ),
        (
            EventRecipe(types={"a": ColumnType.BOOLEAN}),
            {"a": "ja"},
            "neither true nor false",
        ),
        (EventRecipe(types={"a": ColumnType.JSON}), {"a": "{"}, "a: “{” is not JSON"),
        (EventRecipe(event="x"), b"[1]", "not a JSON object"),
        (EventRecipe(event="x"), b"{", "not valid JSON"),
    ],
)
def test_what_a_column_must_not_be_is_said(
    recipe: EventRecipe, row: dict[str, object] | bytes, problem: str
) -> None:
    with pytest.raises(InvalidRecord) as raised:
        mapped(recipe, row)
    assert problem in f"{raised.value.field}: {raised.value.reason}"


def test_an_event_can_be_mapped_again() -> None:
    event = b'{"event": "a", "properties": {"time": 5, "distinct_id": "u", "x": 1}}'
    assert mapped(EventRecipe(rename={"x": "y"}), event) == {
        "event": "a",
        "properties": {"time": 5, "distinct_id": "u", "y": 1},
    }


def test_a_recipe_is_a_toml_file(tmp_path: Path) -> None:
    path = tmp_path / "orders.toml"
    path.write_text('event = "Purchase"\ndrop = ["a"]\n[types]\namount = "number"\n')
    expected = EventRecipe(
        event="Purchase", drop=("a",), types={"amount": ColumnType.NUMBER}
    )
    assert load_recipe(path, EventRecipe) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('distict_id = "a"', "no key “distict_id”. Did you mean distinct_id?"),
        ('types = { a = "nummer" }', "Invalid enum value 'nummer'"),
        ("event = ", "is not valid TOML"),
        ("event = 5", "Expected str, got int"),
        ("x" * 500 + " = 1", "no key “" + "x" * 199 + "…”"),
        ("a = " + "[" * 5000, "nested too deeply"),
    ],
)
def test_a_wrong_recipe_is_a_sentence(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "orders.toml"
    path.write_text(text)
    with pytest.raises(JobError, match=problem):
        load_recipe(path, EventRecipe)


def test_a_time_zone_must_exist() -> None:
    with pytest.raises(JobError, match="Unknown time zone “Berlin”"):
        EventMapper(EventRecipe(time_zone="Berlin"))
