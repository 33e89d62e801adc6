"""The action that opens the editor of a value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mixtui.ui.action import Action, Scope

EDIT_VALUE = Action(
    "rows.edit_value",
    ("e", "f12"),
    "Edit value",
    "Edit a list, JSON, an expression or a date in a box of its own (f12 also while "
    "the row is typed in).",
    "Query and header rows",
    scope=Scope.ROWS,
    in_footer=True,
)
VALUE_ACTIONS = (EDIT_VALUE,)


def offered(actions: Iterable[Action], what: str) -> list[Action]:
    """The actions for the last line: the editor first, where it suits the row.

    Args:
        actions: Those of the rows.
        what: What the value under the cursor is (``date``); empty = nothing special.
    """
    found = [action for action in actions if action.id != EDIT_VALUE.id]
    own = [action for action in actions if action.id == EDIT_VALUE.id]
    if what:
        found = [*(replace(action, label=f"Edit {what}") for action in own), *found]
    return found
