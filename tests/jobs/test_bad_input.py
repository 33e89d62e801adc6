"""Whatever the server and the clock do, each event is accounted for, and none is doubled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import httpx
import pytest

from mixtui.jobs.journal import create_journal
from mixtui.jobs.model import JobError
from mixtui.storage.quota import QuotaStore
from tests.jobs import mixpanel
from tests.jobs.mixpanel import Mixpanel, sending
from tests.jobs.test_record_import import JOB, run_import, valid_ids, write_source


@pytest.fixture
def quota(tmp_path: Path) -> Iterator[QuotaStore]:
    store = QuotaStore(tmp_path)
    yield store
    store.close()


def hang(server: Mixpanel, events: list[mixpanel.Event]) -> httpx.Response:
    """Store all of it, and never respond."""
    mixpanel.store(server, events)
    raise httpx.ReadTimeout("no response")


def test_a_server_that_hangs_is_asked_again_and_stores_nothing_twice(
    tmp_path: Path, quota: QuotaStore
) -> None:
    sources = write_source(tmp_path)
    server = Mixpanel(islice(cycle([hang, mixpanel.store, hang]), 30))
    journal = create_journal(tmp_path / "jobs" / "a.db", JOB, sources)
    account = asyncio.run(run_import(sources, journal, sending(server, quota)))
    journal.close()
    assert (account.read, account.stored, account.not_sent) == (95, 93, 0)
    assert set(server.stored) == valid_ids(sources)
    assert server.received > len(server.stored)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_stops_an_import_and_nothing_counts_as_stored(
    tmp_path: Path, quota: QuotaStore, status: int
) -> None:
    """What a proxy or a login page answers is not Mixpanel's account."""

    def redirect(server: Mixpanel, events: list[mixpanel.Event]) -> httpx.Response:
        return httpx.Response(status, headers={"Location": "https://elsewhere.test/"})

    sources = write_source(tmp_path)
    server = Mixpanel(iter([mixpanel.store, *[redirect] * 100]))
    journal = create_journal(tmp_path / "jobs" / "a.db", JOB, sources)
    with pytest.raises(JobError) as raised:
        asyncio.run(run_import(sources, journal, sending(server, quota)))
    account = journal.account()
    journal.close()
    assert str(status) in str(raised.value)
    assert account.stored == len(server.stored)


def test_a_clock_that_jumps_changes_nothing(
    tmp_path: Path, quota: QuotaStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A summer time, an NTP step: a day on or back at each look at the clock."""
    sources = write_source(tmp_path)
    real, jumps = time.time, cycle([86_400.0, -86_400.0, 0.0])
    monkeypatch.setattr(time, "time", lambda: real() + next(jumps))
    server = Mixpanel(islice(cycle([mixpanel.too_many, mixpanel.store]), 30))
    journal = create_journal(tmp_path / "jobs" / "a.db", JOB, sources)
    account = asyncio.run(run_import(sources, journal, sending(server, quota)))
    journal.close()
    assert (account.read, account.stored, account.not_sent) == (95, 93, 0)
    assert set(server.stored) == valid_ids(sources)
