"""A credential is on the wire and nowhere else."""

from __future__ import annotations

import base64
import io
import logging
import pickle
import traceback
from dataclasses import replace

import pytest

from mixtui.client.client import Client
from mixtui.model.draft import AuthChoice, Body, BodyType, Method
from mixtui.model.environment import Credentials, ServiceAccount
from mixtui.model.errors import CredentialError, SendError
from mixtui.model.secrets import REDACTED, FromVariable, Secret
from mixtui.outcome.outcome import judge_response, no_response_outcome
from tests.exchanges import ENVIRONMENT, READER, SECRET, prepared
from tests.wire import Connection, answer, answering, serve

BASIC = base64.b64encode(f"ci.1a2b:{SECRET}".encode()).decode()
TYPED = "typed-secret/9"


def tell_tales(text: str | bytes) -> list[str]:
    """Which secrets a text gives away."""
    if isinstance(text, bytes):
        text = text.decode("latin-1")
    return [secret for secret in (SECRET, BASIC) if secret in text]


async def test_an_exchange_holds_no_credential(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with serve(answering(answer(b"1"))) as server:
        request = prepared(base=server.url, auth=AuthChoice.SERVICE_ACCOUNT)
        exchange = await client.send(request)
    assert tell_tales(server.requests[0]) == [BASIC]
    assert tell_tales(repr(exchange)) == []
    assert tell_tales(repr(judge_response(exchange))) == []
    assert tell_tales(pickle.dumps((exchange.sent, exchange.response))) == []
    assert tell_tales(caplog.text) == []


@pytest.mark.parametrize("redirected", [False, True])
async def test_a_failure_holds_no_credential(client: Client, redirected: bool) -> None:
    async def speak(connection: Connection) -> None:
        await connection.request()
        if redirected and connection.server.connections == 1:
            await connection.say(answer(b"", "307 x", "Location: /gone"))
        else:
            connection.reset()

    async with serve(speak) as server:
        request = prepared(
            Method.POST, base=server.url, auth=AuthChoice.SERVICE_ACCOUNT
        )
        with pytest.raises(SendError) as caught:
            await client.send(request)
    error = caught.value
    assert tell_tales("".join(traceback.format_exception(error))) == []
    assert tell_tales(repr(error) + repr(no_response_outcome(error))) == []
    assert (error.__context__, error.__cause__) == (None, None)
    assert tell_tales(_locals(error)) == []


def _locals(error: BaseException) -> str:
    """What a crash report would print of our variables and those of libraries."""
    frames = traceback.TracebackException.from_exception(error, capture_locals=True)
    own = [frame for frame in frames.stack if frame.filename != __file__]
    assert own
    return "".join(str(frame.locals) for frame in own)


async def test_a_secret_that_cannot_be_read_is_a_credential_error() -> None:
    account = ServiceAccount("ci", FromVariable("NOT_THERE"))
    environment = replace(ENVIRONMENT, credentials=Credentials(service_account=account))
    request = prepared(auth=AuthChoice.SERVICE_ACCOUNT, environment=environment)
    with pytest.raises(CredentialError, match="NOT_THERE is not set"):
        await Client(READER).send(request)


async def test_what_templates_brought_is_masked_in_what_was_sent(
    client: Client,
) -> None:
    async with serve(answering(answer(b"1"))) as server:
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
    away = answer(b"", "302 Found", f"Location: https://evil.example/?k={TYPED}")
    async with serve(answering(away)) as server:
        request = prepared(base=server.url, sensitive=(Secret(TYPED),))
        exchange = await client.send(request, sink=io.BytesIO())
    assert "evil.example" in exchange.notices[0]
    assert TYPED not in exchange.notices[0]
