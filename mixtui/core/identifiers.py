"""Project identifiers that the app adds: project_id, workspace_id, token.

Where each belongs is Mixpanel's own rule per endpoint
(https://developer.mixpanel.com/reference/service-accounts, query-api-authentication,
gdpr-api). One that was typed is never replaced.
"""

from __future__ import annotations

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
) -> Pairs:
    """Query parameters to add behind what was typed.

    Raises:
        DraftError: The environment has no project_id, which a service account needs.
        CredentialError: It has no project token, which an OAuth token needs.
    """
    typed = {name for name, _ in rows} | names_of(typed_query)
    added: list[tuple[str, str]] = []
    if _needs_project_id(plan, endpoint, ProjectIdPlace.QUERY, typed):
        added.append(("project_id", project_id(endpoint, environment)))
    if endpoint.workspace_id and plan.kind and environment.workspace_id:
        added.append(("workspace_id", environment.workspace_id))
    if endpoint.token is TokenPlace.QUERY and plan.identifies and "token" not in typed:
        added += _token(endpoint, plan, environment)
    return tuple((name, value) for name, value in added if name not in typed)


def form_additions(
    typed_query: str,
    fields: Pairs,
    endpoint: Endpoint,
    plan: AuthPlan,
    environment: Environment,
) -> Pairs:
    """Form fields to add, for the endpoints that want project_id there.

    Args:
        typed_query: The query typed in the URL and the rows, encoded.
        fields: The form's own fields.
        endpoint: What the path takes.
        plan: Which credential is used.
        environment: Where project_id comes from.

    Raises:
        DraftError: The environment has no project_id.
    """
    typed = {name for name, _ in fields} | names_of(typed_query)
    if _needs_project_id(plan, endpoint, ProjectIdPlace.FORM, typed):
        return (("project_id", project_id(endpoint, environment)),)
    return ()


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


def _needs_project_id(
    plan: AuthPlan, endpoint: Endpoint, place: ProjectIdPlace, typed: set[str]
) -> bool:
    return (
        plan.kind is CredentialKind.SERVICE_ACCOUNT
        and endpoint.project_id is place
        and "project_id" not in typed
    )


def _token(
    endpoint: Endpoint, plan: AuthPlan, environment: Environment
) -> list[tuple[str, str]]:
    token = environment.credentials.project_token
    if not token and plan.kind is CredentialKind.OAUTH:
        raise CredentialError(
            f"{endpoint.title} needs the project token beside the OAuth token, and the "
            f"environment {environment.name} has none: add it with f9."
        )
    return [("token", token)] if token else []
