from __future__ import annotations

import pytest

from mixtui.sandbox.data import profiles
from mixtui.sandbox.data.json_text import Json, JsonObject
from mixtui.sandbox.data.profiles import InvalidOperation

PROFILE: JsonObject = {"plan": "free", "visits": 3, "tags": ["a"], "one": "x"}


@pytest.mark.parametrize(
    ("name", "value", "changed"),
    [
        ("$set", {"plan": "pro", "new": None}, {"plan": "pro", "new": None}),
        ("$set_once", {"plan": "pro", "new": 1}, {"new": 1}),
        ("$add", {"visits": 2, "new": 1.5}, {"visits": 5, "new": 1.5}),
        ("$add", {"plan": 2}, {}),
        ("$append", {"tags": "a", "new": 1}, {"tags": ["a", "a"], "new": [1]}),
        ("$append", {"one": "y"}, {"one": ["x", "y"]}),
        (
            "$union",
            {"tags": ["a", "b", "b"], "new": []},
            {"tags": ["a", "b"], "new": []},
        ),
        ("$remove", {"tags": "a", "one": "x", "new": 1}, {"tags": []}),
    ],
    ids=lambda item: str(item),
)
def test_an_operation_changes_only_what_it_names(
    name: str, value: Json, changed: JsonObject
) -> None:
    before = dict(PROFILE)
    assert profiles.operation(name, value)(PROFILE) == {**PROFILE, **changed}
    assert before == PROFILE


def test_unset_removes_properties() -> None:
    new = profiles.operation("$unset", ["plan", "unknown"])(PROFILE)
    assert new == {"visits": 3, "tags": ["a"], "one": "x"}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("$set", ["plan"], "$set must be an object"),
        ("$add", {"visits": "2"}, "$add: the value of visits must be a number"),
        ("$add", {"visits": True}, "$add: the value of visits must be a number"),
        ("$union", {"tags": "b"}, "$union: the value of tags must be a list"),
        ("$unset", {"plan": 1}, "$unset must be a list of property names"),
    ],
    ids=lambda item: str(item),
)
def test_an_invalid_value_is_refused(name: str, value: Json, message: str) -> None:
    with pytest.raises(InvalidOperation, match=message.replace("$", r"\$")):
        profiles.operation(name, value)
