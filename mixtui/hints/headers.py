"""Hints about headers, and about deprecated operations and credentials."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from mixtui.hints.context import HintContext
from mixtui.hints.model import Hint
from mixtui.mixpanel.apis import CredentialKind
from mixtui.mixpanel.catalogue import (
    Operation,
    Parameter,
    ParameterLocation,
    Stage,
    find_operation,
)
from mixtui.mixpanel.endpoints import find_endpoint
from mixtui.model.draft import AuthChoice, BodyType, Draft, Pair
from mixtui.model.errors import Field
from mixtui.request.authentication import PROJECT_SECRET_NOTICE, has_credential
from mixtui.request.body import CONTENT_TYPES

_JSON_TYPES = (BodyType.JSON, BodyType.NDJSON, BodyType.FORM, BodyType.CSV)
_PROFILES = ("/engage", "/groups")


def headers(context: HintContext) -> Iterator[Hint]:
    """Check the enabled headers."""
    for row, pair in enumerate(context.draft.headers):
        if not pair.enabled or "{{" in pair.value:
            continue
        name = pair.name.strip().lower()
        if name == "content-type":
            yield from _content_type(context, row, pair)
        elif name == "content-encoding" and context.operation is not None:
            yield from _encoding(context, context.operation, row, pair)


def _content_type(context: HintContext, row: int, pair: Pair) -> Iterator[Hint]:
    body, draft = context.draft.body, context.draft
    if body is None or not draft.sends_body or body.type not in _JSON_TYPES:
        return
    expected = CONTENT_TYPES[body.type]
    typed = pair.value.partition(";")[0].strip().lower()
    if typed == expected:
        return
    yield Hint(
        Field.HEADERS,
        f"Content-Type says {context.shown(pair.value)}, and the body is {body.type}: "
        f"leave the header out, mixtui sends {expected}.",
        row,
        suggestion=_without(draft, row),
    )


def _encoding(
    context: HintContext, operation: Operation, row: int, pair: Pair
) -> Iterator[Hint]:
    known = _header(operation, "content-encoding")
    value = pair.value.strip().lower()
    if operation.path in _PROFILES:
        yield Hint(
            Field.HEADERS,
            f"{operation.path} takes no compressed body: leave Content-Encoding out.",
            row,
            suggestion=_without(context.draft, row),
        )
    elif known is not None and known.allowed and value not in known.allowed:
        yield Hint(
            Field.HEADERS,
            f"Content-Encoding is {context.shown(value)}, but it takes only "
            f"{', '.join(known.allowed)}.",
            row,
        )


def _header(operation: Operation, name: str) -> Parameter | None:
    parameters = (
        p
        for p in operation.parameters
        if p.location is ParameterLocation.HEADER and p.name.lower() == name
    )
    return next(parameters, None)


def _without(draft: Draft, row: int) -> Draft:
    rows = draft.headers
    off = replace(rows[row], enabled=False)
    return replace(draft, headers=(*rows[:row], off, *rows[row + 1 :]))


_SECRETS_END = date(2027, 3, 3)


def lifecycle(context: HintContext) -> Iterator[Hint]:
    """Warn of deprecated operations, and of credentials that are being retired."""
    if context.operation is not None:
        yield from _stage(context, context.operation)
    yield from _project_secret(context)


def _stage(context: HintContext, known: Operation) -> Iterator[Hint]:
    if known.ends is not None:
        when = (
            f"ended on {known.ends}"
            if known.ends < context.today
            else (f"ends on {known.ends}")
        )
    elif known.stage is Stage.DEPRECATED:
        when = "is deprecated"
    elif known.stage is Stage.MAINTENANCE:
        when = "is in maintenance mode"
    else:
        return
    instead = find_operation(known.replacement) if known.replacement else None
    better = f": «{instead.title}» takes its place." if instead else "."
    yield Hint(Field.URL, f"This operation {when}{better}", severe=False)


def _project_secret(context: HintContext) -> Iterator[Hint]:
    if not _uses_project_secret(context):
        return
    account = has_credential(
        context.environment.credentials, CredentialKind.SERVICE_ACCOUNT
    )
    options = replace(context.draft.options, auth=AuthChoice.SERVICE_ACCOUNT)
    ended = context.today > _SECRETS_END
    yield Hint(
        Field.AUTH,
        "Project secrets ended on 3 March 2027: use a service account."
        if ended
        else PROJECT_SECRET_NOTICE,
        suggestion=replace(context.draft, options=options) if account else None,
        severe=ended,
    )


def _uses_project_secret(context: HintContext) -> bool:
    choice = context.draft.options.auth
    if choice is not AuthChoice.AUTO or context.target is None:
        return choice is AuthChoice.PROJECT_SECRET
    if any(
        row.enabled and row.name.lower() == "authorization"
        for row in context.draft.headers
    ):
        return False
    endpoint = find_endpoint(
        context.target.service, context.draft.method, context.target.official_path
    )
    credentials = context.environment.credentials
    first = next(
        (k for k in endpoint.credentials if has_credential(credentials, k)), None
    )
    return first is CredentialKind.PROJECT_SECRET
