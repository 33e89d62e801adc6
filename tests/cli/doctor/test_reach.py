"""What `mixtui doctor --reach` sends, and what it says of servers that misbehave."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from mixtui.cli.doctor import network
from mixtui.storage.paths import state_dir
from tests.cli.conftest import CommandLine
from tests.cli.doctor.rows import hosts, report
from tests.cli.server import free_port, http_response, serve
from tests.hostile.world import authority, context
from tests.secrets.searcher import find, secret

ENVIRONMENT = f"""
[environments.prod]
region = "eu"
project_id = "1234567"
variables.key = "{secret("template")}"
[environments.prod.credentials]
project_token = "{secret("token")}"
service_account = {{ username = "ci", secret = {{ env = "MP_SECRET" }} }}
"""
Behave = Callable[[socket.socket], None]
CLOSE_AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER: a connection ends with a reset."""


@contextmanager
def listening(behave: Behave) -> Iterator[str]:
    """A server that does something with each connection: its host and port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve_all() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection, suppress(OSError):
                        behave(connection)

        thread = threading.Thread(target=serve_all, daemon=True)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def hang(connection: socket.socket) -> None:
    while connection.recv(1024):
        pass


def reset(connection: socket.socket) -> None:
    connection.recv(1024)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, CLOSE_AT_ONCE)


def close(connection: socket.socket) -> None:
    connection.recv(1024)


def drip(connection: socket.socket) -> None:
    """Send a head that never ends."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X: y\r\n")
        connection.settimeout(0.05)
        with suppress(TimeoutError):
            if not connection.recv(1024):
                return


def secured(certificate: str) -> Behave:
    def behave(connection: socket.socket) -> None:
        with context(certificate).wrap_socket(connection, server_side=True) as tls:
            tls.recv(1024)
            tls.sendall(http_response(b"{}", "404 Not Found"))

    return behave


def plain(status: str, *headers: str) -> Behave:
    def behave(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(http_response(b"x" * 999, status, *headers))

    return behave


@pytest.fixture
def reaching(mixtui: CommandLine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A command line that soon stops waiting, with a secret at hand."""
    monkeypatch.setattr(network, "_TIMEOUT", 0.5)
    mixtui.variables["MP_SECRET"] = secret("variable")
    return mixtui


@pytest.mark.parametrize(
    ("behave", "scheme", "text", "status"),
    [
        (plain("404 Not Found"), "http", "reached: 404 in ", 0),
        (plain("301 Moved", "Location: /elsewhere"), "http", "reached: 301 in ", 0),
        (plain("302 Found", "Location: //evil.example"), "http", "reached: 302 in ", 0),
        (plain("503 Down"), "http", "reached: 503 in ", 0),
        (hang, "http", "No response from 127.0.0.1:0 within 500 ms", 5),
        (drip, "http", "No response from 127.0.0.1:0 within 500 ms", 5),
        (reset, "http", "The connection to 127.0.0.1:0 was lost before", 5),
        (close, "http", "127.0.0.1:0 closed the connection without a response", 5),
        (hang, "https", "Could not connect to 127.0.0.1:0 within 500 ms", 5),
        (reset, "https", "127.0.0.1:0 closed the connection during the TLS", 5),
        (plain("200 OK"), "https", "TLS handshake failed", 5),
        (secured("good"), "https", "reached: 404 in ", 0),
        (secured("expired"), "https", "The certificate of 127.0.0.1:0 has expired", 5),
        (secured("other host"), "https", "The certificate of 127.0.0.1:0 is for a", 5),
        (secured("self-signed"), "https", "The certificate of 127.0.0.1:0 is not", 5),
        (
            secured("unknown authority"),
            "https",
            "The certificate of 127.0.0.1:0 is not",
            5,
        ),
    ],
)
def test_each_server_has_a_sentence_in_bounded_time(
    reaching: CommandLine,
    tmp_path: Path,
    behave: Behave,
    scheme: str,
    text: str,
    status: int,
) -> None:
    bundle = tmp_path / "ca.pem"
    authority().cert_pem.write_to_path(bundle)
    tls = f'[environments.prod.tls]\nca_file = "{bundle}"\n'
    with listening(behave) as address:
        url = f"{scheme}://{address}"
        reaching.write_environments(ENVIRONMENT + hosts("prod", url) + tls)
        found = report(reaching, "--reach")
    (row,) = found.of("reach")
    port = address.rpartition(":")[2]
    assert row["text"].replace(f":{port}", ":0").startswith(text), row
    assert found.status == status
    assert "option" not in row["remedy"], "doctor has no such"
    assert not find(str(found.rows))
    assert {path.name for path in state_dir().glob("*.db")} == set()


def test_the_phases_of_a_response_are_told_apart(
    reaching: CommandLine, tmp_path: Path
) -> None:
    bundle = tmp_path / "ca.pem"
    authority().cert_pem.write_to_path(bundle)
    tls = f'[environments.prod.tls]\nca_file = "{bundle}"\n'
    with listening(secured("good")) as address:
        url = f"https://{address}"
        reaching.write_environments(ENVIRONMENT + hosts("prod", url) + tls)
        (row,) = report(reaching, "--reach").of("reach")
    phases = [fact.split()[0] for fact in row["text"].split(" · ")[1:]]
    assert phases == ["DNS", "TCP", "TLS", "HTTP"]


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("http://127.0.0.1:{port}", "Connection refused by 127.0.0.1:{port}"),
        ("http://no-such-host.invalid", "Could not resolve no-such-host.invalid"),
    ],
)
def test_a_host_that_is_not_there_has_its_own_sentence(
    reaching: CommandLine, url: str, text: str
) -> None:
    port = str(free_port())
    reaching.write_environments(
        ENVIRONMENT + hosts("prod", url.replace("{port}", port))
    )
    found = report(reaching, "--reach")
    (row,) = found.of("reach")
    assert text.replace("{port}", port) in row["text"], row
    assert found.status == 5


def test_the_region_and_the_proxy_of_the_environment_are_used(
    reaching: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    reaching.write_environments(ENVIRONMENT)
    with serve(lambda _: http_response(b"", "403 No")) as proxy:
        account = f"{secret('proxy-user')}:{secret('proxy-pw')}"
        url = f"http://{account}@{proxy.origin[7:]}"
        monkeypatch.setenv("HTTPS_PROXY", url)
        reaching.variables["HTTPS_PROXY"] = url
        found = report(reaching, "--reach")
        asked = {each.split(b" ")[1].decode() for each in proxy.received}
    assert {row["name"] + ":443" for row in found.of("reach")} == asked
    assert asked == {
        *("api-eu.mixpanel.com:443", "eu.mixpanel.com:443"),
        "data-eu.mixpanel.com:443",
    }
    for row in found.of("reach"):
        assert "proxy refused the connection (403 No)" in row["text"]
    assert not find(str(found.rows))
    for request in proxy.received:
        head = b"".join(
            line
            for line in request.splitlines(keepends=True)
            if not line.lower().startswith(b"proxy-authorization:")
        )
        assert not find(head)


def test_the_authority_of_a_variable_is_used(
    reaching: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "ca.pem"
    authority().cert_pem.write_to_path(bundle)
    with listening(secured("good")) as address:
        reaching.write_environments(ENVIRONMENT + hosts("prod", f"https://{address}"))
        assert report(reaching, "--reach").status == 5
        monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
        reaching.variables["SSL_CERT_FILE"] = str(bundle)
        assert report(reaching, "--reach").status == 0
