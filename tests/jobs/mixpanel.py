"""Mixpanel's ``/import`` as a transport: it stores events, and misbehaves as it is told."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from mixtui.client.client import Client
from mixtui.dispatch.dispatch import Dispatched, ResponseSink, dispatch
from mixtui.dispatch.quota import QuotaGuard
from mixtui.jobs.event_sending import EventSender, import_request
from mixtui.jobs.sending import Resender, Sending, Wait
from mixtui.model.prepared import PreparedRequest
from mixtui.storage.quota import QuotaStore
from tests.exchanges import ENVIRONMENT, READER

Event = dict[str, Any]
Answer = Callable[["Mixpanel", list[Event]], httpx.Response]


@dataclass
class Mixpanel(httpx.AsyncBaseTransport):
    """Stores each event under its ``$insert_id``."""

    answers: Iterator[Answer] = field(default_factory=lambda: iter(()))
    """What it does with the next requests; afterwards it stores all of each."""
    rejects: Callable[[Event], bool] = lambda _: False
    """Which events never pass its validation."""
    max_bytes: int = 10_000_000
    stored: dict[str, Event] = field(default_factory=dict)
    received: int = 0
    """Events, also those that came again."""
    requests: int = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        text = gzip.decompress(await request.aread())
        events = json.loads(text)
        self.requests += 1
        self.received += len(events)
        await asyncio.sleep(0)
        answer = next(self.answers, store)
        if len(text) > self.max_bytes:
            answer = too_large
        return answer(self, events)

    def keep(self, events: list[Event]) -> None:
        for event in events:
            self.stored[event["properties"]["$insert_id"]] = event


def response(status: int, value: object, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=value, headers=headers)


def store(server: Mixpanel, events: list[Event]) -> httpx.Response:
    """Store what is valid, as the documentation says."""
    failed = [
        {"index": index, "field": "properties.plan", "message": "is refused"}
        for index, event in enumerate(events)
        if server.rejects(event)
    ]
    good = [event for event in events if not server.rejects(event)]
    server.keep(good)
    if not failed:
        return response(
            200, {"code": 200, "num_records_imported": len(good), "status": "OK"}
        )
    return response(
        400,
        {
            "code": 400,
            "error": "some data points in the request failed validation",
            "failed_records": failed,
            "num_records_imported": len(good),
            "status": "Bad Request",
        },
    )


def too_large(server: Mixpanel, events: list[Event]) -> httpx.Response:
    error = {"code": 413, "error": "too large", "status": "Request Entity Too Large"}
    return response(413, error)


def too_many_at_once(server: Mixpanel, events: list[Event]) -> httpx.Response:
    """Refuse the size of anything but a single event."""
    return too_large(server, events) if len(events) > 1 else store(server, events)


def too_many(server: Mixpanel, events: list[Event]) -> httpx.Response:
    return response(429, {"code": 429, "error": "rate limits"}, **{"Retry-After": "7"})


def unavailable(server: Mixpanel, events: list[Event]) -> httpx.Response:
    return httpx.Response(503, text="upstream")


def reset(server: Mixpanel, events: list[Event]) -> httpx.Response:
    raise httpx.ReadError("reset")


def store_and_reset(server: Mixpanel, events: list[Event]) -> httpx.Response:
    """Store what is valid, and say nothing."""
    store(server, events)
    raise httpx.ReadError("reset")


def store_half(server: Mixpanel, events: list[Event]) -> httpx.Response:
    """Store half of it, and admit it without a reason."""
    half = events[: len(events) // 2]
    server.keep(half)
    return response(200, {"code": 200, "num_records_imported": len(half)})


def unauthorized(server: Mixpanel, events: list[Event]) -> httpx.Response:
    return response(
        401, {"code": 401, "error": "Unauthorized", "status": "Unauthorized"}
    )


def forget(server: Mixpanel, events: list[Event]) -> httpx.Response:
    """Say that all is well, without a number."""
    return response(200, {"status": "OK"})


def sending(
    server: httpx.AsyncBaseTransport, quota: QuotaStore, waits: list[Wait] | None = None
) -> Sending:
    """What sends to that server, without waiting for anything."""
    client = Client(READER, transport=server)

    async def send(
        request: PreparedRequest, *, sink: ResponseSink | None = None
    ) -> Dispatched:
        guard = QuotaGuard(quota, (), report=lambda error: None)
        return await dispatch(request, client=client, quota=guard, sink=sink)

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(0)

    return Sending(
        send,
        on_wait=waits.append if waits is not None else lambda _: None,
        sleep=sleep,
        jitter=lambda: 1.5,
    )


def event_sender(how: Sending) -> EventSender:
    return EventSender(import_request(ENVIRONMENT), Resender(how))


def event_line(number: int, **properties: object) -> bytes:
    """An event without ``$insert_id``."""
    values = {"time": 1_750_000_000 + number, "distinct_id": f"u{number % 7}"}
    return json.dumps(
        {"event": "Imported", "properties": {**values, **properties}}
    ).encode()
