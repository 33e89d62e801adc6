from __future__ import annotations

import httpx
import pytest

from mixtui.sandbox.data import identity
from tests.sandbox.asking import ACCOUNTS, PROJECT, ok, refused


def test_me_names_projects_and_workspaces_by_id(client: httpx.Client) -> None:
    results = ok(client.get("/api/app/me"))["results"]
    assert set(results["organizations"]) == {identity.ORGANIZATION_ID}
    project = results["projects"][identity.PROJECT_ID]
    assert (project["name"], project["timezone"]) == ("Sandbox shop", "UTC")
    assert set(results["workspaces"]) == {identity.WORKSPACE_ID}


def test_workspaces_are_listed(client: httpx.Client) -> None:
    answer = ok(client.get(f"{PROJECT}/workspaces/public"))
    assert answer["results"][0]["id"] == int(identity.WORKSPACE_ID)


def test_a_new_account_shows_its_secret_once(empty: httpx.Client) -> None:
    made = ok(empty.post(ACCOUNTS, json={"username": "ci"}), 201)["results"]
    assert made["token"]
    listed = ok(empty.get(ACCOUNTS))["results"]
    assert [row["username"] for row in listed] == [
        identity.SERVICE_ACCOUNT,
        made["username"],
    ]
    one = f"{ACCOUNTS}/{made['id']}"
    shown = {key: value for key, value in made.items() if key != "token"}
    assert ok(empty.get(one)) == shown
    assert ok(empty.delete(one)) == {"status": "ok"}
    refused(empty.get(one), 404)
    refused(empty.delete(one), 404)


def test_the_sandbox_keeps_its_own_account(client: httpx.Client) -> None:
    assert "its own" in refused(client.delete(f"{ACCOUNTS}/1"), 400)
    members = ok(client.get(f"{PROJECT}/service-accounts"))["results"]
    assert members[0]["role"] == "owner"


def test_an_account_joins_projects_and_leaves_them(empty: httpx.Client) -> None:
    body = {
        "username": "ci",
        "expires": "2027-01-01T00:00:00+00:00",
        "projects": [{"id": int(identity.PROJECT_ID), "role": "analyst"}],
    }
    made = ok(empty.post(ACCOUNTS, json=body), 201)["results"]
    assert made["expires"] == body["expires"]

    def roles() -> dict[str, str]:
        rows = ok(empty.get(f"{PROJECT}/service-accounts"))["results"]
        return {row["id"]: row["role"] for row in rows}

    assert roles() == {1: "owner", made["id"]: "analyst"}
    joined = {
        "projects": [{"id": int(identity.PROJECT_ID), "role": "admin"}],
        "service_account_ids": [made["id"]],
    }
    assert ok(empty.post(f"{ACCOUNTS}/add-to-project", json=joined)) == {"status": "ok"}
    assert roles() == {1: "owner", made["id"]: "admin"}
    left = {
        "projects": [
            {"id": int(identity.PROJECT_ID), "service_account_ids": [made["id"]]}
        ]
    }
    url = f"{ACCOUNTS}/remove-from-project"
    assert ok(empty.post(url, json=left)) == {"status": "ok"}
    assert roles() == {1: "owner"}


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("", {}, 400, "'username' is required"),
        ("", {"username": "x", "role": "king"}, 400, "must be one of owner"),
        ("", {"username": "x", "projects": [{"id": 1}]}, 404, "Project 1"),
        ("/add-to-project", {"projects": []}, 400, "'service_account_ids' is required"),
        (
            "/add-to-project",
            {"projects": [{"id": 3000001}], "service_account_ids": [2]},
            400,
            "'projects[0].role' is required",
        ),
        (
            "/add-to-project",
            {
                "projects": [{"id": 3000001, "role": "admin"}],
                "service_account_ids": [99],
            },
            404,
            "Service account 99",
        ),
        (
            "/remove-from-project",
            {"projects": [{"id": 3000001}]},
            400,
            "'projects[0].service_account_ids' is required",
        ),
        (
            "/remove-from-project",
            {"projects": [{"id": 3000001, "service_account_ids": [1]}]},
            400,
            "its own",
        ),
    ],
    ids=str,
)
def test_a_wrong_one_is_refused(
    client: httpx.Client, path: str, body: object, status: int, words: str
) -> None:
    assert words in refused(client.post(f"{ACCOUNTS}{path}", json=body), status)
