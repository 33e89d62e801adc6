from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mixtui.sandbox.server import RunningSandbox
from tests.fixtures_sandbox import PLENTY
from tests.sandbox.conftest import NOW, Connect
from tests.sandbox.every_operation import ALL_OPERATIONS, OperationRequest

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
def running(copied_sample: None) -> Iterator[RunningSandbox]:
    with RunningSandbox(clock=lambda: NOW, queries_per_hour=PLENTY) as started:
        yield started


def send_operation(client: httpx.Client, operation: OperationRequest) -> httpx.Response:
    options: dict[str, Any] = {"json": operation.json, "data": operation.form}
    if "Authorization" in operation.headers:
        options["auth"] = None
    return client.request(
        operation.method,
        operation.path,
        params=dict(operation.query) or None,
        content=operation.text,
        headers=dict(operation.headers),
        **options,
    )


def test_there_is_a_request_for_each_operation() -> None:
    assert (
        len({operation.id for operation in ALL_OPERATIONS})
        == len(ALL_OPERATIONS)
        == 105
    )
    assert (
        Counter(operation.id.partition(".")[0] for operation in ALL_OPERATIONS)
        == FAMILIES
    )


@pytest.mark.parametrize(
    "operation", ALL_OPERATIONS, ids=lambda operation: operation.id
)
def test_the_request_of_each_operation_is_accepted(
    running: RunningSandbox, connect: Connect, operation: OperationRequest
) -> None:
    response = send_operation(connect(running), operation)
    assert response.status_code == operation.status, response.text
    if response.headers.get("content-type") == "application/json":
        body = response.json()
        # Some refusals have the status of a success.
        status = body.get("status", "ok") if isinstance(body, dict) else "ok"
        assert status in ("ok", "OK", 1), body


@pytest.mark.parametrize(
    "operation",
    [operation for operation in ALL_OPERATIONS if operation.path.startswith("/api")],
    ids=lambda operation: operation.id,
)
def test_requests_without_credentials_are_refused(
    running: RunningSandbox, connect: Connect, operation: OperationRequest
) -> None:
    client = connect(running, auth=None)
    response = send_operation(
        client,
        OperationRequest(
            operation.id, operation.method, operation.path, operation.query
        ),
    )
    assert response.status_code in (400, 401)
    assert set(response.json()) <= {"status", "error", "request"}
