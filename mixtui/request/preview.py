"""Preview a draft while it is typed: URL, credential, additions, problems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from mixtui.mixpanel.endpoints import Endpoint, Safety
from mixtui.mixpanel.limits import Bucket
from mixtui.model.draft import Body, BodyType, Draft, Pair
from mixtui.model.environment import Environment
from mixtui.model.errors import CredentialError, DraftError, Field
from mixtui.model.redaction import Redactor
from mixtui.request.additions import Addition, Part
from mixtui.request.body import BodyCheck, check_body
from mixtui.request.event_ids import insert_id_note, token_note
from mixtui.request.inputs import bind_inputs, declare_inputs, input_reference
from mixtui.request.omissions import omits_record_token
from mixtui.request.prepare import (
    MatchedDraft,
    add_missing,
    expand,
    insert_id_scope,
    match_operation,
    plan_auth,
    resolve_url,
)
from mixtui.request.secret_values import typed_secrets
from mixtui.request.templates import (
    Values,
    describe_sources,
    expand_text,
    mask_templates,
    unfilled_error,
    value_sources,
)
from mixtui.request.urls import Target, encode_component

if TYPE_CHECKING:
    from mixtui.mixpanel.catalogue import Operation


class Preview(Struct, frozen=True):
    """What is known about a request before it is sent."""

    url: str
    """The resolved URL, without what could not be added; empty = invalid."""
    credential: str
    """Which credential and why; empty if there is none."""
    notices: tuple[str, ...] = ()
    problem: DraftError | CredentialError | None = None
    """Why it cannot be sent, as far as known before the body is encoded."""
    additions: tuple[Addition, ...] = ()
    """What the app adds, including what the request omits."""
    endpoint: Endpoint | None = None
    safety: Safety = Safety.READ
    operation: Operation | None = None
    url_sources: str = ""
    """Where the values of the URL's templates come from; empty = it has none."""

    @property
    def added_query(self) -> tuple[tuple[str, str], ...]:
        """Query parameters that the app adds."""
        return tuple(
            (each.name, each.value)
            for each in self.additions
            if each.part is Part.QUERY and not each.omitted
        )

    @property
    def bucket(self) -> Bucket:
        """The quota that the request counts against."""
        if self.operation is not None:
            return self.operation.bucket
        return self.endpoint.bucket if self.endpoint is not None else Bucket.NONE


_PREVIEW_UUID = "00000000-0000-4000-8000-000000000000"


def preview(draft: Draft, environment: Environment) -> Preview:
    """Prepare a draft up to the encoding of its body; fast enough for every keystroke.

    Reads no secret and no file. A ``{{uuid}}`` is shown as zeros, as each request gets a
    new one; values from ``{{env:NAME}}`` and typed secrets are masked.
    """
    values = preview_values(environment)
    try:
        expanded = expand(draft, values, is_preview=True)
        matched = match_operation(resolve_url(expanded))
        completed = add_missing(plan_auth(matched))
    except (DraftError, CredentialError) as problem:
        return _preview_url(draft, values, problem)
    url, target = completed.url, matched.target
    typed = typed_secrets(url, expanded.headers, None)
    redactor = Redactor((*expanded.sensitive, *target.sensitive, *typed))
    return Preview(
        url=_with_open_names(redactor.redact(url), draft, target),
        credential=completed.plan.description,
        problem=_unfilled_problem(target, environment),
        notices=tuple(redactor.redact(notice) for notice in completed.notices),
        additions=completed.additions,
        endpoint=matched.endpoint,
        safety=matched.safety,
        operation=matched.operation,
        url_sources=describe_sources(value_sources((draft.url,), expanded.values)),
    )


def operation_of(draft: Draft, environment: Environment) -> Operation | None:
    """Return the documented operation that a draft calls, by method and URL alone."""
    try:
        return _match_url(draft, preview_values(environment)).operation
    except DraftError:
        return None


def row_sources(row: Pair, values: Values) -> str:
    """Return where the values of a row's templates come from; empty = it has none."""
    return describe_sources(value_sources((row.name, row.value), values))


def check_draft_body(draft: Draft, environment: Environment) -> BodyCheck:
    """Check the body as it is typed, with its templates filled."""
    if draft.body is None:
        return BodyCheck(True, "")
    values = preview_values(environment)
    try:
        # An input stands for a value of any type, as templates do where they are masked.
        values = bind_inputs(draft, values, unanswered=lambda name: "1")
        text = expand_text(draft.body.text, values, Field.BODY).text
    except DraftError as problem:
        return BodyCheck(False, str(problem))
    sources = describe_sources(value_sources((draft.body.text,), values))
    result = _check_filled_body(draft, replace(draft.body, text=text), values)
    if not result.ok:
        # The template's values are longer or shorter: a mistake is where it was typed.
        masked = replace(draft.body, text=mask_templates(draft.body.text))
        as_typed = check_body(masked)
        return result if as_typed.ok else as_typed
    if not sources:
        return result
    return replace(result, message=f"{result.message} · {sources}")


def _check_filled_body(draft: Draft, body: Body, values: Values) -> BodyCheck:
    text, environment = body.text, values.environment
    try:
        matched = _match_url(draft, values)
    except DraftError:
        return check_body(body)
    endpoint = matched.endpoint
    result = check_body(body, endpoint.list_body)
    if not result.ok or body.type is not BodyType.JSON or not text.strip():
        return result
    message = result.message
    token = environment.credentials.project_token
    if token and not omits_record_token(draft.options.leave_out, endpoint):
        message += token_note(text, token, endpoint.token)
    if insert_id_scope(matched) is not None:
        message += insert_id_note(text)
    return replace(result, message=message)


def preview_values(environment: Environment, draft: Draft | None = None) -> Values:
    """Return where templates get their values in a preview.

    Args:
        environment: The environment in use.
        draft: Declares inputs; None = there are none.
    """
    values = Values(environment, new_uuid=lambda: _PREVIEW_UUID)
    if draft is None:
        return values
    try:
        return bind_inputs(draft, values, unanswered=input_reference)
    except DraftError:
        return declare_inputs(draft, values)


def _match_url(draft: Draft, values: Values) -> MatchedDraft:
    """Resolve only the URL, ignoring the rows."""
    bare = replace(draft, query=(), headers=())
    return match_operation(resolve_url(expand(bare, values, is_preview=True)))


def _preview_url(
    draft: Draft, values: Values, problem: DraftError | CredentialError
) -> Preview:
    try:
        matched = _match_url(draft, values)
    except DraftError as url_problem:
        return Preview("", "", problem=url_problem)
    target = matched.target
    url = target.url()
    redactor = Redactor((*target.sensitive, *typed_secrets(url, (), None)))
    return Preview(
        url=_with_open_names(redactor.redact(url), draft, target),
        credential="",
        notices=target.notices,
        problem=_unfilled_problem(target, values.environment) or problem,
        endpoint=matched.endpoint,
        safety=matched.safety,
        operation=matched.operation,
    )


def _unfilled_problem(target: Target, environment: Environment) -> DraftError | None:
    """Return the error of the first placeholder that has no value."""
    return unfilled_error(target.unfilled[0], environment) if target.unfilled else None


def _with_open_names(url: str, draft: Draft, target: Target) -> str:
    """Write what has no value yet as it was typed: ``{annotationId}``, ``{{city}}``."""
    names = [f"{{{name}}}" for name in target.unfilled]
    names += [input_reference(each.name) for each in draft.inputs]
    for name in names:
        url = url.replace(encode_component(name), name)
    return url
