from __future__ import annotations

import httpx

from mixtui.sandbox import identity
from tests.sandbox.asking import (
    ACCOUNTS,
    PROJECT,
    ok,
    refused,
)


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
