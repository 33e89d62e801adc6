"""Mixpanel's ``/engage`` as a transport: it changes profiles, and misbehaves as it is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from mixtui.sandbox.data import profiles

Update = dict[str, Any]
Answer = Callable[["ProfileServer", list[Update]], httpx.Response]


@dataclass
class ProfileServer(httpx.AsyncBaseTransport):
    """Applies each update to its profile."""

    answers: Iterator[Answer] = field(default_factory=lambda: iter(()))
    """What it does with the next requests; afterwards it stores all of each."""
    rejects: Callable[[Update], bool] = lambda _: False
    """Which updates never pass its validation."""
    state: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: int = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        updates = json.loads(await request.aread())
        self.requests += 1
        await asyncio.sleep(0)
        return next(self.answers, store)(self, updates)

    def apply(self, updates: list[Update]) -> None:
        for update in updates:
            if self.rejects(update):
                continue
            identifier = str(update["$distinct_id"])
            if "$delete" in update:
                self.state.pop(identifier, None)
                continue
            (name,) = update.keys() & {*profiles.OPERATIONS, "$unset"}
            change = profiles.operation(name, update[name])
            self.state[identifier] = change(self.state.get(identifier, {}))


def store(server: ProfileServer, updates: list[Update]) -> httpx.Response:
    """Store what is valid, and say 0 unless all is."""
    server.apply(updates)
    bad = [update for update in updates if server.rejects(update)]
    error = "some data points are bad" if bad else None
    return httpx.Response(200, json={"status": 0 if bad else 1, "error": error})


def store_bare(server: ProfileServer, updates: list[Update]) -> httpx.Response:
    store(server, updates)
    return httpx.Response(200, text="1")


def store_and_name(server: ProfileServer, updates: list[Update]) -> httpx.Response:
    """Store what is valid, and say what is not."""
    server.apply(updates)
    failed = [
        {"index": index, "message": "is refused"}
        for index, update in enumerate(updates)
        if server.rejects(update)
    ]
    answer = {"status": 0, "error": "some are bad", "failed_records": failed}
    return httpx.Response(200, json=answer)


def refuse_all(server: ProfileServer, updates: list[Update]) -> httpx.Response:
    return httpx.Response(200, text="0")


def refuse_token(server: ProfileServer, updates: list[Update]) -> httpx.Response:
    answer = {"status": 0, "error": "token, missing or empty"}
    return httpx.Response(200, json=answer)


def too_many(server: ProfileServer, updates: list[Update]) -> httpx.Response:
    return httpx.Response(429, json={"error": "rate limits"})


def too_large(server: ProfileServer, updates: list[Update]) -> httpx.Response:
    return httpx.Response(413, json={"error": "too large"})


def unauthorized(server: ProfileServer, updates: list[Update]) -> httpx.Response:
    return httpx.Response(401, json={"error": "Unauthorized", "status": "error"})


def unavailable(server: ProfileServer, updates: list[Update]) -> httpx.Response:
    return httpx.Response(503, text="upstream")


def fail(server: ProfileServer, updates: list[Update]) -> httpx.Response:
    return httpx.Response(500, text="oops")


def refuse_connection(server: ProfileServer, updates: list[Update]) -> httpx.Response:
    raise httpx.ConnectError("refused")


def reset(server: ProfileServer, updates: list[Update]) -> httpx.Response:
    raise httpx.ReadError("reset")


def store_and_reset(server: ProfileServer, updates: list[Update]) -> httpx.Response:
    server.apply(updates)
    raise httpx.ReadError("reset")


def hang(server: ProfileServer, updates: list[Update]) -> httpx.Response:
    server.apply(updates)
    raise httpx.ReadTimeout("no response")


def say_nothing(server: ProfileServer, updates: list[Update]) -> httpx.Response:
    server.apply(updates)
    return httpx.Response(200)


def show_page(server: ProfileServer, updates: list[Update]) -> httpx.Response:
    page = "<!DOCTYPE html><title>Log in</title>"
    return httpx.Response(200, text=page, headers={"Content-Type": "text/html"})
