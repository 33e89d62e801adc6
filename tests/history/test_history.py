"""The history stores, finds and deletes entries."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mixtui.history.database import DATABASE, MIGRATIONS
from mixtui.history.entries import from_json, to_json
from mixtui.history.history import History, HistoryQuery, Purged
from mixtui.history.query import NO_RESPONSE
from mixtui.history.record import Identity, record_response
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Draft, Method, Pair
from mixtui.model.errors import SendError, StorageError
from mixtui.model.exchange import Timing
from mixtui.model.secrets import REDACTED, Secret
from mixtui.outcome.outcome import judge_response, no_response_outcome
from mixtui.storage.paths import BODIES
from mixtui.storage.settings import HistorySettings
from mixtui.system import Cancelled, CancelToken
from tests.exchanges import exchange, prepared
from tests.history.records import START, make_record
from tests.storage.strategies import drafts

LIMITS = HistorySettings(max_days=36_500)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


OpenHistory = Callable[[HistorySettings], History]


@pytest.fixture
def open_history(folder: Path) -> Iterator[OpenHistory]:
    """Opens the history as another program does, until the test ends."""
    with ExitStack() as stack:
        yield lambda limits: stack.enter_context(closing(History(folder, limits)))


@pytest.fixture
def history(open_history: OpenHistory) -> History:
    return open_history(LIMITS)


def names(history: History, **query: Any) -> list[str]:
    return [e.name for e in history.search(HistoryQuery(**query))]


def bodies(folder: Path) -> list[Path]:
    return sorted((folder / BODIES).iterdir())


def read(history: History, number: int) -> bytes:
    source = history.open_body(number)
    if source is None:
        return b""
    with contextlib.closing(source):
        return source.read(0, source.size)


# Storing


def test_a_stored_record_is_found_again(history: History) -> None:
    record = make_record(
        "Weekly", file=Path("/c/w.toml"), body_bytes=5, sent_body=b"\0x"
    )
    number = history.add(record, b"hello")
    assert history.record(number) == record
    assert read(history, number) == b"hello"
    (entry,) = history.search(HistoryQuery())
    assert (entry.id, entry.name, entry.started) == (number, "Weekly", START)
    assert (entry.status, entry.outcome, entry.body_bytes) == (200, "accepted", 5)
    assert (entry.file, entry.seconds, entry.has_body) == (Path("/c/w.toml"), 0.2, True)
    assert entry == history.entry(number)
    assert entry.identity == record.identity


@given(draft=drafts)
def test_every_draft_is_read_back_as_it_was(draft: Draft) -> None:
    record = replace(make_record(), draft=draft)
    assert from_json(to_json(record), b"") == record


def test_a_later_run_finds_a_stored_record(
    folder: Path, open_history: OpenHistory, history: History
) -> None:
    number = history.add(make_record("x"), b"body")
    history.close()
    later = open_history(LIMITS)
    assert later.record(number).name == "x"
    assert read(later, number) == b"body"


def test_a_request_without_a_response_is_stored(history: History) -> None:
    request = prepared()
    outcome = no_response_outcome(SendError("Nothing came."))
    number = history.store_failure(
        request, outcome, Draft(), Timing(START, 1, 1), request.redactor
    )
    assert number is not None
    assert history.entry(number).status == 0
    assert history.record(number).response is None
    assert history.body_path(number) is None
    assert read(history, number) == b""


def test_a_body_in_a_file_is_linked_and_stays_where_it_was(history: History) -> None:
    with history.bodies.spool() as file:
        file.write(b"big")
    spool = Path(file.name)
    number = history.add(make_record(), spool)
    path = history.body_path(number)
    assert path is not None
    assert path.samefile(spool)
    spool.unlink()
    assert read(history, number) == b"big"


def test_a_note_says_where_a_body_outside_the_history_is(history: History) -> None:
    exchanged = exchange(200, b"x")
    number = history.store(
        exchanged,
        judge_response(exchanged),
        Draft(),
        body=None,
        note="It is in /tmp/x.",
    )
    assert number is not None
    assert history.record(number).body_note == "It is in /tmp/x."
    assert not history.entry(number).has_body


def test_the_files_of_the_history_are_private(folder: Path, history: History) -> None:
    before = os.umask(0)
    try:
        history.add(make_record(), b"body")
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert {f"{DATABASE}{end}" for end in ("", "-wal", "-shm")} <= {
            path.name for path in files
        }
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
        for path in (folder, folder / BODIES):
            assert stat.S_IMODE(path.stat().st_mode) == 0o700
    finally:
        os.umask(before)


def test_a_database_that_others_could_read_is_closed_to_them(
    folder: Path, history: History
) -> None:
    history.add(make_record(), None)
    history.close()
    (folder / DATABASE).chmod(0o644)
    history.search(HistoryQuery())
    assert stat.S_IMODE((folder / DATABASE).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("limits", "stored"), [(LIMITS, True), (replace(LIMITS, enabled=False), False)]
)
def test_settings_decide_whether_anything_is_stored(
    folder: Path, open_history: OpenHistory, limits: HistorySettings, stored: bool
) -> None:
    history, exchanged = open_history(limits), exchange()
    number = history.store(exchanged, judge_response(exchanged), Draft(), body=b"x")
    assert (number is not None, folder.exists()) == (stored, stored)


def test_a_request_can_opt_out_of_the_history(folder: Path, history: History) -> None:
    request = prepared(history=False)
    exchanged = exchange(request=request)
    assert (
        history.store(exchanged, judge_response(exchanged), Draft(), body=b"x") is None
    )
    outcome = no_response_outcome(SendError("No."))
    assert (
        history.store_failure(
            request, outcome, Draft(), Timing(START, 1, 1), request.redactor
        )
        is None
    )
    assert not history.exists


# Secrets

TOKEN = "n3w-s3cret-token"


@pytest.mark.parametrize("in_file", [False, True])
@pytest.mark.parametrize(
    "body",
    [
        b'{"status": "ok", "results": {"id": 7, "token": "n3w-s3cret-token"}}',
        b'{"id": 7, "token": "n3w-s3cret-token"}',
        b'{"results": {"token": "n3w-s3cret-token"',
    ],
)
def test_the_token_of_a_new_service_account_is_nowhere(
    folder: Path, history: History, body: bytes, in_file: bool
) -> None:
    request = prepared(Method.POST, "/organizations/1/service-accounts", api=Api.APP)
    exchanged = exchange(201, body, request=request)
    content: bytes | Path = body
    if in_file:
        content = history.bodies.write([body])
    number = history.store(exchanged, judge_response(exchanged), Draft(), body=content)
    assert number is not None
    if isinstance(content, Path):
        content.unlink()
    complete = body.endswith(b"}")
    assert (REDACTED.encode() in read(history, number)) == complete
    assert bool(history.record(number).body_note) == (not complete)
    for path in folder.rglob("*"):
        assert not path.is_file() or TOKEN.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("in_file", [False, True])
def test_a_secret_that_the_server_repeats_is_nowhere(
    folder: Path, history: History, in_file: bool
) -> None:
    secret = "from-a-variable/1"
    body = f'{{"request": "/api/x?k={secret}"}}'.encode()
    exchanged = exchange(
        400, body, request=prepared(query=[("k", secret)]), sensitive=(Secret(secret),)
    )
    content: bytes | Path = history.bodies.write([body]) if in_file else body
    draft = Draft(query=(Pair("k", secret),))
    number = history.store(exchanged, judge_response(exchanged), draft, body=content)
    if isinstance(content, Path):
        content.unlink()
    assert number is not None
    assert history.entry(number).incomplete_draft
    assert REDACTED.encode() in read(history, number)
    for path in folder.rglob("*"):
        assert not path.is_file() or b"from-a-variable" not in path.read_bytes(), path


# Finding


@pytest.fixture
def filled(history: History) -> History:
    for record in (
        make_record("Weekly Sign-ups", file=Path("/c/weekly.toml"), status=200),
        make_record("Wöchentlich", status=404, minutes=1),
        make_record("import", method="POST", status=0, environment="eu", minutes=2),
        make_record("", url="https://x.example/a?q=%22Sign%20up%22", minutes=3),
    ):
        history.add(record, None)
    return history


QUERIES = [
    ({}, ["", "import", "Wöchentlich", "Weekly Sign-ups"]),
    ({"terms": ("WEEKLY",)}, ["Weekly Sign-ups"]),
    ({"terms": ("wÖCH",)}, ["Wöchentlich"]),
    ({"terms": ("weekly", "events")}, ["Weekly Sign-ups"]),
    ({"terms": ('"sign up"',)}, [""]),
    ({"terms": ("%22sign",)}, [""]),
    ({"terms": ("%",)}, [""]),
    ({"terms": ("_",)}, []),
    ({"status": (404, 404)}, ["Wöchentlich"]),
    ({"status": (400, 499)}, ["Wöchentlich"]),
    ({"status": NO_RESPONSE}, ["import"]),
    ({"since": START + timedelta(minutes=2)}, ["", "import"]),
    ({"until": START + timedelta(minutes=1)}, ["Weekly Sign-ups"]),
    ({"method": "POST"}, ["import"]),
    ({"environment": "eu"}, ["import"]),
    ({"environment": "e"}, []),
    ({"request": "weekly.toml"}, ["Weekly Sign-ups"]),
    ({"request": "wöch"}, ["Wöchentlich"]),
    ({"identity": Identity(Path("/c/weekly.toml"), "GET", "")}, ["Weekly Sign-ups"]),
    ({"identity": Identity(None, "GET", "/a")}, [""]),
]


@pytest.mark.parametrize(("query", "expected"), QUERIES)
def test_a_query_finds_what_matches_newest_first(
    filled: History, query: dict[str, object], expected: list[str]
) -> None:
    assert names(filled, **query) == expected


def test_a_list_may_be_read_in_pages(filled: History) -> None:
    pages = [filled.search(HistoryQuery(), 3, offset) for offset in (0, 3, 6)]
    assert [len(page) for page in pages] == [3, 1, 0]
    assert [*pages[0], *pages[1]] == filled.search(HistoryQuery())


@given(name=st.text(), url=st.text(), word=st.text(min_size=1))
def test_a_term_finds_exactly_the_entries_that_contain_it(
    tmp_path_factory: pytest.TempPathFactory, name: str, url: str, word: str
) -> None:
    history = History(tmp_path_factory.mktemp("h") / "state", LIMITS)
    history.add(make_record(name, url=url), None)
    for part in (name, name.upper().lower(), url):
        if part and part.casefold() in name.casefold() + "\n" + url.casefold():
            assert history.search(HistoryQuery(terms=(part,)))
    if not history.search(HistoryQuery(terms=(word,))):
        assert word.casefold() not in name.casefold()
        assert word.casefold() not in url.casefold()
    history.close()


def test_the_previous_entry_is_of_the_same_request(history: History) -> None:
    saved = Path("/c/a.toml")
    first = history.add(make_record("1", file=saved), None)
    history.add(make_record("other", url="https://x/else", minutes=1), None)
    history.add(make_record("failed", file=saved, status=0, minutes=2), None)
    moved = make_record("2", file=saved, url="https://x/moved", minutes=3)
    second = history.add(moved, None)
    previous = history.previous(moved.identity, second)
    assert previous is not None
    assert previous.id == first
    newest = history.previous(moved.identity)
    assert newest is not None
    assert newest.id == second
    assert history.previous(moved.identity, first) is None


def test_a_request_that_was_never_saved_is_known_by_its_path(history: History) -> None:
    first = history.add(make_record(url="https://x/a?day=1"), None)
    second = make_record(url="https://x/a?day=2", file=Path("/new.toml"), minutes=1)
    number = history.add(second, None)
    previous = history.previous(second.identity, number)
    assert previous is not None
    assert previous.id == first


@pytest.mark.parametrize("method", ["record", "entry", "body_path", "open_body"])
def test_an_unknown_number_is_reported(history: History, method: str) -> None:
    with pytest.raises(
        StorageError, match="History entry 7 not found: “mixtui history"
    ):
        getattr(history, method)(7)


# Deleting


def test_the_oldest_entries_are_deleted_when_there_are_too_many(
    folder: Path, open_history: OpenHistory
) -> None:
    history = open_history(replace(LIMITS, max_entries=2))
    for number in range(4):
        history.add(make_record(str(number), minutes=number), b"x")
    assert names(history) == ["3", "2"]
    assert len(bodies(folder)) == 2


def test_entries_older_than_the_limit_are_deleted(
    folder: Path, open_history: OpenHistory
) -> None:
    history = open_history(replace(LIMITS, max_days=5))
    now = datetime.now(UTC)
    for days in (8, 6, 4, 0):
        history.add(make_record(str(days), started=now - timedelta(days=days)), b"x")
    assert names(history) == ["0", "4"]
    assert len(bodies(folder)) == 2


def test_the_oldest_entries_are_deleted_when_they_take_too_much_space(
    folder: Path,
    open_history: OpenHistory,
) -> None:
    history = open_history(replace(LIMITS, max_bytes=25_000))
    for number in range(4):
        history.add(make_record(str(number), minutes=number), bytes(10_000))
    assert names(history) == ["3", "2"]
    assert len(bodies(folder)) == 2


def test_a_body_above_the_limit_is_replaced_by_a_note(
    folder: Path, open_history: OpenHistory
) -> None:
    history = open_history(replace(LIMITS, max_bytes=10_000))
    number = history.add(make_record(body_bytes=20_000), bytes(20_000))
    assert "20 KB exceeds history.bytes" in history.record(number).body_note
    assert history.body_path(number) is None


def test_an_entry_can_be_deleted(folder: Path, history: History) -> None:
    number = history.add(make_record(), b"x")
    history.delete(number)
    history.delete(number)
    assert history.search(HistoryQuery()) == []
    assert bodies(folder) == []
    assert history.add(make_record(), None) == number + 1


@pytest.mark.parametrize(
    ("query", "remaining"),
    [
        (HistoryQuery(), []),
        (HistoryQuery(until=START + timedelta(minutes=1)), ["eu"]),
        (HistoryQuery(environment="eu"), ["prod"]),
    ],
)
def test_a_purge_removes_what_the_query_matches(
    folder: Path, history: History, query: HistoryQuery, remaining: list[str]
) -> None:
    history.add(make_record("prod"), b"x")
    history.add(make_record("eu", environment="eu", minutes=2), b"y")
    preview = history.measure_purge(query)
    assert history.purge(query) == preview
    assert preview.count == 2 - len(remaining)
    assert names(history) == remaining
    assert len(bodies(folder)) == len(remaining)
    assert history.purge(HistoryQuery(terms=("nothing",))) == Purged(0, 0)


def test_purged_data_is_left_in_no_file(folder: Path, history: History) -> None:
    history.add(make_record("very-private", sent_body=b"very-private" * 5000), b"x")
    history.add(make_record("stays"), b"y")
    size_before = (folder / DATABASE).stat().st_size
    history.purge(HistoryQuery(terms=("very-private",)))
    for path in folder.rglob("*"):
        assert not path.is_file() or b"very-private" not in path.read_bytes(), path
    assert (folder / DATABASE).stat().st_size <= size_before or size_before < 50_000


def test_a_body_that_is_open_stays_readable(history: History) -> None:
    number = history.add(make_record(), b"still here")
    body = history.open_body(number)
    assert body is not None
    history.purge(HistoryQuery())
    assert body.read(0, 99) == b"still here"
    body.close()


def test_only_what_a_crash_left_behind_is_removed(
    folder: Path, open_history: OpenHistory, history: History
) -> None:
    number = history.add(make_record(), b"kept")
    history.close()
    orphan, old, fresh = (folder / BODIES / name for name in ("a.body", "b", "c"))
    for path in (orphan, old, fresh):
        path.write_bytes(b"x")
    with history.bodies.spool() as writing:
        locked = Path(writing.name)
        for path in (orphan, old, locked):
            os.utime(path, (0, 0))
        other = open_history(LIMITS)
        other.add(make_record(minutes=1), None)
        assert [path.exists() for path in (orphan, old, fresh, locked)] == [
            False,
            False,
            True,
            True,
        ]
    assert read(other, number) == b"kept"


# Many


def instructions(history: History, work: Callable[[], object]) -> int:
    """Return how many instructions of SQLite's machine some work takes, in hundreds."""
    count = 0

    def step() -> None:
        nonlocal count
        count += 1

    connection = history._database._open()
    connection.set_progress_handler(step, 100)
    try:
        work()
    finally:
        connection.set_progress_handler(None, 0)
    return count


def multiply(history: History, number: int, times: int) -> None:
    """Add copies of an entry, each a second older than the one before."""
    history._database.write(
        lambda connection: connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ?) "
            "INSERT INTO exchanges SELECT NULL, started - i * 1000000, name, file, "
            "method, url, path, environment, status, outcome, exit_status, seconds, "
            "body_bytes, incomplete_draft, searched, named, body, kept_bytes "
            "FROM exchanges, n WHERE id = ?",
            (times, number),
        )
    )


def test_storing_and_counting_read_as_much_of_a_large_history_as_of_a_small_one(
    folder: Path,
) -> None:
    history = History(folder, HistorySettings(max_entries=10_000, max_days=36_500))
    record = make_record()
    number = history.add(record, None)

    def work() -> None:
        history.add(record, None)
        history.measure_purge(HistoryQuery())

    small = instructions(history, work)
    multiply(history, number, 5_000)
    assert instructions(history, work) <= small + 1
    assert history.measure_purge(HistoryQuery()).count == 5_003
    history.close()


def test_an_expired_entry_costs_no_look_at_those_that_stay(folder: Path) -> None:
    history = History(folder, HistorySettings(max_entries=5_000, max_days=36_500))
    number = history.add(make_record(), None)
    multiply(history, number, 4_999)
    history.add(make_record(minutes=1), None)
    work = instructions(history, lambda: history.add(make_record(minutes=2), None))
    assert work < 5
    assert history.measure_purge(HistoryQuery()).count == 5_000
    history.close()


def test_the_summary_follows_every_change(history: History) -> None:
    numbers = [history.add(make_record(str(i), minutes=i), None) for i in range(5)]
    history.delete(numbers[0])
    history.purge(HistoryQuery(terms=("3",)))
    counted = history._database.read(
        lambda connection: connection.execute(
            "SELECT count(*), sum(kept_bytes) FROM exchanges"
        ).fetchone()
    )
    assert history.measure_purge(HistoryQuery()) == Purged(*counted)
    assert counted[0] == 3


def test_a_history_of_the_first_version_is_counted_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("mixtui.history.database.MIGRATIONS", MIGRATIONS[:1])
        old = History(folder, LIMITS)
        old._database.read(lambda connection: None)
        old._database.write(
            lambda connection: connection.execute(
                "INSERT INTO exchanges VALUES (1, 0, 'a', NULL, 'GET', '/', '/', '', 200, "
                "'', 0, 0.0, 0, 0, 'a', 'a', NULL, 70)"
            )
        )
        old.close()
    history = History(folder, LIMITS)
    assert history.measure_purge(HistoryQuery()) == Purged(1, 70)
    history.close()


def test_a_cancelled_query_ends_before_it_has_read_everything(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Impatient(CancelToken):
        looks = 0

        @property
        def cancelled(self) -> bool:
            self.looks += 1
            return self.looks > 3

        @cancelled.setter
        def cancelled(self, value: bool) -> None:
            pass

    monkeypatch.setattr("mixtui.history.database._STEPS", 100)
    multiply(history, history.add(make_record(), None), 1_000)
    query, token = HistoryQuery(terms=("nowhere",)), Impatient()
    with pytest.raises(Cancelled):
        history.search(query, cancel=token)
    assert token.looks == 5  # Before, three times in it, and behind it.
    assert history.search(query) == []


def test_a_large_history_is_swept_once_a_day(
    folder: Path, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mixtui.history.history._LARGE", 1)
    for minutes in range(3):
        history.add(make_record(minutes=minutes), b"x")
    history.close()
    orphan = folder / BODIES / "a.body"
    orphan.write_bytes(b"x")

    def run() -> None:
        other = History(folder, LIMITS)
        other.add(make_record(), None)
        other.close()

    run()
    assert orphan.exists()
    history._database.write(
        lambda connection: connection.execute("UPDATE summary SET swept = swept - 9e10")
    )
    run()
    assert not orphan.exists()


# Failures


def damage(folder: Path) -> None:
    path = folder / DATABASE
    path.write_bytes(b"no database at all" * 1000)


def test_a_damaged_database_is_set_aside_and_a_new_one_begun(
    folder: Path, history: History
) -> None:
    history.add(make_record("old"), b"old body")
    history.close()
    for end in ("-wal", "-shm"):
        (folder / f"{DATABASE}{end}").unlink(missing_ok=True)
    damage(folder)
    number = history.add(make_record("new"), b"new body")
    assert "The history was corrupt: it was moved to" in history.take_warning()
    assert history.take_warning() == ""
    assert names(history) == ["new"]
    assert read(history, number) == b"new body"
    (damaged,) = folder.glob("history-damaged-*")
    assert (damaged / DATABASE).read_bytes().startswith(b"no database")
    assert [p.read_bytes() for p in (damaged / BODIES).iterdir()] == [b"old body"]


def test_a_database_damaged_while_open_is_set_aside(
    folder: Path, history: History
) -> None:
    history.add(make_record("old"), None)
    history.close()
    path = folder / DATABASE
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    history.add(make_record("new"), None)
    assert names(history) == ["new"]
    assert history.take_warning()


def test_a_database_that_was_removed_is_made_again(
    folder: Path, history: History
) -> None:
    history.add(make_record("old"), None)
    for path in folder.glob(f"{DATABASE}*"):
        path.unlink()
    history.add(make_record("new"), None)
    assert names(history) == ["new"]


def test_a_newer_database_is_left_alone(folder: Path, history: History) -> None:
    history.add(make_record(), None)
    history.close()
    with sqlite3.connect(folder / DATABASE) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(StorageError, match="written by a newer version of mixtui"):
        history.add(make_record(), None)


def test_a_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    history = History(tmp_path / "file" / "state", LIMITS)
    with pytest.raises(StorageError, match="cannot be created: Not a directory"):
        history.add(make_record(), b"x")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (sqlite3.SQLITE_FULL, "The disk is full"),
        (sqlite3.SQLITE_READONLY, "is not writable"),
        (sqlite3.SQLITE_BUSY, "locked by another program"),
        (sqlite3.SQLITE_IOERR, "failed: oh no"),
    ],
)
def test_an_error_of_sqlite_becomes_a_sentence(
    history: History, code: int, message: str
) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        error = sqlite3.OperationalError("oh no")
        error.sqlite_errorcode = code
        raise error

    with pytest.raises(StorageError, match=message):
        history._database.write(fail)
    assert names(history) == []


def test_a_full_disk_loses_only_the_new_entry(folder: Path, history: History) -> None:
    history.add(make_record("before"), b"x")
    connection = history._database._open()
    connection.execute("PRAGMA max_page_count = 1").fetchone()
    with pytest.raises(StorageError, match="The disk is full"):
        history.add(make_record("big", sent_body=bytes(100_000)), b"y")
    assert names(history) == ["before"]
    assert len(bodies(folder)) == 1


def test_an_entry_whose_body_cannot_be_read_is_stored_without_it(
    history: History, tmp_path: Path
) -> None:
    number = history.add(make_record("x"), tmp_path / "gone")
    assert "could not be stored: No such file" in history.record(number).body_note


def test_a_damaged_row_is_reported(history: History) -> None:
    number = history.add(make_record("x"), None)
    history._database.write(
        lambda connection: connection.execute("UPDATE details SET record = '{}'")
    )
    with pytest.raises(StorageError, match=f"History entry {number} is corrupt"):
        history.record(number)


# Concurrent use

WRITER = """
import sys
from pathlib import Path
from mixtui.history.history import History
from mixtui.storage.settings import HistorySettings
from mixtui.system import Cancelled, CancelToken
from tests.history.records import make_record
history = History(Path(sys.argv[1]), HistorySettings(max_days=36_500))
for number in range(30):
    history.add(make_record(f"{sys.argv[2]}-{number}"), f"{sys.argv[2]}-{number}".encode())
"""


def test_two_programs_at_once_lose_nothing(
    folder: Path, open_history: OpenHistory
) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(folder), name], cwd=ROOT)
        for name in ("a", "b")
    ]
    assert [process.wait() for process in processes] == [0, 0]
    history = open_history(LIMITS)
    entries = history.search(HistoryQuery())
    assert {entry.name for entry in entries} == {
        f"{name}-{number}" for name in ("a", "b") for number in range(30)
    }
    assert all(read(history, e.id) == e.name.encode() for e in entries)
    assert len(bodies(folder)) == 60


def test_several_threads_at_once_lose_nothing(history: History) -> None:
    def write(name: str) -> None:
        for number in range(10):
            history.add(make_record(f"{name}-{number}"), name.encode())
            history.search(HistoryQuery(terms=(name,)))

    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = history.search(HistoryQuery())
    assert len(entries) == 30
    assert all(read(history, e.id) == e.name[0].encode() for e in entries)


def test_the_record_of_an_exchange_has_no_secret(history: History) -> None:
    exchanged = exchange()
    record = record_response(exchanged, judge_response(exchanged), Draft())
    assert history.record(history.add(record, None)) == record
