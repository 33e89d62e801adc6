"""Credentials taken out of an imported draft, whatever place they stood in."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import unquote

from mixtui.core.forms import FormMistake, parse_form
from mixtui.core.masking import CREDENTIAL_HEADERS
from mixtui.core.requests import Body, BodyType, Draft, Pair
from mixtui.core.token_injection import IN_RECORDS
from mixtui.interchange.credentials import authorization, credential, is_placeholder
from mixtui.interchange.form_text import form_text
from mixtui.interchange.found import ExtractedCredential
from mixtui.interchange.record_tokens import Tokens, strip_tokens
from mixtui.mixpanel.apis import BASE_PATHS, SERVICES
from mixtui.mixpanel.credentials import CredentialKind
from mixtui.mixpanel.endpoints import Endpoint, TokenPlace, find

COOKIE_VARIABLE = "MIXPANEL_COOKIE"
_TOKEN_TEMPLATE = "{{project_token}}"


@dataclass(frozen=True, slots=True)
class WithoutCredentials:
    """A draft that may be saved, and what it may not hold."""

    draft: Draft
    credentials: tuple[ExtractedCredential, ...] = ()
    notes: tuple[str, ...] = ()


def endpoint_of(draft: Draft) -> Endpoint:
    """What the draft's path takes."""
    path = draft.url.partition("#")[0].partition("?")[0]
    return find(
        SERVICES[draft.api], draft.method, unquote(BASE_PATHS[draft.api] + path)
    )


def strip_credentials(draft: Draft) -> WithoutCredentials:
    """Take every credential out of headers, query and body.

    The app adds each of them again from an environment when the request is sent.
    """
    endpoint = endpoint_of(draft)
    headers, from_headers, header_notes = _headers(draft.headers, endpoint)
    query, from_query, query_notes = _query(draft.query, endpoint)
    body, from_body, body_notes = _body(draft.body, endpoint)
    return WithoutCredentials(
        replace(draft, headers=headers, query=query, body=body),
        distinct((*from_headers, *from_query, *from_body)),
        (*header_notes, *query_notes, *body_notes),
    )


def distinct(found: Iterable[ExtractedCredential]) -> tuple[ExtractedCredential, ...]:
    """The same without repetition; one that is a token elsewhere is no secret."""
    found = tuple(dict.fromkeys(found))
    tokens = {f.secret for f in found if f.kind is CredentialKind.PROJECT_TOKEN}
    return tuple(
        f
        for f in found
        if not (f.kind is CredentialKind.PROJECT_SECRET and f.secret in tokens)
    )


_Rows = tuple[Pair, ...]
_Found = tuple[ExtractedCredential, ...]
_Notes = tuple[str, ...]


def _headers(rows: _Rows, endpoint: Endpoint) -> tuple[_Rows, _Found, _Notes]:
    kept: list[Pair] = []
    found: list[ExtractedCredential] = []
    notes: list[str] = []
    for row in rows:
        name = row.name.strip().lower()
        if name not in CREDENTIAL_HEADERS:
            kept.append(row)
        elif name == "authorization":
            here = authorization(row.value, endpoint)
            found += here or ()
            notes += _about_authorization(here)
        elif name == "cookie":
            template = f"{{{{env:{COOKIE_VARIABLE}}}}}"
            kept.append(Pair(row.name, template, enabled=False))
            notes.append(
                "A cookie opens a session, so its text was left out. The header is "
                f"switched off; it would send the variable {COOKIE_VARIABLE}."
            )
        else:
            notes.append(f"The header {row.name} was left out: it is for a proxy.")
    return tuple(kept), tuple(found), tuple(notes)


def _about_authorization(found: _Found | None) -> _Notes:
    if found is None:
        return (
            "The Authorization header was left out: it is of no kind that Mixpanel "
            "takes.",
        )
    if not found:
        return (
            "The Authorization header only said what should stand there: the "
            "environment's credential is sent instead.",
        )
    return ()


def _query(rows: _Rows, endpoint: Endpoint) -> tuple[_Rows, _Found, _Notes]:
    kept: list[Pair] = []
    found: list[ExtractedCredential] = []
    notes: list[str] = []
    for row in rows:
        if row.name == "api_secret":
            found += credential(CredentialKind.PROJECT_SECRET, row.value)
            notes.append("The parameter api_secret became the credential.")
        elif row.name == "data" and endpoint.token in IN_RECORDS:
            done = strip_tokens(row.value, endpoint.token)
            here, more = _tokens(done, endpoint)
            found += here
            notes += [*more, *_about_data(done, "parameter")]
            kept.append(_with_template(row, done.token))
        elif row.name != "token" or row.value == _TOKEN_TEMPLATE:
            kept.append(row)
        else:
            found += credential(CredentialKind.PROJECT_TOKEN, row.value)
            if endpoint.token is not TokenPlace.QUERY:
                # Here nothing is added, so it stays, without its text.
                kept.append(replace(row, value=_TOKEN_TEMPLATE))
    return tuple(kept), tuple(found), tuple(notes)


def _with_template(row: Pair, token: str) -> Pair:
    """Records in a query get nothing added, so the token's place is kept."""
    if not token:
        return row
    written, template = json.dumps(token), json.dumps(_TOKEN_TEMPLATE)
    return replace(row, value=row.value.replace(written, template))


def _about_data(done: Tokens, place: str) -> _Notes:
    if done.is_json or not done.text:
        return ()
    return (
        f"The {place} data is no JSON text (base64, perhaps): a token in it stays "
        "there.",
    )


def _body(body: Body | None, endpoint: Endpoint) -> tuple[Body | None, _Found, _Notes]:
    if body is None or endpoint.token not in IN_RECORDS:
        return body, (), ()
    if body.type is BodyType.FORM:
        return _form(body, endpoint)
    if body.type not in (BodyType.JSON, BodyType.NDJSON):
        return body, (), ()
    lines = body.type is BodyType.NDJSON
    done = strip_tokens(body.text, endpoint.token, lines=lines)
    return replace(body, text=done.text), *_tokens(done, endpoint)


def _form(body: Body, endpoint: Endpoint) -> tuple[Body, _Found, _Notes]:
    """The field ``data`` carries events and profiles as JSON."""
    try:
        fields = parse_form(body.text)
    except FormMistake:
        return body, (), ()
    done = [
        strip_tokens(value, endpoint.token) if name == "data" else None
        for name, value in fields
    ]
    found: list[ExtractedCredential] = []
    notes: list[str] = []
    changed = False
    values = []
    for (name, value), tokens in zip(fields, done, strict=True):
        if tokens is not None:
            here, more = _tokens(tokens, endpoint)
            found += here
            notes += more
            changed = changed or tokens.text != value
            value = tokens.text
            notes += _about_data(tokens, "form field")
        values.append((name, value))
    if changed:
        body = replace(body, text=form_text(values))
    return body, tuple(found), tuple(notes)


def _tokens(done: Tokens, endpoint: Endpoint) -> tuple[_Found, _Notes]:
    name = "$token" if endpoint.token is TokenPlace.RECORD else "properties.token"
    if done.several:
        return (), (
            f"The records name several projects in {name}: those tokens stay in the "
            "body.",
        )
    if is_placeholder(done.token):
        return (), (
            f"{name} only said what should stand there: the environment's project "
            "token is sent instead.",
        )
    return credential(CredentialKind.PROJECT_TOKEN, done.token), ()
