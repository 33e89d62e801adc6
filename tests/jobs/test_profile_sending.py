"""Every update is accounted for and in order, and none that adds is applied twice."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mixtui.jobs.batches import Cutting
from mixtui.jobs.journal import JobDescription, Journal, create_journal, resume_journal
from mixtui.jobs.model import Account, JobError
from mixtui.jobs.profile_check import ProfileChecker
from mixtui.jobs.profile_recipe import UserRecipe
from mixtui.jobs.profile_sending import ProfileSender, update_request
from mixtui.jobs.record_import import RecordImport
from mixtui.jobs.sending import MAX_UNCLEAR, Resender, Sending, Wait
from mixtui.jobs.sources import Source, find_sources
from mixtui.mixpanel.profiles import USERS
from mixtui.model.errors import ExitStatus
from mixtui.storage.quota import QuotaStore
from tests.exchanges import ENVIRONMENT
from tests.jobs import profile_kills
from tests.jobs import profile_server as servers
from tests.jobs.mixpanel import sending
from tests.jobs.profile_server import Answer, ProfileServer, Update
from tests.jobs.test_record_import import Killed, dying

JOB = JobDescription(
    "profiles import", "demo", "123", "us", "https://example.com", "{}"
)
SMALL = Cutting(UserRecipe(), max_records=4)
PEOPLE = 3


@pytest.fixture
def quota(tmp_path: Path) -> Iterator[QuotaStore]:
    store = QuotaStore(tmp_path)
    yield store
    store.close()


def setting(number: int) -> Update:
    return {"$distinct_id": f"u{number % PEOPLE}", "$set": {"v": number}}


def logging(number: int) -> Update:
    """Sent twice, it is there twice."""
    return {"$distinct_id": f"u{number % PEOPLE}", "$append": {"log": number}}


def write_source(folder: Path, updates: Sequence[Update]) -> tuple[Source, ...]:
    path = folder / "updates.ndjson"
    path.write_bytes(b"".join(json.dumps(each).encode() + b"\n" for each in updates))
    return find_sources([str(path)], folder)


async def run_import(
    sources: Sequence[Source], journal: Journal, how: Sending, concurrency: int = 3
) -> Account:
    token = ENVIRONMENT.credentials.project_token
    request = update_request(ENVIRONMENT, USERS.operations["$delete"])
    job = RecordImport(
        sources,
        SMALL,
        ProfileChecker(USERS, token, is_destructive=True),
        ProfileSender(USERS, request, Resender(how)),
        journal,
        concurrency=concurrency,
    )
    return await job.run()


def logged(server: ProfileServer) -> list[int]:
    """What was appended, after checking that each is there once and in order."""
    numbers: list[int] = []
    for profile in server.state.values():
        log = profile["log"]
        assert log == sorted(set(log)), log
        numbers += log
    return sorted(numbers)


def numbers_of(records: Iterator[Any], member: str = "$append") -> list[int]:
    return [
        json.loads(each.record)[member]["log" if member == "$append" else "v"]
        for _, each in records
    ]


@pytest.mark.parametrize(
    ("answers", "retries"),
    [
        ([], 0),
        ([servers.store_bare] * 5, 0),
        ([servers.too_many], 1),
        ([servers.too_large, servers.store, servers.too_large], 0),
        ([servers.refuse_connection, servers.reset, servers.unavailable], 3),
        ([servers.fail] * 6, 6),
        ([servers.store_and_reset, servers.hang] * 3, 6),
        ([servers.refuse_all], 0),
    ],
)
def test_what_may_be_sent_again_is_stored_in_order_whatever_happens(
    tmp_path: Path, quota: QuotaStore, answers: list[Answer], retries: int
) -> None:
    sources = write_source(tmp_path, [setting(n) for n in range(20)])
    server = ProfileServer(iter(answers))
    journal = create_journal(tmp_path / "jobs" / "a.db", JOB, sources)
    waits: list[Wait] = []
    how = sending(server, quota, waits)
    account = asyncio.run(run_import(sources, journal, how))
    assert account == Account(20, 20, 0, sources[0].size) == journal.account()
    assert len(waits) == retries
    assert server.state == {"u0": {"v": 18}, "u1": {"v": 19}, "u2": {"v": 17}}
    journal.close()


@pytest.mark.parametrize("answer", [servers.store, servers.store_and_name])
def test_a_refused_batch_is_halved_until_the_refused_updates_are_found(
    tmp_path: Path, quota: QuotaStore, answer: Answer
) -> None:
    sources = write_source(tmp_path, [setting(n) for n in range(20)])
    server = ProfileServer(
        iter([answer]), rejects=lambda update: update["$set"]["v"] in (2, 3, 19)
    )
    journal = create_journal(tmp_path / "jobs" / "a.db", JOB, sources)
    account = asyncio.run(run_import(sources, journal, sending(server, quota)))
    assert (account.stored, account.rejected, account.unknown) == (17, 3, 0)
    assert numbers_of(journal.rejected(), "$set") == [2, 3, 19]
    assert server.state == {"u0": {"v": 18}, "u1": {"v": 16}, "u2": {"v": 17}}
    journal.close()


@pytest.mark.parametrize(
    ("answers", "stored", "unknown"),
    [
        ([], 20, 0),
        ([servers.too_many] * 3, 20, 0),
        ([servers.refuse_connection] * 3, 20, 0),
        ([servers.too_large], 20, 0),
        ([servers.store, servers.store_and_reset], 16, 4),
        ([servers.hang, servers.unavailable], 12, 8),
        (
            [servers.fail, servers.store, servers.reset, servers.store, servers.fail],
            8,
            12,
        ),
        ([servers.say_nothing], 16, 4),
        ([servers.show_page], 16, 4),
        ([servers.refuse_all], 16, 4),
        ([servers.store_and_name], 16, 4),
    ],
)
def test_what_adds_is_never_sent_twice(
    tmp_path: Path, quota: QuotaStore, answers: list[Answer], stored: int, unknown: int
) -> None:
    sources = write_source(tmp_path, [logging(n) for n in range(20)])
    server = ProfileServer(iter(answers))
    journal = create_journal(tmp_path / "jobs" / "a.db", JOB, sources)
    account = asyncio.run(run_import(sources, journal, sending(server, quota), 1))
    assert account == Account(20, stored, 0, sources[0].size, unknown)
    assert account == journal.account()
    assert not account.not_sent
    assert ("unknown" in account.summary) is bool(unknown)
    in_doubt = numbers_of(journal.unknown())
    assert len(in_doubt) == unknown
    assert set(range(20)) - set(logged(server)) <= set(in_doubt)
    journal.close()


def test_a_single_update_that_is_refused_is_rejected(
    tmp_path: Path, quota: QuotaStore
) -> None:
    sources = write_source(tmp_path, [logging(1)])
    server = ProfileServer(rejects=lambda _: True)
    journal = create_journal(tmp_path / "jobs" / "a.db", JOB, sources)
    account = asyncio.run(run_import(sources, journal, sending(server, quota)))
    assert (account.rejected, account.unknown) == (1, 0)
    (reject,) = [each for _, each in journal.rejected()]
    assert reject.label == "some data points are bad"
    journal.close()


def test_nothing_more_is_sent_after_a_few_unclear_responses(
    tmp_path: Path, quota: QuotaStore
) -> None:
    sources = write_source(tmp_path, [logging(n) for n in range(80)])
    server = ProfileServer(iter([servers.store] + [servers.store_and_reset] * 50))
    path = tmp_path / "jobs" / "a.db"
    journal = create_journal(path, JOB, sources)
    with pytest.raises(JobError, match=f"{MAX_UNCLEAR} requests in a row") as raised:
        asyncio.run(run_import(sources, journal, sending(server, quota), 1))
    assert raised.value.exit_status == ExitStatus.NO_RESPONSE
    assert server.requests == 1 + MAX_UNCLEAR
    account = journal.account()
    assert (account.stored, account.unknown) == (4, 4 * MAX_UNCLEAR)
    journal.close()
    server.answers = iter(())
    journal = resume_journal(path)
    account = asyncio.run(run_import(sources, journal, sending(server, quota)))
    assert account == Account(80, 68, 0, sources[0].size, 12) == journal.account()
    assert logged(server) == list(range(80))
    journal.close()


@pytest.mark.parametrize("make", [setting, logging])
@pytest.mark.parametrize(
    ("answer", "status", "problem"),
    [
        (servers.unauthorized, ExitStatus.CREDENTIALS, "401"),
        (servers.refuse_token, ExitStatus.REFUSED, "token, missing or empty"),
    ],
)
def test_what_refuses_everything_stops_the_import_and_nothing_is_unknown(
    tmp_path: Path,
    quota: QuotaStore,
    make: Any,
    answer: Answer,
    status: int,
    problem: str,
) -> None:
    sources = write_source(tmp_path, [make(n) for n in range(40)])
    server = ProfileServer(iter([servers.store] + [answer] * 50))
    path = tmp_path / "jobs" / "a.db"
    journal = create_journal(path, JOB, sources)
    with pytest.raises(JobError, match=problem) as raised:
        asyncio.run(run_import(sources, journal, sending(server, quota)))
    assert raised.value.exit_status == status
    assert journal.account().unknown == 0
    journal.close()
    server.answers = iter(())
    journal = resume_journal(path)
    account = asyncio.run(run_import(sources, journal, sending(server, quota)))
    journal.close()
    assert account == Account(40, 40, 0, sources[0].size)
    if make is logging:
        assert logged(server) == list(range(40))


def test_half_a_batch_that_was_sent_is_not_sent_again_after_a_stop(
    tmp_path: Path, quota: QuotaStore
) -> None:
    sources = write_source(tmp_path, [logging(n) for n in range(8)])
    answers = [servers.too_large, servers.store, servers.too_many]
    server = ProfileServer(iter(answers))
    path = tmp_path / "jobs" / "a.db"
    journal = create_journal(path, JOB, sources)
    how = sending(server, quota)
    stopping = replace(how, on_wait=lambda _: how.stop.set())
    asyncio.run(run_import(sources, journal, stopping, 1))
    account = journal.account()
    assert (account.read, account.stored, account.rejected) == (4, 2, 2)
    labels = {each.label for _, each in journal.rejected()}
    assert labels == {"was not sent: the job was stopped"}
    journal.close()
    journal = resume_journal(path)
    account = asyncio.run(run_import(sources, journal, sending(server, quota)))
    assert (account.read, account.stored, account.rejected) == (8, 6, 2)
    assert logged(server) == [0, 1, 4, 5, 6, 7]
    journal.close()


_ANY = [
    servers.store,
    servers.too_many,
    servers.store_and_reset,
    servers.reset,
    servers.too_large,
    servers.fail,
]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 24), max_size=6), st.integers(0, 2**32), st.booleans())
def test_an_import_that_is_killed_again_and_again_is_in_order_and_exact(
    tmp_path_factory: pytest.TempPathFactory,
    points: list[int],
    seed: int,
    is_repeatable: bool,
) -> None:
    folder = tmp_path_factory.mktemp("killed")
    make = setting if is_repeatable else logging
    sources = write_source(folder, [make(n) for n in range(60)])
    rng = random.Random(seed)
    server = ProfileServer(iter(rng.choices(_ANY, [12, 1, 1, 1, 1, 1], k=200)))
    path = folder / "jobs" / "a.db"
    create_journal(path, JOB, sources).close()
    store = QuotaStore(folder)
    how = sending(server, store)
    for after in [*points, 1000]:
        journal = resume_journal(path)
        try:
            asyncio.run(run_import(sources, journal, dying(how, after)))
        except (Killed, JobError):
            pass
        finally:
            journal.close()
    server.answers = iter(())
    journal = resume_journal(path)
    account = asyncio.run(run_import(sources, journal, how))
    store.close()
    assert account == journal.account()
    assert (account.read, account.rejected, account.not_sent) == (60, 0, 0)
    if is_repeatable:
        assert account.unknown == 0
        assert server.state == {"u0": {"v": 57}, "u1": {"v": 58}, "u2": {"v": 59}}
    else:
        unknown = set(numbers_of(journal.unknown()))
        assert len(unknown) == account.unknown
        assert set(range(60)) - set(logged(server)) <= unknown
    journal.close()


def test_processes_that_are_killed_lose_double_and_reorder_nothing() -> None:
    """A few of the two hundred of ``python -m tests.jobs.profile_kills``."""
    assert profile_kills.run(7, seed=7) >= 7
