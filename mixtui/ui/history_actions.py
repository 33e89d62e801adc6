"""The actions of the history screen."""

from __future__ import annotations

from mixtui.ui.action import Action, Scope


def _action(
    name: str, keys: str, label: str, words: str, *, footer: bool = False
) -> Action:
    return Action(
        id=f"history.{name}",
        keys=tuple(keys.split()),
        label=label,
        help=words,
        group="History",
        scope=Scope.HISTORY,
        in_footer=footer,
        in_palette=False,
    )


HISTORY_COMMANDS = (
    _action("open", "enter", "Open", "Show the old answer.", footer=True),
    _action(
        "scope",
        "o",
        "This/all",
        "List this request alone, or all of them.",
        footer=True,
    ),
    _action("find", "slash", "Find", "Type what to look for.", footer=True),
    _action("resend", "s", "Send again", "Send the same request again.", footer=True),
    _action(
        "restore", "e", "Edit", "Put what was sent back into the editor.", footer=True
    ),
    _action("mark", "space", "Mark", "Mark it, to compare another with.", footer=True),
    _action(
        "diff",
        "d",
        "Compare",
        "Compare with the marked one, or with the one before of the same request.",
        footer=True,
    ),
    _action("delete", "x", "Delete", "Remove it for good; asks first.", footer=True),
    _action("purge", "P", "Purge", "Remove many for good; asks first.", footer=True),
)
"""In the order of the footer; they are no use in the palette, which is not at hand."""

HISTORY_MOVES = (
    _action("up", "up k", "Up", "One row up."),
    _action("down", "down j", "Down", "One row down."),
    _action("page_up", "pageup", "Page up", "One page up."),
    _action("page_down", "pagedown", "Page down", "One page down."),
    _action("top", "g home ctrl+home", "Top", "The newest."),
    _action("bottom", "G end ctrl+end", "Bottom", "The oldest."),
)
"""They move about in the list."""

HISTORY_ACTIONS = (*HISTORY_COMMANDS, *HISTORY_MOVES)
