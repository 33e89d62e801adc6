"""A stranger's collection is asked about once, in words that name each power."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from mixtui.model.draft import Draft, Method, Pair
from mixtui.model.environment import Environments
from mixtui.model.trust import FULL_TRUST, Power, PowerKind, Trust
from mixtui.session import Session
from mixtui.storage.location import Location
from mixtui.storage.trust import TrustStore
from tests.ui.app import PROD, main, make_app, settled, write_request
from tests.ui.driver import screen_text
from tests.ui.main.controllers import Answer, ControllerHost, controllers

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


@asynccontextmanager
async def strangers(
    root: Path, network: Network, *, ungranted: tuple[Power, ...] = ()
) -> AsyncIterator[ControllerHost]:
    """Open a collection that is not trusted, with an environment of its own.

    Args:
        root: Holds the collection.
        network: Counts what is sent.
        ungranted: What the environment needs.
    """
    async with controllers(root, network) as host:
        folder = host.collection.store.root
        theirs = replace(
            PROD, name="theirs", origin=str(folder / "mixtui.toml"), ungranted=ungranted
        )
        host.session = replace(
            host.session,
            trust=Trust(folder),
            environments=Environments((PROD, theirs), "prod"),
        )
        yield host


async def open_and_send(host: ControllerHost, path: Path, *answers: Answer) -> None:
    host.collection.show(host.collection.store.open(path))
    await send(host, *answers)


async def send(host: ControllerHost, *answers: Answer) -> None:
    host.answers += answers
    await host.send()
    await host.idle()


async def test_the_question_is_on_the_screen_and_enter_does_not_trust(
    tmp_path: Path,
) -> None:
    network = Network()
    path = write_request(tmp_path, "a.toml", REQUEST.format(name="A", variable="HOME"))
    app = make_app(
        tmp_path,
        network,
        change_session=lambda session: replace(
            session, trust=Trust(session.collection.root)
        ),
    )
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        screen = main(pilot)
        screen.collection.show(screen.collection.store.open(path))
        await pilot.press("f5")
        await settled(pilot)
        assert "• reads the environment variable HOME" in screen_text(app)
        await pilot.press("enter")
        await settled(pilot)
        assert app.screen is screen
        assert not network.requests


@pytest.mark.parametrize("answer", ["y", "n", "escape", "enter"])
async def test_a_request_is_only_sent_if_the_person_trusts_the_folder(
    answer: str, tmp_path: Path
) -> None:
    network = Network()
    path = write_request(tmp_path, "a.toml", REQUEST.format(name="A", variable="HOME"))
    write_request(tmp_path, "b.toml", REQUEST.format(name="B", variable="PATH"))
    async with strangers(tmp_path, network) as host:
        await open_and_send(host, path, answer)
        assert "• reads the environment variable HOME" in host.questions[0]
        assert "• reads the environment variable PATH" in host.questions[0]
        assert len(network.requests) == (1 if answer == "y" else 0)
        await send(host, *([] if answer == "y" else ["n"]))
        assert len(host.questions) == (1 if answer == "y" else 2)
    assert bool(TrustStore().trust_in(tmp_path / "requests").granted) is (answer == "y")


async def test_a_collection_is_asked_about_again_when_it_needs_more(
    tmp_path: Path,
) -> None:
    network = Network()
    path = write_request(tmp_path, "a.toml", REQUEST.format(name="A", variable="PATH"))
    async with strangers(tmp_path, network) as host:
        host.session = host.session.with_granted({HOME})
        await open_and_send(host, path, "n")
        assert "reads the environment variable PATH" in host.questions[0]
        assert "HOME" not in host.questions[0]
        assert not network.requests


async def test_an_environment_of_the_collection_is_asked_about_too(
    tmp_path: Path,
) -> None:
    network = Network()
    evil = Power(PowerKind.HOST, "https://evil.example")
    async with strangers(tmp_path, network, ungranted=(evil,)) as host:
        host.session = host.session.with_environment(host.session.environments.all[1])
        host.draft = Draft(url="/query/events")
        await send(host, "n")
        assert "sends requests to https://evil.example" in host.questions[0]
        assert not network.requests
        await send(host, "y")
        assert len(network.requests) == 1


async def test_what_is_typed_is_never_asked_about(tmp_path: Path) -> None:
    network = Network()
    async with strangers(tmp_path, network) as host:
        host.draft = Draft(
            method=Method.GET,
            url="/query/events",
            headers=(Pair("X", "{{env:HOME}}"),),
        )
        await send(host)
        assert host.questions == []
        assert len(network.requests) == 1


async def test_a_deleted_request_stays_a_strangers_on_the_screen(
    tmp_path: Path,
) -> None:
    network = Network()
    path = write_request(tmp_path, "a.toml", REQUEST.format(name="A", variable="HOME"))
    async with strangers(tmp_path, network) as host:
        collection = host.collection
        collection.show(collection.store.open(path))
        entry = collection.store.scan().all_requests()[0]
        await host.tree.handle("delete", entry)
        await send(host, "n")
        assert "reads the environment variable HOME" in host.questions[0]
        assert not network.requests


@pytest.mark.parametrize("answer", ["y", "n"])
async def test_an_environment_chosen_by_the_collection_is_asked_about_at_the_start(
    answer: str, tmp_path: Path
) -> None:
    choice = Power(PowerKind.ENVIRONMENT, "theirs")
    async with strangers(tmp_path, Network()) as host:
        environments = replace(host.session.environments, ungranted=(choice,))
        host.session = replace(host.session, environments=environments)
        host.answers = [answer]
        await host.trust.ask_at_start()
        assert "chooses the environment theirs" in host.questions[0]
        assert host.environment.name == ("theirs" if answer == "y" else "prod")


async def test_the_question_of_the_start_is_asked_at_the_start(tmp_path: Path) -> None:
    def choose(session: Session) -> Session:
        choice = Power(PowerKind.ENVIRONMENT, "careful")
        environments = replace(session.environments, ungranted=(choice,))
        return replace(session, environments=environments)

    app = make_app(tmp_path, Network(), change_session=choose)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        assert "chooses the environment careful" in screen_text(app)
        await pilot.press("y")
        await settled(pilot)
        assert main(pilot).environment.name == "careful"


async def test_a_folder_that_cannot_be_remembered_is_trusted_until_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    network = Network()
    path = write_request(tmp_path, "a.toml", REQUEST.format(name="A", variable="HOME"))
    async with strangers(tmp_path, network) as host:
        monkeypatch.setenv("XDG_STATE_HOME", str(blocked))
        await open_and_send(host, path, "y")
        assert "trusted until you quit" in host.message
        assert len(network.requests) == 1
        assert host.session.trust != FULL_TRUST
        await send(host)
        assert len(host.questions) == 1


async def test_a_file_that_wants_more_since_it_was_opened_is_asked_about(
    tmp_path: Path,
) -> None:
    network = Network()
    path = write_request(tmp_path, "a.toml", 'method = "GET"\nurl = "/query/events"\n')
    async with strangers(tmp_path, network) as host:
        await host.collection.open(path)
        path.write_text(REQUEST.format(name="A", variable="HOME"))
        host.collection.reload_tree(None)
        await host.finished("tree")
        await host.finished("open file")
        assert host.draft.headers
        host.answers = ["escape"]
        await host.send()
        assert "HOME" in host.questions[0]
        assert network.requests == []


ARRIVALS: dict[str, Answer] = {
    "move": "Team",
    "copy_to": "Team",
    "rename": Location(("Team",), "A"),
    "save": Location(("Team",), "A"),
}
"""What brings a request into another collection, with the answer that says where."""


@pytest.mark.parametrize("answer", ["y", "n"])
@pytest.mark.parametrize("whole_folder", [False, True])
@pytest.mark.parametrize("action", ARRIVALS)
async def test_what_leaves_a_collection_inside_another_is_asked_about(
    action: str, whole_folder: bool, answer: str, tmp_path: Path
) -> None:
    network = Network()
    request = REQUEST.format(name="A", variable="HOME")
    path = write_request(tmp_path, "theirs/deep/a.toml", request)
    write_request(tmp_path, "theirs/mixtui.toml", "")
    write_request(tmp_path, "mixtui.toml", "")
    write_request(tmp_path, "Team/other.toml", "name = 'Other'")
    async with controllers(tmp_path, network) as host:
        store = host.collection.store
        target = ARRIVALS[action]
        place = store.root / target if isinstance(target, str) else target
        if action == "save":
            await host.collection.open(path)
            host.answers = [target, answer, *(() if answer == "y" else ("escape",))]
            await host.collection.save_as()
        else:
            entry: Any = store.scan().folders[1].folders[0]
            entry = entry if whole_folder else entry.requests[0]
            host.answers = [place, answer]
            await host.tree.handle(action, entry)
        arrived = [
            p for p in (store.root / "Team").rglob("*.toml") if "HOME" in p.read_text()
        ]
        assert bool(arrived) is (answer == "y")
        (question,) = [
            each for each in host.questions if "comes from elsewhere" in each
        ]
        assert str(store.root / "theirs") in question
        assert "• reads the environment variable HOME" in question
        assert network.requests == []


async def test_what_needs_nothing_or_takes_its_collection_along_is_moved_unasked(
    tmp_path: Path,
) -> None:
    plain = 'name = "A"\nmethod = "GET"\nurl = "/query/events"\n'
    write_request(tmp_path, "theirs/a.toml", plain)
    needy = REQUEST.format(name="B", variable="HOME")
    write_request(tmp_path, "outer/inner/b.toml", needy)
    write_request(tmp_path, "Team/other.toml", "name = 'Other'")
    for folder in ("", "theirs/", "outer/inner/"):
        write_request(tmp_path, f"{folder}mixtui.toml", "")
    async with controllers(tmp_path, Network()) as host:
        root = host.collection.store.root
        tree = host.collection.store.scan()
        folders = {each.path.name: each for each in tree.folders}
        for entry in (folders["theirs"].requests[0], folders["outer"].folders[0]):
            host.answers = [root / "Team"]
            await host.tree.handle("move", entry)
        assert (root / "Team" / "a.toml").exists()
        moved = root / "Team" / "inner" / "b.toml"
        assert host.session.origin(moved).trust.root == moved.parent


async def test_a_file_that_was_out_of_reach_stays_so_after_a_move(
    tmp_path: Path,
) -> None:
    body = 'name = "A"\nmethod = "POST"\napi = "ingestion"\nurl = "/track"\n'
    body += '[body]\ntype = "file"\npath = "../keys.json"\n'
    write_request(tmp_path, "theirs/deep/a.toml", body)
    write_request(tmp_path, "theirs/mixtui.toml", "")
    write_request(tmp_path, "mixtui.toml", "")
    write_request(tmp_path, "Team/other.toml", "name = 'Other'")
    async with controllers(tmp_path, Network()) as host:
        store = host.collection.store
        entry = store.scan().folders[1].folders[0].requests[0]
        host.answers = [store.root / "Team", "n"]
        await host.tree.handle("move", entry)
        assert f"• sends the file {store.root / 'keys.json'}" in host.questions[-1]
        assert entry.path.exists()
