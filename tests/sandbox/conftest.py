from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import httpx
import pytest

from mixtui.sandbox.data import identity
from mixtui.sandbox.server import RunningSandbox
from tests.fixtures_sandbox import NewSandbox
from tests.processes import PATIENCE

NOW = datetime(2026, 3, 18, 15, 30, tzinfo=UTC)
"""A Wednesday."""
SA = (identity.SERVICE_ACCOUNT, identity.SECRET)

Connect = Callable[..., httpx.Client]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Connect clients, by default with the service account and a project id."""
    with ExitStack() as stack:

        def start(
            running: RunningSandbox,
            auth: tuple[str, str] | None = SA,
            project_id: str = identity.PROJECT_ID,
        ) -> httpx.Client:
            # Not `params=`: httpx would replace the query of each URL with it.
            def add_project_id(request: httpx.Request) -> None:
                if project_id and "project_id" not in request.url.params:
                    url = request.url.copy_add_param("project_id", project_id)
                    request.url = url

            client = httpx.Client(
                base_url=running.origin,
                auth=auth,
                timeout=PATIENCE,
                verify=False,  # nothing is encrypted here, and reading roots is slow
                event_hooks={"request": [add_project_id]},
            )
            return stack.enter_context(client)

        yield start


@pytest.fixture
def client(sandbox: RunningSandbox, connect: Connect) -> httpx.Client:
    """A client of the shared sandbox with the service account."""
    return connect(sandbox)


@pytest.fixture
def frozen_client(new_sandbox: NewSandbox, connect: Connect) -> httpx.Client:
    """A client of a fresh sandbox whose clock stands still at `NOW`."""
    return connect(new_sandbox(clock=lambda: NOW))


@pytest.fixture
def empty_client(new_sandbox: NewSandbox, connect: Connect) -> httpx.Client:
    """A client of a sandbox at `NOW` without the sample, which starts quicker."""
    return connect(new_sandbox(clock=lambda: NOW, with_sample=False))
