"""What other programs do to files is shown, and nothing on the screen is lost."""

from __future__ import annotations

from pathlib import Path

from mixtui.storage.watch import Seen
from mixtui.ui.main.live_files import LiveFilesController
from tests.ui.app import main, make_app, write_request
from tests.ui.main.controllers import controllers

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
        await app.workers.wait_for_complete()
        titles = [title for _, title in main(pilot).saved_requests.titles()]
        assert titles == ["GET New names", "GET Event names"]
