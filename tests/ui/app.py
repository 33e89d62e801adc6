"""The complete app for UI tests: a session of its own, and a network of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
from msgspec.structs import replace
from textual.pilot import Pilot

from mixtui.app import MixtuiApp
from mixtui.client.client import Client
from mixtui.model.draft import Draft
from mixtui.model.environment import (
    Credentials,
    Environment,
    Environments,
    ServiceAccount,
)
from mixtui.model.secrets import FromVariable, SecretReader
from mixtui.session import Session
from mixtui.storage.collection import Collection
from mixtui.storage.settings import Settings
from mixtui.ui.main.screen import MainScreen

SECRET = "s3cret-never-shown"
PROD = Environment(
    "prod",
    project_id="1234567",
    credentials=Credentials(
        project_token="t0ken",
        service_account=ServiceAccount("ci.mp-service-account", FromVariable("S")),
    ),
    origin="environments.toml",
)
READ_ONLY = replace(PROD, name="careful", read_only=True)

Handler = Callable[[httpx.Request], httpx.Response]


def respond(request: httpx.Request) -> httpx.Response:
    """Respond to anything with JSON."""
    return httpx.Response(200, json={"status": "ok", "results": [1, 2, 3]})


def make_app(
    root: Path,
    handler: Handler = respond,
    *,
    environments: tuple[Environment, ...] = (PROD, READ_ONLY),
    keys: Mapping[str, tuple[str, ...]] | None = None,
    theme: str = "",
    change_session: Callable[[Session], Session] = lambda session: session,
) -> MixtuiApp:
    """The app on a collection, with a handler instead of the network."""
    session = make_session(root, environments, Settings(keys=keys or {}))
    client = make_client(session, handler)
    return MixtuiApp(change_session(session), lambda: client, theme)


def make_session(
    root: Path,
    environments: tuple[Environment, ...] = (PROD, READ_ONLY),
    settings: Settings | None = None,
) -> Session:
    """A session on a collection, in the first of its environments."""
    return Session(
        collection=Collection(root / "requests"),
        environments=Environments(environments, environments[0].name),
        environment=environments[0],
        secrets=SecretReader(variables={"S": SECRET}),
        settings=settings or Settings(),
        config=root / "config",
    )


def make_client(session: Session, handler: Handler) -> Client:
    """A client that asks a handler instead of the network."""
    return Client(session.secrets, transport=httpx.MockTransport(handler))


def main(pilot: Pilot[int]) -> MainScreen:
    """The main screen, also while a dialog lies over it."""
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, MainScreen)
    return screen


async def settled(pilot: Pilot[int]) -> None:
    """Wait until no request is in flight."""
    await pilot.pause()
    screen = main(pilot)
    while screen.runs.running:
        await pilot.pause(0.01)
    await pilot.pause()


async def show_draft(pilot: Pilot[int], draft: Draft, tab: str = "query") -> None:
    """Open a draft, and focus one of its tabs."""
    main(pilot).draft = draft
    await main(pilot).request_pane.focus_tab(tab)
    await pilot.pause()


def write_request(root: Path, name: str, text: str) -> Path:
    """A request file in the app's collection."""
    path = root / "requests" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path
