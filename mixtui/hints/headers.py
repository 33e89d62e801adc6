"""Hints about headers, and about deprecated operations and credentials."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from msgspec.structs import replace

from mixtui.hints.context import HintContext
from mixtui.hints.model import Hint
from mixtui.hints.records import PROFILE_PATHS
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

_FIXED_CONTENT_TYPES = (BodyType.JSON, BodyType.NDJSON, BodyType.FORM, BodyType.CSV)


def check_headers(context: HintContext) -> Iterator[Hint]:
    """Check the enabled headers."""
    for row, pair in enumerate(context.draft.headers):
        if not pair.enabled or "{{" in pair.value:
            continue
        name = pair.name.strip().lower()
        if name == "content-type":
            yield from _check_content_type(context, row, pair)
        elif name == "content-encoding" and context.operation is not None:
            yield from _check_content_encoding(context, context.operation, row, pair)


def _check_content_type(context: HintContext, row: int, pair: Pair) -> Iterator[Hint]:
    body, draft = context.draft.body, context.draft
    if body is None or not draft.sends_body or body.type not in _FIXED_CONTENT_TYPES:
        return
    expected = CONTENT_TYPES[body.type]
    declared = pair.value.partition(";")[0].strip().lower()
    if declared == expected:
        return
    yield Hint(
        Field.HEADERS,
        f"Content-Type is {context.excerpt(pair.value)}, but the body type is "
        f"{body.type}: remove the header, as mixtui sends {expected}.",
        row,
        suggestion=_with_row_disabled(draft, row),
    )


def _check_content_encoding(
    context: HintContext, operation: Operation, row: int, pair: Pair
) -> Iterator[Hint]:
    documented = _documented_header(operation, "content-encoding")
    value = pair.value.strip().lower()
    if operation.path in PROFILE_PATHS:
        yield Hint(
            Field.HEADERS,
            f"{operation.path} does not accept compressed bodies: remove "
            "Content-Encoding.",
            row,
            suggestion=_with_row_disabled(context.draft, row),
        )
    elif (
        documented is not None
        and documented.allowed
        and value not in documented.allowed
    ):
        yield Hint(
            Field.HEADERS,
            f"Content-Encoding is {context.excerpt(value)}, but must be "
            f"{', '.join(documented.allowed)}.",
            row,
        )


def _documented_header(operation: Operation, name: str) -> Parameter | None:
    parameters = (
        p
        for p in operation.parameters
        if p.location is ParameterLocation.HEADER and p.name.lower() == name
    )
    return next(parameters, None)


def _with_row_disabled(draft: Draft, row: int) -> Draft:
    rows = draft.headers
    disabled = replace(rows[row], enabled=False)
    return replace(draft, headers=(*rows[:row], disabled, *rows[row + 1 :]))


_PROJECT_SECRETS_END = date(2027, 3, 3)


def check_lifecycle(context: HintContext) -> Iterator[Hint]:
    """Warn of deprecated operations, and of credentials that are being retired."""
    if context.operation is not None:
        yield from _check_stage(context, context.operation)
    yield from _check_project_secret(context)


def _check_stage(context: HintContext, operation: Operation) -> Iterator[Hint]:
    if operation.ends is not None:
        status = (
            f"was shut down on {operation.ends}"
            if operation.ends < context.today
            else (f"will be shut down on {operation.ends}")
        )
    elif operation.stage is Stage.DEPRECATED:
        status = "is deprecated"
    elif operation.stage is Stage.MAINTENANCE:
        status = "is in maintenance mode"
    else:
        return
    replacement = (
        find_operation(operation.replacement) if operation.replacement else None
    )
    remedy = f": “{replacement.title}” replaces it." if replacement else "."
    yield Hint(Field.URL, f"This operation {status}{remedy}", severe=False)


def _check_project_secret(context: HintContext) -> Iterator[Hint]:
    if not _uses_project_secret(context):
        return
    has_account = has_credential(
        context.environment.credentials, CredentialKind.SERVICE_ACCOUNT
    )
    options = replace(context.draft.options, auth=AuthChoice.SERVICE_ACCOUNT)
    has_ended = context.today > _PROJECT_SECRETS_END
    yield Hint(
        Field.AUTH,
        (
            "Mixpanel ended support for project secrets on 3 March 2027: use a service "
            "account."
        )
        if has_ended
        else PROJECT_SECRET_NOTICE,
        suggestion=replace(context.draft, options=options) if has_account else None,
        severe=has_ended,
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
    kind = next(
        (k for k in endpoint.credentials if has_credential(credentials, k)), None
    )
    return kind is CredentialKind.PROJECT_SECRET
