"""The minimum of a transfer: read a socket and discard the bytes."""

from __future__ import annotations

import re
import socket

from benchmarks.terminal import CLOCK

_BUFFER = 1 << 18
_END = b"\r\n0\r\n\r\n"
_TRIES = 3


def bare_seconds(port: int, target: str, tries: int = _TRIES) -> float:
    """Return the fewest seconds of several tries to fetch a target and discard it."""
    return min(_once(port, target) for _ in range(tries))


def _once(port: int, target: str) -> float:
    start = CLOCK()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
        data = b""
        while b"\r\n\r\n" not in data:
            data += _some(connection.recv(_BUFFER))
        head, _, rest = data.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        if length is None:
            _until_last_chunk(connection, rest)
        else:
            _count(connection, int(length[1]) - len(rest))
    return CLOCK() - start


def _count(connection: socket.socket, left: int) -> None:
    buffer = bytearray(_BUFFER)
    while left > 0:
        got = connection.recv_into(buffer)
        if not got:
            raise ConnectionError("the server ended early")
        left -= got


def _until_last_chunk(connection: socket.socket, tail: bytes) -> None:
    while not tail.endswith(_END):
        data = _some(connection.recv(_BUFFER))
        tail = (tail + data)[-len(_END) :] if len(data) < len(_END) else data


def _some(data: bytes) -> bytes:
    if not data:
        raise ConnectionError("the server ended early")
    return data
