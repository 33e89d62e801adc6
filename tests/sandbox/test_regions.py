from __future__ import annotations

import httpx
import pytest

from mixtui.mixpanel.apis import Api, Region
from mixtui.model.secrets import SecretReader
from mixtui.sandbox.data import identity
from mixtui.sandbox.server import RunningSandbox

DAYS = {"from_date": "2026-01-01", "to_date": "2026-01-02"}
CLUSTER = "request failed with error: invalid project id for cluster."


@pytest.fixture(params=["/eu", "/in"])
def prefix(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize(
    "path", ["/api/query/events/names", "/api/2.0/events/names", "/api/2.0/export"]
)
def test_queries_in_another_region_name_the_cluster(
    client: httpx.Client, prefix: str, path: str
) -> None:
    response = client.get(prefix + path, params=DAYS)
    assert response.status_code == 400
    body = response.json()
    assert body["error"] == CLUSTER
    assert body["request"].startswith(path + "?")


def test_the_app_server_of_another_region_does_not_know_the_account(
    client: httpx.Client, prefix: str
) -> None:
    response = client.get(f"{prefix}/api/app/me")
    assert response.status_code == 401
    assert response.json()["status"] == "error"


def test_events_sent_to_another_region_are_accepted_and_lost(
    client: httpx.Client, prefix: str
) -> None:
    name = f"Lost {prefix}"
    properties = {"time": 1_767_300_000, "distinct_id": "ada", "$insert_id": "lost-1"}
    import_response = client.post(
        f"{prefix}/import", json=[{"event": name, "properties": properties}]
    )
    assert import_response.json() == {
        "code": 200,
        "num_records_imported": 1,
        "status": "OK",
    }
    tracked = {"event": name, "properties": {"token": identity.PROJECT_TOKEN}}
    assert client.post(f"{prefix}/track", json=[tracked]).text == "1"
    response = client.get(
        "/api/2.0/export",
        params={
            "from_date": "2026-01-01",
            "to_date": "2026-01-02",
            "event": f'["{name}"]',
        },
    )
    assert response.text == ""


def test_profiles_sent_to_another_region_are_lost(
    client: httpx.Client, prefix: str
) -> None:
    record = {
        "$token": identity.PROJECT_TOKEN,
        "$distinct_id": "lost",
        "$set": {"region": prefix},
    }
    assert client.post(f"{prefix}/engage", json=[record]).text == "1"
    response = client.post("/api/query/engage", data={"distinct_id": "lost"})
    assert response.json()["results"] == []


def test_environments_have_the_hosts_of_their_region(sandbox: RunningSandbox) -> None:
    default, eu, free, read_only = identity.environments(sandbox.origin)
    assert [environment.name for environment in (default, eu, free, read_only)] == [
        "sandbox",
        "sandbox-eu",
        "sandbox-free",
        "sandbox-read-only",
    ]
    assert default.hosts[Api.LEXICON] == f"{sandbox.origin}/api/app/projects"
    assert (eu.region, eu.hosts[Api.INGESTION]) == (Region.EU, f"{sandbox.origin}/eu")
    assert free.project_id == identity.FREE_PROJECT_ID
    assert [environment.read_only for environment in (default, read_only)] == [
        False,
        True,
    ]


def test_the_secrets_of_the_environments_need_no_file() -> None:
    reader = SecretReader(variables=identity.VARIABLES)
    for environment in identity.environments("http://127.0.0.1:1"):
        credentials = environment.credentials
        assert credentials.service_account is not None
        assert credentials.project_secret is not None
        assert credentials.oauth_token is not None
        secret = reader.read(credentials.service_account.secret)
        assert secret.reveal() == identity.SECRET
        expected = {identity.PROJECT_ID: identity.PROJECT_SECRET}.get(
            environment.project_id, identity.FREE_PROJECT_SECRET
        )
        assert reader.read(credentials.project_secret).reveal() == expected
        assert reader.read(credentials.oauth_token).reveal() == identity.OAUTH_TOKEN
