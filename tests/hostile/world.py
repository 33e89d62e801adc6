"""A hostile server under way: the ways to it, and what a client made of it."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import trustme
from msgspec.structs import replace

from mixtui.client.client import Client
from mixtui.model.environment import Tls as TlsSettings
from mixtui.model.errors import SendError
from mixtui.model.prepared import PreparedRequest
from mixtui.outcome.outcome import Outcome, judge_response, no_response_outcome
from tests.hostile.script import Case, Do, Route, Send, Step, Tls, perform
from tests.outcome.hostile_answers import DATA, OPERATIONS, http
from tests.processes import PATIENCE
from tests.wire import Connection, Server, serve

HOST = "127.0.0.1"
PROXIED = "x.test"
_DUAL = "dual.test"
_FUTURE = datetime(2101, 1, 1)
_PAST = datetime(2001, 1, 1)
_GOOD = (Do.READ, Send(http(DATA)))
_HEALTHY: dict[Route, tuple[Step, ...]] = {
    Route.TLS: (Tls(), *_GOOD),
    Route.PROXY: (Do.READ, Send(b"HTTP/1.1 200 OK\r\n\r\n"), Tls(PROXIED), *_GOOD),
}


@cache
def authority() -> trustme.CA:
    """The authority that the client trusts."""
    return trustme.CA()


@cache
def context(certificate: str) -> ssl.SSLContext:
    """What a server presents."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    good, stranger = authority(), trustme.CA()
    match certificate:
        case "expired":
            issued = good.issue_cert(
                HOST, not_before=_PAST, not_after=_PAST + timedelta(1)
            )
        case "early":
            issued = good.issue_cert(
                HOST, not_before=_FUTURE, not_after=_FUTURE + timedelta(1)
            )
        case "other host":
            issued = good.issue_cert("other.example")
        case "other address":
            issued = good.issue_cert("127.0.0.2")
        case "unknown authority":
            issued = stranger.issue_cert(HOST, PROXIED)
        case "self-signed":
            # That of an authority, presented by the authority itself.
            pem = stranger.private_key_pem.bytes() + stranger.cert_pem.bytes()
            with trustme.Blob(pem).tempfile() as path:
                made.load_cert_chain(path)
            return made
        case "not an authority":
            issued = _signed_by_a_leaf(good)
        case _ if certificate == PROXIED:
            issued = good.issue_cert(PROXIED)
        case _:
            issued = good.issue_cert(HOST)
    issued.configure_cert(made)
    if certificate == "TLS 1.2":
        made.maximum_version = ssl.TLSVersion.TLSv1_2
    return made


def _signed_by_a_leaf(good: trustme.CA) -> trustme.LeafCert:
    """A certificate that another certificate signed which may not."""
    leaf = good.issue_cert("127.0.0.1")
    middle = trustme.CA()
    middle._private_key = _key_of(leaf)  # No public way: no authority does this.
    middle._certificate = _certificate_of(leaf)
    return middle.issue_cert("127.0.0.1")


def _key_of(leaf: trustme.LeafCert) -> object:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    return load_pem_private_key(leaf.private_key_pem.bytes(), None)


def _certificate_of(leaf: trustme.LeafCert) -> object:
    from cryptography.x509 import load_pem_x509_certificate

    return load_pem_x509_certificate(leaf.cert_chain_pems[0].bytes())


class Discard:
    """A sink that holds nothing, as a file does."""

    written = 0

    def write(self, piece: bytes, /) -> int:
        self.written += len(piece)
        return len(piece)


@dataclass
class World:
    """A server that is hostile until it is healthy."""

    case: Case
    server: Server
    other: Server
    nobody: int
    """A port where nobody listens."""
    healthy: bool = False

    async def handle(self, connection: Connection) -> None:
        is_first = self.server.connections == 1
        script = self.case.script if is_first else self.case.then or self.case.script
        if self.healthy:
            script = _HEALTHY.get(self.case.route, _GOOD)
        names = {
            b"{origin}": self.server.url.encode(),
            b"{port}": str(self.server.port).encode(),
            b"{other}": self.other.url.encode(),
        }
        await perform(script, connection, context, names)

    @property
    def host(self) -> str:
        """How messages name the server."""
        if self.case.addresses:
            return f"{_DUAL}:{self.server.port}"
        match self.case.route:
            case Route.NOWHERE:
                return f"{HOST}:{self.nobody}"
            case Route.IPV6:
                return f"::1:{self.server.port}"
            case Route.PROXY | Route.NO_PROXY:
                return PROXIED
            case _:
                return f"{HOST}:{self.server.port}"

    def request(self, operation: str, folder: Path) -> PreparedRequest:
        """Return the request of an operation, to this server."""
        request, case = OPERATIONS[operation], self.case
        scheme, host = "http", self.host
        ca_file = folder / "ca.pem"
        if case.route in (Route.TLS, Route.PROXY, Route.NO_PROXY):
            scheme = "https"
            if not ca_file.exists():
                authority().cert_pem.write_to_path(ca_file)
        if case.route is Route.IPV6:
            host = f"[::1]:{self.server.port}"
        authorization = None if case.addresses else request.authorization
        return replace(
            request,
            url=urlsplit(request.url)._replace(scheme=scheme, netloc=host).geturl(),
            timeout=PATIENCE if self.healthy else case.timeout,
            tls=TlsSettings(ca_file=str(ca_file)),
            authorization=authorization,
        )


@asynccontextmanager
async def hostile_world(case: Case) -> AsyncIterator[World]:
    """Serve a case until the block ends."""
    world: World

    async def handle(connection: Connection) -> None:
        await world.handle(connection)

    async def refuse(connection: Connection) -> None:
        await connection.request()

    with socket.socket() as unused:  # Bound, but nobody listens.
        unused.bind((HOST, 0))
        host = "::1" if case.route is Route.IPV6 else HOST
        async with serve(handle, host=host) as server, serve(refuse) as other:
            world = World(case, server, other, unused.getsockname()[1])
            with _resolving(case, world):
                yield world


@contextmanager
def _resolving(case: Case, world: World) -> Iterator[None]:
    """Let dual.test have the addresses of a case, and proxies stand where they do."""
    loop = asyncio.get_running_loop()
    resolve, connect = loop.getaddrinfo, loop.sock_connect
    addresses = {
        "server": (HOST, world.server.port),
        "refused": (HOST, world.nobody),
        "refused6": ("::1", world.nobody),
        "silent": ("192.0.2.1", 1),
        "silent6": ("2001:db8::1", 1),
        "unreachable": ("192.0.2.2", 1),
        "unreachable6": ("2001:db8::2", 1),
    }

    async def getaddrinfo(host: str, port: int, **options: int) -> object:
        if host != _DUAL:
            return await resolve(host, port, **options)
        if "unknown" in case.addresses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if "failing" in case.addresses:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure")
        return [
            (
                socket.AF_INET6 if ":" in addresses[name][0] else socket.AF_INET,
                socket.SOCK_STREAM,
                socket.IPPROTO_TCP,
                "",
                addresses[name],
            )
            for name in case.addresses
        ]

    async def sock_connect(new: socket.socket, target: tuple[str, int]) -> None:
        if target[0] in ("192.0.2.1", "2001:db8::1"):
            await asyncio.Event().wait()
        if target[0] in ("192.0.2.2", "2001:db8::2"):
            raise OSError(errno.EHOSTUNREACH, "No route to host")
        if target == ("::1", world.nobody):
            raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
        await connect(new, target)

    loop.getaddrinfo, loop.sock_connect = getaddrinfo, sock_connect  # type: ignore[assignment, method-assign]
    if case.route is Route.PROXY:
        os.environ["HTTPS_PROXY"] = world.server.url
    elif case.route is Route.NO_PROXY:
        os.environ["HTTPS_PROXY"] = f"http://{HOST}:{world.nobody}"
    try:
        yield
    finally:
        os.environ.pop("HTTPS_PROXY", None)
        del loop.getaddrinfo, loop.sock_connect  # type: ignore[misc]


@dataclass(frozen=True)
class Finding:
    """What a client made of a case."""

    outcome: Outcome
    sentence: str
    """All that is said besides the label."""


async def send(client: Client, request: PreparedRequest, world: World) -> Finding:
    """Send a request; return the outcome and what is said, without addresses."""
    try:
        exchange = await client.send(request, sink=Discard())
    except SendError as error:
        outcome, notices = no_response_outcome(error), ()
    else:
        outcome, notices = judge_response(exchange), exchange.notices
    said = list(dict.fromkeys(filter(None, (outcome.detail, *notices))))
    sentence = " ".join(said).replace(world.host, "{host}")
    sentence = sentence.replace(urlsplit(world.other.url).netloc, "{other}")
    return Finding(outcome, sentence)
