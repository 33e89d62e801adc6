"""Messages for a request without a response, on real sockets where possible."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from mixtui.client.client import Client
from mixtui.client.failures import ConnectionTrace, TraceStage, send_failure
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import AuthChoice, Body, Method
from mixtui.model.errors import SendError
from mixtui.model.prepared import FileContent, PreparedRequest
from mixtui.model.redaction import Redactor
from mixtui.model.secrets import REDACTED
from tests.exchanges import READER, prepared
from tests.wire import Connection, Handler, http_response, responding, serve

MAYBE_DONE = "; the server may have processed it."


def read_request(url: str = "https://x.test/a", **changes: float) -> PreparedRequest:
    return replace(prepared(auth=AuthChoice.NONE), url=url, **changes)


def write_request(
    url: str = "https://x.test/import", **changes: float
) -> PreparedRequest:
    request = prepared(
        Method.POST,
        "/import",
        api=Api.INGESTION,
        body=Body(text='[{"event": "a", "properties": {}}]'),
    )
    return replace(request, url=url, **changes)


MakeRequest = Callable[..., PreparedRequest]


async def failure(client: Client, request: PreparedRequest) -> SendError:
    with pytest.raises(SendError) as caught:
        await client.send(request)
    return caught.value


async def hang_up(connection: Connection) -> None:
    await connection.request()


async def reset(connection: Connection) -> None:
    await connection.request()
    connection.reset()


async def other_protocol(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"220 mail.example ESMTP\r\n\r\n")


async def endless_headers(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000)
    await connection.reader.read()


@pytest.mark.parametrize("make", [read_request, write_request])
@pytest.mark.parametrize(
    ("handler", "sentences"),
    [
        pytest.param(
            hang_up,
            ["127.0.0.1:{port} closed the connection without a response"],
            id="hangs up",
        ),
        pytest.param(
            reset,
            [
                "The connection to 127.0.0.1:{port} was lost before a response",
                "127.0.0.1:{port} closed the connection without a response",
            ],
            id="resets",
        ),
        pytest.param(
            other_protocol,
            [
                "The response from 127.0.0.1:{port} is not HTTP (illegal status line: "
                "“220 mail.example ESMTP”)"
            ],
            id="SMTP",
        ),
        pytest.param(
            endless_headers,
            ["The response headers from 127.0.0.1:{port} are too long"],
            id="endless headers",
        ),
    ],
)
async def test_a_connection_that_ends_without_a_response_is_explained(
    client: Client, handler: Handler, sentences: list[str], make: MakeRequest
) -> None:
    async with serve(handler) as server:
        error = await failure(client, make(f"{server.url}/a"))
    expected = tuple(sentence.format(port=server.port) for sentence in sentences)
    assert str(error).startswith(expected)
    assert error.arrived
    assert error.answered is ("without" not in str(error) and "broke" not in str(error))
    assert error.maybe_done is (make is write_request)
    assert str(error).endswith(MAYBE_DONE) is error.maybe_done


@pytest.mark.parametrize("make", [read_request, write_request])
async def test_a_response_that_does_not_come_in_time_is_a_timeout(
    client: Client, make: MakeRequest
) -> None:
    async def handler(connection: Connection) -> None:
        await connection.request()
        await connection.reader.read()

    async with serve(handler) as server:
        error = await failure(client, make(f"{server.url}/a", timeout=0.5))
    sentence = f"No response from 127.0.0.1:{server.port} within 500 ms: raise the timeout option"
    assert str(error) == sentence + (MAYBE_DONE if make is write_request else ".")
    assert error.maybe_done is (make is write_request)


async def test_endless_headers_do_not_reset_the_timeout(client: Client) -> None:
    async def handler(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\n")
        while True:
            await connection.send(b"X: 1\r\n")
            await asyncio.sleep(0.05)

    async with serve(handler) as server:
        error = await failure(client, read_request(f"{server.url}/a", timeout=0.5))
    assert str(error).startswith("No response from")


@pytest.mark.parametrize("make", [read_request, write_request])
async def test_a_refused_connection_on_this_machine_suggests_the_sandbox(
    client: Client, make: MakeRequest
) -> None:
    with socket.socket() as unused:  # Bound, but nobody listens.
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        error = await failure(client, make(f"http://127.0.0.1:{port}/a"))
    assert str(error) == (
        f"Connection refused by 127.0.0.1:{port}: start it with “mixtui sandbox”, or "
        "fix the port."
    )
    assert not error.maybe_done


@pytest.mark.parametrize("make", [read_request, write_request])
async def test_a_server_without_tls_is_recognised(
    client: Client, make: MakeRequest
) -> None:
    async def handler(connection: Connection) -> None:
        await connection.reader.read(100)
        await connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with serve(handler) as server:
        url = server.url.replace("http:", "https:")
        error = await failure(client, make(f"{url}/a"))
    assert "does not use TLS" in str(error)
    assert not error.maybe_done


@pytest.mark.parametrize(
    ("greeting", "sentence"),
    [
        (b"220 mail.example ESMTP\r\n", "does not use TLS. Check the port"),
        (b"", "during the TLS handshake: check host, port"),
    ],
)
async def test_a_server_that_speaks_first_or_hangs_up_does_not_speak_tls(
    client: Client, greeting: bytes, sentence: str
) -> None:
    async def handler(connection: Connection) -> None:
        await connection.send(greeting)

    async with serve(handler) as server:
        url = server.url.replace("http:", "https:")
        error = await failure(client, write_request(f"{url}/a"))
    assert sentence in str(error)
    assert not error.arrived


@pytest.mark.parametrize("make", [read_request, write_request])
async def test_a_handshake_that_never_ends_is_a_timeout(
    client: Client, make: MakeRequest
) -> None:
    async def handler(connection: Connection) -> None:
        await connection.reader.read()

    async with serve(handler) as server:
        url = server.url.replace("http:", "https:")
        error = await failure(client, make(f"{url}/a", timeout=0.5))
    assert str(error).startswith("Could not connect to 127.0.0.1:")
    assert "timeout option" in str(error)
    assert not error.maybe_done


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (
            "407 Proxy Authentication Required",
            "The proxy refused the connection (407 Proxy Authen",
        ),
        (
            "403 Forbidden",
            "The proxy refused the connection (403 Forbidden): check HTTPS_PROXY",
        ),
    ],
)
@pytest.mark.parametrize("make", [read_request, write_request])
async def test_a_refusal_of_the_proxy_is_named(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    make: MakeRequest,
    status: str,
    sentence: str,
) -> None:
    async with serve(responding(http_response(b"", status))) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        error = await failure(client, make())
    assert proxy.targets == ["CONNECT x.test:443"]
    assert str(error).startswith(sentence)
    assert not error.maybe_done


@pytest.mark.parametrize("told", ["p%40ss-word", "p@ss-word", "dTpwQHNzLXdvcmQ="])
async def test_no_sentence_repeats_the_credentials_of_a_proxy(
    client: Client, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    async with serve(responding(http_response(b"", f"407 Not {told}"))) as proxy:
        address = proxy.url.replace("://", "://u:p%40ss-word@")
        monkeypatch.setenv("HTTPS_PROXY", address)
        error = await failure(client, read_request())
    assert b"Basic dTpwQHNzLXdvcmQ=" in proxy.requests[0]
    assert f"407 Not {REDACTED}" in str(error)
    assert told not in str(error)


async def test_a_proxy_that_is_not_there_is_named(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        error = await failure(client, read_request())
    assert str(error).startswith("Connection refused by the proxy 127.0.0.1")


async def test_a_read_that_arrived_counts_against_its_quota(client: Client) -> None:
    async with serve(hang_up) as server:
        assert (await failure(client, read_request(f"{server.url}/a"))).arrived
    assert not (await failure(client, read_request(f"{server.url}/a"))).arrived


async def test_a_silent_proxy_has_not_sent_the_request(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def handler(connection: Connection) -> None:
        await connection.request()
        await connection.reader.read()

    async with serve(handler) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        error = await failure(client, write_request(timeout=0.5))
    assert str(error).startswith(
        "Could not connect to the proxy 127.0.0.1 within 500 ms"
    )
    assert not error.maybe_done


async def test_a_file_that_is_gone_is_named(client: Client, tmp_path: Path) -> None:
    gone = FileContent(tmp_path / "gone.csv", 5)
    async with serve(responding(http_response())) as server:
        request = replace(write_request(f"{server.url}/a"), content=gone)
        error = await failure(client, request)
    assert "gone.csv cannot be read (No such file or directory)" in str(error)


async def test_a_file_that_became_shorter_is_named(
    client: Client, tmp_path: Path
) -> None:
    (tmp_path / "rows.csv").write_bytes(b"1,2")
    short = FileContent(tmp_path / "rows.csv", 5)
    async with serve(responding(http_response())) as server:
        request = replace(write_request(f"{server.url}/a"), content=short)
        error = await failure(client, request)
    assert "rows.csv shrank while it was being sent" in str(error)


async def test_an_invalid_host_name_is_reported(client: Client) -> None:
    error = await failure(client, read_request(f"http://{'a' * 70}.test/"))
    assert str(error).endswith("check the network and the spelling.")


def failing_with(error: Exception) -> Client:
    def handler(_: httpx.Request) -> httpx.Response:
        raise error

    return Client(READER, transport=httpx.MockTransport(handler))


def caused_by(error: Exception, *causes: BaseException) -> Exception:
    for effect, cause in zip((error, *causes), causes, strict=False):
        effect.__cause__ = cause
    return error


UNTRUSTED = "unable to get local issuer certificate"


def certificate_error(code: int, message: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "no")
    error.verify_code, error.verify_message = code, message
    return error


WANTS_CERTIFICATE = ssl.SSLError(1, "no")
WANTS_CERTIFICATE.reason = "TLSV13_ALERT_CERTIFICATE_REQUIRED"


@pytest.mark.parametrize(
    ("error", "sentence", "maybe_done"),
    [
        (httpx.ConnectTimeout("x"), "Could not connect to x.test within 2 min:", False),
        (httpx.ReadTimeout("x"), "No response from x.test within 2 min:", True),
        (httpx.WriteTimeout("x"), "No response from x.test within 2 min:", True),
        (
            caused_by(
                httpx.ConnectError("All connection attempts failed"),
                OSError("All connection attempts failed"),
                ExceptionGroup("several", [ConnectionRefusedError(111, "refused")]),
            ),
            "Connection refused by x.test: check host and port.",
            False,
        ),
        (
            caused_by(httpx.ConnectError("x"), socket.gaierror(-2, "unknown")),
            "Could not resolve x.test:",
            False,
        ),
        (
            caused_by(httpx.ConnectError("x"), OSError(113, "No route to host")),
            "No route to x.test:",
            False,
        ),
        (
            caused_by(httpx.ConnectError("x"), certificate_error(20, UNTRUSTED)),
            f"The certificate of x.test is not trusted ({UNTRUSTED}): if it is issued "
            "by your own CA, set ca_file in the environment demo.",
            False,
        ),
        (
            caused_by(httpx.ConnectError("x"), certificate_error(10, "expired")),
            "The certificate of x.test has expired: its operator must renew it",
            False,
        ),
        (
            caused_by(httpx.ConnectError("x"), certificate_error(9, "not yet")),
            "The certificate of x.test is not valid yet: check the clock",
            False,
        ),
        (
            caused_by(httpx.ConnectError("x"), certificate_error(62, "for y.test")),
            "The certificate of x.test is for a different name (for y.test): check the",
            False,
        ),
        (
            caused_by(httpx.ConnectError("x"), certificate_error(66, "key too weak")),
            "The certificate of x.test was not accepted (key too weak): ask its operator.",
            False,
        ),
        (
            caused_by(httpx.ReadError("x"), WANTS_CERTIFICATE),
            "TLS handshake rejected by x.test (tlsv13 alert certificate",
            False,
        ),
        (
            caused_by(
                httpx.ConnectError("x"), WANTS_CERTIFICATE, ssl.SSLWantReadError()
            ),
            "TLS handshake rejected by x.test (tlsv13 alert certificate required): it may require a client_certificate in the environment demo.",
            False,
        ),
        (
            caused_by(httpx.ConnectError("x"), ssl.SSLWantReadError()),
            "Could not connect to x.test:",
            False,
        ),
        (httpx.ConnectError("x"), "Could not connect to x.test:", False),
        (httpx.ReadError("x"), "The connection to x.test was lost before", True),
        (httpx.WriteError("x"), "The connection to x.test was lost before", True),
        (httpx.CloseError("x"), "The connection to x.test was lost before", True),
        (
            httpx.ProxyError("403 No"),
            "The proxy refused the connection (403 No):",
            False,
        ),
        (httpx.LocalProtocolError("bad"), "The request violates HTTP", False),
        (httpx.UnsupportedProtocol("ftp"), "The URL is not valid (ftp)", False),
        (httpx.InvalidURL("bad"), "The URL is not valid (bad)", False),
        (httpx.RemoteProtocolError("\x1b[2J"), "The response from x.test is not", True),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
@pytest.mark.parametrize("make", [read_request, write_request])
async def test_every_failure_is_one_sentence(
    error: Exception, sentence: str, maybe_done: bool, make: MakeRequest
) -> None:
    failed = await failure(failing_with(error), make(timeout=120.0))
    assert str(failed).startswith(sentence.rstrip("."))
    assert failed.maybe_done is (maybe_done and make is write_request)
    assert str(failed).endswith(MAYBE_DONE) is failed.maybe_done
    assert "\x1b" not in str(failed)
    assert failed.__context__ is None


@pytest.mark.parametrize(
    ("stage", "maybe_done"),
    [
        (TraceStage.UNKNOWN, True),
        (TraceStage.CONNECTING, False),
        (TraceStage.SECURING, False),
        (TraceStage.SENDING, True),
    ],
)
def test_the_stage_decides_whether_the_server_may_have_done_it(
    stage: TraceStage, maybe_done: bool
) -> None:
    error = send_failure(
        TimeoutError(), write_request(), ConnectionTrace(stage), Redactor()
    )
    assert error.maybe_done is maybe_done


@pytest.mark.parametrize(
    "error",
    [
        OverflowError("connect(): port must be 0-65535."),
        ExceptionGroup("g", [OverflowError("port")]),
        ValueError("a value"),
    ],
    ids=repr,
)
async def test_what_a_host_or_port_makes_a_library_raise_is_a_send_error(
    error: Exception,
) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    client = Client(READER, transport=httpx.MockTransport(fail))
    with pytest.raises(SendError) as caught:
        await client.send(prepared())
    assert str(error) not in str(caught.value)
    assert caught.value.__context__ is None
    await client.close()
