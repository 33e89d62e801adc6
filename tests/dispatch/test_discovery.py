"""A credential is tested in every region at once, and its projects are listed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from mixtui.client.client import Client
from mixtui.dispatch.discovery import (
    SendQuietly,
    Verdict,
    discover,
    with_typed_secrets,
)
from mixtui.dispatch.dispatch import Completed, send_quietly
from mixtui.dispatch.quota import QuotaGuard
from mixtui.mixpanel.apis import Api, Region
from mixtui.model.environment import Credentials, Environment, ServiceAccount
from mixtui.model.errors import ExitStatus
from mixtui.model.prepared import PreparedRequest
from mixtui.model.secrets import FromCredentialsFile, FromVariable, Secret, TypedSecret
from mixtui.outcome.projects import Project
from mixtui.sandbox.data import identity
from mixtui.sandbox.server import RunningSandbox
from mixtui.storage.quota import QuotaStore
from tests.as_mixpanel import client_for

ME = {
    "status": "ok",
    "results": {
        "organizations": {"5": {"id": 5, "name": "Org"}},
        "projects": {
            "8": {"id": 8, "name": "web"},
            "7": {"id": 7, "name": "App\n 2"},
        },
        "workspaces": {"1": {"id": 1, "project_id": 7}},
    },
}


def account(secret: str = "s3cret") -> Environment:
    typed = TypedSecret(Secret(secret))
    return Environment("new", credentials=Credentials("", ServiceAccount("ci", typed)))


@pytest.fixture
async def sender(
    tmp_path: Path,
) -> AsyncIterator[Callable[[Client], SendQuietly]]:
    """Makes the sender of a client."""
    store = QuotaStore(tmp_path)
    clients: list[Client] = []

    def make(client: Client) -> SendQuietly:
        clients.append(client)

        async def send(request: PreparedRequest, _: Environment) -> Completed:
            guard = QuotaGuard(store, (), report=lambda _: None)
            return await send_quietly(request, client=client, quota=guard)

        return send

    yield make
    for client in clients:
        await client.close()
    store.close()


def mock(responses: dict[str, httpx.Response | Exception]) -> Client:
    """A client that gets a response by the host that it asks."""

    def respond(request: httpx.Request) -> httpx.Response:
        response = responses[request.url.host]
        if isinstance(response, Exception):
            raise response
        return response

    return Client(transport=httpx.MockTransport(respond))


def unauthorized() -> httpx.Response:
    return httpx.Response(401, json={"status": "error", "error": "no"})


async def test_a_service_account_is_found_in_its_region_with_its_projects(
    sender: Callable[[Client], SendQuietly],
) -> None:
    client = mock(
        {
            "mixpanel.com": unauthorized(),
            "eu.mixpanel.com": httpx.Response(200, json=ME),
            "in.mixpanel.com": unauthorized(),
        }
    )
    found = await discover(account(), sender(client))
    assert found.regions == (Region.EU,)
    assert found.projects == (
        (Region.EU, Project("7", "App 2", "5", "1")),
        (Region.EU, Project("8", "web", "5", "")),
    )
    assert found.sentence == ("The service account ci works in eu (us 401, in 401).")
    assert found.exit_status == ExitStatus.ACCEPTED


async def test_the_sandbox_at_mixpanels_addresses_is_found_with_one_read_a_region(
    sandbox: RunningSandbox, sender: Callable[[Client], SendQuietly]
) -> None:
    client, transport = client_for(sandbox.origin)
    typed = TypedSecret(Secret(identity.SECRET))
    credentials = Credentials("", ServiceAccount(identity.SERVICE_ACCOUNT, typed))
    found = await discover(Environment("new", credentials=credentials), sender(client))
    assert found.regions == (Region.US,)
    assert [project.id for _, project in found.projects] == ["3000001", "3000002"]
    assert sorted(transport.urls) == [
        "https://eu.mixpanel.com/api/app/me",
        "https://in.mixpanel.com/api/app/me",
        "https://mixpanel.com/api/app/me",
    ]


async def test_a_project_secret_is_found_in_its_region_without_a_project(
    sandbox: RunningSandbox, sender: Callable[[Client], SendQuietly]
) -> None:
    client, transport = client_for(sandbox.origin)
    secret = TypedSecret(Secret(identity.PROJECT_SECRET))
    environment = Environment("new", credentials=Credentials(project_secret=secret))
    found = await discover(environment, sender(client))
    assert (found.regions, found.projects) == ((Region.US,), ())
    assert all("/api/query/events/names?" in url for url in transport.urls)
    assert len(transport.urls) == len(Region)


async def test_a_plan_without_queries_does_not_reject_a_project_secret(
    sandbox: RunningSandbox, sender: Callable[[Client], SendQuietly]
) -> None:
    client, _ = client_for(sandbox.origin)
    secret = TypedSecret(Secret(identity.FREE_PROJECT_SECRET))
    environment = Environment("new", credentials=Credentials(project_secret=secret))
    found = await discover(environment, sender(client))
    assert found.regions == (Region.US,)
    assert "not included in plan" in found.accepted[0].detail


async def test_a_credential_that_every_region_rejects_is_reported_with_what_to_do(
    sandbox: RunningSandbox, sender: Callable[[Client], SendQuietly]
) -> None:
    client, _ = client_for(sandbox.origin)
    found = await discover(account("wr0ng"), sender(client))
    assert found.is_rejected
    assert found.exit_status == ExitStatus.CREDENTIALS
    assert found.sentence.startswith("Mixpanel rejected the service account ci (us 401")
    assert "wr0ng" not in repr(found)


async def test_without_a_network_the_credential_counts_as_not_tested(
    sender: Callable[[Client], SendQuietly],
) -> None:
    hosts = ("mixpanel.com", "eu.mixpanel.com", "in.mixpanel.com")
    client = mock({host: httpx.ConnectError("refused") for host in hosts})
    found = await discover(account(), sender(client))
    assert not found.is_rejected
    assert [check.verdict for check in found.checks] == [Verdict.UNKNOWN] * 3
    assert found.exit_status == ExitStatus.NO_RESPONSE
    assert found.sentence == (
        "No region responded, so the service account ci was not tested. Could not connect "
        "to mixpanel.com: check the network or the proxy."
    )


async def test_a_region_without_a_response_is_named_with_its_error(
    sender: Callable[[Client], SendQuietly],
) -> None:
    client = mock(
        {
            "mixpanel.com": unauthorized(),
            "eu.mixpanel.com": httpx.ConnectError("refused"),
            "in.mixpanel.com": unauthorized(),
        }
    )
    found = await discover(account(), sender(client))
    assert found.sentence == (
        "No region accepted the service account ci (us 401, eu no response, in 401). "
        "eu: Could not connect to eu.mixpanel.com: check the network or the proxy."
    )


@pytest.mark.parametrize(
    "body", ["<html>Log in</html>", "[]", '{"status": "ok", "results": []}', "1"]
)
async def test_a_page_without_a_list_of_projects_proves_nothing(
    body: str, sender: Callable[[Client], SendQuietly]
) -> None:
    client = mock(
        {
            "mixpanel.com": httpx.Response(200, text=body),
            "eu.mixpanel.com": unauthorized(),
            "in.mixpanel.com": unauthorized(),
        }
    )
    found = await discover(account(), sender(client))
    assert found.accepted == ()
    assert not found.is_rejected
    assert found.projects == ()


async def test_an_account_without_projects_is_accepted_with_none(
    sender: Callable[[Client], SendQuietly],
) -> None:
    empty = {"results": {"projects": {}, "organizations": {}}}
    client = mock(
        {
            "mixpanel.com": httpx.Response(200, json=empty),
            "eu.mixpanel.com": httpx.Response(503, text="later"),
            "in.mixpanel.com": unauthorized(),
        }
    )
    found = await discover(account(), sender(client))
    assert (found.regions, found.projects) == ((Region.US,), ())
    assert "eu 503" in found.sentence


async def test_a_host_of_ones_own_is_asked_once_and_not_mixpanel(
    sender: Callable[[Client], SendQuietly],
) -> None:
    client = mock({"proxy.test": httpx.Response(200, content=json.dumps(ME))})
    environment = Environment(
        "new",
        region=Region.IN,
        credentials=account().credentials,
        hosts={Api.APP: "https://proxy.test/api/app"},
    )
    found = await discover(environment, sender(client))
    assert found.regions == (Region.IN,)
    assert len(found.checks) == 1


async def test_a_project_token_alone_is_not_tested(
    sender: Callable[[Client], SendQuietly],
) -> None:
    environment = Environment("new", credentials=Credentials("t0ken"))
    found = await discover(environment, sender(mock({})))
    assert found.checks == ()
    assert "nothing to test" in found.sentence


def test_only_what_was_typed_is_tested_as_typed() -> None:
    environment = Environment(
        "new",
        credentials=Credentials(
            "",
            ServiceAccount("ci", FromCredentialsFile("new", "service_account")),
            FromVariable("S"),
            FromCredentialsFile("new", "oauth_token"),
        ),
    )
    typed = with_typed_secrets(environment, {"service_account": Secret("a")})
    account = typed.credentials.service_account
    assert account is not None
    assert account.secret == TypedSecret(Secret("a"))
    assert typed.credentials.project_secret == FromVariable("S")
    assert typed.credentials.oauth_token == FromCredentialsFile("new", "oauth_token")
