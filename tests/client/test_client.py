from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

import mixtui
from mixtui.client.client import Client, Progress
from mixtui.client.decoding import accept_encoding
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import AuthChoice, Body, BodyType, Method
from mixtui.model.errors import CredentialError, SettingsError
from mixtui.model.prepared import PreparedRequest
from mixtui.model.secrets import REDACTED
from tests.exchanges import READER, prepared
from tests.wire import Connection, http_response, responding, serve


async def test_a_response_becomes_an_exchange(client: Client) -> None:
    response_bytes = http_response(
        b'{"a": 1}', "201 Created", "X-One: 1", "x-one: 2", "X-Two: é"
    )
    async with serve(responding(response_bytes)) as server:
        exchange = await client.send(prepared(base=server.url))
    response, timing = exchange.response, exchange.timing
    assert (response.status, response.reason) == (201, "Created")
    assert response.http_version == "HTTP/1.1"
    assert response.headers[:2] == (("X-One", "1"), ("x-one", "2"))
    assert response.header("x-two") == "é"
    assert response.header("X-ONE") == "1"
    assert response.body == b'{"a": 1}'
    assert response.body_bytes == response.wire_bytes == 8
    assert response.cut_short == ""
    assert 0 < timing.first_byte <= timing.total
    assert timing.started.tzinfo is not None


async def test_a_body_and_headers_go_out_as_prepared(client: Client) -> None:
    request = prepared(
        Method.POST,
        "/import",
        api=Api.INGESTION,
        headers=[("X-Trace", "a"), ("X-Trace", "b"), ("accept", "text/plain")],
        body=Body(BodyType.TEXT, "tèxt"),
    )
    async with serve(responding(http_response())) as server:
        url = f"{server.url}/import"
        exchange = await client.send(_with_url(request, url))
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /import HTTP/1.1"
    assert sorted(lines[1:]) == [
        f"Accept-Encoding: {accept_encoding()}",
        "Content-Length: 5",
        "Content-Type: text/plain; charset=utf-8",
        f"Host: 127.0.0.1:{server.port}",
        f"User-Agent: mixtui/{mixtui.__version__}",
        "X-Trace: a",
        "X-Trace: b",
        "accept: text/plain",
    ]
    assert body == "tèxt".encode()
    sent = exchange.sent
    assert [f"{name}: {value}" for name, value in sent.headers] == lines[1:]
    assert (sent.method, sent.url, sent.body) == ("POST", url, body)


@pytest.mark.parametrize("method", [Method.POST, Method.DELETE])
async def test_an_empty_body_is_sent_as_none(client: Client, method: Method) -> None:
    async with serve(responding(http_response())) as server:
        await client.send(prepared(method, base=server.url))
    expected = method is Method.POST
    assert (b"Content-Length: 0" in server.requests[0]) is expected
    assert b"chunked" not in server.requests[0]


async def test_a_file_is_streamed_with_its_length(
    client: Client, tmp_path: Path
) -> None:
    content = bytes(range(256)) * 3000
    (tmp_path / "rows.csv").write_bytes(content)
    body = Body(BodyType.FILE, path=str(tmp_path / "rows.csv"))
    request = prepared(Method.PUT, "/lookup-tables/1", api=Api.INGESTION, body=body)
    async with serve(responding(http_response())) as server:
        exchange = await client.send(
            _with_url(request, f"{server.url}/lookup-tables/1")
        )
    head, _, arrived = server.requests[0].partition(b"\r\n\r\n")
    assert arrived == content
    assert b"chunked" not in head
    assert exchange.sent.body == b""
    assert exchange.sent.body_file == tmp_path / "rows.csv"


@pytest.mark.parametrize(
    ("url", "query", "target"),
    [
        ("/x?a=%2F%20+'b'&a=2&c=&d;e", (), "/api/x?a=%2F%20+'b'&a=2&c=&d;e"),
        ("/a%2Fb/%C3%A9", (), "/api/a%2Fb/%C3%A9"),
        ("/x?e=%5B%22Sign%20up%22%5D", (), "/api/x?e=%5B%22Sign%20up%22%5D"),
        ("/x?e=%7e%2d", (), "/api/x?e=%7e%2d"),
        (
            "/x?a=1",
            [("a", '["b c"]'), ("p", "a+b&c=d;"), ("é", "")],
            "/api/x?a=1&a=%5B%22b%20c%22%5D&p=a%2Bb%26c%3Dd%3B&%C3%A9=",
        ),
    ],
)
async def test_the_url_goes_out_byte_for_byte(
    client: Client, url: str, query: list[tuple[str, str]], target: str
) -> None:
    async with serve(responding(http_response())) as server:
        exchange = await client.send(prepared(url=url, query=query, base=server.url))
    assert server.targets == [f"GET {target}"]
    assert exchange.sent.url == server.url + target


async def test_a_fragment_is_never_sent(client: Client) -> None:
    async with serve(responding(http_response())) as server:
        url = f"{server.url}/engage?verbose=1#profile-set"
        exchange = await client.send(_with_url(prepared(), url))
    assert server.targets == ["GET /engage?verbose=1"]
    assert exchange.sent.url == f"{server.url}/engage?verbose=1"


@pytest.mark.parametrize("target", ['/x?a=["b"]|{c}^`', "/%zz?q=%", "/a/../b?x"])
async def test_httpx_does_not_rewrite_a_url(client: Client, target: str) -> None:
    async with serve(responding(http_response())) as server:
        await client.send(_with_url(prepared(), server.url + target))
    assert server.targets == [f"GET {target}"]


async def test_the_credential_is_sent_and_masked_in_the_exchange(
    client: Client,
) -> None:
    request_auth = AuthChoice.SERVICE_ACCOUNT
    async with serve(responding(http_response())) as server:
        exchange = await client.send(prepared(base=server.url, auth=request_auth))
    assert b"\r\nAuthorization: Basic Y2kuMWEyYjprcTct" in server.requests[0]
    assert ("Authorization", f"Basic {REDACTED}") in exchange.sent.headers


async def test_credentials_leave_this_machine_only_encrypted() -> None:
    requests: list[httpx.Request] = []
    request = prepared(auth=AuthChoice.SERVICE_ACCOUNT)

    def handler(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200)

    client = _client_with(handler)
    for url in ("http://mixpanel.com/api/x", "https://u@mixpanel.com/api"):
        with pytest.raises(CredentialError, match=r"credentials were not sent"):
            await client.send(_with_url(request, url))
    typed = prepared(headers=[("authorization", "Bearer x")])
    with pytest.raises(CredentialError, match=r"mixpanel\.com is not encrypted"):
        await client.send(_with_url(typed, "http://mixpanel.com/api/x"))
    assert not requests


async def test_no_cookie_is_stored(client: Client) -> None:
    response = http_response(b"", "200 OK", "Set-Cookie: session=1; Path=/")
    async with serve(responding(response)) as server:
        for _ in range(2):
            await client.send(prepared(base=server.url))
    assert len(server.requests) == 2
    assert not any(b"ookie" in request for request in server.requests)


async def test_connections_are_kept_open(client: Client) -> None:
    async with serve(responding(http_response(b"1"))) as server:
        for _ in range(3):
            await client.send(prepared(base=server.url))
    assert (len(server.requests), server.connections) == (3, 1)


async def test_a_closed_client_connects_again(client: Client) -> None:
    async with serve(responding(http_response(b"1"))) as server:
        await client.send(prepared(base=server.url))
        await client.close()
        await client.send(prepared(base=server.url))
    assert server.connections == 2


async def test_a_request_to_this_machine_bypasses_the_proxy(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serve(responding(http_response(b"proxy"))) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        async with serve(responding(http_response(b"direct"))) as server:
            exchange = await client.send(prepared(base=server.url))
    assert exchange.response.body == b"direct"
    assert not proxy.requests


async def test_other_hosts_are_reached_through_the_proxy(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serve(responding(http_response(b"proxy"))) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        await client.send(prepared(url="/x?a=%2F", base="http://mixpanel.test"))
    assert proxy.targets == ["GET http://mixpanel.test/api/x?a=%2F"]


@pytest.mark.parametrize(
    "proxy",
    [
        "http://proxy:port",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:-1",
        "ftp://proxy",
        "socks5://127.0.0.1:1",
    ],
)
async def test_a_wrong_proxy_variable_is_named(
    client: Client, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(SettingsError, match="proxy variable"):
        await client.send(prepared())


async def test_cancelling_closes_the_connection(client: Client) -> None:
    waiting, gone = asyncio.Event(), asyncio.Event()

    async def handler(connection: Connection) -> None:
        await connection.request()
        waiting.set()
        assert await connection.reader.read() == b""
        gone.set()

    async with serve(handler) as server:
        task = asyncio.create_task(client.send(prepared(base=server.url)))
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await gone.wait()


async def test_cancelling_while_the_body_is_received_closes_the_connection(
    client: Client,
) -> None:
    gone = asyncio.Event()

    async def handler(connection: Connection) -> None:
        await connection.request()
        await connection.send(http_response(b"12345", length=10))
        assert await connection.reader.read() == b""
        gone.set()

    started = asyncio.Event()
    async with serve(handler) as server:
        task = asyncio.create_task(
            client.send(prepared(base=server.url), on_progress=lambda _: started.set())
        )
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await gone.wait()


async def test_progress_is_reported(client: Client) -> None:
    reports: list[Progress] = []
    async with serve(responding(http_response(b"12345"))) as server:
        await client.send(prepared(base=server.url), on_progress=reports.append)
    assert [(progress.bytes, progress.total) for progress in reports] == [(5, 5)]
    assert reports[0].elapsed > 0


async def test_a_body_of_a_test_transport_is_read_completely() -> None:
    client = _client_with(lambda _: httpx.Response(200, json={"a": 1}))
    exchange = await client.send(prepared())
    assert exchange.response.body == b'{"a":1}'


async def test_two_sends_at_once_share_a_client(client: Client) -> None:
    async with serve(responding(http_response(b"1"))) as server:
        request = prepared(base=server.url)
        sent = await asyncio.gather(client.send(request), client.send(request))
    assert [exchange.response.body for exchange in sent] == [b"1", b"1"]


def _client_with(handler: Callable[[httpx.Request], httpx.Response]) -> Client:
    return Client(READER, transport=httpx.MockTransport(handler))


def _with_url(request: PreparedRequest, url: str) -> PreparedRequest:
    return replace(request, url=url)
