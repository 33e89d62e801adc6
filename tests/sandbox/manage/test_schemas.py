from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.sandbox.asking import SCHEMAS, ok, refused


def entry(name: str, entity_type: str = "event") -> dict[str, object]:
    schema = {"description": name, "properties": {"n": {"type": "number"}}}
    return {"entityType": entity_type, "name": name, "schemaJson": schema}


def names(answer: Any) -> list[str]:
    assert answer["status"] == "ok"
    return [row["name"] for row in answer["results"]]


def test_many_are_uploaded_listed_and_replaced(empty: httpx.Client) -> None:
    body = {"entries": [entry("A"), entry("B"), entry("$user", "profile")]}
    first = ok(empty.post(SCHEMAS, json=body))
    assert first == {"results": {"added": 3, "deleted": 0}, "status": "ok"}
    assert names(ok(empty.get(SCHEMAS))) == ["A", "B", "$user"]
    assert names(ok(empty.get(f"{SCHEMAS}/event"))) == ["A", "B"]
    only = ok(empty.get(f"{SCHEMAS}/event", params={"entity_name": "B"}))
    assert only["results"] == [entry("B")]
    truncated = ok(
        empty.post(SCHEMAS, json={"entries": [entry("C")], "truncate": True})
    )
    assert truncated["results"] == {"added": 1, "deleted": 3}
    assert names(ok(empty.get(SCHEMAS))) == ["C"]


@pytest.mark.parametrize("name", ["Added To Cart", "a/b", "ü?#%"])
def test_one_is_written_read_and_deleted_whatever_its_name(
    empty: httpx.Client, name: str
) -> None:
    url = f"{SCHEMAS}/event/" + httpx.URL("").copy_with(params={"": name}).query[
        1:
    ].decode().replace("+", "%20")
    schema = entry(name)["schemaJson"]
    assert ok(empty.post(url, json=schema)) == {"status": "ok"}
    assert ok(empty.get(url)) == schema
    assert ok(empty.delete(url)) == {
        "results": {"delete_count": 1},
        "status": "ok",
    }
    assert ok(empty.delete(url))["results"] == {"delete_count": 0}
    assert name in refused(empty.get(url), 404)


def test_a_type_or_all_are_deleted(empty: httpx.Client) -> None:
    body = {"entries": [entry("A"), entry("B"), entry("$user", "profile")]}
    empty.post(SCHEMAS, json=body)
    one = empty.delete(f"{SCHEMAS}/event", params={"entity_name": "A"})
    assert ok(one)["results"] == {"delete_count": 1}
    assert ok(empty.delete(f"{SCHEMAS}/event"))["results"] == {"delete_count": 1}
    assert ok(empty.delete(SCHEMAS))["results"] == {"delete_count": 1}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], "must be an object"),
        ({}, "'entries' is required"),
        ({"entries": [1]}, "'entries[0]' must be an object"),
        ({"entries": [{"name": "x"}]}, "'entries[0].entityType' is required"),
        (
            {"entries": [{**entry("x"), "entityType": "x"}]},
            "must be one of event, profile",
        ),
        (
            {"entries": [{**entry("x"), "schemaJson": 1}]},
            "schemaJson' must be an object",
        ),
        (
            {"entries": [{**entry("x"), "schemaJson": {"properties": {"n": {}}}}]},
            "properties.n.type' is required",
        ),
    ],
    ids=lambda item: str(item)[:30],
)
def test_a_wrong_schema_is_refused_and_nothing_is_stored(
    empty: httpx.Client, body: object, words: str
) -> None:
    assert words in refused(empty.post(SCHEMAS, json=body), 400)
    assert names(ok(empty.get(SCHEMAS))) == []


def test_an_unknown_type_is_refused(client: httpx.Client) -> None:
    assert "event or profile" in refused(client.get(f"{SCHEMAS}/thing"), 400)
