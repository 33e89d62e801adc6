from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.sandbox.helpers import SCHEMAS, error_of, ok


def entry(name: str, entity_type: str = "event") -> dict[str, object]:
    schema = {"description": name, "properties": {"n": {"type": "number"}}}
    return {"entityType": entity_type, "name": name, "schemaJson": schema}


def names(response: Any) -> list[str]:
    assert response["status"] == "ok"
    return [row["name"] for row in response["results"]]


def test_schemas_are_uploaded_listed_and_replaced(empty_client: httpx.Client) -> None:
    body = {"entries": [entry("A"), entry("B"), entry("$user", "profile")]}
    first = ok(empty_client.post(SCHEMAS, json=body))
    assert first == {"results": {"added": 3, "deleted": 0}, "status": "ok"}
    assert names(ok(empty_client.get(SCHEMAS))) == ["A", "B", "$user"]
    assert names(ok(empty_client.get(f"{SCHEMAS}/event"))) == ["A", "B"]
    filtered = ok(empty_client.get(f"{SCHEMAS}/event", params={"entity_name": "B"}))
    assert filtered["results"] == [entry("B")]
    truncated = ok(
        empty_client.post(SCHEMAS, json={"entries": [entry("C")], "truncate": True})
    )
    assert truncated["results"] == {"added": 1, "deleted": 3}
    assert names(ok(empty_client.get(SCHEMAS))) == ["C"]


@pytest.mark.parametrize("name", ["Added To Cart", "a/b", "ü?#%"])
def test_a_schema_of_any_name_is_written_read_and_deleted(
    empty_client: httpx.Client, name: str
) -> None:
    url = f"{SCHEMAS}/event/" + httpx.URL("").copy_with(params={"": name}).query[
        1:
    ].decode().replace("+", "%20")
    schema = entry(name)["schemaJson"]
    assert ok(empty_client.post(url, json=schema)) == {"status": "ok"}
    assert ok(empty_client.get(url)) == schema
    assert ok(empty_client.delete(url)) == {
        "results": {"delete_count": 1},
        "status": "ok",
    }
    assert ok(empty_client.delete(url))["results"] == {"delete_count": 0}
    assert name in error_of(empty_client.get(url), 404)


def test_schemas_of_a_type_or_all_are_deleted(empty_client: httpx.Client) -> None:
    body = {"entries": [entry("A"), entry("B"), entry("$user", "profile")]}
    empty_client.post(SCHEMAS, json=body)
    url = empty_client.delete(f"{SCHEMAS}/event", params={"entity_name": "A"})
    assert ok(url)["results"] == {"delete_count": 1}
    assert ok(empty_client.delete(f"{SCHEMAS}/event"))["results"] == {"delete_count": 1}
    assert ok(empty_client.delete(SCHEMAS))["results"] == {"delete_count": 1}


@pytest.mark.parametrize(
    ("body", "message"),
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
def test_an_invalid_schema_is_refused_and_nothing_is_stored(
    empty_client: httpx.Client, body: object, message: str
) -> None:
    assert message in error_of(empty_client.post(SCHEMAS, json=body), 400)
    assert names(ok(empty_client.get(SCHEMAS))) == []


def test_an_unknown_type_is_refused(client: httpx.Client) -> None:
    assert "event or profile" in error_of(client.get(f"{SCHEMAS}/thing"), 400)
