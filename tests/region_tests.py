"""Mixpanel, as forms of environments ask it: a tester on a transport of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from mixtui.client.client import Client
from mixtui.dispatch.dispatch import Completed, send_quietly
from mixtui.dispatch.environment_check import EnvironmentTester
from mixtui.dispatch.quota import QuotaGuard
from mixtui.model.environment import Environment
from mixtui.model.prepared import PreparedRequest
from mixtui.model.secrets import SecretReader
from mixtui.storage.quota import QuotaStore

ONE = {"8": {"id": 8, "name": "Shop", "organization_id": 5}}
TWO = ONE | {"9": {"id": 9, "name": "Shop (dev)"}}
Respond = Callable[[httpx.Request], httpx.Response]


def in_eu(projects: dict[str, object]) -> Respond:
    """Mixpanel, as an account sees it that belongs to eu."""

    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.host != "eu.mixpanel.com":
            return httpx.Response(401, json={"status": "error", "error": "no"})
        return httpx.Response(200, json={"results": {"projects": projects}})

    return respond


def reject(request: httpx.Request) -> httpx.Response:
    """Mixpanel, as wrong credentials see it."""
    return httpx.Response(401, json={"status": "error", "error": "no"})


@asynccontextmanager
async def new_tester(
    folder: Path, respond: Respond, variables: Mapping[str, str] | None = None
) -> AsyncIterator[EnvironmentTester]:
    """A tester that asks a function instead of the network."""
    secrets = SecretReader(variables=variables or {})
    client = Client(secrets, transport=httpx.MockTransport(respond))
    quota = QuotaStore(folder / "state")

    async def send(request: PreparedRequest, _: Environment) -> Completed:
        guard = QuotaGuard(quota, (), report=lambda _: None)
        return await send_quietly(request, client=client, quota=guard)

    try:
        yield EnvironmentTester(secrets, send)
    finally:
        await client.close()
        quota.close()
