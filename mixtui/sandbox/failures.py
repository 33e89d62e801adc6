"""Simulate failures: parse them, match them to paths, and send them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from urllib.parse import parse_qs

from msgspec import Struct
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from mixtui.sandbox.data.identity import PROJECT_ID
from mixtui.sandbox.query import export, query
from mixtui.sandbox.requests.errors import Family, Refusal

STATUSES = (401, 402, 403, 429, 500, 502, 503, 504)
RETRY_SECONDS = 60
"""The ``Retry-After`` of a 429."""


class Status(Struct, frozen=True):
    """A response with this status; the request has no effect."""

    code: int


class Slow(Struct, frozen=True):
    """The real response, delayed and in pieces."""

    wait: float = 2.0
    """Seconds before the response begins."""
    pause: float = 0.5
    """Seconds after each piece of its body."""


class Drop(Struct, frozen=True):
    """The real response, cut in the middle by closing the connection."""


class SimulatedFailure(Struct, frozen=True):
    """A failure, and the prefix of the paths that it affects."""

    manner: Status | Slow | Drop
    prefix: str = "/"
    """Of the path without region prefix and trailing slashes."""


def parse_failure(text: str) -> SimulatedFailure:
    """Parse a failure such as ``429:/api/query``.

    Raises:
        ValueError: There is no such failure; the text completes a sentence.
    """
    name, colon, prefix = text.partition(":")
    if colon and not prefix.startswith("/"):
        raise ValueError(f"the path in “{text}” must start with /, as in {name}:/api")
    manner: Status | Slow | Drop
    match name:
        case "slow":
            manner = Slow()
        case "drop":
            manner = Drop()
        case _ if name in map(str, STATUSES):
            manner = Status(int(name))
        case _:
            statuses = ", ".join(map(str, STATUSES))
            raise ValueError(f"must be one of {statuses}, slow, drop, not “{name}”")
    return SimulatedFailure(manner, prefix.rstrip("/") or "/")


def failure_of(
    failures: Iterable[SimulatedFailure], path: str
) -> Status | Slow | Drop | None:
    """Return the failure for a path; of several, the one with the longest prefix."""
    matching = [failure for failure in failures if path.startswith(failure.prefix)]
    if not matching:
        return None
    return max(matching, key=lambda failure: len(failure.prefix)).manner


CHUNK_COUNT = 5


def make_refusal(code: int, family: Family, target: str) -> Refusal:
    """Return Mixpanel's error response with this status.

    Args:
        code: The status.
        family: The API family, which determines the wording.
        target: Path and query of the request.
    """
    retry_after = RETRY_SECONDS if code == HTTPStatus.TOO_MANY_REQUESTS else None
    return Refusal(code, _error_text(code, family, target), retry_after=retry_after)


async def send_slowly(
    response: Response, slow: Slow, scope: Scope, receive: Receive, send: Send
) -> None:
    """Send the complete response, late and in pieces."""
    head, body = await _collect(response, scope, receive)
    await asyncio.sleep(slow.wait)
    await send(head)
    size = max(1, -(-len(body) // CHUNK_COUNT))
    for start in range(0, len(body), size):
        await send(_body_message(body[start : start + size], more=True))
        await asyncio.sleep(slow.pause)
    await send(_body_message(b"", more=False))


async def send_half(
    response: Response, scope: Scope, receive: Receive, send: Send
) -> None:
    """Send the first half; the server closes the connection because nothing follows."""
    head, body = await _collect(response, scope, receive)
    if not body:
        # Only a body with a declared length can be incomplete.
        head = {**head, "status": 200, "headers": [(b"content-length", b"1")]}
    await send(head)
    await send(_body_message(body[: len(body) // 2], more=True))


async def _collect(
    response: Response, scope: Scope, receive: Receive
) -> tuple[Message, bytes]:
    """Return the messages that a response would send: its head and its full body."""
    messages: list[Message] = []

    async def collect(message: Message) -> None:
        messages.append(message)

    await response(scope, receive, collect)
    return messages[0], _join_bodies(messages[1:])


def _join_bodies(messages: Sequence[Message]) -> bytes:
    return b"".join(message.get("body", b"") for message in messages)


def _body_message(body: bytes, *, more: bool) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}


def _error_text(code: int, family: Family, target: str) -> str:
    path, _, text = target.partition("?")
    match code, family:
        case 429, Family.INGESTION:
            return (
                "Project exceeded rate limits. Please retry the request with "
                "exponential backoff."
            )
        case 429, Family.QUERY:
            project_id = parse_qs(text).get("project_id", [PROJECT_ID])[0]
            return (
                f"Query rate limit exceeded for project_id: {project_id}. "
                f"1/{query.MAX_CONCURRENT_QUERIES} queries running concurrently and "
                "61/60 queries running in the last hour."
            )
        case 402, _:
            return export.PLAN_TEXT if path.endswith("/export") else query.PLAN_TEXT
        case 401, Family.QUERY:
            return "Unable to authenticate request"
        case 401, Family.INGESTION:
            return "Invalid credentials"
        case 401, _:
            return "Invalid service account credentials"
        case 403, _:
            return "You do not have access to this project"
        case _:
            return HTTPStatus(code).phrase
