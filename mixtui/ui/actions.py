"""Every action, declared once: its id, keys, words and where it applies.

Bindings, footer, help page, command palette, `mixtui keys` and the table in the README
come from this list. It imports no Textual, so that the command line is quick.

A binding runs the method ``action_<name>``, where the name is the last part of the id:
``rows.add`` runs ``action_add`` of the rows' widget.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from mixtui.ui.action import Action, Scope, key_text
from mixtui.ui.answer_actions import ANSWER_ACTIONS
from mixtui.ui.chart_actions import CHART_ACTIONS
from mixtui.ui.diff_actions import DIFF_ACTIONS
from mixtui.ui.environment_actions import ENVIRONMENT_ACTIONS
from mixtui.ui.follow_up_actions import FOLLOW_UP_ACTIONS
from mixtui.ui.hint_actions import HINT_ACTIONS
from mixtui.ui.history_actions import HISTORY_ACTIONS
from mixtui.ui.import_actions import IMPORT_ACTIONS
from mixtui.ui.interchange_actions import INTERCHANGE_ACTIONS
from mixtui.ui.operations_actions import OPERATIONS, OPERATIONS_ACTIONS
from mixtui.ui.table_actions import TABLE_ACTIONS
from mixtui.ui.value_actions import VALUE_ACTIONS

__all__ = [
    "ACTIONS",
    "Action",
    "Scope",
    "find",
    "groups",
    "in_scope",
    "key_text",
    "keys_rows",
    "keys_table",
]

_REQUEST = "Request"
_SAVED = "Saved requests"
_ROWS = "Query and header rows"
_BODY = "Body editor"
_LOOK = "Find the way"
_APP = "Program"


def _tree(name: str, keys: str, label: str, words: str, *, footer: bool) -> Action:
    return _local("tree", Scope.TREE, _SAVED, name, keys, label, words, footer)


def _row(name: str, keys: str, label: str, words: str, *, footer: bool) -> Action:
    return _local("rows", Scope.ROWS, _ROWS, name, keys, label, words, footer)


def _local(
    prefix: str,
    scope: Scope,
    group: str,
    name: str,
    keys: str,
    label: str,
    words: str,
    footer: bool,
) -> Action:
    return Action(
        id=f"{prefix}.{name}",
        keys=tuple(keys.split()),
        label=label,
        help=words,
        group=group,
        scope=scope,
        in_footer=footer,
    )


def _moves(action: Action) -> Action:
    """Moving about: a key like any other, but nothing to look up in the palette."""
    return replace(action, in_palette=False)


ACTIONS: tuple[Action, ...] = (
    Action(
        "send",
        ("f5", "ctrl+r", "ctrl+enter"),
        "Send",
        "Send the request (enter in the URL does it too; ctrl+enter where the "
        "terminal has it).",
        _REQUEST,
        in_footer=True,
    ),
    Action(
        "send_later",
        (),
        "Send later",
        "Send a read when the project's quota has a slot for it.",
        _REQUEST,
    ),
    Action(
        "cancel",
        ("escape",),
        "Cancel",
        "Stop the request that is on its way.",
        _REQUEST,
        in_footer=True,
    ),
    Action(
        "save",
        ("ctrl+s",),
        "Save",
        "Save the request in its file; a new one asks for a name.",
        _REQUEST,
        in_footer=True,
    ),
    Action(
        "save_as",
        ("ctrl+shift+s",),
        "Save as",
        "Save the request under another name (the key needs a terminal that tells "
        "ctrl+shift+s from ctrl+s).",
        _REQUEST,
    ),
    Action("new", ("ctrl+n",), "New", "Start a new, empty request.", _REQUEST),
    Action(
        "edit_body",
        ("f4",),
        "Edit body",
        "Open the body in $VISUAL or $EDITOR.",
        _REQUEST,
    ),
    *INTERCHANGE_ACTIONS,
    *IMPORT_ACTIONS,
    Action(
        "find",
        ("ctrl+g",),
        "Find",
        "Find a saved request by its name.",
        _LOOK,
        in_footer=True,
    ),
    OPERATIONS,
    Action(
        "jump",
        ("ctrl+o",),
        "Jump",
        "Go to any field or pane by a letter.",
        _LOOK,
        in_footer=True,
    ),
    Action(
        "history",
        ("f3",),
        "History",
        "Look through what was sent before: open, resend, restore, compare.",
        _LOOK,
        in_footer=True,
    ),
    Action(
        "activity",
        ("ctrl+b", "ctrl+underscore"),
        "Activity",
        "List the requests on their way and the answers of this run.",
        _LOOK,
    ),
    Action("focus_url", ("ctrl+l",), "URL", "Go to the relative URL.", _LOOK),
    Action("sidebar", ("f2",), "Sidebar", "Show or hide the saved requests.", _LOOK),
    Action(
        "maximise",
        ("f8",),
        "Maximise",
        "Give the whole screen to the pane in use, or give it back.",
        _LOOK,
    ),
    Action(
        "environments",
        ("f9",),
        "Environments",
        "Switch, add and edit environments.",
        _APP,
        in_footer=True,
    ),
    Action(
        "choose_environment",
        (),
        "Switch environment",
        "Use another environment for the next request.",
        _APP,
    ),
    Action("choose_theme", (), "Theme", "Choose the colours, with a preview.", _APP),
    Action(
        "reload",
        (),
        "Reload files",
        "Read collection, environments and settings from disk again.",
        _APP,
    ),
    Action(
        "palette",
        ("ctrl+p",),
        "Palette",
        "Find an action by its name.",
        _APP,
        in_footer=True,
        in_palette=False,
    ),
    Action(
        "help",
        ("f1", "question_mark"),
        "Help",
        "Show every key (? where no text is typed).",
        _APP,
        in_footer=True,
    ),
    Action(
        "quit",
        ("ctrl+q",),
        "Quit",
        "Leave mixtui; asks when work is unsaved.",
        _APP,
    ),
    _tree("open", "enter", "Open", "Open the request under the cursor.", footer=True),
    _tree("find", "slash", "Find", "Find a saved request by its name.", footer=False),
    _tree(
        "duplicate", "d", "Duplicate", "Copy the request in its folder.", footer=True
    ),
    _tree("rename", "r", "Rename", "Rename the request or folder.", footer=True),
    _tree(
        "delete", "x", "Delete", "Delete the request; u brings it back.", footer=True
    ),
    _tree("undo", "u", "Undo", "Bring back what was deleted last.", footer=True),
    _tree("move", "m", "Move", "Move the request to another folder.", footer=True),
    _tree("new_folder", "n", "New folder", "Make a folder here.", footer=False),
    _row("add", "a", "Add", "Add a row under the cursor.", footer=True),
    _row("edit", "enter", "Edit", "Edit name and value in place.", footer=True),
    _row(
        "switch",
        "space",
        "On/off",
        "Switch the row off: it is kept and not sent.",
        footer=True,
    ),
    _row("delete", "x", "Delete", "Delete the row; u brings it back.", footer=True),
    _row("undo", "u", "Undo", "Undo the last change of these rows.", footer=True),
    _row("move_up", "shift+up K", "Move up", "Move the row up.", footer=False),
    _row("move_down", "shift+down J", "Move down", "Move the row down.", footer=False),
    _row("bulk", "b", "As text", "Edit all rows as lines of text.", footer=True),
    _moves(_row("up", "up k", "Up", "Go to the row above.", footer=False)),
    _moves(_row("down", "down j", "Down", "Go to the row below.", footer=False)),
    _moves(_row("first", "home g", "First", "Go to the first row.", footer=False)),
    _moves(_row("last", "end G", "Last", "Go to the last row.", footer=False)),
    Action(
        "body.goto_error",
        ("f12",),
        "Go to mistake",
        "Put the cursor on the mistake that was found in the body; in a form without "
        "one, edit the value of the line in a box of its own.",
        _BODY,
        scope=Scope.BODY,
    ),
    *VALUE_ACTIONS,
    *HINT_ACTIONS,
    *ANSWER_ACTIONS,
    *FOLLOW_UP_ACTIONS,
    *TABLE_ACTIONS,
    *CHART_ACTIONS,
    *HISTORY_ACTIONS,
    *ENVIRONMENT_ACTIONS,
    *DIFF_ACTIONS,
    *OPERATIONS_ACTIONS,
)


def find(action_id: str, actions: Iterable[Action] = ACTIONS) -> Action | None:
    """The action of that id, or None."""
    return next((action for action in actions if action.id == action_id), None)


def in_scope(scope: Scope, actions: Iterable[Action] = ACTIONS) -> tuple[Action, ...]:
    """The actions of one scope, in the order declared."""
    return tuple(action for action in actions if action.scope is scope)


def groups(actions: Iterable[Action] = ACTIONS) -> dict[str, list[Action]]:
    """The actions by heading, in the order declared: the help page's layout."""
    found: dict[str, list[Action]] = {}
    for action in actions:
        found.setdefault(action.group, []).append(action)
    return found


def keys_table(actions: Sequence[Action] = ACTIONS) -> str:
    """The keys as text: a heading per group, then keys, id and what each does."""
    keys_width = max(len(action.keys_text) for action in actions)
    id_width = max(len(action.id) for action in actions)
    blocks = []
    for group, members in groups(actions).items():
        lines = [
            f"  {a.keys_text or '—':<{keys_width}}  {a.id:<{id_width}}  {a.help}"
            for a in members
        ]
        blocks.append("\n".join([group, *lines]))
    return "\n\n".join(blocks) + "\n"


def keys_rows(actions: Iterable[Action] = ACTIONS) -> list[dict[str, object]]:
    """The keys as JSON values, one object an action."""
    return [
        {
            "id": action.id,
            "keys": list(action.keys),
            "label": action.label,
            "help": action.help,
            "scope": action.scope.value,
            "group": action.group,
        }
        for action in actions
    ]
