"""The actions of the catalogue of operations and of the Docs tab."""

from __future__ import annotations

from mixtui.ui.action import Action, Scope

OPERATIONS = Action(
    "operations",
    ("ctrl+t",),
    "Operations",
    "Find any operation of Mixpanel, and begin a request with it.",
    "Find the way",
    in_footer=True,
)


def _action(
    name: str, keys: str, label: str, words: str, *, footer: bool = True
) -> Action:
    return Action(
        id=f"operations.{name}",
        keys=tuple(keys.split()),
        label=label,
        help=words,
        group="Operations screen",
        scope=Scope.OPERATIONS,
        in_footer=footer,
        in_palette=False,
    )


OPERATIONS_KEYS = (
    _action("take", "enter", "Take it", "Begin a request with the operation."),
    _action("next_family", "tab", "Next family", "Go to the next family."),
    _action(
        "previous_family",
        "shift+tab",
        "Family before",
        "Go to the family before.",
        footer=False,
    ),
    _action("read_on", "shift+down", "Read on", "Scroll what explains the operation."),
    _action(
        "read_back",
        "shift+up",
        "Read back",
        "Scroll the explanation back.",
        footer=False,
    ),
    _action("up", "up", "Up", "One operation up.", footer=False),
    _action("down", "down", "Down", "One operation down.", footer=False),
    _action("page_up", "pageup", "Page up", "One page up.", footer=False),
    _action("page_down", "pagedown", "Page down", "One page down.", footer=False),
    _action("top", "home ctrl+home", "Top", "The first operation.", footer=False),
    _action("bottom", "end ctrl+end", "Bottom", "The last operation.", footer=False),
)
"""All act while the line above the list is typed in."""


def _docs(
    name: str, keys: str, label: str, words: str, *, footer: bool = False
) -> Action:
    return Action(
        id=f"docs.{name}",
        keys=tuple(keys.split()),
        label=label,
        help=words,
        group="Docs tab",
        scope=Scope.DOCS,
        in_footer=footer,
        in_palette=footer,
    )


DOCS_ACTIONS = (
    _docs(
        "open_operation",
        "enter",
        "In the catalogue",
        "Show it, or what replaces it, among all operations.",
        footer=True,
    ),
    _docs(
        "copy_link",
        "y",
        "Copy link",
        "Copy the address of Mixpanel's page.",
        footer=True,
    ),
    _docs("up", "up k", "Up", "One line up."),
    _docs("down", "down j", "Down", "One line down."),
    _docs("page_up", "pageup", "Page up", "One page up."),
    _docs("page_down", "pagedown", "Page down", "One page down."),
    _docs("top", "g home ctrl+home", "Top", "The beginning."),
    _docs("bottom", "G end ctrl+end", "Bottom", "The end."),
)

OPERATIONS_ACTIONS = (*OPERATIONS_KEYS, *DOCS_ACTIONS)
