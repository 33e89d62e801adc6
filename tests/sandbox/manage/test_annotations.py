from __future__ import annotations

import httpx
import pytest

from mixtui.sandbox.data import identity
from tests.sandbox.asking import ANNOTATIONS, ok, refused


def test_one_is_made_read_changed_and_deleted(still: httpx.Client) -> None:
    tag = ok(still.post(f"{ANNOTATIONS}/tags", json={"name": "sale"}))
    assert tag == {
        "id": 2,
        "name": "sale",
        "project_id": int(identity.PROJECT_ID),
        "has_annotations": False,
    }
    body = {"date": "2026-03-01 12:00:00", "description": "Sale", "tags": [2]}
    made = ok(still.post(ANNOTATIONS, json=body), 201)
    assert made == {
        "status": "ok",
        "results": {
            "id": 3,
            "date": "2026-03-01 12:00:00",
            "description": "Sale",
            "tags": [{"id": 2, "name": "sale"}],
            "user": {"id": 1, "first_name": "Sandbox", "last_name": "Service"},
        },
    }
    one = f"{ANNOTATIONS}/3"
    assert ok(still.get(one)) == made
    changed = ok(still.patch(one, json={"description": "Big sale"}))["results"]
    assert (changed["description"], changed["date"]) == (
        "Big sale",
        "2026-03-01 12:00:00",
    )
    assert ok(still.get(f"{ANNOTATIONS}/tags"))[1]["has_annotations"] is True
    assert ok(still.delete(one)) == {"status": "ok", "results": {"id": 3}}
    assert "3" in refused(still.get(one), 404)


def test_they_are_listed_between_two_days(still: httpx.Client) -> None:
    assert len(ok(still.get(ANNOTATIONS))["results"]) == 2
    late = {"fromDate": "2026-03-12", "toDate": "2026-03-12"}
    (found,) = ok(still.get(ANNOTATIONS, params=late))["results"]
    assert found["description"] == "Spring sale begins"


def test_tags_are_a_bare_list(client: httpx.Client) -> None:
    assert ok(client.get(f"{ANNOTATIONS}/tags"))[0]["name"] == "release"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"description": "x"}, "'date' is required"),
        (
            {"date": "2026-03-01", "description": "x"},
            "must look like YYYY-MM-DD HH:mm:ss",
        ),
        ({"date": "2026-03-01 10:00:00"}, "'description' is required"),
        (
            {"date": "2026-03-01 10:00:00", "description": "x", "tags": [99]},
            "there is no 99",
        ),
        (
            {"date": "2026-03-01 10:00:00", "description": "x", "tags": [{}]},
            "'tags[0]' must be an integer",
        ),
    ],
    ids=lambda item: str(item)[:30],
)
def test_a_wrong_one_is_refused(client: httpx.Client, body: object, words: str) -> None:
    assert words in refused(client.post(ANNOTATIONS, json=body), 400)


@pytest.mark.parametrize("body", ["", "{", "[]", '"x"'])
def test_a_body_that_is_no_object_is_refused(client: httpx.Client, body: str) -> None:
    answer = client.post(ANNOTATIONS, content=body)
    assert "Invalid JSON body" in refused(answer, 400)


def test_only_a_tag_on_an_annotation_has_one(empty: httpx.Client) -> None:
    tag = ok(empty.post(f"{ANNOTATIONS}/tags", json={"name": "release"}))
    body = {"date": "2026-03-01 10:00:00", "description": "x", "tags": [tag["id"]]}
    made = ok(empty.post(ANNOTATIONS, json=body), 201)["results"]

    def has() -> object:
        return ok(empty.get(f"{ANNOTATIONS}/tags"))[0]["has_annotations"]

    assert has() is True
    ok(empty.patch(f"{ANNOTATIONS}/{made['id']}", json={"tags": []}))
    assert has() is False


def test_dates_are_checked(client: httpx.Client) -> None:
    answer = client.get(ANNOTATIONS, params={"fromDate": "1.3.2026"})
    assert "fromDate must be yyyy-mm-dd" in refused(answer, 400)
