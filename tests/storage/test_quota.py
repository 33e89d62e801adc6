"""What was asked of each project, counted across runs."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mixtui.mixpanel.limits import Bucket
from mixtui.model.errors import StorageError
from mixtui.model.quota import Account, Correction
from mixtui.storage.quota import DATABASE, QuotaStore

QUERY = Account("project 1", Bucket.QUERY)
JQL = Account("project 1", Bucket.JQL)
OTHER = Account("project 2", Bucket.QUERY)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(tmp_path: Path, clock: Clock) -> QuotaStore:
    return QuotaStore(tmp_path / "state", clock)


def test_nothing_is_made_before_something_is_counted(book: QuotaStore) -> None:
    assert book.status(QUERY).used == 0
    assert not book.folder.exists()


def test_calls_are_counted_for_an_hour(book: QuotaStore, clock: Clock) -> None:
    book.count([QUERY])
    clock.now += 600
    book.count([QUERY])
    now = book.status(QUERY)
    assert (now.used, now.limit) == (2, 60)
    assert now.label(clock.now) == "2/60 · next slot 50 min"
    clock.now += 3001
    assert book.status(QUERY).label(clock.now) == "1/60 · next slot 10 min"
    clock.now += 600
    assert book.status(QUERY).label(clock.now) == ""


def test_projects_and_buckets_are_counted_apart(book: QuotaStore) -> None:
    book.count([JQL, QUERY])
    book.count([QUERY])
    found = [book.status(each).used for each in (QUERY, JQL, OTHER)]
    assert found == [2, 1, 0]


def test_a_call_that_was_not_made_is_taken_back(book: QuotaStore) -> None:
    ticket = book.count([JQL, QUERY])
    book.cancel_count(ticket)
    assert book.status(QUERY).used == 0
    assert book.status(JQL).used == 0


def test_the_server_knows_of_calls_that_others_made(
    book: QuotaStore, clock: Clock
) -> None:
    book.count([QUERY])
    book.correct(Correction(QUERY, 61, 60, None))
    now = book.status(QUERY)
    assert (now.used, now.limit) == (60, 60)
    assert now.free_at(clock.now) > clock.now
    assert now.free_at(clock.now) - clock.now <= 3600


def test_the_server_may_count_fewer(book: QuotaStore) -> None:
    for _ in range(5):
        book.count([QUERY])
    book.correct(Correction(QUERY, 2, 60, None))
    assert book.status(QUERY).used == 2


def test_another_limit_is_believed_and_kept(book: QuotaStore) -> None:
    book.correct(Correction(QUERY, 400, 400, None))
    book.correct(Correction(QUERY, None, None, 5.0))
    assert book.status(QUERY).limit == 400


def test_a_wait_holds_until_it_is_over(book: QuotaStore, clock: Clock) -> None:
    book.correct(Correction(QUERY, None, None, 90.0))
    now = book.status(QUERY)
    assert now.free_at(clock.now) == clock.now + 90
    assert now.label(clock.now) == "0/60 · next slot 2 min"
    clock.now += 91
    assert book.status(QUERY).free_at(clock.now) == clock.now


def test_a_full_account_is_free_when_the_oldest_call_is_an_hour_old(
    book: QuotaStore, clock: Clock
) -> None:
    for _ in range(60):
        book.count([QUERY])
        clock.now += 1
    assert book.status(QUERY).free_at(clock.now) == pytest.approx(1_003_600)


def test_two_runs_share_the_counts(book: QuotaStore, clock: Clock) -> None:
    book.count([QUERY])
    other = QuotaStore(book.folder, clock)
    other.count([QUERY])
    assert book.status(QUERY).used == 2
    other.close()


def test_nothing_is_lost_when_many_count_at_once(
    book: QuotaStore, clock: Clock
) -> None:
    def count() -> None:
        mine = QuotaStore(book.folder, clock)
        for _ in range(5):
            mine.count([QUERY])
        mine.close()

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert book.status(QUERY).used == 20


def test_another_process_counts_as_well(book: QuotaStore) -> None:
    program = (
        "import sys, pathlib\n"
        "from mixtui.storage.quota import QuotaStore\n"
        "from mixtui.outcome.quota import Account\n"
        "from mixtui.mixpanel.limits import Bucket\n"
        "book = QuotaStore(pathlib.Path(sys.argv[1]), lambda: 1_000_000.0)\n"
        "book.count([Account('project 1', Bucket.QUERY)])\n"
    )
    subprocess.run([sys.executable, "-c", program, str(book.folder)], check=True)
    assert book.status(QUERY).used == 1


def test_the_file_is_private(book: QuotaStore) -> None:
    book.count([QUERY])
    assert stat.S_IMODE((book.folder / DATABASE).stat().st_mode) == 0o600


def test_a_damaged_file_is_begun_anew(book: QuotaStore) -> None:
    book.folder.mkdir(parents=True)
    (book.folder / DATABASE).write_bytes(b"no database at all" * 100)
    book.count([QUERY])
    assert book.status(QUERY).used == 1


def test_a_disk_that_fails_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / DATABASE).mkdir()
    with pytest.raises(StorageError, match="quota is not counted"):
        QuotaStore(tmp_path / "state").count([QUERY])
