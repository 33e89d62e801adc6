"""The whole app against hostile servers: it says what happened, and takes the next key."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Input

from mixtui.app import MixtuiApp
from mixtui.client.client import Client
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import AuthChoice, Draft, Options
from tests.hostile.cases import SECTIONS
from tests.hostile.script import Case, Do, Route, Send, perform
from tests.hostile.world import context
from tests.outcome.hostile_answers import DATA, http
from tests.ui.app import PROD, main, make_session, settled
from tests.ui.driver import screen_text, wait_until
from tests.wire import Connection, serve

EVERY = 15
"""One of so many cases is sent by the app, which takes a second for three of them."""
PLAIN = [
    case
    for section, cases in SECTIONS.items()
    for case in cases
    if section in ("Timing", "Framing", "Headers", "Status lines", "Content codings")
    and case.route is Route.PLAIN
    and case.operation == "query"
]
SAMPLE = [*PLAIN[::EVERY], *SECTIONS["Escape sequences"][:-2:2]]


def harmless(text: str) -> bool:
    """Return whether a terminal would show a text and obey nothing in it."""
    return not any(
        unicodedata.category(character) in ("Cc", "Cf") and character != "\n"
        for character in text
    )


async def send_case(pilot: Pilot[int]) -> str:
    """Send, and return what is on the screen then, in one line."""
    await pilot.press("f5")
    await settled(pilot)
    text = screen_text(pilot.app)
    assert harmless(text)
    return " ".join(text.split())


async def test_the_app_explains_and_survives_them_all(tmp_path: Path) -> None:
    good = Case("good", (Do.READ, Send(http(DATA))), "accepted", 0, "")
    current = good

    async def handle(connection: Connection) -> None:
        await perform(current.script, connection, context, {})

    async with serve(handle) as server:
        environment = replace(PROD, hosts={Api.QUERY: server.url})
        session = make_session(tmp_path, (environment,))
        app = MixtuiApp(session, lambda: Client(session.secrets), "")
        async with app.run_test(size=(120, 40)) as pilot:
            screen = main(pilot)
            for current in (*SAMPLE, good):
                timeout = current.timeout
                options = Options(auth=AuthChoice.AUTO, timeout=timeout)
                screen.draft = Draft(url="/query/segmentation", options=options)
                await pilot.pause()
                shown = await send_case(pilot)
                assert current.label in shown, current.name
            await pilot.press("ctrl+l", "end", "x")
            field = pilot.app.focused
            assert isinstance(field, Input)
            await wait_until(pilot, lambda: field.value.endswith("x"))
