"""What the app adds to a request, where it comes from, and what a request leaves out.

A name that a request leaves out (`Options.leave_out`) is not added to it, needed or not:
how a server answers without it may be just what a person wants to see.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum

from mixtui.core.authentication import (
    Authorization,
    AuthPlan,
    OAuthBearer,
    choose,
)
from mixtui.core.bodies import content_type
from mixtui.core.environments import Environment
from mixtui.core.errors import CredentialError, DraftError
from mixtui.core.exchange import Headers
from mixtui.core.filling import form_fields, is_blank
from mixtui.core.identifiers import Pairs, form_additions
from mixtui.core.leaving_out import (
    AUTHORIZATION,
    CONTENT_TYPE,
    is_needed,
    is_omitted,
    omission_notices,
)
from mixtui.core.requests import Body, BodyType, Draft, Options
from mixtui.core.secrets import REDACTED
from mixtui.core.token_injection import IN_RECORDS, token_name
from mixtui.mixpanel.endpoints import Endpoint, TokenPlace

_NONE = "none: {} is left out of this request"


class Part(StrEnum):
    """The part of a request that something is added to."""

    QUERY = "query"
    HEADERS = "headers"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Addition:
    """Something that the app adds, or would if the request did not leave it out."""

    part: Part
    name: str
    value: str
    """As it may be shown: secrets are masked."""
    origin: str
    """Where it comes from, such as "from prod-eu"."""
    left_out: bool = False


def token_left_out(endpoint: Endpoint, leave_out: Collection[str]) -> bool:
    """Whether records go without the token that they would get."""
    place = endpoint.token
    return place in IN_RECORDS and is_omitted(leave_out, token_name(place))


def plan_without(
    plan: AuthPlan, endpoint: Endpoint, leave_out: Collection[str]
) -> AuthPlan:
    """The credential of a request that leaves some of it out."""
    if plan.authorization is not None and is_omitted(leave_out, AUTHORIZATION):
        return replace(plan, authorization=None, words=_NONE.format(AUTHORIZATION))
    if (
        endpoint.token_authenticates
        and plan.authorization is None
        and token_left_out(endpoint, leave_out)
    ):
        return replace(plan, words=_NONE.format(token_name(endpoint.token)))
    return plan


def plan_auth(
    endpoint: Endpoint,
    environment: Environment,
    options: Options,
    *,
    typed: bool,
    token_in_payload: bool,
) -> AuthPlan:
    """The credential of a request; none is fine where it is left out.

    Raises:
        CredentialError: The credential is missing.
    """
    try:
        return choose(
            endpoint,
            environment,
            options.auth,
            typed=typed,
            token_in_payload=token_in_payload,
        )
    except CredentialError:
        if not is_omitted(options.leave_out, AUTHORIZATION):
            raise
        return AuthPlan(None, None, _NONE.format(AUTHORIZATION))


@dataclass(frozen=True, slots=True)
class Given:
    """What is known of a request's query and credential."""

    added: Pairs
    """To the query."""
    left_out: Pairs
    """Of the query."""
    chosen: AuthPlan
    """Before anything was left out."""
    plan: AuthPlan


def list_additions(
    draft: Draft,
    given: Given,
    query: str,
    headers: Headers,
    endpoint: Endpoint,
    environment: Environment,
) -> tuple[Addition, ...]:
    """All that is added, as far as it shows while a person types.

    Args:
        draft: What was typed.
        given: What is known already.
        query: The whole query, encoded.
        headers: Those that were typed.
        endpoint: What the path takes.
        environment: Where values come from.
    """
    leave_out = draft.options.leave_out
    body = draft.body if draft.body is not None and draft.sends_body else None
    if body is not None and is_blank(body):
        body = None
    form: Pairs = ()
    form_left_out: Pairs = ()
    if draft.method.carries_body and (body is None or body.type is BodyType.FORM):
        fields = form_fields(body) if body is not None else ()
        with suppress(DraftError):  # Sending says what is missing.
            form, form_left_out = form_additions(
                query, fields, endpoint, given.plan, environment, leave_out
            )
    typed = {name.lower() for name, _ in headers}
    sent = Body(BodyType.FORM) if body is None and form else body
    return (
        *_all(Part.QUERY, given.added, given.left_out, environment),
        *_authorization(given.chosen, endpoint, typed, environment, leave_out),
        *_content_type(sent, typed, leave_out),
        *_all(Part.BODY, form, form_left_out, environment),
        *_token(body, endpoint, given.plan, environment, leave_out),
    )


def needed_left_out(additions: Iterable[Addition]) -> str:
    """A sentence about the first that is needed and left out; empty = none."""
    names = [each.name for each in additions if each.left_out]
    return next(iter(omission_notices(n for n in names if is_needed(n))), "")


def added_to_body(additions: Iterable[Addition]) -> Addition | None:
    """The one thing that is ever added to a body, or None."""
    return next((each for each in additions if each.part is Part.BODY), None)


def _all(
    part: Part, added: Pairs, left_out: Pairs, environment: Environment
) -> Iterator[Addition]:
    origin = f"from {environment.name}"
    for off, pairs in ((False, added), (True, left_out)):
        for name, value in pairs:
            yield Addition(part, name, value, origin, off)


def _authorization(
    chosen: AuthPlan,
    endpoint: Endpoint,
    typed: Collection[str],
    environment: Environment,
    leave_out: Collection[str],
) -> Iterator[Addition]:
    off = is_omitted(leave_out, AUTHORIZATION)
    if chosen.authorization is not None:
        value = f"{scheme(chosen.authorization)} {REDACTED}"
        origin = f"from {environment.name}: {chosen.authorization}"
        yield Addition(Part.HEADERS, AUTHORIZATION, value, origin, off)
    elif (
        off and AUTHORIZATION.lower() not in typed and not endpoint.token_authenticates
    ):
        # There is none to send, but people must be able to take the choice back.
        origin = f"none in {environment.name}"
        yield Addition(Part.HEADERS, AUTHORIZATION, "", origin, left_out=True)


def _content_type(
    body: Body | None, typed: Collection[str], leave_out: Collection[str]
) -> Iterator[Addition]:
    if body is not None and CONTENT_TYPE.lower() not in typed:
        off = is_omitted(leave_out, CONTENT_TYPE)
        value, origin = content_type(body), "from the type of the body"
        yield Addition(Part.HEADERS, CONTENT_TYPE, value, origin, off)


def _token(
    body: Body | None,
    endpoint: Endpoint,
    plan: AuthPlan,
    environment: Environment,
    leave_out: Collection[str],
) -> Iterator[Addition]:
    token = environment.credentials.project_token
    if body is not None and token and plan.identifies and _has_records(body, endpoint):
        name, origin = token_name(endpoint.token), f"from {environment.name}"
        yield Addition(Part.BODY, name, token, origin, is_omitted(leave_out, name))


def scheme(authorization: Authorization) -> str:
    """The scheme of its header (RFC 7617, RFC 6750)."""
    return "Bearer" if isinstance(authorization, OAuthBearer) else "Basic"


def _has_records(body: Body, endpoint: Endpoint) -> bool:
    if endpoint.token not in IN_RECORDS:
        return False
    if endpoint.token is TokenPlace.MERGE_EVENTS:
        # Of imported events only $merge carries a token.
        return body.type is not BodyType.FILE and '"$merge"' in body.text
    return body.type in (BodyType.JSON, BodyType.NDJSON, BodyType.FORM)
