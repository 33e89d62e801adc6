"""Who am I, and which workspaces are there.

In no description; their shape is what mixpanel-headless reads.
"""

from __future__ import annotations

from starlette.responses import Response

from mixtui.sandbox.authentication import app_project, service_account
from mixtui.sandbox.call import ApiCall, answer
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


def me(call: ApiCall) -> Response:
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


def list_workspaces(call: ApiCall) -> Response:
    """GET /projects/{project}/workspaces/public."""
    project = app_project(call)
    rows: list[Json] = [_WORKSPACE] if project is SHOP else []
    return answer({"status": "ok", "results": rows})
