"""Prepare a draft for sending, in a straight line.

Each step is a function from one frozen type to the next; only the last one reads a file::

    Draft               as a person typed it
      │ check_trust     what it reaches beyond its collection must be allowed
      │ expand          fill the templates of URL, rows and body
    ExpandedDraft
      │ resolve_url     API, region and relative URL become one URL on a known host
    ResolvedDraft
      │ match_operation what the path takes, and which operation it is
    MatchedDraft
      │ plan_auth       which credential is sent, and why
    AuthorizedDraft
      │ add_missing     ids, token and content type that were not typed
    CompletedDraft      what `request.preview` shows
      │ check           refuse what must not be sent
      │ encode          the body as bytes, with what is added to it
    PreparedRequest     what `client` sends

`prepare` is the only way to a `PreparedRequest`, for the screen and for the command line.
A preview walks the same line as far as ``add_missing``, so it shows what will be sent.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from msgspec import Struct
from msgspec.structs import replace

from mixtui import jsontext
from mixtui.key_names import is_in_app, key_of
from mixtui.mixpanel.endpoints import Endpoint, Safety, TokenPlace, find_endpoint
from mixtui.model.draft import Body, BodyType, Draft, Headers, Pair
from mixtui.model.environment import EMPTY, Environment
from mixtui.model.errors import DraftError, Field
from mixtui.model.prepared import FileContent, PreparedRequest
from mixtui.model.redaction import Redactor
from mixtui.model.secrets import Secret
from mixtui.model.trust import TYPED, DraftOrigin, Power, TrustError
from mixtui.request import authentication, operation_match, urls
from mixtui.request.additions import Addition, AdditionRules, Part, TypedParts
from mixtui.request.authentication import AuthPlan
from mixtui.request.body import BodyAdditions, encode_body
from mixtui.request.event_ids import inject_token
from mixtui.request.forms import is_blank
from mixtui.request.headers import (
    content_codings,
    declared_charset,
    has_header,
    is_gzip,
    validate_header,
)
from mixtui.request.inputs import bind_inputs, input_reference
from mixtui.request.omissions import (
    AUTHORIZATION,
    CONTENT_TYPE,
    is_omitted,
    omission_notices,
    omits_record_token,
)
from mixtui.request.powers import draft_powers
from mixtui.request.secret_values import typed_secrets
from mixtui.request.templates import (
    Expanded,
    Values,
    expand_text,
    mask_templates,
    unfilled_error,
)
from mixtui.request.urls import Target, encode_pair, is_loopback

if TYPE_CHECKING:
    from mixtui.mixpanel.operation import Operation

_MAX_URL = 65_536
"""Characters; httpx makes no longer one, and few servers take one that long."""


class ExpandedDraft(Struct, frozen=True):
    """A draft with its templates filled."""

    draft: Draft
    """As it was typed."""
    values: Values
    url: Expanded
    """The relative URL."""
    query: Headers
    """The enabled rows."""
    headers: Headers
    """The enabled rows, validated."""
    body: Body | None
    """The body that is sent; None = none."""
    is_preview: bool
    """A body whose templates cannot be filled stays as typed."""
    sensitive: tuple[Secret, ...]
    """Values of ``{{env:NAME}}``, of secret inputs and of variables that are named like
    secrets; without those in the path."""

    @property
    def environment(self) -> Environment:
        """The environment that the values come from."""
        return self.values.environment

    @property
    def carries_body(self) -> bool:
        """Whether a body is sent if there is one."""
        return self.draft.method.carries_body or self.draft.sends_body


class ResolvedDraft(Struct, frozen=True):
    """A draft whose target URL is known."""

    expanded: ExpandedDraft
    target: Target


class MatchedDraft(Struct, frozen=True):
    """A draft whose operation and safety are known."""

    expanded: ExpandedDraft
    target: Target
    endpoint: Endpoint
    operation: Operation | None
    """None = none that Mixpanel documents."""
    safety: Safety


class AuthorizedDraft(Struct, frozen=True):
    """A draft whose credential is planned."""

    matched: MatchedDraft
    plan: AuthPlan


class CompletedDraft(Struct, frozen=True):
    """A draft with everything the app adds: the entire request except its body."""

    matched: MatchedDraft
    typed: TypedParts
    rules: AdditionRules
    additions: tuple[Addition, ...]
    query: str
    """The complete query, encoded."""
    notices: tuple[str, ...]
    """Sentences: what the app added or changed, and why."""

    @property
    def plan(self) -> AuthPlan:
        """The credential, and why."""
        return self.rules.plan

    @property
    def url(self) -> str:
        """The final URL."""
        return self.matched.target.url(self.query)


def prepare(
    draft: Draft,
    environment: Environment,
    *,
    variables: Mapping[str, str] = EMPTY,
    origin: DraftOrigin = TYPED,
    values: Values | None = None,
) -> PreparedRequest:
    """Check and resolve a draft.

    Args:
        draft: What was typed.
        environment: Region, project, credentials.
        variables: Values for templates that win over the environment's (--var).
        origin: Where the draft comes from.
        values: Where templates get their values; None = clock and process environment.

    Raises:
        DraftError: It cannot be sent; names the field.
        CredentialError: A credential is missing.
        TrustError: It needs what the collection that it is of is not trusted with.
    """
    if values is None:
        values = Values(environment, variables)
    # The environment argument decides what is sent, not the one inside `values`.
    values = replace(values, environment=environment)
    check_trust(draft, environment, origin)
    expanded = expand(draft, values)
    if draft.body != expanded.body:
        check_trust(replace(draft, body=expanded.body), environment, origin)
    matched = match_operation(resolve_url(expanded))
    completed = add_missing(plan_auth(matched))
    check(completed)
    return encode(completed, origin.folder)


def check_before_inputs(draft: Draft, values: Values, origin: DraftOrigin) -> None:
    """Check what does not depend on inputs, so that nobody is asked for them in vain.

    Args:
        draft: What was typed.
        values: Where templates get their values.
        origin: Where the draft comes from.

    Raises:
        DraftError: It cannot be sent; names the field.
        CredentialError: A credential is missing.
        TrustError: As `prepare`.
    """
    check_trust(draft, values.environment, origin)
    resolved = resolve_url(expand(draft, values, is_preview=True))
    if unfilled := resolved.target.unfilled:
        raise unfilled_error(unfilled[0], values.environment)
    check(add_missing(plan_auth(match_operation(resolved))))


def expand(draft: Draft, values: Values, *, is_preview: bool = False) -> ExpandedDraft:
    """Fill the templates of a draft.

    Args:
        draft: What was typed.
        values: Where templates get their values.
        is_preview: A body whose templates cannot be filled stays as typed, and so do
            references to inputs without an answer.

    Raises:
        DraftError: A template has no value, or a row cannot be sent.
    """
    values = bind_inputs(
        draft, values, unanswered=input_reference if is_preview else None
    )
    url = urls.expand_url(draft, values)
    query, query_secrets = _expand_rows(draft.query, values, Field.QUERY)
    headers, header_secrets = _expand_rows(draft.headers, values, Field.HEADERS)
    headers = tuple(validate_header(name, value) for name, value in headers)
    body, body_secrets = _expand_sent_body(draft, values, is_preview=is_preview)
    if draft.sends_body:
        _check_codings(headers, body)
        _check_charset(headers, body)
    return ExpandedDraft(
        draft=draft,
        values=values,
        url=url,
        query=query,
        headers=headers,
        body=body,
        is_preview=is_preview,
        sensitive=(*url.sensitive, *query_secrets, *header_secrets, *body_secrets),
    )


def check_trust(draft: Draft, environment: Environment, origin: DraftOrigin) -> None:
    """Refuse what the draft's or the environment's collection is not trusted with.

    Raises:
        TrustError: Names the powers.
    """
    trust = origin.trust
    needed: dict[Path, tuple[Power, ...]] = {}
    if environment.ungranted:
        needed[Path(environment.origin).parent] = environment.ungranted
    if trust.root is not None:
        powers = draft_powers(draft, trust.root, origin.folder)
        if missing := trust.missing(powers):
            needed[trust.root] = (*needed.get(trust.root, ()), *missing)
    for root, missing in needed.items():
        raise TrustError(root, tuple(sorted(set(missing))))


def resolve_url(expanded: ExpandedDraft) -> ResolvedDraft:
    """Resolve the target URL of a draft.

    Raises:
        DraftError: The relative URL cannot be sent; the message says why.
    """
    try:
        target = urls.resolve(
            expanded.draft,
            expanded.values,
            expanded.url,
            keep_unfilled=expanded.is_preview,
        )
    except DraftError as error:
        # Some say how to write the URL, and repeat it.
        typed = typed_secrets(expanded.draft.url, (), None)
        message = Redactor((*expanded.sensitive, *typed)).redact(str(error))
        raise DraftError(error.field, message, suggestion=error.suggestion) from None
    return ResolvedDraft(expanded, target)


def match_operation(resolved: ResolvedDraft) -> MatchedDraft:
    """Find the operation that a draft calls, and whether it changes data."""
    draft, target = resolved.expanded.draft, resolved.target
    endpoint = find_endpoint(target.service, draft.method, target.official_path)
    operation = operation_match.match_operation(draft, target)
    return MatchedDraft(
        expanded=resolved.expanded,
        target=target,
        endpoint=endpoint,
        operation=operation,
        safety=operation_match.request_safety(draft, target, endpoint, operation),
    )


def plan_auth(matched: MatchedDraft) -> AuthorizedDraft:
    """Choose the credential.

    Raises:
        CredentialError: It is missing.
    """
    expanded, endpoint = matched.expanded, matched.endpoint
    plan = authentication.plan_auth(
        endpoint,
        expanded.environment,
        expanded.draft.options,
        has_typed_header=has_header(expanded.headers, "authorization"),
        # A preview assumes a token in the body instead of parsing it.
        token_in_payload=expanded.is_preview
        or _has_token_in_every_record(expanded.body, endpoint),
    )
    return AuthorizedDraft(matched, plan)


def add_missing(authorized: AuthorizedDraft) -> CompletedDraft:
    """Add what the endpoint expects and was not typed.

    Raises:
        DraftError: The environment lacks an id that the request needs.
        CredentialError: It lacks a token that the request needs.
    """
    matched, plan = authorized.matched, authorized.plan
    expanded, target = matched.expanded, matched.target
    in_url = parse_qsl(target.query, keep_blank_values=True)
    typed = TypedParts(
        query={name for name, _ in (*in_url, *expanded.query)},
        headers={name.lower() for name, _ in expanded.headers},
        body=expanded.body,
        carries_body=expanded.carries_body,
    )
    leave_out = expanded.draft.options.leave_out
    rules = AdditionRules(matched.endpoint, expanded.environment, plan, leave_out)
    additions = rules.list_additions(typed)
    added = _query_pairs(additions, omitted=False)
    omissions = [name for name, _ in _query_pairs(additions, omitted=True)]
    if plan.omitted is not None:
        omissions.append(AUTHORIZATION)
    pairs = [encode_pair(name, value) for name, value in (*expanded.query, *added)]
    return CompletedDraft(
        matched=matched,
        typed=typed,
        rules=rules,
        additions=additions,
        query="&".join([target.query, *pairs] if target.query else pairs),
        notices=(
            *target.notices,
            *plan.notices,
            *_query_notices(added),
            *omission_notices(omissions),
        ),
    )


def check(completed: CompletedDraft) -> None:
    """Refuse what must not be sent, before any file is read.

    Raises:
        DraftError: The environment is read-only, a credential would travel over plain
            http, or the timeout is not a positive number.
    """
    expanded = completed.matched.expanded
    _check_timeout(expanded.draft.options.timeout)
    _check_length(completed.url)
    _check_read_only(completed.matched)
    _check_transport(completed)


def encode(completed: CompletedDraft, folder: Path | None) -> PreparedRequest:
    """Encode the body with its additions, and assemble the request.

    Args:
        completed: The request without its body.
        folder: What a relative file path is relative to.

    Raises:
        DraftError: The body does not fit its type, or the file cannot be read.
        CredentialError: A record needs a token and there is none.
    """
    matched, plan = completed.matched, completed.plan
    expanded, target = matched.expanded, matched.target
    draft, environment = expanded.draft, expanded.environment
    body = _encode_content(completed, folder)
    return PreparedRequest(
        method=draft.method,
        api=target.api,
        url=completed.url,
        headers=body.headers,
        content=body.content,
        authorization=plan.authorization,
        timeout=draft.options.timeout or matched.endpoint.timeout,
        follow_redirects=draft.options.follow_redirects,
        environment=environment.name,
        region=environment.region,
        project_id=environment.project_id,
        tls=environment.tls,
        endpoint=matched.endpoint,
        safety=matched.safety,
        operation=matched.operation,
        notices=(*completed.notices, *body.notices),
        sensitive=(*expanded.sensitive, *target.sensitive),
        typed_secrets=typed_secrets(completed.url, expanded.headers, expanded.body),
        history=environment.history and draft.options.history,
    )


def insert_id_scope(matched: MatchedDraft) -> str | None:
    """Return the project that insert ids are generated for; None = none are."""
    draft, operation = matched.expanded.draft, matched.operation
    environment = matched.expanded.environment
    is_enabled = draft.options.insert_ids and operation is not None
    if not is_enabled or operation is None or not operation.deduplicates:
        return None
    return environment.project_id or environment.name


def _check_codings(headers: Headers, body: Body | None) -> None:
    """Refuse a Content-Encoding that the body will not have.

    A file is sent unchanged: its header is the user's responsibility.
    """
    codings = content_codings(headers)
    is_file = body is not None and body.type is BodyType.FILE
    if codings in ((), ("gzip",)) or is_file:
        return
    raise DraftError(
        Field.HEADERS,
        f"Content-Encoding is {', '.join(codings)}, but mixtui only compresses with "
        "gzip: use gzip, or send a compressed file.",
    )


def _check_charset(headers: Headers, body: Body | None) -> None:
    """Refuse a charset of Content-Type in which the typed body will not be."""
    charset = declared_charset(headers)
    if charset is None or body is None or body.type is BodyType.FILE:
        return
    try:
        if body.text.encode(charset) == body.text.encode():
            return
    except (LookupError, UnicodeError):
        pass
    raise DraftError(
        Field.HEADERS,
        f"Content-Type sets the charset {charset}, but mixtui sends the body as "
        "UTF-8: remove the charset, or send a file in that charset.",
    )


def _expand_rows(
    rows: tuple[Pair, ...], values: Values, field: Field
) -> tuple[Headers, tuple[Secret, ...]]:
    """Return the enabled rows, and their secret values."""
    pairs: list[tuple[str, str]] = []
    sensitive: list[Secret] = []
    for row in rows:
        if not row.enabled or not (row.name or row.value):
            continue
        if not row.name:
            raise DraftError(
                field, f"A row of the {field} has a value but no name: add a name."
            )
        name = expand_text(row.name, values, field)
        value = expand_text(row.value, values, field)
        pairs.append((name.text, value.text))
        sensitive += [*name.sensitive, *value.sensitive]
    return tuple(pairs), tuple(sensitive)


def _expand_sent_body(
    draft: Draft, values: Values, *, is_preview: bool
) -> tuple[Body | None, tuple[Secret, ...]]:
    """Return the body that is sent, unless it is blank, and its secret values."""
    body = draft.body
    if body is None or not draft.sends_body:
        return None, ()
    secrets: tuple[Secret, ...] = ()
    try:
        text = expand_text(body.text, values, Field.BODY)
        path = expand_text(body.path, values, Field.BODY)
    except DraftError:
        if not is_preview:
            raise
    else:
        body = replace(body, text=text.text, path=path.text)
        secrets = (*text.sensitive, *path.sensitive)
    return None if is_blank(body) else body, secrets


def _has_token_in_every_record(body: Body | None, endpoint: Endpoint) -> bool:
    """Return whether every record of a body already carries a token."""
    if body is None or not endpoint.token_authenticates:
        return False
    if body.type in (BodyType.FILE, BodyType.FORM):
        return True
    if body.type is not BodyType.JSON or jsontext.check(body.text):
        return True  # The body's own check reports the mistake more precisely.
    return inject_token(body.text, "", endpoint.token).first_without is None


def _query_pairs(additions: tuple[Addition, ...], *, omitted: bool) -> Headers:
    return tuple(
        (each.name, each.value)
        for each in additions
        if each.part is Part.QUERY and each.omitted is omitted
    )


def _query_notices(added: Headers) -> tuple[str, ...]:
    if not added:
        return ()
    pairs = ", ".join(f"{name}={value}" for name, value in added)
    return (f"Added to the query: {pairs}.",)


def _check_timeout(seconds: float | None) -> None:
    if seconds is not None and not 0 < seconds < math.inf:
        raise DraftError(
            Field.OPTIONS, "The timeout must be a number of seconds above 0."
        )


def _check_length(url: str) -> None:
    if len(url) > _MAX_URL:
        raise DraftError(
            Field.URL,
            f"The URL has {len(url):,} characters, but the limit is {_MAX_URL:,}: "
            "shorten its values, or send them in the body.",
        )


def _check_read_only(matched: MatchedDraft) -> None:
    environment = matched.expanded.environment
    if environment.read_only and matched.safety.writes:
        label = operation_match.operation_label(matched.endpoint, matched.operation)
        use_another = "use another environment (--env)"
        if is_in_app():
            use_another = f"switch the environment ({key_of('environments')})"
        raise DraftError(
            Field.ENVIRONMENT,
            f"The environment {environment.name} is read-only, and "
            f"{matched.expanded.draft.method} {label} is a write: {use_another} to "
            "send it.",
        )


def _check_transport(completed: CompletedDraft) -> None:
    """Refuse to send credentials over plain http, except to this machine."""
    url = completed.matched.target.base
    if url.startswith("https:") or is_loopback(url):
        return
    typed = "authorization" in completed.typed.headers
    if typed or completed.plan.authorization is not None:
        raise DraftError(
            Field.ENVIRONMENT,
            f"Credentials are not sent over plain http to {url}: use https in hosts.",
        )


class _Content(Struct, frozen=True):
    """A body with the headers that describe it."""

    headers: Headers
    content: bytes | FileContent | None
    notices: tuple[str, ...] = ()


def _check_body_as_typed(
    body: Body | None, endpoint: Endpoint, folder: Path | None
) -> None:
    """Raise the error of a body at the position where it was typed, if it is one there."""
    if body is not None and body.type is not BodyType.FILE:
        masked = replace(body, text=mask_templates(body.text))
        encode_body(masked, endpoint, BodyAdditions(), folder)


def _encode_content(completed: CompletedDraft, folder: Path | None) -> _Content:
    expanded, rules = completed.matched.expanded, completed.rules
    if not expanded.carries_body:
        return _Content(expanded.headers, None, _unsent_body_notices(expanded.draft))
    additions, omissions = _body_additions(completed)
    body = expanded.body or Body(BodyType.FORM)
    try:
        encoded = encode_body(body, rules.endpoint, additions, folder)
    except DraftError:
        _check_body_as_typed(expanded.draft.body, rules.endpoint, folder)
        raise
    headers, content = expanded.headers, encoded.content
    if content is None:
        return _Content(headers, None, (*encoded.notices, *omission_notices(omissions)))
    if completed.plan.adds_ids and omits_record_token(rules.leave_out, rules.endpoint):
        omissions.append(rules.endpoint.token.record_field)
    if is_omitted(rules.leave_out, CONTENT_TYPE):
        omissions.append(CONTENT_TYPE)
    elif not has_header(headers, "content-type"):
        headers = (*headers, (CONTENT_TYPE, encoded.content_type))
    notices = (*encoded.notices, *omission_notices(omissions))
    if is_gzip(expanded.headers) and isinstance(content, bytes):
        import gzip

        content = gzip.compress(content, mtime=0)
        message = "The body was compressed as the Content-Encoding header says."
        notices = (*notices, message)
    return _Content(headers, content, notices)


def _body_additions(completed: CompletedDraft) -> tuple[BodyAdditions, list[str]]:
    """Return what is added to the body, and the names that are omitted."""
    matched, plan, rules = completed.matched, completed.plan, completed.rules
    environment = rules.environment
    form: Headers = ()
    omissions: list[str] = []
    if rules.lacks_form_project_id(completed.typed):
        if is_omitted(rules.leave_out, "project_id"):
            omissions.append("project_id")
        else:
            form = (("project_id", rules.required_project_id()),)
    sends_token = plan.adds_ids and not omits_record_token(
        rules.leave_out, rules.endpoint
    )
    additions = BodyAdditions(
        token=environment.credentials.project_token,
        token_place=rules.endpoint.token if sends_token else TokenPlace.NONE,
        token_required=plan.kind is not None,
        form=form,
        environment=environment.name,
        insert_ids=insert_id_scope(matched) if plan.adds_ids else None,
    )
    return additions, omissions


def _unsent_body_notices(draft: Draft) -> tuple[str, ...]:
    if draft.body is None or is_blank(draft.body):
        return ()
    return (f"The body is not sent: {draft.method} requests have none.",)
