"""The file of the open request is changed, moved or deleted by another program."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from mixtui.model.draft import Method
from mixtui.storage.answers import AnswerStore
from mixtui.storage.file_state import (
    FileChanged,
    FileDeleted,
    FileUnreadable,
    Unchanged,
)
from mixtui.storage.watch import Seen
from mixtui.ui.dialogs.dialogs import ChoiceDialog, ConfirmDialog
from mixtui.ui.diff.text_diff import TextDiffView
from mixtui.ui.main.collection import outside
from mixtui.ui.request.body_editor import BodyEditor
from mixtui.ui.rows.editor import RowsEditor
from tests.ui.app import main, make_app, write_request
from tests.ui.driver import type_text, wait_until, widget_lines, workers_done
from tests.ui.main.controllers import ControllerHost, controllers

NAMES = """\
name = "Event names"
method = "GET"
api = "query"
url = "/query/events/names"
"""
OTHER = NAMES.replace("/names", "/top")
HALF = NAMES[:15]


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "SETTLING", 0)


@asynccontextmanager
async def opened(root: Path) -> AsyncIterator[tuple[ControllerHost, Path]]:
    path = write_request(root, "names.toml", NAMES)
    async with controllers(root) as host:
        await host.collection.open(path)
        host.messages.clear()
        yield host, path


async def look(host: ControllerHost) -> None:
    """Let the host notice what has happened to the files."""
    host.collection.reload_tree(None)
    await host.finished("tree")
    await host.finished("open file")


async def test_a_request_that_nobody_edits_shows_the_newer_file(tmp_path: Path) -> None:
    async with opened(tmp_path) as (host, path):
        path.write_text(OTHER)
        await look(host)
        assert host.draft.url == "/query/events/top"
        assert not host.collection.unsaved
        assert host.messages == ["names.toml changed on disk: reloaded."]
        assert await host.collection.save()
        assert path.read_text() == OTHER
        assert host.questions == []


async def test_the_own_save_is_not_a_change_outside(tmp_path: Path) -> None:
    async with opened(tmp_path) as (host, _):
        host.draft = replace(host.draft, url="/mine")
        await host.collection.save()
        await look(host)
        assert host.messages == ["Saved Event names."]


async def test_what_was_typed_stays_and_the_title_says_that_the_file_changed(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as (host, path):
        host.draft = replace(host.draft, url="/mine")
        path.write_text(OTHER)
        await look(host)
        await look(host)
        assert host.draft.url == "/mine"
        assert host.title == "changed on disk"
        assert isinstance(host.collection.file_state, FileChanged)
        (message,) = host.messages
        assert "Your changes are kept: ctrl+s shows the difference" in message


async def test_what_was_typed_is_merged_with_a_file_that_changed_elsewhere(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as (host, path):
        host.draft = replace(host.draft, url="/mine")
        path.write_text(f"# Why.\n{NAMES}description = 'Theirs'\n")
        await look(host)
        assert (host.draft.url, host.draft.description) == ("/mine", "Theirs")
        assert host.messages == [
            "names.toml changed on disk: merged with your changes."
        ]
        assert host.collection.unsaved
        path.write_text(f"# Why.\n{NAMES}tags = ['late']\n")
        assert await host.collection.save(), "nobody noticed that change yet"
        assert host.questions == []
        assert path.read_text().startswith("# Why.\n")
        assert "late" in path.read_text() and "Theirs" not in path.read_text()
        assert 'url = "/mine"' in path.read_text()


@pytest.mark.parametrize(
    ("answers", "url", "method"),
    [
        (["m"], "/mine", "PUT"),
        (["t"], "/query/events/top", "POST"),
        (["b", "m", "t"], "/query/events/top", "PUT"),
        (["b", "t", "m"], "/mine", "POST"),
    ],
)
async def test_only_what_both_changed_is_asked_about(
    answers: list[str], url: str, method: str, tmp_path: Path
) -> None:
    async with opened(tmp_path) as (host, path):
        host.draft = replace(
            host.draft, url="/mine", method=Method.PUT, description="Mine"
        )
        theirs = OTHER.replace('"GET"', '"POST"') + "tags = ['theirs']\n"
        path.write_text(theirs)
        await look(host)
        assert host.title == "changed on disk"
        host.answers += answers
        assert await host.collection.save()
        assert "both changed the method and URL" in host.questions[0]
        assert len(host.questions) == len(answers)
        saved = host.collection.store.open(path).draft
        assert (saved.url, saved.method.value) == (url, method)
        assert (saved.description, saved.tags) == ("Mine", ("theirs",))


async def test_a_file_that_returns_to_what_it_was_asks_nothing(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as (host, path):
        host.draft = replace(host.draft, url="/mine")
        path.write_text(OTHER)
        await look(host)
        path.write_text(NAMES)
        await look(host)
        assert host.title == ""
        await host.collection.save()
        assert host.questions == []


@pytest.mark.parametrize(
    "content",
    [
        NAMES.replace("/query/events/names", "/mine"),  # As the draft is.
        f"# A comment.\n{NAMES}",
    ],
)
async def test_a_newer_file_that_takes_nothing_from_the_draft_asks_nothing(
    content: str, tmp_path: Path
) -> None:
    async with opened(tmp_path) as (host, path):
        host.draft = replace(host.draft, url="/mine")
        path.write_text(content)
        await look(host)
        assert host.messages == []
        assert host.title == ""
        assert await host.collection.save()
        assert host.questions == []
        assert 'url = "/mine"' in path.read_text()
        assert path.read_text().startswith(content.split("\n")[0])


async def test_a_comment_that_came_unnoticed_asks_nothing_either(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as (host, path):
        host.draft = replace(host.draft, url="/mine")
        path.write_text(f"# A comment.\n{NAMES}")
        assert await host.collection.save()
        assert host.questions == []
        assert path.read_text().startswith("# A comment.\n")
        assert 'url = "/mine"' in path.read_text()


async def test_a_half_written_file_is_read_again_before_anything_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as (host, path):
        sleep = outside.asyncio.sleep

        async def finish(seconds: float) -> None:
            if seconds == 0:
                path.write_text(OTHER)
            await sleep(seconds)

        path.write_text(HALF)
        monkeypatch.setattr(outside.asyncio, "sleep", finish)
        await look(host)
        assert host.draft.url == "/query/events/top"
        assert host.messages == ["names.toml changed on disk: reloaded."]


async def test_a_broken_file_leaves_the_request_and_is_not_overwritten(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as (host, path):
        path.write_text(HALF)
        await look(host)
        assert isinstance(host.collection.file_state, FileUnreadable)
        assert host.title == "broken on disk"
        assert "names.toml, line 1" in host.message
        assert host.draft.url == "/query/events/names"
        host.draft = replace(host.draft, url="/mine")
        host.answers = ["c"]
        assert not await host.collection.save()
        assert "A broken file is not overwritten" in host.questions[0]
        assert path.read_text() == HALF
        path.write_text(NAMES)
        await look(host)
        assert isinstance(host.collection.file_state, Unchanged)


async def test_a_deleted_file_leaves_the_request_and_saving_restores_it(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as (host, path):
        path.unlink()
        write_request(tmp_path, "other.toml", OTHER)  # The folder is there.
        await look(host)
        assert isinstance(host.collection.file_state, FileDeleted)
        assert host.title == "deleted from disk"
        assert "ctrl+s restores the file" in host.message
        assert host.collection.unsaved
        assert await host.collection.save()
        assert path.read_text() == NAMES
        assert host.title == ""
        assert host.questions == []


async def test_a_deletion_found_out_by_saving_is_said_before_the_file_is_restored(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as (host, path):
        path.unlink()
        assert not await host.collection.save()
        assert "names.toml was deleted from disk" in host.message
        assert await host.collection.save()
        assert path.read_text() == NAMES


async def test_leaving_a_request_whose_file_was_deleted_asks(tmp_path: Path) -> None:
    async with opened(tmp_path) as (host, path):
        other = write_request(tmp_path, "other.toml", OTHER)
        path.unlink()
        await look(host)
        host.answers = ["c"]
        await host.collection.open(other)
        assert host.questions == ["Event names has unsaved changes."]
        assert host.draft.url == "/query/events/names"


async def test_a_moved_file_is_followed(tmp_path: Path) -> None:
    async with opened(tmp_path) as (host, path):
        await look(host)
        slot = host.slot
        host.draft = replace(host.draft, url="/mine")
        new = path.parent / "Team" / "renamed.toml"
        new.parent.mkdir()
        AnswerStore().store(path, {"city": "Oslo"})
        path.rename(new)
        await look(host)
        assert AnswerStore().load(new) == {"city": "Oslo"}
        assert "names.toml was moved on disk" in host.message
        assert host.draft.url == "/mine"
        assert host.slot is slot
        assert await host.collection.save()
        assert 'url = "/mine"' in new.read_text()
        assert not path.exists()


async def test_a_collection_that_is_away_deletes_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as (host, path):
        path.parent.rename(tmp_path / "away")
        await look(host)
        assert host.messages == []
        assert isinstance(host.collection.file_state, Unchanged)


# On the screen


async def notice(pilot: Pilot[int], root: Path) -> None:
    """Let the app notice what has happened to the files."""
    pilot.app.files_seen(Seen(root / "requests"))  # type: ignore[attr-defined]
    await workers_done(pilot.app, "tree", "open file")
    await workers_done(pilot.app, "open file")
    await pilot.pause()


async def test_the_conflict_is_shown_and_the_draft_may_be_kept(tmp_path: Path) -> None:
    path = write_request(tmp_path, "names.toml", NAMES)
    async with make_app(tmp_path).run_test(size=(100, 30)) as pilot:
        screen = main(pilot)
        await screen.collection.open(path)
        await type_text(pilot, "-mine")
        path.write_text(OTHER)
        await notice(pilot, tmp_path)
        assert screen.draft_title == "Event names ● (changed on disk)"
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ChoiceDialog))
        lines = "\n".join(widget_lines(pilot.app.screen.query_one(TextDiffView)))
        assert '-url = "/query/events/top"' in lines
        assert '+url = "/query/events/names-mine"' in lines
        await pilot.press("m")
        await wait_until(pilot, lambda: "names-mine" in path.read_text())
        await pilot.pause()
        assert screen.draft_title == "Event names"


async def test_cursors_stay_where_they_are_in_a_newer_file(tmp_path: Path) -> None:
    text = (
        'method = "POST"\nurl = "/track"\n'
        '[[query]]\nname = "a"\nvalue = "1"\n[[query]]\nname = "b"\nvalue = "2"\n'
        "[body]\ntype = \"text\"\ntext = '''\none\ntwo\nthree\n'''\n"
    )
    path = write_request(tmp_path, "track.toml", text)
    async with make_app(tmp_path).run_test(size=(100, 30)) as pilot:
        screen = main(pilot)
        await screen.collection.open(path)
        pane = screen.request_pane
        await pane.focus_tab("query")
        rows = pane.query_one("#edit-query", RowsEditor)
        rows.go_to(1)
        await pane.focus_tab("body")
        area = pane.query_one(BodyEditor).area
        assert area is not None
        area.move_cursor((1, 2))
        path.write_text(text.replace('"2"', '"22"').replace("three", "3\nfour"))
        await notice(pilot, tmp_path)
        assert screen.draft.query[1].value == "22"
        assert rows.cursor == 1
        assert pane.query_one(BodyEditor).area is area
        assert area.text == "one\ntwo\n3\nfour\n"
        assert area.cursor_location == (1, 2)
        assert screen.focused is area
        assert not screen.collection.unsaved
        assert screen.draft_title == "New request"


async def test_a_row_that_is_being_typed_is_not_touched(tmp_path: Path) -> None:
    text = f'{NAMES}[[query]]\nname = "type"\nvalue = "general"\n'
    path = write_request(tmp_path, "names.toml", text)
    async with make_app(tmp_path).run_test(size=(100, 30)) as pilot:
        screen = main(pilot)
        await screen.collection.open(path)
        await screen.request_pane.edit_row(0)
        path.write_text(text.replace("/names", "/top"))
        pilot.app.files_seen(Seen(tmp_path / "requests"))  # type: ignore[attr-defined]
        state = screen.collection
        await wait_until(pilot, lambda: state.open_request is not None)
        await state.wait_until_read()
        await pilot.pause(0.05)
        assert screen.request_pane.is_in_edit
        assert screen.draft.url == "/query/events/names"
        await pilot.press("escape")
        await wait_until(pilot, lambda: screen.draft.url == "/query/events/top")


async def test_nothing_changes_under_a_dialog_that_may_edit_the_draft(
    tmp_path: Path,
) -> None:
    path = write_request(tmp_path, "names.toml", NAMES)
    async with make_app(tmp_path).run_test(size=(100, 30)) as pilot:
        screen = main(pilot)
        await screen.collection.open(path)
        dialog = ConfirmDialog("Any question")
        await pilot.app.push_screen(dialog)
        path.write_text(OTHER)
        pilot.app.files_seen(Seen(tmp_path / "requests"))  # type: ignore[attr-defined]
        await screen.collection.wait_until_read()
        await pilot.pause(0.05)
        assert screen.is_in_edit
        assert screen.draft.url == "/query/events/names"
        dialog.finish(False)
        await wait_until(pilot, lambda: screen.draft.url == "/query/events/top")
