"""What is kept of an exchange: all that can be shown or repeated, secrets masked."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mixtui.mixpanel.apis import Region
from mixtui.model.draft import Draft, Headers, Pair
from mixtui.model.exchange import Response, SentRequest, Timing
from mixtui.model.prepared import FileContent, OAuthBearer
from mixtui.model.secrets import CREDENTIAL_HEADERS, REDACTED, SCHEMES, Redactor, Secret
from mixtui.outcome.outcome import Outcome
from mixtui.request.templates import map_literals

if TYPE_CHECKING:
    from mixtui.model.exchange import Exchange
    from mixtui.model.prepared import PreparedRequest


MIN_SECRET_LENGTH = 8
"""Characters; a shorter text may well stand somewhere by chance."""


def redacted_draft(draft: Draft, masker: Redactor) -> tuple[Draft, bool]:
    """The draft without secrets, and whether it had any.

    A template says where a secret is and not what it is: it stays, so that the draft
    can be sent again.
    """

    def text(typed: str) -> str:
        # What no file can hold, such as half a surrogate pair, is no secret either.
        writable = typed.encode("utf-8", "replace").decode()
        return map_literals(writable, masker.redact)

    def header(pair: Pair) -> Pair:
        value = text(pair.value)
        if pair.name.strip().lower() in CREDENTIAL_HEADERS:
            value = _redacted_credential(value)
        return replace(pair, name=text(pair.name), value=value)

    body = draft.body
    if body is not None:
        body = replace(body, text=text(body.text), path=text(body.path))
    kept = replace(
        draft,
        name=text(draft.name),
        description=text(draft.description),
        url=text(draft.url),
        query=tuple(
            replace(pair, name=text(pair.name), value=text(pair.value))
            for pair in draft.query
        ),
        headers=tuple(map(header, draft.headers)),
        body=body,
    )
    return kept, REDACTED in repr(kept) and kept != draft


def typed_credentials(headers: Headers) -> tuple[Secret, ...]:
    """The credentials among headers that a person typed.

    A very short one is masked in its header alone: elsewhere it stands by chance.
    """
    results = []
    for name, value in headers:
        if name.lower() in CREDENTIAL_HEADERS:
            scheme, space, rest = value.strip().partition(" ")
            known = bool(space) and scheme.lower() in SCHEMES
            results.append(rest.strip() if known else value.strip())
    return tuple(Secret(text) for text in results if len(text) >= MIN_SECRET_LENGTH)


def _redacted_credential(value: str) -> str:
    """A credential header's value: its scheme and its templates, and nothing else."""
    scheme, space, rest = value.strip().partition(" ")
    known = bool(space) and scheme.lower() in SCHEMES
    secret = rest if known else value
    masked = map_literals(secret, lambda text: REDACTED if text.strip() else text)
    return f"{scheme} {masked}" if known else masked


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes two exchanges answers to the same request."""

    file: Path | None
    """The saved request; None = the method and the path of the URL say it."""
    method: str
    path: str
    """Of the URL, without query."""


@dataclass(frozen=True, slots=True)
class HistoryRecord:
    """An exchange as it is kept. Its body is beside it, never in it."""

    draft: Draft
    """As it was typed; a secret typed into it is masked."""
    file: Path | None
    """The saved request that the draft came from, changed or not."""
    environment: str
    region: Region
    project_id: str
    writes: bool
    """Whether the call may change the project's data."""
    sent: SentRequest
    """Of a call without an answer: what was prepared."""
    response: Response | None
    """Without its body; None = no answer came."""
    outcome: Outcome
    timing: Timing
    """Of a call without an answer: until it was given up."""
    notices: tuple[str, ...] = ()
    """Sentences: what the app added, a redirect not followed, and the like."""
    incomplete_draft: bool = False
    """A secret in the draft was masked: it must be typed again before it is sent."""
    body_note: str = ""
    """Why the body is not kept, in a sentence; empty = it is, or there is none."""

    @property
    def name(self) -> str:
        """The name of the request; empty if it has none."""
        return self.draft.name or (self.file.stem if self.file else "")

    @property
    def identity(self) -> Identity:
        """What other answers are compared with this one."""
        return identity(self.file, self.sent.method, self.sent.url)

    @property
    def body_bytes(self) -> int:
        """The decoded length of the answer's body."""
        return self.response.body_bytes if self.response else 0


def identity(file: Path | None, method: str, url: str) -> Identity:
    """What makes exchanges of a request comparable.

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
    """What is kept of a call that was answered."""
    request, response = exchange.request, exchange.response
    masker = request_redactor(request)
    kept, changed = redacted_draft(draft, masker)
    answer = replace(
        response,
        body=b"",
        written=response.body_bytes,
        headers=_redacted_headers(response.headers, masker),
    )
    return HistoryRecord(
        draft=kept,
        file=file,
        environment=request.environment,
        region=request.region,
        project_id=request.project_id,
        writes=request.safety.writes,
        sent=_redacted_sent(exchange.sent, masker),
        response=answer,
        outcome=_redacted_outcome(outcome, masker),
        timing=exchange.timing,
        notices=tuple(map(masker.redact, (*request.notices, *exchange.notices))),
        incomplete_draft=changed,
    )


def record_failure(
    request: PreparedRequest,
    outcome: Outcome,
    draft: Draft,
    timing: Timing,
    *,
    file: Path | None = None,
) -> HistoryRecord:
    """What is kept of a call that got no answer.

    Args:
        request: What was prepared.
        outcome: From `outcome.outcome.no_answer`.
        draft: What was typed.
        timing: When it began, and how long it was waited for.
        file: The saved request.
    """
    masker = request_redactor(request)
    kept, changed = redacted_draft(draft, masker)
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
        draft=kept,
        file=file,
        environment=request.environment,
        region=request.region,
        project_id=request.project_id,
        writes=request.safety.writes,
        sent=_redacted_sent(sent, masker),
        response=None,
        outcome=_redacted_outcome(outcome, masker),
        timing=timing,
        notices=tuple(map(masker.redact, request.notices)),
        incomplete_draft=changed,
    )


def request_redactor(request: PreparedRequest) -> Redactor:
    """Masks what templates brought, and credentials typed into a header."""
    return Redactor((*request.sensitive, *typed_credentials(request.headers)))


def _redacted_sent(sent: SentRequest, masker: Redactor) -> SentRequest:
    return replace(
        sent,
        url=masker.redact(sent.url),
        headers=masker.redact_headers(sent.headers),
        body=_redacted_body(sent.body, sent.headers, masker),
        redirects=tuple(map(masker.redact, sent.redirects)),
    )


def _redacted_body(body: bytes, headers: Headers, masker: Redactor) -> bytes:
    """A body whose secrets are masked, compressed or not."""
    encoded = ("content-encoding", "gzip")
    if encoded not in ((n.lower(), v.strip().lower()) for n, v in headers):
        return masker.redact_bytes(body)
    try:
        plain = gzip.decompress(body)
    except (OSError, EOFError, zlib.error):
        return masker.redact_bytes(body)
    masked = masker.redact_bytes(plain)
    return body if masked == plain else gzip.compress(masked)


def _redacted_headers(headers: Headers, masker: Redactor) -> Headers:
    return tuple(
        (name, REDACTED if name.lower() == "set-cookie" else masker.redact(value))
        for name, value in headers
    )


def _redacted_outcome(outcome: Outcome, masker: Redactor) -> Outcome:
    return replace(
        outcome,
        label=masker.redact(outcome.label),
        detail=masker.redact(outcome.detail),
    )
