"""Authenticate requests: credentials, project ids, regions, with Mixpanel's errors.

https://developer.mixpanel.com/reference/authentication. Two errors are misleading on
purpose, because the real ones are: a service account without ``project_id`` gets an
error about an invalid project secret (mixpanel/mixpanel-python#110), and Query responds
to wrong credentials with 400.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Sequence

from msgspec import Struct
from starlette.datastructures import Headers

from mixtui.mixpanel.apis import CredentialKind
from mixtui.sandbox.data import store as documents
from mixtui.sandbox.data.identity import (
    OAUTH_TOKEN,
    ORGANIZATION_ID,
    PROJECTS,
    SECRET,
    SERVICE_ACCOUNT,
    SHOP,
    WORKSPACE_ID,
    Project,
)
from mixtui.sandbox.data.store import Kind
from mixtui.sandbox.requests.errors import Refusal
from mixtui.sandbox.requests.request import ApiRequest

NO_ACCESS = "You do not have access to this project"
WRONG_CLUSTER = "request failed with error: invalid project id for cluster."


class Basic(Struct, frozen=True):
    """A user name and a password; both may be empty."""

    user: str
    password: str

    @property
    def is_service_account(self) -> bool:
        """Whether it is the sandbox's service account."""
        return _equal(self.user, SERVICE_ACCOUNT) and _equal(self.password, SECRET)


class Bearer(Struct, frozen=True):
    """An OAuth token."""

    token: str


def parse_credential(headers: Headers) -> Basic | Bearer | None:
    """Parse the ``Authorization`` header; None = nothing usable."""
    scheme, _, text = headers.get("authorization", "").strip().partition(" ")
    match scheme.lower():
        case "basic":
            user, _, password = _decode_pair(text.strip()).partition(":")
            return Basic(user, password)
        case "bearer":
            return Bearer(text.strip())
        case _:
            return None


def ingestion_project(request: ApiRequest, *accepted: CredentialKind) -> Project | None:
    """Return the project of an authenticated Ingestion request.

    Args:
        request: The request.
        accepted: The kinds of credential that the endpoint accepts.

    Returns:
        The project; None = it is in another region, so the request has no effect.
    """
    project = _ingestion_project(request, accepted)
    if project is None:
        raise Refusal(401, "Invalid credentials")
    return project if request.is_home_region else None


def _ingestion_project(
    request: ApiRequest, accepted: Sequence[CredentialKind]
) -> Project | None:
    project_id = request.parameters.get("project_id")
    match parse_credential(request.headers):
        case Bearer(token):
            is_valid = CredentialKind.OAUTH in accepted and _equal(token, OAUTH_TOKEN)
            return project_by_id(project_id) if is_valid else None
        case Basic() as basic:
            project = None
            if CredentialKind.PROJECT_SECRET in accepted:
                project = _project_by_secret(basic)
            if not project and CredentialKind.PROJECT_TOKEN in accepted:
                project = None if basic.password else project_by_token(basic.user)
            if not project and not project_id:
                raise Refusal(401, "Unauthorized, invalid project secret")
            if not project and (projects := account_projects(request, basic)):
                project = project_by_id(project_id)
                return project if project in projects else None
            return project
        case None if CredentialKind.PROJECT_TOKEN in accepted:
            # The retired API key, all that the Node client sends over plain HTTP; here
            # it is the project token.
            return project_by_token(request.parameters.get("api_key", ""))
        case None:
            return None


def query_project(
    request: ApiRequest, project_id: str | None, *, unauthorized: int = 400
) -> Project:
    """Return the project of a Query, export or pipelines request.

    Args:
        request: The request.
        project_id: The id in the request, for a service account.
        unauthorized: The status for wrong credentials; Query's own is 400.
    """
    caller = parse_credential(request.headers)
    project = None
    if isinstance(caller, Basic):
        project = _project_by_secret(caller)
        projects = account_projects(request, caller)
        if project is None and projects is not None:
            project = project_by_id(project_id)
            if project is None and project_id:
                raise Refusal(400, WRONG_CLUSTER)
            if project is not None and project not in projects:
                raise Refusal(403, NO_ACCESS)
    if project is None:
        raise Refusal(unauthorized, "Unable to authenticate request")
    if not request.is_home_region:
        raise Refusal(400, WRONG_CLUSTER)
    return project


def account_projects(request: ApiRequest, basic: Basic) -> tuple[Project, ...] | None:
    """Return the projects of a service account; None = the pair is not one's.

    It is the sandbox's own, which has all of them, or one that was created here.
    """
    if basic.is_service_account:
        return PROJECTS
    accounts = documents.read_all(request.store, ORGANIZATION_ID, Kind.SERVICE_ACCOUNT)
    for account in accounts:
        secret = created_secret(account["id"])
        if _equal(basic.user, str(account["username"])) and _equal(
            basic.password, secret
        ):
            key = str(account["id"])
            return tuple(
                project
                for project in PROJECTS
                if documents.read(request.store, project.id, Kind.MEMBERSHIP, key)
            )
    return None


def created_secret(identifier: object) -> str:
    """Return the secret of a service account that was created here."""
    return f"sandbox-secret-{identifier}"


def require_service_account(request: ApiRequest) -> tuple[Project, ...]:
    """Require a service account in its region for an App request; return its projects."""
    caller = parse_credential(request.headers)
    projects = None
    # Accounts belong to a region, as projects do: elsewhere this one is unknown.
    if isinstance(caller, Basic) and request.is_home_region:
        projects = account_projects(request, caller)
    if projects is None:
        raise Refusal(401, "Invalid service account credentials")
    return projects


def app_project(request: ApiRequest) -> Project:
    """Return the project in the path of an App request."""
    projects = require_service_account(request)
    project = project_by_id(request.parts["project"])
    if project not in projects:
        raise Refusal(403, NO_ACCESS)
    assert project is not None
    return project


def app_workspace(request: ApiRequest) -> Project:
    """Return the project of the workspace in the path of an App request."""
    projects = require_service_account(request)
    in_workspace = request.parts["workspace"] == WORKSPACE_ID and SHOP in projects
    if not in_workspace or request.parts.get("project", SHOP.id) != SHOP.id:
        raise Refusal(403, "You do not have access to this workspace")
    return SHOP


def require_organization(request: ApiRequest) -> None:
    """Require the sandbox's organization for an App request."""
    require_service_account(request)
    if request.parts["organization"] != ORGANIZATION_ID:
        raise Refusal(403, "You do not have access to this organization")


def oauth_project(request: ApiRequest) -> Project:
    """Return the project of a GDPR request, by OAuth token and by project token in the query."""
    caller = parse_credential(request.headers)
    if not isinstance(caller, Bearer) or not _equal(caller.token, OAUTH_TOKEN):
        raise Refusal(401, "Invalid OAuth token")
    project = project_by_token(request.query.get("token", ""))
    if project is None or not request.is_home_region:
        raise Refusal(403, NO_ACCESS)
    return project


def project_by_id(id: str | None) -> Project | None:
    """Return the project, or None if there is none."""
    return next((p for p in PROJECTS if p.id == id), None)


def project_by_token(token: str) -> Project | None:
    """Return the project, or None if there is none."""
    return next((p for p in PROJECTS if _equal(p.token, token)), None)


def _project_by_secret(basic: Basic) -> Project | None:
    if basic.password:
        return None
    return next((p for p in PROJECTS if _equal(p.secret, basic.user)), None)


def _decode_pair(text: str) -> str:
    # Mixpanel also accepts the pair without base64.
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return text


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
