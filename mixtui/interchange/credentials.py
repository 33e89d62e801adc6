"""Remove credentials and all other secrets from imported requests."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from urllib.parse import unquote

from msgspec import Struct
from msgspec.structs import replace

from mixtui.interchange.model import ExtractedCredential
from mixtui.interchange.placeholders import env_variable, is_placeholder
from mixtui.interchange.record_tokens import (
    StrippedTokens,
    strip_tokens,
)
from mixtui.mixpanel.apis import BASE_PATHS, SERVICES, CredentialKind
from mixtui.mixpanel.endpoints import Endpoint, TokenPlace, find_endpoint
from mixtui.model.draft import Body, BodyType, Draft, Pair
from mixtui.model.redaction import Redactor
from mixtui.model.secrets import CREDENTIAL_HEADERS, FromVariable, Secret
from mixtui.request.forms import FormMistake, form_text, parse_form
from mixtui.request.secret_values import (
    Cleared,
    clear_body,
    clear_header,
    clear_pairs,
    clear_value,
)
from mixtui.request.templates import (
    escape_text,
    plain_text,
    references,
    variable_name,
)
from mixtui.text import sanitize_excerpt

COOKIE_VARIABLE = "MIXPANEL_COOKIE"
_COOKIE_TEMPLATE = f"{{{{env:{COOKIE_VARIABLE}}}}}"
_COOKIE_NOTE = (
    "The cookie was removed, because it grants access to a session. The header is "
    f"disabled, and uses the variable {COOKIE_VARIABLE} instead."
)
_NAME_LENGTH = 60
_MIN_MASKED = 4
"""Characters; a shorter text occurs in words by chance."""
_TOKEN_TEMPLATE = "{{project_token}}"

_Rows = tuple[Pair, ...]
_Credentials = tuple[ExtractedCredential, ...]
_Notes = tuple[str, ...]


def _holds_variable(text: str) -> bool:
    return any(variable_name(reference.name) for reference in references(text))


def extract_credential(
    kind: CredentialKind, text: str, username: str = ""
) -> tuple[ExtractedCredential, ...]:
    """Extract a credential; none from an empty text or a placeholder.

    ``{{env:NAME}}`` names the variable that holds it.
    """
    if not text or is_placeholder(text):
        return ()
    variable = env_variable(text)
    secret = FromVariable(variable) if variable else Secret(plain_text(text))
    return (ExtractedCredential(kind, secret, plain_text(username)),)


def basic_credential(
    user: str, password: str, endpoint: Endpoint
) -> tuple[ExtractedCredential, ...]:
    """Extract the credential of Basic authentication.

    Without a password the user name is a project secret, or a project token if the
    endpoint accepts only that. Where it accepts both they look alike, and a secret must
    not be stored as an identifier.
    """
    if password:
        has_user = not is_placeholder(user)
        return extract_credential(
            CredentialKind.SERVICE_ACCOUNT, password if has_user else "", user
        )
    accepted = endpoint.credentials
    kind = CredentialKind.PROJECT_SECRET
    if kind not in accepted and CredentialKind.PROJECT_TOKEN in accepted:
        kind = CredentialKind.PROJECT_TOKEN
    return extract_credential(kind, user)


def header_credential(
    value: str, endpoint: Endpoint
) -> tuple[ExtractedCredential, ...] | None:
    """Extract the credential of an ``Authorization`` header.

    None = Mixpanel does not accept the scheme (RFC 7617, RFC 6750).
    """
    scheme, _, rest = value.strip().partition(" ")
    rest = rest.strip()
    if scheme.lower() == "bearer":
        return extract_credential(CredentialKind.OAUTH, rest)
    if scheme.lower() != "basic":
        return None
    if is_placeholder(rest) or _holds_variable(rest):
        return ()
    pair = _basic_pair(rest)
    if pair is None:
        return None
    user, _, password = pair.partition(":")
    return basic_credential(user, password, endpoint)


def _basic_pair(text: str) -> str | None:
    """Return user and password of Basic authentication; None = it is not that.

    Mixpanel also takes them unencoded; the Base64 alphabet has no colon.
    """
    if ":" in text:
        return text
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        return escape_text(decoded.decode())
    except (binascii.Error, UnicodeDecodeError):
        return None


class StrippedDraft(Struct, frozen=True):
    """A draft that may be saved, and the credentials removed from it."""

    draft: Draft
    credentials: tuple[ExtractedCredential, ...] = ()
    notes: tuple[str, ...] = ()


def endpoint_of(draft: Draft) -> Endpoint:
    """Return the endpoint that the draft calls."""
    path = draft.url.partition("#")[0].partition("?")[0]
    return find_endpoint(
        SERVICES[draft.api], draft.method, unquote(BASE_PATHS[draft.api] + path)
    )


def strip_credentials(draft: Draft) -> StrippedDraft:
    """Remove every credential and every other secret from a draft.

    The app adds each credential again from an environment when the request is sent.
    """
    endpoint = endpoint_of(draft)
    headers, from_headers, header_notes = _strip_headers(draft.headers, endpoint)
    query, from_query, query_notes = _strip_query(draft.query, endpoint)
    body, from_body, body_notes = _strip_body(draft.body, endpoint)
    cleared = clear_secrets(replace(draft, headers=headers, query=query, body=body))
    return StrippedDraft(
        cleared.draft,
        distinct((*from_headers, *from_query, *from_body)),
        (*header_notes, *query_notes, *body_notes, *cleared.notes),
    )


def clear_secrets(draft: Draft) -> StrippedDraft:
    """Empty every value that is named like a secret; the last step of each importer.

    The name stays, and a note says where the value went. What was emptied is masked in
    the draft's own texts, as an example repeats it in a description.
    """
    cleared: list[Cleared] = []
    notes: dict[str, None] = {}

    def empty(result: Cleared) -> str:
        cleared.append(result)
        for name in result.names:
            label = sanitize_excerpt(unquote(name), _NAME_LENGTH)
            notes.setdefault(
                f"The value of {label} was removed, because it looks like a secret. Use "
                "{{env:NAME}} instead."
            )
        return result.text

    def empty_row(row: Pair, result: Cleared) -> Pair:
        value = empty(result)
        enabled = row.enabled and (bool(value) or not result.names)
        return replace(row, value=value, enabled=enabled)

    headers: list[Pair] = []
    for row in draft.headers:
        if row.name.strip().lower() != "cookie":
            headers.append(empty_row(row, clear_header(row.name, row.value)))
        elif env_variable(row.value) != COOKIE_VARIABLE:
            headers.append(Pair(row.name, _COOKIE_TEMPLATE, enabled=False))
            cleared.append(Cleared("", values=(row.value,)))
            notes.setdefault(_COOKIE_NOTE)
        else:
            headers.append(row)
    body = draft.body
    draft = replace(
        draft,
        url=empty(clear_pairs(draft.url)),
        path=tuple(empty_row(r, clear_value(r.name, r.value)) for r in draft.path),
        query=tuple(empty_row(r, clear_value(r.name, r.value)) for r in draft.query),
        headers=tuple(headers),
        body=body and replace(body, text=empty(clear_body(body))),
    )
    values = [v for each in cleared for v in each.values if len(v) >= _MIN_MASKED]
    redactor = Redactor(map(Secret, values))
    draft = replace(
        draft,
        name=redactor.redact(draft.name),
        description=redactor.redact(draft.description),
        tags=tuple(map(redactor.redact, draft.tags)),
    )
    return StrippedDraft(draft, notes=tuple(notes))


def distinct(
    credentials: Iterable[ExtractedCredential],
) -> tuple[ExtractedCredential, ...]:
    """Drop duplicates, and secrets that are also extracted as a project token."""
    credentials = tuple(dict.fromkeys(credentials))
    tokens = {f.secret for f in credentials if f.kind is CredentialKind.PROJECT_TOKEN}
    return tuple(
        f
        for f in credentials
        if not (f.kind is CredentialKind.PROJECT_SECRET and f.secret in tokens)
    )


def _strip_headers(
    rows: _Rows, endpoint: Endpoint
) -> tuple[_Rows, _Credentials, _Notes]:
    remaining: list[Pair] = []
    credentials: list[ExtractedCredential] = []
    notes: list[str] = []
    for row in rows:
        name = row.name.strip().lower()
        if name not in CREDENTIAL_HEADERS or name == "cookie":
            remaining.append(row)
        elif name == "authorization":
            extracted = header_credential(row.value, endpoint)
            credentials += extracted or ()
            notes += _authorization_notes(extracted)
        else:
            notes.append(f"The header {row.name} was skipped: it is for a proxy.")
    return tuple(remaining), tuple(credentials), tuple(notes)


def _authorization_notes(credentials: _Credentials | None) -> _Notes:
    if credentials is None:
        return (
            "The Authorization header was skipped: Mixpanel does not support its "
            "scheme.",
        )
    if not credentials:
        return (
            "The Authorization header is a placeholder: the environment's credential "
            "is sent instead.",
        )
    return ()


def _strip_query(rows: _Rows, endpoint: Endpoint) -> tuple[_Rows, _Credentials, _Notes]:
    remaining: list[Pair] = []
    credentials: list[ExtractedCredential] = []
    notes: list[str] = []
    for row in rows:
        if row.name == "api_secret":
            credentials += extract_credential(CredentialKind.PROJECT_SECRET, row.value)
            notes.append("The parameter api_secret was imported as the credential.")
        elif row.name == "data" and endpoint.token.is_in_records:
            stripped = strip_tokens(row.value, endpoint.token)
            extracted, token_notes = _token_credential(stripped, endpoint)
            credentials += extracted
            notes += [*token_notes, *_data_notes(stripped, "parameter")]
            remaining.append(_replace_token(row, stripped.token))
        elif row.name != "token" or row.value == _TOKEN_TEMPLATE:
            remaining.append(row)
        else:
            credentials += extract_credential(CredentialKind.PROJECT_TOKEN, row.value)
            if endpoint.token is not TokenPlace.QUERY:
                # The app adds no token here, so the parameter stays, as a template.
                remaining.append(replace(row, value=_TOKEN_TEMPLATE))
    return tuple(remaining), tuple(credentials), tuple(notes)


def _replace_token(row: Pair, token: str) -> Pair:
    """Replace a token by its template: the app adds none to records in a query."""
    if not token:
        return row
    quoted, template = json.dumps(token), json.dumps(_TOKEN_TEMPLATE)
    return replace(row, value=row.value.replace(quoted, template))


def _data_notes(stripped: StrippedTokens, label: str) -> _Notes:
    if stripped.is_json or not stripped.text:
        return ()
    return (
        f"The {label} data is not JSON (perhaps Base64), so a token in it is kept.",
    )


def _strip_body(
    body: Body | None, endpoint: Endpoint
) -> tuple[Body | None, _Credentials, _Notes]:
    if body is None or not endpoint.token.is_in_records:
        return body, (), ()
    if body.type is BodyType.FORM:
        return _strip_form(body, endpoint)
    if body.type not in (BodyType.JSON, BodyType.NDJSON):
        return body, (), ()
    lines = body.type is BodyType.NDJSON
    stripped = strip_tokens(body.text, endpoint.token, lines=lines)
    return replace(body, text=stripped.text), *_token_credential(stripped, endpoint)


def _strip_form(body: Body, endpoint: Endpoint) -> tuple[Body, _Credentials, _Notes]:
    """Strip the field ``data``, which carries events and profiles as JSON."""
    try:
        fields = parse_form(body.text)
    except FormMistake:
        return body, (), ()
    results = [
        strip_tokens(value, endpoint.token) if name == "data" else None
        for name, value in fields
    ]
    credentials: list[ExtractedCredential] = []
    notes: list[str] = []
    changed = False
    values = []
    for (name, value), stripped in zip(fields, results, strict=True):
        if stripped is not None:
            extracted, token_notes = _token_credential(stripped, endpoint)
            credentials += extracted
            notes += token_notes
            changed = changed or stripped.text != value
            value = stripped.text
            notes += _data_notes(stripped, "form field")
        values.append((name, value))
    if changed:
        body = replace(body, text=form_text(values))
    return body, tuple(credentials), tuple(notes)


def _token_credential(
    stripped: StrippedTokens, endpoint: Endpoint
) -> tuple[_Credentials, _Notes]:
    name = "$token" if endpoint.token is TokenPlace.RECORD else "properties.token"
    if stripped.ambiguous:
        return (), (
            f"The records have tokens of several projects in {name}, which stay in "
            "the body.",
        )
    if is_placeholder(stripped.token):
        return (), (
            f"{name} is a placeholder: the environment's project token is sent "
            "instead.",
        )
    return extract_credential(CredentialKind.PROJECT_TOKEN, stripped.token), ()
