"""The actions about what is probably wrong with a request."""

from __future__ import annotations

from mixtui.ui.action import Action, Scope

_HINTS = "Hints"

HINT_ACTIONS = (
    Action(
        "hints",
        (),
        "Hints",
        "List what is probably wrong with the request, and go there.",
        _HINTS,
    ),
    Action(
        "correct",
        (),
        "Correct it",
        "Correct what the hint below the request says, where it is certain.",
        _HINTS,
    ),
    Action(
        "undo_correction",
        (),
        "Undo correction",
        "Take the last correction back.",
        _HINTS,
    ),
    Action(
        "rows.correct",
        ("c",),
        "Correct",
        "Correct what the hint says of this row; u takes it back.",
        _HINTS,
        scope=Scope.ROWS,
    ),
)
"""In the order of the help page."""
