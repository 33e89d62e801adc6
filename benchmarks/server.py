"""A loopback HTTP server in its own process, with the same responses for every client.

    /json?bytes=N&pretty=0|1     a JSON document of that size
    /query/events                one of Mixpanel's: counts of three events, day by day
    /export?bytes=N[&gzip=1]     a raw export, chunked, streamed and never held; `where` instead
                                 of `bytes`, of those that choose events
    /drip?bytes=N&piece=N&delay=S  JSON, chunked, a piece every S seconds

    POST /import                 takes events, and counts them

A path may begin with /bench, for clients that are given a base URL. /_prime builds a
document before it is asked for; /_log tells what was sent and when, /_records how many
events came; after /_latency?seconds=S each takes so long.
"""

from __future__ import annotations

import asyncio
import functools
import json
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request
import zlib
from collections.abc import AsyncIterator, Iterable, Iterator
from types import TracebackType

from benchmarks.payload import daily_counts, document, event_lines

_PIECE = 256 * 1024
PREFIX = "/bench"
_JSON = "application/json"
_LINES = "application/x-ndjson"

_document = functools.lru_cache(maxsize=8)(document)


class _Server:
    def __init__(self) -> None:
        self.log: list[dict[str, object]] = []
        self.records = 0
        self.latency = 0.0

    async def client(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                method, target, _ = head.decode("latin-1").split(" ", 2)
                if method == "POST":
                    await self._take(head, reader, writer)
                else:
                    await self._answer(target, writer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has disconnected: its choice
        finally:
            writer.close()

    async def _take(
        self,
        head: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """Count the events of a request; a form is answered like one of the SDK's."""
        fields = head.lower()
        if length := re.search(rb"content-length: (\d+)", fields):
            body = await reader.readexactly(int(length[1]))
        else:
            body = await _read_chunks(reader)
        is_form = b"www-form-urlencoded" in fields
        if is_form:
            body = urllib.parse.unquote_to_bytes(body.replace(b"+", b" "))
        elif b"content-encoding: gzip" in fields:
            body = zlib.decompress(body, 31)
        count = body.count(b'"distinct_id"')
        self.records += count
        await asyncio.sleep(self.latency)
        answer = {"code": 200, "num_records_imported": count, "status": "OK"}
        if is_form:
            answer = {"status": 1, "error": None}
        await _send_body(writer, json.dumps(answer).encode())

    async def _answer(self, target: str, writer: asyncio.StreamWriter) -> None:
        url = urllib.parse.urlsplit(target)
        path = url.path.removeprefix(PREFIX)
        query = dict(urllib.parse.parse_qsl(url.query))
        size = int(float(query.get("bytes") or query.get("where", "1000")))
        pretty = query.get("pretty") == "1"
        if path == "/_log":
            await _send_body(writer, json.dumps(self.log).encode())
            return
        if path == "/_latency":
            self.latency = float(query["seconds"])
            await _send_body(writer, b"{}")
            return
        if path == "/_records":
            await _send_body(writer, json.dumps(self.records).encode())
            return
        if path == "/_prime":
            _document(size, pretty=pretty)
            await _send_body(writer, b"{}")
            return
        entry: dict[str, object] = {"path": path, "bytes": size, "done": None}
        self.log.append(entry)
        if path == "/json":
            await _send_body(writer, _document(size, pretty=pretty))
        elif path == "/query/events":
            await _send_body(writer, daily_counts())
        elif path == "/drip":
            body, piece = _document(size, pretty=pretty), int(query["piece"])
            pieces = (body[i : i + piece] for i in range(0, len(body), piece))
            await _chunked(writer, _slowly(pieces, float(query["delay"])), _JSON)
        elif path == "/export" and query.get("gzip") == "1":
            await _chunked(writer, _gzip(event_lines(size)), _LINES, "gzip")
        elif path == "/export":
            await _chunked(writer, event_lines(size), _LINES)
        else:
            await _send_body(writer, b'{"error": "no such path"}', 404)
        entry["done"] = time.monotonic()


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return body


async def _send_body(
    writer: asyncio.StreamWriter, body: bytes, status: int = 200
) -> None:
    head = f"HTTP/1.1 {status} -\r\nContent-Type: {_JSON}\r\n"
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode())
    view = memoryview(body)
    for start in range(0, len(body), _PIECE):
        writer.write(view[start : start + _PIECE])
        await writer.drain()


async def _chunked(
    writer: asyncio.StreamWriter,
    pieces: Iterable[bytes] | AsyncIterator[bytes],
    media_type: str,
    encoding: str = "",
) -> None:
    head = f"HTTP/1.1 200 -\r\nContent-Type: {media_type}\r\n"
    if encoding:
        head += f"Content-Encoding: {encoding}\r\n"
    writer.write(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
    async for piece in _each(pieces):
        for start in range(0, len(piece), _PIECE):
            part = memoryview(piece)[start : start + _PIECE]
            writer.write(b"%x\r\n" % len(part))
            writer.write(part)
            writer.write(b"\r\n")
            await writer.drain()
    writer.write(b"0\r\n\r\n")


async def _each(
    pieces: Iterable[bytes] | AsyncIterator[bytes],
) -> AsyncIterator[bytes]:
    if isinstance(pieces, Iterable):
        for piece in pieces:
            yield piece
    else:
        async for piece in pieces:
            yield piece


async def _slowly(pieces: Iterable[bytes], delay: float) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
        await asyncio.sleep(delay)


def _gzip(pieces: Iterable[bytes]) -> Iterator[bytes]:
    compressor = zlib.compressobj(1, zlib.DEFLATED, 31)
    for piece in pieces:
        if out := compressor.compress(piece):
            yield out
    yield compressor.flush()


class Server:
    """A running server; stopped at the end of the block."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.server"],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        self.base = f"http://127.0.0.1:{self.port}"
        # Bypass any proxy of the machine.
        direct = urllib.request.ProxyHandler({})
        self._open = urllib.request.build_opener(direct).open

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait(5)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def prime(self, target: str) -> None:
        """Build the document of a /json target in advance, so that no client waits for
        it.
        """
        self._get(target.replace("/json", "/_prime", 1))

    def requests(self) -> int:
        """Return the number of requests."""
        return len(json.loads(self._get("/_log")))

    def delay(self, seconds: float) -> None:
        """Let each import of events take so long from now on."""
        self._get(f"/_latency?seconds={seconds}")

    def records(self) -> int:
        """Return the number of events that were imported."""
        return int(self._get("/_records"))

    def done(self, number: int) -> float | None:
        """Return when a response was complete (monotonic clock); None = not yet."""
        log = json.loads(self._get("/_log"))
        return log[number]["done"] if number < len(log) else None

    def _get(self, path: str) -> bytes:
        with self._open(self.base + path, timeout=120) as answer:
            body: bytes = answer.read()
        return body


async def _main() -> None:
    server = await asyncio.start_server(_Server().client, "127.0.0.1", 0, limit=1 << 20)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main())
