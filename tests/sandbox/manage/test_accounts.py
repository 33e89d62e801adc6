from __future__ import annotations

import httpx
import pytest

from mixtui.sandbox.data import identity
from tests.sandbox.helpers import ACCOUNTS, PROJECT, error_of, ok


def test_me_names_projects_and_workspaces_by_id(client: httpx.Client) -> None:
    results = ok(client.get("/api/app/me"))["results"]
    assert set(results["organizations"]) == {identity.ORGANIZATION_ID}
    project = results["projects"][identity.PROJECT_ID]
    assert (project["name"], project["timezone"]) == ("Sandbox shop", "UTC")
    assert set(results["workspaces"]) == {identity.WORKSPACE_ID}


def test_workspaces_are_listed(client: httpx.Client) -> None:
    response = ok(client.get(f"{PROJECT}/workspaces/public"))
    assert response["results"][0]["id"] == int(identity.WORKSPACE_ID)


def test_a_new_account_shows_its_secret_once(empty_client: httpx.Client) -> None:
    created = ok(empty_client.post(ACCOUNTS, json={"username": "ci"}), 201)["results"]
    assert created["token"]
    accounts = ok(empty_client.get(ACCOUNTS))["results"]
    assert [row["username"] for row in accounts] == [
        identity.SERVICE_ACCOUNT,
        created["username"],
    ]
    url = f"{ACCOUNTS}/{created['id']}"
    without_token = {key: value for key, value in created.items() if key != "token"}
    assert ok(empty_client.get(url)) == without_token
    assert ok(empty_client.delete(url)) == {"status": "ok"}
    error_of(empty_client.get(url), 404)
    error_of(empty_client.delete(url), 404)


def test_a_new_account_signs_in_and_sees_the_projects_it_was_added_to(
    empty_client: httpx.Client,
) -> None:
    created = ok(empty_client.post(ACCOUNTS, json={"username": "ci"}), 201)["results"]
    auth = (created["username"], created["token"])
    names = f"/api/query/events/names?type=general&project_id={identity.PROJECT_ID}"

    def projects() -> set[str]:
        return set(
            ok(empty_client.get("/api/app/me", auth=auth))["results"]["projects"]
        )

    assert projects() == set(), "in none yet"
    assert empty_client.get(names, auth=auth).status_code == 403
    error_of(empty_client.get(f"{PROJECT}/schemas", auth=auth), 403)
    addition = {
        "projects": [{"id": int(identity.PROJECT_ID), "role": "admin"}],
        "service_account_ids": [created["id"]],
    }
    ok(empty_client.post(f"{ACCOUNTS}/add-to-project", json=addition))
    assert projects() == {identity.PROJECT_ID}
    ok(empty_client.get(names, auth=auth))
    ok(empty_client.get(f"{PROJECT}/schemas", auth=auth))
    error_of(empty_client.get("/api/app/me", auth=(auth[0], "wrong")), 401)
    error_of(empty_client.get("/eu/api/app/me", auth=auth), 401)
    ok(empty_client.delete(f"{ACCOUNTS}/{created['id']}"))
    error_of(empty_client.get("/api/app/me", auth=auth), 401)


def test_the_account_of_the_sandbox_cannot_be_deleted(client: httpx.Client) -> None:
    assert "its own" in error_of(client.delete(f"{ACCOUNTS}/1"), 400)
    members = ok(client.get(f"{PROJECT}/service-accounts"))["results"]
    assert members[0]["role"] == "owner"


def test_an_account_is_added_to_and_removed_from_a_project(
    empty_client: httpx.Client,
) -> None:
    body = {
        "username": "ci",
        "expires": "2027-01-01T00:00:00+00:00",
        "projects": [{"id": int(identity.PROJECT_ID), "role": "analyst"}],
    }
    created = ok(empty_client.post(ACCOUNTS, json=body), 201)["results"]
    assert created["expires"] == body["expires"]

    def roles() -> dict[str, str]:
        rows = ok(empty_client.get(f"{PROJECT}/service-accounts"))["results"]
        return {row["id"]: row["role"] for row in rows}

    assert roles() == {1: "owner", created["id"]: "analyst"}
    addition = {
        "projects": [{"id": int(identity.PROJECT_ID), "role": "admin"}],
        "service_account_ids": [created["id"]],
    }
    assert ok(empty_client.post(f"{ACCOUNTS}/add-to-project", json=addition)) == {
        "status": "ok"
    }
    assert roles() == {1: "owner", created["id"]: "admin"}
    removal = {
        "projects": [
            {"id": int(identity.PROJECT_ID), "service_account_ids": [created["id"]]}
        ]
    }
    url = f"{ACCOUNTS}/remove-from-project"
    assert ok(empty_client.post(url, json=removal)) == {"status": "ok"}
    assert roles() == {1: "owner"}


@pytest.mark.parametrize(
    ("path", "body", "status", "message"),
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
def test_an_invalid_account_request_is_refused(
    client: httpx.Client, path: str, body: object, status: int, message: str
) -> None:
    assert message in error_of(client.post(f"{ACCOUNTS}{path}", json=body), status)
