"""The actions of the history screen."""

from __future__ import annotations

from mixtui.ui.action import Action, Scope


def _action(
    name: str, keys: str, label: str, words: str, *, footer: bool = True
) -> Action:
    return Action(
        id=f"history.{name}",
        keys=tuple(keys.split()),
        label=label,
        help=words,
        group="History screen",
        scope=Scope.HISTORY,
        in_footer=footer,
        in_palette=False,
    )


HISTORY_COMMANDS = (
    _action("open", "enter", "Open", "Show the old answer again."),
    _action("filter", "slash", "Filter", "Say which calls to list."),
    _action("resend", "s", "Send", "Send the same request again."),
    _action("restore", "e", "Edit", "Get the request back, to change it."),
    _action("mark", "space", "Mark", "Mark one, to compare another with it."),
    _action(
        "compare",
        "d",
        "Compare",
        "Compare with the marked one; else with the answer before it.",
    ),
    _action("delete", "x", "Delete", "Delete it and its answer; asks first."),
    _action("purge", "P", "Purge", "Delete old ones, or many; asks first."),
    _action("alone", "o", "This request", "List this request alone, or all of them."),
)
"""In the order of the footer; they are no use in the palette, which is not at hand."""

HISTORY_MOVES = (
    _action("up", "up k", "Up", "One call up.", footer=False),
    _action("down", "down j", "Down", "One call down.", footer=False),
    _action("page_up", "pageup", "Page up", "One page up.", footer=False),
    _action("page_down", "pagedown", "Page down", "One page down.", footer=False),
    _action("top", "g home ctrl+home", "Top", "The newest call.", footer=False),
    _action("bottom", "G end ctrl+end", "Bottom", "The oldest call.", footer=False),
)
"""They move about in the list."""

HISTORY_ACTIONS = (*HISTORY_COMMANDS, *HISTORY_MOVES)
