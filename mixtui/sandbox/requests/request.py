"""The request that handlers get, and the state that all requests share.

Handlers are functions from `ApiRequest` to a response, run in worker threads.
"""

from __future__ import annotations

import gzip
import io
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from threading import Lock
from urllib.parse import parse_qsl
from uuid import uuid4

from msgspec import Struct
from starlette.datastructures import Headers, QueryParams
from starlette.responses import JSONResponse, Response

from mixtui.mixpanel.apis import Region
from mixtui.sandbox.data.identity import HOME, Clock, milliseconds
from mixtui.sandbox.data.json_text import Json, JsonObject, parse
from mixtui.sandbox.data.store import Store
from mixtui.sandbox.requests.errors import Refusal
from mixtui.sandbox.requests.limits import Quota
from mixtui.sandbox.requests.shapes import Record, check

MAX_BYTES = 10 * 1024 * 1024
"""Of a body, decompressed, unless the endpoint says otherwise."""
MAX_SESSIONS = 50
"""The number of stored sessions; the oldest is dropped first."""


class Sessions:
    """The complete results of recent queries, in memory."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._results: OrderedDict[str, Sequence[JsonObject]] = OrderedDict()

    def start(self, results: Sequence[JsonObject]) -> str:
        """Store results; return the id to find them by."""
        identifier = f"{uuid4().hex[:10]}-SANDBOX"
        with self._lock:
            self._results[identifier] = results
            if len(self._results) > MAX_SESSIONS:
                self._results.popitem(last=False)
        return identifier

    def find(self, id: str) -> Sequence[JsonObject] | None:
        """Return the results; None = never stored, or dropped."""
        with self._lock:
            return self._results.get(id)


class State(Struct, frozen=True):
    """The state of a running sandbox."""

    store: Store
    clock: Clock
    queries: Quota
    exports: Quota
    replacements: Quota
    """The quota of lookup tables."""
    sessions: Sessions


class ApiRequest(Struct, frozen=True):
    """A request that has been read completely."""

    method: str
    path: str
    """Decoded, without region prefix and trailing slashes."""
    target: str
    """Path and query as sent, without region prefix and trailing slashes."""
    parts: Mapping[str, str]
    """The variable segments of the path."""
    query: QueryParams
    form: QueryParams
    """The fields of a form in the body; see `read_form`."""
    headers: Headers
    content: bytes
    region: Region
    state: State

    @property
    def is_home_region(self) -> bool:
        """Whether it was sent to the projects' region."""
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
    def parameters(self) -> QueryParams:
        """The parameters of the query and of the form; on a clash the form's hold."""
        return QueryParams([*self.query.multi_items(), *self.form.multi_items()])

    @property
    def content_type(self) -> str:
        """The media type without parameters, in lower case."""
        return _content_type(self.headers)

    @property
    def is_gzipped(self) -> bool:
        """Whether the body is declared as compressed."""
        return _is_gzipped(self.headers)

    def body(self, limit: int) -> bytes:
        """Return the decompressed body.

        Args:
            limit: The size in bytes, decompressed, from which the body is a Refusal
                (413).
        """
        return _decompress(self.headers, self.content, limit)


FORM = "application/x-www-form-urlencoded"
NDJSON = "application/x-ndjson"


def read_form(headers: Headers, content: bytes) -> QueryParams:
    """Return the fields of a form; none if the body is not a form.

    ``navigator.sendBeacon`` sends ``data=…`` as text, and ``curl -d`` JSON as a form.
    """
    if _content_type(headers) == FORM:
        content = _decompress(headers, content, MAX_BYTES)
        is_form = not is_json(content)
    else:
        is_form = content.startswith(b"data=")
    text = content.decode("utf-8", "replace") if is_form else ""
    return QueryParams(parse_qsl(text, keep_blank_values=True))


def is_json(content: bytes) -> bool:
    """Whether a body begins as an object or a list of JSON."""
    return content.lstrip()[:1] in (b"{", b"[")


def _content_type(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _is_gzipped(headers: Headers) -> bool:
    return headers.get("content-encoding", "").strip().lower() == "gzip"


def _decompress(headers: Headers, content: bytes, limit: int) -> bytes:
    if _is_gzipped(headers):
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


def checked_body(request: ApiRequest, shape: Record) -> JsonObject:
    """Return the body as an object of that shape; raises a Refusal (400)."""
    try:
        value = parse(request.body(MAX_BYTES))
    except ValueError as error:
        raise Refusal(400, f"Invalid JSON body: {error}") from None
    if not isinstance(value, dict):
        raise Refusal(400, "Invalid JSON body: must be an object")
    check(shape, value)
    return value


def optional_body(request: ApiRequest, shape: Record) -> JsonObject:
    """Return as `checked_body`, but an empty object without a body."""
    return checked_body(request, shape) if request.content.strip() else {}
