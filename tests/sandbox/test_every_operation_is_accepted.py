"""The filled example of every documented operation goes through, from draft to outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

import pytest

from mixtui.core.client import Client
from mixtui.core.environments import Environment
from mixtui.core.new_draft import draft_of
from mixtui.core.outcome import OutcomeKind, outcome
from mixtui.core.prepare import prepare
from mixtui.core.requests import Draft
from mixtui.core.secrets import SecretReader
from mixtui.mixpanel.endpoints import Safety
from mixtui.mixpanel.operations import Operation, Place, operations
from mixtui.sandbox.identity import VARIABLES, environments
from mixtui.sandbox.server import RunningSandbox

LAST = (
    "experiments.archive-experiment",
    "service-accounts.delete-service-account",
)
"""They take away what another example of their kind needs."""


def _turn(operation: Operation) -> tuple[int, bool]:
    """Reads first: what is deleted cannot be read any more."""
    return [*Safety].index(operation.safety), operation.id in LAST


IN_ORDER = sorted(operations(), key=_turn)


@pytest.fixture(scope="module")
def environment() -> Iterator[Environment]:
    """A sandbox of this module's own: the examples change and delete what is in it."""
    with RunningSandbox() as running:
        yield environments(running.origin)[0]


def filled(operation: Operation) -> Draft:
    """The draft of an operation, with the examples of its path put in."""
    draft = draft_of(operation)
    url = draft.url
    for parameter in operation.parameters:
        if parameter.place is Place.PATH and not parameter.given:
            url = url.replace(
                f"{{{parameter.name}}}", quote(parameter.example, safe="")
            )
    return replace(draft, url=url)


@pytest.mark.parametrize("operation", IN_ORDER, ids=lambda operation: operation.id)
def test_the_example_of_an_operation_is_accepted(
    environment: Environment, operation: Operation
) -> None:
    request = prepare(filled(operation), environment)
    assert request.operation == operation

    async def send() -> str:
        client = Client(SecretReader(variables=VARIABLES))
        try:
            ended = outcome(await client.send(request))
        finally:
            await client.close()
        assert ended.kind in (OutcomeKind.ACCEPTED, OutcomeKind.NOT_VERIFIED), ended
        return ended.kind

    asyncio.run(send())
