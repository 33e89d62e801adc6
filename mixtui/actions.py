"""Every action of the app: its id, keys, label, help and the scope its keys act in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace


class Scope(StrEnum):
    """Where the keys of an action work: in one part of the screen, or everywhere."""

    APP = "everywhere"
    TEXT = "text fields"
    TREE = "saved requests"
    ROWS = "path, query and header rows"
    INPUTS = "inputs"
    BODY = "body editor"
    RESPONSE = "response"
    CHART = "chart"
    TABLE = "table"
    ENVIRONMENTS = "environments screen"
    JOBS = "jobs screen"
    SQL = "SQL screen"
    DIFF = "diff"
    HISTORY = "history"
    OPERATIONS = "operations screen"
    FINDER = "finder"
    LIST = "lists"
    DOCS = "docs tab"

    @property
    def takes_text(self) -> bool:
        """Whether letters are text there, so that no letter can be a key."""
        return self in (Scope.TEXT, Scope.BODY, Scope.SQL) or self.is_search

    @property
    def is_search(self) -> bool:
        """Whether it is a list below a search line that keeps the focus."""
        return self in (Scope.OPERATIONS, Scope.FINDER)

    def overlaps(self, other: Scope) -> bool:
        """Return whether the same key could trigger actions of both scopes."""
        both = (self, other)
        is_in_text = self.takes_text and other.takes_text and Scope.TEXT in both
        is_on_screen = Scope.LIST in both and bool(
            {Scope.ENVIRONMENTS, Scope.JOBS} & {*both}
        )
        return self is other or Scope.APP in both or is_in_text or is_on_screen


class Action(Struct, frozen=True):
    """Something a user can do."""

    id: str
    """Its name in ``config.toml``."""
    keys: tuple[str, ...]
    """Textual's key names, the most common first; empty = palette only."""
    label: str
    """A verb or noun of one to three words, for the footer and the palette."""
    help: str
    """One sentence."""
    group: str
    """Its heading on the help page."""
    scope: Scope = Scope.APP
    in_footer: bool = False
    in_palette: bool = True
    anywhere: bool = False
    """The main screen handles it too, so the palette offers it wherever the focus is."""

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
    "circumflex_accent": "^",
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
    """Build the actions of one heading and scope, in the order of footer and help page.

    Args:
        group: The heading on the help page.
        scope: Where the keys work; the ids begin with its name.
        rows: Name, keys, where it is offered, label and help of each action.
        anywhere: The main screen handles them too.
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


# One action per row, aligned by hand. The palette lists no action of another screen, because
# it cannot be opened there, and none that only moves a cursor.
# fmt: off
_REQUEST = _section("Request", Scope.APP, [
    ("send",       "f5 ctrl+r ctrl+enter", BOTH,    "Send", "Send the request; enter in the URL field sends it, too."),
    ("send_later", "",                     PALETTE, "Send later",  "Send a read as soon as the project's quota allows it."),
    ("preview",    "shift+f5",             PALETTE, "Preview request", "Show exactly what would be sent, without sending it."),
    ("cancel",     "escape",               BOTH,    "Cancel",      "Cancel the request in flight."),
    ("save",       "ctrl+s",               BOTH,    "Save",        "Save the request; a new one asks for a name."),
    ("save_as",    "ctrl+shift+s",         PALETTE, "Save as…", "Save under another name (the key needs a modern terminal)."),
    ("new",        "ctrl+n",               PALETTE, "New request", "Create an empty request."),
    ("edit_body",  "f4",                   PALETTE, "Edit body",   "Edit the body in $VISUAL or $EDITOR."),
    ("copy_as",    "ctrl+backslash",       PALETTE, "Copy as…", "Copy the request for curl, HTTPie or Python, or as TOML."),
])

_IMPORT = _section("Saved requests", Scope.APP, [
    ("add_starters", "", PALETTE, "Add starter requests", "Add requests that work with any project to the collection."),
    ("import_file", "", PALETTE, "Import file…", "Import OpenAPI, Postman or curl files as requests."),
])

_NAVIGATION = _section("Navigation", Scope.APP, [
    ("find",       "ctrl+g",                 BOTH,    "Find",           "Find a saved request."),
    ("operations", "ctrl+t",                 BOTH,    "Operations", "Search all Mixpanel operations, and use one."),
    ("jump",       "ctrl+o",                 BOTH,    "Jump",           "Jump to any field or pane by its letter."),
    ("history",    "f3",                     BOTH,    "History", "Browse sent requests: open, resend, edit, compare."),
    ("jobs",       "shift+f2 f14",           PALETTE, "Jobs",           "Start, watch, pause and resume bulk jobs."),
    ("query_file", "",                       PALETTE, "Query file with SQL…", "Run SQL on exported events or any table, without a request."),
    ("activity",   "ctrl+b ctrl+underscore", PALETTE, "Activity", "Show in-flight requests and this session's responses."),
    ("focus_url",  "ctrl+l",                 PALETTE, "Go to URL",      "Go to the URL field."),
    ("sidebar",    "f2",                     PALETTE, "Toggle sidebar", "Show or hide the saved requests."),
    ("maximise",   "f8",                     PALETTE, "Maximize pane", "Maximize the focused pane, or restore the layout."),
    ("resize",     "shift+f8 f20",           PALETTE, "Resize panes", "Resize the panes with the arrow keys."),
])

_PROGRAM = _section("App", Scope.APP, [
    ("environments",       "f9",               BOTH,    "Environments",       "Switch, add and edit environments."),
    ("choose_environment", "",                 PALETTE, "Switch environment", "Choose the environment for the next request."),
    ("switch_collection",  "shift+f9 f21",     PALETTE, "Switch collection…", "Open another collection, a recent one or any folder."),
    ("set_up",             "",                 PALETTE, "Set up an environment…",
     "Test credentials, find region and project."),
    ("choose_theme",       "",                 PALETTE, "Theme…",             "Choose a color theme, with preview."),
    ("reload",             "",                 PALETTE, "Reload files",
     "Reload collection, environments and settings from disk."),
    ("redraw",             "",                 PALETTE, "Redraw screen",
     "Redraw the screen, if another program has written over it."),
    ("open_log",           "",                 PALETTE, "Open log",
     "Open the log in $PAGER; MIXTUI_LOG=info writes one."),
    ("open_crash_report",  "",                 PALETTE, "Open crash report",
     "Open the newest report of an internal error in $PAGER."),
    ("palette",            "ctrl+p",           FOOTER,  "Palette",            "Search all actions."),
    ("help",               "f1 question_mark", BOTH,    "Help", "Explain the focused pane, and list all keys."),
    ("quit",               "ctrl+q",           PALETTE, "Quit", "Quit mixtui; asks if there is unsaved work."),
])

_TREE = _section("Saved requests", Scope.TREE, [
    ("open",       "enter", BOTH,    "Open",        "Open the request under the cursor."),
    ("find",       "slash", PALETTE, "Find",        "Find a saved request."),
    ("move_up",    "shift+up K",   PALETTE, "Move up",   "Move the saved request or folder up, or as far as a count."),
    ("move_down",  "shift+down J", PALETTE, "Move down", "Move the saved request or folder down."),
    ("favorites_only", "F", PALETTE, "Favorites only", "Show only favorites in the sidebar, or everything."),
])

_TREE_MOVES = _section("Saved requests", Scope.TREE, [
    ("up",        "up k",             NEITHER, "Up",        "Up one entry."),
    ("down",      "down j",           NEITHER, "Down",      "Down one entry."),
    ("collapse",  "left h",           NEITHER, "Collapse",  "Collapse the folder, or go to the folder around the entry."),
    ("expand",    "right l",          NEITHER, "Expand",    "Expand the folder, or go to its first entry."),
    ("page_up",   "pageup",           NEITHER, "Page up",   "Up one page."),
    ("page_down", "pagedown",         NEITHER, "Page down", "Down one page."),
    ("top",       "g home ctrl+home", NEITHER, "Top",       "Go to the first entry."),
    ("bottom",    "G end ctrl+end",   NEITHER, "Bottom",    "Go to the last entry."),
])
"""Move the cursor in the tree."""

_SAVED = _section("Saved requests", Scope.TREE, [
    ("duplicate",  "d",     BOTH,    "Duplicate",   "Duplicate the saved request or folder beside itself."),
    ("rename",     "r",     BOTH,    "Rename",      "Rename the saved request or folder."),
    ("delete",     "x",     BOTH,    "Delete",      "Delete the saved request or folder; Undo restores it."),
    ("undo",       "u",     BOTH,    "Undo",        "Undo the last change to saved requests and folders."),
    ("redo",       "U",     PALETTE, "Redo",        "Redo the last undone change to saved requests."),
    ("move",       "m",     BOTH,    "Move",        "Move the saved request or folder to another folder."),
    ("copy_to",    "c",     PALETTE, "Copy to…",    "Copy the saved request or folder to another folder."),
    ("favorite",   "f",     BOTH,    "Favorite",    "Make the saved request a favorite, or no longer."),
    ("tags",       "t",     PALETTE, "Tags…",       "Edit the tags of the saved request."),
    ("new_folder", "n",     BOTH,    "New folder",  "Create a folder at the cursor of the tree."),
], anywhere=True)
"""They act on the open request unless the tree has the focus."""

_ROWS = _section("Path, query and header rows", Scope.ROWS, [
    ("add",       "a",            BOTH,    "Add",       "Add a row below the cursor."),
    ("edit",      "enter",        BOTH,    "Edit",      "Edit name and value in place."),
    ("switch",    "space",        BOTH,    "Toggle",    "Enable or disable the row; a disabled row is not sent."),
    ("delete",    "x",            BOTH,    "Delete",    "Delete the row; Undo restores it."),
    ("undo",      "u",            BOTH,    "Undo",      "Undo the last change to these rows."),
    ("move_up",   "shift+up K",   PALETTE, "Move up",   "Move the row up."),
    ("move_down", "shift+down J", PALETTE, "Move down", "Move the row down."),
    ("bulk",      "b",            BOTH,    "Bulk edit", "Edit all rows as text."),
    ("up",        "up k",         NEITHER, "Up",        "Up one row."),
    ("down",      "down j",       NEITHER, "Down",      "Down one row."),
    ("first",     "home g",       NEITHER, "First row", "Go to the first row."),
    ("last",      "end G",        NEITHER, "Last row",  "Go to the last row."),
])

_INPUTS = _section("Inputs", Scope.INPUTS, [
    ("add",       "a",            BOTH,    "Add",       "Add an input below the cursor."),
    ("edit",      "enter e",      BOTH,    "Edit",      "Edit the input in a form."),
    ("delete",    "x",            BOTH,    "Delete",    "Delete the input; Undo restores it."),
    ("undo",      "u",            BOTH,    "Undo",      "Undo the last change to the inputs."),
    ("move_up",   "shift+up K",   PALETTE, "Move up",   "Move the input up: it is asked for earlier."),
    ("move_down", "shift+down J", PALETTE, "Move down", "Move the input down: it is asked for later."),
    ("up",        "up k",         NEITHER, "Up",        "Up one input."),
    ("down",      "down j",       NEITHER, "Down",      "Down one input."),
    ("top",       "home g",       NEITHER, "First input", "Go to the first input."),
    ("bottom",    "end G",        NEITHER, "Last input",  "Go to the last input."),
])

_TEXT = _section("Text fields", Scope.TEXT, [
    ("undo", "ctrl+z", NEITHER, "Undo", "Undo the last edit in the field."),
    ("redo", "ctrl+y", NEITHER, "Redo", "Redo the last undone edit."),
])

_BODY = _section("Body editor", Scope.BODY, [
    ("search",         "ctrl+f",                    BOTH,    "Search",         "Search the body; ↓ and ↑ go to the next and previous match."),
    ("next_match",     "",                          PALETTE, "Next match",     "Go to the next match in the body."),
    ("previous_match", "",                          PALETTE, "Previous match", "Go to the previous match in the body."),
    ("format",         "ctrl+right_square_bracket", BOTH,    "Format",         "Indent the JSON body; numbers and keys stay as typed."),
    ("minify",         "ctrl+circumflex_accent ctrl+6", PALETTE, "Minify",         "Remove white space from the JSON body, or from each record."),
    ("sort_keys",      "shift+f7 f19",              PALETTE, "Sort keys",      "Sort the keys of every object in the JSON body."),
    ("goto_error",     "f12",                       PALETTE, "Go to error",
     "Go to the error in the body, or edit the value in a form."),
])

_ROW_VALUE = _section("Path, query and header rows", Scope.ROWS, [
    ("edit_value", "e f12", BOTH, "Edit value", "Edit a list, JSON, expression or date in a dialog."),
])

_HINTS = _section("Hints", Scope.APP, [
    ("hints",           "shift+f6 f18", PALETTE, "Hints", "List problems in the request, and go to one."),
    ("correct",         "", PALETTE, "Apply fix", "Apply the fix that the hint below the request offers."),
    ("undo_correction", "", PALETTE, "Undo fix",  "Undo the last fix."),
])

_ROW_HINTS = _section("Hints", Scope.ROWS, [
    ("correct", "c", PALETTE, "Apply fix", "Apply the fix for this row; Undo reverts it."),
])

_RESPONSE = _section("Response", Scope.RESPONSE, [
    ("search",         "slash",                BOTH,    "Search",         "Search the whole body."),
    ("next_match",     "n",                    PALETTE, "Next match",     "Go to the next match."),
    ("previous_match", "N",                    PALETTE, "Previous match", "Go to the previous match."),
    ("filter",         "f",                    BOTH,    "Filter",         "Filter the body with jq."),
    ("fold",           "space",                BOTH,    "Fold", "Fold or unfold the object or array at the cursor."),
    ("fold_level_1",   "minus",                PALETTE, "Fold level 1",   "Fold inside the root; a count of 2 or 3 folds deeper levels."),
    ("fold_level_2",   "",                     PALETTE, "Fold level 2",   "Fold everything below the second level."),
    ("fold_level_3",   "",                     PALETTE, "Fold level 3",   "Fold everything below the third level."),
    ("unfold_all",     "plus",                 PALETTE, "Unfold all",     "Unfold everything."),
    ("wrap",           "w",                    BOTH,    "Wrap",           "Toggle line wrap."),
    ("raw",            "r",                    BOTH,    "Raw",            "Toggle between the raw and the formatted body."),
    ("line_numbers",   "number_sign",          PALETTE, "Line numbers",   "Toggle line numbers."),
    ("go_to_line",     "colon",                PALETTE, "Go to line",     "Go to a line by number."),
    ("open_record",    "enter",                PALETTE, "Open record", "Open the value or record on its own, formatted."),
    ("copy",           "y",                    BOTH,    "Copy", "Copy the value under the cursor; strings without quotes."),
    ("copy_path",      "p",                    PALETTE, "Copy path",      "Copy the jq path of the value."),
    ("copy_line",      "c",                    PALETTE, "Copy line",      "Copy the line under the cursor."),
    ("copy_body",      "Y",                    PALETTE, "Copy body",      "Copy the whole body."),
    ("save",           "s",                    BOTH,    "Save body",      "Save the body to a file."),
    ("diff",           "d",                    PALETTE, "Diff",           "Compare with the previous response."),
    ("pager",          "v",                    PALETTE, "Open in pager",  "Open the body in $PAGER."),
    ("editor",         "e",                    PALETTE, "Open in editor", "Open a copy of the body in $VISUAL or $EDITOR."),
    ("next_tab",       "right_square_bracket", PALETTE, "Next tab",       "Show the next tab."),
    ("previous_tab",   "left_square_bracket",  PALETTE, "Previous tab",   "Show the previous tab."),
    ("scroll_up",      "up k",                 NEITHER, "Up",             "Up one line."),
    ("scroll_down",    "down j",               NEITHER, "Down",           "Down one line."),
    ("scroll_left",    "left h",               NEITHER, "Left",           "Scroll left."),
    ("scroll_right",   "right l",              NEITHER, "Right",          "Scroll right."),
    ("page_up",        "pageup",               NEITHER, "Page up",        "Up one page."),
    ("page_down",      "pagedown",             NEITHER, "Page down",      "Down one page."),
    ("line_start",     "home",                 NEITHER, "Line start",     "Go to the first column."),
    ("line_end",       "end",                  NEITHER, "Line end",       "Go to the last column."),
    ("top",            "g ctrl+home",          NEITHER, "Top",            "Go to the first line."),
    ("bottom",         "G ctrl+end",           NEITHER, "Bottom",         "Go to the last line."),
])

_FOLLOW_UPS = _section("Response actions", Scope.RESPONSE, [
    ("refused_record", "b", PALETTE, "Rejected record", "Go to a rejected record in the request body."),
    ("keep_rejected", "B", PALETTE, "Keep rejected records", "Remove all but the rejected records from the body."),
    ("other_region",   "o", PALETTE, "Try another region", "Send the read to another region, to find the project."),
    ("next_page",      "m", PALETTE, "Next page",          "Load the next page of a profile query."),
    ("all_pages",      "M", PALETTE, "Save all pages…", "Save all pages of a profile query; shows the cost first."),
], anywhere=True)

_TABLE = _section("Table", Scope.TABLE, [
    ("open",         "enter",             FOOTER,  "Open",         "Open the nested value, or else the record."),
    ("sort",         "s",                 FOOTER,  "Sort", "Sort by this column: ascending, descending, original order."),
    ("filter",       "f",                 FOOTER,  "Filter",       "Show only matching rows: plan:pro."),
    ("hide",         "x",                 FOOTER,  "Hide",         "Hide this column."),
    ("show_all",     "u",                 NEITHER, "Show all",     "Show all hidden columns."),
    ("next_table",   "t",                 FOOTER,  "Next table",   "Show another list in the response."),
    ("copy_cell",    "y",                 FOOTER,  "Copy cell",    "Copy the full value of the cell."),
    ("copy_row",     "Y",                 NEITHER, "Copy row",     "Copy the row and the header as TSV."),
    ("copy_tsv",     "c",                 NEITHER, "Copy TSV",     "Copy the rows shown as TSV, for a spreadsheet."),
    ("copy_csv",     "C",                 NEITHER, "Copy CSV",     "Copy the rows shown as CSV."),
    ("copy_path",    "p",                 NEITHER, "Copy path",    "Copy the jq path of the cell."),
    ("narrower",     "less_than_sign",    NEITHER, "Narrower",     "Make the column narrower."),
    ("wider",        "greater_than_sign", NEITHER, "Wider",        "Make the column wider."),
    ("cursor_up",    "up k",              NEITHER, "Up",           "Up one row."),
    ("cursor_down",  "down j",            NEITHER, "Down",         "Down one row."),
    ("cursor_left",  "left h",            NEITHER, "Left",         "Left one column."),
    ("cursor_right", "right l",           NEITHER, "Right",        "Right one column."),
    ("page_up",      "pageup",            NEITHER, "Page up",      "Up one page."),
    ("page_down",    "pagedown space",    NEITHER, "Page down",    "Down one page."),
    ("first_column", "home",              NEITHER, "First column", "Go to the first column."),
    ("last_column",  "end",               NEITHER, "Last column",  "Go to the last column."),
    ("first_row",    "g ctrl+home",       NEITHER, "First row",    "Go to the first row."),
    ("last_row",     "G ctrl+end",        NEITHER, "Last row",     "Go to the last row."),
])

_CHART = _section("Chart", Scope.CHART, [
    ("next_view",     "c",                 BOTH,    "Next view",     "Show another view of the data."),
    ("previous_view", "C",                 PALETTE, "Previous view", "Show the previous view."),
    ("summary",       "t",                 BOTH,    "Figures",       "Toggle between chart and figures."),
    ("more",          "plus",              BOTH,    "More",          "Draw more series, in order of size."),
    ("fewer",         "minus",             BOTH,    "Fewer",         "Draw fewer series."),
    ("copy",          "y",                 BOTH,    "Copy",          "Copy the figures as TSV."),
    ("next_part",     "right l",           NEITHER, "Next",          "Go to the next date or value, or scroll right."),
    ("previous_part", "left h",            NEITHER, "Previous",      "Go to the previous date or value, or scroll left."),
    ("columns_right", "greater_than_sign", NEITHER, "Scroll right",  "Scroll right."),
    ("columns_left",  "less_than_sign",    NEITHER, "Scroll left",   "Scroll left."),
    ("scroll_up",     "up k",              NEITHER, "Up",            "Up one row."),
    ("scroll_down",   "down j",            NEITHER, "Down",          "Down one row."),
    ("page_up",       "pageup",            NEITHER, "Page up",       "Up one page."),
    ("page_down",     "pagedown",          NEITHER, "Page down",     "Down one page."),
    ("top",           "g home",            NEITHER, "Top",           "Go to the first row."),
    ("bottom",        "G end",             NEITHER, "Bottom",        "Go to the last row."),
])

HISTORY_COMMANDS = _section("History", Scope.HISTORY, [
    ("open",    "enter", FOOTER, "Open",         "Open the stored response."),
    ("filter",  "slash", FOOTER, "Filter",       "Filter the entries."),
    ("resend",  "s",     FOOTER, "Resend",       "Send the same request again."),
    ("restore", "e",     FOOTER, "Edit",         "Open the request as a draft."),
    ("mark",    "space", FOOTER, "Mark",         "Mark an entry to compare another with it."),
    ("compare", "d",     FOOTER, "Compare",      "Compare with the marked entry, or else with the previous response."),
    ("delete",  "x",     FOOTER, "Delete",       "Delete the entry; asks first."),
    ("purge",   "P",     FOOTER, "Purge",        "Delete many entries, such as old ones; asks first."),
    ("alone",   "o",     FOOTER, "This request", "Toggle between this request and all requests."),
])

HISTORY_MOVES = _section("History", Scope.HISTORY, [
    ("up",        "up k",             NEITHER, "Up",        "Up one entry."),
    ("down",      "down j",           NEITHER, "Down",      "Down one entry."),
    ("page_up",   "pageup",           NEITHER, "Page up",   "Up one page."),
    ("page_down", "pagedown",         NEITHER, "Page down", "Down one page."),
    ("top",       "g home ctrl+home", NEITHER, "Top",       "Go to the newest entry."),
    ("bottom",    "G end ctrl+end",   NEITHER, "Bottom",    "Go to the oldest entry."),
])
"""Move the cursor in the list."""

_ENVIRONMENTS = _section("Environments", Scope.ENVIRONMENTS, [
    ("switch",    "enter", FOOTER, "Use",         "Use this environment and go back; 1 to 9 use the one of that number."),
    ("add",       "a",     FOOTER, "Add",         "Set up an environment: test credentials, find region and project."),
    ("edit",      "e",     FOOTER, "Edit",        "Edit the environment; one that mixtui cannot change is copied first."),
    ("duplicate", "d",     FOOTER, "Duplicate",   "Create an environment from this one."),
    ("delete",    "x",     FOOTER, "Delete",      "Delete the environment and its stored secrets; asks first."),
    ("default",   "D",     FOOTER, "Set default", "Make this the default environment."),
    ("reload",    "r",     FOOTER, "Reload",      "Reload the files."),
])

_JOBS = _section("Jobs", Scope.JOBS, [
    ("start",  "a", FOOTER, "Start",  "Start a job: choose what it does, and confirm its plan."),
    ("pause",  "p", FOOTER, "Pause",  "Let a running job finish what it sent, and stop."),
    ("resume", "r", FOOTER, "Resume", "Continue a job that was paused, stopped or killed."),
    ("remove", "x", FOOTER, "Remove", "Cancel a running job, or remove the journal of another; asks first."),
    ("query",  "s", FOOTER, "SQL",    "Run SQL on the files that a finished job exported."),
])

_SQL = _section("SQL", Scope.SQL, [
    ("examples", "f12", FOOTER, "Examples", "Choose a query to start from."),
])

DIFF_COMMANDS = _section("Diff", Scope.DIFF, [
    ("text",      "t", FOOTER, "As text",   "Toggle between text diff and changes by path."),
    ("filter",    "f", FOOTER, "Filter",    "Show only matching paths."),
    ("swap",      "s", FOOTER, "Swap",      "Swap the old and the new response."),
    ("copy",      "y", FOOTER, "Copy",      "Copy the change under the cursor, or the whole text diff."),
    ("copy_path", "p", FOOTER, "Copy path", "Copy the jq path."),
    ("copy_all",  "Y", FOOTER, "Copy all",  "Copy every change listed."),
])

DIFF_MOVES = _section("Diff", Scope.DIFF, [
    ("next",      "n",                FOOTER,  "Next",      "Go to the next change (text diff)."),
    ("previous",  "N",                FOOTER,  "Previous",  "Go to the previous change (text diff)."),
    ("up",        "up k",             NEITHER, "Up",        "Up one row."),
    ("down",      "down j",           NEITHER, "Down",      "Down one row."),
    ("page_up",   "pageup",           NEITHER, "Page up",   "Up one page."),
    ("page_down", "pagedown",         NEITHER, "Page down", "Down one page."),
    ("left",      "left h",           NEITHER, "Left",      "Scroll left."),
    ("right",     "right l",          NEITHER, "Right",     "Scroll right."),
    ("top",       "g home ctrl+home", NEITHER, "Top",       "Go to the first row."),
    ("bottom",    "G end ctrl+end",   NEITHER, "Bottom",    "Go to the last row."),
])
"""Move the cursor in a view."""

OPERATIONS_ACTIONS = _section("Operations", Scope.OPERATIONS, [
    ("take",            "enter",          FOOTER,  "Use",            "Create a request from the operation."),
    ("next_family",     "tab",            FOOTER,  "Next group",     "Go to the next group."),
    ("previous_family", "shift+tab",      NEITHER, "Previous group", "Go to the previous group."),
    ("read_on",         "shift+down",     FOOTER,  "Scroll docs",    "Scroll the documentation down."),
    ("read_back",       "shift+up",       NEITHER, "Scroll docs up", "Scroll the documentation up."),
    ("up",              "up",             NEITHER, "Up",             "Up one operation."),
    ("down",            "down",           NEITHER, "Down",           "Down one operation."),
    ("page_up",         "pageup",         NEITHER, "Page up",        "Up one page."),
    ("page_down",       "pagedown",       NEITHER, "Page down",      "Down one page."),
    ("top",             "home ctrl+home", NEITHER, "Top",            "Go to the first operation."),
    ("bottom",          "end ctrl+end",   NEITHER, "Bottom",         "Go to the last operation."),
])
"""All work while the search field above the list has the focus."""

FINDER_ACTIONS = _section("Search lists", Scope.FINDER, [
    ("take",      "enter",          FOOTER,  "Choose",    "Open or run what is under the cursor."),
    ("up",        "up",             NEITHER, "Up",        "Up one row."),
    ("down",      "down",           NEITHER, "Down",      "Down one row."),
    ("page_up",   "pageup",         NEITHER, "Page up",   "Up one page."),
    ("page_down", "pagedown",       NEITHER, "Page down", "Down one page."),
    ("top",       "home ctrl+home", NEITHER, "Top",       "Go to the first row."),
    ("bottom",    "end ctrl+end",   NEITHER, "Bottom",    "Go to the last row."),
])
"""All work while the search field above the list has the focus."""

COMPLETE_ACTIONS = _section("Search lists", Scope.FINDER, [
    ("complete", "tab", FOOTER, "Complete", "Complete the path of a folder, where one is typed."),
])
"""Beside those of a search list that takes a path, too."""

_LIST = _section("Lists", Scope.LIST, [
    ("up",        "up k",             NEITHER, "Up",        "Up one row. In every list, table and text a count repeats it: 5k."),
    ("down",      "down j",           NEITHER, "Down",      "Down one row, or as many as the count: 5j."),
    ("page_up",   "pageup",           NEITHER, "Page up",   "Up one page."),
    ("page_down", "pagedown",         NEITHER, "Page down", "Down one page."),
    ("top",       "g home ctrl+home", NEITHER, "Top",       "Go to the first row."),
    ("bottom",    "G end ctrl+end",   NEITHER, "Bottom",    "Go to the last row, or to the row of the count: 12G."),
])
"""Move in lists without commands of their own, and in pages of text."""

_DOCS = _section("Docs tab", Scope.DOCS, [
    ("open_operation", "enter",            BOTH,    "Show operation", "Show it, or its replacement, in the list of operations."),
    ("copy_link",      "y",                BOTH,    "Copy link",      "Copy the URL of Mixpanel's documentation page."),
    ("up",             "up k",             NEITHER, "Up",             "Up one line."),
    ("down",           "down j",           NEITHER, "Down",           "Down one line."),
    ("page_up",        "pageup",           NEITHER, "Page up",        "Up one page."),
    ("page_down",      "pagedown",         NEITHER, "Page down",      "Down one page."),
    ("top",            "g home ctrl+home", NEITHER, "Top",            "Go to the top."),
    ("bottom",         "G end ctrl+end",   NEITHER, "Bottom",         "Go to the bottom."),
])
# fmt: on

ACTIONS: tuple[Action, ...] = (
    *_REQUEST,
    *_IMPORT,
    *_NAVIGATION,
    *_PROGRAM,
    *_TREE,
    *_TREE_MOVES,
    *_SAVED,
    *_ROWS,
    *_INPUTS,
    *_TEXT,
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
    *_JOBS,
    *_SQL,
    *DIFF_COMMANDS,
    *DIFF_MOVES,
    *OPERATIONS_ACTIONS,
    *FINDER_ACTIONS,
    *COMPLETE_ACTIONS,
    *_DOCS,
    *_LIST,
)
_EDIT_VALUE = "rows.edit_value"
NEXT_ACTIONS = tuple(action.name for action in _FOLLOW_UPS)
"""The names of the response actions that both the screen and the response pane handle."""


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
