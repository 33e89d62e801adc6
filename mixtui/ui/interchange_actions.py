"""The actions that exchange requests with other programs."""

from __future__ import annotations

from mixtui.ui.action import Action

INTERCHANGE_ACTIONS = (
    Action(
        "copy_as",
        ("ctrl+backslash",),
        "Copy as…",
        "Copy the request as a curl or HTTPie command, or as Python.",
        "Request",
    ),
)
