"""What an action is, and where its keys act."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class Scope(StrEnum):
    """Where an action's keys act: in one place, or in all of them."""

    APP = "everywhere"
    TREE = "saved requests"
    ROWS = "query and header rows"
    BODY = "body editor"
    RESPONSE = "response"
    CHART = "chart"
    TABLE = "table"
    ENVIRONMENTS = "environments screen"
    DIFF = "comparison"
    HISTORY = "history"
    OPERATIONS = "operations screen"
    DOCS = "docs tab"

    @property
    def takes_text(self) -> bool:
        """Whether letters are typed there, so that none may be a command."""
        return self in (Scope.BODY, Scope.OPERATIONS)

    def overlaps(self, other: Scope) -> bool:
        """Whether one key could mean both."""
        return self is other or Scope.APP in (self, other)


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person can do."""

    id: str
    """What `config.toml` calls it."""
    keys: tuple[str, ...]
    """Textual's names, the most usual first; empty = palette only."""
    label: str
    """A word or two for the footer and the palette."""
    help: str
    """One sentence."""
    group: str
    """The heading that it stands under in the help page."""
    scope: Scope = Scope.APP
    in_footer: bool = False
    in_palette: bool = True
    anywhere: bool = False
    """The screen has it as well: the palette offers it wherever the focus is."""

    @property
    def name(self) -> str:
        """The method is ``action_<name>``."""
        return self.id.rpartition(".")[2]

    @property
    def keys_text(self) -> str:
        """The keys as people write them: ``f5, ctrl+r``."""
        return ", ".join(key_text(key) for key in self.keys)


_PUNCTUATION = {
    "question_mark": "?",
    "slash": "/",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "full_stop": ".",
    "comma": ",",
    "backslash": "\\",
    "colon": ":",
    "number_sign": "#",
    "underscore": "_",
    "minus": "-",
    "plus": "+",
}
_WORDS = {
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "page up",
    "pagedown": "page down",
    "escape": "esc",
}


def key_text(key: str) -> str:
    """A key as people write it: ``?`` for ``question_mark``, ``ctrl+↑``."""
    *modifiers, base = key.split("+")
    return "+".join([*modifiers, _PUNCTUATION.get(base) or _WORDS.get(base) or base])


NEXT_ACTIONS = ("refused_record", "other_region", "next_page", "all_pages")
"""The names of these actions, which the screen has as well as the response."""


def _action_follow_up_actions(name: str, key: str, label: str, text: str) -> Action:
    return Action(
        id=f"response.{name}",
        keys=(key,),
        label=label,
        help=text,
        group="After an answer",
        scope=Scope.RESPONSE,
        anywhere=True,
    )


FOLLOW_UP_ACTIONS = (
    _action_follow_up_actions(
        "refused_record",
        "b",
        "Refused record",
        "Go to a refused record in the body of the request: the one under the cursor, "
        "or the next one.",
    ),
    _action_follow_up_actions(
        "other_region",
        "o",
        "Try another region",
        "Send the same read to another region, and see where the project lives.",
    ),
    _action_follow_up_actions(
        "next_page",
        "m",
        "Next page",
        "Ask for the next page of a profile query.",
    ),
    _action_follow_up_actions(
        "all_pages",
        "M",
        "All pages to a file",
        "Collect every page of a profile query in a file, after saying what it costs.",
    ),
)


def _action_diff_actions(
    name: str, keys: str, label: str, text: str, *, footer: bool = False
) -> Action:
    return Action(
        id=f"diff.{name}",
        keys=tuple(keys.split()),
        label=label,
        help=text,
        group="Comparison",
        scope=Scope.DIFF,
        in_footer=footer,
        in_palette=False,
    )


DIFF_COMMANDS = (
    _action_diff_actions(
        "text", "t", "As text", "Compare line by line, or by path.", footer=True
    ),
    _action_diff_actions(
        "filter", "f", "Filter", "Show paths with some words only.", footer=True
    ),
    _action_diff_actions(
        "swap", "s", "Swap", "Take the old one for the new one.", footer=True
    ),
    _action_diff_actions(
        "copy",
        "y",
        "Copy",
        "Copy the change under the cursor; of the text, all of it.",
        footer=True,
    ),
    _action_diff_actions(
        "copy_path", "p", "Copy path", "Copy the path, as jq takes it.", footer=True
    ),
    _action_diff_actions(
        "copy_all", "Y", "Copy all", "Copy every change that is listed.", footer=True
    ),
)
"""In the order of the footer; they are no use in the palette, which is not at hand."""

DIFF_MOVES = (
    _action_diff_actions(
        "next", "n", "Next", "Go to the next lines that differ (as text).", footer=True
    ),
    _action_diff_actions(
        "previous",
        "N",
        "Previous",
        "Go to the lines that differ before (as text).",
        footer=True,
    ),
    _action_diff_actions("up", "up k", "Up", "One row up."),
    _action_diff_actions("down", "down j", "Down", "One row down."),
    _action_diff_actions("page_up", "pageup", "Page up", "One page up."),
    _action_diff_actions("page_down", "pagedown", "Page down", "One page down."),
    _action_diff_actions("left", "left h", "Left", "A few columns to the left."),
    _action_diff_actions("right", "right l", "Right", "A few columns to the right."),
    _action_diff_actions("top", "g home ctrl+home", "Top", "The first row."),
    _action_diff_actions("bottom", "G end ctrl+end", "Bottom", "The last row."),
)
"""They move about in a view."""

DIFF_ACTIONS = (*DIFF_COMMANDS, *DIFF_MOVES)


OPERATIONS = Action(
    "operations",
    ("ctrl+t",),
    "Operations",
    "Find any operation of Mixpanel, and begin a request with it.",
    "Find the way",
    in_footer=True,
)


def _action_operations_actions(
    name: str, keys: str, label: str, text: str, *, footer: bool = True
) -> Action:
    return Action(
        id=f"operations.{name}",
        keys=tuple(keys.split()),
        label=label,
        help=text,
        group="Operations screen",
        scope=Scope.OPERATIONS,
        in_footer=footer,
        in_palette=False,
    )


OPERATIONS_KEYS = (
    _action_operations_actions(
        "take", "enter", "Take it", "Begin a request with the operation."
    ),
    _action_operations_actions(
        "next_family", "tab", "Next family", "Go to the next family."
    ),
    _action_operations_actions(
        "previous_family",
        "shift+tab",
        "Family before",
        "Go to the family before.",
        footer=False,
    ),
    _action_operations_actions(
        "read_on", "shift+down", "Read on", "Scroll what explains the operation."
    ),
    _action_operations_actions(
        "read_back",
        "shift+up",
        "Read back",
        "Scroll the explanation back.",
        footer=False,
    ),
    _action_operations_actions("up", "up", "Up", "One operation up.", footer=False),
    _action_operations_actions(
        "down", "down", "Down", "One operation down.", footer=False
    ),
    _action_operations_actions(
        "page_up", "pageup", "Page up", "One page up.", footer=False
    ),
    _action_operations_actions(
        "page_down", "pagedown", "Page down", "One page down.", footer=False
    ),
    _action_operations_actions(
        "top", "home ctrl+home", "Top", "The first operation.", footer=False
    ),
    _action_operations_actions(
        "bottom", "end ctrl+end", "Bottom", "The last operation.", footer=False
    ),
)
"""All act while the line above the list is typed in."""


def _docs(
    name: str, keys: str, label: str, text: str, *, footer: bool = False
) -> Action:
    return Action(
        id=f"docs.{name}",
        keys=tuple(keys.split()),
        label=label,
        help=text,
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


def _action_history_actions(
    name: str, keys: str, label: str, text: str, *, footer: bool = True
) -> Action:
    return Action(
        id=f"history.{name}",
        keys=tuple(keys.split()),
        label=label,
        help=text,
        group="History screen",
        scope=Scope.HISTORY,
        in_footer=footer,
        in_palette=False,
    )


HISTORY_COMMANDS = (
    _action_history_actions("open", "enter", "Open", "Show the old answer again."),
    _action_history_actions("filter", "slash", "Filter", "Say which calls to list."),
    _action_history_actions("resend", "s", "Send", "Send the same request again."),
    _action_history_actions(
        "restore", "e", "Edit", "Get the request back, to change it."
    ),
    _action_history_actions(
        "mark", "space", "Mark", "Mark one, to compare another with it."
    ),
    _action_history_actions(
        "compare",
        "d",
        "Compare",
        "Compare with the marked one; else with the answer before it.",
    ),
    _action_history_actions(
        "delete", "x", "Delete", "Delete it and its answer; asks first."
    ),
    _action_history_actions(
        "purge", "P", "Purge", "Delete old ones, or many; asks first."
    ),
    _action_history_actions(
        "alone", "o", "This request", "List this request alone, or all of them."
    ),
)
"""In the order of the footer; they are no use in the palette, which is not at hand."""

HISTORY_MOVES = (
    _action_history_actions("up", "up k", "Up", "One call up.", footer=False),
    _action_history_actions("down", "down j", "Down", "One call down.", footer=False),
    _action_history_actions(
        "page_up", "pageup", "Page up", "One page up.", footer=False
    ),
    _action_history_actions(
        "page_down", "pagedown", "Page down", "One page down.", footer=False
    ),
    _action_history_actions(
        "top", "g home ctrl+home", "Top", "The newest call.", footer=False
    ),
    _action_history_actions(
        "bottom", "G end ctrl+end", "Bottom", "The oldest call.", footer=False
    ),
)
"""They move about in the list."""

HISTORY_ACTIONS = (*HISTORY_COMMANDS, *HISTORY_MOVES)


def _action_table_actions(
    name: str, keys: str, label: str, text: str, *, footer: bool = False
) -> Action:
    return Action(
        id=f"table.{name}",
        keys=tuple(keys.split()),
        label=label,
        help=text,
        group="Table",
        scope=Scope.TABLE,
        in_footer=footer,
        in_palette=False,
    )


TABLE_ACTIONS = (
    _action_table_actions(
        "open", "enter", "Open", "Open a nested value, or else the record.", footer=True
    ),
    _action_table_actions(
        "sort",
        "s",
        "Sort",
        "Sort by this column: rising, falling, as it came.",
        footer=True,
    ),
    _action_table_actions(
        "filter", "f", "Filter", "Keep rows with words: plan:pro.", footer=True
    ),
    _action_table_actions("hide", "x", "Hide", "Hide this column.", footer=True),
    _action_table_actions(
        "show_all", "u", "Show all", "Show the hidden columns again."
    ),
    _action_table_actions(
        "next_table", "t", "Next table", "Another list of the answer.", footer=True
    ),
    _action_table_actions(
        "copy_cell", "y", "Copy cell", "Copy the cell, whole.", footer=True
    ),
    _action_table_actions(
        "copy_row", "Y", "Copy row", "Copy the row with its header, as TSV."
    ),
    _action_table_actions(
        "copy_tsv", "c", "Copy TSV", "Copy all rows shown, for a spreadsheet."
    ),
    _action_table_actions("copy_csv", "C", "Copy CSV", "Copy all rows shown, as CSV."),
    _action_table_actions(
        "copy_path", "p", "Copy path", "Copy the cell's path, for jq."
    ),
    _action_table_actions(
        "narrower", "less_than_sign", "Narrower", "Make the column narrower."
    ),
    _action_table_actions(
        "wider", "greater_than_sign", "Wider", "Make the column wider."
    ),
    _action_table_actions("cursor_up", "up k", "Up", "One row up."),
    _action_table_actions("cursor_down", "down j", "Down", "One row down."),
    _action_table_actions("cursor_left", "left h", "Left", "One column to the left."),
    _action_table_actions(
        "cursor_right", "right l", "Right", "One column to the right."
    ),
    _action_table_actions("page_up", "pageup", "Page up", "A screen up."),
    _action_table_actions("page_down", "pagedown space", "Page down", "A screen down."),
    _action_table_actions(
        "first_column", "home", "First column", "Go to the first column."
    ),
    _action_table_actions(
        "last_column", "end", "Last column", "Go to the last column."
    ),
    _action_table_actions(
        "first_row", "g ctrl+home", "First row", "Go to the first row."
    ),
    _action_table_actions("last_row", "G ctrl+end", "Last row", "Go to the last row."),
)
"""In the order of the footer; they are no use in the palette, which is not at hand."""


_GROUP = "Response"


def _action(
    name: str, keys: str, label: str, text: str, *, footer: bool = False
) -> Action:
    return Action(
        id=f"response.{name}",
        keys=tuple(keys.split()),
        label=label,
        help=text,
        group=_GROUP,
        scope=Scope.RESPONSE,
        in_footer=footer,
    )


def _move(name: str, keys: str, label: str, text: str) -> Action:
    """Moving about: a key like any other, but nothing to look up in the palette."""
    return Action(
        id=f"response.{name}",
        keys=tuple(keys.split()),
        label=label,
        help=text,
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


def _action_chart_actions(
    name: str,
    keys: str,
    label: str,
    text: str,
    *,
    footer: bool = False,
    palette: bool = True,
) -> Action:
    return Action(
        id=f"chart.{name}",
        keys=tuple(keys.split()),
        label=label,
        help=text,
        group="Chart",
        scope=Scope.CHART,
        in_footer=footer,
        in_palette=palette,
    )


def _move_chart_actions(name: str, keys: str, label: str, text: str) -> Action:
    return _action_chart_actions(name, keys, label, text, palette=False)


CHART_ACTIONS = (
    _action_chart_actions(
        "next_view", "c", "View", "Look at the answer another way.", footer=True
    ),
    _action_chart_actions(
        "previous_view", "C", "View before", "Go back to the view before."
    ),
    _action_chart_actions(
        "summary", "t", "Figures", "Show figures only, or draw.", footer=True
    ),
    _action_chart_actions(
        "more", "plus", "More", "Draw more of the largest series.", footer=True
    ),
    _action_chart_actions("fewer", "minus", "Fewer", "Draw fewer series.", footer=True),
    _action_chart_actions("copy", "y", "Copy", "Copy the figures as TSV.", footer=True),
    _move_chart_actions(
        "next_part", "right l", "Next", "The next date or value; or more columns."
    ),
    _move_chart_actions(
        "previous_part", "left h", "Before", "The one before; or earlier columns."
    ),
    _move_chart_actions(
        "columns_right", "greater_than_sign", "Columns", "Columns to the right."
    ),
    _move_chart_actions(
        "columns_left", "less_than_sign", "Columns", "Columns to the left."
    ),
    _move_chart_actions("scroll_up", "up k", "Up", "One row up."),
    _move_chart_actions("scroll_down", "down j", "Down", "One row down."),
    _move_chart_actions("page_up", "pageup", "Page up", "One page up."),
    _move_chart_actions("page_down", "pagedown", "Page down", "One page down."),
    _move_chart_actions("top", "g home", "Top", "The first row."),
    _move_chart_actions("bottom", "G end", "Bottom", "The last row."),
)
"""In the order of the footer and the help page."""


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


def _action_environment_actions(name: str, key: str, label: str, text: str) -> Action:
    return Action(
        id=f"environments.{name}",
        keys=(key,),
        label=label,
        help=text,
        group="Environments screen",
        scope=Scope.ENVIRONMENTS,
        in_footer=True,
        in_palette=False,
    )


ENVIRONMENT_ACTIONS = (
    _action_environment_actions(
        "switch", "enter", "Use", "Use the environment, and go back."
    ),
    _action_environment_actions("add", "a", "Add", "Describe a new environment."),
    _action_environment_actions(
        "edit", "e", "Edit", "Change it; one from elsewhere is copied first."
    ),
    _action_environment_actions(
        "duplicate", "d", "Duplicate", "Start a new one from it."
    ),
    _action_environment_actions(
        "delete", "x", "Delete", "Delete it and its typed secrets; asks first."
    ),
    _action_environment_actions(
        "default", "D", "Default", "Start with it from now on."
    ),
    _action_environment_actions("reload", "r", "Reload", "Read the files again."),
)
"""In the order of the footer; they are no use in the palette, which is not at hand."""


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


IMPORT_ACTIONS = (
    Action(
        "import_file",
        (),
        "Import a file…",
        "Turn an OpenAPI file, a Postman collection or a curl command into requests.",
        "Saved requests",
    ),
)


INTERCHANGE_ACTIONS = (
    Action(
        "copy_as",
        ("ctrl+backslash",),
        "Copy as…",
        "Copy the request as a curl or HTTPie command, or as Python.",
        "Request",
    ),
)


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


def _tree(name: str, keys: str, label: str, text: str, *, footer: bool) -> Action:
    return _local("tree", Scope.TREE, _SAVED, name, keys, label, text, footer)


def _row(name: str, keys: str, label: str, text: str, *, footer: bool) -> Action:
    return _local("rows", Scope.ROWS, _ROWS, name, keys, label, text, footer)


def _local(
    prefix: str,
    scope: Scope,
    group: str,
    name: str,
    keys: str,
    label: str,
    text: str,
    footer: bool,
) -> Action:
    return Action(
        id=f"{prefix}.{name}",
        keys=tuple(keys.split()),
        label=label,
        help=text,
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
    result: dict[str, list[Action]] = {}
    for action in actions:
        result.setdefault(action.group, []).append(action)
    return result


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
