"""Decide what the app adds to a request, from which source, and what is omitted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from mixtui import jsontext
from mixtui.key_names import key_of
from mixtui.mixpanel.apis import CredentialKind
from mixtui.mixpanel.endpoints import Endpoint, ProjectIdPlace, TokenPlace
from mixtui.model.draft import Body, BodyType
from mixtui.model.environment import Environment
from mixtui.model.errors import CredentialError, DraftError, Field
from mixtui.model.prepared import Authorization, OAuthBearer
from mixtui.model.secrets import REDACTED
from mixtui.request.authentication import AuthPlan
from mixtui.request.body import content_type
from mixtui.request.event_ids import inject_token
from mixtui.request.forms import form_fields
from mixtui.request.omissions import (
    AUTHORIZATION,
    CONTENT_TYPE,
    is_needed,
    is_omitted,
    omission_notices,
)


class Part(StrEnum):
    """The part of a request that something is added to."""

    QUERY = "query"
    HEADERS = "headers"
    BODY = "body"


class Addition(Struct, frozen=True):
    """A value that the app adds, or would add if the request did not leave it out."""

    part: Part
    name: str
    value: str
    """As displayed: secrets are masked."""
    origin: str
    """Where it comes from, such as "from prod-eu"."""
    omitted: bool = False


class TypedParts(Struct, frozen=True):
    """What was typed into a request and therefore is not added to it."""

    query: Collection[str]
    """Names of query parameters, from the URL and from the rows."""
    headers: Collection[str]
    """Names of headers, in lower case."""
    body: Body | None
    """The body that is sent; None = none."""
    carries_body: bool
    """Whether a body is sent if there is one."""

    @property
    def accepts_form_fields(self) -> bool:
        """Whether form fields can be added: to a form, or if there is no body."""
        is_form = self.body is None or self.body.type is BodyType.FORM
        return self.carries_body and is_form


class AdditionRules(Struct, frozen=True):
    """Decides what to add, from the endpoint, the credential and the environment."""

    endpoint: Endpoint
    environment: Environment
    plan: AuthPlan
    leave_out: Collection[str]

    def list_additions(self, typed: TypedParts) -> tuple[Addition, ...]:
        """List everything that is added to a request, in the order of its parts.

        Raises:
            DraftError: The environment has no project_id, which a service account needs.
            CredentialError: It has no project token, which an OAuth token needs.
        """
        form = tuple(self._form_additions(typed))
        # A form that consists only of additions is a body like any other.
        adds_form = any(not field.omitted for field in form)
        body = Body(BodyType.FORM) if typed.body is None and adds_form else typed.body
        return (
            *sorted(self._query_additions(typed.query), key=lambda each: each.omitted),
            *self._authorization_additions(typed.headers),
            *self._content_type_additions(body, typed.headers),
            *form,
            *self._token_additions(typed.body),
        )

    def lacks_form_project_id(self, typed: TypedParts) -> bool:
        """Return whether the request lacks the form field project_id."""
        fields = form_fields(typed.body) if typed.body is not None else ()
        return (
            self._takes_project_id(ProjectIdPlace.FORM)
            and typed.carries_body
            and "project_id" not in dict(fields)
            and "project_id" not in typed.query
        )

    def required_project_id(self) -> str:
        """Return the environment's project_id.

        Raises:
            DraftError: It has none.
        """
        if not self.environment.project_id:
            raise DraftError(
                Field.ENVIRONMENT,
                f"{self.endpoint.title} requires a project_id with a service account, "
                f"and the environment {self.environment.name} has none: add it "
                f"({key_of('environments')}).",
            )
        return self.environment.project_id

    def _takes_project_id(self, location: ProjectIdPlace) -> bool:
        is_account = self.plan.kind is CredentialKind.SERVICE_ACCOUNT
        return is_account and self.endpoint.project_id is location

    def _make_addition(self, part: Part, name: str, value: str) -> Addition:
        omitted = is_omitted(self.leave_out, name)
        return Addition(part, name, value, f"from {self.environment.name}", omitted)

    def _query_additions(self, typed: Collection[str]) -> Iterator[Addition]:
        """Yield query parameters that have a value or are required."""
        environment, plan = self.environment, self.plan
        token = environment.credentials.project_token
        values = {}
        if self._takes_project_id(ProjectIdPlace.QUERY):
            values["project_id"] = environment.project_id
        if self.endpoint.workspace_id and plan.kind and environment.workspace_id:
            values["workspace_id"] = environment.workspace_id
        needs_token = plan.kind is CredentialKind.OAUTH
        if self.endpoint.token is TokenPlace.QUERY and plan.adds_ids:
            values |= {"token": token} if token or needs_token else {}
        for name, value in values.items():
            if name in typed:
                continue
            if not value and name not in self.leave_out:
                self._raise_missing(name)
            yield self._make_addition(Part.QUERY, name, value)

    def _raise_missing(self, name: str) -> None:
        if name == "project_id":
            self.required_project_id()
        raise CredentialError(
            f"{self.endpoint.title} requires the project token in addition to the "
            f"OAuth token, and the environment {self.environment.name} has none: add "
            f"it ({key_of('environments')})."
        )

    def _form_additions(self, typed: TypedParts) -> Iterator[Addition]:
        if typed.accepts_form_fields and self.lacks_form_project_id(typed):
            value = self.environment.project_id
            field = self._make_addition(Part.BODY, "project_id", value)
            # Without a value only sending fails: see `lacks_form_project_id`.
            if value or field.omitted:
                yield field

    def _authorization_additions(self, typed: Collection[str]) -> Iterator[Addition]:
        environment = self.environment.name
        credential = self.plan.authorization or self.plan.omitted
        omitted = is_omitted(self.leave_out, AUTHORIZATION)
        if credential is not None:
            value = f"{authorization_scheme(credential)} {REDACTED}"
            origin = f"from {environment}: {credential}"
            yield Addition(Part.HEADERS, AUTHORIZATION, value, origin, omitted)
        elif (
            omitted
            and AUTHORIZATION.lower() not in typed
            and not self.endpoint.token_authenticates
        ):
            # There is none to send, but the user must be able to undo the omission.
            origin = f"none in {environment}"
            yield Addition(Part.HEADERS, AUTHORIZATION, "", origin, omitted=True)

    def _content_type_additions(
        self, body: Body | None, typed: Collection[str]
    ) -> Iterator[Addition]:
        if body is not None and CONTENT_TYPE.lower() not in typed:
            omitted = is_omitted(self.leave_out, CONTENT_TYPE)
            value, origin = content_type(body), "from the type of the body"
            yield Addition(Part.HEADERS, CONTENT_TYPE, value, origin, omitted)

    def _token_additions(self, body: Body | None) -> Iterator[Addition]:
        token = self.environment.credentials.project_token
        if token and self.plan.adds_ids and _has_records(body, self.endpoint.token):
            name = self.endpoint.token.record_field
            yield self._make_addition(Part.BODY, name, token)


def _has_records(body: Body | None, token: TokenPlace) -> bool:
    if body is None or not token.is_in_records:
        return False
    if token is TokenPlace.MERGE_EVENTS:
        # Of imported events only $merge carries a token.
        return body.type is not BodyType.FILE and '"$merge"' in body.text
    return body.type in (BodyType.JSON, BodyType.NDJSON, BodyType.FORM)


def authorization_scheme(authorization: Authorization) -> str:
    """Return the scheme of the header (RFC 7617, RFC 6750)."""
    return "Bearer" if isinstance(authorization, OAuthBearer) else "Basic"


def needed_omission_notice(additions: Iterable[Addition]) -> str:
    """Return a notice about the first needed value that is omitted; empty = none."""
    names = [each.name for each in additions if each.omitted]
    return next(iter(omission_notices(n for n in names if is_needed(n))), "")


def body_addition(additions: Iterable[Addition]) -> Addition | None:
    """Return the addition to the body, of which there is at most one."""
    return next((each for each in additions if each.part is Part.BODY), None)


def add_to_body(
    body: Body | None, name: str, value: str, token_place: TokenPlace
) -> Body | None:
    """Add a form field, or the token to every record that lacks it.

    Args:
        body: The typed body; None = treat it as an empty form.
        name: The name of the addition.
        value: Its value.
        token_place: Where the endpoint expects the token.

    Returns:
        The body; None if nothing is added to its type, or it is incomplete.
    """
    if body is None:
        return Body(BodyType.FORM, f"{name}={value}")
    match body.type:
        case BodyType.FORM if name == "project_id":
            text = body.text
            end = "" if not text or text.endswith("\n") else "\n"
            return replace(body, text=f"{text}{end}{name}={value}")
        case BodyType.JSON if not jsontext.check(body.text):
            return replace(body, text=inject_token(body.text, value, token_place).text)
        case BodyType.NDJSON:
            lines = body.text.split("\n")
            return replace(
                body,
                text="\n".join(_with_token(line, value, token_place) for line in lines),
            )
        case _:
            return None


def _with_token(line: str, token: str, token_place: TokenPlace) -> str:
    if not line.strip() or jsontext.check(line):
        return line
    return inject_token(line, token, token_place).text
