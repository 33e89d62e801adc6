from __future__ import annotations

import httpx
import pytest

from mixtui.sandbox.data import identity
from tests.sandbox.helpers import ANNOTATIONS, error_of, ok


def test_an_annotation_is_created_read_changed_and_deleted(
    frozen_client: httpx.Client,
) -> None:
    tag = ok(frozen_client.post(f"{ANNOTATIONS}/tags", json={"name": "sale"}))
    assert tag == {
        "id": 2,
        "name": "sale",
        "project_id": int(identity.PROJECT_ID),
        "has_annotations": False,
    }
    body = {"date": "2026-03-01 12:00:00", "description": "Sale", "tags": [2]}
    created = ok(frozen_client.post(ANNOTATIONS, json=body), 201)
    assert created == {
        "status": "ok",
        "results": {
            "id": 3,
            "date": "2026-03-01 12:00:00",
            "description": "Sale",
            "tags": [{"id": 2, "name": "sale"}],
            "user": {"id": 1, "first_name": "Sandbox", "last_name": "Service"},
        },
    }
    url = f"{ANNOTATIONS}/3"
    assert ok(frozen_client.get(url)) == created
    changed = ok(frozen_client.patch(url, json={"description": "Big sale"}))["results"]
    assert (changed["description"], changed["date"]) == (
        "Big sale",
        "2026-03-01 12:00:00",
    )
    assert ok(frozen_client.get(f"{ANNOTATIONS}/tags"))[1]["has_annotations"] is True
    assert ok(frozen_client.delete(url)) == {"status": "ok", "results": {"id": 3}}
    assert "3" in error_of(frozen_client.get(url), 404)


def test_annotations_are_listed_between_two_days(frozen_client: httpx.Client) -> None:
    assert len(ok(frozen_client.get(ANNOTATIONS))["results"]) == 2
    days = {"fromDate": "2026-03-12", "toDate": "2026-03-12"}
    (annotation,) = ok(frozen_client.get(ANNOTATIONS, params=days))["results"]
    assert annotation["description"] == "Spring sale begins"


def test_tags_are_a_bare_list(client: httpx.Client) -> None:
    assert ok(client.get(f"{ANNOTATIONS}/tags"))[0]["name"] == "release"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"description": "x"}, "'date' is required"),
        (
            {"date": "2026-03-01", "description": "x"},
            "must look like YYYY-MM-DD HH:mm:ss",
        ),
        ({"date": "2026-03-01 10:00:00"}, "'description' is required"),
        (
            {"date": "2026-03-01 10:00:00", "description": "x", "tags": [99]},
            "99 was not found",
        ),
        (
            {"date": "2026-03-01 10:00:00", "description": "x", "tags": [{}]},
            "'tags[0]' must be an integer",
        ),
    ],
    ids=lambda item: str(item)[:30],
)
def test_an_invalid_annotation_is_refused(
    client: httpx.Client, body: object, message: str
) -> None:
    assert message in error_of(client.post(ANNOTATIONS, json=body), 400)


@pytest.mark.parametrize("body", ["", "{", "[]", '"x"'])
def test_a_body_that_is_not_an_object_is_refused(
    client: httpx.Client, body: str
) -> None:
    response = client.post(ANNOTATIONS, content=body)
    assert "Invalid JSON body" in error_of(response, 400)


def test_a_tag_has_annotations_only_while_it_is_used(
    empty_client: httpx.Client,
) -> None:
    tag = ok(empty_client.post(f"{ANNOTATIONS}/tags", json={"name": "release"}))
    body = {"date": "2026-03-01 10:00:00", "description": "x", "tags": [tag["id"]]}
    created = ok(empty_client.post(ANNOTATIONS, json=body), 201)["results"]

    def has_annotations() -> object:
        return ok(empty_client.get(f"{ANNOTATIONS}/tags"))[0]["has_annotations"]

    assert has_annotations() is True
    ok(empty_client.patch(f"{ANNOTATIONS}/{created['id']}", json={"tags": []}))
    assert has_annotations() is False


def test_dates_are_checked(client: httpx.Client) -> None:
    response = client.get(ANNOTATIONS, params={"fromDate": "1.3.2026"})
    assert "fromDate must be yyyy-mm-dd" in error_of(response, 400)
