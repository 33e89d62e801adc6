"""A request as a handler sees it, and the state that all requests share.

Handlers are functions from `ApiRequest` to a response, run in worker threads.
"""

from __future__ import annotations

import gzip
import io
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock
from uuid import uuid4

from starlette.datastructures import Headers, QueryParams
from starlette.responses import JSONResponse, Response

from mixtui.mixpanel.apis import Region
from mixtui.sandbox.data.identity import HOME, Clock, milliseconds
from mixtui.sandbox.data.json_text import Json, JsonObject, parse
from mixtui.sandbox.data.store import Store
from mixtui.sandbox.requests.errors import Refusal
from mixtui.sandbox.requests.limits import Quota
from mixtui.sandbox.requests.shapes import Fields, check

MOST = 50
"""Sessions kept; the oldest is forgotten first."""


class Sessions:
    """The whole results of recent queries, in memory."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._results: OrderedDict[str, Sequence[JsonObject]] = OrderedDict()

    def start(self, results: Sequence[JsonObject]) -> str:
        """Keep results; gives the id to find them by."""
        identifier = f"{uuid4().hex[:10]}-SANDBOX"
        with self._lock:
            self._results[identifier] = results
            if len(self._results) > MOST:
                self._results.popitem(last=False)
        return identifier

    def find(self, id: str) -> Sequence[JsonObject] | None:
        """Return the results, or None when they were never there or are forgotten."""
        with self._lock:
            return self._results.get(id)


@dataclass(frozen=True, slots=True)
class State:
    """What one running sandbox has."""

    store: Store
    clock: Clock
    queries: Quota
    exports: Quota
    replacements: Quota
    """Of lookup tables."""
    sessions: Sessions


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """A request, read whole."""

    method: str
    path: str
    """Decoded, without the region's prefix."""
    target: str
    """Path and query as sent, without the region's prefix."""
    parts: Mapping[str, str]
    """The variable parts of the path."""
    query: QueryParams
    headers: Headers
    content: bytes
    region: Region
    state: State

    @property
    def at_home(self) -> bool:
        """Whether it reached the region where the projects live."""
        return self.region is HOME

    @property
    def store(self) -> Store:
        """The database."""
        return self.state.store

    @property
    def now_ms(self) -> int:
        """The time of the request."""
        return milliseconds(self.state.clock())

    @property
    def today(self) -> date:
        """The day of the request, in the projects' time zone."""
        return self.state.clock().date()

    @property
    def content_type(self) -> str:
        """The media type alone, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def gzipped(self) -> bool:
        """Whether the body says that it is compressed."""
        return self.headers.get("content-encoding", "").strip().lower() == "gzip"

    def body(self, limit: int) -> bytes:
        """Return the body, uncompressed.

        Args:
            limit: Bytes that are too many, uncompressed; more is a Refusal (413).
        """
        content = self.content
        if self.gzipped:
            try:
                with gzip.open(io.BytesIO(content)) as file:
                    content = file.read(limit + 1)
            except (OSError, EOFError) as error:
                raise Refusal(400, f"cannot decompress the body: {error}") from None
        if len(content) > limit:
            raise Refusal(413, f"request exceeds max limit of {limit} bytes")
        return content


Handler = Callable[[ApiRequest], Response]


def json_response(body: Json, status: int = 200) -> Response:
    """Return a JSON response."""
    return JSONResponse(body, status_code=status)


MOST_BYTES = 10 * 1024 * 1024


def checked_body(request: ApiRequest, shape: Fields) -> JsonObject:
    """Return the body as an object of that shape, or a Refusal (400)."""
    try:
        value = parse(request.body(MOST_BYTES))
    except ValueError as error:
        raise Refusal(400, f"Invalid JSON body: {error}") from None
    if not isinstance(value, dict):
        raise Refusal(400, "Invalid JSON body: must be an object")
    check(shape, value)
    return value


def optional_body(request: ApiRequest, shape: Fields) -> JsonObject:
    """As `checked_body`; without a body an empty object."""
    return checked_body(request, shape) if request.content.strip() else {}
