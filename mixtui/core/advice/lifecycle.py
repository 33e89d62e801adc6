"""What is going to end: operations, and project secrets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from mixtui.core.advice.call import HintContext
from mixtui.core.advice.model import Hint
from mixtui.core.authentication import PROJECT_SECRET_ENDS, has
from mixtui.core.errors import Field
from mixtui.core.requests import AuthChoice
from mixtui.mixpanel.credentials import CredentialKind
from mixtui.mixpanel.endpoints import find
from mixtui.mixpanel.operations import Operation, Stage, operation

_SECRETS_END = date(2027, 3, 3)


def lifecycle(call: HintContext) -> Iterator[Hint]:
    """The stage of the operation, and the end of the credential."""
    if call.operation is not None:
        yield from _stage(call, call.operation)
    yield from _project_secret(call)


def _stage(call: HintContext, known: Operation) -> Iterator[Hint]:
    if known.ends is not None:
        when = (
            f"ended on {known.ends}"
            if known.ends < call.today
            else (f"ends on {known.ends}")
        )
    elif known.stage is Stage.DEPRECATED:
        when = "is deprecated"
    elif known.stage is Stage.MAINTENANCE:
        when = "is in maintenance mode"
    else:
        return
    instead = operation(known.replacement) if known.replacement else None
    better = f": «{instead.title}» takes its place." if instead else "."
    yield Hint(Field.URL, f"This operation {when}{better}", severe=False)


def _project_secret(call: HintContext) -> Iterator[Hint]:
    if not _uses_project_secret(call):
        return
    account = has(call.environment.credentials, CredentialKind.SERVICE_ACCOUNT)
    options = replace(call.draft.options, auth=AuthChoice.SERVICE_ACCOUNT)
    ended = call.today > _SECRETS_END
    yield Hint(
        Field.AUTH,
        "Project secrets ended on 3 March 2027: use a service account."
        if ended
        else PROJECT_SECRET_ENDS,
        suggestion=replace(call.draft, options=options) if account else None,
        severe=ended,
    )


def _uses_project_secret(call: HintContext) -> bool:
    choice = call.draft.options.auth
    if choice is not AuthChoice.AUTO or call.target is None:
        return choice is AuthChoice.PROJECT_SECRET
    if any(
        row.enabled and row.name.lower() == "authorization"
        for row in call.draft.headers
    ):
        return False
    endpoint = find(call.target.service, call.draft.method, call.target.official_path)
    credentials = call.environment.credentials
    first = next((k for k in endpoint.credentials if has(credentials, k)), None)
    return first is CredentialKind.PROJECT_SECRET
