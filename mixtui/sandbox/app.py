"""The sandbox as an ASGI application: a stand-in for Mixpanel, region by region."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from email.utils import formatdate
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from mixtui.core.errors import SandboxError
from mixtui.mixpanel.apis import Region
from mixtui.sandbox import export, failing, lookup_tables, query, sample
from mixtui.sandbox.call import ApiCall, State
from mixtui.sandbox.clock import Clock, system_clock
from mixtui.sandbox.errors import Refusal, family_of
from mixtui.sandbox.failures import Drop, Failure, Slow, Status, failure_of
from mixtui.sandbox.identity import HOME
from mixtui.sandbox.quota import Quota
from mixtui.sandbox.routes import Answering, routes
from mixtui.sandbox.sessions import Sessions
from mixtui.sandbox.store import Store

QUERIES_PER_HOUR = 60
"""Mixpanel's own limit, for queries and for exports, each."""
HOUR = 3600.0


def open_state(
    data_dir: Path | None = None,
    *,
    queries_per_hour: int = QUERIES_PER_HOUR,
    clock: Clock = system_clock,
    with_sample: bool = True,
) -> State:
    """The state of a sandbox; close its store at the end.

    Args:
        data_dir: Where its database is kept; None = in memory.
        queries_per_hour: Of queries and of exports, each.
        clock: Gives the time.
        with_sample: Whether the shop is there, or nothing at all.

    Raises:
        SandboxError: The folder cannot be used.
    """
    store = Store(data_dir)
    if with_sample:
        try:
            sample.fill(store, clock())
        except sqlite3.Error as error:
            store.close()
            raise SandboxError(
                f"The sandbox cannot use {data_dir} for its data ({error}): "
                "choose another folder, or none to keep nothing."
            ) from None
    return State(
        store=store,
        clock=clock,
        queries=Quota(
            clock,
            limit=queries_per_hour,
            seconds=HOUR,
            concurrent=query.QUERIES_AT_ONCE,
        ),
        exports=Quota(
            clock,
            limit=queries_per_hour,
            seconds=HOUR,
            concurrent=export.EXPORTS_AT_ONCE,
        ),
        replacements=Quota(
            clock,
            limit=lookup_tables.CALLS_A_DAY,
            seconds=24 * HOUR,
            concurrent=lookup_tables.CALLS_A_DAY,
        ),
        sessions=Sessions(),
    )


class SandboxApp:
    """Finds what answers a request and lets it, in a worker thread."""

    def __init__(self, state: State, failures: Sequence[Failure] = ()) -> None:
        """An application.

        Args:
            state: What it works with.
            failures: What is to go wrong.
        """
        self._state = state
        self._failures = failures
        self._routes = [
            (Route(row.path, _unused, methods=[row.method]), row) for row in routes()
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        scope, region = _in_region(scope)
        request = Request(scope, receive)
        failure = failure_of(self._failures, scope["path"])
        try:
            if isinstance(failure, Status):
                response = await self._refuse(scope, request, failure)
            else:
                response = await self._answer(scope, request, region)
        except ClientDisconnect:
            # Cancelled while sending: there is nobody to answer.
            return
        response.headers["Date"] = formatdate(usegmt=True)
        response.headers["Server"] = "mixtui-sandbox"
        match failure:
            case Slow():
                await failing.send_slowly(response, failure, scope, receive, send)
            case Drop():
                await failing.send_half(response, scope, receive, send)
            case _:
                await response(scope, receive, send)

    async def _refuse(
        self, scope: Scope, request: Request, failure: Status
    ) -> Response:
        """Read the request and do nothing of it."""
        await request.body()
        try:
            family = self._find(scope)[0].family
        except Refusal:
            family = family_of(scope["path"])
        target = _target(scope)
        return failing.refusal(failure.code, family, target).response(family, target)

    async def _answer(self, scope: Scope, request: Request, region: Region) -> Response:
        target = _target(scope)
        family = family_of(scope["path"])
        try:
            row, parts = self._find(scope)
            family = row.family
            call = ApiCall(
                method=request.method,
                path=scope["path"],
                target=target,
                parts=parts,
                query=request.query_params,
                headers=request.headers,
                content=await request.body(),
                region=region,
                state=self._state,
            )
            return await run_in_threadpool(row.handler, call)
        except Refusal as refusal:
            return refusal.response(family, target)

    def _find(self, scope: Scope) -> tuple[Answering, Mapping[str, str]]:
        other_method = False
        for route, row in self._routes:
            match, child = route.matches(scope)
            if match is Match.FULL and row.method == scope["method"]:
                return row, child["path_params"]
            other_method = other_method or match is not Match.NONE
        if other_method:
            raise Refusal(405, f"Method {scope['method']} is not allowed here")
        raise Refusal(404, f"Not found: {scope['path']}")


def _in_region(scope: Scope) -> tuple[Scope, Region]:
    """The request without the region's prefix, and the region; none = `HOME`."""
    for region in Region:
        prefix = f"/{region}"
        if region is not HOME and scope["path"].startswith(f"{prefix}/"):
            path = scope["path"].removeprefix(prefix)
            raw = scope["raw_path"].removeprefix(prefix.encode())
            return {**scope, "path": path, "raw_path": raw}, region
    return scope, HOME


def _target(scope: Scope) -> str:
    path: str = scope["raw_path"].decode("latin-1")
    query: str = scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


async def _unused(request: Request) -> Response:
    raise AssertionError("the routes only match; SandboxApp answers")
