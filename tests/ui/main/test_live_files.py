"""What other programs do to files is shown, and nothing on the screen is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from mixtui.model.environment import NO_ENVIRONMENT
from mixtui.session import open_session
from mixtui.storage.paths import config_dir
from mixtui.storage.watch import Seen
from mixtui.ui.environments.screen import EnvironmentsScreen
from mixtui.ui.help.screen import HelpScreen
from mixtui.ui.main import live_files
from mixtui.ui.main.live_files import LiveFilesController
from tests.ui.app import main, make_app, write_request
from tests.ui.driver import screen_text, wait_until, workers_done
from tests.ui.main.controllers import ControllerHost, controllers

NAMES = 'name = "Event names"\nmethod = "GET"\nurl = "/query/events/names"\n'


async def test_a_collection_that_goes_away_is_reported_once_and_so_is_its_return(
    tmp_path: Path,
) -> None:
    write_request(tmp_path, "names.toml", NAMES)
    root = tmp_path / "requests"
    async with controllers(tmp_path) as host:
        live = LiveFilesController(host, host.collection)
        live.seen(Seen(root, problem="it does not respond"))
        live.seen(Seen(root, exists=False))
        (message,) = host.messages
        assert f"The collection {root} cannot be read: it does not respond." in message
        live.seen(Seen(root))
        live.seen(Seen(root))
        assert host.messages[1:] == [f"The collection {root} is back."]


async def test_requests_of_other_programs_appear_in_the_tree(tmp_path: Path) -> None:
    write_request(tmp_path, "names.toml", NAMES)
    async with make_app(tmp_path).run_test() as pilot:
        app = pilot.app
        await main(pilot).collection.wait_until_read()
        write_request(tmp_path, "Team/new.toml", NAMES.replace("Event", "New"))
        app.files_seen(Seen(tmp_path / "requests"))  # type: ignore[attr-defined]
        tree = main(pilot).saved_requests
        names = ["GET New names", "GET Event names"]
        # The first reading may still be running: it is cancelled for this one.
        await wait_until(pilot, lambda: [title for _, title in tree.titles()] == names)


# Environments

TWO = """\
[environments.prod]
region = "eu"
project_id = "1"
[environments.dev]
project_id = "2"
"""


@pytest.fixture(autouse=True)
def no_settling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_files, "SETTLING", 0)


def write(name: str, text: str) -> None:
    """Write a file of the config folder."""
    path = config_dir() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@asynccontextmanager
async def in_prod(
    root: Path,
) -> AsyncIterator[tuple[ControllerHost, LiveFilesController]]:
    """A host in the environment prod of environments.toml."""
    (root / "requests").mkdir(exist_ok=True)
    write("environments.toml", TWO)
    async with controllers(root) as host:
        host.session = open_session(
            root / "requests", "prod", variables={}, lenient=True
        )
        yield host, LiveFilesController(host, host.collection)


async def notice(host: ControllerHost, live: LiveFilesController) -> None:
    live.seen(Seen(config_dir()))
    await host.finished("session")


async def test_environments_of_other_programs_appear(tmp_path: Path) -> None:
    async with in_prod(tmp_path) as (host, live):
        write("environments.toml", f"{TWO}[environments.third]\n")
        await notice(host, live)
        assert host.session.environments.names == ("prod", "dev", "third")
        assert host.environment.name == "prod"
        assert host.messages == []


async def test_a_file_without_a_change_sets_nothing(tmp_path: Path) -> None:
    async with in_prod(tmp_path) as (host, live):
        before = host.session
        write("environments.toml", TWO)
        await notice(host, live)
        assert host.session is before


async def test_the_environment_in_use_that_is_deleted_is_replaced_by_none(
    tmp_path: Path,
) -> None:
    async with in_prod(tmp_path) as (host, live):
        write("environments.toml", 'default = "dev"\n[environments.dev]\n')
        await notice(host, live)
        assert host.environment == NO_ENVIRONMENT
        (message,) = host.messages
        assert message == (
            "The environment prod was deleted from disk. No environment is in use now: "
            "f9 chooses one."
        )
        write("environments.toml", TWO)
        await notice(host, live)
        assert host.environment.name == "prod"
        assert "The environment prod is in use: region eu" in host.messages[-1]


async def test_another_target_of_the_environment_in_use_is_said(tmp_path: Path) -> None:
    async with in_prod(tmp_path) as (host, live):
        write("environments.toml", TWO.replace('"1"', '"99"'))
        await notice(host, live)
        assert host.messages == [
            "The environment prod changed on disk: region eu, project 99, writes are real."
        ]


async def test_a_broken_file_is_reported_once_and_changes_nothing(
    tmp_path: Path,
) -> None:
    async with in_prod(tmp_path) as (host, live):
        environments = host.session.environments
        write("environments.toml", f"{TWO}[environments")
        await notice(host, live)
        await notice(host, live)
        (message,) = host.messages
        assert "environments.toml, line 6" in message
        assert host.session.environments == environments
        write("environments.toml", TWO)
        await notice(host, live)
        assert host.session.warnings == ()


async def test_a_file_that_is_half_written_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with in_prod(tmp_path) as (host, live):
        sleep = live_files.asyncio.sleep

        async def finish(seconds: float) -> None:
            if seconds == 0:
                write("environments.toml", TWO.replace('"eu"', '"in"'))
            await sleep(seconds)

        write("environments.toml", TWO[:30])
        monkeypatch.setattr(live_files.asyncio, "sleep", finish)
        await notice(host, live)
        assert host.environment.region == "in"
        assert "line" not in host.message


async def test_nothing_changes_under_an_open_dialog(tmp_path: Path) -> None:
    async with in_prod(tmp_path) as (host, live):
        host.is_active = False
        write("environments.toml", TWO.replace('"eu"', '"in"'))
        live.seen(Seen(config_dir()))
        for _ in range(20):
            await live_files.asyncio.sleep(0.001)
        assert host.environment.region == "eu"
        host.is_active = True
        await host.finished("session")
        assert host.environment.region == "in"


async def test_a_collection_that_wants_more_is_named_and_gets_nothing(
    tmp_path: Path,
) -> None:
    async with in_prod(tmp_path) as (host, live):
        theirs = (
            '[environments.theirs.hosts]\nquery = "https://elsewhere.example"\n'
            '[environments.theirs]\nregion = "eu"\n'
        )
        (tmp_path / "requests" / "mixtui.toml").write_text(theirs)
        live.seen(Seen(tmp_path / "requests"))
        await host.finished("session")
        assert "now requests more access" in host.message
        assert "elsewhere.example" in host.message
        theirs_now = host.session.environments.get("theirs")
        assert theirs_now is not None and theirs_now.ungranted


# Settings, in the app


async def test_keys_theme_mouse_and_history_follow_config_toml(tmp_path: Path) -> None:
    write("environments.toml", TWO)
    async with make_app(tmp_path).run_test(size=(120, 30)) as pilot:
        screen = main(pilot)
        session = replace(
            open_session(tmp_path, variables={}, lenient=True),
            collection=screen.session.collection,
        )
        screen.session = session
        limits = screen.history.history.limits
        write(
            "config.toml",
            'theme = "terminal"\nmouse = false\n[keys]\nsend = ["f6"]\n'
            'environments = ["f13"]\nhelp = ["f16"]\n[history]\ncount = 7\n',
        )
        pilot.app.files_seen(Seen(config_dir()))  # type: ignore[attr-defined]
        await workers_done(pilot.app, "themes", "session")
        await wait_until(pilot, lambda: screen.session.settings.theme == "terminal")
        await pilot.pause()
        assert pilot.app.theme == "terminal"
        assert screen.history.history.limits.max_entries == 7 != limits.max_entries
        assert "f13 Environments" in screen_text(pilot.app)
        problems = [each.message for each in pilot.app._notifications]
        assert any("keys.send: f6 edits text" in problem for problem in problems)
        assert any("mouse takes effect at the next start" in p for p in problems)
        await pilot.press("f13")
        await wait_until(
            pilot, lambda: isinstance(pilot.app.screen, EnvironmentsScreen)
        )
        # In a dialog, too; and no longer by the key before.
        await pilot.press("f1")
        await pilot.pause()
        assert isinstance(pilot.app.screen, EnvironmentsScreen)
        await pilot.press("f16")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))


async def test_a_theme_that_does_not_exist_leaves_the_one_shown(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        screen, before = main(pilot), pilot.app.theme
        settings = replace(screen.session.settings, theme="termnal")
        screen.session = replace(screen.session, settings=settings)
        await pilot.pause()
        (notification,) = pilot.app._notifications
        assert "Did you mean terminal?" in notification.message
        assert pilot.app.theme == before


async def test_reload_repeats_what_is_wrong(tmp_path: Path) -> None:
    write("config.toml", "mouse = 3\n")
    async with in_prod(tmp_path) as (host, live):
        await notice(host, live)
        host.messages.clear()
        await live.reload()
        assert "config.toml, line 1" in host.messages[0]
        assert host.messages[-1] == "Reloaded."


# With the events of the system, and real files


async def test_the_app_follows_its_files_after_its_first_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mixtui.app._SETTLE_AFTER", 0.01)
    path = write_request(tmp_path, "names.toml", NAMES)
    app = make_app(tmp_path, change_session=lambda s: replace(s, config=config_dir()))
    app.settles = True
    write("environments.toml", TWO)
    async with app.run_test(size=(100, 30)) as pilot:
        tree = main(pilot).saved_requests
        await wait_until(
            pilot, lambda: "GET Event names" in dict(tree.titles()).values()
        )
        await wait_until(pilot, lambda: app._watcher is not None)
        # An editor that saves by renaming, and git that makes folders.
        swap = path.with_name(".names.toml.swp")
        swap.write_text(NAMES.replace("Event", "Other"))
        swap.rename(path)
        write_request(tmp_path, "Team/new.toml", NAMES.replace("Event", "New"))
        wanted = {"GET Other names", "GET New names"}
        await wait_until(pilot, lambda: set(dict(tree.titles()).values()) == wanted)
        write("environments.toml", f"{TWO}[environments.third]\n")
        screen = main(pilot)
        await wait_until(pilot, lambda: "third" in screen.session.environments.names)
    thread = app._watcher and app._watcher._thread
    assert thread is not None
    thread.join(20)
    assert not thread.is_alive()
