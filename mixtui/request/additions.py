"""What the app adds to a request, where it comes from, and what a request leaves out.

A name that a request leaves out (`Options.leave_out`) is not added to it, needed or not:
how a server answers without it may be just what a person wants to see.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import parse_qsl

from mixtui import jsontext
from mixtui.mixpanel.apis import CredentialKind
from mixtui.mixpanel.endpoints import Endpoint, ProjectIdPlace, TokenPlace
from mixtui.model.draft import Body, BodyType, Draft, Headers, Options
from mixtui.model.environment import Environment
from mixtui.model.errors import CredentialError, DraftError, Field
from mixtui.model.prepared import Authorization, OAuthBearer
from mixtui.model.secrets import REDACTED
from mixtui.request.authentication import AuthPlan, choose
from mixtui.request.body import content_type
from mixtui.request.event_ids import IN_RECORDS, inject, token_name
from mixtui.request.forms import form_fields, is_blank

Pairs = tuple[tuple[str, str], ...]


def query_additions(
    typed_query: str,
    rows: Pairs,
    endpoint: Endpoint,
    plan: AuthPlan,
    environment: Environment,
    leave_out: Collection[str] = (),
) -> tuple[Pairs, Pairs]:
    """Query parameters to add behind what was typed, and those that are left out.

    Raises:
        DraftError: The environment has no project_id, which a service account needs.
        CredentialError: It has no project token, which an OAuth token needs.
    """
    typed = {name for name, _ in rows} | names_of(typed_query)
    wanted = [
        name
        for name in _wanted_in_query(endpoint, plan, environment)
        if name not in typed
    ]
    added = [
        (name, _value(name, endpoint, environment))
        for name in wanted
        if name not in leave_out
    ]
    return tuple(added), _left_out(wanted, environment, leave_out)


def form_additions(
    typed_query: str,
    fields: Pairs,
    endpoint: Endpoint,
    plan: AuthPlan,
    environment: Environment,
    leave_out: Collection[str] = (),
) -> tuple[Pairs, Pairs]:
    """Form fields to add, for the endpoints that want project_id there, and left out.

    Args:
        typed_query: The query typed in the URL and the rows, encoded.
        fields: The form's own fields.
        endpoint: What the path takes.
        plan: Which credential is used.
        environment: Where project_id comes from.
        leave_out: Names that the request leaves out.

    Raises:
        DraftError: The environment has no project_id.
    """
    typed = {name for name, _ in fields} | names_of(typed_query)
    if "project_id" in typed or not _takes_project_id(
        plan, endpoint, ProjectIdPlace.FORM
    ):
        return (), ()
    if left_out := _left_out(["project_id"], environment, leave_out):
        return (), left_out
    return (("project_id", project_id(endpoint, environment)),), ()


def names_of(query: str) -> set[str]:
    """The names of the parameters in an encoded query."""
    return {name for name, _ in parse_qsl(query, keep_blank_values=True)}


def project_id(endpoint: Endpoint, environment: Environment) -> str:
    """The environment's project_id, or DraftError."""
    if not environment.project_id:
        raise DraftError(
            Field.ENVIRONMENT,
            f"{endpoint.title} needs a project_id with a service account, and the "
            f"environment {environment.name} has none: add it (f9).",
        )
    return environment.project_id


def added_words(added: Pairs) -> tuple[str, ...]:
    """A notice about query parameters that were added; none for none."""
    if not added:
        return ()
    pairs = ", ".join(f"{name}={value}" for name, value in added)
    return (f"Added to the query: {pairs}.",)


def _wanted_in_query(
    endpoint: Endpoint, plan: AuthPlan, environment: Environment
) -> list[str]:
    """What belongs into the query, as far as it is there or must be."""
    wanted = []
    if _takes_project_id(plan, endpoint, ProjectIdPlace.QUERY):
        wanted.append("project_id")
    if endpoint.workspace_id and plan.kind and environment.workspace_id:
        wanted.append("workspace_id")
    has_token = bool(environment.credentials.project_token)
    needs_token = plan.kind is CredentialKind.OAUTH
    if endpoint.token is TokenPlace.QUERY and plan.identifies:
        wanted += ["token"] if has_token or needs_token else []
    return wanted


def _takes_project_id(
    plan: AuthPlan, endpoint: Endpoint, place: ProjectIdPlace
) -> bool:
    is_account = plan.kind is CredentialKind.SERVICE_ACCOUNT
    return is_account and endpoint.project_id is place


def _left_out(
    wanted: list[str], environment: Environment, leave_out: Collection[str]
) -> Pairs:
    """What would be added, as far as it is known."""
    values = {
        "project_id": environment.project_id,
        "workspace_id": environment.workspace_id,
        "token": environment.credentials.project_token,
    }
    return tuple((name, values[name]) for name in wanted if name in leave_out)


def _value(name: str, endpoint: Endpoint, environment: Environment) -> str:
    if name == "project_id":
        return project_id(endpoint, environment)
    if name == "workspace_id":
        return environment.workspace_id
    token = environment.credentials.project_token
    if not token:
        raise CredentialError(
            f"{endpoint.title} needs the project token beside the OAuth token, and the "
            f"environment {environment.name} has none: add it with f9."
        )
    return token


AUTHORIZATION = "Authorization"
CONTENT_TYPE = "Content-Type"
NAMES = (
    "project_id",
    "workspace_id",
    "token",
    "$token",
    "properties.token",
    AUTHORIZATION,
    CONTENT_TYPE,
)
"""Everything that the app ever adds, and so can leave out."""
_NEEDED = {
    "project_id": "a service account needs it",
    "token": "Mixpanel knows the project by it",
    "$token": "Mixpanel knows the project by it",
    "properties.token": "Mixpanel knows the project by it",
    AUTHORIZATION: "the request carries no credential",
    CONTENT_TYPE: "the server has to guess what the body is",
}


def is_omitted(leave_out: Collection[str], name: str) -> bool:
    """Whether a name is left out; only for headers the case of letters is free."""
    return any(_same(each, name) for each in leave_out)


def toggled(leave_out: tuple[str, ...], name: str) -> tuple[str, ...]:
    """The names left out, with one more or one less."""
    if is_omitted(leave_out, name):
        return tuple(each for each in leave_out if not _same(each, name))
    return (*leave_out, name)


def unknown_names(leave_out: Iterable[str]) -> tuple[str, ...]:
    """Those that the app never adds."""
    return tuple(
        each for each in leave_out if not any(_same(each, name) for name in NAMES)
    )


def _same(written: str, name: str) -> bool:
    is_header = name in (AUTHORIZATION, CONTENT_TYPE)
    return written == name or (is_header and written.lower() == name.lower())


def is_needed(name: str) -> bool:
    """Whether a server is likely to refuse a request without it."""
    return name in _NEEDED


def omission_notices(names: Iterable[str]) -> tuple[str, ...]:
    """A notice about each name that would have been added."""
    found = []
    for name in names:
        why = f": {_NEEDED[name]}" if name in _NEEDED else ""
        found.append(f"{name} is left out, as this request asks{why}.")
    return tuple(found)


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


def add_to_body(
    body: Body | None, name: str, value: str, place: TokenPlace
) -> Body | None:
    """The body with a form field, or with the token in every record that lacks it.

    None = the body does not hold such a thing, or is not whole.

    Args:
        body: As it is typed; None = none, which is an empty form.
        name: What is added.
        value: Its value.
        place: Where the endpoint wants the token.
    """
    if body is None:
        return Body(BodyType.FORM, f"{name}={value}")
    match body.type:
        case BodyType.FORM if name == "project_id":
            text = body.text
            end = "" if not text or text.endswith("\n") else "\n"
            return replace(body, text=f"{text}{end}{name}={value}")
        case BodyType.JSON if not jsontext.check(body.text):
            return replace(body, text=inject(body.text, value, place).text)
        case BodyType.NDJSON:
            lines = body.text.split("\n")
            return replace(
                body, text="\n".join(_with_token(line, value, place) for line in lines)
            )
        case _:
            return None


def _with_token(line: str, token: str, place: TokenPlace) -> str:
    if not line.strip() or jsontext.check(line):
        return line
    return inject(line, token, place).text
