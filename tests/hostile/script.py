"""What a hostile server does, as data: a case is its steps and what mixtui says of them.

``docs/reliability.md`` lists the cases: `generate.reliability` writes them from here.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from tests.wire import Connection

_LINGER = struct.pack("ii", 1, 0)
_PAUSE = 0.01
"""Seconds between what a slow server sends."""


class Do(Enum):
    """A step that needs no data."""

    READ = "reads the request"
    READ_HEAD = "reads the head of the request, and leaves the body"
    READ_BYTES = "waits for the first bytes"
    HOLD = "says nothing more, until the client goes"
    HALF_CLOSE = "sends nothing more, and reads on"
    RESET = "resets the connection"
    CUT = "closes the socket, without the goodbye of TLS"


@dataclass(frozen=True, slots=True)
class Send:
    """Sends bytes; ``{origin}``, ``{port}`` and ``{other}`` stand for its address."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Drip:
    """Sends each byte as a packet of its own."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Flood:
    """Sends the same bytes for ever, as fast as they are taken."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Pace:
    """Sends the same bytes for ever, a hundred times a second."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Tls:
    """Secures the connection with one of the certificates."""

    certificate: str = "good"


Step = Do | Send | Drip | Flood | Pace | Tls
Script = tuple[Step, ...]


class Route(Enum):
    """How the client gets to the server."""

    PLAIN = "http"
    TLS = "https"
    PROXY = "proxy"
    """The server is the proxy for https://x.test."""
    IPV6 = "IPv6"
    """http, at the address ::1."""
    NOWHERE = "nowhere"
    """Nobody listens at its port."""
    NO_PROXY = "no proxy"
    """Nobody listens at the port of the proxy."""


@dataclass(frozen=True, slots=True)
class Case:
    """A hostile server, and what mixtui has to say about it."""

    name: str
    script: Script
    label: str
    exit_status: int
    sentence: str
    """What is said besides the label; ``{host}`` is the server."""
    operation: str = "query"
    """A key of `OPERATIONS`."""
    route: Route = Route.PLAIN
    timeout: float = 10.0
    """That of the request, in seconds."""
    then: Script = ()
    """What it does on all connections but the first; empty = the same again."""
    addresses: tuple[str, ...] = ()
    """What dual.test resolves to: server, refused, silent or unreachable."""


SILENT = 0.3
"""Seconds after which the client gives up on a silent server."""
SLOW = {"timeout": SILENT}


async def perform(
    script: Sequence[Step],
    connection: Connection,
    context: Callable[[str], ssl.SSLContext],
    names: dict[bytes, bytes],
) -> None:
    """Do what the script says, on one connection."""
    for step in script:
        match step:
            case Do.READ:
                if not await connection.request():
                    return
            case Do.READ_HEAD:
                await connection.reader.readuntil(b"\r\n\r\n")
            case Do.READ_BYTES:
                await connection.reader.read(1 << 16)
            case Do.HOLD:
                await asyncio.Event().wait()  # Until the test ends.
            case Do.HALF_CLOSE:
                connection.writer.write_eof()
                await connection.reader.read()
            case Do.RESET:
                end = connection.writer.get_extra_info("socket")
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
                connection.reset()
            case Do.CUT:
                connection.reset()  # Of asyncio: what is sent arrives, then the end.
            case Send(data):
                for name, value in names.items():
                    data = data.replace(name, value)
                await connection.send(data)
            case Drip(data):
                for byte in data:
                    await connection.send(bytes((byte,)))
            case Flood(data):
                while True:
                    await connection.send(data)
                    await asyncio.sleep(0)
            case Pace(data):
                while True:
                    await connection.send(data)
                    await asyncio.sleep(_PAUSE)
            case Tls(certificate):
                await connection.writer.start_tls(context(certificate))
