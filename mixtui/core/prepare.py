"""From a draft to a prepared request: checked, resolved, ready.

`prepare` is the only way to a `PreparedRequest`; `core.preview` says the same about a
draft that is still being typed, without its body. Both the screen and the command line
go through here, so they cannot differ.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mixtui.core import additions as adding
from mixtui.core import json_text
from mixtui.core import leaving_out as leaving
from mixtui.core.aiming import (
    ResolvedDraft,
    insert_id_scope,
    operation_label,
    resolve_draft,
    safety_of,
)
from mixtui.core.authentication import Authorization
from mixtui.core.bodies import (
    Additions,
    EncodedBody,
    FileContent,
    encode_body,
)
from mixtui.core.environments import EMPTY, Environment, Tls
from mixtui.core.errors import DraftError, Field
from mixtui.core.exchange import Headers
from mixtui.core.filling import expand_body, form_fields, is_blank
from mixtui.core.header_rows import finalise_headers, has_header
from mixtui.core.identifiers import form_additions
from mixtui.core.requests import Body, BodyType, Draft, Method
from mixtui.core.secrets import Secret
from mixtui.core.templates import Values
from mixtui.core.token_injection import inject, token_name
from mixtui.core.urls import is_loopback
from mixtui.mixpanel.apis import Api, Region
from mixtui.mixpanel.endpoints import (
    Endpoint,
    Safety,
    TokenPlace,
)

if TYPE_CHECKING:
    from mixtui.mixpanel.operations import Operation


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
    if body.type is not BodyType.JSON or json_text.check(body.text):
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
