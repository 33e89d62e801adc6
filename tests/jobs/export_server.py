"""Mixpanel's ``/export`` as a transport: a few events a day, and it misbehaves as told."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import httpx

PER_DAY = 5
Answer = Callable[[bytes], httpx.Response]


def day_lines(day: date) -> bytes:
    """The events of a day."""
    lines = (
        {
            "event": "Imported",
            "properties": {
                "time": 1_750_000_000 + n,
                "distinct_id": "u",
                "$insert_id": f"{day}-{n}",
                "text": "ä“\\n x",
            },
        }
        for n in range(PER_DAY)
    )
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def expected_ids(first: str, last: str) -> list[str]:
    """The events of both days and those between, in order."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    days = [start + timedelta(n) for n in range((end - start).days + 1)]
    return [f"{day}-{n}" for day in days for n in range(PER_DAY)]


@dataclass
class ExportServer(httpx.AsyncBaseTransport):
    """Answers with the events of the days that are asked for."""

    answers: Iterator[Answer] = field(default_factory=lambda: iter(()))
    """What it makes of the next bodies; afterwards it sends each as it is."""
    asked: Counter[str] = field(default_factory=Counter)
    """By the first day."""
    at_once: int = 0
    most_at_once: int = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        first = date.fromisoformat(request.url.params["from_date"])
        last = date.fromisoformat(request.url.params["to_date"])
        self.asked[first.isoformat()] += 1
        days = range((last - first).days + 1)
        body = b"".join(day_lines(first + timedelta(n)) for n in days)
        return next(self.answers, whole)(body)


class _Pieces(httpx.AsyncByteStream):
    def __init__(self, body: bytes, error: Exception | None) -> None:
        self._body, self._error = body, error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._body), 7):
            yield self._body[start : start + 7]
        if self._error is not None:
            raise self._error


def answer(
    body: bytes, error: Exception | None = None, **headers: str
) -> httpx.Response:
    return httpx.Response(200, stream=_Pieces(body, error), headers=headers)


def whole(body: bytes) -> httpx.Response:
    return answer(gzip.compress(body), **{"Content-Encoding": "gzip"})


def without_last_end(body: bytes) -> httpx.Response:
    """Leave out the end of the last line, which is complete nevertheless."""
    return answer(body[:-1])


def terminated_early(body: bytes) -> httpx.Response:
    return answer(body[: body.index(b"\n") + 1] + b"terminated early\n")


def export_terminated_early(body: bytes) -> httpx.Response:
    return answer(body + b"export terminated early")


def half_line(body: bytes) -> httpx.Response:
    return answer(body[:-20])


def reset(body: bytes) -> httpx.Response:
    return answer(body[: len(body) // 2], httpx.ReadError("reset"))


def reset_between_lines(body: bytes) -> httpx.Response:
    return answer(body[: body.index(b"\n") + 1], httpx.ReadError("reset"))


def half_gzip(body: bytes) -> httpx.Response:
    return answer(gzip.compress(body)[:-9], **{"Content-Encoding": "gzip"})


def damaged_gzip(body: bytes) -> httpx.Response:
    content = bytearray(gzip.compress(body))
    content[-6] ^= 0xFF
    return answer(bytes(content), **{"Content-Encoding": "gzip"})


def garbled_line(body: bytes) -> httpx.Response:
    """Damage a line in the middle; the last one is well."""
    return answer(body.replace(b'"time"', b'"time', 1))


def error_line(body: bytes) -> httpx.Response:
    """Report an error between two events."""
    end = body.index(b"\n") + 1
    return answer(body[:end] + b'{"error": "internal"}\n' + body[end:])


def partial(body: bytes) -> httpx.Response:
    response = answer(body)
    response.status_code = 206
    return response


def too_many(body: bytes) -> httpx.Response:
    return httpx.Response(429, json={"error": "limit"}, headers={"Retry-After": "7"})


def unavailable(body: bytes) -> httpx.Response:
    return httpx.Response(503, text="upstream")


def no_response(body: bytes) -> httpx.Response:
    raise httpx.ReadError("reset")


INCOMPLETE = (
    terminated_early,
    export_terminated_early,
    half_line,
    reset,
    reset_between_lines,
    half_gzip,
    damaged_gzip,
    garbled_line,
    error_line,
    partial,
    too_many,
    unavailable,
    no_response,
)
