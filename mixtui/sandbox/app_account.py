"""Who am I, which workspaces and service accounts are there.

https://developer.mixpanel.com/reference/service-accounts. ``/me`` and the workspaces are
in no description; their shape is what mixpanel-headless reads.
"""

from __future__ import annotations

from starlette.responses import Response

from mixtui.sandbox import documents
from mixtui.sandbox.app_body import json_object, text
from mixtui.sandbox.authentication import (
    app_organization,
    app_project,
    service_account,
)
from mixtui.sandbox.call import Call, answer
from mixtui.sandbox.documents import Kind
from mixtui.sandbox.errors import Refusal
from mixtui.sandbox.identity import (
    ORGANIZATION_ID,
    PROJECTS,
    SERVICE_ACCOUNT,
    SHOP,
    WORKSPACE_ID,
)
from mixtui.sandbox.json_text import Json, JsonObject

_WORKSPACE: JsonObject = {
    "id": int(WORKSPACE_ID),
    "name": "All project data",
    "project_id": int(SHOP.id),
    "is_default": True,
    "is_global": True,
}
_OWN: JsonObject = {
    "id": 1,
    "username": SERVICE_ACCOUNT,
    "last_used": None,
    "expires": None,
    "creator": 1,
    "created": "2026-01-01T00:00:00+00:00",
    "user": 1,
}


def me(call: Call) -> Response:
    """GET /me."""
    service_account(call)
    projects: JsonObject = {
        project.id: {
            "id": int(project.id),
            "name": project.name,
            "timezone": "UTC",
            "domain": "mixpanel.com",
            "organization_id": int(ORGANIZATION_ID),
        }
        for project in PROJECTS
    }
    results: JsonObject = {
        "user_id": 1,
        "user_name": SERVICE_ACCOUNT,
        "organizations": {
            ORGANIZATION_ID: {
                "id": int(ORGANIZATION_ID),
                "name": "Sandbox",
                "role": "owner",
            }
        },
        "projects": projects,
        "workspaces": {WORKSPACE_ID: _WORKSPACE},
    }
    return answer({"status": "ok", "results": results})


def list_workspaces(call: Call) -> Response:
    """GET /projects/{project}/workspaces/public."""
    project = app_project(call)
    rows: list[Json] = [_WORKSPACE] if project is SHOP else []
    return answer({"status": "ok", "results": rows})


def list_service_accounts(call: Call) -> Response:
    """GET those of the organization."""
    app_organization(call)
    rows: list[Json] = []
    rows += _accounts(call)
    return answer({"status": "ok", "results": rows})


def create_service_account(call: Call) -> Response:
    """POST one; its secret is in this answer and never again. It opens nothing here."""
    app_organization(call)
    name = text(json_object(call), "username")
    with call.store.transaction():
        identifier = documents.next_id(call.store, Kind.SERVICE_ACCOUNT, first=2)
        account: JsonObject = {
            "id": identifier,
            "username": f"{name}.{identifier:06x}.mp-service-account",
            "last_used": None,
            "expires": None,
            "creator": 1,
            "created": call.state.clock().isoformat(timespec="seconds"),
            "user": identifier,
        }
        documents.write(
            call.store, ORGANIZATION_ID, Kind.SERVICE_ACCOUNT, str(identifier), account
        )
    shown: JsonObject = {**account, "token": f"sandbox-secret-{identifier}"}
    return answer({"status": "ok", "results": shown}, 201)


def read_service_account(call: Call) -> Response:
    """GET one: a bare object."""
    app_organization(call)
    for account in _accounts(call):
        if str(account["id"]) == call.parts["account"]:
            return answer(account)
    raise _unknown(call)


def delete_service_account(call: Call) -> Response:
    """DELETE one; the sandbox's own stays."""
    app_organization(call)
    identifier = call.parts["account"]
    if identifier == "1":
        raise Refusal(400, "The sandbox needs its own service account")
    if not documents.delete(
        call.store, ORGANIZATION_ID, Kind.SERVICE_ACCOUNT, identifier
    ):
        raise _unknown(call)
    return answer({"status": "ok"})


def list_project_accounts(call: Call) -> Response:
    """GET those that are members of a project: the sandbox's own."""
    app_project(call)
    member: JsonObject = {
        **_OWN,
        "hasSensitiveAccess": False,
        "role": "owner",
        "target_type": "individual",
    }
    return answer({"status": "ok", "results": [member]})


def _accounts(call: Call) -> list[JsonObject]:
    kept = documents.read_all(call.store, ORGANIZATION_ID, Kind.SERVICE_ACCOUNT)
    return [_OWN, *kept]


def _unknown(call: Call) -> Refusal:
    return Refusal(404, f"Service account {call.parts['account']} was not found")
