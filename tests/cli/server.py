"""A server on a real socket, for what the sandbox cannot do."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, repeat
from threading import Thread

Respond = Callable[[bytes], bytes]
"""From a request to the response; empty = close without one."""


@dataclass
class Server:
    """A server that answers one request a connection."""

    respond: Respond
    origin: str = ""
    received: list[bytes] = field(default_factory=list)


@contextmanager
def serve(respond: Respond) -> Iterator[Server]:
    """Answer every request with what a function makes of it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        server = Server(respond, f"http://127.0.0.1:{port}")
        thread = Thread(target=_serve, args=(listener, server), daemon=True)
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@contextmanager
def serve_response(*responses: bytes) -> Iterator[Server]:
    """Serve responses in turn, the last forever; empty = close without a response."""
    in_turn = chain(responses, repeat(responses[-1]))
    with serve(lambda _: next(in_turn)) as server:
        yield server


def http_response(
    body: bytes, status: str = "200 OK", *headers: str, length: int | None = None
) -> bytes:
    """Build an HTTP response; `length` may claim another length of the body."""
    claimed = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {claimed}", *headers]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


def free_port() -> int:
    """Find a port where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _serve(listener: socket.socket, server: Server) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            connection.settimeout(20)
            request = _read_request(connection)
            server.received.append(request)
            connection.sendall(server.respond(request))


def _read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
