"""The controllers of the main screen without a screen: no app runs, and keys answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from textual.worker import WorkerCancelled

from mixtui.actions import ACTIONS
from mixtui.model.draft import Draft
from mixtui.model.environment import Environment
from mixtui.model.errors import Field, MixtuiError
from mixtui.model.quota import QuotaStatus
from mixtui.storage.location import Location
from mixtui.storage.paths import BODIES, state_dir
from mixtui.ui.dialogs.dialogs import Dialog, FolderDialog, _Question
from mixtui.ui.dialogs.saving import SaveChoice
from mixtui.ui.main.collection.arranging import TreeController
from mixtui.ui.main.collection.controller import CollectionController
from mixtui.ui.main.collection.outside import OutsideChanges
from mixtui.ui.main.history import HistoryController
from mixtui.ui.main.inputs import InputController
from mixtui.ui.main.names import ProjectNamesController
from mixtui.ui.main.next_actions import NextActions
from mixtui.ui.main.quota import QuotaController
from mixtui.ui.main.runs import RequestRuns
from mixtui.ui.main.send import SendController
from mixtui.ui.main.top_bar import quota_label
from mixtui.ui.main.trust import TrustController
from mixtui.ui.request.body_editor import BodyEditor
from mixtui.ui.response.pane import ResponsePane
from mixtui.ui.response.state import RequestRun, RequestSlot, ResponseState
from tests.processes import PATIENCE
from tests.ui.app import (
    PROD,
    READ_ONLY,
    Handler,
    make_client,
    make_session,
    respond,
    write_request,
)

Answer = str | Path | Location | None
"""To a question the letter of a choice, "enter" for the one that it starts at, or
"escape"; to another dialog its result."""


class TaskWorker:
    """Takes the place of a worker of Textual: a task of the event loop."""

    def __init__(self, work: Coroutine[None, None, None], group: str) -> None:
        self.group = group
        self._task = asyncio.ensure_future(work)

    @property
    def is_finished(self) -> bool:
        return self._task.done()

    def cancel(self) -> None:
        self._task.cancel()

    async def wait(self) -> None:
        try:
            await asyncio.shield(self._task)
        except asyncio.CancelledError:
            if not self._task.cancelled():
                raise
            raise WorkerCancelled("Cancelled.") from None


class FakeTree:
    """Takes the place of the tree of saved requests."""

    tags = ()
    shown_paths = None

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *args, **kwargs: None


class FakeRequestPane:
    """Remembers where a controller led to: a tab, and a line and column of the body.

    It has no fields.
    """

    def __init__(self) -> None:
        self.location: object = None
        self.hints = ()

    def query(self, kind: type) -> tuple[()]:
        return ()

    async def focus_tab(self, tab: str) -> None:
        self.location = tab

    async def focus_field(self, field: Field) -> None:
        self.location = field

    async def show_tab(self, tab: str) -> BodyEditor:
        pane = self

        class Editor(BodyEditor):
            def go_to(self, line: int, column: int) -> None:
                pane.location = tab, line, column

        return Editor(check=lambda body: None)


class FakeResponsePane(SimpleNamespace):
    """Has no table, and a body whose cursor may be put on a JSON path."""

    def __init__(self) -> None:
        body = SimpleNamespace(location="", has_focus_within=False)
        super().__init__(view=object(), body=body)
        self._pane = ResponsePane()

    def query(self, kind: type) -> tuple[()]:
        return ()

    def put_cursor_on(self, path: str) -> None:
        self.body.location, self.body.has_focus_within = path, True

    def choose_rejected(self, *args: Any) -> int:
        return self._pane.choose_rejected(*args)


class ControllerHost:
    """Takes the place of the main screen for its controllers.

    Args:
        root: Holds the collection and the config.
        handler: Takes the place of the network.
        environments: The first is in use.
    """

    def __init__(
        self,
        root: Path,
        handler: Handler = respond,
        environments: tuple[Environment, ...] = (PROD, READ_ONLY),
    ) -> None:
        self.session = session = make_session(root, environments)
        self.draft = Draft()
        self.title = ""
        """What other programs did to the file of the draft, as the title says it."""
        self.answers: list[Answer] = []
        """To the next dialogs; without one a dialog stays open."""
        self.questions: list[str] = []
        """The texts of the questions asked."""
        self.dialogs: list[Dialog[Any]] = []
        """The dialogs shown."""
        self.messages: list[str] = []
        self.shown: list[ResponseState] = []
        """The states of the current slot that were shown."""
        self.growths = 0
        self.quota_text = ""
        self.focused: object = None
        self.focused_request = False
        self.opened_environments = False
        self._workers: list[TaskWorker] = []
        self.saved_requests = FakeTree()
        self.request_pane = FakeRequestPane()
        self.response_pane = FakeResponsePane()
        self.app = SimpleNamespace(screen=self.request_pane)
        self.pane_layout = FakeTree()
        self.pane_layout.refreshed = self._refreshed
        state = state_dir()
        self.collection = CollectionController(self)
        self.tree = TreeController(self, self.collection)
        self.outside = OutsideChanges(self, self.collection)
        self.collection.listed = self.outside.check_soon
        self.quota = QuotaController(self, state, self._show_quota)
        self.history = HistoryController(self, self.collection, self.send, self._copy)
        self.runs = RequestRuns(
            self,
            lambda: make_client(session, handler),
            state / BODIES,
            self.history,
            self.quota,
        )
        self.trust = TrustController(self)
        self.names = ProjectNamesController(self, self.runs.send_quietly)
        self.inputs = InputController(self, self.collection, self.names)
        self.sender = SendController(
            self,
            self.collection,
            self.quota,
            self.runs,
            self.trust,
            self.inputs,
        )
        self.next_actions = NextActions(
            self,
            self.collection,
            self.runs,
            self.sender,
            self.pane_layout,
            self._open_environments,
        )

    # What controllers ask for

    actions = ACTIONS
    is_in_edit = False
    is_active = True

    def update_draft(self, draft: Draft) -> None:
        self.draft = draft

    def show_title(self) -> None:
        self.title = self.collection.file_state.label

    @property
    def environment(self) -> Environment:
        return self.session.environment

    @property
    def slot(self) -> RequestSlot:
        return self.collection.slot

    async def ask(self, dialog: Dialog[Any], *, unprompted: bool = False) -> Any:
        question = isinstance(dialog, _Question)
        title = getattr(dialog, "_box_title", "")
        self.questions.append(dialog._question if question else title)
        self.dialogs.append(dialog)
        await self.until(lambda: self.answers)
        answer = self.answers.pop(0)
        if answer == "escape":
            return dialog._given_up
        if isinstance(answer, Path) and not isinstance(dialog, FolderDialog):
            return SaveChoice(answer, as_shown=False, overwrite=False)
        if not question:
            return answer
        if answer == "enter":
            return dialog._choices[dialog._start][2]
        return {key: value for key, _, value in dialog._choices}[answer]

    def notify_text(self, sentence: str, *, severity: str = "information") -> None:
        self.messages.append(sentence)

    def run_worker(
        self,
        work: Callable[[], Coroutine[None, None, None]],
        *,
        group: str,
        exclusive: bool = False,
    ) -> TaskWorker:
        if exclusive:
            for worker in self._workers:
                if worker.group == group:
                    worker.cancel()
        worker = TaskWorker(work(), group)
        self._workers.append(worker)
        return worker

    def run_guarded(self, work: Awaitable[object]) -> TaskWorker:
        return self.run_worker(lambda: self._guard(work), group="actions")

    async def _guard(self, work: Awaitable[object]) -> None:
        try:
            await work
        except MixtuiError as error:
            self.notify_text(str(error))

    def set_timer(self, delay: float, callback: Callable[[], object]) -> object:
        timer = asyncio.get_running_loop().call_later(delay, callback)
        return SimpleNamespace(stop=timer.cancel)

    def set_focus(self, widget: object) -> None:
        self.focused = widget

    def focus_request(self) -> None:
        self.focused_request = True

    def show_slot(self) -> None:
        self.shown.append(self.slot.state)

    def run_changed(self, run: RequestRun) -> None:
        if run is self.slot.run:
            self.show_slot()

    def run_grown(self, run: RequestRun) -> None:
        self.growths += run is self.slot.run

    async def _refreshed(self) -> None:
        """Nothing is drawn."""

    async def _open_environments(self) -> None:
        self.opened_environments = True

    async def _copy(self, pieces: Iterable[str], what: str, file: str) -> None:
        raise AssertionError("nothing is copied here")

    def _show_quota(self, standing: QuotaStatus | None, now: float) -> bool:
        self.quota_text = quota_label(standing, now).text
        return True

    # What tests do

    @property
    def state(self) -> ResponseState:
        return self.slot.state

    @property
    def message(self) -> str:
        return "\n".join(self.messages)

    @property
    def body(self) -> str:
        """The lines of the body shown."""
        document = self.slot.run.document if self.slot.run else None
        lines = document.line_count if document else 0
        return "\n".join(document.line(index) for index in range(lines))

    async def send(self, *, later: bool = False) -> None:
        await self.sender.ask_and_send(later=later)

    async def start(self, draft: Draft | None = None) -> RequestRun:
        """Send the draft, or another one, and return its run, which goes on."""
        self.draft = self.draft if draft is None else draft
        await self.send()
        assert self.slot.run is not None, self.message
        return self.slot.run

    async def open_and_start(self, path: Path) -> RequestRun:
        await self.collection.open(path)
        return await self.start()

    def act(self, action: str, *answers: Answer) -> None:
        """Begin a next action, and answer its questions."""
        self.answers += answers
        self.run_guarded(self.next_actions.run(action))

    async def finished(self, group: str) -> None:
        """Wait until the workers of a group have ended."""
        await self.until(
            lambda: all(w.is_finished for w in self._workers if w.group == group)
        )

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until a condition holds.

        Raises:
            TimeoutError: It does not hold in time.
        """
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110
                await asyncio.sleep(0.001)

    async def idle(self) -> None:
        """Wait until no worker runs; raise what one did not expect."""
        await self.until(lambda: all(worker.is_finished for worker in self._workers))
        for worker in self._workers:
            with suppress(WorkerCancelled):
                await worker.wait()

    async def close(self) -> None:
        await self.runs.end()
        for worker in self._workers:
            worker.cancel()
            with suppress(WorkerCancelled):
                await worker.wait()
        await self.runs.close()
        self.history.close()
        self.quota.close()


@asynccontextmanager
async def controllers(
    root: Path,
    handler: Handler = respond,
    environments: tuple[Environment, ...] = (PROD, READ_ONLY),
) -> AsyncIterator[ControllerHost]:
    """A host that closes what its controllers opened."""
    host = ControllerHost(root, handler, environments)
    try:
        yield host
    finally:
        await host.close()


def write_gets(root: Path, *names: str) -> list[Path]:
    """Saved requests that read the path of their name."""
    return [
        write_request(
            root,
            f"{name}.toml",
            f'name = "{name}"\nmethod = "GET"\napi = "query"\nurl = "/{name}"\n',
        )
        for name in names
    ]
