"""From a draft to a prepared request: checked, resolved, ready.

`prepare` is the only way to a `PreparedRequest`; `preview` says the same about a draft
that is still being typed, without its body. Both the screen and the command line go
through here, so they cannot differ.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from mixtui.core import json_text
from mixtui.core.authentication import Authorization, AuthPlan, choose
from mixtui.core.bodies import (
    Additions,
    BodyCheck,
    EncodedBody,
    FileContent,
    check_body,
    encode_body,
)
from mixtui.core.environments import EMPTY, Environment, Tls
from mixtui.core.errors import CredentialError, DraftError, Field
from mixtui.core.exchange import Headers
from mixtui.core.filling import filled_body, filled_rows, form_fields, is_blank
from mixtui.core.header_rows import checked_header, complete_headers, holds
from mixtui.core.identifiers import added_words, form_additions, query_additions
from mixtui.core.insert_ids import insert_id_words
from mixtui.core.masking import Masker
from mixtui.core.recognising import recognise
from mixtui.core.requests import Body, BodyType, Draft, Method
from mixtui.core.secrets import Secret
from mixtui.core.templates import Values, fill
from mixtui.core.token_injection import inject, token_words
from mixtui.core.urls import Target, encode_pair, is_loopback, resolve
from mixtui.mixpanel.apis import Api, Region
from mixtui.mixpanel.buckets import Bucket
from mixtui.mixpanel.endpoints import (
    Endpoint,
    Safety,
    TokenPlace,
    find,
)
from mixtui.mixpanel.operations import Operation, Repeat


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """A request that can be sent as it is."""

    method: Method
    api: Api
    url: str
    """Finished; may end in a ``#fragment``, which is shown and never sent."""
    headers: Headers
    """All but the computed ``Authorization``."""
    content: bytes | FileContent | None
    authorization: Authorization | None
    """None = none, or typed among the headers."""
    timeout: float
    """Seconds without an answer."""
    follow_redirects: bool
    environment: str
    region: Region
    project_id: str
    tls: Tls
    endpoint: Endpoint
    safety: Safety
    operation: Operation | None = None
    """None = none that Mixpanel documents."""
    notices: tuple[str, ...] = ()
    """Sentences: what the app added or changed, and why."""
    sensitive: tuple[Secret, ...] = ()
    """Values to mask wherever the request is shown."""
    history: bool = True
    """Keep what is exchanged: neither the environment nor the request forbids it."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What is known of a draft while it is typed."""

    url: str
    """The resolved URL as far as it goes; empty if it cannot be resolved."""
    credential: str
    """Which credential and why; empty if there is none."""
    notices: tuple[str, ...] = ()
    problem: DraftError | CredentialError | None = None
    """What stops a send, as far as known without the body."""
    added: tuple[tuple[str, str], ...] = ()
    """Query parameters that the app adds."""
    endpoint: Endpoint | None = None
    safety: Safety = Safety.READ
    operation: Operation | None = None

    @property
    def bucket(self) -> Bucket:
        """Which limit the call counts against."""
        if self.operation is not None:
            return self.operation.bucket
        return self.endpoint.bucket if self.endpoint is not None else Bucket.NONE


@dataclass(frozen=True, slots=True)
class _Aim:
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
    headers: Headers
    notices: tuple[str, ...]
    sensitive: tuple[Secret, ...]


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
    body, sensitive = filled_body(draft, values)
    aim = _aim(draft, environment, values, partial(_brings_token, body))
    safety = _safety(draft, aim.endpoint, aim.operation)
    if environment.read_only and safety.writes:
        raise DraftError(
            Field.ENVIRONMENT,
            f"The environment {environment.name} is read-only, and {draft.method} "
            f"{words_for(aim.endpoint, aim.operation)} writes: switch environment (f9) to send it.",
        )
    encoded = _encoded(draft, body, aim, environment, folder)
    headers, content, header_notices = complete_headers(aim.headers, encoded)
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


_PREVIEW_UUID = "00000000-0000-4000-8000-000000000000"


def preview(draft: Draft, environment: Environment) -> Preview:
    """What a draft comes to, without its body; quick enough for every key press.

    Reads no secret and no file. A ``{{uuid}}`` is shown as zeros: each send gets a new
    one, and values from ``{{env:NAME}}`` are masked.
    """
    values = Values(environment, new_uuid=lambda: _PREVIEW_UUID)
    try:
        target = resolve(draft, environment, values)
    except DraftError as problem:
        return Preview("", "", problem=problem)
    endpoint, operation = _endpoint(draft, target), recognise(draft, target)
    safety = _safety(draft, endpoint, operation)
    try:
        # The body is not looked at, so it is given credit for a token.
        aim = _aim(draft, environment, values, lambda endpoint: True)
    except (DraftError, CredentialError) as problem:
        return Preview(
            url=Masker(target.sensitive).text(target.url()),
            credential="",
            notices=target.notices,
            problem=problem,
            endpoint=endpoint,
            safety=safety,
            operation=operation,
        )
    masker = Masker(aim.sensitive)
    return Preview(
        url=masker.text(aim.target.url(aim.query)),
        credential=aim.plan.words,
        notices=tuple(masker.text(notice) for notice in aim.notices),
        added=aim.added,
        endpoint=endpoint,
        safety=safety,
        operation=operation,
    )


def check_draft_body(draft: Draft, environment: Environment) -> BodyCheck:
    """Check the body as it is typed, its templates filled where they can be."""
    if draft.body is None:
        return BodyCheck(True, "")
    values = Values(environment, new_uuid=lambda: _PREVIEW_UUID)
    try:
        text = fill(draft.body.text, values, Field.BODY).text
    except DraftError as problem:
        return BodyCheck(False, str(problem))
    body = replace(draft.body, text=text)
    try:
        target = resolve(draft, environment, values)
    except DraftError:
        return check_body(body)
    endpoint = _endpoint(draft, target)
    check = check_body(body, endpoint.list_body)
    if not check.ok or body.type is not BodyType.JSON or not text.strip():
        return check
    words = check.words
    if token := environment.credentials.project_token:
        words += token_words(text, token, endpoint.token)
    if _insert_ids(draft, recognise(draft, target), environment) is not None:
        words += insert_id_words(text)
    return replace(check, words=words)


def _aim(
    draft: Draft,
    environment: Environment,
    values: Values,
    brings_token: Callable[[Endpoint], bool],
) -> _Aim:
    target = resolve(draft, environment, values)
    endpoint = _endpoint(draft, target)
    query, query_secrets = filled_rows(draft.query, values, Field.QUERY)
    typed, header_secrets = filled_rows(draft.headers, values, Field.HEADERS)
    headers = tuple(checked_header(name, value) for name, value in typed)
    plan = choose(
        endpoint,
        environment,
        draft.options.auth,
        typed=holds(headers, "authorization"),
        token_in_payload=brings_token(endpoint),
    )
    added = query_additions(target.query, query, endpoint, plan, environment)
    pairs = [encode_pair(name, value) for name, value in (*query, *added)]
    return _Aim(
        draft=draft,
        target=target,
        endpoint=endpoint,
        operation=recognise(draft, target),
        plan=plan,
        query="&".join([target.query, *pairs] if target.query else pairs),
        added=added,
        headers=headers,
        notices=(*target.notices, *plan.notices, *added_words(added)),
        sensitive=(*target.sensitive, *query_secrets, *header_secrets),
    )


def _endpoint(draft: Draft, target: Target) -> Endpoint:
    return find(target.service, draft.method, target.official_path)


def words_for(endpoint: Endpoint, operation: Operation | None) -> str:
    """What a call is, in words: the operation, or its family."""
    return f"«{operation.title}»" if operation is not None else endpoint.title


def _safety(draft: Draft, endpoint: Endpoint, operation: Operation | None) -> Safety:
    return operation.safety if operation is not None else endpoint.safety(draft.method)


def _brings_token(body: Body | None, endpoint: Endpoint) -> bool:
    """Whether every record of a body carries its token already."""
    if body is None or not endpoint.token_authenticates:
        return False
    if body.type in (BodyType.FILE, BodyType.FORM):
        return True
    if body.type is not BodyType.JSON or json_text.check(body.text):
        return True  # The body's own check has more to say.
    return inject(body.text, "", endpoint.token).without is None


def _encoded(
    draft: Draft,
    body: Body | None,
    aim: _Aim,
    environment: Environment,
    folder: Path | None,
) -> EncodedBody:
    if not draft.sends_body and not draft.method.carries_body:
        return EncodedBody(None, "", _unsent_body(draft))
    if body is None:
        body = Body(BodyType.FORM)
    form = form_additions(
        aim.query, form_fields(body), aim.endpoint, aim.plan, environment
    )
    additions = Additions(
        token=environment.credentials.project_token,
        place=aim.endpoint.token if aim.plan.identifies else TokenPlace.NONE,
        token_required=aim.plan.kind is not None,
        form=form,
        environment=environment.name,
        insert_ids=_insert_ids(draft, aim.operation, environment)
        if aim.plan.identifies
        else None,
    )
    return encode_body(body, aim.endpoint, additions, folder)


def _insert_ids(
    draft: Draft, operation: Operation | None, environment: Environment
) -> str | None:
    """The project that ids are made for, or None where none are made."""
    counted_once = operation is not None and operation.repeat is Repeat.DEDUPLICATED
    wanted = draft.options.insert_ids and counted_once
    return environment.project_id or environment.name if wanted else None


def _unsent_body(draft: Draft) -> tuple[str, ...]:
    if draft.body is None or is_blank(draft.body):
        return ()
    return (f"The body is not sent: a {draft.method} carries none.",)


def _check_timeout(seconds: float | None) -> None:
    if seconds is not None and not 0 < seconds < math.inf:
        raise DraftError(
            Field.OPTIONS, "The timeout must be a number of seconds above 0."
        )


def _check_transport(aim: _Aim, headers: Headers) -> None:
    """Credentials travel over https; plain http is for this machine alone."""
    url = aim.target.base
    if url.startswith("https:") or is_loopback(url):
        return
    if aim.plan.authorization is not None or holds(headers, "authorization"):
        raise DraftError(
            Field.ENVIRONMENT,
            f"Credentials are not sent over plain http to {url}: use https in hosts.",
        )
