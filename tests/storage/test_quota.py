"""Requests of each project, counted across runs."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
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
def quota_store(tmp_path: Path, clock: Clock) -> Iterator[QuotaStore]:
    with closing(QuotaStore(tmp_path / "state", clock)) as store:
        yield store


def test_a_limit_beyond_all_sense_is_not_believed(quota_store: QuotaStore) -> None:
    quota_store.count([QUERY])
    quota_store.correct(Correction(QUERY, 999_999_999, 999_999_999, None))
    status = quota_store.status(QUERY)
    assert (status.used, status.limit) == (60, 60)


def test_an_accepted_request_withdraws_what_a_refusal_stated(
    quota_store: QuotaStore, clock: Clock
) -> None:
    quota_store.count([QUERY])
    quota_store.correct(Correction(QUERY, 1, 1, 3600.0))
    assert quota_store.status(QUERY).free_at(clock.now) > clock.now
    quota_store.accept([QUERY, OTHER])
    status = quota_store.status(QUERY)
    assert (status.used, status.limit, status.blocked_until) == (1, 60, None)


def test_nothing_is_created_before_a_request_is_counted(
    quota_store: QuotaStore,
) -> None:
    assert quota_store.status(QUERY).used == 0
    assert not quota_store.folder.exists()


def test_requests_are_counted_for_an_hour(
    quota_store: QuotaStore, clock: Clock
) -> None:
    quota_store.count([QUERY])
    clock.now += 600
    quota_store.count([QUERY])
    status = quota_store.status(QUERY)
    assert (status.used, status.limit) == (2, 60)
    assert status.label(clock.now) == "58 of 60 queries left (resets in 50 min)"
    clock.now += 3001
    assert (
        quota_store.status(QUERY).label(clock.now)
        == "59 of 60 queries left (resets in 10 min)"
    )
    clock.now += 600
    assert quota_store.status(QUERY).label(clock.now) == ""


def test_projects_and_buckets_are_counted_separately(quota_store: QuotaStore) -> None:
    quota_store.count([JQL, QUERY])
    quota_store.count([QUERY])
    counts = [quota_store.status(account).used for account in (QUERY, JQL, OTHER)]
    assert counts == [2, 1, 0]


def test_a_count_can_be_cancelled(quota_store: QuotaStore) -> None:
    ticket = quota_store.count([JQL, QUERY])
    quota_store.cancel_count(ticket)
    assert quota_store.status(QUERY).used == 0
    assert quota_store.status(JQL).used == 0


def test_a_correction_raises_the_count(quota_store: QuotaStore, clock: Clock) -> None:
    quota_store.count([QUERY])
    quota_store.correct(Correction(QUERY, 61, 60, None))
    status = quota_store.status(QUERY)
    assert (status.used, status.limit) == (60, 60)
    assert status.free_at(clock.now) > clock.now
    assert status.free_at(clock.now) - clock.now <= 3600


def test_a_correction_lowers_the_count(quota_store: QuotaStore) -> None:
    for _ in range(5):
        quota_store.count([QUERY])
    quota_store.correct(Correction(QUERY, 2, 60, None))
    assert quota_store.status(QUERY).used == 2


def test_a_corrected_limit_is_stored(quota_store: QuotaStore) -> None:
    quota_store.correct(Correction(QUERY, 400, 400, None))
    quota_store.correct(Correction(QUERY, None, None, 5.0))
    assert quota_store.status(QUERY).limit == 400


def test_a_wait_lasts_until_it_is_over(quota_store: QuotaStore, clock: Clock) -> None:
    quota_store.correct(Correction(QUERY, None, None, 90.0))
    status = quota_store.status(QUERY)
    assert status.free_at(clock.now) == clock.now + 90
    assert status.label(clock.now) == "0 of 60 queries left (resets in 2 min)"
    clock.now += 91
    assert quota_store.status(QUERY).free_at(clock.now) == clock.now


def test_a_full_account_is_free_when_its_oldest_request_expires(
    quota_store: QuotaStore, clock: Clock
) -> None:
    for _ in range(60):
        quota_store.count([QUERY])
        clock.now += 1
    assert quota_store.status(QUERY).free_at(clock.now) == pytest.approx(1_003_600)


def test_two_runs_share_the_counts(quota_store: QuotaStore, clock: Clock) -> None:
    quota_store.count([QUERY])
    other = QuotaStore(quota_store.folder, clock)
    other.count([QUERY])
    assert quota_store.status(QUERY).used == 2
    other.close()


def test_nothing_is_lost_when_many_count_at_once(
    quota_store: QuotaStore, clock: Clock
) -> None:
    def count() -> None:
        own_store = QuotaStore(quota_store.folder, clock)
        for _ in range(5):
            own_store.count([QUERY])
        own_store.close()

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert quota_store.status(QUERY).used == 20


def test_another_process_counts_as_well(quota_store: QuotaStore) -> None:
    program = (
        "import sys, pathlib\n"
        "from mixtui.storage.quota import QuotaStore\n"
        "from mixtui.outcome.quota import Account\n"
        "from mixtui.mixpanel.limits import Bucket\n"
        "quota_store = QuotaStore(pathlib.Path(sys.argv[1]), lambda: 1_000_000.0)\n"
        "quota_store.count([Account('project 1', Bucket.QUERY)])\n"
    )
    subprocess.run([sys.executable, "-c", program, str(quota_store.folder)], check=True)
    assert quota_store.status(QUERY).used == 1


def test_the_file_is_private(quota_store: QuotaStore) -> None:
    quota_store.count([QUERY])
    assert stat.S_IMODE((quota_store.folder / DATABASE).stat().st_mode) == 0o600


def test_a_damaged_file_is_replaced(quota_store: QuotaStore) -> None:
    quota_store.folder.mkdir(parents=True)
    (quota_store.folder / DATABASE).write_bytes(b"no database at all" * 100)
    quota_store.count([QUERY])
    assert quota_store.status(QUERY).used == 1


def test_a_failing_disk_is_reported(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / DATABASE).mkdir()
    with pytest.raises(StorageError, match="quota cannot be counted"):
        QuotaStore(tmp_path / "state").count([QUERY])
