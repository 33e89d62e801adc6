"""What the history stores of an exchange: all that can be shown or repeated, redacted."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from mixtui.mixpanel.apis import Region
from mixtui.model.draft import Draft, Headers, Pair, RequestInput
from mixtui.model.exchange import Response, SentRequest, Timing
from mixtui.model.prepared import FileContent, OAuthBearer
from mixtui.model.redaction import Redactor
from mixtui.model.secrets import REDACTED, SCHEMES
from mixtui.outcome.outcome import Outcome
from mixtui.request.secret_names import holds_secret, is_secret_header
from mixtui.request.secret_values import is_clear_text
from mixtui.request.templates import map_literals

if TYPE_CHECKING:
    from mixtui.model.exchange import Exchange
    from mixtui.model.prepared import PreparedRequest


def redacted_draft(draft: Draft, redactor: Redactor) -> tuple[Draft, bool]:
    """Mask the secrets in a draft; return it and whether it held any.

    A template names a secret without holding it: it stays, so that the draft can be sent
    again.
    """

    def redact(typed: str) -> str:
        # What no file can hold, such as half a surrogate pair, is not a secret either.
        writable = typed.encode("utf-8", "replace").decode()
        return map_literals(writable, redactor.redact)

    def redact_row(pair: Pair, is_secret: bool) -> Pair:
        value = redact(pair.value)
        if is_secret and is_clear_text(pair.value):
            value = _redacted_credential(value)
        return replace(pair, name=redact(pair.name), value=value)

    def redact_input(declared: RequestInput) -> RequestInput:
        default = declared.default
        return replace(
            declared,
            description=redact(declared.description),
            default=None if default is None else redact(default),
            choices=tuple(map(redact, declared.choices)),
        )

    body = draft.body
    if body is not None:
        body = replace(body, text=redact(body.text), path=redact(body.path))
    redacted = replace(
        draft,
        name=redact(draft.name),
        description=redact(draft.description),
        tags=tuple(map(redact, draft.tags)),
        url=redact(draft.url),
        path=tuple(redact_row(pair, holds_secret(pair.name)) for pair in draft.path),
        query=tuple(redact_row(pair, holds_secret(pair.name)) for pair in draft.query),
        headers=tuple(
            redact_row(pair, is_secret_header(pair.name)) for pair in draft.headers
        ),
        body=body,
        inputs=tuple(map(redact_input, draft.inputs)),
    )
    return redacted, REDACTED in repr(redacted) and redacted != draft


def _redacted_credential(value: str) -> str:
    """Mask a value except its scheme and templates."""
    scheme, space, rest = value.strip().partition(" ")
    known = bool(space) and scheme.lower() in SCHEMES
    secret = rest if known else value
    masked = map_literals(secret, lambda text: REDACTED if text.strip() else text)
    return f"{scheme} {masked}" if known else masked


class Identity(Struct, frozen=True):
    """What two exchanges of the same request have in common."""

    file: Path | None
    """The saved request; None = method and path identify it."""
    method: str
    path: str
    """The path of the URL, without the query."""


class HistoryRecord(Struct, frozen=True):
    """An exchange as it is stored. Its body is a separate file."""

    draft: Draft
    """What was typed, secrets masked."""
    file: Path | None
    """The saved request that the draft came from, changed or not."""
    environment: str
    region: Region
    project_id: str
    writes: bool
    """Whether the request may change the project's data."""
    sent: SentRequest
    """The request as sent; without a response, as prepared."""
    response: Response | None
    """Without its body; None = no response came."""
    outcome: Outcome
    timing: Timing
    """Without a response: until the request was given up."""
    notices: tuple[str, ...] = ()
    """Sentences, such as what the app added or a redirect that was not followed."""
    incomplete_draft: bool = False
    """A secret in the draft was masked: it must be typed again before it is sent."""
    body_note: str = ""
    """Why the body is not stored, in a sentence; empty = it is, or there is none."""

    @property
    def name(self) -> str:
        """The name of the request; empty if it has none."""
        return self.draft.name or (self.file.stem if self.file else "")

    @property
    def identity(self) -> Identity:
        """What makes other entries comparable with this one."""
        return identity(self.file, self.sent.method, self.sent.url)

    @property
    def body_bytes(self) -> int:
        """Decoded bytes of the response's body."""
        return self.response.body_bytes if self.response else 0


def identity(file: Path | None, method: str, url: str) -> Identity:
    """Return the identity of a request.

    Args:
        file: The saved request, or None.
        method: The HTTP method.
        url: The resolved URL.
    """
    try:
        path = urlsplit(url).path
    except ValueError:
        path = url
    return Identity(file, str(method), path)


def record_response(
    exchange: Exchange, outcome: Outcome, draft: Draft, *, file: Path | None = None
) -> HistoryRecord:
    """Create the record of a request with its response."""
    request, response = exchange.request, exchange.response
    redactor = exchange.redactor
    redacted, changed = redacted_draft(draft, redactor)
    stored_response = replace(
        response,
        reason=redactor.redact(response.reason),
        body=b"",
        written=response.body_bytes,
        headers=_redacted_headers(response.headers, redactor),
    )
    return HistoryRecord(
        draft=redacted,
        file=file,
        environment=request.environment,
        region=request.region,
        project_id=request.project_id,
        writes=request.safety.writes,
        sent=_redacted_sent(exchange.sent, redactor),
        response=stored_response,
        outcome=_redacted_outcome(outcome, redactor),
        timing=exchange.timing,
        notices=tuple(map(redactor.redact, (*request.notices, *exchange.notices))),
        incomplete_draft=changed,
    )


def record_failure(
    request: PreparedRequest,
    outcome: Outcome,
    draft: Draft,
    timing: Timing,
    redactor: Redactor,
    *,
    file: Path | None = None,
) -> HistoryRecord:
    """Create the record of a request without a response.

    Args:
        request: What was prepared.
        outcome: See `outcome.outcome.no_response`.
        draft: What was typed.
        timing: When it began, and how long the client waited.
        redactor: Masks every secret that it was to be sent with.
        file: The saved request.
    """
    redacted, changed = redacted_draft(draft, redactor)
    content = request.content
    headers = request.headers
    if request.authorization is not None:
        bearer = isinstance(request.authorization, OAuthBearer)
        scheme = "Bearer" if bearer else "Basic"
        headers = (*headers, ("Authorization", f"{scheme} {REDACTED}"))
    sent = SentRequest(
        method=str(request.method),
        url=request.url.partition("#")[0],
        http_version="",
        headers=headers,
        body=content if isinstance(content, bytes) else b"",
        body_file=content.path if isinstance(content, FileContent) else None,
    )
    return HistoryRecord(
        draft=redacted,
        file=file,
        environment=request.environment,
        region=request.region,
        project_id=request.project_id,
        writes=request.safety.writes,
        sent=_redacted_sent(sent, redactor),
        response=None,
        outcome=_redacted_outcome(outcome, redactor),
        timing=timing,
        notices=tuple(map(redactor.redact, request.notices)),
        incomplete_draft=changed,
    )


def _redacted_sent(sent: SentRequest, redactor: Redactor) -> SentRequest:
    return replace(
        sent,
        url=redactor.redact(sent.url),
        headers=redactor.redact_headers(sent.headers),
        body=_redacted_body(sent.body, sent.headers, redactor),
        redirects=tuple(map(redactor.redact, sent.redirects)),
    )


def _redacted_body(body: bytes, headers: Headers, redactor: Redactor) -> bytes:
    """Mask the secrets in a body, compressed or not."""
    encoded = ("content-encoding", "gzip")
    if encoded not in ((n.lower(), v.strip().lower()) for n, v in headers):
        return redactor.redact_sent(body)
    import gzip

    try:
        plain = gzip.decompress(body)
    except (OSError, EOFError, zlib.error):
        return redactor.redact_sent(body)
    masked = redactor.redact_sent(plain)
    return body if masked == plain else gzip.compress(masked)


def _redacted_headers(headers: Headers, redactor: Redactor) -> Headers:
    return tuple(
        (name, REDACTED if name.lower() == "set-cookie" else redactor.redact(value))
        for name, value in headers
    )


def _redacted_outcome(outcome: Outcome, redactor: Redactor) -> Outcome:
    return replace(
        outcome,
        label=redactor.redact(outcome.label),
        detail=redactor.redact(outcome.detail),
    )
