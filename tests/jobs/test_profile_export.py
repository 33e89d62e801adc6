"""Pages are collected once, whatever the server does and whenever the export dies."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mixtui.jobs.journal import JobDescription, Journal, create_journal, resume_journal
from mixtui.jobs.model import Account, JobError
from mixtui.jobs.profile_export import ProfileExport, ProfileQuery, query_request
from mixtui.jobs.sending import Sending
from mixtui.model.errors import StorageError
from mixtui.storage.quota import QuotaStore
from mixtui.system import CancelToken
from tests.exchanges import ENVIRONMENT
from tests.jobs.mixpanel import sending
from tests.jobs.test_record_import import Killed, dying

JOB = JobDescription(
    "profiles export", "demo", "123", "us", "https://example.com", "{}"
)
COUNT, SIZE = 47, 10
Answer = Callable[["Pages", httpx.Response], httpx.Response]


@dataclass
class Pages(httpx.AsyncBaseTransport):
    """Mixpanel's query of profiles."""

    answers: Iterator[Answer] = field(default_factory=lambda: iter(()))
    session: str = "s1"
    """What it keeps; a page of another is refused."""
    count: int = COUNT
    queries: int = 0
    requested: list[int] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        form = parse_qs((await request.aread()).decode())
        number = int(form.get("page", ["0"])[0])
        self.requested.append(number)
        self.queries += not number
        answer = next(self.answers, lambda _, response: response)
        return answer(self, self.page(number, form.get("session_id", [""])[0]))

    def page(self, number: int, session: str) -> httpx.Response:
        if number and session != self.session:
            error = "request for page in uncached query for params"
            return httpx.Response(400, json={"error": error})
        ids = range(self.count)[number * SIZE : (number + 1) * SIZE]
        results = [{"$distinct_id": f"u{n}", "$properties": {"n": n}} for n in ids]
        page = {"page": number, "page_size": SIZE, "session_id": self.session}
        values = {**page, "status": "ok", "total": COUNT, "results": results}
        return httpx.Response(200, json=values)


def fail(server: Pages, page: httpx.Response) -> httpx.Response:
    return httpx.Response(500, text="oops")


def reset(server: Pages, page: httpx.Response) -> httpx.Response:
    raise httpx.ReadError("reset")


def too_many(server: Pages, page: httpx.Response) -> httpx.Response:
    return httpx.Response(429, json={"error": "Query rate limit exceeded"})


def cut(server: Pages, page: httpx.Response) -> httpx.Response:
    return httpx.Response(200, content=page.content[:-40])


def unauthorized(server: Pages, page: httpx.Response) -> httpx.Response:
    return httpx.Response(401, json={"error": "Unauthorized"})


def expire(server: Pages, page: httpx.Response) -> httpx.Response:
    server.session = "s2"
    return page


@pytest.fixture
def quota(tmp_path: Path) -> Iterator[QuotaStore]:
    store = QuotaStore(tmp_path)
    yield store
    store.close()


class Exported:
    """The output of an export, and what it said."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.said: list[str] = []
        self.shortfall = ""

    def write(self, path: Path, token: CancelToken) -> None:
        lines = path.read_text().splitlines()
        self.ids = [json.loads(line)["$distinct_id"] for line in lines]

    async def run(self, journal: Journal, how: Sending) -> Account:
        request = query_request(ENVIRONMENT, ProfileQuery())
        job = ProfileExport(request, how, journal, self.write, self.said.append)
        account = await job.run()
        self.shortfall = job.shortfall
        return account


ALL = [f"u{n}" for n in range(COUNT)]


@pytest.mark.parametrize(
    "answers",
    [[], [fail, reset, fail], [too_many], [cut], [fail, cut] * 5],
)
def test_all_pages_are_there_once(
    tmp_path: Path, quota: QuotaStore, answers: list[Answer]
) -> None:
    server, exported = Pages(iter(answers)), Exported()
    journal = create_journal(tmp_path / "jobs" / "a.db", JOB, ())
    account = asyncio.run(exported.run(journal, sending(server, quota)))
    assert exported.ids == ALL
    assert (account.read, account.stored) == (COUNT, COUNT)
    assert account == journal.account()
    assert not exported.shortfall
    journal.close()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 14), max_size=5))
def test_an_export_that_is_killed_again_and_again_is_one_query(
    tmp_path_factory: pytest.TempPathFactory, points: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("killed")
    server, exported, store = Pages(), Exported(), QuotaStore(folder)
    path = folder / "jobs" / "a.db"
    create_journal(path, JOB, ()).close()
    how = sending(server, store)
    pages = path.with_suffix(".parts") / "profiles.ndjson"
    has_begun = False
    for after in points:
        journal = resume_journal(path)
        with contextlib.suppress(Killed):
            asyncio.run(exported.run(journal, dying(how, after)))
        has_begun = bool(journal.done(0))
        journal.close()
        if pages.exists():
            # Killed while it wrote a page.
            pages.write_bytes(pages.read_bytes() + b'{"$distinct_id": "ha')
    queries = server.queries + (not has_begun)
    journal = resume_journal(path)
    account = asyncio.run(exported.run(journal, how))
    assert exported.ids == ALL
    assert account.stored == COUNT == journal.account().stored
    assert server.queries == queries
    assert not exported.said
    journal.close()
    store.close()


def test_a_query_that_is_not_kept_starts_over(
    tmp_path: Path, quota: QuotaStore
) -> None:
    server, exported = (
        Pages(iter([*[lambda _, page: page] * 2, unauthorized])),
        Exported(),
    )
    path = tmp_path / "jobs" / "a.db"
    journal = create_journal(path, JOB, ())
    with pytest.raises(JobError, match="Page 3"):
        asyncio.run(exported.run(journal, sending(server, quota)))
    assert journal.account().stored == 2 * SIZE
    journal.close()
    server.session = "s2"
    journal = resume_journal(path)
    asyncio.run(exported.run(journal, sending(server, quota)))
    assert exported.ids == ALL
    assert exported.said == ["Mixpanel no longer keeps this query: starting over."]
    assert server.queries == 2
    journal.close()


def test_a_query_that_ends_under_way_can_be_resumed(
    tmp_path: Path, quota: QuotaStore
) -> None:
    server, exported = Pages(iter([lambda _, page: page, expire])), Exported()
    path = tmp_path / "jobs" / "a.db"
    journal = create_journal(path, JOB, ())
    with pytest.raises(JobError, match="Page 3"):
        asyncio.run(exported.run(journal, sending(server, quota)))
    journal.close()
    journal = resume_journal(path)
    asyncio.run(exported.run(journal, sending(server, quota)))
    assert exported.ids == ALL
    assert journal.account().stored == COUNT
    journal.close()


def test_an_export_that_is_stopped_goes_on_behind_the_last_page(
    tmp_path: Path, quota: QuotaStore
) -> None:
    server, exported = Pages(), Exported()
    path = tmp_path / "jobs" / "a.db"
    journal = create_journal(path, JOB, ())
    how = sending(server, quota)

    def stop(server: Pages, page: httpx.Response) -> httpx.Response:
        how.stop.set()
        return page

    server.answers = iter([lambda _, page: page, stop])
    asyncio.run(exported.run(journal, how))
    assert exported.ids == []
    journal.close()
    journal = resume_journal(path)
    asyncio.run(exported.run(journal, sending(server, quota)))
    assert exported.ids == ALL
    assert server.requested == [0, 1, 2, 3, 4]
    journal.close()


def test_an_output_that_failed_is_all_that_is_done_again(
    tmp_path: Path, quota: QuotaStore
) -> None:
    server, exported = Pages(), Exported()
    path = tmp_path / "jobs" / "a.db"
    journal = create_journal(path, JOB, ())
    how, failing = sending(server, quota), Exported()

    def fail_to_write(path: Path, token: CancelToken) -> None:
        raise StorageError(path, "The disk is full.")

    failing.write = fail_to_write  # type: ignore[method-assign]
    with pytest.raises(StorageError):
        asyncio.run(failing.run(journal, how))
    journal.close()
    journal = resume_journal(path)
    asyncio.run(exported.run(journal, replace(how, send=never)))
    assert exported.ids == ALL
    journal.close()


async def never(*_: object, **__: object) -> None:
    raise AssertionError("nothing more is to be sent")


def test_profiles_that_mixpanel_announced_and_left_out_are_said(
    tmp_path: Path, quota: QuotaStore
) -> None:
    server, exported = Pages(count=33), Exported()
    journal = create_journal(tmp_path / "jobs" / "a.db", JOB, ())
    account = asyncio.run(exported.run(journal, sending(server, quota)))
    assert account.stored == 33
    assert "ended the query at page 4 of 5" in exported.shortfall
    journal.close()
