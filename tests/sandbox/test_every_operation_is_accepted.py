"""The example of every documented operation is accepted, from draft to outcome."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from msgspec.structs import replace

from mixtui.client.client import Client
from mixtui.mixpanel.catalogue import (
    Operation,
    ParameterLocation,
    Variant,
    find_operation,
    operations,
)
from mixtui.model.draft import Body, BodyType, Draft
from mixtui.model.environment import Environment
from mixtui.model.secrets import SecretReader
from mixtui.outcome.outcome import Outcome, OutcomeKind, judge_response
from mixtui.request.from_operation import draft_from_operation
from mixtui.request.prepare import prepare
from mixtui.sandbox.data.identity import VARIABLES, environments
from tests.fixtures_sandbox import NewSandbox


def _variants(id: str) -> tuple[Variant, ...]:
    operation = find_operation(id)
    assert operation is not None
    assert operation.body is not None
    return operation.body.variants


@pytest.fixture
def environment(new_sandbox: NewSandbox) -> Environment:
    """The environment of a sandbox for one test, as the examples change its data."""
    return environments(new_sandbox().origin)[0]


def filled_draft(operation: Operation) -> Draft:
    """Make the draft of an operation with the examples of its path parameters."""
    draft = draft_from_operation(operation)
    url = draft.url
    for parameter in operation.parameters:
        if parameter.location is ParameterLocation.PATH and not parameter.generated:
            url = url.replace(
                f"{{{parameter.name}}}", quote(parameter.example, safe="")
            )
    return replace(draft, url=url)


async def send_draft(draft: Draft, environment: Environment) -> Outcome:
    """Send a draft over a socket and judge the response."""
    client = Client(SecretReader(variables=VARIABLES))
    try:
        return judge_response(await client.send(prepare(draft, environment)))
    finally:
        await client.close()


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.id)
async def test_the_example_of_an_operation_is_accepted(
    environment: Environment, operation: Operation
) -> None:
    draft = filled_draft(operation)
    assert prepare(draft, environment).operation == operation
    outcome = await send_draft(draft, environment)
    assert outcome.kind in (OutcomeKind.ACCEPTED, OutcomeKind.NOT_VERIFIED), outcome


CREATE = "pipelines.create-warehouse-pipeline"


@pytest.mark.parametrize("kind", [variant.value for variant in _variants(CREATE)])
async def test_each_kind_of_pipeline_can_be_created(
    kind: str, monkeypatch: pytest.MonkeyPatch, new_sandbox: NewSandbox
) -> None:
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "its secret")
    monkeypatch.setenv("SNOWFLAKE_PASSWORD", "its password")
    create = find_operation(CREATE)
    assert create is not None
    (variant,) = (
        variant_of_body
        for variant_of_body in _variants(CREATE)
        if variant_of_body.value == kind
    )
    draft = replace(filled_draft(create), body=Body(BodyType.FORM, variant.example))
    running = new_sandbox(with_sample=False)
    outcome = await send_draft(draft, environments(running.origin)[0])
    assert outcome.kind is OutcomeKind.ACCEPTED, outcome
