"""What each part of the screen is for: what f1 explains first."""

from __future__ import annotations

from msgspec import Struct
from textual.screen import Screen

from mixtui.actions import Scope
from mixtui.key_names import key_of


class Place(Struct, frozen=True):
    """A part of the screen, or a dialog."""

    title: str
    text: str
    """What it is for, in one to four sentences; ``{send}`` is the key of an action."""
    scope: Scope | None = None
    """Whose keys act there; None = those of the app alone."""

    @property
    def explanation(self) -> str:
        """The text with the user's keys."""
        return self.text.format_map(_Keys())


class _Keys(dict[str, str]):
    """The keys by action id, with “_” for “.”: a name in a format has no attributes."""

    def __missing__(self, name: str) -> str:
        return key_of(name.replace("__", "."))


PLACES = {
    "UrlField": Place(
        "URL",
        "The relative URL: it is appended to the base URL of the selected API. The lines "
        "below it show what will be sent, with host, region and credential. enter sends "
        "it, ↓ lists paths. Paste a full URL or a curl command here, and it becomes a "
        "request; {operations} finds an operation by words.",
        Scope.TEXT,
    ),
    "MethodChoice": Place(
        "Method",
        "The HTTP method. enter opens the list, a letter chooses. POST, PUT and PATCH "
        "send the body; DELETE does if the Options tab says so.",
    ),
    "ApiChoice": Place(
        "API",
        "The API determines the base URL in each region, and which credential is used. "
        "enter opens the list, a letter chooses.",
    ),
    "DraftRows": Place(
        "Path, query and headers",
        "A row each: name and value. [x] is sent, [ ] is stored but not sent; editing a "
        "disabled row enables it. Rows marked + are added by mixtui. The lines below "
        "explain the row under the cursor, and hints point out probable mistakes. "
        "Names and values complete as you type.",
        Scope.ROWS,
    ),
    "InputsEditor": Place(
        "Inputs",
        "Values that are asked for in a form when the request is sent. {{{{name}}}} is "
        "the value, anywhere in the request.",
        Scope.INPUTS,
    ),
    "BodyEditor": Place(
        "Body",
        "The body, checked as you type; the line below says whether it is valid, and "
        "what mixtui adds. ↑ from the first line goes to its type. {edit_body} opens it "
        "in your editor.",
        Scope.BODY,
    ),
    "AuthEditor": Place(
        "Auth",
        "Which credential of the environment is used. auto selects the recommended one "
        "for the API and path, and the line below the URL names it. Credentials are "
        "edited in {environments}, never in a request.",
    ),
    "OptionsEditor": Place(
        "Options",
        "How the request is sent: time-out, redirects, history, and the values that "
        "mixtui adds. Defaults are not written to the file.",
    ),
    "OperationDocs": Place(
        "Docs",
        "The documentation of the operation that this URL matches: parameters, limits, "
        "and what mixtui adds.",
        Scope.DOCS,
    ),
    "TabBar": Place("Tabs", "← and → change the tab; ↓ goes into it."),
    "CollectionTree": Place(
        "Saved requests",
        "The collection: a folder of requests, one TOML file each. ▌ marks the open "
        "request, ● unsaved changes. The keys act on what is under the cursor.",
        Scope.TREE,
    ),
    "TableView": Place(
        "Table",
        "The records of the response as rows. The line below the table has the path and "
        "the full value of the cell.",
        Scope.TABLE,
    ),
    "ChartView": Place(
        "Chart",
        "The report as a chart. Nothing is sent when you change the view.",
        Scope.CHART,
    ),
    "SearchBar": Place(
        "Search",
        "Finds text, or a regular expression, in the whole text. ↓ and ↑ go to the next "
        "and the previous match; esc closes it.",
        Scope.TEXT,
    ),
    "FilterBar": Place(
        "Filter",
        "A jq program, applied to the body: .results[0] or .[] | .event. It completes "
        "the paths of the response. enter applies it, esc closes it and shows the body "
        "again.",
        Scope.TEXT,
    ),
    "ResponsePane": Place(
        "Response",
        "The outcome, and the body as it arrives. The bottom border has the jq path of "
        "the value under the cursor. The tab that you choose belongs to the request. "
        "Nothing that you do here sends another request.",
        Scope.RESPONSE,
    ),
    "JobsScreen": Place(
        "Jobs",
        "Bulk jobs of this machine, whichever program runs them. They run in programs "
        "of their own, and go on when mixtui ends.",
        Scope.JOBS,
    ),
    "SqlScreen": Place(
        "SQL",
        "Asks files with SQL, on this machine: no request, no quota. The table is "
        "events. {send} runs the query; the rows are a table, charts and JSON, with the "
        "keys of a response. What you type is kept for these files.",
        Scope.SQL,
    ),
    "HistoryScreen": Place(
        "History",
        "Every request that was sent, with its response. Opening one needs no network "
        "and no quota.",
        Scope.HISTORY,
    ),
    "EnvironmentsScreen": Place(
        "Environments",
        "Named sets of region, project, credentials and variables. The one in use is "
        "marked, and named in the first line of the app.",
        Scope.ENVIRONMENTS,
    ),
    "EnvironmentForm": Place(
        "Environment",
        "A secret is read where you say: a variable, a command, the keyring or a file; "
        "or enter it here, and it is stored in a file that only you can read. {send} "
        "tests the credentials before anything is saved; {save} saves.",
        Scope.TEXT,
    ),
    "SetupScreen": Place(
        "Set up an environment",
        "enter goes on: it tests the credentials in every region, with one read each, and "
        "then saves. esc leaves, and what you typed stays until you quit; "
        "{set_up} comes back. The secret is stored where you say.",
        Scope.TEXT,
    ),
    "OperationsScreen": Place(
        "Mixpanel operations",
        "Everything that Mixpanel documents, searched by words, path or ID. enter "
        "creates a request from the operation.",
        Scope.OPERATIONS,
    ),
    "FinderScreen": Place(
        "Find a request",
        "Searches name, folder, URL, method, description and operation.",
        Scope.FINDER,
    ),
    "EntriesScreen": Place("List", "Type to search; enter chooses.", Scope.FINDER),
    "SearchScreen": Place("List", "Type to search; enter chooses.", Scope.FINDER),
    "DiffScreen": Place(
        "Compare",
        "Two responses, compared by JSON path: + only in the new one, - only in the old "
        "one, ~ changed, > moved.",
        Scope.DIFF,
    ),
    "PreviewScreen": Place(
        "Request preview",
        "The request exactly as it would be sent, with secrets masked. {send} sends it, "
        "esc goes back.",
        Scope.LIST,
    ),
    "RecordScreen": Place(
        "Record",
        "One value of the response on its own, with the keys of a response.",
        Scope.RESPONSE,
    ),
    "DateDialog": Place(
        "Date",
        "Choose a day, or a date relative to today, which stays current: {{{{today-7d}}}}.",
    ),
    "ExpressionDialog": Place(
        "Expression",
        "A where or on expression, checked as you type. The list has properties, "
        "operators and functions.",
        Scope.TEXT,
    ),
    "Dialog": Place(
        "Dialog",
        "tab and shift+tab move between fields and buttons, enter confirms, esc cancels. "
        "Nothing happens before you confirm.",
    ),
    "Overlay": Place("Keys", "Press one of the keys shown; any other key cancels."),
}
"""By the name of a class: of a widget around the focus, or of the screen or its bases."""


def place_of(screen: Screen[object]) -> Place | None:
    """Return the nearest place around the focus of a screen, or None."""
    focused = screen.focused
    around = focused.ancestors_with_self if focused is not None else [screen]
    for node in around:
        for kind in type(node).__mro__:
            if kind.__name__ in PLACES:
                return PLACES[kind.__name__]
    return None
