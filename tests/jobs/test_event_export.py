"""Every event of the days is in the output once, whatever the server does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from itertools import chain, pairwise, repeat
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mixtui.dispatch.dispatch import Dispatched, ResponseSink
from mixtui.jobs.event_export import EventExport, Received
from mixtui.jobs.event_windows import (
    DateWindow,
    ExportQuery,
    cut_windows,
    export_request,
    read_dates,
)
from mixtui.jobs.journal import (
    JobDescription,
    Journal,
    create_journal,
    received_folder,
    resume_journal,
)
from mixtui.jobs.model import Account, JobError, Limit
from mixtui.jobs.property_types import EVENTS, PropertyTypes
from mixtui.jobs.quota_gate import QuotaGate
from mixtui.jobs.record_output import Writer, choose_output
from mixtui.jobs.sending import MAX_ATTEMPTS, Sending, Wait
from mixtui.jobs.window_sink import LineChecker, QuickChecker, TypeChecker
from mixtui.model.errors import ExitStatus, StorageError
from mixtui.model.prepared import PreparedRequest
from mixtui.storage import files
from mixtui.storage.quota import QuotaStore
from mixtui.system import CancelToken
from tests.exchanges import ENVIRONMENT
from tests.jobs import export_kills, export_server
from tests.jobs.export_server import ExportServer, day_lines, expected_ids
from tests.jobs.mixpanel import sending

FIRST, LAST = "2026-01-01", "2026-01-07"
DATES = read_dates(FIRST, LAST)
WINDOWS = cut_windows(DATES, 2)
JOB = JobDescription("events export", "demo", "123", "us", "https://example.com", "{}")


@pytest.fixture
def quota(tmp_path: Path) -> Iterator[QuotaStore]:
    store = QuotaStore(tmp_path)
    yield store
    store.close()


async def no_quota(_: PreparedRequest) -> float:
    return 0.0


def journal_of(
    folder: Path,
    *,
    resumed: bool = False,
    windows: tuple[DateWindow, ...] = WINDOWS,
) -> Journal:
    path = folder / "jobs" / "a.db"
    return resume_journal(path) if resumed else create_journal(path, JOB, windows)


def make_job(
    folder: Path,
    journal: Journal,
    how: Sending,
    gate: QuotaGate | None = None,
    *,
    said: list[str] | None = None,
    can_split: bool = True,
) -> EventExport:
    output = choose_output(folder / "out.ndjson", None)
    writer = Writer(output, EVENTS, folder, journal)

    def write(received: Received, types: PropertyTypes, token: CancelToken) -> None:
        writer(output.contents(received), types, token)

    return EventExport(
        journal.sources(DateWindow),
        lambda window: export_request(ExportQuery(DATES), window, ENVIRONMENT),
        how,
        gate or QuotaGate(how, no_quota, a_second=1000),
        journal,
        write,
        report=([] if said is None else said).append,
        concurrency=2,
        can_split=can_split,
    )


def run(
    folder: Path,
    how: Sending,
    *,
    resumed: bool = False,
    windows: tuple[DateWindow, ...] = WINDOWS,
    said: list[str] | None = None,
    can_split: bool = True,
) -> Account:
    journal = journal_of(folder, resumed=resumed, windows=windows)

    async def start() -> Account:
        job = make_job(folder, journal, how, said=said, can_split=can_split)
        return await job.run()

    try:
        return asyncio.run(start())
    finally:
        journal.close()


def written_ids(folder: Path) -> list[str]:
    lines = (folder / "out.ndjson").read_bytes().splitlines()
    return [json.loads(line)["properties"]["$insert_id"] for line in lines]


def test_what_is_sent_is_written_byte_for_byte(
    tmp_path: Path, quota: QuotaStore
) -> None:
    account = run(tmp_path, sending(ExportServer(), quota))
    content = (tmp_path / "out.ndjson").read_bytes()
    assert content == b"".join(day_lines(day.first) for day in cut_windows(DATES, 1))
    assert account == Account(35, 35, 0, len(content))


@pytest.mark.parametrize("misbehave", export_server.INCOMPLETE)
def test_an_incomplete_window_is_fetched_again_and_never_appended(
    tmp_path: Path, quota: QuotaStore, misbehave: export_server.Answer
) -> None:
    answers = [misbehave, export_server.whole, export_server.whole, misbehave]
    server = ExportServer(iter(answers))
    waits: list[Wait] = []
    run(tmp_path, sending(server, quota, waits))
    assert written_ids(tmp_path) == expected_ids(FIRST, LAST)
    assert server.asked.total() == len(WINDOWS) + 2
    assert len(waits) == 2
    assert all(wait.reason.endswith(".") for wait in waits)


def test_a_last_line_without_an_end_does_not_run_into_the_next_window(
    tmp_path: Path, quota: QuotaStore
) -> None:
    server = ExportServer(repeat(export_server.without_last_end))
    run(tmp_path, sending(server, quota))
    assert written_ids(tmp_path) == expected_ids(FIRST, LAST)
    assert server.asked.total() == len(WINDOWS)


def test_a_request_that_fails_again_and_again_ends_the_job_and_the_others_are_kept(
    tmp_path: Path, quota: QuotaStore
) -> None:
    answers = chain([export_server.whole], repeat(export_server.unavailable))
    server = ExportServer(answers)
    with pytest.raises(JobError, match="attempts to send the same request failed") as e:
        run(tmp_path, sending(server, quota))
    assert e.value.exit_status == ExitStatus.NO_RESPONSE
    assert max(server.asked.values()) <= MAX_ATTEMPTS
    assert not (tmp_path / "out.ndjson").exists()
    server = ExportServer()
    run(tmp_path, sending(server, quota), resumed=True)
    assert server.asked.total() == len(WINDOWS) - 1
    assert written_ids(tmp_path) == expected_ids(FIRST, LAST)


class EndsEarly(ExportServer):
    """Ends every response early that has more than so many days, or one of some days."""

    most_days: int = 1
    bad: frozenset[str] = frozenset()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        window = read_dates(*(request.url.params[f"{x}_date"] for x in ("from", "to")))
        days = {day.label for day in cut_windows(window, 1)}
        is_bad = len(days) > self.most_days or bool(days & self.bad)
        early = export_server.terminated_early
        self.answers = iter([early] if is_bad else [])
        return await super().handle_async_request(request)


def test_a_window_that_ends_early_twice_is_split(
    tmp_path: Path, quota: QuotaStore
) -> None:
    windows, said = cut_windows(DATES, 7), list[str]()
    server = EndsEarly()
    server.most_days = 2
    account = run(tmp_path, sending(server, quota), windows=windows, said=said)
    assert written_ids(tmp_path) == expected_ids(FIRST, LAST)
    assert account.stored == 35
    # Seven days, four and three of them; then halves that have two days at most.
    assert server.asked.total() == 2 + 2 + 2 + 4
    assert said[0].endswith(
        "Requesting 2026-01-01 to 2026-01-04 and 2026-01-05 to 2026-01-07 separately."
    )
    assert len(said) == 3


def test_a_day_that_always_ends_early_is_named_and_all_others_are_received(
    tmp_path: Path, quota: QuotaStore
) -> None:
    server = EndsEarly()
    server.most_days, server.bad = 7, frozenset({"2026-01-03", "2026-01-06"})
    with pytest.raises(JobError, match=r"of 2026-01-03, 2026-01-06 early") as e:
        run(tmp_path, sending(server, quota), windows=cut_windows(DATES, 7))
    assert e.value.exit_status == ExitStatus.NO_RESPONSE
    assert server.asked["2026-01-06"] == MAX_ATTEMPTS
    assert not (tmp_path / "out.ndjson").exists()
    server = EndsEarly()
    run(tmp_path, sending(server, quota), resumed=True)
    assert dict(server.asked) == {"2026-01-03": 1, "2026-01-06": 1}
    assert written_ids(tmp_path) == expected_ids(FIRST, LAST)


def test_a_window_that_cannot_be_split_for_want_of_space_stops_the_job(
    tmp_path: Path, quota: QuotaStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Journal, *_: object) -> None:
        raise StorageError(self.path, "The disk is full.")

    monkeypatch.setattr(Journal, "replace_source", fail)
    with pytest.raises(StorageError, match=r"^The disk is full\.$"):
        run(tmp_path, sending(EndsEarly(), quota))


def test_what_the_server_limits_is_not_split(tmp_path: Path, quota: QuotaStore) -> None:
    server = EndsEarly()
    with pytest.raises(JobError, match="of 2026-01-01 to 2026-01-02, "):
        run(tmp_path, sending(server, quota), can_split=False)
    assert max(server.asked.values()) == MAX_ATTEMPTS


@pytest.mark.parametrize("change", [b"", b"{}\n", b"\0" * 700])
def test_a_part_that_has_changed_is_fetched_again(
    tmp_path: Path, quota: QuotaStore, change: bytes
) -> None:
    """After a power cut a file may have less than the journal says."""
    answers = chain([export_server.whole], repeat(export_server.unavailable))
    with pytest.raises(JobError):
        run(tmp_path, sending(ExportServer(answers), quota))
    (part,) = received_folder(tmp_path / "jobs" / "a.db").glob("*.ndjson")
    part.write_bytes(change)
    server, said = ExportServer(), list[str]()
    run(tmp_path, sending(server, quota), resumed=True, said=said)
    assert written_ids(tmp_path) == expected_ids(FIRST, LAST)
    assert server.asked.total() == len(WINDOWS)
    assert len(said) == 1


def test_one_window_is_the_output_without_a_copy(
    tmp_path: Path, quota: QuotaStore
) -> None:
    run(tmp_path, sending(ExportServer(), quota), windows=cut_windows(DATES, 7))
    (part,) = received_folder(tmp_path / "jobs" / "a.db").glob("*.ndjson")
    assert part.samefile(tmp_path / "out.ndjson")
    assert written_ids(tmp_path) == expected_ids(FIRST, LAST)


@pytest.mark.parametrize("days", [2, 7])
def test_an_output_that_is_there_already_is_recognized(
    tmp_path: Path, quota: QuotaStore, days: int
) -> None:
    """The program may be killed after it named the file."""
    windows = cut_windows(DATES, days)
    run(tmp_path, sending(ExportServer(), quota), windows=windows)
    output = tmp_path / "out.ndjson"
    before = files.stamp(output)
    server = ExportServer()
    run(tmp_path, sending(server, quota), resumed=True)
    assert files.stamp(output) == before
    assert not server.asked
    output.write_bytes(b"mine")
    with pytest.raises(JobError, match="created by another program"):
        run(tmp_path, sending(server, quota), resumed=True)
    assert output.read_bytes() == b"mine"


@settings(max_examples=25)
@given(data=st.data())
def test_any_order_of_failures_gives_the_same_events(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    answers = data.draw(
        st.lists(st.sampled_from((export_server.whole, *export_server.INCOMPLETE)))
    )
    folder = tmp_path_factory.mktemp("export")
    store = QuotaStore(folder)
    run(folder, sending(ExportServer(iter(answers[: MAX_ATTEMPTS - 1])), store))
    assert written_ids(folder) == expected_ids(FIRST, LAST)
    store.close()


def test_the_wait_that_the_server_states_is_kept(
    tmp_path: Path, quota: QuotaStore
) -> None:
    waits: list[Wait] = []
    server = ExportServer(iter([export_server.too_many]))
    run(tmp_path, sending(server, quota, waits))
    assert [wait.seconds for wait in waits] == [7 + 1.5]


def test_a_stopped_export_goes_on_with_what_is_missing(
    tmp_path: Path, quota: QuotaStore
) -> None:
    server = ExportServer()
    how = sending(server, quota)
    journal = journal_of(tmp_path)

    async def stop_after_one() -> Account:
        async def send(
            request: PreparedRequest, *, sink: ResponseSink | None = None
        ) -> Dispatched:
            job.stop()
            return await how.send(request, sink=sink)

        stopping = replace(how, send=send)
        job = make_job(tmp_path, journal, stopping)
        account = await job.run()
        assert job.was_stopped
        return account

    account = asyncio.run(stop_after_one())
    journal.close()
    assert 0 < account.stored < 35
    assert not (tmp_path / "out.ndjson").exists()
    run(tmp_path, sending(server, quota), resumed=True)
    assert written_ids(tmp_path) == expected_ids(FIRST, LAST)
    assert set(server.asked.values()) == {1}


def test_a_stop_ends_the_wait_for_the_quota(tmp_path: Path, quota: QuotaStore) -> None:
    waits: list[Wait] = []
    how = sending(ExportServer(), quota, waits)
    journal = journal_of(tmp_path)

    async def start() -> Account:
        async def sleep(seconds: float) -> None:
            assert job.progress.limit is Limit.QUOTA
            job.stop()
            await asyncio.sleep(3600)

        async def free_in(_: PreparedRequest) -> float:
            return 600.0

        waiting = replace(how, sleep=sleep)
        gate = QuotaGate(waiting, free_in, a_second=3)
        job = make_job(tmp_path, journal, waiting, gate)
        return await job.run()

    assert asyncio.run(start()).stored == 0
    journal.close()
    assert waits == [Wait(601.0, "The quota is used up.")]


def test_an_export_goes_on_when_the_quota_has_room(
    tmp_path: Path, quota: QuotaStore
) -> None:
    how = sending(ExportServer(), quota)
    left = iter([30.0, 5.0])
    slept: list[float] = []
    journal = journal_of(tmp_path)

    async def start() -> Account:
        async def sleep(seconds: float) -> None:
            slept.append(seconds)

        async def free_in(_: PreparedRequest) -> float:
            return next(left, 0.0)

        waiting = replace(how, sleep=sleep)
        gate = QuotaGate(waiting, free_in, a_second=3, clock=lambda: 0.0)
        return await make_job(tmp_path, journal, waiting, gate).run()

    assert asyncio.run(start()).stored == 35
    journal.close()
    assert slept[:2] == [31.0, 6.0]


def test_requests_start_at_an_even_pace(tmp_path: Path, quota: QuotaStore) -> None:
    now = 1000.0
    starts: list[float] = []
    how = sending(ExportServer(), quota)

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    async def send(
        request: PreparedRequest, *, sink: ResponseSink | None = None
    ) -> Dispatched:
        starts.append(now)
        return await how.send(request, sink=sink)

    journal = journal_of(tmp_path)

    async def start() -> None:
        timed = replace(how, sleep=sleep, send=send)
        gate = QuotaGate(timed, no_quota, a_second=3, clock=lambda: now)
        await make_job(tmp_path, journal, timed, gate).run()

    asyncio.run(start())
    journal.close()
    gaps = [b - a for a, b in pairwise(starts)]
    assert gaps == pytest.approx([1 / 3] * (len(WINDOWS) - 1))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full disk")
@pytest.mark.parametrize("buffer", [16, 1 << 20])
def test_a_full_disk_stops_at_once_and_is_a_sentence(
    tmp_path: Path, quota: QuotaStore, monkeypatch: pytest.MonkeyPatch, buffer: int
) -> None:
    """While the body comes, or when the rest of it is written."""
    monkeypatch.setattr("mixtui.jobs.window_sink._BUFFER", buffer)
    parts = received_folder(tmp_path / "jobs" / "a.db")
    parts.mkdir(parents=True)
    full = parts / "00001.ndjson.part"
    full.symlink_to("/dev/full")
    server = ExportServer()
    with pytest.raises(StorageError, match=r"No space left on device\.$"):
        run(tmp_path, sending(server, quota))
    assert max(server.asked.values()) == 1
    assert not list(parts.glob("*.part"))
    run(tmp_path, sending(server, quota), resumed=True)
    assert written_ids(tmp_path) == expected_ids(FIRST, LAST)
    assert max(server.asked.values()) == 2


def test_an_output_that_cannot_be_written_costs_no_second_request(
    tmp_path: Path, quota: QuotaStore
) -> None:
    in_the_way = tmp_path / "out.ndjson.part"
    in_the_way.mkdir()
    server = ExportServer()
    with pytest.raises(StorageError, match=r"cannot be written: Is a directory\."):
        run(tmp_path, sending(server, quota))
    in_the_way.rmdir()
    run(tmp_path, sending(server, quota), resumed=True)
    assert written_ids(tmp_path) == expected_ids(FIRST, LAST)
    assert server.asked.total() == len(WINDOWS)


def lines_of(checker: LineChecker, *pieces: bytes) -> LineChecker:
    for piece in pieces:
        checker.feed(piece)
    checker.finish()
    return checker


GOOD = b'{"event":"a","properties":{"x":"\xc3\xa4"}}'


@pytest.mark.parametrize(
    ("body", "count", "problem"),
    [
        (b"", 0, ""),
        (GOOD + b"\n", 1, ""),
        (GOOD, 1, ""),
        (GOOD + b"\r\n\r\n" + GOOD + b"\n\n", 2, ""),
        (GOOD + b"\n" + GOOD[:-1], 1, "line 2 is not"),
        (GOOD + b"\nterminated early\n" + GOOD, 1, "line 2 is not"),
        (b'{"error":"x"}\n', 0, "line 1 is not"),
        (b"[]\n", 0, "line 1 is not"),
        (b"{" + GOOD + b"\n", 0, "line 1 is not"),
    ],
)
@pytest.mark.parametrize(
    "new", [LineChecker, QuickChecker, lambda: TypeChecker(PropertyTypes())]
)
def test_each_line_must_be_an_event_however_it_is_cut(
    new: Callable[[], LineChecker], body: bytes, count: int, problem: str
) -> None:
    for length in (len(body) or 1, 1, 13):
        checker = lines_of(
            new(), *(body[n : n + length] for n in range(0, len(body), length))
        )
        assert checker.count == count
        assert problem in checker.problem
        assert bool(problem) == bool(checker.problem)


@pytest.mark.parametrize(
    ("end", "problem"),
    [
        (b"", ""),
        (b"terminated early\n", "is not an event"),
        (b"terminated early", "is not an event"),
        (GOOD[:-1], "is not an event"),
        (GOOD[:-1] + b"\n", "is not an event"),
        (b'{"error":"x"}\n', "is not an event"),
        (b"\n" + GOOD, ""),
    ],
)
@pytest.mark.parametrize("length", [997, 4096, 1 << 18])
def test_behind_a_megabyte_lines_are_counted_and_the_end_is_checked(
    length: int, end: bytes, problem: str
) -> None:
    lines = [b'{"event":"a","properties":{"x":"%d"}}\n' % n for n in range(60_000)]
    body = b"".join(lines) + end
    pieces = [body[n : n + length] for n in range(0, len(body), length)]
    checker = lines_of(QuickChecker(), *pieces)
    assert problem in checker.problem
    assert bool(problem) == bool(checker.problem)
    if not problem:
        assert checker.count == len(lines) + end.count(GOOD)


def test_killed_exports_go_on_and_the_output_has_each_event_once() -> None:
    """Real processes; `python -m tests.jobs.export_kills` kills as many as one likes."""
    assert export_kills.run(2, seed=7) >= 2
