"""TLS with a temporary certificate authority, on real sockets."""

from __future__ import annotations

import asyncio
import socket
import ssl
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import trustme
from msgspec.structs import replace

from mixtui.client.client import Client
from mixtui.client.connections import ssl_context
from mixtui.mixpanel.endpoints import Safety
from mixtui.model.environment import Tls
from mixtui.model.errors import SendError, SettingsError
from mixtui.model.prepared import PreparedRequest
from tests.exchanges import ENVIRONMENT, prepared
from tests.wire import Connection, http_response, responding, serve

LOCKED_KEY = """-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-128-CBC,9D6C2EAE1B4F9B2C3D2F1A0B5C6D7E8F

AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
-----END EC PRIVATE KEY-----
"""


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def files(authority: trustme.CA, tmp_path: Path) -> Path:
    """Write ca.pem, client.pem (certificate and key), client.key and client.crt."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    client = authority.issue_cert("client@example.org")
    client.private_key_and_cert_chain_pem.write_to_path(tmp_path / "client.pem")
    client.private_key_pem.write_to_path(tmp_path / "client.key")
    client.cert_chain_pems[0].write_to_path(tmp_path / "client.crt")
    return tmp_path


def server_context(
    authority: trustme.CA,
    name: str = "127.0.0.1",
    *,
    require_client_certificate: bool = False,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate = authority.issue_cert(name, not_before=not_before, not_after=not_after)
    certificate.configure_cert(context)
    if require_client_certificate:
        authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def request(url: str, **tls: str) -> PreparedRequest:
    environment = replace(ENVIRONMENT, tls=Tls(**tls))
    return replace(prepared(environment=environment), url=f"{url}/a")


async def test_a_private_authority_is_trusted(
    client: Client, authority: trustme.CA, files: Path
) -> None:
    async with serve(
        responding(http_response(b"1")), server_context(authority)
    ) as server:
        sent = await client.send(request(server.url, ca_file=str(files / "ca.pem")))
    assert sent.response.body == b"1"


async def test_an_unknown_authority_is_not_trusted(
    client: Client, authority: trustme.CA
) -> None:
    async with serve(responding(http_response()), server_context(authority)) as server:
        with pytest.raises(SendError, match="is not trusted") as caught:
            await client.send(request(server.url))
    assert not server.requests
    assert "CA, set ca_file in the environment demo" in str(caught.value)
    assert not caught.value.maybe_done


PAST, FUTURE = datetime(2001, 1, 1), datetime(2101, 1, 1)


@pytest.mark.parametrize(
    ("name", "not_before", "not_after", "sentence"),
    [
        ("other.example", None, None, r"is for a different name \(.*127\.0\.0\.1"),
        ("127.0.0.1", PAST, PAST + timedelta(1), r"127\.0\.0\.1:\d+ has expired"),
        (
            "127.0.0.1",
            FUTURE,
            FUTURE + timedelta(1),
            "is not valid yet: check the clock",
        ),
    ],
)
async def test_a_certificate_that_no_authority_would_mend_does_not_want_one(
    client: Client,
    authority: trustme.CA,
    files: Path,
    name: str,
    not_before: datetime | None,
    not_after: datetime | None,
    sentence: str,
) -> None:
    tls = server_context(authority, name, not_before=not_before, not_after=not_after)
    async with serve(responding(http_response()), tls) as server:
        with pytest.raises(SendError, match=sentence) as caught:
            await client.send(request(server.url, ca_file=str(files / "ca.pem")))
    assert "ca_file" not in str(caught.value)
    assert not caught.value.arrived


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(
    ("presented", "sentence"),
    [
        ("", "it may require a client_certificate in the environment demo"),
        ("stranger.pem", "The client certificate was rejected by 127.0.0.1"),
    ],
)
async def test_a_server_that_refuses_our_certificate_did_nothing(
    client: Client,
    authority: trustme.CA,
    files: Path,
    version: ssl.TLSVersion,
    presented: str,
    sentence: str,
) -> None:
    stranger = trustme.CA().issue_cert("client@example.org")
    stranger.private_key_and_cert_chain_pem.write_to_path(files / "stranger.pem")
    context = server_context(authority, require_client_certificate=True)
    context.maximum_version = version
    tls = {"ca_file": str(files / "ca.pem")}
    if presented:
        tls["client_certificate"] = str(files / presented)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        handshake = asyncio.create_task(asyncio.to_thread(_refuse, listener, context))
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        write = replace(request(url, **tls), safety=Safety.WRITE)
        with pytest.raises(SendError) as caught:
            await client.send(write)
        await handshake
    assert sentence in str(caught.value)
    assert not caught.value.arrived


def _refuse(listener: socket.socket, context: ssl.SSLContext) -> None:
    """Refuse one handshake with an alert, which asyncio's servers do not send."""
    connection, _ = listener.accept()
    tls = context.wrap_socket(
        connection, server_side=True, do_handshake_on_connect=False
    )
    with pytest.raises(ssl.SSLError):
        tls.do_handshake()
    with socket.socket(fileno=tls.detach()) as plain:
        while plain.recv(65536):
            pass


async def test_the_certificate_behind_a_proxy_is_that_of_the_server(
    client: Client, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = server_context(authority, "x.test")

    async def tunnel(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await connection.writer.start_tls(context)

    async with serve(tunnel) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(SendError) as caught:
            await client.send(request("https://x.test"))
    assert str(caught.value).startswith("The certificate of x.test is not trusted")


@pytest.mark.parametrize(
    "names",
    [
        {"client_certificate": "client.pem"},
        {"client_certificate": "client.crt", "client_key": "client.key"},
    ],
    ids=["one file", "two files"],
)
async def test_a_client_certificate_is_presented(
    client: Client, authority: trustme.CA, files: Path, names: dict[str, str]
) -> None:
    tls = {name: str(files / file) for name, file in names.items()}
    tls["ca_file"] = str(files / "ca.pem")
    context = server_context(authority, require_client_certificate=True)
    async with serve(responding(http_response(b"1")), context) as server:
        sent = await client.send(request(server.url, **tls))
    assert sent.response.body == b"1"


async def test_a_server_is_reached_through_a_proxy_that_speaks_tls_itself(
    client: Client,
    authority: trustme.CA,
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inner = server_context(authority, "x.test")

    async def tunnel(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await connection.writer.start_tls(inner)
        await responding(http_response(b"x" * 300_000))(connection)

    async with serve(tunnel, server_context(authority)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("SSL_CERT_FILE", str(files / "ca.pem"))
        for _ in range(2):
            sent = await client.send(request("https://x.test"))
            assert len(sent.response.body) == 300_000
    assert proxy.connections == 1
    assert proxy.targets == ["CONNECT x.test:443", "GET /a", "GET /a"]


async def test_each_tls_setting_has_its_own_connections(
    client: Client, authority: trustme.CA, files: Path
) -> None:
    async with serve(responding(http_response()), server_context(authority)) as server:
        await client.send(request(server.url, ca_file=str(files / "ca.pem")))
        with pytest.raises(SendError, match="not trusted"):
            await client.send(request(server.url))


@pytest.mark.parametrize(
    "name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]
)
async def test_a_bundle_is_found_by_its_variable(
    client: Client,
    authority: trustme.CA,
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    monkeypatch.setenv(name, str(files / "ca.pem"))
    async with serve(
        responding(http_response(b"1")), server_context(authority)
    ) as server:
        sent = await client.send(request(server.url))
    assert sent.response.body == b"1"


@pytest.mark.parametrize(
    ("tls", "sentence"),
    [
        (Tls(ca_file="no.pem"), "The CA file {}no.pem cannot be read (No such file"),
        (Tls(ca_file="text"), "The CA file {}text contains no certificates"),
        (
            Tls(client_certificate="no.pem"),
            "The client certificate {}no.pem cannot be read (No such file",
        ),
        (
            Tls(client_certificate="client.crt", client_key="no.key"),
            "The client key {}no.key cannot be read (No such file",
        ),
        (Tls(client_certificate="text"), "The client certificate {}text and the key"),
        (
            Tls(client_certificate="client.crt", client_key="text"),
            "The client certificate {}client.crt and the key {}text do not match",
        ),
        (
            Tls(client_certificate="client.crt"),
            "The client certificate {}client.crt and the key (in the same file)",
        ),
        (
            Tls(client_certificate="client.crt", client_key="locked.key"),
            "The key of the client certificate {}client.crt is encrypted",
        ),
    ],
)
def test_a_wrong_file_is_named(files: Path, tls: Tls, sentence: str) -> None:
    (files / "text").write_text("no certificate")
    (files / "locked.key").write_text(LOCKED_KEY)
    prefix = f"{files}/"
    paths = Tls(
        ca_file=tls.ca_file and prefix + tls.ca_file,
        client_certificate=tls.client_certificate and prefix + tls.client_certificate,
        client_key=tls.client_key and prefix + tls.client_key,
    )
    with pytest.raises(SettingsError) as caught:
        ssl_context(paths, {})
    assert str(caught.value).startswith(sentence.replace("{}", prefix))


def test_a_wrong_bundle_variable_is_named() -> None:
    with pytest.raises(SettingsError, match="The CA bundle of SSL_CERT_FILE, /no/file"):
        ssl_context(Tls(), {"SSL_CERT_FILE": "/no/file"})


async def test_a_wrong_file_can_be_corrected(
    client: Client, authority: trustme.CA, tmp_path: Path
) -> None:
    path = tmp_path / "late.pem"
    async with serve(
        responding(http_response(b"1")), server_context(authority)
    ) as server:
        prepared_request = request(server.url, ca_file=str(path))
        with pytest.raises(SettingsError):
            await client.send(prepared_request)
        authority.cert_pem.write_to_path(path)
        assert (await client.send(prepared_request)).response.body == b"1"


async def test_a_file_gets_a_body_that_comes_encrypted(
    client: Client, authority: trustme.CA, files: Path
) -> None:
    body = bytes(range(256)) * 4000
    chunks = [body[i : i + 50_000] for i in range(0, len(body), 50_000)]
    framed = b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in chunks)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    tls = Tls(ca_file=str(files / "ca.pem"))
    handler = responding(head + framed + b"0\r\n\r\n")
    async with serve(handler, server_context(authority)) as server:
        for name in ("one", "two"):
            with (files / name).open("wb") as file:
                request = prepared(base=server.url, tls=tls)
                exchange = await client.send(request, sink=file)
            assert (exchange.response.cut_short, (files / name).read_bytes()) == (
                "",
                body,
            )
    assert server.connections == 1
