from __future__ import annotations

import httpx
import pytest

from mixtui.mixpanel.apis import Api, Region
from mixtui.model.secrets import SecretReader
from mixtui.sandbox.data import identity
from tests.fixtures_sandbox import RunningSandbox

DAYS = {"from_date": "2026-01-01", "to_date": "2026-01-02"}
CLUSTER = "request failed with error: invalid project id for cluster."


@pytest.fixture(params=["/eu", "/in"])
def prefix(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize(
    "path", ["/api/query/events/names", "/api/2.0/events/names", "/api/2.0/export"]
)
def test_queries_elsewhere_name_the_cluster(
    client: httpx.Client, prefix: str, path: str
) -> None:
    answer = client.get(prefix + path, params=DAYS)
    assert answer.status_code == 400
    body = answer.json()
    assert body["error"] == CLUSTER
    assert body["request"].startswith(path + "?")


def test_app_calls_elsewhere_do_not_know_the_account(
    client: httpx.Client, prefix: str
) -> None:
    answer = client.get(f"{prefix}/api/app/me")
    assert answer.status_code == 401
    assert answer.json()["status"] == "error"


def test_events_sent_elsewhere_are_accepted_and_never_appear(
    client: httpx.Client, prefix: str
) -> None:
    name = f"Lost {prefix}"
    properties = {"time": 1_767_300_000, "distinct_id": "ada", "$insert_id": "lost-1"}
    sent = client.post(
        f"{prefix}/import", json=[{"event": name, "properties": properties}]
    )
    assert sent.json() == {"code": 200, "num_records_imported": 1, "status": "OK"}
    tracked = {"event": name, "properties": {"token": identity.PROJECT_TOKEN}}
    assert client.post(f"{prefix}/track", json=[tracked]).text == "1"
    found = client.get(
        "/api/2.0/export",
        params={
            "from_date": "2026-01-01",
            "to_date": "2026-01-02",
            "event": f'["{name}"]',
        },
    )
    assert found.text == ""


def test_profiles_sent_elsewhere_change_nothing(
    client: httpx.Client, prefix: str
) -> None:
    record = {
        "$token": identity.PROJECT_TOKEN,
        "$distinct_id": "lost",
        "$set": {"region": prefix},
    }
    assert client.post(f"{prefix}/engage", json=[record]).text == "1"
    found = client.post("/api/query/engage", data={"distinct_id": "lost"})
    assert found.json()["results"] == []


def test_environments_lead_to_their_region(sandbox: RunningSandbox) -> None:
    everything, eu, free, read_only = identity.environments(sandbox.origin)
    assert [e.name for e in (everything, eu, free, read_only)] == [
        "sandbox",
        "sandbox-eu",
        "sandbox-free",
        "sandbox-read-only",
    ]
    assert everything.hosts[Api.LEXICON] == f"{sandbox.origin}/api/app/projects"
    assert (eu.region, eu.hosts[Api.INGESTION]) == (Region.EU, f"{sandbox.origin}/eu")
    assert free.project_id == identity.FREE_PROJECT_ID
    assert [e.read_only for e in (everything, read_only)] == [False, True]


def test_the_secrets_of_the_environments_need_no_file() -> None:
    reader = SecretReader(variables=identity.VARIABLES)
    for environment in identity.environments("http://127.0.0.1:1"):
        credentials = environment.credentials
        assert credentials.service_account is not None
        assert credentials.project_secret is not None
        assert credentials.oauth_token is not None
        secret = reader.read(credentials.service_account.secret)
        assert secret.reveal() == identity.SECRET
        own = {identity.PROJECT_ID: identity.PROJECT_SECRET}.get(
            environment.project_id, identity.FREE_PROJECT_SECRET
        )
        assert reader.read(credentials.project_secret).reveal() == own
        assert reader.read(credentials.oauth_token).reveal() == identity.OAUTH_TOKEN
