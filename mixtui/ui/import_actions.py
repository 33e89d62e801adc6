"""The action that imports a file."""

from __future__ import annotations

from mixtui.ui.action import Action

IMPORT_ACTIONS = (
    Action(
        "import_file",
        (),
        "Import a file…",
        "Turn an OpenAPI file, a Postman collection or a curl command into requests.",
        "Saved requests",
    ),
)
