"""From a draft to a prepared request: checked, resolved, ready.

`prepare` is the only way to a `PreparedRequest`; `request.preview` says the same about a
draft that is still being typed, without its body. Both the screen and the command line
go through here, so they cannot differ.
"""

from __future__ import annotations

import gzip
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mixtui import jsontext
from mixtui.mixpanel.endpoints import Endpoint, Safety, TokenPlace, find
from mixtui.model.draft import Body, BodyType, Draft, Headers
from mixtui.model.environment import EMPTY, Environment
from mixtui.model.errors import DraftError, Field
from mixtui.model.prepared import FileContent, PreparedRequest
from mixtui.model.secrets import Secret
from mixtui.request import additions as adding
from mixtui.request import additions as leaving
from mixtui.request.additions import added_words, form_additions, query_additions
from mixtui.request.authentication import AuthPlan
from mixtui.request.body import Additions, EncodedBody, encode_body
from mixtui.request.event_ids import inject, token_name
from mixtui.request.forms import expand_body, expand_rows, form_fields, is_blank
from mixtui.request.operation_match import match_operation
from mixtui.request.templates import Values
from mixtui.request.urls import Target, encode_pair, is_loopback, resolve

if TYPE_CHECKING:
    from mixtui.mixpanel.catalogue import Operation


_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
_FROM_THE_REQUEST = ("host", "content-length", "transfer-encoding", "connection")


def validate_header(name: str, value: str) -> tuple[str, str]:
    """A header that can be sent.

    Raises:
        DraftError: The name or the value cannot go on the wire.
    """
    value = value.strip(" \t")
    if not _TOKEN.fullmatch(name):
        raise DraftError(
            Field.HEADERS,
            f"The header name {name!r} is not valid: use letters, digits and hyphens.",
        )
    if name.lower() in _FROM_THE_REQUEST:
        raise DraftError(
            Field.HEADERS,
            f"The header {name} is set by mixtui from the request itself: "
            "switch this row off.",
        )
    if any((ord(c) < 32 and c != "\t") or ord(c) > 126 for c in value):
        raise DraftError(
            Field.HEADERS,
            f"The value of the header {name} holds a control character or one outside "
            "ASCII: percent-encode it.",
        )
    return name, value


def has_header(headers: Headers, name: str) -> bool:
    """Whether a header of that name (in lower case) is there."""
    return any(typed.lower() == name for typed, _ in headers)


def finalise_headers(
    typed: Headers, encoded: EncodedBody, *, say_type: bool = True
) -> tuple[Headers, bytes | FileContent | None, tuple[str, ...]]:
    """The headers with a content type, the content, compressed if the headers say so,
    and notices."""
    headers, content = list(typed), encoded.content
    if content is None:
        return typed, None, ()
    notices: list[str] = []
    if say_type and not has_header(typed, "content-type"):
        headers.append(("Content-Type", encoded.content_type))
    says_gzip = any(
        name.lower() == "content-encoding" and value.lower() == "gzip"
        for name, value in typed
    )
    if says_gzip and isinstance(content, bytes):
        content = gzip.compress(content, mtime=0)
        notices.append("The body was compressed, as the Content-Encoding header says.")
    return tuple(headers), content, tuple(notices)


@dataclass(frozen=True, slots=True)
class ResolvedDraft:
    """A draft without its body: everything but the last step."""

    draft: Draft
    """Headers and query filled."""
    target: Target
    endpoint: Endpoint
    operation: Operation | None
    plan: AuthPlan
    query: str
    added: tuple[tuple[str, str], ...]
    """Query parameters that the app adds; part of ``query`` already."""
    left_out: tuple[tuple[str, str], ...]
    """Query parameters that it would add."""
    chosen: AuthPlan
    """The credential, before anything was left out."""
    headers: Headers
    notices: tuple[str, ...]
    sensitive: tuple[Secret, ...]


def resolve_draft(
    draft: Draft,
    environment: Environment,
    values: Values,
    brings_token: Callable[[Endpoint], bool],
) -> ResolvedDraft:
    """Resolve a draft as far as its body does not matter.

    Args:
        draft: What was typed.
        environment: Region, project, credentials.
        values: Where templates get their values.
        brings_token: Whether every record of the body carries its token already.

    Raises:
        DraftError: It cannot be sent; names the field.
        CredentialError: A credential is missing.
    """
    target = resolve(draft, environment, values)
    endpoint = endpoint_of(draft, target)
    query, query_secrets = expand_rows(draft.query, values, Field.QUERY)
    typed, header_secrets = expand_rows(draft.headers, values, Field.HEADERS)
    headers = tuple(validate_header(name, value) for name, value in typed)
    leave_out = draft.options.leave_out
    chosen = adding.plan_auth(
        endpoint,
        environment,
        draft.options,
        typed=has_header(headers, "authorization"),
        token_in_payload=brings_token(endpoint)
        or adding.token_left_out(endpoint, leave_out),
    )
    plan = adding.plan_without(chosen, endpoint, leave_out)
    added, left_out = query_additions(
        target.query, query, endpoint, plan, environment, leave_out
    )
    pairs = [encode_pair(name, value) for name, value in (*query, *added)]
    names = [name for name, _ in left_out]
    if chosen.authorization is not None and plan.authorization is None:
        names.append(leaving.AUTHORIZATION)
    return ResolvedDraft(
        draft=draft,
        target=target,
        endpoint=endpoint,
        operation=match_operation(draft, target),
        plan=plan,
        query="&".join([target.query, *pairs] if target.query else pairs),
        added=added,
        left_out=left_out,
        chosen=chosen,
        headers=headers,
        notices=(
            *target.notices,
            *plan.notices,
            *added_words(added),
            *leaving.omission_notices(names),
        ),
        sensitive=(*target.sensitive, *query_secrets, *header_secrets),
    )


def endpoint_of(draft: Draft, target: Target) -> Endpoint:
    """What the path takes."""
    return find(target.service, draft.method, target.official_path)


def operation_label(endpoint: Endpoint, operation: Operation | None) -> str:
    """What a call is, in words: the operation, or its family."""
    return f"«{operation.title}»" if operation is not None else endpoint.title


def safety_of(draft: Draft, endpoint: Endpoint, operation: Operation | None) -> Safety:
    """What the call does to the project's data."""
    return operation.safety if operation is not None else endpoint.safety(draft.method)


def insert_id_scope(
    draft: Draft, operation: Operation | None, environment: Environment
) -> str | None:
    """The project that ids of events are made for; None = none are made."""
    from mixtui.mixpanel.catalogue import Repeat

    counted_once = operation is not None and operation.repeat is Repeat.DEDUPLICATED
    wanted = draft.options.insert_ids and counted_once
    return environment.project_id or environment.name if wanted else None


def prepare(
    draft: Draft,
    environment: Environment,
    *,
    variables: Mapping[str, str] = EMPTY,
    folder: Path | None = None,
    values: Values | None = None,
) -> PreparedRequest:
    """Check and resolve a draft.

    Args:
        draft: What was typed.
        environment: Region, project, credentials.
        variables: Values for templates that win over the environment's (--var).
        folder: What relative file paths are relative to.
        values: Where templates get their values, for tests.

    Raises:
        DraftError: It cannot be sent; names the field.
        CredentialError: A credential is missing.
    """
    values = values or Values(environment, variables)
    _check_timeout(draft.options.timeout)
    body, sensitive = expand_body(draft, values)
    aim = resolve_draft(draft, environment, values, partial(_brings_token, body))
    safety = safety_of(draft, aim.endpoint, aim.operation)
    if environment.read_only and safety.writes:
        raise DraftError(
            Field.ENVIRONMENT,
            f"The environment {environment.name} is read-only, and {draft.method} "
            f"{operation_label(aim.endpoint, aim.operation)} writes: switch environment (f9) "
            "to send it.",
        )
    encoded = _encoded(draft, body, aim, environment, folder)
    says_type = not leaving.is_omitted(draft.options.leave_out, leaving.CONTENT_TYPE)
    headers, content, header_notices = finalise_headers(
        aim.headers, encoded, say_type=says_type
    )
    _check_transport(aim, headers)
    return PreparedRequest(
        method=draft.method,
        api=aim.target.api,
        url=aim.target.url(aim.query),
        headers=headers,
        content=content,
        authorization=aim.plan.authorization,
        timeout=draft.options.timeout or aim.endpoint.timeout,
        follow_redirects=draft.options.follow_redirects,
        environment=environment.name,
        region=environment.region,
        project_id=environment.project_id,
        tls=environment.tls,
        endpoint=aim.endpoint,
        safety=safety,
        operation=aim.operation,
        notices=(*aim.notices, *encoded.notices, *header_notices),
        sensitive=(*aim.sensitive, *sensitive),
        history=environment.history and draft.options.history,
    )


def _brings_token(body: Body | None, endpoint: Endpoint) -> bool:
    """Whether every record of a body carries its token already."""
    if body is None or not endpoint.token_authenticates:
        return False
    if body.type in (BodyType.FILE, BodyType.FORM):
        return True
    if body.type is not BodyType.JSON or jsontext.check(body.text):
        return True  # The body's own check has more to say.
    return inject(body.text, "", endpoint.token).without is None


def _encoded(
    draft: Draft,
    body: Body | None,
    aim: ResolvedDraft,
    environment: Environment,
    folder: Path | None,
) -> EncodedBody:
    if not draft.sends_body and not draft.method.carries_body:
        return EncodedBody(None, "", _unsent_body(draft))
    if body is None:
        body = Body(BodyType.FORM)
    leave_out = draft.options.leave_out
    form, left_out = form_additions(
        aim.query, form_fields(body), aim.endpoint, aim.plan, environment, leave_out
    )
    without_token = adding.token_left_out(aim.endpoint, leave_out)
    identifies = aim.plan.identifies and not without_token
    additions = Additions(
        token=environment.credentials.project_token,
        place=aim.endpoint.token if identifies else TokenPlace.NONE,
        token_required=aim.plan.kind is not None,
        form=form,
        environment=environment.name,
        insert_ids=insert_id_scope(draft, aim.operation, environment)
        if aim.plan.identifies
        else None,
    )
    encoded = encode_body(body, aim.endpoint, additions, folder)
    names = [name for name, _ in left_out]
    if without_token and aim.plan.identifies and encoded.content is not None:
        names.append(token_name(aim.endpoint.token))
    if encoded.content is not None and leaving.is_omitted(
        leave_out, leaving.CONTENT_TYPE
    ):
        names.append(leaving.CONTENT_TYPE)
    notices = (*encoded.notices, *leaving.omission_notices(names))
    return replace(encoded, notices=notices)


def _unsent_body(draft: Draft) -> tuple[str, ...]:
    if draft.body is None or is_blank(draft.body):
        return ()
    return (f"The body is not sent: a {draft.method} carries none.",)


def _check_timeout(seconds: float | None) -> None:
    if seconds is not None and not 0 < seconds < math.inf:
        raise DraftError(
            Field.OPTIONS, "The timeout must be a number of seconds above 0."
        )


def _check_transport(aim: ResolvedDraft, headers: Headers) -> None:
    """Credentials travel over https; plain http is for this machine alone."""
    url = aim.target.base
    if url.startswith("https:") or is_loopback(url):
        return
    if aim.plan.authorization is not None or has_header(headers, "authorization"):
        raise DraftError(
            Field.ENVIRONMENT,
            f"Credentials are not sent over plain http to {url}: use https in hosts.",
        )
