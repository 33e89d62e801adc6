"""A server on a real socket that sends exactly the bytes a test gives it."""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib import import_module

zstd = import_module(
    "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
)
"""The coding, for bodies to send: a part of Python since 3.14."""

Handler = Callable[["Connection"], Awaitable[None]]


@dataclass
class Connection:
    """One connection, seen from the server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    server: Server

    async def request(self) -> bytes:
        """Read one request as it is on the wire; empty means the client has gone."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return b""
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        data = head + await self.reader.readexactly(length)
        self.server.requests.append(data)
        return data

    async def send(self, *parts: bytes) -> None:
        """Send bytes, one write for each part."""
        for part in parts:
            self.writer.write(part)
            await self.writer.drain()

    def reset(self) -> None:
        """Abort the connection (RST)."""
        self.writer.transport.abort()


@dataclass
class Server:
    """The address of the server and the requests it received."""

    port: int = 0
    scheme: str = "http"
    host: str = "127.0.0.1"
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"

    @property
    def targets(self) -> list[str]:
        """Methods and targets of the request lines."""
        lines = [request.split(b"\r\n")[0].decode() for request in self.requests]
        return [line.removesuffix(" HTTP/1.1") for line in lines]


def http_response(
    body: bytes = b"", status: str = "200 OK", *headers: str, length: int | None = None
) -> bytes:
    """Build a complete response; `length` may claim another length of the body."""
    lines = [f"HTTP/1.1 {status}", *headers]
    lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def responding(*responses: bytes) -> Handler:
    """Respond to each request with the next of these, and go on with the last."""
    remaining = list(responses)

    async def handler(connection: Connection) -> None:
        while await connection.request():
            await connection.send(
                remaining.pop(0) if len(remaining) > 1 else remaining[0]
            )

    return handler


@asynccontextmanager
async def serve(
    handler: Handler, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Server]:
    """Listen on loopback until the block ends."""
    state = Server(scheme="https" if tls else "http", host=host)
    tasks: set[asyncio.Task[None]] = set()
    closing: list[asyncio.StreamWriter] = []

    async def connected(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        state.connections += 1
        try:
            await handler(Connection(reader, writer, state))
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # The client has gone, or the test is over.
        finally:
            writer.close()
            closing.append(writer)
            tasks.discard(task)

    listener = await asyncio.start_server(connected, host, 0, ssl=tls)
    state.port = listener.sockets[0].getsockname()[1]
    try:
        yield state
    finally:
        listener.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in closing:  # TLS waits for the other end, and the test ends before.
            writer.transport.abort()
        await asyncio.sleep(0)
