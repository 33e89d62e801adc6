"""A few whole screens, compared cell by cell: shape, words and colours."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from mixtui.app import MixtuiApp
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, Draft, Method, Pair
from mixtui.model.errors import SendError
from mixtui.model.exchange import Timing
from mixtui.outcome.outcome import no_response_outcome
from mixtui.ui.response.state import Failed, Received, ResponseState, Sending
from tests.ui.app import PROD, READ_ONLY, main, make_app, settled, write_request
from tests.ui.driver import workers_done

SnapCompare = Callable[..., bool]

DRAFT = Draft(
    name="Weekly sign-ups",
    url="/query/events",
    query=(
        Pair("event", '["Sign up", "Purchase"]'),
        Pair("from_date", "2026-11-16"),
        Pair("to_date", "2026-11-23"),
        Pair("unit", "day"),
        Pair("type", "unique", enabled=False),
    ),
)
IMPORT = Draft(
    name="Import two events",
    method=Method.POST,
    api=Api.INGESTION,
    url="/import",
    query=(Pair("strict", "1"),),
    body=Body(
        text="""[
  {"event": "Sign up", "properties": {"time": 1795392000, "$insert_id": "a-1"}},
  {"event": "Purchase", "properties": {"price": 12.50, "gift": true}}
]"""
    ),
)
SERIES = {
    "data": {
        "series": ["2026-11-16", "2026-11-17"],
        "values": {"Sign up": {"2026-11-16": 9, "2026-11-17": 7}},
    },
    "legend_size": 1,
    "note": "[bold]not markup[/bold]",
}
PARTLY = {
    "code": 400,
    "error": "some data points in the request failed validation",
    "failed_records": [
        {
            "index": 1,
            "insert_id": "a-2",
            "field": "properties.time",
            "message": "'properties.time' is invalid: must be specified",
        }
    ],
    "num_records_imported": 1,
    "status": "Bad Request",
}


def handler(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/import":
        return httpx.Response(400, json=PARTLY)
    return httpx.Response(200, content=json.dumps(SERIES))


def prepared_app(root: Path, theme: str, *, live: bool = True) -> MixtuiApp:
    write_request(root, "Reports/weekly-sign-ups.toml", saved("Weekly sign-ups"))
    write_request(root, "Reports/top.toml", saved("Top events"))
    write_request(root, "import.toml", saved("Import two events", "POST"))
    write_request(root, "old.toml", 'method = "GET\n')
    environments = (PROD, READ_ONLY) if live else (READ_ONLY,)
    return make_app(root, handler, environments=environments, theme=theme)


def saved(name: str, method: str = "GET") -> str:
    return f'name = "{name}"\nmethod = "{method}"\napi = "query"\nurl = "/x"\n'


async def ready(pilot: Pilot[int]) -> None:
    await pilot.pause()
    await workers_done(pilot.app)
    # A picture must not depend on whether the hints have come yet.
    await main(pilot).request_pane.hint_line.check_now()
    await pilot.pause()


async def send(pilot: Pilot[int], draft: Draft) -> None:
    """Send a draft and show its answer as if it had taken 34 ms."""
    await ready(pilot)
    screen = main(pilot)
    screen.draft = draft
    await pilot.press("f5")
    await settled(pilot)
    state = screen.response
    assert isinstance(state, Received)
    timing = Timing(datetime(2026, 11, 23, tzinfo=UTC), 0.03, 0.034)
    become(pilot, replace(state, exchange=replace(state.exchange, timing=timing)))
    await ready(pilot)


def become(pilot: Pilot[int], state: ResponseState) -> None:
    """Show another state of the run that is looked at."""
    screen = main(pilot)
    run = screen.collection.slot.run
    assert run is not None
    run.state = state
    screen.run_changed(run)


async def a_response(pilot: Pilot[int]) -> None:
    await send(pilot, DRAFT)


async def a_partly_stored_import(pilot: Pilot[int]) -> None:
    await send(pilot, IMPORT)
    await pilot.press("ctrl+o", "b")
    await ready(pilot)


async def no_response(pilot: Pilot[int]) -> None:
    await send(pilot, IMPORT)
    screen = main(pilot)
    assert isinstance(screen.response, Received)
    error = SendError(
        "api.mixpanel.com gave no answer within 120 s: raise the timeout (Options "
        "tab), or try again.",
        maybe_done=True,
    )
    request = screen.response.exchange.request
    become(pilot, Failed(request, error, no_response_outcome(error)))
    await pilot.pause()


async def sending(pilot: Pilot[int]) -> None:
    await send(pilot, DRAFT)
    screen = main(pilot)
    assert isinstance(screen.response, Received)
    request = screen.response.exchange.request
    # Just begun: the clock says 0 ms for as long as this test may take.
    become(pilot, Sending(request, float("inf")))
    await pilot.pause()


async def jumping(pilot: Pilot[int]) -> None:
    await a_response(pilot)
    await pilot.press("ctrl+o")
    await pilot.pause()


WIDE, SMALL = (120, 40), (80, 24)
Before = Callable[[Pilot[int]], Awaitable[None]]
SCREENS: list[tuple[str, tuple[int, int], str, Before]] = [
    ("a response, dark, 120x40", WIDE, "mixtui-dark", a_response),
    ("a response, light, 120x40", WIDE, "mixtui-light", a_response),
    ("a response, the terminal's colours, 80x24", SMALL, "terminal", a_response),
    (
        "a partial import, dark, 80x24",
        SMALL,
        "mixtui-dark",
        a_partly_stored_import,
    ),
    ("no response, light, 80x24", SMALL, "mixtui-light", no_response),
    ("side by side, dark, 180x40", (180, 40), "mixtui-dark", a_response),
    ("one pane, dark, 40x12", (40, 12), "mixtui-dark", a_response),
    ("jumping, dark, 120x40", WIDE, "mixtui-dark", jumping),
    ("sending, dark, 80x24", SMALL, "mixtui-dark", sending),
    ("too small", (30, 8), "mixtui-dark", ready),
]


@pytest.mark.parametrize(
    ("size", "theme", "before"),
    [row[1:] for row in SCREENS],
    ids=[row[0] for row in SCREENS],
)
def test_the_screen_looks_as_it_did(
    snap_compare: SnapCompare,
    tmp_path: Path,
    size: tuple[int, int],
    theme: str,
    before: Before,
) -> None:
    app = prepared_app(tmp_path, theme)
    assert snap_compare(app, terminal_size=size, run_before=before)
