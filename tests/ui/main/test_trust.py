"""A stranger's collection is asked about once, in words that name each power."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from textual.pilot import Pilot

from mixtui.app import MixtuiApp
from mixtui.model.draft import Draft, Method, Pair
from mixtui.model.environment import Environments
from mixtui.model.trust import FULL_TRUST, Power, PowerKind, Trust
from mixtui.session import Session
from mixtui.storage.trust import TrustStore
from mixtui.ui.dialogs.dialogs import ConfirmDialog
from tests.ui.app import PROD, main, make_app, settled, write_request
from tests.ui.driver import screen_text

HOME = Power(PowerKind.VARIABLE, "HOME")
REQUEST = """
name = "{name}"
method = "GET"
api = "query"
url = "/query/events"
headers = [{{ name = "X", value = "{{{{env:{variable}}}}}" }}]
"""


class Network:
    """Counts what was sent."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(200, json={})


def stranger_app(
    root: Path,
    network: Network,
    change_session: Callable[[Session], Session] = lambda session: session,
    *,
    ungranted: tuple[Power, ...] = (),
) -> MixtuiApp:
    """Return the app on a collection that is not trusted, with an environment of it."""
    folder = root / "requests"
    theirs = replace(
        PROD, name="theirs", origin=str(folder / "mixtui.toml"), ungranted=ungranted
    )

    def change(session: Session) -> Session:
        return change_session(
            replace(
                session,
                trust=Trust(folder),
                environments=Environments((PROD, theirs), "prod"),
            )
        )

    return make_app(root, network, change_session=change)


async def open_and_send(pilot: Pilot[int], path: Path) -> None:
    screen = main(pilot)
    screen.collection.show(screen.collection.store.open(path))
    await pilot.press("f5")
    await settled(pilot)


@pytest.mark.parametrize("answer", ["y", "n", "escape", "enter"])
async def test_a_request_is_only_sent_if_the_person_trusts_the_folder(
    answer: str, tmp_path: Path
) -> None:
    network = Network()
    path = write_request(tmp_path, "a.toml", REQUEST.format(name="A", variable="HOME"))
    write_request(tmp_path, "b.toml", REQUEST.format(name="B", variable="PATH"))
    app = stranger_app(tmp_path, network)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await open_and_send(pilot, path)
        assert isinstance(app.screen, ConfirmDialog)
        text = screen_text(app)
        assert "• reads the variable HOME" in text
        assert "• reads the variable PATH" in text
        await pilot.press(answer)
        await settled(pilot)
        assert len(network.requests) == (1 if answer == "y" else 0)
        await pilot.press("f5")
        await settled(pilot)
        assert isinstance(app.screen, ConfirmDialog) is (answer != "y")
    assert bool(TrustStore().trust_in(tmp_path / "requests").granted) is (answer == "y")


async def test_a_collection_is_asked_about_again_when_it_needs_more(
    tmp_path: Path,
) -> None:
    network = Network()
    app = stranger_app(tmp_path, network, lambda session: session.with_granted({HOME}))
    path = write_request(tmp_path, "a.toml", REQUEST.format(name="A", variable="PATH"))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await open_and_send(pilot, path)
        assert "reads the variable PATH" in screen_text(app)
        assert "HOME" not in screen_text(app)


async def test_an_environment_of_the_collection_is_asked_about_too(
    tmp_path: Path,
) -> None:
    network = Network()
    host = Power(PowerKind.HOST, "https://evil.example")
    app = stranger_app(
        tmp_path,
        network,
        lambda session: session.with_environment(session.environments.all[1]),
        ungranted=(host,),
    )
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        main(pilot).draft = Draft(url="/query/events")
        await pilot.press("f5")
        await settled(pilot)
        assert "sends requests to https://evil.example" in screen_text(app)
        assert not network.requests
        await pilot.press("y")
        await settled(pilot)
        assert len(network.requests) == 1


async def test_what_is_typed_is_never_asked_about(tmp_path: Path) -> None:
    network = Network()
    app = stranger_app(tmp_path, network)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        main(pilot).draft = Draft(
            method=Method.GET,
            url="/query/events",
            headers=(Pair("X", "{{env:HOME}}"),),
        )
        await pilot.press("f5")
        await settled(pilot)
        assert len(network.requests) == 1


async def test_a_deleted_request_stays_a_strangers_on_the_screen(
    tmp_path: Path,
) -> None:
    network = Network()
    path = write_request(tmp_path, "a.toml", REQUEST.format(name="A", variable="HOME"))
    app = stranger_app(tmp_path, network)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        collection = main(pilot).collection
        collection.show(collection.store.open(path))
        entry = collection.store.scan().all_requests()[0]
        await collection.handle("delete", entry)
        await pilot.press("f5")
        await settled(pilot)
        assert isinstance(app.screen, ConfirmDialog)
        assert not network.requests


@pytest.mark.parametrize("answer", ["y", "n"])
async def test_an_environment_chosen_by_the_collection_is_asked_about_at_the_start(
    answer: str, tmp_path: Path
) -> None:
    choice = Power(PowerKind.ENVIRONMENT, "theirs")

    def choose(session: Session) -> Session:
        environments = replace(session.environments, ungranted=(choice,))
        return replace(session, environments=environments)

    app = stranger_app(tmp_path, Network(), choose)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        assert "chooses the environment theirs" in screen_text(app)
        await pilot.press(answer)
        await settled(pilot)
        assert main(pilot).environment.name == ("theirs" if answer == "y" else "prod")


async def test_a_folder_that_cannot_be_remembered_is_trusted_until_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    network = Network()
    path = write_request(tmp_path, "a.toml", REQUEST.format(name="A", variable="HOME"))
    app = stranger_app(tmp_path, network)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await open_and_send(pilot, path)
        monkeypatch.setenv("XDG_STATE_HOME", str(blocked))
        await pilot.press("y")
        await settled(pilot)
        assert len(network.requests) == 1
        assert main(pilot).session.trust != FULL_TRUST
