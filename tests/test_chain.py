"""The whole chain against the sandbox: draft, prepared request, exchange, outcome."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from msgspec.structs import replace

from mixtui.client.client import Client
from mixtui.document.document import Language, read
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, Draft, Method, Pair
from mixtui.model.environment import Environment, ServiceAccount
from mixtui.model.exchange import Exchange
from mixtui.model.secrets import FromVariable, SecretReader
from mixtui.outcome.outcome import judge_response
from mixtui.request.prepare import prepare
from mixtui.sandbox.data.identity import VARIABLES, environments
from mixtui.sandbox.server import RunningSandbox
from tests.fixtures_sandbox import NewSandbox

Environments = tuple[Environment, ...]
Choose = Callable[[Environments], Environment]
EVENTS = Draft(
    api=Api.QUERY,
    url="/query/events",
    query=(
        Pair("event", '["Sign up"]'),
        Pair("type", "general"),
        Pair("unit", "day"),
        Pair("from_date", "{{today-7d}}"),
        Pair("to_date", "{{today}}"),
    ),
)
EXPORT = Draft(
    api=Api.EXPORT,
    query=(Pair("from_date", "{{today-1d}}"), Pair("to_date", "{{today-1d}}")),
)
IMPORT = Draft(method=Method.POST, api=Api.INGESTION, url="/import?strict=1")
GOOD = (
    '{"event": "Chain", "properties": {"time": {{now}}, "distinct_id": "chain", '
    '"$insert_id": "chain-%d"}}'
)


@pytest.fixture
async def sender() -> AsyncIterator[Client]:
    client = Client(SecretReader(variables=VARIABLES))
    yield client
    await client.close()


def unchanged(all_: Environments) -> Environment:
    return all_[0]


def elsewhere(all_: Environments) -> Environment:
    return all_[1]


def free(all_: Environments) -> Environment:
    return all_[2]


def wrong_secret(all_: Environments) -> Environment:
    environment = all_[0]
    account = ServiceAccount("nobody", FromVariable("MIXTUI_SANDBOX_SECRET"))
    credentials = replace(environment.credentials, service_account=account)
    return replace(environment, credentials=credentials)


def wrong_project(all_: Environments) -> Environment:
    return replace(all_[0], project_id="999")


async def send(
    sender: Client, running: RunningSandbox, draft: Draft, choose: Choose
) -> Exchange:
    environment = choose(environments(running.origin))
    return await sender.send(prepare(draft, environment))


@pytest.mark.parametrize(
    ("draft", "choose", "words", "language"),
    [
        pytest.param(EVENTS, unchanged, "accepted", Language.JSON, id="query"),
        pytest.param(EXPORT, unchanged, "accepted", Language.JSON_LINES, id="export"),
        pytest.param(
            replace(IMPORT, body=Body(text=GOOD % 1)),
            unchanged,
            "accepted",
            Language.JSON,
            id="import",
        ),
        pytest.param(
            replace(IMPORT, body=Body(text=f'[{GOOD % 2}, {{"event": ""}}]')),
            unchanged,
            "partially imported: 1 stored, 1 rejected",
            Language.JSON,
            id="import in part",
        ),
        pytest.param(
            replace(
                IMPORT,
                url="/track",
                body=Body(text='{"event": "Chain", "properties": {}}'),
            ),
            unchanged,
            "accepted, not verified",
            Language.JSON,
            id="track",
        ),
        pytest.param(
            EVENTS, wrong_secret, "unauthorized", Language.JSON, id="wrong secret"
        ),
        pytest.param(
            replace(IMPORT, body=Body(text=GOOD % 3)),
            wrong_secret,
            "unauthorized",
            Language.JSON,
            id="wrong secret for import",
        ),
        pytest.param(
            EVENTS, wrong_project, "wrong region?", Language.JSON, id="other project"
        ),
        pytest.param(
            EVENTS, elsewhere, "wrong region?", Language.JSON, id="other region"
        ),
        pytest.param(EVENTS, free, "not included in plan", None, id="free plan"),
        pytest.param(EXPORT, free, "not included in plan", None, id="free export"),
        pytest.param(
            replace(EVENTS, url="/query/nothing"), unchanged, "rejected", None, id="404"
        ),
    ],
)
async def test_every_response_of_the_sandbox_is_understood(
    sender: Client,
    sandbox: RunningSandbox,
    draft: Draft,
    choose: Choose,
    words: str,
    language: Language | None,
) -> None:
    exchange = await send(sender, sandbox, draft, choose)
    assert judge_response(exchange).label == words
    document = read(exchange.response.body, exchange.response.media_type)
    assert document.line_count > 0
    assert language in (None, document.language)
    assert not exchange.response.cut_short


async def test_a_spent_quota_is_counted(
    sender: Client, new_sandbox: NewSandbox
) -> None:
    running = new_sandbox(queries_per_hour=1, with_sample=False)
    await send(sender, running, EVENTS, unchanged)
    spent = judge_response(await send(sender, running, EVENTS, unchanged))
    assert spent.label.startswith("quota exceeded (2/1")
    assert spent.exit_status == 4


async def test_an_export_comes_compressed_and_whole(
    sender: Client, sandbox: RunningSandbox
) -> None:
    response = (await send(sender, sandbox, EXPORT, unchanged)).response
    assert response.header("content-encoding") == "gzip"
    assert response.wire_bytes < response.body_bytes
    assert response.body.endswith(b"}\n")
