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


# Where an action is offered besides the help page: (footer, palette)
BOTH = (True, True)
FOOTER = (True, False)
PALETTE = (False, True)
NEITHER = (False, False)


def _section(
    group: str,
    scope: Scope,
    rows: Sequence[tuple[str, str, tuple[bool, bool], str, str]],
    *,
    anywhere: bool = False,
) -> tuple[Action, ...]:
    """Return the actions of one heading and scope, in the order of footer and help page.

    Args:
        group: The heading on the help page.
        scope: Where the keys act; its name begins the ids.
        rows: Name, keys, where it is offered, label and help of each.
        anywhere: The screen has them as well.
    """
    prefix = "" if scope is Scope.APP else f"{scope.name.lower()}."
    return tuple(
        Action(
            id=prefix + name,
            keys=tuple(keys.split()),
            label=label,
            help=text,
            group=group,
            scope=scope,
            in_footer=in_footer,
            in_palette=in_palette,
            anywhere=anywhere,
        )
        for name, keys, (in_footer, in_palette), label, text in rows
    )


# The table: one action a row, kept by hand. What opens a screen of its own is not in the
# palette, which cannot be opened there; what only moves a cursor need not be found in it.
# fmt: off
_REQUEST = _section("Request", Scope.APP, [
    ("send",       "f5 ctrl+r ctrl+enter", BOTH,    "Send",
     "Send the request (enter in the URL does it too; ctrl+enter where the terminal has it)."),
    ("send_later", "",                     PALETTE, "Send later", "Send a read when the project's quota has a slot for it."),
    ("cancel",     "escape",               BOTH,    "Cancel",     "Stop the request that is on its way."),
    ("save",       "ctrl+s",               BOTH,    "Save",       "Save the request in its file; a new one asks for a name."),
    ("save_as",    "ctrl+shift+s",         PALETTE, "Save as",
     "Save the request under another name (the key needs a terminal that tells ctrl+shift+s from ctrl+s)."),
    ("new",        "ctrl+n",               PALETTE, "New",        "Start a new, empty request."),
    ("edit_body",  "f4",                   PALETTE, "Edit body",  "Open the body in $VISUAL or $EDITOR."),
    ("copy_as",    "ctrl+backslash",       PALETTE, "Copy as…",   "Copy the request as a curl or HTTPie command, or as Python."),
])

_IMPORT = _section("Saved requests", Scope.APP, [
    ("import_file", "", PALETTE, "Import a file…", "Turn an OpenAPI file, a Postman collection or a curl command into requests."),
])

_NAVIGATION = _section("Find the way", Scope.APP, [
    ("find",       "ctrl+g",                 BOTH,    "Find",       "Find a saved request by its name."),
    ("operations", "ctrl+t",                 BOTH,    "Operations", "Find any operation of Mixpanel, and begin a request with it."),
    ("jump",       "ctrl+o",                 BOTH,    "Jump",       "Go to any field or pane by a letter."),
    ("history",    "f3",                     BOTH,    "History",
     "Look through what was sent before: open, resend, restore, compare."),
    ("activity",   "ctrl+b ctrl+underscore", PALETTE, "Activity",   "List the requests on their way and the answers of this run."),
    ("focus_url",  "ctrl+l",                 PALETTE, "URL",        "Go to the relative URL."),
    ("sidebar",    "f2",                     PALETTE, "Sidebar",    "Show or hide the saved requests."),
    ("maximise",   "f8",                     PALETTE, "Maximise",   "Give the whole screen to the pane in use, or give it back."),
])

_PROGRAM = _section("Program", Scope.APP, [
    ("environments",       "f9",               BOTH,    "Environments",       "Switch, add and edit environments."),
    ("choose_environment", "",                 PALETTE, "Switch environment", "Use another environment for the next request."),
    ("choose_theme",       "",                 PALETTE, "Theme",              "Choose the colours, with a preview."),
    ("reload",             "",                 PALETTE, "Reload files",
     "Read collection, environments and settings from disk again."),
    ("palette",            "ctrl+p",           FOOTER,  "Palette",            "Find an action by its name."),
    ("help",               "f1 question_mark", BOTH,    "Help",               "Show every key (? where no text is typed)."),
    ("quit",               "ctrl+q",           PALETTE, "Quit",               "Leave mixtui; asks when work is unsaved."),
])

_TREE = _section("Saved requests", Scope.TREE, [
    ("open",       "enter", BOTH,    "Open",       "Open the request under the cursor."),
    ("find",       "slash", PALETTE, "Find",       "Find a saved request by its name."),
    ("duplicate",  "d",     BOTH,    "Duplicate",  "Copy the request in its folder."),
    ("rename",     "r",     BOTH,    "Rename",     "Rename the request or folder."),
    ("delete",     "x",     BOTH,    "Delete",     "Delete the request; u brings it back."),
    ("undo",       "u",     BOTH,    "Undo",       "Bring back what was deleted last."),
    ("move",       "m",     BOTH,    "Move",       "Move the request to another folder."),
    ("new_folder", "n",     PALETTE, "New folder", "Make a folder here."),
])

_ROWS = _section("Query and header rows", Scope.ROWS, [
    ("add",       "a",            BOTH,    "Add",       "Add a row under the cursor."),
    ("edit",      "enter",        BOTH,    "Edit",      "Edit name and value in place."),
    ("switch",    "space",        BOTH,    "On/off",    "Switch the row off: it is kept and not sent."),
    ("delete",    "x",            BOTH,    "Delete",    "Delete the row; u brings it back."),
    ("undo",      "u",            BOTH,    "Undo",      "Undo the last change of these rows."),
    ("move_up",   "shift+up K",   PALETTE, "Move up",   "Move the row up."),
    ("move_down", "shift+down J", PALETTE, "Move down", "Move the row down."),
    ("bulk",      "b",            BOTH,    "As text",   "Edit all rows as lines of text."),
    ("up",        "up k",         NEITHER, "Up",        "Go to the row above."),
    ("down",      "down j",       NEITHER, "Down",      "Go to the row below."),
    ("first",     "home g",       NEITHER, "First",     "Go to the first row."),
    ("last",      "end G",        NEITHER, "Last",      "Go to the last row."),
])

_BODY = _section("Body editor", Scope.BODY, [
    ("goto_error", "f12", PALETTE, "Go to mistake",
     "Put the cursor on the mistake that was found in the body; in a form without one, edit the value of the line in a box of its own."),
])

_ROW_VALUE = _section("Query and header rows", Scope.ROWS, [
    ("edit_value", "e f12", BOTH, "Edit value",
     "Edit a list, JSON, an expression or a date in a box of its own (f12 also while the row is typed in)."),
])

_HINTS = _section("Hints", Scope.APP, [
    ("hints",           "", PALETTE, "Hints",           "List what is probably wrong with the request, and go there."),
    ("correct",         "", PALETTE, "Correct it",      "Correct what the hint below the request says, where it is certain."),
    ("undo_correction", "", PALETTE, "Undo correction", "Take the last correction back."),
])

_ROW_HINTS = _section("Hints", Scope.ROWS, [
    ("correct", "c", PALETTE, "Correct", "Correct what the hint says of this row; u takes it back."),
])

_RESPONSE = _section("Response", Scope.RESPONSE, [
    ("search",         "slash",                BOTH,    "Search",       "Search the whole body."),
    ("next_match",     "n",                    PALETTE, "Next match",   "Go to the next match."),
    ("previous_match", "N",                    PALETTE, "Match before", "Go to the match before."),
    ("filter",         "f",                    BOTH,    "Filter",       "Filter the body in the jq language."),
    ("fold",           "space",                BOTH,    "Fold",         "Fold the object or list at the cursor away, or open it."),
    ("fold_level_1",   "1 minus",              PALETTE, "Fold level 1", "Fold everything within the root."),
    ("fold_level_2",   "2",                    PALETTE, "Fold level 2", "Fold all but the first two levels."),
    ("fold_level_3",   "3",                    PALETTE, "Fold level 3", "Fold all but the first three levels."),
    ("unfold_all",     "0 plus",               PALETTE, "Unfold all",   "Open everything that is folded."),
    ("wrap",           "w",                    BOTH,    "Wrap",         "Break long lines, or stop it."),
    ("raw",            "r",                    BOTH,    "Raw",          "Show the body as it came, or indented again."),
    ("line_numbers",   "number_sign",          PALETTE, "Line numbers", "Show them, or hide them."),
    ("go_to_line",     "colon",                PALETTE, "Go to line",   "Go to a line by its number."),
    ("open_record",    "enter",                PALETTE, "Open record",
     "Show the value or record under the cursor alone, indented."),
    ("copy",           "y",                    BOTH,    "Copy",
     "Copy the value under the cursor; a text without its quotation marks."),
    ("copy_path",      "p",                    PALETTE, "Copy path",    "Copy the path of the value, for jq."),
    ("copy_line",      "c",                    PALETTE, "Copy line",    "Copy the line under the cursor."),
    ("copy_body",      "Y",                    PALETTE, "Copy body",    "Copy the whole body."),
    ("save",           "s",                    BOTH,    "Save body",    "Save the body in a file."),
    ("diff",           "d",                    PALETTE, "Diff",         "Compare with the answer before this one."),
    ("pager",          "v",                    PALETTE, "Pager",        "Open the body in $PAGER."),
    ("editor",         "e",                    PALETTE, "Editor",       "Open a copy of the body in $VISUAL or $EDITOR."),
    ("next_tab",       "right_square_bracket", PALETTE, "Next tab",     "Show the next tab."),
    ("previous_tab",   "left_square_bracket",  PALETTE, "Previous tab", "Show the tab before."),
    ("scroll_up",      "up k",                 NEITHER, "Up",           "One line up."),
    ("scroll_down",    "down j",               NEITHER, "Down",         "One line down."),
    ("scroll_left",    "left h",               NEITHER, "Left",         "A few columns to the left."),
    ("scroll_right",   "right l",              NEITHER, "Right",        "A few columns to the right."),
    ("page_up",        "pageup",               NEITHER, "Page up",      "One page up."),
    ("page_down",      "pagedown",             NEITHER, "Page down",    "One page down."),
    ("line_start",     "home",                 NEITHER, "Line start",   "The first column."),
    ("line_end",       "end",                  NEITHER, "Line end",     "The last column."),
    ("top",            "g ctrl+home",          NEITHER, "Top",          "The first line."),
    ("bottom",         "G ctrl+end",           NEITHER, "Bottom",       "The last line."),
])

_FOLLOW_UPS = _section("After an answer", Scope.RESPONSE, [
    ("refused_record", "b", PALETTE, "Refused record",
     "Go to a refused record in the body of the request: the one under the cursor, or the next one."),
    ("other_region",   "o", PALETTE, "Try another region",
     "Send the same read to another region, and see where the project lives."),
    ("next_page",      "m", PALETTE, "Next page",           "Ask for the next page of a profile query."),
    ("all_pages",      "M", PALETTE, "All pages to a file",
     "Collect every page of a profile query in a file, after saying what it costs."),
], anywhere=True)

_TABLE = _section("Table", Scope.TABLE, [
    ("open",         "enter",             FOOTER,  "Open",         "Open a nested value, or else the record."),
    ("sort",         "s",                 FOOTER,  "Sort",         "Sort by this column: rising, falling, as it came."),
    ("filter",       "f",                 FOOTER,  "Filter",       "Keep rows with words: plan:pro."),
    ("hide",         "x",                 FOOTER,  "Hide",         "Hide this column."),
    ("show_all",     "u",                 NEITHER, "Show all",     "Show the hidden columns again."),
    ("next_table",   "t",                 FOOTER,  "Next table",   "Another list of the answer."),
    ("copy_cell",    "y",                 FOOTER,  "Copy cell",    "Copy the cell, whole."),
    ("copy_row",     "Y",                 NEITHER, "Copy row",     "Copy the row with its header, as TSV."),
    ("copy_tsv",     "c",                 NEITHER, "Copy TSV",     "Copy all rows shown, for a spreadsheet."),
    ("copy_csv",     "C",                 NEITHER, "Copy CSV",     "Copy all rows shown, as CSV."),
    ("copy_path",    "p",                 NEITHER, "Copy path",    "Copy the cell's path, for jq."),
    ("narrower",     "less_than_sign",    NEITHER, "Narrower",     "Make the column narrower."),
    ("wider",        "greater_than_sign", NEITHER, "Wider",        "Make the column wider."),
    ("cursor_up",    "up k",              NEITHER, "Up",           "One row up."),
    ("cursor_down",  "down j",            NEITHER, "Down",         "One row down."),
    ("cursor_left",  "left h",            NEITHER, "Left",         "One column to the left."),
    ("cursor_right", "right l",           NEITHER, "Right",        "One column to the right."),
    ("page_up",      "pageup",            NEITHER, "Page up",      "A screen up."),
    ("page_down",    "pagedown space",    NEITHER, "Page down",    "A screen down."),
    ("first_column", "home",              NEITHER, "First column", "Go to the first column."),
    ("last_column",  "end",               NEITHER, "Last column",  "Go to the last column."),
    ("first_row",    "g ctrl+home",       NEITHER, "First row",    "Go to the first row."),
    ("last_row",     "G ctrl+end",        NEITHER, "Last row",     "Go to the last row."),
])

_CHART = _section("Chart", Scope.CHART, [
    ("next_view",     "c",                 BOTH,    "View",        "Look at the answer another way."),
    ("previous_view", "C",                 PALETTE, "View before", "Go back to the view before."),
    ("summary",       "t",                 BOTH,    "Figures",     "Show figures only, or draw."),
    ("more",          "plus",              BOTH,    "More",        "Draw more of the largest series."),
    ("fewer",         "minus",             BOTH,    "Fewer",       "Draw fewer series."),
    ("copy",          "y",                 BOTH,    "Copy",        "Copy the figures as TSV."),
    ("next_part",     "right l",           NEITHER, "Next",        "The next date or value; or more columns."),
    ("previous_part", "left h",            NEITHER, "Before",      "The one before; or earlier columns."),
    ("columns_right", "greater_than_sign", NEITHER, "Columns",     "Columns to the right."),
    ("columns_left",  "less_than_sign",    NEITHER, "Columns",     "Columns to the left."),
    ("scroll_up",     "up k",              NEITHER, "Up",          "One row up."),
    ("scroll_down",   "down j",            NEITHER, "Down",        "One row down."),
    ("page_up",       "pageup",            NEITHER, "Page up",     "One page up."),
    ("page_down",     "pagedown",          NEITHER, "Page down",   "One page down."),
    ("top",           "g home",            NEITHER, "Top",         "The first row."),
    ("bottom",        "G end",             NEITHER, "Bottom",      "The last row."),
])

HISTORY_COMMANDS = _section("History screen", Scope.HISTORY, [
    ("open",    "enter", FOOTER, "Open",         "Show the old answer again."),
    ("filter",  "slash", FOOTER, "Filter",       "Say which calls to list."),
    ("resend",  "s",     FOOTER, "Send",         "Send the same request again."),
    ("restore", "e",     FOOTER, "Edit",         "Get the request back, to change it."),
    ("mark",    "space", FOOTER, "Mark",         "Mark one, to compare another with it."),
    ("compare", "d",     FOOTER, "Compare",      "Compare with the marked one; else with the answer before it."),
    ("delete",  "x",     FOOTER, "Delete",       "Delete it and its answer; asks first."),
    ("purge",   "P",     FOOTER, "Purge",        "Delete old ones, or many; asks first."),
    ("alone",   "o",     FOOTER, "This request", "List this request alone, or all of them."),
])

HISTORY_MOVES = _section("History screen", Scope.HISTORY, [
    ("up",        "up k",             NEITHER, "Up",        "One call up."),
    ("down",      "down j",           NEITHER, "Down",      "One call down."),
    ("page_up",   "pageup",           NEITHER, "Page up",   "One page up."),
    ("page_down", "pagedown",         NEITHER, "Page down", "One page down."),
    ("top",       "g home ctrl+home", NEITHER, "Top",       "The newest call."),
    ("bottom",    "G end ctrl+end",   NEITHER, "Bottom",    "The oldest call."),
])
"""They move the cursor in the list."""

_ENVIRONMENTS = _section("Environments screen", Scope.ENVIRONMENTS, [
    ("switch",    "enter", FOOTER, "Use",       "Use the environment, and go back."),
    ("add",       "a",     FOOTER, "Add",       "Describe a new environment."),
    ("edit",      "e",     FOOTER, "Edit",      "Change it; one from elsewhere is copied first."),
    ("duplicate", "d",     FOOTER, "Duplicate", "Start a new one from it."),
    ("delete",    "x",     FOOTER, "Delete",    "Delete it and its typed secrets; asks first."),
    ("default",   "D",     FOOTER, "Default",   "Start with it from now on."),
    ("reload",    "r",     FOOTER, "Reload",    "Read the files again."),
])

DIFF_COMMANDS = _section("Comparison", Scope.DIFF, [
    ("text",      "t", FOOTER, "As text",   "Compare line by line, or by path."),
    ("filter",    "f", FOOTER, "Filter",    "Show paths with some words only."),
    ("swap",      "s", FOOTER, "Swap",      "Take the old one for the new one."),
    ("copy",      "y", FOOTER, "Copy",      "Copy the change under the cursor; of the text, all of it."),
    ("copy_path", "p", FOOTER, "Copy path", "Copy the path, as jq takes it."),
    ("copy_all",  "Y", FOOTER, "Copy all",  "Copy every change that is listed."),
])

DIFF_MOVES = _section("Comparison", Scope.DIFF, [
    ("next",      "n",                FOOTER,  "Next",      "Go to the next lines that differ (as text)."),
    ("previous",  "N",                FOOTER,  "Previous",  "Go to the lines that differ before (as text)."),
    ("up",        "up k",             NEITHER, "Up",        "One row up."),
    ("down",      "down j",           NEITHER, "Down",      "One row down."),
    ("page_up",   "pageup",           NEITHER, "Page up",   "One page up."),
    ("page_down", "pagedown",         NEITHER, "Page down", "One page down."),
    ("left",      "left h",           NEITHER, "Left",      "A few columns to the left."),
    ("right",     "right l",          NEITHER, "Right",     "A few columns to the right."),
    ("top",       "g home ctrl+home", NEITHER, "Top",       "The first row."),
    ("bottom",    "G end ctrl+end",   NEITHER, "Bottom",    "The last row."),
])
"""They move the cursor in a view."""

OPERATIONS_ACTIONS = _section("Operations screen", Scope.OPERATIONS, [
    ("take",            "enter",          FOOTER,  "Take it",       "Begin a request with the operation."),
    ("next_family",     "tab",            FOOTER,  "Next family",   "Go to the next family."),
    ("previous_family", "shift+tab",      NEITHER, "Family before", "Go to the family before."),
    ("read_on",         "shift+down",     FOOTER,  "Read on",       "Scroll what explains the operation."),
    ("read_back",       "shift+up",       NEITHER, "Read back",     "Scroll the explanation back."),
    ("up",              "up",             NEITHER, "Up",            "One operation up."),
    ("down",            "down",           NEITHER, "Down",          "One operation down."),
    ("page_up",         "pageup",         NEITHER, "Page up",       "One page up."),
    ("page_down",       "pagedown",       NEITHER, "Page down",     "One page down."),
    ("top",             "home ctrl+home", NEITHER, "Top",           "The first operation."),
    ("bottom",          "end ctrl+end",   NEITHER, "Bottom",        "The last operation."),
])
"""All act while the search line above the list has the focus."""

_DOCS = _section("Docs tab", Scope.DOCS, [
    ("open_operation", "enter",            BOTH,    "In the catalogue", "Show it, or what replaces it, among all operations."),
    ("copy_link",      "y",                BOTH,    "Copy link",        "Copy the address of Mixpanel's page."),
    ("up",             "up k",             NEITHER, "Up",               "One line up."),
    ("down",           "down j",           NEITHER, "Down",             "One line down."),
    ("page_up",        "pageup",           NEITHER, "Page up",          "One page up."),
    ("page_down",      "pagedown",         NEITHER, "Page down",        "One page down."),
    ("top",            "g home ctrl+home", NEITHER, "Top",              "The beginning."),
    ("bottom",         "G end ctrl+end",   NEITHER, "Bottom",           "The end."),
])
# fmt: on

ACTIONS: tuple[Action, ...] = (
    *_REQUEST,
    *_IMPORT,
    *_NAVIGATION,
    *_PROGRAM,
    *_TREE,
    *_ROWS,
    *_BODY,
    *_ROW_VALUE,
    *_HINTS,
    *_ROW_HINTS,
    *_RESPONSE,
    *_FOLLOW_UPS,
    *_TABLE,
    *_CHART,
    *HISTORY_COMMANDS,
    *HISTORY_MOVES,
    *_ENVIRONMENTS,
    *DIFF_COMMANDS,
    *DIFF_MOVES,
    *OPERATIONS_ACTIONS,
    *_DOCS,
)
_EDIT_VALUE = "rows.edit_value"
NEXT_ACTIONS = tuple(action.name for action in _FOLLOW_UPS)
"""The names of the follow-up actions, which both screen and response pane have."""


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


def row_footer_actions(actions: Iterable[Action], value_label: str) -> list[Action]:
    """Return the actions for the footer, with the editor first if it suits the row.

    Args:
        actions: The actions of the rows.
        value_label: What the value under the cursor is (``date``); empty = nothing special.
    """
    others = [action for action in actions if action.id != _EDIT_VALUE]
    edit = [action for action in actions if action.id == _EDIT_VALUE]
    if value_label:
        others = [
            *(replace(action, label=f"Edit {value_label}") for action in edit),
            *others,
        ]
    return others
