"""Counting, judging and storing a request, whoever sends it."""

from __future__ import annotations

import asyncio
import dataclasses
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from mixtui.client.body import BodySink
from mixtui.client.client import Client
from mixtui.dispatch.dispatch import Completed, Dispatched, NoResponse, dispatch
from mixtui.dispatch.quota import QuotaGuard, exhausted
from mixtui.dispatch.recording import BodyLocation, HistoryRecorder
from mixtui.history.history import History, HistoryQuery
from mixtui.mixpanel.endpoints import Safety
from mixtui.model.draft import AuthChoice, Draft, Method
from mixtui.model.errors import CredentialError, ExitStatus, SettingsError, StorageError
from mixtui.model.exchange import Exchange
from mixtui.model.prepared import PreparedRequest
from mixtui.model.secrets import SecretReader
from mixtui.outcome.outcome import Outcome, OutcomeKind
from mixtui.outcome.quota import quota_accounts
from mixtui.storage.quota import QuotaStore
from mixtui.storage.settings import HistorySettings
from mixtui.system import CancelToken
from tests.exchanges import ENVIRONMENT, READER, SECRET, prepared

Handler = Callable[[httpx.Request], httpx.Response]
READ = prepared()
WRITE = prepared(
    Method.POST,
    "/query/events",
    auth=AuthChoice.SERVICE_ACCOUNT,
    safety=Safety.WRITE,
)
DRAFT = Draft(name="weekly")


@dataclass
class Sender:
    """A caller of `dispatch` with its own quota store and history."""

    folder: Path
    reports: list[str] = field(default_factory=list)
    changes: int = 0
    limits: HistorySettings = field(default_factory=HistorySettings)

    def __post_init__(self) -> None:
        self.quota = QuotaStore(self.folder)
        self.history = History(self.folder, self.limits)

    async def __call__(
        self,
        handler: Handler,
        request: PreparedRequest = READ,
        *,
        reader: SecretReader = READER,
        stored: bool = True,
        sink: Sink | None = None,
        cancel_token: CancelToken | None = None,
        on_head: Callable[[Exchange], None] | None = None,
    ) -> Dispatched:
        client = Client(reader, transport=httpx.MockTransport(handler))
        recorder = HistoryRecorder(
            lambda: self.history, DRAFT, None, report=self.reports.append
        )
        guard = QuotaGuard(
            self.quota,
            quota_accounts(request, ENVIRONMENT),
            report=lambda error: self.reports.append(str(error)),
            on_change=self._changed,
        )
        try:
            return await dispatch(
                request,
                client=client,
                quota=guard,
                history=recorder if stored else None,
                sink=sink,
                cancel_token=cancel_token,
                on_head=on_head,
            )
        finally:
            self.entry = recorder.entry
            await client.close()

    def _changed(self) -> None:
        self.changes += 1

    @property
    def counted(self) -> int:
        (account,) = quota_accounts(READ, ENVIRONMENT)
        return self.quota.status(account).used

    @property
    def outcomes(self) -> list[str]:
        """Outcome labels of the stored requests."""
        return [entry.outcome for entry in self.history.search(HistoryQuery())]

    @property
    def body(self) -> bytes:
        """The stored body of the only entry; empty if there is none."""
        assert self.entry is not None
        source = self.history.open_body(self.entry)
        return b"" if source is None else source.read(0, source.size)

    @property
    def body_note(self) -> str:
        assert self.entry is not None
        return self.history.record(self.entry).body_note


@dataclass
class Sink:
    """A body sink that returns a fixed location."""

    stores_body: bool = False
    location: BodyLocation = field(default_factory=BodyLocation)
    error: Exception | None = None
    file: BodySink | None = field(default_factory=io.BytesIO)
    finished: list[Outcome] = field(default_factory=list)

    async def finish(self, exchange: Exchange, outcome: Outcome) -> BodyLocation:
        self.finished.append(outcome)
        if self.error is not None:
            raise self.error
        return self.location


@pytest.fixture
def send(tmp_path: Path) -> Iterator[Sender]:
    sender = Sender(tmp_path / "state")
    yield sender
    sender.quota.close()
    sender.history.close()


def responding(
    status: int = 200, body: bytes = b"{}", headers: dict[str, str] | None = None
) -> Handler:
    return lambda request: httpx.Response(status, content=body, headers=headers)


def failing(error: type[httpx.TransportError]) -> Handler:
    def handler(request: httpx.Request) -> httpx.Response:
        raise error("no", request=request)

    return handler


OVER_LIMIT = responding(
    429, b'{"error": "exceeded the rate limit: 60 queries per hour"}'
)
COUNTER = responding(429, b'{"error": "61/60 queries running in the last hour."}')


@pytest.mark.parametrize(
    ("handler", "request_", "counted", "outcome"),
    [
        pytest.param(responding(), READ, 1, "accepted", id="accepted"),
        pytest.param(responding(400), READ, 1, "rejected", id="rejected"),
        pytest.param(responding(500), READ, 1, "server error", id="server error"),
        pytest.param(OVER_LIMIT, READ, 0, "quota exceeded", id="over the quota"),
        pytest.param(
            failing(httpx.ConnectError), READ, 0, "no response", id="not connected"
        ),
        pytest.param(
            failing(httpx.ConnectError),
            WRITE,
            0,
            "no response",
            id="write not connected",
        ),
    ],
)
async def test_each_result_is_counted_judged_and_stored_once(
    send: Sender,
    handler: Handler,
    request_: PreparedRequest,
    counted: int,
    outcome: str,
) -> None:
    dispatched = await send(handler, request_)
    assert send.counted == counted
    assert dispatched.outcome.kind.value == outcome
    (stored_outcome,) = send.outcomes
    assert stored_outcome.startswith(outcome)
    assert send.entry == 1
    assert send.reports == []


async def test_no_response_is_a_result_and_not_an_exception(send: Sender) -> None:
    dispatched = await send(failing(httpx.ConnectError))
    assert isinstance(dispatched, NoResponse)
    assert dispatched.outcome.exit_status == ExitStatus.NO_RESPONSE
    assert str(dispatched.error) == dispatched.outcome.detail


async def test_a_request_without_a_recorder_is_counted_and_not_stored(
    send: Sender,
) -> None:
    dispatched = await send(responding(), stored=False)
    assert isinstance(dispatched, Completed)
    assert (send.counted, send.outcomes, send.entry) == (1, [], None)


@pytest.mark.parametrize(
    "error", [CredentialError("no secret"), SettingsError("no certificate")]
)
async def test_a_request_that_could_not_be_sent_is_neither_counted_nor_stored(
    send: Sender, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object, **__: object) -> Exchange:
        raise error

    monkeypatch.setattr(Client, "send", refuse)
    with pytest.raises(type(error)):
        await send(responding())
    assert (send.counted, send.outcomes) == (0, [])


async def test_a_429_replaces_the_count_by_that_of_the_server(send: Sender) -> None:
    await send(responding())
    await send(COUNTER)
    assert send.counted == 60
    (account,) = quota_accounts(READ, ENVIRONMENT)
    quota = exhausted(send.quota, (account,))
    assert quota is not None
    assert quota.account == account


async def test_an_account_with_slots_is_not_exhausted(send: Sender) -> None:
    await send(responding())
    assert exhausted(send.quota, quota_accounts(READ, ENVIRONMENT)) is None


async def test_a_changed_count_is_reported(send: Sender) -> None:
    await send(responding())
    assert send.changes == 1
    await send(failing(httpx.ConnectError))
    assert send.changes == 3


# Cancelling


class Stalling(httpx.AsyncByteStream):
    """A body that stalls after its first bytes."""

    async def __aiter__(self):
        yield b"12345"
        await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("request_", "kind"),
    [(READ, OutcomeKind.NO_RESPONSE), (WRITE, OutcomeKind.MAYBE_DONE)],
    ids=["read", "write"],
)
async def test_a_cancelled_request_stays_counted_and_is_stored(
    send: Sender, request_: PreparedRequest, kind: OutcomeKind
) -> None:
    arrived = asyncio.Event()

    async def handler(request: httpx.Request) -> httpx.Response:
        arrived.set()
        await asyncio.Event().wait()
        raise AssertionError

    task = asyncio.create_task(send(handler, request_))
    await arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert send.counted == 1
    assert send.outcomes == ["cancelled"]
    assert send.history.record(1).outcome.kind is kind
    assert send.history.record(1).response is None


async def test_a_stopped_body_is_stored_as_far_as_received(send: Sender) -> None:
    token = CancelToken()

    def stop_soon(exchange: Exchange) -> None:
        asyncio.get_running_loop().call_later(0.01, token.cancel)

    dispatched = await send(
        lambda request: httpx.Response(200, stream=Stalling()),
        cancel_token=token,
        on_head=stop_soon,
    )
    assert isinstance(dispatched, Completed)
    assert dispatched.outcome.kind is OutcomeKind.INCOMPLETE
    assert send.body == b"12345"


async def test_cancelling_while_a_sink_finishes_stores_the_response(
    send: Sender,
) -> None:
    finishing = asyncio.Event()

    @dataclass
    class Slow(Sink):
        async def finish(self, exchange: Exchange, outcome: Outcome) -> BodyLocation:
            finishing.set()
            await asyncio.Event().wait()
            return BodyLocation()

    task = asyncio.create_task(send(responding(body=b"[1]"), sink=Slow()))
    await finishing.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert send.outcomes == ["accepted"]
    assert send.body == b"[1]"


# Bodies


@pytest.mark.parametrize(
    ("sink", "body", "note"),
    [
        pytest.param(None, b"[123]", "", id="in memory"),
        pytest.param(Sink(file=None), b"[123]", "", id="sink without a file"),
        pytest.param(Sink(), b"[123]", "", id="copied"),
        pytest.param(
            Sink(True, BodyLocation(b"from the sink")),
            b"from the sink",
            "",
            id="kept by the sink",
        ),
        pytest.param(
            Sink(True, BodyLocation(path=Path("/tmp/out.json"))),
            b"",
            "The body was written to /tmp/out.json.",
            id="in a file of the person's",
        ),
        pytest.param(Sink(True), b"", "The body was not stored.", id="lost"),
        pytest.param(
            Sink(False, BodyLocation(b"filtered")), b"[123]", "", id="copy wins"
        ),
    ],
)
async def test_a_body_is_stored_from_where_it_is(
    send: Sender, sink: Sink | None, body: bytes, note: str
) -> None:
    if sink is not None and sink.file is not None:
        sink = dataclasses.replace(sink, file=io.BytesIO(), finished=[])
    await send(responding(body=b"[123]"), sink=sink)
    assert (send.body, send.body_note) == (body, note)
    if sink is not None:
        assert [outcome.kind for outcome in sink.finished] == [OutcomeKind.ACCEPTED]


async def test_a_copy_ends_where_the_history_has_no_more_room(tmp_path: Path) -> None:
    send = Sender(tmp_path / "small", limits=HistorySettings(max_bytes=10))
    sink = Sink()
    await send(responding(body=b"12345678901"), sink=sink)
    assert isinstance(sink.file, io.BytesIO)
    assert sink.file.getvalue() == b"12345678901"
    assert send.body == b""
    assert send.body_note == ("The body was not stored: it exceeds history.bytes.")
    send.quota.close()
    send.history.close()


async def test_a_sink_that_fails_raises_after_the_response_was_stored(
    send: Sender,
) -> None:
    with pytest.raises(BrokenPipeError):
        await send(responding(body=b"[123]"), sink=Sink(error=BrokenPipeError()))
    assert send.outcomes == ["accepted"]
    assert send.body == b"[123]"


async def test_no_secret_is_stored(send: Sender) -> None:
    authorizations: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        authorizations.append(request.headers["authorization"])
        return httpx.Response(200, content=b"1")

    await send(handler, WRITE)
    assert authorizations
    for path in send.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert SECRET.encode() not in content
            assert authorizations[0].encode() not in content


# Opting out and failing stores


@pytest.mark.parametrize("opt_out", ["settings", "request"])
async def test_a_request_that_is_not_recorded_makes_no_copy_of_its_body(
    tmp_path: Path, opt_out: str
) -> None:
    limits = HistorySettings(enabled=opt_out != "settings")
    send = Sender(tmp_path / "state", limits=limits)
    sink = Sink()
    await send(
        responding(body=b"body"),
        replace(READ, history=opt_out != "request"),
        sink=sink,
    )
    assert send.entry is None
    assert not (tmp_path / "state" / "bodies").exists()
    send.quota.close()


async def test_failing_stores_are_reported_and_nothing_else_happens(
    tmp_path: Path,
) -> None:
    (tmp_path / "state").write_text("a file in the way")
    send = Sender(tmp_path / "state")
    sink = Sink()
    dispatched = await send(responding(body=b"body"), sink=sink)
    assert isinstance(dispatched, Completed)
    assert isinstance(sink.file, io.BytesIO)
    assert sink.file.getvalue() == b"body"
    count_report, history_report = send.reports
    assert (
        "quota cannot be counted" in count_report or "cannot be created" in count_report
    )
    assert history_report.startswith("Not stored in the history: ")


async def test_a_correction_that_cannot_be_written_is_reported(
    send: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: QuotaStore, correction: object) -> None:
        raise StorageError(self.folder, "The disk failed.")

    monkeypatch.setattr(QuotaStore, "correct", broken)
    await send(COUNTER)
    assert send.reports == ["The disk failed."]
    assert send.counted == 0


async def test_an_accepted_request_ends_a_wait_that_a_429_stated(send: Sender) -> None:
    (account,) = quota_accounts(READ, ENVIRONMENT)

    def refuse(request: httpx.Request) -> httpx.Response:
        return httpx.Response(429, headers={"Retry-After": "3600"}, json={})

    await send(refuse)
    assert send.quota.status(account).blocked_until is not None
    await send(lambda request: httpx.Response(200, json={}))
    assert send.quota.status(account).blocked_until is None


async def test_a_quota_that_fails_is_reported_once_a_send(tmp_path: Path) -> None:
    (tmp_path / "state" / "quota.db").mkdir(parents=True)
    send = Sender(tmp_path / "state")
    await send(responding(429, body=b"{}"), stored=False)
    (report,) = send.reports
    assert "quota cannot be counted" in report
