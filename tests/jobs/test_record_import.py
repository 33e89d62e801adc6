"""Every record is accounted for, whatever the server does and whenever the import dies."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mixtui.dispatch.dispatch import Dispatched, ResponseSink
from mixtui.jobs.batches import BatchCutter, Cutting
from mixtui.jobs.event_check import EventChecker
from mixtui.jobs.journal import (
    JobDescription,
    Journal,
    create_journal,
    resume_journal,
)
from mixtui.jobs.model import (
    Account,
    JobError,
    Limit,
    RejectedBy,
    RejectedRecord,
    SourceRange,
)
from mixtui.jobs.record_import import RecordImport
from mixtui.jobs.rejected_file import write_rejected
from mixtui.jobs.sending import MAX_ATTEMPTS, Sending, Wait
from mixtui.jobs.sources import Source, find_sources
from mixtui.model.errors import ExitStatus
from mixtui.model.prepared import PreparedRequest
from mixtui.storage.quota import QuotaStore
from tests.jobs import import_kills, mixpanel
from tests.jobs.mixpanel import Mixpanel, event_line, event_sender, sending

SMALL = Cutting(max_records=10, max_bytes=100_000)
JOB = JobDescription("events import", "demo", "123", "us", "https://example.com", "{}")


@pytest.fixture
def quota(tmp_path: Path) -> Iterator[QuotaStore]:
    store = QuotaStore(tmp_path)
    yield store
    store.close()


def write_source(folder: Path, count: int = 95) -> tuple[Source, ...]:
    """Write events, a few of which are invalid."""
    path = folder / "events.ndjson"
    lines = [event_line(number, plan=number % 5) for number in range(count)]
    lines[3], lines[40] = b'{"event": "x"}', b"not JSON"
    lines.insert(20, b"")
    path.write_bytes(b"\n".join(lines) + b"\n")
    return find_sources([str(path)], folder)


def valid_ids(sources: Sequence[Source]) -> set[str]:
    found: set[str] = set()
    for index, source in enumerate(sources):
        cutter = BatchCutter(index, source, SMALL, checker=EventChecker())
        for batch in cutter.batches():
            found |= {
                json.loads(each)["properties"]["$insert_id"] for each in batch.records
            }
        cutter.close()
    return found


async def run_import(
    sources: Sequence[Source], journal: Journal, how: Sending, **settings: int
) -> Account:
    job = RecordImport(
        sources,
        SMALL,
        EventChecker(),
        event_sender(how),
        journal,
        **{"concurrency": 3, **settings},
    )
    return await job.run()


def test_all_is_stored_and_accounted_for(tmp_path: Path, quota: QuotaStore) -> None:
    sources = write_source(tmp_path)
    server = Mixpanel(rejects=lambda event: event["properties"]["plan"] == 4)
    journal = create_journal(tmp_path / "jobs" / "a.db", JOB, sources)
    account = asyncio.run(run_import(sources, journal, sending(server, quota)))
    assert account == Account(95, 74, 21, sources[0].size) == journal.account()
    assert not account.not_sent
    assert account.summary == ("95 records read = 74 stored + 21 rejected + 0 not sent")
    rejected = [(each.line, each.by, each.label) for _, each in journal.rejected()]
    assert (4, "check", "properties: is missing") in rejected
    assert any(line == 42 and "not valid JSON" in label for line, _, label in rejected)
    assert (6, "server", "properties.plan: is refused") not in rejected
    assert (5, "server", "properties.plan: is refused") in rejected
    assert (11, "server", "properties.plan: is refused") not in rejected
    journal.close()


def test_rejected_records_can_be_fixed_and_imported(
    tmp_path: Path, quota: QuotaStore
) -> None:
    sources = write_source(tmp_path)
    server = Mixpanel(rejects=lambda event: event["properties"]["plan"] == 4)
    journal = create_journal(tmp_path / "jobs" / "a.db", JOB, sources)
    asyncio.run(run_import(sources, journal, sending(server, quota)))
    path = tmp_path / "rejected.ndjson"
    write_rejected(path, journal.rejected(), sources)
    journal.close()
    lines = path.read_bytes().splitlines()
    assert len(lines) == 21
    note = json.loads(lines[0])["mixtui_rejected"]
    assert note == {
        "source": "events.ndjson",
        "line": 4,
        "reason": "properties: is missing",
    }
    path.write_bytes(
        b"\n".join(line.replace(b'"plan":4', b'"plan":3') for line in lines[1:])
    )
    server.rejects = lambda _: False
    fixed = find_sources([str(path)], tmp_path)
    journal = create_journal(tmp_path / "jobs" / "b.db", JOB, fixed)
    account = asyncio.run(run_import(fixed, journal, sending(server, quota)))
    journal.close()
    assert (account.read, account.stored, account.rejected) == (20, 19, 1)
    assert len(server.stored) == 93
    assert not any("mixtui_rejected" in event for event in server.stored.values())


def test_a_rejected_record_that_is_not_utf8_is_written_as_text(tmp_path: Path) -> None:
    record = b'{"event": "\x80", "n": 1}'
    rejected = RejectedRecord(RejectedBy.CHECK, 1, record, "is not UTF-8")
    write_rejected(tmp_path / "rejected", [(0, rejected)], [Source("/a.ndjson")])
    note = json.loads((tmp_path / "rejected").read_bytes())["mixtui_rejected"]
    assert note["text"] == '{"event": "\ufffd", "n": 1}'


@pytest.mark.parametrize(
    ("answers", "retries"),
    [
        ([mixpanel.too_many], 1),
        ([mixpanel.unavailable, mixpanel.reset, mixpanel.unavailable], 3),
        ([mixpanel.store_and_reset] * 3, 3),
        ([mixpanel.store_half] * 4, 0),
        ([mixpanel.too_many_at_once] * 5, 0),
        (list(islice(cycle([mixpanel.store, mixpanel.store, mixpanel.reset]), 30)), 4),
    ],
    ids=["429", "unavailable", "stored in silence", "half", "413", "every third"],
)
def test_a_bad_day_of_the_server_loses_and_doubles_nothing(
    tmp_path: Path,
    quota: QuotaStore,
    answers: list[mixpanel.Answer],
    retries: int,
) -> None:
    sources = write_source(tmp_path)
    server = Mixpanel(iter(answers))
    journal = create_journal(tmp_path / "jobs" / "a.db", JOB, sources)
    waits: list[Wait] = []
    account = asyncio.run(run_import(sources, journal, sending(server, quota, waits)))
    journal.close()
    assert (account.read, account.stored, account.rejected) == (95, 93, 2)
    assert set(server.stored) == valid_ids(sources)
    assert len(waits) == retries


def test_the_wait_that_the_server_states_is_kept(
    tmp_path: Path, quota: QuotaStore
) -> None:
    sources = write_source(tmp_path, 45)
    waits: list[Wait] = []
    server = Mixpanel(iter([mixpanel.too_many]))
    journal = create_journal(tmp_path / "jobs" / "a.db", JOB, sources)
    asyncio.run(run_import(sources, journal, sending(server, quota, waits)))
    journal.close()
    assert [wait.seconds for wait in waits] == [8.5]
    assert "rate limits" in waits[0].reason


def test_one_record_that_is_too_large_is_rejected_alone(
    tmp_path: Path, quota: QuotaStore
) -> None:
    path = tmp_path / "a.ndjson"
    lines = [event_line(number, text="x" * 100 * number) for number in range(10)]
    path.write_bytes(b"\n".join(lines))
    sources = find_sources([str(path)], tmp_path)
    server = Mixpanel(max_bytes=900)
    journal = create_journal(tmp_path / "jobs" / "a.db", JOB, sources)
    account = asyncio.run(run_import(sources, journal, sending(server, quota)))
    rejected = [(each.line, each.reason) for _, each in journal.rejected()]
    journal.close()
    assert (account.stored, account.rejected, account.not_sent) == (8, 2, 0)
    reason = "too large for the server (413)"
    assert rejected == [(9, reason), (10, reason)]


@pytest.mark.parametrize(
    ("answer", "status", "problem"),
    [
        (mixpanel.unauthorized, ExitStatus.CREDENTIALS, "Stopped: 401"),
        (mixpanel.forget, ExitStatus.REFUSED, "did not say how many records"),
        (mixpanel.unavailable, ExitStatus.NO_RESPONSE, f"{MAX_ATTEMPTS} attempts"),
    ],
)
def test_what_no_retry_mends_stops_the_import_and_it_can_be_resumed(
    tmp_path: Path,
    quota: QuotaStore,
    answer: mixpanel.Answer,
    status: int,
    problem: str,
) -> None:
    sources = write_source(tmp_path)
    server = Mixpanel(islice(cycle([mixpanel.store, answer]), 200))
    path = tmp_path / "jobs" / "a.db"
    journal = create_journal(path, JOB, sources)
    server.answers = iter([mixpanel.store] * 2 + [answer] * 100)
    with pytest.raises(JobError, match=problem) as raised:
        asyncio.run(run_import(sources, journal, sending(server, quota)))
    assert raised.value.exit_status == status
    before = journal.account()
    assert before.read < 95
    journal.close()
    server.answers = iter(())
    journal = resume_journal(path)
    account = asyncio.run(run_import(sources, journal, sending(server, quota)))
    journal.close()
    assert (account.read, account.stored, account.rejected) == (95, 93, 2)
    assert set(server.stored) == valid_ids(sources)


def test_what_was_sent_gets_its_response_when_another_request_fails(
    tmp_path: Path, quota: QuotaStore
) -> None:
    sources = write_source(tmp_path)
    server = Mixpanel(iter([mixpanel.store, mixpanel.unauthorized]))
    journal = create_journal(tmp_path / "jobs" / "a.db", JOB, sources)
    how = sending(server, quota)

    async def send(
        request: PreparedRequest, *, sink: ResponseSink | None = None
    ) -> Dispatched:
        dispatched = await how.send(request, sink=sink)
        if server.requests == 1:
            for _ in range(100):
                await asyncio.sleep(0)
        return dispatched

    with pytest.raises(JobError, match="Unauthorized"):
        asyncio.run(run_import(sources, journal, replace(how, send=send)))
    assert journal.account().stored == len(server.stored) > 0
    journal.close()


def test_progress_counts_what_is_accounted_for_and_not_what_was_read(
    tmp_path: Path, quota: QuotaStore
) -> None:
    sources = write_source(tmp_path)
    journal = create_journal(tmp_path / "jobs" / "a.db", JOB, sources)
    how = sending(Mixpanel(), quota)
    shares: list[float] = []

    async def run() -> None:
        job: RecordImport

        async def send(
            request: PreparedRequest, *, sink: ResponseSink | None = None
        ) -> Dispatched:
            # Everything is read by then.
            while job.progress.limit is not Limit.SERVER:  # noqa: ASYNC110 – a thread reads
                await asyncio.sleep(0)
            progress = job.progress
            shares.append(progress.done / sources[0].size)
            assert progress.account.read == 95
            return await how.send(request, sink=sink)

        watched = event_sender(replace(how, send=send))
        job = RecordImport(
            sources, SMALL, EventChecker(), watched, journal, concurrency=1
        )
        await job.run()
        assert job.progress.done == sources[0].size

    asyncio.run(run())
    journal.close()
    assert shares[0] == 0
    assert shares == sorted(set(shares))
    assert 0.8 < shares[-1] < 1


def test_progress_of_an_import_that_stops_is_what_is_accounted_for(
    tmp_path: Path, quota: QuotaStore
) -> None:
    sources = write_source(tmp_path)
    journal = create_journal(tmp_path / "jobs" / "a.db", JOB, sources)
    how = sending(Mixpanel(), quota)

    async def run() -> None:
        job: RecordImport

        async def send(
            request: PreparedRequest, *, sink: ResponseSink | None = None
        ) -> Dispatched:
            # Everything is read by then.
            while job.progress.limit is not Limit.SERVER:  # noqa: ASYNC110 – a thread reads
                await asyncio.sleep(0)
            job.stop()
            return await how.send(request, sink=sink)

        watched = event_sender(replace(how, send=send))
        job = RecordImport(
            sources, SMALL, EventChecker(), watched, journal, concurrency=1
        )
        account = await job.run()
        assert 0 < account.read < 95
        assert 0 < job.progress.done < sources[0].size

    asyncio.run(run())
    journal.close()


def test_a_journal_that_is_there_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program can be killed while it creates one."""
    sources = write_source(tmp_path)
    path = tmp_path / "jobs" / "a.db"
    with monkeypatch.context() as patch:
        patch.setattr("mixtui.jobs.journal.os.replace", raise_killed)
        with pytest.raises(Killed):
            create_journal(path, JOB, sources)
    assert not path.exists()


def raise_killed(*_: object) -> None:
    raise Killed


class Killed(Exception):
    """Stands for the end of the process."""


def dying(how: Sending, after: int) -> Sending:
    """Kill the import at one of the points that a request passes."""
    passed = 0

    async def send(
        request: PreparedRequest, *, sink: ResponseSink | None = None
    ) -> Dispatched:
        nonlocal passed
        passed += 1
        if passed >= after and passed % 2:
            raise Killed
        dispatched = await how.send(request, sink=sink)
        passed += 1
        if passed >= after:
            raise Killed  # It is stored, and nobody wrote that down.
        return dispatched

    return replace(how, send=send)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(1, 24), max_size=6), st.integers(0, 2**32))
def test_an_import_that_is_killed_again_and_again_ends_exact(
    tmp_path_factory: pytest.TempPathFactory, points: list[int], seed: int
) -> None:
    folder = tmp_path_factory.mktemp("killed")
    sources = write_source(folder)
    rng = random.Random(seed)
    server = Mixpanel(rejects=lambda event: event["properties"]["plan"] == 2)
    server.answers = iter(
        rng.choices(
            [mixpanel.store, mixpanel.store_and_reset, mixpanel.too_large],
            [8, 1, 1],
            k=99,
        )
    )
    path = folder / "jobs" / "a.db"
    create_journal(path, JOB, sources).close()
    store = QuotaStore(folder)
    for after in points:
        journal = resume_journal(path)
        try:
            asyncio.run(
                run_import(sources, journal, dying(sending(server, store), after))
            )
        except Killed:
            pass
        finally:
            journal.close()
    journal = resume_journal(path)
    account = asyncio.run(run_import(sources, journal, sending(server, store)))
    journal.close()
    store.close()
    assert (account.read, account.not_sent) == (95, 0)
    assert account.stored == len(server.stored)
    assert account.stored + account.rejected == 95
    refused = {key for key in valid_ids(sources) if key not in server.stored}
    assert len(refused) + 2 == account.rejected


def test_an_import_that_is_stopped_finishes_what_it_sends(
    tmp_path: Path, quota: QuotaStore
) -> None:
    sources = write_source(tmp_path)
    server = Mixpanel()
    path = tmp_path / "jobs" / "a.db"
    journal = create_journal(path, JOB, sources)
    how = sending(server, quota)

    async def run() -> Account:
        job: RecordImport

        async def send(
            request: PreparedRequest, *, sink: ResponseSink | None = None
        ) -> Dispatched:
            job.stop()
            return await how.send(request, sink=sink)

        stopping = replace(how, send=send)
        job = RecordImport(
            sources,
            SMALL,
            EventChecker(),
            event_sender(stopping),
            journal,
            concurrency=1,
        )
        account = await job.run()
        assert job.was_stopped
        return account

    account = asyncio.run(run())
    assert account.not_sent == 0
    assert server.requests == 1
    assert account.stored == len(server.stored) == 10
    journal.close()
    journal = resume_journal(path)
    asyncio.run(run_import(sources, journal, sending(server, quota)))
    journal.close()
    assert set(server.stored) == valid_ids(sources)
    # Nothing was sent twice.
    assert server.received == 93


@settings(max_examples=40)
@given(st.sets(st.integers(0, 9)), st.sampled_from(["ndjson", "json", "csv"]))
def test_what_is_done_is_left_out_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, done: set[int], kind: str
) -> None:
    path = tmp_path_factory.mktemp("done") / f"a.{kind}"
    path.write_bytes(_CONTENTS[kind](95))
    source = Source(str(path))

    def batches(
        left_out: Sequence[SourceRange], cutting: Cutting = SMALL
    ) -> list[bytes]:
        cutter = BatchCutter(0, source, cutting, checker=EventChecker(), done=left_out)
        try:
            found = list(cutter.batches())
        finally:
            cutter.close()
        ranges.extend(batch.range for batch in found)
        return [record for batch in found for record in batch.records]

    ranges: list[SourceRange] = []
    everything = batches(())
    assert len(everything) == 95
    whole = list(ranges)
    left_out = [each for index, each in enumerate(whole) if index in done]
    ranges.clear()
    rest = batches(left_out, Cutting(max_records=7))
    expected = [r for i, r in enumerate(everything) if i // 10 not in done]
    assert rest == expected
    joined = sorted([*ranges, *left_out])
    assert [each.start for each in joined[1:]] == [each.end for each in joined[:-1]]
    assert joined[-1].end == whole[-1].end


def _csv(count: int) -> bytes:
    rows = [f'Sign up,u{n},{1_750_000_000 + n},"a\nb {n}"' for n in range(count)]
    return "\r\n".join(["event,distinct_id,time,note", *rows]).encode()


_CONTENTS: dict[str, Callable[[int], bytes]] = {
    "ndjson": lambda count: b"\n".join(map(event_line, range(count))),
    "json": lambda count: b"[" + b",\n".join(map(event_line, range(count))) + b"]",
    "csv": _csv,
}


def test_memory_does_not_grow_with_what_waits(
    tmp_path: Path, quota: QuotaStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mixtui.jobs.record_import._IN_FLIGHT", 5_000)
    path = tmp_path / "a.ndjson"
    path.write_bytes(b"\n".join(event_line(number) for number in range(2_000)))
    sources = find_sources([str(path)], tmp_path)
    journal = create_journal(tmp_path / "jobs" / "a.db", JOB, sources)
    how = sending(Mixpanel(), quota)
    most = 0

    async def run() -> None:
        job: RecordImport

        async def send(
            request: PreparedRequest, *, sink: ResponseSink | None = None
        ) -> Dispatched:
            nonlocal most
            most = max(most, job._in_flight)
            return await how.send(request, sink=sink)

        watched = replace(how, send=send)
        job = RecordImport(
            sources,
            SMALL,
            EventChecker(),
            event_sender(watched),
            journal,
            concurrency=3,
        )
        account = await job.run()
        assert account.stored == 2_000

    asyncio.run(run())
    journal.close()
    assert 0 < most <= 5_000


def test_processes_that_are_killed_lose_and_double_nothing() -> None:
    """A few of the two hundred of ``python -m tests.jobs.import_kills``."""
    assert import_kills.run(3, seed=7) >= 3
