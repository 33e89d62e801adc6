"""Where a draft goes and with what: everything of a request but its body.

Both `core.prepare` and `core.preview` begin here, so what is shown while a draft is
typed is what is sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mixtui.core import additions as adding
from mixtui.core import leaving_out as leaving
from mixtui.core.authentication import AuthPlan
from mixtui.core.environments import Environment
from mixtui.core.errors import Field
from mixtui.core.exchange import Headers
from mixtui.core.filling import expand_rows
from mixtui.core.header_rows import has_header, validate_header
from mixtui.core.identifiers import added_words, query_additions
from mixtui.core.recognising import match_operation
from mixtui.core.requests import Draft
from mixtui.core.secrets import Secret
from mixtui.core.templates import Values
from mixtui.core.urls import Target, encode_pair, resolve
from mixtui.mixpanel.endpoints import (
    Endpoint,
    Safety,
    find,
)

if TYPE_CHECKING:
    from mixtui.mixpanel.operations import Operation


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
    from mixtui.mixpanel.operations import Repeat

    counted_once = operation is not None and operation.repeat is Repeat.DEDUPLICATED
    wanted = draft.options.insert_ids and counted_once
    return environment.project_id or environment.name if wanted else None
