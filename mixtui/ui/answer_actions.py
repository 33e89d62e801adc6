"""The actions of the response pane."""

from __future__ import annotations

from mixtui.ui.action import Action, Scope

_GROUP = "Response"


def _action(
    name: str, keys: str, label: str, words: str, *, footer: bool = False
) -> Action:
    return Action(
        id=f"response.{name}",
        keys=tuple(keys.split()),
        label=label,
        help=words,
        group=_GROUP,
        scope=Scope.RESPONSE,
        in_footer=footer,
    )


def _move(name: str, keys: str, label: str, words: str) -> Action:
    """Moving about: a key like any other, but nothing to look up in the palette."""
    return Action(
        id=f"response.{name}",
        keys=tuple(keys.split()),
        label=label,
        help=words,
        group=_GROUP,
        scope=Scope.RESPONSE,
        in_palette=False,
    )


ANSWER_ACTIONS = (
    _action("search", "slash", "Search", "Search the whole body.", footer=True),
    _action("next_match", "n", "Next match", "Go to the next match."),
    _action("previous_match", "N", "Match before", "Go to the match before."),
    _action(
        "filter", "f", "Filter", "Filter the body in the jq language.", footer=True
    ),
    _action(
        "fold",
        "space",
        "Fold",
        "Fold the object or list at the cursor away, or open it.",
        footer=True,
    ),
    _action(
        "fold_level_1", "1 minus", "Fold level 1", "Fold everything within the root."
    ),
    _action("fold_level_2", "2", "Fold level 2", "Fold all but the first two levels."),
    _action(
        "fold_level_3", "3", "Fold level 3", "Fold all but the first three levels."
    ),
    _action("unfold_all", "0 plus", "Unfold all", "Open everything that is folded."),
    _action("wrap", "w", "Wrap", "Break long lines, or stop it.", footer=True),
    _action(
        "raw", "r", "Raw", "Show the body as it came, or indented again.", footer=True
    ),
    _action("line_numbers", "number_sign", "Line numbers", "Show them, or hide them."),
    _action("go_to_line", "colon", "Go to line", "Go to a line by its number."),
    _action(
        "open_record",
        "enter",
        "Open record",
        "Show the value or record under the cursor alone, indented.",
    ),
    _action(
        "copy",
        "y",
        "Copy",
        "Copy the value under the cursor; a text without its quotation marks.",
        footer=True,
    ),
    _action("copy_path", "p", "Copy path", "Copy the path of the value, for jq."),
    _action("copy_line", "c", "Copy line", "Copy the line under the cursor."),
    _action("copy_body", "Y", "Copy body", "Copy the whole body."),
    _action("save", "s", "Save body", "Save the body in a file.", footer=True),
    _action("diff", "d", "Diff", "Compare with the answer before this one."),
    _action("pager", "v", "Pager", "Open the body in $PAGER."),
    _action("editor", "e", "Editor", "Open a copy of the body in $VISUAL or $EDITOR."),
    _action("next_tab", "right_square_bracket", "Next tab", "Show the next tab."),
    _action(
        "previous_tab", "left_square_bracket", "Previous tab", "Show the tab before."
    ),
    _move("scroll_up", "up k", "Up", "One line up."),
    _move("scroll_down", "down j", "Down", "One line down."),
    _move("scroll_left", "left h", "Left", "A few columns to the left."),
    _move("scroll_right", "right l", "Right", "A few columns to the right."),
    _move("page_up", "pageup", "Page up", "One page up."),
    _move("page_down", "pagedown", "Page down", "One page down."),
    _move("line_start", "home", "Line start", "The first column."),
    _move("line_end", "end", "Line end", "The last column."),
    _move("top", "g ctrl+home", "Top", "The first line."),
    _move("bottom", "G ctrl+end", "Bottom", "The last line."),
)
