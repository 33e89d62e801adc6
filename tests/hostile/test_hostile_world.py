"""What the client makes of every hostile server, and that it gets over it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from mixtui.client.client import Client
from mixtui.text import sanitize
from tests.exchanges import READER
from tests.hostile.cases import SECTIONS
from tests.hostile.script import Case, Route
from tests.hostile.world import hostile_world, send
from tests.outcome.hostile_answers import OK
from tests.processes import PATIENCE

_MEMORY = 16_000_000
"""Bytes that a client may allocate for a response, whatever its size."""

CASES = [
    pytest.param(case, id=f"{section}: {case.name}")
    for section, cases in SECTIONS.items()
    for case in cases
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


@pytest.fixture(scope="module", autouse=True)
def _loaded(folder: Path) -> None:
    """Load the libraries of a first request, which need files, memory and time."""

    async def first() -> None:
        for route in (Route.PLAIN, Route.TLS):
            case = Case("first", (), "", 0, "", route=route)
            client = Client(READER)
            async with hostile_world(case) as world:
                world.healthy = True
                await send(client, world.request("query", folder), world)
            await client.close()

    asyncio.run(first())


@pytest.fixture
def memory() -> Iterator[None]:
    """Count what is allocated."""
    tracemalloc.start()
    yield
    tracemalloc.stop()


def _held() -> tuple[int, int]:
    """Return how many files are open and how many tasks there are."""
    return len(os.listdir("/proc/self/fd")), len(asyncio.all_tasks())


@pytest.fixture
async def nothing_left() -> AsyncIterator[None]:
    """Check that a test leaves no file and no task."""
    before = _held()
    yield
    gc.collect(0)
    # asyncio closes a socket some turns later, and the system its other end.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while _held() > before:  # noqa: ASYNC110
                await asyncio.sleep(0)
    assert _held() <= before


@pytest.mark.parametrize("case", CASES)
async def test_a_hostile_server_is_explained_and_survived(
    case: Case, folder: Path, memory: None, nothing_left: None
) -> None:
    client = Client(READER)
    async with hostile_world(case) as world:
        request = world.request(case.operation, folder)
        tracemalloc.reset_peak()
        held, _ = tracemalloc.get_traced_memory()
        async with asyncio.timeout(case.timeout + PATIENCE):
            found = await send(client, request, world)
        _, peak = tracemalloc.get_traced_memory()
        outcome = found.outcome
        assert (outcome.label, outcome.exit_status, found.sentence) == (
            case.label,
            case.exit_status,
            case.sentence,
        )
        assert found.sentence == sanitize(found.sentence)
        own = request.content if isinstance(request.content, bytes) else b""
        assert peak - held < _MEMORY + 2 * len(own)  # Its secrets are masked in a copy.
        if case.route not in (Route.NOWHERE, Route.NO_PROXY) and (
            not case.addresses or "server" in case.addresses
        ):
            world.healthy = True
            async with asyncio.timeout(PATIENCE):
                after = await send(client, world.request("query", folder), world)
            assert (after.outcome.label, after.sentence) == (OK, "")
    await client.close()


def test_every_case_has_a_name_of_its_own() -> None:
    names = [str(case.id) for case in CASES]
    assert len(names) == len(set(names)) > 160
