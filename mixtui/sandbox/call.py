"""One call as a handler sees it, and the state that all calls share.

Handlers are plain functions ``Call -> Response``, run in worker threads.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from starlette.datastructures import Headers, QueryParams
from starlette.responses import JSONResponse, Response

from mixtui.mixpanel.apis import Region
from mixtui.sandbox.clock import Clock, milliseconds
from mixtui.sandbox.errors import Refusal
from mixtui.sandbox.identity import HOME
from mixtui.sandbox.json_text import Json
from mixtui.sandbox.quota import Quota
from mixtui.sandbox.sessions import Sessions
from mixtui.sandbox.store import Store


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
class ApiCall:
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
        """The time of the call."""
        return milliseconds(self.state.clock())

    @property
    def today(self) -> date:
        """The day of the call, in the projects' time zone."""
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
        """The body, uncompressed.

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


Handler = Callable[[ApiCall], Response]


def answer(body: Json, status: int = 200) -> Response:
    """A JSON answer."""
    return JSONResponse(body, status_code=status)
