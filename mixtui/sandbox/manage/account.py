"""The caller, its workspaces, and the service accounts of the organization.

``/me`` and workspaces are undocumented; their shape is the one that mixpanel-headless
reads.
"""

from __future__ import annotations

from starlette.responses import Response

from mixtui.sandbox.data import store as documents
from mixtui.sandbox.data.identity import (
    ORGANIZATION_ID,
    OWN_ACCOUNT_ID,
    PROJECTS,
    SERVICE_ACCOUNT,
    SHOP,
    WORKSPACE_ID,
    Project,
)
from mixtui.sandbox.data.json_text import Json, JsonObject
from mixtui.sandbox.data.store import Kind
from mixtui.sandbox.manage.resource import StoredObjects
from mixtui.sandbox.requests.authentication import (
    Basic,
    app_project,
    created_secret,
    parse_credential,
    project_by_id,
    require_organization,
    require_service_account,
)
from mixtui.sandbox.requests.errors import Refusal
from mixtui.sandbox.requests.request import ApiRequest, checked_body, json_response
from mixtui.sandbox.requests.shapes import (
    NAME,
    Integer,
    ListOf,
    OneOf,
    OrNull,
    Record,
    Text,
)

_WORKSPACE: JsonObject = {
    "id": int(WORKSPACE_ID),
    "name": "All project data",
    "project_id": int(SHOP.id),
    "is_default": True,
    "is_global": True,
}

# The shapes of its bodies
_ROLE = OneOf(("owner", "admin", "analyst", "consumer"))
NEW_SERVICE_ACCOUNT = Record(
    required={"username": NAME},
    optional={
        "role": _ROLE,
        "expires": OrNull(Text(pattern=r"\d{4}-\d\d-\d\d.*", example="an ISO date")),
        "projects": ListOf(Record(optional={"id": Integer(), "role": _ROLE})),
    },
)
NEW_MEMBERSHIPS = Record(
    required={
        "projects": ListOf(Record(required={"id": Integer(), "role": _ROLE})),
        "service_account_ids": ListOf(Integer()),
    }
)
ENDED_MEMBERSHIPS = Record(
    required={
        "projects": ListOf(
            Record(required={"id": Integer(), "service_account_ids": ListOf(Integer())})
        )
    }
)


def me(request: ApiRequest) -> Response:
    """GET /me."""
    own = require_service_account(request)
    caller = parse_credential(request.headers)
    assert isinstance(caller, Basic)
    projects: JsonObject = {
        project.id: {
            "id": int(project.id),
            "name": project.name,
            "timezone": "UTC",
            "domain": "mixpanel.com",
            "organization_id": int(ORGANIZATION_ID),
        }
        for project in own
    }
    results: JsonObject = {
        "user_id": 1,
        "user_name": caller.user,
        "organizations": {
            ORGANIZATION_ID: {
                "id": int(ORGANIZATION_ID),
                "name": "Sandbox",
                "role": "owner",
            }
        },
        "projects": projects,
        "workspaces": {WORKSPACE_ID: _WORKSPACE} if SHOP in own else {},
    }
    return json_response({"status": "ok", "results": results})


def list_workspaces(request: ApiRequest) -> Response:
    """GET /projects/{project}/workspaces/public."""
    project = app_project(request)
    rows: list[Json] = [_WORKSPACE] if project is SHOP else []
    return json_response({"status": "ok", "results": rows})


_OWN_ACCOUNT: JsonObject = {
    "id": OWN_ACCOUNT_ID,
    "username": SERVICE_ACCOUNT,
    "last_used": None,
    "expires": None,
    "creator": 1,
    "created": "2026-01-01T00:00:00+00:00",
    "user": 1,
}
_OWN_ROLE = "owner"
_NEW_ROLE = "consumer"
"""The default role of a new account in a project."""
_ACCOUNTS = StoredObjects(
    Kind.SERVICE_ACCOUNT, "Service account {} was not found", built_in=(_OWN_ACCOUNT,)
)
_MEMBERSHIPS = StoredObjects(Kind.MEMBERSHIP, "Membership {} was not found")


def list_accounts(request: ApiRequest) -> Response:
    """GET the service accounts of the organization."""
    require_organization(request)
    rows: list[Json] = [*_ACCOUNTS.read_all(request, ORGANIZATION_ID)]
    return json_response({"status": "ok", "results": rows})


def create_account(request: ApiRequest) -> Response:
    """POST one; its secret is returned only in this response."""
    require_organization(request)
    body = checked_body(request, NEW_SERVICE_ACCOUNT)
    with request.store.transaction():
        identifier = documents.next_id(request.store, Kind.SERVICE_ACCOUNT, first=2)
        account: JsonObject = {
            "id": identifier,
            "username": f"{body['username']}.{identifier:06x}.mp-service-account",
            "last_used": None,
            "expires": body.get("expires"),
            "creator": 1,
            "created": request.state.clock().isoformat(timespec="seconds"),
            "user": identifier,
        }
        _ACCOUNTS.write(request, ORGANIZATION_ID, account)
        for project, row in _projects(body):
            role = row.get("role") or body.get("role") or _NEW_ROLE
            _join(request, project, identifier, role)
    shown: JsonObject = {**account, "token": created_secret(identifier)}
    return json_response({"status": "ok", "results": shown}, 201)


def read_account(request: ApiRequest) -> Response:
    """GET one: a bare object."""
    require_organization(request)
    return json_response(_find(request, request.parts["account"]))


def delete_account(request: ApiRequest) -> Response:
    """DELETE one, also from its projects; the sandbox's own cannot be deleted."""
    require_organization(request)
    account = _find(request, request.parts["account"])
    if account["id"] == OWN_ACCOUNT_ID:
        raise Refusal(400, "The sandbox needs its own service account")
    with request.store.transaction():
        _ACCOUNTS.delete(request, ORGANIZATION_ID, account)
        for project in PROJECTS:
            _MEMBERSHIPS.delete(request, project.id, account)
    return json_response({"status": "ok"})


def list_members(request: ApiRequest) -> Response:
    """GET the service accounts in a project."""
    project = app_project(request)
    roles = {
        str(row["id"]): row["role"]
        for row in _MEMBERSHIPS.read_all(request, project.id)
    }
    roles[str(OWN_ACCOUNT_ID)] = _OWN_ROLE
    rows: list[Json] = [
        {
            **account,
            "hasSensitiveAccess": False,
            "role": roles[str(account["id"])],
            "target_type": "individual",
        }
        for account in _ACCOUNTS.read_all(request, ORGANIZATION_ID)
        if str(account["id"]) in roles
    ]
    return json_response({"status": "ok", "results": rows})


def add_to_projects(request: ApiRequest) -> Response:
    """POST add-to-project: every account into every project, with its role."""
    require_organization(request)
    body = checked_body(request, NEW_MEMBERSHIPS)
    with request.store.transaction():
        for project, row in _projects(body):
            for identifier in _ids(request, body):
                _join(request, project, identifier, row["role"])
    return json_response({"status": "ok"})


def remove_from_projects(request: ApiRequest) -> Response:
    """POST remove-from-project: each project names its accounts."""
    require_organization(request)
    body = checked_body(request, ENDED_MEMBERSHIPS)
    with request.store.transaction():
        for project, row in _projects(body):
            for identifier in _ids(request, row):
                if identifier == OWN_ACCOUNT_ID:
                    raise Refusal(400, "The sandbox needs its own service account")
                _MEMBERSHIPS.delete(request, project.id, {"id": identifier})
    return json_response({"status": "ok"})


def _find(request: ApiRequest, identifier: str) -> JsonObject:
    return _ACCOUNTS.find(request, ORGANIZATION_ID, identifier)


def _join(request: ApiRequest, project: Project, identifier: int, role: Json) -> None:
    _MEMBERSHIPS.write(request, project.id, {"id": identifier, "role": role})


def _projects(body: JsonObject) -> list[tuple[Project, JsonObject]]:
    """Return the projects in a body with their entries; unknown ones: 404."""
    projects = []
    rows = body.get("projects", [])
    assert isinstance(rows, list)
    for row in rows:
        assert isinstance(row, dict)
        project = project_by_id(str(row.get("id")))
        if project is None:
            raise Refusal(404, f"Project {row.get('id')} was not found")
        projects.append((project, row))
    return projects


def _ids(request: ApiRequest, row: JsonObject) -> list[int]:
    """Return the accounts in a body; unknown ones: 404."""
    ids = row["service_account_ids"]
    assert isinstance(ids, list)
    return [int(str(_find(request, str(identifier))["id"])) for identifier in ids]
