"""Project identifiers that the app adds: project_id, workspace_id, token.

Where each belongs is Mixpanel's own rule per endpoint
(https://developer.mixpanel.com/reference/service-accounts, query-api-authentication,
gdpr-api). One that was typed is never replaced.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import parse_qsl

from mixtui.core.authentication import AuthPlan
from mixtui.core.environments import Environment
from mixtui.core.errors import CredentialError, DraftError, Field
from mixtui.mixpanel.credentials import CredentialKind
from mixtui.mixpanel.endpoints import Endpoint, ProjectIdPlace, TokenPlace

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
