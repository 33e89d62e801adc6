from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock, patch

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from mixtui.actions import Action, Scope, in_scope
from mixtui.history.history import Entry, History, HistoryQuery
from mixtui.history.record import Identity
from mixtui.model.errors import StorageError
from mixtui.outcome.outcome import Outcome, OutcomeKind
from mixtui.storage.settings import HistorySettings
from mixtui.system import CancelToken
from mixtui.ui.dialogs.dialogs import ChoiceDialog, ConfirmDialog
from mixtui.ui.history.choices import (
    DiffRecords,
    HistoryChoice,
    OpenRecord,
    Resend,
    RestoreDraft,
)
from mixtui.ui.history.details import HistoryQueryInput
from mixtui.ui.history.labels import entry_time
from mixtui.ui.history.list import PAGE, HistoryList, Pages
from mixtui.ui.history.screen import HistoryScreen
from mixtui.ui.keys.input_queue import OrderedInputApp
from tests.history.records import make_record
from tests.ui.driver import (
    post_keys,
    screen_text,
    wait_for_workers,
    wait_until,
    widget_lines,
)

LIMITS = HistorySettings(max_entries=100_000, max_days=36_500)
EVENTS = "https://mixpanel.com/api/query/events?a=1"
ME = "https://mixpanel.com/api/app/me"
WEEKLY = Path("/c/weekly.toml")
IDENTITY = Identity(WEEKLY, "GET", "/api/query/events")


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    """36 calls: by turns a weekly report, an unnamed one refused, one unanswered."""
    history = History(tmp_path / "state", LIMITS)
    start = datetime.now(UTC) - timedelta(minutes=36)
    for i in range(12):
        records = (
            make_record("Weekly", file=WEEKLY, url=EVENTS, body_bytes=1234),
            make_record(url=ME, status=401, environment="staging"),
            make_record("Track", method="POST", url=EVENTS, status=0),
        )
        for j, record in enumerate(records):
            timing = replace(
                record.timing, started=start + timedelta(minutes=3 * i + j)
            )
            history.add(replace(record, timing=timing), b"{}" if j == 0 else None)
    yield history
    history.close()


class Host(OrderedInputApp[None]):
    """Shows a history."""

    def __init__(
        self,
        history: History,
        identity: Identity | None = IDENTITY,
        actions: tuple[Action, ...] = (),
    ) -> None:
        super().__init__()
        self.screen_shown = HistoryScreen(history, identity, actions=actions)
        self.result: HistoryChoice | str | None = "still open"

    def on_mount(self) -> None:
        self.push_screen(self.screen_shown, self.done)

    def done(self, result: HistoryChoice | None) -> None:
        self.result = result


async def settled(pilot: Pilot[None]) -> None:
    """Wait until everything is read: one worker may start another."""
    for _ in range(3):
        await wait_for_workers(pilot)


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await settled(pilot)


async def burst(pilot: Pilot[None], keys: str) -> None:
    post_keys(pilot.app, *keys)
    await settled(pilot)


async def type_in(pilot: Pilot[None], text: str) -> None:
    await burst(pilot, f"/{text}\n")


def rows(pilot: Pilot[None]) -> list[list[str]]:
    """The words of each row that is listed."""
    view = pilot.app.screen.query_one(HistoryList)
    return [line.split() for line in widget_lines(view) if line]


async def test_calls_are_listed_newest_first_in_words(history: History) -> None:
    app = Host(history)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        assert "36 requests, newest first" in screen_text(pilot.app)
        first, second, third = (" ".join(row) for row in rows(pilot)[:3])
        assert first.startswith("› ")
        assert " POST — rejected Track " in first
        assert " GET 401 rejected /api/app/me staging 200 ms 0 B" in second
        accepted = " GET 200 accepted Weekly /api/query/events prod 200 ms 1.2 KB"
        assert third.endswith(accepted)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_call_under_the_cursor_is_explained(
    history: History, size: tuple[int, int]
) -> None:
    record = make_record("Import", method="POST", url=f"{ME}?token=••••", status=400)
    outcome = Outcome(OutcomeKind.REJECTED, "refused", "Correct it: [b]no date[/b].", 1)
    now = replace(record.timing, started=datetime.now(UTC))
    history.add(replace(record, outcome=outcome, timing=now), None)
    app = Host(history)
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        assert f"POST {ME}?token=••••" in screen_text(pilot.app)
        assert "prod · 200 ms · 0 B" in screen_text(pilot.app)
        assert "Correct it: [b]no date[/b]." in screen_text(pilot.app)
        await press(pilot, "down")
        assert f"POST {EVENTS}" in screen_text(pilot.app)
        assert "no date" not in screen_text(pilot.app)


async def test_a_long_url_has_two_lines_where_there_is_room(history: History) -> None:
    record = make_record(url=f"{ME}?a={'b' * 60}{'c' * 60}end")
    timing = replace(record.timing, started=datetime.now(UTC))
    history.add(replace(record, timing=timing), None)
    app = Host(history)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        assert f"GET {ME}?a=bbb" in screen_text(pilot.app)
        assert "ccend" in screen_text(pilot.app)
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        assert f"GET {ME}?a=bbb" in screen_text(pilot.app)
        assert "ccend" not in screen_text(pilot.app)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_every_key_is_named(history: History, size: tuple[int, int]) -> None:
    app = Host(history)
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        for hint in (
            "enter Open", "/ Filter", "s Resend", "e Edit", "space Mark", "d Compare",
            "x Delete", "P Purge", "o This request", "esc Back",
        ):  # fmt: skip
            assert hint in screen_text(pilot.app)


async def test_stored_text_never_acts_on_the_terminal(history: History) -> None:
    record = make_record(
        "\x1b[2J[bold]", url="https://x/\u202e\x1b]0;a\x07", status=200
    )
    started = datetime.now(UTC)
    history.add(replace(record, timing=replace(record.timing, started=started)), None)
    app = Host(history)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "space")
        assert "[bold]" in screen_text(pilot.app)
        assert not {"\x1b", "\u202e", "\x07"} & set(screen_text(pilot.app))


# Choosing


@pytest.mark.parametrize(
    ("key", "choice"), [("enter", OpenRecord), ("s", Resend), ("e", RestoreDraft)]
)
async def test_a_key_chooses_the_call_under_the_cursor(
    history: History, key: str, choice: Callable[[int], HistoryChoice]
) -> None:
    app = Host(history)
    async with app.run_test() as pilot:
        await burst(pilot, f"jj{key}" if key != "enter" else "jj\n")
        assert app.result == choice(34)


async def test_keys_can_be_the_users_own(history: History) -> None:
    own = tuple(
        replace(a, keys=("f5",)) if a.name == "resend" else a
        for a in in_scope(Scope.HISTORY)
    )
    app = Host(history, actions=own)
    app.set_keymap({"history.resend": "f5"})
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        assert "f5 Resend" in screen_text(pilot.app)
        await press(pilot, "s")
        assert app.result == "still open"
        await press(pilot, "f5")
        assert app.result == Resend(36)


@pytest.mark.parametrize("keys", [["escape"], ["f3"], ["slash", "escape", "escape"]])
async def test_escape_closes_it(history: History, keys: list[str]) -> None:
    app = Host(history)
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, *keys)
        assert app.result is None


async def test_a_second_click_opens_it(history: History) -> None:
    app = Host(history)
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.click(HistoryList, offset=(9, 3), times=2)
        await settled(pilot)
        assert app.result == OpenRecord(34)


async def test_a_request_with_a_masked_secret_is_not_sent(history: History) -> None:
    record = make_record("Secret")
    started = datetime.now(UTC)
    record = replace(record, timing=replace(record.timing, started=started))
    number = history.add(replace(record, incomplete_draft=True), None)
    app = Host(history)
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "s")
        assert app.result == "still open"
        assert "Press e to edit the request" in screen_text(pilot.app)
        await press(pilot, "e")
        assert app.result == RestoreDraft(number)


# Comparing


async def test_the_marked_one_is_compared_and_the_older_is_the_old_one(
    history: History,
) -> None:
    for keys in ("jj jjjd", "jjjjj kkkd"):
        app = Host(history)
        async with app.run_test() as pilot:
            await burst(pilot, keys)
            assert app.result == DiffRecords(old=31, new=34)


async def test_without_a_mark_the_previous_response_is_compared(
    history: History,
) -> None:
    app = Host(history)
    async with app.run_test() as pilot:
        await burst(pilot, "jjd")
        assert app.result == DiffRecords(old=31, new=34)


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ("d", "This request has no response to compare."),
        ("Gd", "No earlier response to this request. Mark another"),
        ("j d", "This is the marked request. Select another one to compare."),
        (" jd", "The marked request has no response. Mark another one with space."),
    ],
)
async def test_entries_that_cannot_be_compared_are_reported(
    history: History, keys: str, sentence: str
) -> None:
    app = Host(history)
    async with app.run_test(size=(120, 40)) as pilot:
        await burst(pilot, keys)
        assert app.result == "still open"
        assert sentence in screen_text(pilot.app)


async def test_space_marks_and_unmarks_an_entry(history: History) -> None:
    app = Host(history)
    async with app.run_test() as pilot:
        await burst(pilot, "j ")
        assert rows(pilot)[1][:2] == ["›", "●"]
        assert "● GET /api/app/me, " in screen_text(pilot.app).splitlines()[-1]
        await burst(pilot, "j ")
        assert [row[:2].count("●") for row in rows(pilot)[:3]] == [0, 0, 1]
        await burst(pilot, " ")
        assert "●" not in screen_text(pilot.app)


# Finding


async def test_a_filter_finds_calls(history: History) -> None:
    counts = {
        "weekly": 12,
        "status:4xx": 12,
        "status:none": 12,
        "env:staging": 12,
        "request:track": 12,
        "after:2020-01-01": 36,
        "events status:200": 12,
    }
    app = Host(history)
    async with app.run_test(size=(80, 60)) as pilot:
        for query, count in counts.items():
            await settled(pilot)
            await press(pilot, "slash", "ctrl+u")
            await burst(pilot, f"{query}\n")
            assert len(rows(pilot)) == count, query
            assert f"{count} requests found" in screen_text(pilot.app), query
            assert isinstance(app.focused, HistoryList)


async def test_calls_are_found_while_one_types(history: History) -> None:
    app = Host(history)
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "tab", *"trac")
        assert isinstance(app.focused, HistoryQueryInput)
        assert "12 requests found" in screen_text(pilot.app)
        await press(pilot, "escape")
        assert isinstance(app.focused, HistoryList)
        assert "12 requests found" in screen_text(pilot.app)
        await press(pilot, "tab", "ctrl+u", "down")
        assert "36 requests" in screen_text(pilot.app)


async def test_keys_behind_a_filter_act_on_its_matches(history: History) -> None:
    app = Host(history)
    async with app.run_test() as pilot:
        await burst(pilot, "/weekly\njd")
        assert app.result == DiffRecords(old=28, new=31)


async def test_letters_in_the_filter_are_not_commands(history: History) -> None:
    app = Host(history)
    async with app.run_test() as pilot:
        await burst(pilot, "/sexdPo q")
        assert app.result == "still open"
        assert app.screen is app.screen_shown
        assert app.screen.query_one(HistoryQueryInput).value == "sexdPo q"
        assert "No matching requests." in screen_text(pilot.app)


async def test_a_mistake_is_a_sentence_under_the_filter(history: History) -> None:
    app = Host(history)
    async with app.run_test() as pilot:
        await type_in(pilot, "status:9")
        assert "The status must be a number such as 404" in screen_text(pilot.app)
        assert isinstance(app.focused, HistoryQueryInput)
        await press(pilot, "backspace", "4", "x", "x")
        assert "The status must be" not in screen_text(pilot.app)
        assert "12 requests found" in screen_text(pilot.app)


async def test_a_filter_that_is_half_typed_is_not_a_mistake(history: History) -> None:
    app = Host(history)
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "slash", *"status:")
        assert "36 requests" in screen_text(pilot.app)


async def test_o_lists_this_request_alone_and_all_again(history: History) -> None:
    app = Host(history)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "o")
        assert "History of this request" in screen_text(pilot.app)
        assert "12 requests" in screen_text(pilot.app)
        assert {row[-5] for row in rows(pilot)} == {"prod"}
        await press(pilot, "o")
        assert "36 requests" in screen_text(pilot.app)


async def test_a_request_never_sent_says_so(history: History) -> None:
    app = Host(history, Identity(None, "GET", "/nowhere"))
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "o")
        assert "This request has no history yet." in screen_text(pilot.app)
        await press(pilot, "enter", "d", "x", "o")
        assert "36 requests" in screen_text(pilot.app)
        await burst(pilot, "jojo" + "jj")
        assert app.screen.query_one(HistoryList).cursor == 2


async def test_without_a_request_all_are_listed(history: History) -> None:
    app = Host(history, None)
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "o")
        assert "36 requests" in screen_text(pilot.app)
        assert "This request" not in screen_text(pilot.app)


# Deleting


async def test_x_deletes_the_one_under_the_cursor_after_a_question(
    history: History,
) -> None:
    app = Host(history)
    async with app.run_test() as pilot:
        await press(pilot, "x")
        assert isinstance(app.screen, ConfirmDialog)
        await press(pilot, "enter")
        assert "36 requests" in screen_text(pilot.app)
        await burst(pilot, "j xyd")
        assert [e.id for e in history.search(HistoryQuery(), 3)] == [36, 34, 33]
        # The deleted one was marked, so it is the answer before that was compared.
        assert app.result == DiffRecords(old=31, new=34)


@pytest.mark.parametrize(("letter", "left"), [("a", 0), ("e", 12), ("o", 36)])
async def test_a_purge_names_what_it_removes(
    history: History, letter: str, left: int
) -> None:
    history.add(make_record("Old", started=datetime(2020, 1, 1, tzinfo=UTC)), None)
    app = Host(history)
    async with app.run_test() as pilot:
        await press(pilot, "P")
        assert isinstance(app.screen, ChoiceDialog)
        assert "Requests older than 30 days (1, " in screen_text(pilot.app)
        assert "Requests from the environment prod (25, " in screen_text(pilot.app)
        assert "All requests (37, " in screen_text(pilot.app)
        await press(pilot, letter)
        assert isinstance(app.screen, ConfirmDialog)
        await press(pilot, "y")
        assert len(history.search(HistoryQuery())) == left
        assert f"Deleted {37 - left} request" in screen_text(pilot.app)


async def test_a_purge_can_be_cancelled(history: History) -> None:
    app = Host(history)
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "P", "escape")
        await press(pilot, "P", "a", "n")
        assert len(history.search(HistoryQuery())) == 36


# Nothing, and failures


async def test_an_empty_history_says_how_it_fills(tmp_path: Path) -> None:
    app = Host(History(tmp_path / "none", HistorySettings()), None)
    async with app.run_test() as pilot:
        await settled(pilot)
        assert "No history yet" in screen_text(pilot.app)
        assert "Limits: 1,000 requests, 90 days, 2.0 GB." in (screen_text(pilot.app))
        await press(pilot, "enter", "s", "e", "space", "d", "x", "P", "o", "G", "k")
        assert "Nothing to purge." in screen_text(pilot.app)
        assert app.result == "still open"
        assert not (tmp_path / "none").exists()


async def test_a_disabled_history_says_how_to_enable_it(
    history: History, tmp_path: Path
) -> None:
    off = HistorySettings(enabled=False)
    for shown in (History(tmp_path / "none", off), history):
        shown.limits = off
        app = Host(shown)
        async with app.run_test() as pilot:
            await settled(pilot)
            text = " ".join(screen_text(pilot.app).replace("│", " ").split())
            assert "History is disabled. New requests are not recorded." in text
            assert "set keep = true under [history] in config.toml." in text


async def test_a_history_that_fails_is_reported_in_a_sentence(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Host(history)
    async with app.run_test() as pilot:
        await settled(pilot)
        for number, (name, keys) in enumerate(
            (
                ("record", "j"),
                ("previous", "jd"),
                ("measure_purge", "P"),
                ("delete", "xy"),
                ("search", "/w\n"),
            )
        ):
            # Its own, as that of the case before may still be on the screen.
            sentence = f"The history is [bold] out of use {number}."
            fail = Mock(side_effect=StorageError(Path("h.db"), sentence))
            with monkeypatch.context() as patch:
                patch.setattr(history, name, fail)
                await burst(pilot, keys)
                await wait_until(pilot, lambda said=sentence: said in screen_text(app))
        assert app.result == "still open"


async def test_an_entry_that_another_program_deleted_is_reported(
    history: History,
) -> None:
    app = Host(history)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        history.delete(35)
        await press(pilot, "j")
        assert (
            "History entry 35 not found: “mixtui history list” lists them"
            in screen_text(pilot.app)
        )


# Many


@pytest.fixture
def long(tmp_path: Path) -> Iterator[History]:
    """More calls than two pages."""
    history = History(tmp_path / "long", LIMITS)
    record = make_record("First")
    number = history.add(record, None)
    history._database.write(
        lambda connection: connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ?) "
            "INSERT INTO exchanges SELECT i + 1, started + i, name || i, file, method, "
            "url, path, environment, status, outcome, exit_status, seconds, body_bytes, "
            "incomplete_draft, searched || i, named, body, kept_bytes "
            "FROM exchanges, n WHERE id = ?",
            (3 * PAGE, number),
        )
    )
    yield history
    history.close()


async def test_pages_are_read_while_one_scrolls(
    long: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    offsets: list[int] = []
    search = long.search

    def watched(
        query: HistoryQuery, limit: int = 0, offset: int = 0, **options: Any
    ) -> list[Entry]:
        assert threading.current_thread() is not threading.main_thread()
        offsets.append(offset)
        return search(query, limit, offset, **options)

    monkeypatch.setattr(long, "search", watched)
    app = Host(long)
    async with app.run_test() as pilot:
        await settled(pilot)
        assert offsets == [0]
        await burst(pilot, "G\n")
        assert app.result == OpenRecord(1)
        assert set(offsets) <= {0, 3 * PAGE, 2 * PAGE}


async def test_rows_that_are_not_read_yet_are_shown_as_such(
    long: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    going_on = threading.Event()
    search = long.search

    def slow(
        query: HistoryQuery, limit: int = 0, offset: int = 0, **options: Any
    ) -> list[Entry]:
        if offset:
            going_on.wait(10)
        return search(query, limit, offset, **options)

    monkeypatch.setattr(long, "search", slow)
    app = Host(long)
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.press("G")
        assert rows(pilot)[-1] == ["›", "…"]
        going_on.set()
        await settled(pilot)
        assert "First" in rows(pilot)[-1]


def test_a_filter_that_matches_less_than_a_page_is_not_counted_again(
    long: History,
) -> None:
    with patch.object(long, "measure_purge", wraps=long.measure_purge) as count:
        assert Pages(long, HistoryQuery(terms=("600",))).open().count == 1
        assert not count.called
        assert Pages(long, HistoryQuery(method="GET")).open().count == 3 * PAGE + 1
        assert count.called


async def test_a_letter_ends_the_query_of_the_letter_before(long: History) -> None:
    app = Host(long)
    tokens: list[CancelToken] = []
    search = long.search

    def watched(*arguments: Any, cancel: CancelToken | None = None) -> list[Entry]:
        if cancel is not None:
            tokens.append(cancel)
        return search(*arguments, cancel=cancel)

    async with app.run_test() as pilot:
        await settled(pilot)
        with patch.object(long, "search", watched):
            for letter in "/fi":
                await pilot.press(letter)
                await settled(pilot)
    assert [token.cancelled for token in tokens] == [True, False]


def test_pages_forget_what_is_far_away(long: History) -> None:
    pages = Pages(long, HistoryQuery()).open()
    assert pages.count == 3 * PAGE + 1
    assert pages.unread(0, PAGE) is None
    assert pages.unread(0, PAGE + 1) == 1
    for page in range(40):
        pages.read(page)
    assert pages.entry(0) is None
    assert pages.entry(10 * PAGE) is None


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 3, 2, 14, 2, 11), "today 14:02:11"),
        (datetime(2026, 3, 1, 23, 59, 59), "yesterday 23:59"),
        (datetime(2026, 2, 28, 8, 5), "2026-02-28 08:05"),
        (datetime(2026, 3, 3, 0, 1), "2026-03-03 00:01"),
    ],
)
def test_moments_are_in_local_time(moment: datetime, words: str) -> None:
    utc = moment.astimezone().astimezone(UTC)
    assert entry_time(utc, datetime(2026, 3, 2, 15, 0)) == words


@pytest.mark.parametrize(("height", "is_shown"), [(40, True), (24, False)])
async def test_the_trend_of_the_selected_report_is_shown_where_there_is_room(
    history: History, height: int, is_shown: bool
) -> None:
    days = {"2026-11-01": 0, "2026-11-02": 7}
    body = json.dumps({"data": {"values": {"Sign up": days}}}).encode()
    report = make_record("Report", body_bytes=len(body), started=datetime.now(UTC))
    history.add(report, body)
    with patch.object(history, "open_body", wraps=history.open_body) as open_body:
        async with Host(history).run_test(size=(120, height)) as pilot:
            await settled(pilot)
            await press(pilot, "g")
            assert ("Sign up ▁█ 7" in screen_text(pilot.app)) is is_shown
            await press(pilot, "down", "up")
            assert ("Sign up ▁█ 7" in screen_text(pilot.app)) is is_shown
    read = [call.args[0] for call in open_body.call_args_list]
    assert len(read) == len(set(read))
    assert bool(read) is is_shown
