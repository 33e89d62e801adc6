"""Updates are checked by the documented rules, and sent as they are written."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.jobs.model import InvalidRecord
from mixtui.jobs.profile_check import ProfileChecker, may_delete
from mixtui.jobs.profile_recipe import GroupRecipe, ProfileOperation, UserRecipe
from mixtui.jobs.sources import BLOCK, STDIN, Source
from mixtui.mixpanel.profiles import GROUPS, USERS

CHECKER = ProfileChecker(USERS, "tok", is_destructive=True)
GROUP_CHECKER = ProfileChecker(GROUPS, "tok", group_key="company")


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        (
            '{"$distinct_id":"u","$set":{"n":1.50,"big":12345678901234567890123}}',
            '{"$distinct_id":"u","$set":{"n":1.50,"big":12345678901234567890123},'
            '"$token":"tok","$ignore_time":true}',
        ),
        (
            '{"$token":"tok","$distinct_id":7,"$ignore_time":false,"$add":{"n":-1}}',
            '{"$token":"tok","$distinct_id":7,"$ignore_time":false,"$add":{"n":-1}}',
        ),
        (
            ' {"mixtui_rejected":{"line":1},"$token":null,"$distinct_id":"u","$delete":""}\n',
            '{"$token":"tok","$distinct_id":"u","$delete":"","$ignore_time":true}',
        ),
        (
            '{"$distinct_id":"u","$properties":{"a" : [1]}}',
            '{"$distinct_id":"u","$set":{"a" : [1]},"$token":"tok","$ignore_time":true}',
        ),
        (
            '{"$distinct_id":"u","$properties":{}}',
            '{"$distinct_id":"u","$set":{},"$token":"tok","$ignore_time":true}',
        ),
    ],
)
def test_an_update_is_sent_as_it_is_written(text: str, sent: str) -> None:
    assert CHECKER.complete(text.encode()).decode() == sent


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        (
            '{"$group_id":"a","$set":{"n":1}}',
            '{"$group_id":"a","$set":{"n":1},"$token":"tok","$group_key":"company"}',
        ),
        (
            '{"$distinct_id":"a","$properties":{"n":1}}',
            '{"$set":{"n":1},"$group_id":"a","$token":"tok","$group_key":"company"}',
        ),
        (
            '{"$group_key":"other","$group_id":1,"$union":{"n":[]}}',
            '{"$group_key":"other","$group_id":1,"$union":{"n":[]},"$token":"tok"}',
        ),
    ],
)
def test_an_update_of_a_group_gets_its_key(text: str, sent: str) -> None:
    assert GROUP_CHECKER.complete(text.encode()).decode() == sent


@pytest.mark.parametrize(
    ("update", "problem"),
    [
        ("[1]", "not a JSON object"),
        ('{"$distinct_id":', "not valid JSON"),
        ("[" * 1_000_000, "nested too deeply"),
        ({"$set": {"a": 1}}, "$distinct_id: is missing"),
        ({"$distinct_id": "", "$set": {"a": 1}}, "$distinct_id: is missing"),
        ({"$distinct_id": None, "$set": {"a": 1}}, "$distinct_id: is missing"),
        ({"$distinct_id": "undefined", "$set": {}}, "“undefined”, which is not an id"),
        ({"$distinct_id": True, "$set": {}}, "must be a text or a number"),
        ({"$distinct_id": ["u"], "$set": {}}, "must be a text or a number"),
        (
            {"$distinct_id": "u", "$token": "x", "$set": {}},
            "$token: is that of another",
        ),
        ({"$distinct_id": "u", "$token": 1, "$set": {}}, "$token: is that of another"),
        ({"$distinct_id": "u"}, "has no operation: one of $set, "),
        ({"$distinct_id": "u", "$sett": {}}, "has no operation"),
        (
            {"$distinct_id": "u", "$set": {}, "$add": {}},
            "has $set and $add: use a record",
        ),
        ({"$distinct_id": "u", "$set": [1]}, "$set: must be an object"),
        ({"$distinct_id": "u", "$set_once": {}}, "$set_once: has no properties"),
        ({"$distinct_id": "u", "$add": {"n": "1"}}, "$add.n: must be a number"),
        ({"$distinct_id": "u", "$add": {"n": True}}, "$add.n: must be a number"),
        ({"$distinct_id": "u", "$add": {"n": None}}, "$add.n: must be a number"),
        ({"$distinct_id": "u", "$union": {"n": "a"}}, "$union.n: must be a list"),
        ({"$distinct_id": "u", "$append": "a"}, "$append: must be an object"),
        ({"$distinct_id": "u", "$remove": ["a"]}, "$remove: must be an object"),
        ({"$distinct_id": "u", "$unset": "a"}, "$unset: must be a list of property"),
        ({"$distinct_id": "u", "$unset": [1]}, "$unset: must be a list of property"),
        ({"$distinct_id": "u", "$unset": []}, "$unset: does not name a property"),
        ({"$distinct_id": "u", "$set": {"a": "x" * 1_000_000}}, "Mixpanel takes 1 MB"),
    ],
)
def test_what_mixpanel_does_not_take_is_refused(update: Any, problem: str) -> None:
    text = update if isinstance(update, str) else json.dumps(update)
    with pytest.raises(InvalidRecord) as raised:
        CHECKER.complete(text.encode())
    field = f"{raised.value.field}: " if raised.value.field else ""
    assert problem in f"{field}{raised.value.reason}"


@pytest.mark.parametrize(
    ("update", "problem"),
    [
        ({"$group_id": "", "$set": {}}, "$group_id: is missing"),
        ({"$group_key": 1, "$group_id": "a", "$set": {}}, "$group_key: must be a text"),
        ({"$group_id": "a", "$add": {"n": 1}}, "not an operation on group profiles"),
        (
            {"$group_id": "a", "$delete": ""},
            "$delete: deletes, which was not confirmed",
        ),
        (
            {"$group_id": "a", "$unset": ["n"]},
            "$unset: deletes, which was not confirmed",
        ),
    ],
)
def test_groups_have_rules_of_their_own(update: object, problem: str) -> None:
    with pytest.raises(InvalidRecord) as raised:
        GROUP_CHECKER.complete(json.dumps(update).encode())
    field = f"{raised.value.field}: " if raised.value.field else ""
    assert problem in f"{field}{raised.value.reason}"


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False)
        | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_anything_is_refused_or_sent_with_its_values(value: object) -> None:
    update = {"$distinct_id": "u", "$set": value}
    try:
        sent = json.loads(CHECKER.complete(json.dumps(update).encode()))
    except InvalidRecord:
        assert not isinstance(value, dict)
    else:
        assert sent == {**update, "$token": "tok", "$ignore_time": True}


ROW = {"id": "u1", "n": "1", "tags": "a", "empty": None}


@pytest.mark.parametrize(
    ("operation", "update"),
    [
        (None, {"$set": {"n": "1", "tags": "a"}}),
        ("append", {"$append": {"n": "1", "tags": "a"}}),
        ("union", {"$union": {"n": ["1"], "tags": ["a"]}}),
        ("unset", {"$unset": ["n", "tags"]}),
        ("delete", {"$delete": ""}),
    ],
)
def test_a_row_becomes_an_update(operation: str | None, update: object) -> None:
    how = ProfileOperation(operation) if operation else None
    recipe = UserRecipe(operation=how, distinct_id="id")
    made = json.loads(recipe.mapper(omit_null=True).map(dict(ROW)))
    assert made == {"$distinct_id": "u1", **update}  # type: ignore[dict-item]


def test_numbers_are_read_from_text_to_be_added() -> None:
    recipe = UserRecipe(operation=ProfileOperation.ADD)
    mapper = recipe.mapper(omit_null=True)
    made = json.loads(mapper.map({"distinct_id": "u", "n": " 1.5 "}))
    assert made == {"$distinct_id": "u", "$add": {"n": 1.5}}
    with pytest.raises(InvalidRecord, match="is not a number"):
        mapper.map({"distinct_id": "u", "n": "one"})


def test_an_update_is_not_taken_for_a_row() -> None:
    mapper = UserRecipe(drop=("a",)).mapper(omit_null=False)
    with pytest.raises(InvalidRecord, match="is an update already"):
        mapper.map(b'{"$distinct_id":"u","$set":{"a":1}}')


def test_a_group_key_alone_maps_nothing() -> None:
    assert GroupRecipe(group_key="company").is_empty
    assert not GroupRecipe(group_key="company", group_id="id").is_empty
    mapper = GroupRecipe(group_key="company", drop=("b",)).mapper(omit_null=False)
    exported = b'{"$distinct_id":"acme","$properties":{"a":1,"b":2}}'
    assert json.loads(mapper.map(exported)) == {"$group_id": "acme", "$set": {"a": 1}}


def test_words_that_delete_are_found_wherever_they_are(tmp_path: Path) -> None:
    path = tmp_path / "updates.ndjson"
    source = Source(str(path))
    harmless = b'{"$distinct_id":"u","$set":{"a":"delete"}}\n'
    path.write_bytes(gzip.compress(harmless * 9))
    assert not may_delete([source], USERS)
    path.write_bytes(gzip.compress(harmless + b'{"$distinct_id":"u","$unset" :["a"]}'))
    assert may_delete([source], USERS)
    for overlap in range(len('"$delete"')):
        path.write_bytes(b" " * (BLOCK - overlap) + b'"$delete"')
        assert may_delete([source], USERS)
    assert may_delete([Source(STDIN)], USERS)
