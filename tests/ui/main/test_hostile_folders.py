"""Folders that are read-only, and a working folder that is gone, while the app runs.

Every key that writes says in one sentence that it cannot; the app lives, and what was typed
stays.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from mixtui.interchange.curl.command import import_curl
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, BodyType, Draft, Method
from mixtui.system import working_folder
from mixtui.ui.environments.screen import EnvironmentsScreen
from mixtui.ui.response.state import Received
from tests.permissions import make_read_only, make_writable, obeying_permissions
from tests.storage.test_hostile_disks import content
from tests.ui.app import main, make_app, settled, write_request
from tests.ui.driver import type_text, wait_for_screen, wait_until, workers_done

URL = "/query/events/typed"
TREE, RESPONSE, ENVIRONMENTS = "the tree", "the response", "the environments"
Keys = tuple[str, ...]
CASES: dict[str, tuple[str, Keys, str, Keys]] = {
    "save": ("", ("ctrl+s",), "X", ("enter",)),
    "save_as": ("", ("ctrl+shift+s",), "X", ("enter",)),
    "add_starters": ("", (), "", ("y",)),
    "choose_theme": ("", (), "", ("down", "enter")),
    "resize": ("", ("shift+f8", "right", "enter"), "", ()),
    "send": ("", ("f5",), "", ()),
    "tree.duplicate": (TREE, ("d",), "", ()),
    "tree.rename": (TREE, ("r",), "x", ("enter",)),
    "tree.delete": (TREE, ("x",), "", ()),
    "tree.move_down": (TREE, ("J",), "", ()),
    "tree.move": (TREE, ("m",), "Inner", ("enter",)),
    "tree.copy_to": (TREE, ("c",), "", ("enter",)),
    "tree.favorite": (TREE, ("f",), "", ()),
    "tree.tags": (TREE, ("t",), "x", ("enter",)),
    "tree.new_folder": (TREE, ("n",), "x", ("enter",)),
    "response.save": (RESPONSE, ("s",), "", ("enter",)),
    "environments.add": (ENVIRONMENTS, ("a", "f2"), "qa", ("ctrl+s",)),
    "environments.delete": (ENVIRONMENTS, ("x", "y"), "", ()),
    "environments.default": (ENVIRONMENTS, ("D",), "", ()),
}
"""By the action that writes: where it is, its keys, what is typed, and the keys after that."""
TOP = 'name = "Top"\nurl = "/query/events/top"\n'


@asynccontextmanager
async def typed(root: Path) -> AsyncIterator[Pilot[int]]:
    """The app with saved requests, environments, and something typed."""
    write_request(root, "mixtui.toml", "")
    write_request(root, "first.toml", TOP)
    write_request(root, "second.toml", TOP.replace("Top", "Second"))
    write_request(root, "Inner/third.toml", TOP.replace("Top", "Third"))
    (root / "config").mkdir(exist_ok=True)
    environments = "[environments.prod]\n[environments.other]\n"
    (root / "config" / "environments.toml").write_text(environments)
    async with make_app(root).run_test(size=(120, 40)) as pilot:
        await workers_done(pilot.app, "tree")
        screen = main(pilot)
        screen.draft = Draft(url=URL)
        yield pilot
        assert screen.draft.url == URL


async def go_to(pilot: Pilot[int], place: str) -> None:
    screen = main(pilot)
    if place == TREE:
        screen.saved_requests.focus()
        screen.saved_requests.cursor_line = 2
    elif place == RESPONSE:
        await pilot.press("f5")
        await settled(pilot)
        await wait_until(pilot, lambda: isinstance(screen.response, Received))
        await screen.response_pane.focus_tab("body")
    elif place == ENVIRONMENTS:
        await pilot.press("f9")
        await wait_for_screen(pilot, EnvironmentsScreen)
        await pilot.press("down")
    await pilot.pause()


def said(pilot: Pilot[int]) -> list[str]:
    """What the app says: in notifications, and in the dialog on top."""
    notes = [each.message for each in pilot.app._notifications]
    texts = pilot.app.screen.query(Static).exclude("Toast")  # They show the same.
    return [*notes, *(str(each.render()) for each in texts if each.display)]


def is_refusal(text: str) -> bool:
    return "Permission denied" in text and "crash recovery" not in text


async def press_once(pilot: Pilot[int], key: str) -> None:
    """Press a key, and wait until what it asks is there."""
    await pilot.press(key)
    await pilot.pause(0.05)


@pytest.mark.parametrize("action", CASES)
async def test_on_a_read_only_disk_each_key_that_writes_says_that_it_cannot(
    action: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.chdir(tmp_path)
    place, keys, text, more_keys = CASES[action]
    with obeying_permissions():
        async with typed(tmp_path) as pilot:
            await go_to(pilot, place)
            before = content(tmp_path)
            make_read_only(tmp_path)
            try:
                if not keys:
                    getattr(main(pilot), f"action_{action}")()
                    await wait_until(pilot, lambda: pilot.app.screen is not main(pilot))
                for key in keys:
                    await press_once(pilot, key)
                await type_text(pilot, text)
                for key in more_keys:
                    await press_once(pilot, key)
                await wait_until(pilot, lambda: any(map(is_refusal, said(pilot))))
                (sentence, *more) = [each for each in said(pilot) if is_refusal(each)]
                assert sentence.endswith("."), sentence
                assert not more or action == "send", more
                assert content(tmp_path) == before
            finally:
                make_writable(tmp_path)


@asynccontextmanager
async def gone(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Pilot[int], Path]]:
    """The app in a working folder that another program deletes."""
    folder = root / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    working_folder()  # As the command line asks, before it starts the app.
    async with typed(root) as pilot:
        folder.rmdir()
        yield pilot, folder


async def test_a_body_is_saved_where_the_deleted_working_folder_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gone(tmp_path, monkeypatch) as (pilot, folder):
        await go_to(pilot, RESPONSE)
        await press_once(pilot, "s")
        assert any(f"the folder {folder} will be created" in s for s in said(pilot))
        await press_once(pilot, "enter")
        await wait_until(pilot, lambda: any(folder.glob("*.json")))


async def test_what_is_relative_to_the_deleted_working_folder_is_reported_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gone(tmp_path, monkeypatch) as (pilot, folder):
        screen = main(pilot)
        body = Body(BodyType.FILE, path="x.json")
        screen.draft = Draft(method=Method.POST, api=Api.INGESTION, url=URL, body=body)
        await pilot.press("f5")
        await settled(pilot)
        assert "x.json" in " ".join(said(pilot))
        imported = import_curl(f"curl https://mixpanel.com/api{URL} -d @y.json")
        assert f"The file {folder}/y.json does not exist." in imported.notes
