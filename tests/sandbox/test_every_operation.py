from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mixtui.sandbox.server import RunningSandbox
from tests.fixtures_sandbox import PLENTY
from tests.sandbox.conftest import NOW, Connect
from tests.sandbox.every_operation import EVERY, Asked

FAMILIES = {
    "annotations": 7,
    "experiments": 10,
    "export": 1,
    "flags": 2,
    "flags-management": 5,
    "gdpr": 5,
    "identity": 3,
    "ingestion": 20,
    "lexicon": 8,
    "pipelines": 8,
    "query": 19,
    "service-accounts": 7,
    "warehouse": 10,
}


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSandbox]:
    with RunningSandbox(clock=lambda: NOW, queries_per_hour=PLENTY) as started:
        yield started


def ask(client: httpx.Client, asked: Asked) -> httpx.Response:
    given: dict[str, Any] = {"json": asked.json, "data": asked.form}
    if "Authorization" in asked.headers:
        given["auth"] = None
    return client.request(
        asked.method,
        asked.path,
        params=dict(asked.query) or None,
        content=asked.text,
        headers=dict(asked.headers),
        **given,
    )


def test_there_is_a_request_for_each_of_them() -> None:
    assert len({asked.id for asked in EVERY}) == len(EVERY) == 105
    assert Counter(asked.id.partition(".")[0] for asked in EVERY) == FAMILIES


@pytest.mark.parametrize("asked", EVERY, ids=lambda asked: asked.id)
def test_it_is_accepted(
    running: RunningSandbox, connect: Connect, asked: Asked
) -> None:
    answer = ask(connect(running), asked)
    assert answer.status_code == asked.status, answer.text
    if answer.headers.get("content-type") == "application/json":
        body = answer.json()
        # Some refusals have the status of a success.
        inside = body.get("status", "ok") if isinstance(body, dict) else "ok"
        assert inside in ("ok", "OK", 1), body


@pytest.mark.parametrize(
    "asked",
    [asked for asked in EVERY if asked.path.startswith("/api")],
    ids=lambda asked: asked.id,
)
def test_nobody_is_let_in_without_credentials(
    running: RunningSandbox, connect: Connect, asked: Asked
) -> None:
    client = connect(running, auth=None)
    answer = ask(client, Asked(asked.id, asked.method, asked.path, asked.query))
    assert answer.status_code in (400, 401)
    assert set(answer.json()) <= {"status", "error", "request"}
