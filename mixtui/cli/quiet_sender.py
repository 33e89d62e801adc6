"""Send the requests of a test or look-up: counted, and stored in no history."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from mixtui.client.client import Client
from mixtui.dispatch.dispatch import Completed, send_quietly
from mixtui.dispatch.quota import QuotaGuard
from mixtui.model.environment import Environment, Environments
from mixtui.model.prepared import PreparedRequest
from mixtui.model.secrets import SecretReader
from mixtui.outcome.quota import quota_accounts
from mixtui.outcome.regions import other_regions
from mixtui.storage.paths import state_dir
from mixtui.storage.quota import QuotaStore


class QuietSender:
    """A client and the quota counts, closed at the end of ``async with``."""

    def __init__(self, secrets: SecretReader, environments: Environments) -> None:
        """Connect to nothing yet.

        Args:
            secrets: Reads the credentials.
            environments: All of them: an outcome names those of another region.
        """
        self._client = Client(secrets)
        self._quota = QuotaStore(state_dir())
        self._environments = environments

    async def send(
        self, request: PreparedRequest, environment: Environment
    ) -> Completed:
        """Send a request of an environment, as `dispatch.send_quietly`."""
        accounts = quota_accounts(request, environment)
        return await send_quietly(
            request,
            client=self._client,
            # A quota that cannot be counted says nothing about the environment.
            quota=QuotaGuard(self._quota, accounts, report=lambda _: None),
            other_environments=other_regions(request, self._environments),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._quota.close()
        await self._client.close()
