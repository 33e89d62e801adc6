"""Every action of the app: its id, keys, label, help and the scope its keys act in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class Scope(StrEnum):
    """Where the keys of an action act: in one part of the screen, or everywhere."""

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
        """Whether letters are typed there, so that none can be a key of an action."""
        return self in (Scope.BODY, Scope.OPERATIONS)

    def overlaps(self, other: Scope) -> bool:
        """Return whether the same key could trigger actions of both scopes."""
        return self is other or Scope.APP in (self, other)


@dataclass(frozen=True, slots=True)
class Action:
    """Something the user can do."""

    id: str
    """Its name in `config.toml`."""
    keys: tuple[str, ...]
    """Textual's key names, the most common first; empty = palette only."""
    label: str
    """One or two words for the footer and the palette."""
    help: str
    """One sentence."""
    group: str
    """Its heading on the help page."""
    scope: Scope = Scope.APP
    in_footer: bool = False
    in_palette: bool = True
    anywhere: bool = False
    """The screen has it as well, so the palette offers it regardless of the focus."""

    @property
    def name(self) -> str:
        """The name of its method without the prefix ``action_``."""
        return self.id.rpartition(".")[2]

    @property
    def keys_text(self) -> str:
        """The keys as displayed: ``f5, ctrl+r``."""
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
_KEY_LABELS = {
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "page up",
    "pagedown": "page down",
    "escape": "esc",
}


def key_text(key: str) -> str:
    """Format a key for display: ``?`` for ``question_mark``, ``ctrl+↑``."""
    *modifiers, base = key.split("+")
    return "+".join(
        [*modifiers, _PUNCTUATION.get(base) or _KEY_LABELS.get(base) or base]
    )


NEXT_ACTIONS = ("refused_record", "other_region", "next_page", "all_pages")
"""The names of the follow-up actions, which both screen and response pane have."""


def _follow_up_action(name: str, key: str, label: str, text: str) -> Action:
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
    _follow_up_action(
        "refused_record",
        "b",
        "Refused record",
        "Go to a refused record in the body of the request: the one under the cursor, "
        "or the next one.",
    ),
    _follow_up_action(
        "other_region",
        "o",
        "Try another region",
        "Send the same read to another region, and see where the project lives.",
    ),
    _follow_up_action(
        "next_page",
        "m",
        "Next page",
        "Ask for the next page of a profile query.",
    ),
    _follow_up_action(
        "all_pages",
        "M",
        "All pages to a file",
        "Collect every page of a profile query in a file, after saying what it costs.",
    ),
)


def _diff_action(
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
    _diff_action(
        "text", "t", "As text", "Compare line by line, or by path.", footer=True
    ),
    _diff_action(
        "filter", "f", "Filter", "Show paths with some words only.", footer=True
    ),
    _diff_action("swap", "s", "Swap", "Take the old one for the new one.", footer=True),
    _diff_action(
        "copy",
        "y",
        "Copy",
        "Copy the change under the cursor; of the text, all of it.",
        footer=True,
    ),
    _diff_action(
        "copy_path", "p", "Copy path", "Copy the path, as jq takes it.", footer=True
    ),
    _diff_action(
        "copy_all", "Y", "Copy all", "Copy every change that is listed.", footer=True
    ),
)
"""In the order of the footer; not in the palette, which cannot be opened there."""

DIFF_MOVES = (
    _diff_action(
        "next", "n", "Next", "Go to the next lines that differ (as text).", footer=True
    ),
    _diff_action(
        "previous",
        "N",
        "Previous",
        "Go to the lines that differ before (as text).",
        footer=True,
    ),
    _diff_action("up", "up k", "Up", "One row up."),
    _diff_action("down", "down j", "Down", "One row down."),
    _diff_action("page_up", "pageup", "Page up", "One page up."),
    _diff_action("page_down", "pagedown", "Page down", "One page down."),
    _diff_action("left", "left h", "Left", "A few columns to the left."),
    _diff_action("right", "right l", "Right", "A few columns to the right."),
    _diff_action("top", "g home ctrl+home", "Top", "The first row."),
    _diff_action("bottom", "G end ctrl+end", "Bottom", "The last row."),
)
"""They move the cursor in a view."""

DIFF_ACTIONS = (*DIFF_COMMANDS, *DIFF_MOVES)


OPERATIONS = Action(
    "operations",
    ("ctrl+t",),
    "Operations",
    "Find any operation of Mixpanel, and begin a request with it.",
    "Find the way",
    in_footer=True,
)


def _operations_action(
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
    _operations_action(
        "take", "enter", "Take it", "Begin a request with the operation."
    ),
    _operations_action("next_family", "tab", "Next family", "Go to the next family."),
    _operations_action(
        "previous_family",
        "shift+tab",
        "Family before",
        "Go to the family before.",
        footer=False,
    ),
    _operations_action(
        "read_on", "shift+down", "Read on", "Scroll what explains the operation."
    ),
    _operations_action(
        "read_back",
        "shift+up",
        "Read back",
        "Scroll the explanation back.",
        footer=False,
    ),
    _operations_action("up", "up", "Up", "One operation up.", footer=False),
    _operations_action("down", "down", "Down", "One operation down.", footer=False),
    _operations_action("page_up", "pageup", "Page up", "One page up.", footer=False),
    _operations_action(
        "page_down", "pagedown", "Page down", "One page down.", footer=False
    ),
    _operations_action(
        "top", "home ctrl+home", "Top", "The first operation.", footer=False
    ),
    _operations_action(
        "bottom", "end ctrl+end", "Bottom", "The last operation.", footer=False
    ),
)
"""All act while the search line above the list has the focus."""


def _docs_action(
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
    _docs_action(
        "open_operation",
        "enter",
        "In the catalogue",
        "Show it, or what replaces it, among all operations.",
        footer=True,
    ),
    _docs_action(
        "copy_link",
        "y",
        "Copy link",
        "Copy the address of Mixpanel's page.",
        footer=True,
    ),
    _docs_action("up", "up k", "Up", "One line up."),
    _docs_action("down", "down j", "Down", "One line down."),
    _docs_action("page_up", "pageup", "Page up", "One page up."),
    _docs_action("page_down", "pagedown", "Page down", "One page down."),
    _docs_action("top", "g home ctrl+home", "Top", "The beginning."),
    _docs_action("bottom", "G end ctrl+end", "Bottom", "The end."),
)

OPERATIONS_ACTIONS = (*OPERATIONS_KEYS, *DOCS_ACTIONS)


def _history_action(
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
    _history_action("open", "enter", "Open", "Show the old answer again."),
    _history_action("filter", "slash", "Filter", "Say which calls to list."),
    _history_action("resend", "s", "Send", "Send the same request again."),
    _history_action("restore", "e", "Edit", "Get the request back, to change it."),
    _history_action("mark", "space", "Mark", "Mark one, to compare another with it."),
    _history_action(
        "compare",
        "d",
        "Compare",
        "Compare with the marked one; else with the answer before it.",
    ),
    _history_action("delete", "x", "Delete", "Delete it and its answer; asks first."),
    _history_action("purge", "P", "Purge", "Delete old ones, or many; asks first."),
    _history_action(
        "alone", "o", "This request", "List this request alone, or all of them."
    ),
)
"""In the order of the footer; not in the palette, which cannot be opened there."""

HISTORY_MOVES = (
    _history_action("up", "up k", "Up", "One call up.", footer=False),
    _history_action("down", "down j", "Down", "One call down.", footer=False),
    _history_action("page_up", "pageup", "Page up", "One page up.", footer=False),
    _history_action(
        "page_down", "pagedown", "Page down", "One page down.", footer=False
    ),
    _history_action("top", "g home ctrl+home", "Top", "The newest call.", footer=False),
    _history_action(
        "bottom", "G end ctrl+end", "Bottom", "The oldest call.", footer=False
    ),
)
"""They move the cursor in the list."""

HISTORY_ACTIONS = (*HISTORY_COMMANDS, *HISTORY_MOVES)


def _table_action(
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
    _table_action(
        "open", "enter", "Open", "Open a nested value, or else the record.", footer=True
    ),
    _table_action(
        "sort",
        "s",
        "Sort",
        "Sort by this column: rising, falling, as it came.",
        footer=True,
    ),
    _table_action(
        "filter", "f", "Filter", "Keep rows with words: plan:pro.", footer=True
    ),
    _table_action("hide", "x", "Hide", "Hide this column.", footer=True),
    _table_action("show_all", "u", "Show all", "Show the hidden columns again."),
    _table_action(
        "next_table", "t", "Next table", "Another list of the answer.", footer=True
    ),
    _table_action("copy_cell", "y", "Copy cell", "Copy the cell, whole.", footer=True),
    _table_action("copy_row", "Y", "Copy row", "Copy the row with its header, as TSV."),
    _table_action(
        "copy_tsv", "c", "Copy TSV", "Copy all rows shown, for a spreadsheet."
    ),
    _table_action("copy_csv", "C", "Copy CSV", "Copy all rows shown, as CSV."),
    _table_action("copy_path", "p", "Copy path", "Copy the cell's path, for jq."),
    _table_action(
        "narrower", "less_than_sign", "Narrower", "Make the column narrower."
    ),
    _table_action("wider", "greater_than_sign", "Wider", "Make the column wider."),
    _table_action("cursor_up", "up k", "Up", "One row up."),
    _table_action("cursor_down", "down j", "Down", "One row down."),
    _table_action("cursor_left", "left h", "Left", "One column to the left."),
    _table_action("cursor_right", "right l", "Right", "One column to the right."),
    _table_action("page_up", "pageup", "Page up", "A screen up."),
    _table_action("page_down", "pagedown space", "Page down", "A screen down."),
    _table_action("first_column", "home", "First column", "Go to the first column."),
    _table_action("last_column", "end", "Last column", "Go to the last column."),
    _table_action("first_row", "g ctrl+home", "First row", "Go to the first row."),
    _table_action("last_row", "G ctrl+end", "Last row", "Go to the last row."),
)
"""In the order of the footer; not in the palette, which cannot be opened there."""


_GROUP = "Response"


def _response_action(
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


def _response_move_action(name: str, keys: str, label: str, text: str) -> Action:
    """Navigation: has a key, but need not be found in the palette."""
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
    _response_action(
        "search", "slash", "Search", "Search the whole body.", footer=True
    ),
    _response_action("next_match", "n", "Next match", "Go to the next match."),
    _response_action("previous_match", "N", "Match before", "Go to the match before."),
    _response_action(
        "filter", "f", "Filter", "Filter the body in the jq language.", footer=True
    ),
    _response_action(
        "fold",
        "space",
        "Fold",
        "Fold the object or list at the cursor away, or open it.",
        footer=True,
    ),
    _response_action(
        "fold_level_1", "1 minus", "Fold level 1", "Fold everything within the root."
    ),
    _response_action(
        "fold_level_2", "2", "Fold level 2", "Fold all but the first two levels."
    ),
    _response_action(
        "fold_level_3", "3", "Fold level 3", "Fold all but the first three levels."
    ),
    _response_action(
        "unfold_all", "0 plus", "Unfold all", "Open everything that is folded."
    ),
    _response_action("wrap", "w", "Wrap", "Break long lines, or stop it.", footer=True),
    _response_action(
        "raw", "r", "Raw", "Show the body as it came, or indented again.", footer=True
    ),
    _response_action(
        "line_numbers", "number_sign", "Line numbers", "Show them, or hide them."
    ),
    _response_action(
        "go_to_line", "colon", "Go to line", "Go to a line by its number."
    ),
    _response_action(
        "open_record",
        "enter",
        "Open record",
        "Show the value or record under the cursor alone, indented.",
    ),
    _response_action(
        "copy",
        "y",
        "Copy",
        "Copy the value under the cursor; a text without its quotation marks.",
        footer=True,
    ),
    _response_action(
        "copy_path", "p", "Copy path", "Copy the path of the value, for jq."
    ),
    _response_action("copy_line", "c", "Copy line", "Copy the line under the cursor."),
    _response_action("copy_body", "Y", "Copy body", "Copy the whole body."),
    _response_action("save", "s", "Save body", "Save the body in a file.", footer=True),
    _response_action("diff", "d", "Diff", "Compare with the answer before this one."),
    _response_action("pager", "v", "Pager", "Open the body in $PAGER."),
    _response_action(
        "editor", "e", "Editor", "Open a copy of the body in $VISUAL or $EDITOR."
    ),
    _response_action(
        "next_tab", "right_square_bracket", "Next tab", "Show the next tab."
    ),
    _response_action(
        "previous_tab", "left_square_bracket", "Previous tab", "Show the tab before."
    ),
    _response_move_action("scroll_up", "up k", "Up", "One line up."),
    _response_move_action("scroll_down", "down j", "Down", "One line down."),
    _response_move_action(
        "scroll_left", "left h", "Left", "A few columns to the left."
    ),
    _response_move_action(
        "scroll_right", "right l", "Right", "A few columns to the right."
    ),
    _response_move_action("page_up", "pageup", "Page up", "One page up."),
    _response_move_action("page_down", "pagedown", "Page down", "One page down."),
    _response_move_action("line_start", "home", "Line start", "The first column."),
    _response_move_action("line_end", "end", "Line end", "The last column."),
    _response_move_action("top", "g ctrl+home", "Top", "The first line."),
    _response_move_action("bottom", "G ctrl+end", "Bottom", "The last line."),
)


def _chart_action(
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


def _chart_move_action(name: str, keys: str, label: str, text: str) -> Action:
    return _chart_action(name, keys, label, text, palette=False)


CHART_ACTIONS = (
    _chart_action(
        "next_view", "c", "View", "Look at the answer another way.", footer=True
    ),
    _chart_action("previous_view", "C", "View before", "Go back to the view before."),
    _chart_action(
        "summary", "t", "Figures", "Show figures only, or draw.", footer=True
    ),
    _chart_action(
        "more", "plus", "More", "Draw more of the largest series.", footer=True
    ),
    _chart_action("fewer", "minus", "Fewer", "Draw fewer series.", footer=True),
    _chart_action("copy", "y", "Copy", "Copy the figures as TSV.", footer=True),
    _chart_move_action(
        "next_part", "right l", "Next", "The next date or value; or more columns."
    ),
    _chart_move_action(
        "previous_part", "left h", "Before", "The one before; or earlier columns."
    ),
    _chart_move_action(
        "columns_right", "greater_than_sign", "Columns", "Columns to the right."
    ),
    _chart_move_action(
        "columns_left", "less_than_sign", "Columns", "Columns to the left."
    ),
    _chart_move_action("scroll_up", "up k", "Up", "One row up."),
    _chart_move_action("scroll_down", "down j", "Down", "One row down."),
    _chart_move_action("page_up", "pageup", "Page up", "One page up."),
    _chart_move_action("page_down", "pagedown", "Page down", "One page down."),
    _chart_move_action("top", "g home", "Top", "The first row."),
    _chart_move_action("bottom", "G end", "Bottom", "The last row."),
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


def row_footer_actions(actions: Iterable[Action], value_label: str) -> list[Action]:
    """Return the actions for the footer, with the editor first if it suits the row.

    Args:
        actions: The actions of the rows.
        value_label: What the value under the cursor is (``date``); empty = nothing special.
    """
    others = [action for action in actions if action.id != EDIT_VALUE.id]
    edit = [action for action in actions if action.id == EDIT_VALUE.id]
    if value_label:
        others = [
            *(replace(action, label=f"Edit {value_label}") for action in edit),
            *others,
        ]
    return others


def _environment_action(name: str, key: str, label: str, text: str) -> Action:
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
    _environment_action("switch", "enter", "Use", "Use the environment, and go back."),
    _environment_action("add", "a", "Add", "Describe a new environment."),
    _environment_action(
        "edit", "e", "Edit", "Change it; one from elsewhere is copied first."
    ),
    _environment_action("duplicate", "d", "Duplicate", "Start a new one from it."),
    _environment_action(
        "delete", "x", "Delete", "Delete it and its typed secrets; asks first."
    ),
    _environment_action("default", "D", "Default", "Start with it from now on."),
    _environment_action("reload", "r", "Reload", "Read the files again."),
)
"""In the order of the footer; not in the palette, which cannot be opened there."""


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


def _tree_action(
    name: str, keys: str, label: str, text: str, *, footer: bool
) -> Action:
    return _scoped_action("tree", Scope.TREE, _SAVED, name, keys, label, text, footer)


def _row_action(name: str, keys: str, label: str, text: str, *, footer: bool) -> Action:
    return _scoped_action("rows", Scope.ROWS, _ROWS, name, keys, label, text, footer)


def _scoped_action(
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


def _hide_from_palette(action: Action) -> Action:
    """Navigation: has a key, but need not be found in the palette."""
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
    _tree_action(
        "open", "enter", "Open", "Open the request under the cursor.", footer=True
    ),
    _tree_action(
        "find", "slash", "Find", "Find a saved request by its name.", footer=False
    ),
    _tree_action(
        "duplicate", "d", "Duplicate", "Copy the request in its folder.", footer=True
    ),
    _tree_action("rename", "r", "Rename", "Rename the request or folder.", footer=True),
    _tree_action(
        "delete", "x", "Delete", "Delete the request; u brings it back.", footer=True
    ),
    _tree_action("undo", "u", "Undo", "Bring back what was deleted last.", footer=True),
    _tree_action(
        "move", "m", "Move", "Move the request to another folder.", footer=True
    ),
    _tree_action("new_folder", "n", "New folder", "Make a folder here.", footer=False),
    _row_action("add", "a", "Add", "Add a row under the cursor.", footer=True),
    _row_action("edit", "enter", "Edit", "Edit name and value in place.", footer=True),
    _row_action(
        "switch",
        "space",
        "On/off",
        "Switch the row off: it is kept and not sent.",
        footer=True,
    ),
    _row_action(
        "delete", "x", "Delete", "Delete the row; u brings it back.", footer=True
    ),
    _row_action(
        "undo", "u", "Undo", "Undo the last change of these rows.", footer=True
    ),
    _row_action("move_up", "shift+up K", "Move up", "Move the row up.", footer=False),
    _row_action(
        "move_down", "shift+down J", "Move down", "Move the row down.", footer=False
    ),
    _row_action("bulk", "b", "As text", "Edit all rows as lines of text.", footer=True),
    _hide_from_palette(
        _row_action("up", "up k", "Up", "Go to the row above.", footer=False)
    ),
    _hide_from_palette(
        _row_action("down", "down j", "Down", "Go to the row below.", footer=False)
    ),
    _hide_from_palette(
        _row_action("first", "home g", "First", "Go to the first row.", footer=False)
    ),
    _hide_from_palette(
        _row_action("last", "end G", "Last", "Go to the last row.", footer=False)
    ),
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
    """Return the action with an id, or None."""
    return next((action for action in actions if action.id == action_id), None)


def in_scope(scope: Scope, actions: Iterable[Action] = ACTIONS) -> tuple[Action, ...]:
    """Return the actions of one scope, in order of declaration."""
    return tuple(action for action in actions if action.scope is scope)


def groups(actions: Iterable[Action] = ACTIONS) -> dict[str, list[Action]]:
    """Group actions by heading, in order of declaration, as the help page does."""
    result: dict[str, list[Action]] = {}
    for action in actions:
        result.setdefault(action.group, []).append(action)
    return result


def keys_table(actions: Sequence[Action] = ACTIONS) -> str:
    """Format all keys as text: a heading per group, then keys, id and help."""
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
    """Return all keys as JSON values, one object per action."""
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
