"""Every screen of the app in the states that show its colors, one after another."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import httpx
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Input

from mixtui.app import MixtuiApp
from mixtui.diff.comparison import ComparedSide, Comparison
from mixtui.editing.dates import Day, End
from mixtui.editing.json_value import ValueKind
from mixtui.editing.names import NameIndex
from mixtui.hints import Hint
from mixtui.interchange.model import FileRequest, ImportedFile, ImportedRequest
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, BodyType, Draft, Method, Pair
from mixtui.model.errors import Field
from mixtui.storage.environment_store import FileEnvironmentStore
from mixtui.storage.location import Location
from mixtui.storage.queries import QueryStore
from mixtui.ui.dialogs.dialogs import ConfirmDialog
from mixtui.ui.dialogs.hints import HintsDialog
from mixtui.ui.dialogs.imports import ImportPathDialog, ImportReviewDialog
from mixtui.ui.dialogs.location import LocationDialog
from mixtui.ui.dialogs.saving import SaveDialog
from mixtui.ui.diff.screen import DiffScreen
from mixtui.ui.environments.draft import EnvironmentDraft
from mixtui.ui.environments.form import EnvironmentForm
from mixtui.ui.jobs.screen import JobsScreen
from mixtui.ui.jobs.start import StartJobDialog
from mixtui.ui.request.date_dialog import DateDialog, Dates
from mixtui.ui.request.expression_dialog import ExpressionDialog
from mixtui.ui.request.value_dialogs import JsonValueDialog
from mixtui.ui.sql.path import QueryPathDialog
from mixtui.ui.sql.screen import SqlScreen
from tests.ui.app import main, make_app, settled, show_draft, write_request
from tests.ui.driver import workers_done

SIZE = (110, 32)
REPORT = {
    "data": {
        "series": ["2026-11-16", "2026-11-17", "2026-11-18"],
        "values": {
            "Sign up": {"2026-11-16": 9, "2026-11-17": 7, "2026-11-18": 3},
            "Purchase": {"2026-11-16": 2, "2026-11-17": 5, "2026-11-18": 1},
        },
    },
    "legend_size": 2,
    "note": None,
    "more": {"yes": True, "price": 1.5},
}
RECORDS = [
    {"event": "Sign up", "n": n, "ok": n % 2 == 0, "none": None, "list": [n, {"a": 1}]}
    for n in range(9)
]
REJECTED = {
    "code": 400,
    "error": "some data points in the request failed validation",
    "failed_records": [
        {"index": 0, "insert_id": "a", "field": "time", "message": "time is missing"}
    ],
    "num_records_imported": 1,
    "status": "Bad Request",
}
ENVIRONMENTS = """\
default = "prod"
[environments.prod]
project_id = "1234567"
[environments.prod.credentials]
service_account = { username = "ci", secret = { env = "CI_SECRET" } }
[environments.staging]
project_id = "7"
read_only = true
"""
GET = Draft(
    name="Weekly",
    url="/query/events",
    query=(
        Pair("event", '["Sign up", "{{name}}", "{{now}}"]'),
        Pair("from_date", "2026-13-16"),
        Pair("limit", "10", enabled=False),
    ),
    headers=(Pair("X-Trace", "{{uuid}}"),),
)
IMPORT = Draft(
    name="Import",
    method=Method.POST,
    api=Api.INGESTION,
    url="/import",
    query=(Pair("strict", "1"),),
    body=Body(
        BodyType.JSON,
        '[\n  {"event": "Sign up {{uuid}} {{nobody}}", "properties": {"time": 1,\n'
        '  "gift": true, "none": null}}\n]',
    ),
)


def never_read(path: Path) -> NoReturn:
    """Stand for the reader of files."""
    raise AssertionError(f"{path} was read")


def respond(request: httpx.Request) -> httpx.Response:
    """Respond with what shows most colors."""
    if request.url.path == "/import":
        return httpx.Response(400, json=REJECTED)
    body = RECORDS if request.url.path.endswith("/records") else REPORT
    return httpx.Response(200, content=json.dumps(body))


def make(root: Path, theme: str = "") -> MixtuiApp:
    """An app with saved requests, one of them unreadable."""
    head = 'name = "{}"\nmethod = "{}"\napi = "query"\nurl = "/x"\n'
    for name, method in (("weekly", "GET"), ("post", "POST"), ("rid", "DELETE")):
        write_request(root, f"Reports/{name}.toml", head.format(name, method))
    write_request(root, "old.toml", 'method = "GET\n')
    config = root / "config" / "environments.toml"
    config.parent.mkdir(exist_ok=True)
    config.write_text(ENVIRONMENTS)
    return make_app(root, respond, theme=theme)


async def states(pilot: Pilot[int]) -> AsyncIterator[str]:
    """Show the states one by one; yield the name of each while it is shown."""
    app = pilot.app
    screen = main(pilot)
    await pilot.pause()
    yield "start"
    for name in ("query", "headers", "auth", "options", "docs"):
        await show_draft(pilot, GET, name)
        await screen.request_pane.hint_line.check_now()
        await pilot.pause()
        yield f"{name} tab"
        if name == "query":
            await pilot.press("down", "down")
            yield "rows with cursor on a disabled row"
            await pilot.press("enter")
            yield "row editor"
            await pilot.press("escape")
    await show_draft(pilot, IMPORT, "body")
    screen.request_pane.query_one("CodeArea").focus()
    await pilot.press("ctrl+home", "shift+down", "shift+right")
    yield "body editor with selection"
    await pilot.press("ctrl+f")
    await pilot.press(*"time")
    yield "search in the body editor"
    await pilot.press("escape")
    await show_draft(
        pilot, replace(IMPORT, body=Body(BodyType.JSON, "[1, tru")), "body"
    )
    yield "body with a mistake"
    screen.request_pane.query_one("#url").focus()
    await pilot.pause()
    await pilot.press("end", "shift+home")
    yield "URL selected"
    await show_draft(pilot, replace(GET, url=""))
    screen.request_pane.query_one("#url").focus()
    await pilot.pause()
    yield "URL placeholder"
    await pilot.press(*"/query/seg")
    await pilot.pause()
    yield "URL completion"
    await pilot.press("escape")
    await show_draft(pilot, replace(IMPORT, body=Body(BodyType.JSON, "[{}]")))
    await pilot.press("f5")
    await settled(pilot)
    yield "rejected records"
    await show_draft(pilot, replace(GET, query=GET.query[2:]))
    await pilot.press("f5")
    await settled(pilot)
    await screen.response_pane.focus_tab("body")
    screen.query_one("#response DocumentView").focus()
    await pilot.pause()
    yield "response"
    await pilot.press("down", "down", "slash", *"sign", "enter")
    await pilot.pause()
    yield "search in the response"
    await pilot.press("escape", "f")
    await pilot.pause()
    yield "filter"
    await pilot.press("escape")
    for tab in ("chart", "table", "headers", "request", "timing"):
        await screen.response_pane.focus_tab(tab)
        await pilot.pause()
        await workers_done(app)
        await pilot.pause()
        yield f"response tab {tab}"
    await show_draft(pilot, Draft(name="r", url="/query/records"))
    await pilot.press("f5")
    await settled(pilot)
    await screen.response_pane.focus_tab("table")
    await workers_done(app)
    await pilot.pause()
    screen.query_one("TableGrid").focus()
    await pilot.press("down", "right")
    yield "table with cursor"
    screen.query_one("CollectionTree").focus()
    await pilot.press("down", "down")
    yield "tree with cursor"
    app.notify("A request is sent.")
    app.notify("Something odd.", severity="warning")
    app.notify("Something wrong.", severity="error")
    await pilot.pause()
    yield "notifications"
    app.clear_notifications()
    await pilot.press("ctrl+o")
    await pilot.pause()
    yield "jump labels"
    await pilot.press("escape")
    for key, typed in (
        ("f1", "response"),
        ("f3", ""),
        ("f9", ""),
        ("ctrl+t", "seg"),
        ("ctrl+g", "post"),
        ("ctrl+p", "them"),
        ("shift+f5", ""),
        ("alt+h", ""),
    ):
        screen.set_focus(screen.request_pane.tab_bar)
        await pilot.press(key)
        await pilot.pause()
        await pilot.pause()
        if len(app.screen_stack) == 1:
            continue
        yield key
        if typed:
            app.screen.query(Input).first().focus()
            await pilot.press(*typed)
            yield f"{key} {typed}"
        await pilot.press("down", "down")
        yield f"{key} cursor"
        while len(app.screen_stack) > 1:
            app.pop_screen()
        await pilot.pause()
    config = screen.session.config
    for name, dialog in dialogs(config).items():
        app.push_screen(dialog)
        await pilot.pause()
        await pilot.pause()
        yield name
        await pilot.press("tab")
        yield f"{name}, next field"
        app.pop_screen()
        await pilot.pause()


def dialogs(config: Path) -> dict[str, Any]:
    """Dialogs by name."""
    store = FileEnvironmentStore(config, config, {}, ())
    old, new = (
        ComparedSide("x", "prod", "200 OK", "accepted", 9, 0.2, lambda d=data: d)
        for data in (
            json.dumps(REPORT).encode(),
            json.dumps({**REPORT, "legend_size": 3, "new": 1, "note": [1]}).encode(),
        )
    )
    gone = ("gone.ndjson",)
    query = "SELECT \"a\", 'b', 1.5 -- c\nFROM events"
    QueryStore(config).store([str(config / gone[0])], query)
    today = date(2026, 11, 18)
    first, last = Day(date(2026, 11, 16)), Day(today)
    dates = Dates("from_date", first, End.FROM, "2026-11-16", "to_date", last, "x")
    return {
        "save request": LocationDialog(
            "Save request", Location(("Team",), "x"), ("Team", "Other"), config
        ),
        "save response": SaveDialog("x.json", shown="formatted"),
        "confirm": ConfirmDialog("Delete x?", dangerous=True),
        "environment form": EnvironmentForm(
            store, EnvironmentDraft(), old=None, used_names=(), notice="Read this."
        ),
        "date": DateDialog(dates, today=lambda: today),
        "JSON value": JsonValueDialog("event", '["a", "{{b}}", 1]', ValueKind.JSON),
        "expression": ExpressionDialog(
            "where", "properties[", lambda: NameIndex(["plan"])
        ),
        "jobs": JobsScreen(config, "prod"),
        "new job": StartJobDialog("prod", config),
        "SQL of a file that is gone": SqlScreen(gone, config, config),
        "file for SQL": QueryPathDialog(),
        "hints": HintsDialog(
            [
                Hint(Field.URL, "It is misspelled.", suggestion=GET),
                Hint(Field.QUERY, "It is slow.", row=0, severe=False),
            ]
        ),
        "import file": ImportPathDialog(never_read),
        "import review": ImportReviewDialog(
            ImportedFile(
                "Shop",
                (FileRequest(("Team",), ImportedRequest(GET)),),
                ("A secret was left out.",),
            ),
            "Team",
            ("Team",),
            lambda folder: None,
        ),
        "diff": DiffScreen(Comparison(old, new), lambda *what: None),
    }
