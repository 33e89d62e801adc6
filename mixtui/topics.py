"""The topics of the help: short pages on what people look up, for the app and the shell."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from mixtui.key_names import is_in_app, key_of
from mixtui.model.errors import ExitStatus
from mixtui.page import PageRow, PageSection
from mixtui.request.templates import BUILT_IN_NAMES
from mixtui.storage.paths import (
    COLLECTION_FILE,
    CREDENTIALS_FILE,
    ENVIRONMENTS_FILE,
    SETTINGS_FILE,
    config_dir,
    data_dir,
    short_path,
)


class Topic(Struct, frozen=True):
    """A page of the help."""

    id: str
    """What ``mixtui help`` calls it."""
    label: str
    """One word, for a tab."""
    summary: str
    """What it is about, in a few words."""
    make_sections: Callable[[], tuple[PageSection, ...]]
    """Makes the page: keys in it are the user's own."""


def _rows(*rows: tuple[str, str] | str) -> tuple[PageRow, ...]:
    return tuple(
        PageRow(row) if isinstance(row, str) else PageRow(row[1], name=row[0])
        for row in rows
    )


def _environments() -> tuple[PageSection, ...]:
    add = (
        f"{key_of('environments')} lists, switches, adds and tests environments; "
        f"{key_of('environments')} and a number uses the one of that number."
        if is_in_app()
        else "“mixtui env add” adds one, “mixtui env check” tests it, --env uses it."
    )
    return (
        PageSection(
            "Environments",
            _rows(
                "An environment is a named set of region, project, credentials and "
                "variables. Each request is sent with the one in use, which the first "
                "line of the app names.",
                add,
            ),
        ),
        PageSection(
            "What it has",
            _rows(
                (
                    "region",
                    "us, eu or in: where the project's data is; the wrong one "
                    "loses data",
                ),
                ("project_id", "the number in Project settings"),
                ("workspace_id", "a data view; sent to Query if set"),
                ("credentials", "see Credentials"),
                ("variables", "{{name}} in any request"),
                ("read_only", "true blocks every write"),
                (
                    "confirm_writes",
                    "true asks before every write; to delete, you type the project id",
                ),
            ),
        ),
        PageSection(
            "Without one",
            _rows(
                "MP_USERNAME, MP_SECRET, MP_PROJECT_ID, MP_REGION and MIXPANEL_TOKEN "
                "define an environment if no file does.",
                "The sandbox has environments of its own: mixtui --sandbox.",
            ),
        ),
    )


def _credentials() -> tuple[PageSection, ...]:
    return (
        PageSection(
            "Credentials",
            _rows(
                (
                    "service account",
                    "Query, exports, imports, Lexicon: almost everything",
                ),
                ("project token", "events and profiles; an identifier, not a secret"),
                (
                    "project secret",
                    "older projects; Mixpanel retires it on 3 March 2027",
                ),
                ("OAuth token", "GDPR API only"),
                "“auto” chooses by API and path. The line below the URL names the "
                "credential and the reason; the Auth tab selects another one.",
                "An Authorization header of your own takes precedence.",
            ),
        ),
        PageSection(
            "Where a secret comes from",
            _rows(
                ("{ env = … }", "an environment variable of the process"),
                (
                    "{ command = … }",
                    "the output of a command, such as pass show mixpanel",
                ),
                ("{ keyring = … }", "the system keyring"),
                ("{ file = … }", "the content of a file"),
                (CREDENTIALS_FILE, "what you enter in the app; readable only by you"),
            ),
        ),
        PageSection(
            "Where it goes",
            _rows(
                "Only to Mixpanel's hosts and those that the environment names, over "
                "https (http only on this machine), and never across a redirect to "
                "another host.",
                "Never into a saved request, the history, a log or a crash report. "
                "Previews and copies mask it.",
            ),
        ),
    )


def _outcomes() -> tuple[PageSection, ...]:
    statuses = (
        (ExitStatus.ACCEPTED, "accepted, also if Mixpanel verifies it later"),
        (ExitStatus.REFUSED, "rejected by the server, or a server error"),
        (ExitStatus.USAGE, "usage error, or the request cannot be sent"),
        (ExitStatus.CREDENTIALS, "credentials missing or rejected"),
        (ExitStatus.QUOTA, "quota exceeded"),
        (ExitStatus.NO_RESPONSE, "no response, or an incomplete one"),
        (ExitStatus.PARTLY_STORED, "partially imported"),
        (ExitStatus.INTERRUPTED, "interrupted"),
    )
    return (
        PageSection(
            "Outcomes",
            _rows(
                "The HTTP status is not the outcome: a 200 may contain an error, a 400 "
                "may have stored most records. mixtui evaluates status, body and "
                "operation together.",
                ("accepted", "the response proves it"),
                (
                    "accepted, not verified",
                    "Mixpanel returned 1, and checks later: "
                    "records may still be dropped",
                ),
                (
                    "partially imported",
                    f"{key_of('response.refused_record')} goes to the "
                    "rejected records; fix and resend them",
                ),
                ("rejected", "an error in the body, whatever the status"),
                (
                    "wrong region?",
                    f"{key_of('response.other_region')} tries another "
                    "region; never for a write",
                ),
                ("incomplete", "the body ended early; what arrived is kept"),
                ("no response", "after a write: the server may have processed it"),
                "Nothing that writes is ever repeated without confirmation.",
            ),
        ),
        PageSection(
            "Exit status of mixtui send",
            _rows(*((str(status), text) for status, text in statuses)),
        ),
    )


_MEANINGS = {
    "uuid": "a new UUID for each send",
    "now": "current Unix time in seconds",
    "today": "today's date, such as 2026-03-14",
    "today-7d": "a date relative to today, in days (d) or weeks (w), such as today+2w",
    "month_start": "first day of this month",
    "project_id": "from the environment",
    "workspace_id": "from the environment",
    "organization_id": "from the environment",
    "project_token": "from the environment",
    "env:NAME": "the process's environment variable NAME; masked on screen",
}


def _templates() -> tuple[PageSection, ...]:
    return (
        PageSection(
            "Templates",
            _rows(
                "{{name}} works in the URL, query, headers and body. $ is always "
                "literal. A request with an unresolved name is not sent.",
                *((f"{{{{{name}}}}}", _MEANINGS[name]) for name in BUILT_IN_NAMES),
                (
                    "{{any other}}",
                    "an input of the request, or a variable of the "
                    "environment; --var on the command line",
                ),
                (r"\{{name}}", "literal braces, sent as {{name}}"),
                (
                    "{projectId}",
                    "Mixpanel's own placeholders: from the environment, or "
                    "a row of the request",
                ),
            ),
        ),
    )


def _quota() -> tuple[PageSection, ...]:
    return (
        PageSection(
            "Quota",
            _rows(
                "Mixpanel limits requests per project, and no response says how many "
                "are left. mixtui counts them, across all runs on this machine, and "
                "corrects itself by each 429.",
                ("Query, JQL", "60 an hour"),
                ("Raw export", "60 an hour"),
                ("Lexicon Schemas", "5 a minute"),
                ("lookup tables", "100 replacements a day"),
                "Other clients use the same quota, so the number is an estimate.",
            ),
        ),
        PageSection(
            "Use less of it",
            _rows(
                f"A response stays in history ({key_of('history')}): open it instead of "
                "sending the query again.",
                f"{key_of('send_later')}, or mixtui send --wait, sends a read as soon as "
                "the quota allows it.",
                "Filters, tables, charts and diffs work on the response that is there.",
            ),
        ),
    )


def _offline() -> tuple[PageSection, ...]:
    return (
        PageSection(
            "Offline",
            _rows(
                "These need no network:",
                (
                    "operations",
                    f"all of them, with their documentation ({key_of('operations')})",
                ),
                (
                    "requests",
                    "writing, hints, the preview of what would be sent "
                    f"({key_of('preview')}), --dry-run",
                ),
                (
                    "history",
                    f"stored responses, with all their views ({key_of('history')})",
                ),
                (
                    "sandbox",
                    "mixtui --sandbox responds to all operations on this machine",
                ),
                "Names of events and properties complete from the last list that you "
                "looked up.",
                "mixtui connects only to send a request that you asked for. It has no "
                "telemetry and checks for no updates.",
            ),
        ),
    )


def _files() -> tuple[PageSection, ...]:
    config = config_dir()
    return (
        PageSection(
            "Files",
            _rows(
                (
                    SETTINGS_FILE,
                    f"{short_path(config / SETTINGS_FILE)}: theme, keys, "
                    "mouse, history",
                ),
                (ENVIRONMENTS_FILE, short_path(config / ENVIRONMENTS_FILE)),
                (
                    CREDENTIALS_FILE,
                    f"{short_path(config / CREDENTIALS_FILE)}: secrets; "
                    "must be readable only by you",
                ),
                (
                    "saved requests",
                    f"a TOML file each, in the folder of the collection "
                    f"(the usual one is {short_path(data_dir() / 'collection')})",
                ),
                (
                    COLLECTION_FILE,
                    "marks the root of a collection; may define "
                    "environments (without secrets)",
                ),
            ),
        ),
    )


TOPICS = (
    Topic(
        "environments",
        "Environments",
        "region, project and credentials in one",
        _environments,
    ),
    Topic(
        "credentials",
        "Credentials",
        "which one is used, and where secrets come from",
        _credentials,
    ),
    Topic(
        "outcomes", "Outcomes", "what really happened, and the exit status", _outcomes
    ),
    Topic("templates", "Templates", "{{name}} in a request", _templates),
    Topic("quota", "Quota", "what is left, and how to use less", _quota),
    Topic("offline", "Offline", "what works without a network", _offline),
    Topic("files", "Files", "where settings and requests are", _files),
)
