"""``/api/2.0/export``: raw events, one JSON object a line, as a stream.

https://developer.mixpanel.com/reference/raw-event-export
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from starlette.responses import Response, StreamingResponse

from mixtui.sandbox.data import events
from mixtui.sandbox.data.events import Event
from mixtui.sandbox.data.expressions import is_match
from mixtui.sandbox.data.identity import DAY_MS, Plan, midnight
from mixtui.sandbox.data.json_text import dump
from mixtui.sandbox.query.query import Query, read_parameters
from mixtui.sandbox.requests.authentication import query_project
from mixtui.sandbox.requests.errors import Refusal
from mixtui.sandbox.requests.request import ApiRequest

MAX_EVENTS = 100_000
MIN_COMPRESSED_BYTES = 1400
"""Bytes; smaller responses are not compressed."""
MAX_CONCURRENT_EXPORTS = 100
PLAN_TEXT = "Your plan does not support raw data export. Please upgrade your plan"


def export(request: ApiRequest) -> Response:
    """/export, including duplicates."""
    parameters = read_parameters(request)
    project = query_project(request, parameters.optional("project_id"))
    if project.plan is Plan.FREE:
        raise Refusal(402, PLAN_TEXT)
    with request.state.exports.use(project.id):
        exported = _events(Query(request, project, parameters))
    in_ms = parameters.boolean("time_in_ms")
    lines = _chunks(_line(event, in_ms) for event in exported)
    first = next(lines, b"")
    headers = {"Vary": "Accept-Encoding"}
    content = _prepend(first, lines)
    if len(first) > MIN_COMPRESSED_BYTES and _accepts_gzip(request):
        headers["Content-Encoding"] = "gzip"
        content = _compress(content)
    return StreamingResponse(content, media_type="text/plain", headers=headers)


def _events(query: Query) -> list[Event]:
    parameters = query.parameters
    first, last = parameters.dates()
    if last > query.request.today:
        raise Refusal(400, "to_date cannot be later than today")
    limit = parameters.integer("limit", 0, maximum=MAX_EVENTS)
    names = parameters.optional_names("event")
    selected = events.events_between(
        query.request.store,
        query.project.id,
        midnight(first),
        midnight(last) + DAY_MS,
        names,
        superseded=True,
    )
    expression = parameters.expression("where")
    if expression is not None:
        scope = query.scopes(expression)
        selected = [event for event in selected if is_match(expression, scope(event))]
    return selected[:limit] if limit else selected


def _line(event: Event, in_ms: bool) -> bytes:
    properties = {
        "time": event.time_ms if in_ms else event.seconds,
        "distinct_id": event.distinct_id,
        "$insert_id": event.insert_id,
        "mp_processing_time_ms": event.processed_ms,
        **event.properties,
    }
    return dump({"event": event.name, "properties": properties}).encode() + b"\n"


def _chunks(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Join lines into chunks, so that a stream is not one step per event."""
    chunk = bytearray()
    for line in lines:
        chunk += line
        if len(chunk) >= 65_536:
            yield bytes(chunk)
            chunk.clear()
    if chunk:
        yield bytes(chunk)


def _prepend(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _compress(chunks: Iterator[bytes]) -> Iterator[bytes]:
    compressor = zlib.compressobj(level=6, wbits=31)
    for chunk in chunks:
        yield compressor.compress(chunk)
    yield compressor.flush()


def _accepts_gzip(request: ApiRequest) -> bool:
    accepted = request.headers.get("accept-encoding", "").lower().split(",")
    return any(
        name.strip() == "gzip" and parameters.replace(" ", "") not in ("q=0", "q=0.0")
        for name, _, parameters in (item.partition(";") for item in accepted)
    )
