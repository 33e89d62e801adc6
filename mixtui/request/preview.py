"""What a draft comes to while it is typed, without its body."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mixtui.mixpanel.endpoints import Endpoint, Safety
from mixtui.mixpanel.limits import Bucket
from mixtui.model.draft import BodyType, Draft
from mixtui.model.environment import Environment
from mixtui.model.errors import CredentialError, DraftError, Field
from mixtui.model.secrets import Redactor
from mixtui.request import additions as adding
from mixtui.request.additions import Addition
from mixtui.request.body import BodyCheck, check_body
from mixtui.request.event_ids import insert_id_words, token_words
from mixtui.request.operation_match import match_operation
from mixtui.request.prepare import (
    endpoint_of,
    insert_id_scope,
    resolve_draft,
    safety_of,
)
from mixtui.request.templates import Values, expand
from mixtui.request.urls import resolve

if TYPE_CHECKING:
    from mixtui.mixpanel.catalogue import Operation


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
    additions: tuple[Addition, ...] = ()
    """All that the app adds, and what it would if it were not left out."""
    endpoint: Endpoint | None = None
    safety: Safety = Safety.READ
    operation: Operation | None = None

    @property
    def bucket(self) -> Bucket:
        """Which limit the call counts against."""
        if self.operation is not None:
            return self.operation.bucket
        return self.endpoint.bucket if self.endpoint is not None else Bucket.NONE


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
    endpoint, operation = endpoint_of(draft, target), match_operation(draft, target)
    safety = safety_of(draft, endpoint, operation)
    try:
        # The body is not looked at, so it is given credit for a token.
        aim = resolve_draft(draft, environment, values, lambda endpoint: True)
    except (DraftError, CredentialError) as problem:
        return Preview(
            url=Redactor(target.sensitive).text(target.url()),
            credential="",
            notices=target.notices,
            problem=problem,
            endpoint=endpoint,
            safety=safety,
            operation=operation,
        )
    masker = Redactor(aim.sensitive)
    return Preview(
        url=masker.text(aim.target.url(aim.query)),
        credential=aim.plan.words,
        notices=tuple(masker.text(notice) for notice in aim.notices),
        added=aim.added,
        additions=adding.list_additions(
            draft,
            adding.Given(aim.added, aim.left_out, aim.chosen, aim.plan),
            aim.query,
            aim.headers,
            endpoint,
            environment,
        ),
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
        text = expand(draft.body.text, values, Field.BODY).text
    except DraftError as problem:
        return BodyCheck(False, str(problem))
    body = replace(draft.body, text=text)
    try:
        target = resolve(draft, environment, values)
    except DraftError:
        return check_body(body)
    endpoint = endpoint_of(draft, target)
    check = check_body(body, endpoint.list_body)
    if not check.ok or body.type is not BodyType.JSON or not text.strip():
        return check
    words = check.words
    without_token = adding.token_left_out(endpoint, draft.options.leave_out)
    token = environment.credentials.project_token
    if token and not without_token:
        words += token_words(text, token, endpoint.token)
    if insert_id_scope(draft, match_operation(draft, target), environment) is not None:
        words += insert_id_words(text)
    return replace(check, words=words)
