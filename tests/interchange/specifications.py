"""Small OpenAPI files of our own that use every construct that large ones use."""

from __future__ import annotations

import json
from typing import Any

from mixtui.interchange.files.openapi.document import import_openapi
from mixtui.interchange.model import ImportedFile
from mixtui.model.draft import Draft

SERVER = "https://mixpanel.com/api/query"


def document(
    operation: dict[str, Any],
    *,
    path: str = "/things",
    method: str = "get",
    item: dict[str, Any] | None = None,
    **more: Any,
) -> str:
    """Return a file with one operation."""
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": "Things", "version": "1"},
            "servers": [{"url": SERVER}],
            "paths": {path: {**(item or {}), method: operation}},
            **more,
        }
    )


def import_operation(operation: dict[str, Any], **more: Any) -> ImportedFile:
    """Import a file with one operation."""
    return import_openapi(document(operation, **more), "spec.json")


def import_drafts(operation: dict[str, Any], **more: Any) -> list[Draft]:
    """Import one operation; return its drafts."""
    return [
        file_request.imported.draft
        for file_request in import_operation(operation, **more).requests
    ]


def parameter(name: str, location: str = "query", **more: Any) -> dict[str, Any]:
    """Return a parameter, of type string by default."""
    return {"name": name, "in": location, "schema": {"type": "string"}, **more}


def body(schema: Any, media_type: str = "application/json", **more: Any) -> Any:
    """Return an operation with a body."""
    return {"requestBody": {"content": {media_type: {"schema": schema, **more}}}}
