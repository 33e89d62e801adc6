"""The actions of the screen that compares two answers."""

from __future__ import annotations

from mixtui.ui.action import Action, Scope


def _action(
    name: str, keys: str, label: str, words: str, *, footer: bool = False
) -> Action:
    return Action(
        id=f"diff.{name}",
        keys=tuple(keys.split()),
        label=label,
        help=words,
        group="Comparison",
        scope=Scope.DIFF,
        in_footer=footer,
        in_palette=False,
    )


DIFF_COMMANDS = (
    _action("text", "t", "As text", "Compare line by line, or by path.", footer=True),
    _action("filter", "f", "Filter", "Show paths with some words only.", footer=True),
    _action("swap", "s", "Swap", "Take the old one for the new one.", footer=True),
    _action(
        "copy",
        "y",
        "Copy",
        "Copy the change under the cursor; of the text, all of it.",
        footer=True,
    ),
    _action(
        "copy_path", "p", "Copy path", "Copy the path, as jq takes it.", footer=True
    ),
    _action(
        "copy_all", "Y", "Copy all", "Copy every change that is listed.", footer=True
    ),
)
"""In the order of the footer; they are no use in the palette, which is not at hand."""

DIFF_MOVES = (
    _action(
        "next", "n", "Next", "Go to the next lines that differ (as text).", footer=True
    ),
    _action(
        "previous",
        "N",
        "Previous",
        "Go to the lines that differ before (as text).",
        footer=True,
    ),
    _action("up", "up k", "Up", "One row up."),
    _action("down", "down j", "Down", "One row down."),
    _action("page_up", "pageup", "Page up", "One page up."),
    _action("page_down", "pagedown", "Page down", "One page down."),
    _action("left", "left h", "Left", "A few columns to the left."),
    _action("right", "right l", "Right", "A few columns to the right."),
    _action("top", "g home ctrl+home", "Top", "The first row."),
    _action("bottom", "G end ctrl+end", "Bottom", "The last row."),
)
"""They move about in a view."""

DIFF_ACTIONS = (*DIFF_COMMANDS, *DIFF_MOVES)
