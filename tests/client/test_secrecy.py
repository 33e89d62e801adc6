"""A credential is on the wire and nowhere else."""

from __future__ import annotations

import base64
import io
import logging
import pickle
import traceback

import pytest
from msgspec.structs import replace

from mixtui.client.client import Client
from mixtui.model.draft import AuthChoice, Body, BodyType, Method
from mixtui.model.environment import Credentials, ServiceAccount
from mixtui.model.errors import CredentialError, SendError
from mixtui.model.secrets import REDACTED, FromVariable, Secret
from mixtui.outcome.outcome import judge_response, no_response_outcome
from tests.exchanges import ENVIRONMENT, READER, SECRET, prepared
from tests.wire import Connection, http_response, responding, serve

BASIC = base64.b64encode(f"ci.1a2b:{SECRET}".encode()).decode()
TYPED = "typed-secret/9"


def leaked_secrets(text: str | bytes) -> list[str]:
    """List the secrets that a text contains."""
    if isinstance(text, bytes):
        text = text.decode("latin-1")
    return [secret for secret in (SECRET, BASIC) if secret in text]


async def test_an_exchange_holds_no_credential(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with serve(responding(http_response(b"1"))) as server:
        request = prepared(base=server.url, auth=AuthChoice.SERVICE_ACCOUNT)
        exchange = await client.send(request)
    assert leaked_secrets(server.requests[0]) == [BASIC]
    assert leaked_secrets(repr(exchange)) == []
    assert leaked_secrets(repr(judge_response(exchange))) == []
    assert leaked_secrets(pickle.dumps((exchange.sent, exchange.response))) == []
    assert leaked_secrets(caplog.text) == []


@pytest.mark.parametrize("redirected", [False, True])
async def test_a_failure_holds_no_credential(client: Client, redirected: bool) -> None:
    async def handler(connection: Connection) -> None:
        await connection.request()
        if redirected and connection.server.connections == 1:
            await connection.send(http_response(b"", "307 x", "Location: /gone"))
        else:
            connection.reset()

    async with serve(handler) as server:
        request = prepared(
            Method.POST, base=server.url, auth=AuthChoice.SERVICE_ACCOUNT
        )
        with pytest.raises(SendError) as caught:
            await client.send(request)
    error = caught.value
    assert leaked_secrets("".join(traceback.format_exception(error))) == []
    assert leaked_secrets(repr(error) + repr(no_response_outcome(error))) == []
    assert (error.__context__, error.__cause__) == (None, None)
    assert leaked_secrets(_locals(error)) == []


def _locals(error: BaseException) -> str:
    """Render the locals that a crash report would print, except those of this file."""
    frames = traceback.TracebackException.from_exception(error, capture_locals=True)
    foreign_frames = [frame for frame in frames.stack if frame.filename != __file__]
    assert foreign_frames
    return "".join(str(frame.locals) for frame in foreign_frames)


async def test_a_secret_that_cannot_be_read_is_a_credential_error() -> None:
    account = ServiceAccount("ci", FromVariable("NOT_THERE"))
    environment = replace(ENVIRONMENT, credentials=Credentials(service_account=account))
    request = prepared(auth=AuthChoice.SERVICE_ACCOUNT, environment=environment)
    with pytest.raises(CredentialError, match="NOT_THERE is not set"):
        await Client(READER).send(request)


async def test_values_of_templates_are_masked_in_the_sent_request(
    client: Client,
) -> None:
    async with serve(responding(http_response(b"1"))) as server:
        request = prepared(
            Method.POST,
            "/query/x",
            base=server.url,
            query=[("key", TYPED)],
            headers=[("X-Key", TYPED), ("Cookie", "a=b")],
            body=Body(BodyType.JSON, f'{{"key": "{TYPED}"}}'),
            sensitive=(Secret(TYPED),),
        )
        sent = (await client.send(request)).sent
    wire = server.requests[0].decode()
    assert wire.count(TYPED) == 2
    assert "key=typed-secret%2F9" in wire
    assert "typed-secret" not in repr(sent)
    assert sent.url.endswith(f"?key={REDACTED}")
    assert sent.body == f'{{"key": "{REDACTED}"}}'.encode()
    assert ("X-Key", REDACTED) in sent.headers
    assert ("Cookie", REDACTED) in sent.headers


async def test_a_redirect_notice_shows_no_secret(client: Client) -> None:
    redirect = http_response(
        b"", "302 Found", f"Location: https://evil.example/?k={TYPED}"
    )
    async with serve(responding(redirect)) as server:
        request = prepared(base=server.url, sensitive=(Secret(TYPED),))
        exchange = await client.send(request, sink=io.BytesIO())
    assert "evil.example" in exchange.not_followed
    assert TYPED not in exchange.not_followed
