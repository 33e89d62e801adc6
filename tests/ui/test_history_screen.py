from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Static

from mixtui.core.errors import StorageError
from mixtui.core.record import Identity, Record
from mixtui.storage.history import Entry, History, HistoryQuery
from mixtui.storage.settings import HistorySettings
from mixtui.ui.action import Action
from mixtui.ui.dialogs import ChoiceDialog, ConfirmDialog
from mixtui.ui.history_actions import HISTORY_ACTIONS
from mixtui.ui.history_choice import (
    DiffRecords,
    OpenRecord,
    Resend,
    RestoreDraft,
)
from mixtui.ui.history_screen import HistoryScreen
from mixtui.ui.widgets.field import Field
from mixtui.ui.widgets.history_list import HistoryList
from mixtui.ui.widgets.key_hints import KeyHints
from tests.storage.records import a_record
from tests.ui.typing import type_text

NOTHING = object()
WEEKLY = Path("/c/weekly.toml")
NOW = datetime.now(UTC)


class Host(App[None]):
    """Opens the screen and keeps its result."""

    def __init__(self, screen: HistoryScreen) -> None:
        super().__init__()
        self.opened = screen
        self.result: object = NOTHING

    def on_mount(self) -> None:
        self.push_screen(self.opened, self.done)

    def done(self, result: object) -> None:
        self.result = result


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


RECORDS: tuple[Record, ...] = (
    a_record("Old", started=days_ago(40), environment="eu", body_bytes=9),
    a_record("Weekly", file=WEEKLY, started=days_ago(3), body_bytes=1_234_567),
    a_record(
        "",
        method="POST",
        url="https://api.mixpanel.com/import?strict=1",
        status=0,
        started=days_ago(2),
    ),
    a_record("Weekly [x]", file=WEEKLY, status=404, started=days_ago(1)),
)
"""Numbers 1 to 4, the oldest first."""


@pytest.fixture
def history(tmp_path: Path) -> History:
    history = History(tmp_path / "state", HistorySettings())
    for record in RECORDS:
        history.add(record, b"x" if record.body_bytes else None)
    return history


@asynccontextmanager
async def opened(
    history: History,
    this: Identity | None = None,
    *,
    alone: bool = False,
    size: tuple[int, int] = (120, 40),
    actions: tuple[Action, ...] = (),
) -> AsyncIterator[Pilot[None]]:
    app = Host(HistoryScreen(history, this, alone=alone, actions=actions))
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        yield pilot
    history.close()


async def settled(pilot: Pilot[None]) -> None:
    """Until no search goes on; a question may be open."""
    await pilot.pause()
    screen = host(pilot).opened
    running = [w for w in screen.workers if w.group == "find"]
    await pilot.app.workers.wait_for_complete(running)
    await pilot.pause()


async def asked(pilot: Pilot[None], kind: type[object]) -> None:
    """Until a question is there."""
    while not isinstance(pilot.app.screen, kind):
        await pilot.pause(0.01)
    await pilot.pause()


async def finished(pilot: Pilot[None]) -> None:
    """Until all work is done."""
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def host(pilot: Pilot[None]) -> Host:
    assert isinstance(pilot.app, Host)
    return pilot.app


def the_list(pilot: Pilot[None]) -> HistoryList:
    return host(pilot).opened.query_one(HistoryList)


def numbers(pilot: Pilot[None]) -> list[int]:
    return [entry.id for entry in the_list(pilot).entries]


def text_of(pilot: Pilot[None], name: str) -> str:
    return str(host(pilot).opened.query_one(f"#{name}", Static).render())


def rows(pilot: Pilot[None]) -> list[str]:
    shown = the_list(pilot)
    return [shown.draw_line(y).text for y in range(len(shown.entries))]


async def test_everything_is_listed_newest_first(history: History) -> None:
    async with opened(history) as pilot:
        assert numbers(pilot) == [4, 3, 2, 1]
        assert text_of(pilot, "say") == "4 exchanges of all requests"
        newest, failed, weekly, _ = rows(pilot)
        assert newest.startswith("›  ")
        assert "404 refused" in newest
        assert "Weekly [x]" in newest
        assert "— refused" in failed
        assert "POST   /import?strict=1" in failed
        assert "200 accepted" in weekly
        assert "1.2 MB" in weekly
        assert "200 ms" in weekly
        assert text_of(pilot, "name") == "Weekly [x] · /c/weekly.toml"
        assert text_of(pilot, "facts") == "prod · 404 · refused"


async def test_a_small_screen_shows_what_matters(history: History) -> None:
    async with opened(history, size=(80, 24)) as pilot:
        newest, failed, weekly, _ = rows(pilot)
        assert f"{days_ago(1).astimezone():%m-%d %H:%M} 404 refused" in newest
        assert "Weekly [x]" in newest
        assert "/import?strict=1" in failed
        assert weekly.rstrip().endswith("200 ms  1.2 MB")
        assert {len(row) for row in (newest, failed, weekly)} == {77}


CHOICES = [
    (("enter",), OpenRecord(4)),
    (("down", "enter"), OpenRecord(3)),
    (("j", "j", "k", "enter"), OpenRecord(3)),
    (("G", "enter"), OpenRecord(1)),
    (("end", "home", "enter"), OpenRecord(4)),
    (("pagedown", "enter"), OpenRecord(1)),
    (("s",), Resend(4)),
    (("down", "e"), RestoreDraft(3)),
    (("d",), DiffRecords(2, 4)),
    (("G", "space", "g", "d"), DiffRecords(1, 4)),
    (("space", "G", "d"), DiffRecords(1, 4)),
    (("space", "d"), DiffRecords(2, 4)),
    (("escape",), None),
    (("f3",), None),
    (("tab", "escape"), None),
]


@pytest.mark.parametrize(("keys", "choice"), CHOICES)
async def test_a_key_says_what_to_do_with_the_one_under_the_cursor(
    history: History, keys: tuple[str, ...], choice: object
) -> None:
    async with opened(history) as pilot:
        await pilot.press(*keys)
        await finished(pilot)
        assert host(pilot).result == choice


async def test_letters_typed_into_the_filter_are_no_commands(history: History) -> None:
    async with opened(history) as pilot:
        await pilot.press("slash")
        await type_text(pilot, "dex sPo")
        await settled(pilot)
        assert host(pilot).result is NOTHING
        assert host(pilot).opened.query_one(Field).value == "dex sPo"
        assert numbers(pilot) == []
        assert text_of(pilot, "say") == "Nothing like that is in the history."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("weekly", [4, 2]),
        ("status:4xx", [4]),
        ("status:none", [3]),
        ("after:today-30d", [4, 3, 2]),
        ("request:weekly.toml status:200", [2]),
        ("env:eu", [1]),
        ("IMPORT strict", [3]),
    ],
)
async def test_the_filter_is_followed_while_it_is_typed(
    history: History, text: str, found: list[int]
) -> None:
    async with opened(history) as pilot:
        await pilot.press("tab")
        await type_text(pilot, text)
        await settled(pilot)
        assert numbers(pilot) == found
        await pilot.press("enter")
        await settled(pilot)
        assert pilot.app.focused is the_list(pilot)


async def test_enter_behind_a_word_means_what_the_word_finds(history: History) -> None:
    async with opened(history) as pilot:
        await pilot.press("slash")
        await pilot.press(*"import", "enter", "enter")
        await finished(pilot)
        assert host(pilot).result == OpenRecord(3)


async def test_the_way_from_the_filter_to_the_list_and_back(history: History) -> None:
    async with opened(history) as pilot:
        field = host(pilot).opened.query_one(Field)
        for key, focused in (
            ("tab", field),
            ("tab", the_list(pilot)),
            ("slash", field),
            ("down", the_list(pilot)),
            ("shift+tab", field),
        ):
            await pilot.press(key)
            assert pilot.app.focused is focused


async def test_half_a_filter_is_explained_and_the_list_stays(history: History) -> None:
    async with opened(history) as pilot:
        await pilot.press("slash")
        await type_text(pilot, "status:4")
        await settled(pilot)
        assert "A status is a number" in text_of(pilot, "say")
        assert numbers(pilot) == [4, 3, 2, 1]
        await type_text(pilot, "04")
        await settled(pilot)
        assert numbers(pilot) == [4]
        assert text_of(pilot, "say") == "1 exchange of all requests"


async def test_a_request_may_be_listed_alone(history: History) -> None:
    this = Identity(WEEKLY, "GET", "")
    async with opened(history, this, alone=True) as pilot:
        assert numbers(pilot) == [4, 2]
        assert text_of(pilot, "say") == "2 exchanges of this request"
        await pilot.press("o")
        await settled(pilot)
        assert numbers(pilot) == [4, 3, 2, 1]
        await pilot.press("o")
        await settled(pilot)
        assert numbers(pilot) == [4, 2]


async def test_without_a_request_there_is_nothing_to_narrow_to(
    history: History,
) -> None:
    async with opened(history, alone=True) as pilot:
        await pilot.press("o")
        await settled(pilot)
        assert numbers(pilot) == [4, 3, 2, 1]
        assert "No request is open" in text_of(pilot, "say")


async def test_a_mark_is_seen_and_told_and_taken_away(history: History) -> None:
    async with opened(history) as pilot:
        await pilot.press("down", "space")
        assert rows(pilot)[1].startswith("›* ")
        assert "marked: POST https://api.mixpanel.com/import" in text_of(pilot, "say")
        await pilot.press("space")
        assert rows(pilot)[1].startswith("›  ")
        assert "marked" not in text_of(pilot, "say")


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (("G", "d"), "There is no answer before it"),
        (("space", "down", "d"), "No answer came to one of the two"),
    ],
)
async def test_what_cannot_be_compared_is_told(
    history: History, keys: tuple[str, ...], words: str
) -> None:
    async with opened(history) as pilot:
        await pilot.press(*keys)
        await finished(pilot)
        assert words in text_of(pilot, "say")
        assert host(pilot).result is NOTHING


async def test_a_request_whose_secret_was_not_kept_is_not_sent_again(
    history: History,
) -> None:
    record = replace(a_record("masked", started=NOW), incomplete_draft=True)
    number = history.add(record, None)
    async with opened(history) as pilot:
        assert "a secret in it was not kept" in text_of(pilot, "facts")
        await pilot.press("s")
        assert "type the secret again" in text_of(pilot, "say")
        await pilot.press("e")
        await pilot.pause()
        assert host(pilot).result == RestoreDraft(number)


@pytest.mark.parametrize(("answer", "left"), [("n", [4, 3, 2, 1]), ("y", [4, 2, 1])])
async def test_one_is_removed_after_a_question(
    history: History, answer: str, left: list[int]
) -> None:
    async with opened(history) as pilot:
        await pilot.press("down", "x")
        await asked(pilot, ConfirmDialog)
        await pilot.press(answer)
        await finished(pilot)
        assert numbers(pilot) == left
        assert [e.id for e in history.search(HistoryQuery())] == left
        # The cursor stays where it was.
        await pilot.press("enter")
        await pilot.pause()
        assert host(pilot).result == OpenRecord(left[1])


@pytest.mark.parametrize(
    ("filtered", "letter", "left"),
    [
        ("", "m", [4, 3, 2]),
        ("", "w", [4, 3, 2]),
        ("", "e", [1]),
        ("", "a", []),
        ("weekly", "l", [3, 1]),
    ],
)
async def test_many_are_removed_after_questions(
    history: History, filtered: str, letter: str, left: list[int]
) -> None:
    async with opened(history) as pilot:
        await pilot.press("slash", *filtered, "enter")
        await settled(pilot)
        await pilot.press("P")
        await asked(pilot, ChoiceDialog)
        await pilot.press(letter)
        await asked(pilot, ConfirmDialog)
        await pilot.press("y")
        await finished(pilot)
        assert "removed." in text_of(pilot, "say")
    assert [e.id for e in history.search(HistoryQuery())] == left
    history.close()


async def test_a_purge_of_nothing_asks_nothing_more(history: History) -> None:
    history.purge(HistoryQuery(environment="eu"))
    async with opened(history) as pilot:
        await pilot.press("P")
        await asked(pilot, ChoiceDialog)
        await pilot.press("m")
        await finished(pilot)
        assert text_of(pilot, "say") == "There is nothing of that kind."


async def test_an_empty_history_says_so_and_does_nothing(tmp_path: Path) -> None:
    history = History(tmp_path / "state", HistorySettings())
    async with opened(history) as pilot:
        assert text_of(pilot, "say") == "Nothing yet is in the history."
        await pilot.press("enter", "s", "e", "d", "x", "space", "up", "down", "G")
        await finished(pilot)
        assert host(pilot).result is NOTHING
    assert not (tmp_path / "state").exists()


class Broken(History):
    """A history whose disk fails."""

    def search(
        self, query: HistoryQuery, limit: int = 1000, offset: int = 0
    ) -> list[Entry]:
        raise StorageError(Path(), "The disk is full: [free] some space.")


async def test_a_history_that_fails_is_a_sentence(
    tmp_path: Path, history: History
) -> None:
    async with opened(Broken(tmp_path / "state", HistorySettings())) as pilot:
        assert text_of(pilot, "say") == "The disk is full: [free] some space."
    history.close()


async def test_a_thousand_rows_are_no_widgets(tmp_path: Path) -> None:
    history = History(tmp_path / "state", HistorySettings(count=5000))
    for number in range(300):
        started = NOW + timedelta(seconds=number)
        history.add(a_record(f"n{number}", started=started), None)
    async with opened(history, size=(80, 24)) as pilot:
        assert len(the_list(pilot).children) == 0
        await pilot.press("G")
        await pilot.pause()
        assert the_list(pilot).scroll_y > 200
        assert text_of(pilot, "name") == "n0"
        await pilot.press("pageup", "g")
        assert text_of(pilot, "name") == "n299"


async def test_what_a_server_wrote_is_neither_markup_nor_command(
    tmp_path: Path,
) -> None:
    history = History(tmp_path / "state", HistorySettings())
    history.add(a_record("[red]\x1b[31m", started=NOW), None)
    async with opened(history) as pilot:
        assert "[red]␛[31m" in rows(pilot)[0]
        assert text_of(pilot, "name") == "[red]␛[31m"


async def test_a_click_chooses_and_a_second_one_opens(history: History) -> None:
    async with opened(history) as pilot:
        await pilot.click(HistoryList, offset=(5, 2))
        assert text_of(pilot, "name").startswith("Weekly ·")
        await pilot.click(HistoryList, offset=(5, 2))
        await pilot.pause()
        assert host(pilot).result == OpenRecord(2)


async def test_own_keys_are_shown(history: History) -> None:
    own = tuple(
        replace(a, keys=("ctrl+y",)) if a.name == "resend" else a
        for a in HISTORY_ACTIONS
    )
    async with opened(history, actions=own) as pilot:
        hints = host(pilot).opened.query_one(KeyHints)
        assert any(a.keys == ("ctrl+y",) for a in hints.actions)
