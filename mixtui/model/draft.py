"""A draft: the request that is being edited, complete or not.

A draft may be invalid; a `PreparedRequest` (see `request.prepare`) may not. All types here
are frozen, so "unsaved" is ``draft != saved``.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, field

from mixtui.mixpanel.apis import Api


class Method(StrEnum):
    """The HTTP methods (RFC 9110, section 9; PATCH: RFC 5789) that Mixpanel uses."""

    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"

    @property
    def carries_body(self) -> bool:
        """Whether a body is sent by default (for DELETE, only on request)."""
        return self in (Method.POST, Method.PUT, Method.PATCH)


class Pair(Struct, frozen=True):
    """A row of the path, query or headers; a disabled row is stored but not sent."""

    name: str
    value: str = ""
    enabled: bool = True


class ChoiceSource(StrEnum):
    """Names of the project that an input completes from."""

    EVENTS = "events"
    PROPERTIES = "properties"


class RequestInput(Struct, frozen=True):
    """A value that is asked for when the request is sent: the value of ``{{name}}``."""

    name: str
    description: str = ""
    default: str | None = None
    """May contain templates. None = an answer is required; "" = it may be empty."""
    choices: tuple[str, ...] = ()
    """The only values allowed; empty = any."""
    choices_from: ChoiceSource | None = None
    """What it completes from; any other value is allowed, too."""
    event: str = ""
    """For PROPERTIES: only those of this event."""
    secret: bool = False
    """The answer is masked wherever the request is shown, and never stored."""


class BodyType(StrEnum):
    """The format of a body, which determines its content type."""

    JSON = "json"
    NDJSON = "ndjson"
    FORM = "form"
    CSV = "csv"
    TEXT = "text"
    FILE = "file"


class Body(Struct, frozen=True):
    """A request body."""

    type: BodyType = BodyType.JSON
    text: str = ""
    """As typed. A form is ``name=value`` lines, values as plain text."""
    path: str = ""
    """For FILE: the file to send, relative to the folder of the saved request."""


class AuthChoice(StrEnum):
    """Which credential to use; AUTO follows the API, the path and the environment."""

    AUTO = "auto"
    SERVICE_ACCOUNT = "service_account"
    PROJECT_TOKEN = "project_token"
    PROJECT_SECRET = "project_secret"
    OAUTH = "oauth"
    NONE = "none"


class Options(Struct, frozen=True):
    """How to send. None = the default of the endpoint."""

    auth: AuthChoice = AuthChoice.AUTO
    timeout: float | None = None
    """Read timeout in seconds; None = 120, or 600 for raw export."""
    follow_redirects: bool = True
    """Only to the same host."""
    delete_body: bool = False
    """Send the body of a DELETE as well."""
    history: bool = True
    """Record in history."""
    insert_ids: bool = True
    """Add missing ``$insert_id`` values, generated from the content of each event."""
    leave_out: tuple[str, ...] = ()
    """Additions of the app to omit (`request.omissions.ADDITION_NAMES`)."""


class Draft(Struct, frozen=True):
    """A request as the user edits it."""

    name: str = ""
    description: str = ""
    method: Method = Method.GET
    api: Api = Api.QUERY
    url: str = ""
    """Relative: empty, or starting with ``/`` or ``?``."""
    path: tuple[Pair, ...] = ()
    """Values of the ``{placeholders}`` in the URL."""
    query: tuple[Pair, ...] = ()
    headers: tuple[Pair, ...] = ()
    body: Body | None = None
    options: Options = field(default_factory=Options)
    favorite: bool = False
    tags: tuple[str, ...] = ()
    """Any words to find the request by; as in the file, also where two are the same."""
    inputs: tuple[RequestInput, ...] = ()
    """What is asked for when it is sent, in this order."""

    @property
    def sends_body(self) -> bool:
        """Whether the body of this draft is sent."""
        return self.body is not None and (
            self.method.carries_body
            or (self.method is Method.DELETE and self.options.delete_body)
        )


Headers = tuple[tuple[str, str], ...]
"""Names and values in the order they are sent; names may repeat."""
