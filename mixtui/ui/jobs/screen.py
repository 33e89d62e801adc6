"""The screen of jobs: those of this machine, whichever program runs them."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import Worker

from mixtui.actions import ACTIONS, Action, Scope, in_scope
from mixtui.jobs.model import RejectedRecord
from mixtui.jobs.registry import (
    JobRecord,
    StartedJob,
    list_jobs,
    refuse_resume,
    rejected_records,
    remove_job,
    request_stop,
    wait_until_stopped,
)
from mixtui.key_names import key_of
from mixtui.model.errors import ExitStatus, MixtuiError
from mixtui.system import working_folder
from mixtui.text import sanitize
from mixtui.ui.dialogs.dialogs import ChoiceDialog, ConfirmDialog
from mixtui.ui.jobs.labels import LIST_WIDTH, JobRate, job_details, job_label
from mixtui.ui.jobs.start import NewJob, StartJobDialog
from mixtui.ui.keys.hints import KeyHints
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.widgets.option_list import MotionList, ScrollPage
from mixtui.ui.widgets.screen import CancelsWorkersOnPrune, StyledOnce

if TYPE_CHECKING:
    from mixtui.ui.sql.screen import SqlScreen

PERIOD = 1.0
"""Seconds between two looks at the journals."""
_WINDOW = 10
"""Looks over which a rate is measured."""
_SHOWN_REJECTED = 20
_STOPPING = 60.0
"""Seconds in which a job that is cancelled must end, to be removed."""
_BACK = Action("jobs.leave", ("escape",), "Back", "Go back.", "")
"""Only for the key hints: escape goes back whatever keys users choose."""


class JobList(MotionList):
    """The jobs, the last changed first."""


class JobsScreen(StyledOnce, CancelsWorkersOnPrune, ModalScreen[None]):
    """Start, watch, pause, resume and remove jobs. They run in programs of their own.

    Args:
        state: The state folder, which has the journals.
        environment: The name of the one that new jobs use.
        variables: Of the programs of new jobs, besides those of this one.
        actions: Every action, with the user's keys; empty = the default ones.
    """

    DEFAULT_CSS = (
        """
    JobsScreen { align: center middle; }
    JobsScreen > #box {
        width: 100%; max-width: 116; height: 100%; max-height: 34;
        border: round $border; border-title-color: $text-primary;
        border-title-style: bold; background: $background;
    }
    JobsScreen #panes { height: 1fr; layout: horizontal; }
    JobsScreen JobList {
        width: """
        + f"{LIST_WIDTH}"
        + """; height: 100%; padding: 0; background: $background;
        border: none; border-right: vkey $border-blurred; scrollbar-size-vertical: 1;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    JobsScreen JobList:focus {
        border: none; border-right: vkey $border; background-tint: transparent;
    }
    JobsScreen #details {
        width: 1fr; height: 100%; padding: 0 1; scrollbar-size-vertical: 1;
    }
    JobsScreen #details Static { height: auto; }
    JobsScreen #say { height: auto; max-height: 4; padding: 0 1; display: none; }
    JobsScreen #say.-error { color: $text-error; }
    JobsScreen.-empty JobList { display: none; }
    JobsScreen.-narrow #panes { layout: vertical; }
    JobsScreen.-narrow JobList {
        width: 100%; height: auto; max-height: 40%; border: none;
    }
    JobsScreen.-narrow #details { height: 1fr; border-top: solid $border-blurred; }
    JobsScreen.-narrow.-empty #details { border: none; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Scope.JOBS),
        Binding("escape", "leave", "Back", show=False),
        Binding("shift+f2,f14", "leave", "Back", show=False, id="jobs"),
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (90, "-normal")]
    job_list = getters.query_one(JobList)
    key_hints = getters.query_one(KeyHints)
    details_text = getters.query_one("#details Static", Static)
    note = getters.query_one("#say", Static)

    def __init__(
        self,
        state: Path,
        environment: str,
        *,
        variables: dict[str, str] | None = None,
        actions: Sequence[Action] = (),
    ) -> None:
        super().__init__()
        self._state, self._environment = state, environment
        self._all_actions = tuple(actions)
        self._variables = variables or {}
        self._actions = in_scope(Scope.JOBS, actions or ACTIONS)
        self._jobs: tuple[JobRecord, ...] = ()
        self._rejected: list[RejectedRecord] = []
        self._looks: dict[str, deque[tuple[float, JobRecord]]] = {}
        self._shown: Callable[[int], Content] | None = None
        """The details of the job under the cursor, for a width."""
        self._before: tuple[JobRecord, ...] | None = None
        """The jobs when one was started here whose journal is not there yet."""

    def compose(self) -> ComposeResult:
        box = Vertical(id="box")
        box.border_title = "Jobs"
        with box:
            with Container(id="panes"):
                yield JobList()
                with ScrollPage(id="details"):
                    yield Static()
            yield Static(id="say")
            yield KeyHints()

    async def on_mount(self) -> None:
        """Show the jobs, now and again and again."""
        await self._look()
        self.job_list.focus()
        self.set_interval(PERIOD, self._look)

    @property
    def chosen(self) -> JobRecord | None:
        """The job under the cursor."""
        index = self.job_list.highlighted
        return None if index is None else self._jobs[index]

    def action_leave(self) -> None:
        """Go back; jobs go on."""
        if self.is_current:
            self.dismiss(None)

    def action_start(self) -> None:
        """Ask what a new job does, show its plan, and start it."""

        def asked(job: NewJob | None) -> None:
            if job is not None:
                plan = partial(self._plan, job)
                _: Worker[None] = self.run_worker(plan, group="plan", exclusive=True)

        self.app.push_screen(StartJobDialog(self._environment, working_folder()), asked)

    def action_pause(self) -> None:
        """Let the job stop."""
        if (job := self.chosen) is not None:
            self._attempt(partial(request_stop, self._state, job.name))

    def action_resume(self) -> None:
        """Continue the job in the background."""
        if (job := self.chosen) is None:
            return
        if not job.can_resume:
            self._set_note(str(refuse_resume(job)))
            return
        self._start(("jobs", "resume", job.name), Path(job.start.folder))

    async def action_query(self) -> None:
        """Ask the files of a finished export with SQL."""
        if (job := self.chosen) is None:
            return
        if not job.exported:
            self._set_note(f"{job.name} has not written files that SQL could read.")
            return
        self.app.push_screen(await self._open_sql(job.exported))

    def action_remove(self) -> None:
        """Cancel the job, or forget it, once confirmed."""
        if (job := self.chosen) is None:
            return
        verb = "Cancel" if job.is_running else "Remove"
        doubt = "" if job.is_running or not job.may_run else "It may be running. "
        question = (
            f"{doubt}Stored records stay stored, but the job can no longer be resumed. "
            f"{verb} {job.name}?"
        )

        def answered(yes: bool | None) -> None:
            if yes:
                self._attempt(partial(_cancel_and_remove, self._state, job))

        dialog = ConfirmDialog(
            question, yes=verb, no="Keep", title=f"{verb} job", dangerous=True
        )
        self.app.push_screen(dialog, answered)

    @on(OptionList.OptionHighlighted)
    async def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        await self._show_details()

    async def _plan(self, job: NewJob) -> None:
        """Show what the job would do, as the command line says it, and start it."""
        words = (*job.arguments, "--dry-run")
        try:
            planned = StartedJob(words, job.folder, self._variables)
            status, output = await asyncio.to_thread(planned.wait)
        except MixtuiError as error:
            self._set_note(str(error), wrong=True)
            return
        if status:
            self._set_note(_last_line(output), wrong=True)
            return
        lines = "\n".join(map(sanitize, output.strip().splitlines()))
        dialog = ChoiceDialog(
            "Start this job?",
            (("s", "Start", True), ("b", "Back", False)),
            title="Plan",
            details=ScrollPage(Static(Content(lines))),
        )
        if await self.app.push_screen_wait(dialog):
            self._start(job.confirmed, job.folder)

    def _start(self, words: Sequence[str], folder: Path) -> None:
        """Start a job in the background, and say so if it fails at once."""

        async def watch() -> None:
            try:
                started = StartedJob(words, folder, self._variables)
                status, output = await asyncio.to_thread(started.wait)
            except MixtuiError as error:
                self._set_note(str(error), wrong=True)
                return
            # Why it stopped, or the account; a stop that was asked for is known.
            is_asked = status == ExitStatus.INTERRUPTED
            self._set_note("" if is_asked else _last_line(output), wrong=bool(status))

        self._before = self._jobs
        # Not exclusive: each job is watched until it ends, or this screen does.
        _: Worker[None] = self.run_worker(watch, group="jobs")
        self._set_note("Started.")

    def _attempt(self, work: Callable[[], str]) -> None:
        """Do what blocks, and show what it says."""

        async def attempt() -> None:
            try:
                done = await asyncio.to_thread(work)
            except MixtuiError as error:
                self._set_note(str(error), wrong=True)
            else:
                self._set_note(done)
            await self._look()

        _: Worker[None] = self.run_worker(attempt, group="attempt")

    async def _look(self) -> None:
        """Read the journals, and show what is new."""
        jobs = await asyncio.to_thread(list_jobs, self._state)
        now = time.monotonic()
        for job in jobs:
            looks = self._looks.setdefault(job.name, deque(maxlen=_WINDOW))
            looks.append((now, job))
        if jobs == self._jobs and self.job_list.option_count == len(jobs):
            if not jobs:
                self._show_empty()
            return
        chosen = self._begun(jobs) or self.chosen
        names = [job.name for job in jobs]
        self._jobs = jobs
        if names == [str(option.id) for option in self.job_list.options]:
            for job in jobs:
                self.job_list.replace_option_prompt(job.name, job_label(job))
        else:
            self.job_list.set_options(Option(job_label(j), id=j.name) for j in jobs)
            if jobs:
                self.job_list.highlighted = 0
        if chosen is not None and chosen.name in names:
            self.job_list.highlighted = names.index(chosen.name)
        self.set_class(not jobs, "-empty")
        await self._show_details()

    def _begun(self, jobs: Sequence[JobRecord]) -> JobRecord | None:
        """Return the job that was started here, the first time that it is seen."""
        if self._before is None:
            return None
        idle = {job.name: job.changed for job in self._before if not job.is_running}
        running = {job.name for job in self._before if job.is_running}
        for job in jobs:
            if job.name not in running and job.changed > idle.get(job.name, 0):
                self._before = None
                return job
        return None

    def _show_hints(self) -> None:
        """Show the keys that do something, with the job under the cursor."""
        job = self.chosen
        names = {"start"}
        if job is not None:
            names |= {action.name for action in self._actions}
            names -= set() if job.exported else {"query"}
        shown = [action for action in self._actions if action.name in names]
        self.key_hints.show([*shown, _BACK])

    async def _open_sql(self, files: Sequence[str]) -> SqlScreen:
        from mixtui.ui.sql.opening import make_sql_screen

        return await make_sql_screen(
            files, working_folder(), self._state, self._all_actions
        )

    async def _show_details(self) -> None:
        self._show_hints()
        if (job := self.chosen) is None:
            self._show_empty()
            return
        rejected: list[RejectedRecord] = []
        if job.account.rejected:
            read = partial(rejected_records, self._state, job.name, _SHOWN_REJECTED)
            try:
                rejected = await asyncio.to_thread(read)
            except MixtuiError as error:
                self._set_note(str(error), wrong=True)
        self._shown = partial(job_details, job, self._rate(job), rejected)
        self.details_text.update(self._shown(self._details_width))

    @property
    def _details_width(self) -> int:
        return self.query_one("#details", ScrollPage).scrollable_content_region.width

    def on_resize(self) -> None:
        """Wrap the details anew, once they have their new width."""

        def wrap() -> None:
            if self._shown is not None and self.chosen is not None:
                self.details_text.update(self._shown(self._details_width))

        self.call_after_refresh(wrap)

    def _show_empty(self) -> None:
        self.set_class(True, "-empty")
        self._show_hints()
        self.details_text.update(_welcome())

    def _rate(self, job: JobRecord) -> JobRate | None:
        looks = self._looks.get(job.name)
        if not looks or looks[-1][0] <= looks[0][0]:
            return None
        (began, first), (ended, last) = looks[0], looks[-1]
        seconds = ended - began
        return JobRate(
            (last.account.read - first.account.read) / seconds,
            (last.progress.done - first.progress.done) / seconds,
        )

    def _set_note(self, sentence: str, *, wrong: bool = False) -> None:
        self.note.update(Content(sanitize(sentence)))
        self.note.set_class(wrong, "-error")
        self.note.display = bool(sentence)


def _cancel_and_remove(state: Path, job: JobRecord) -> str:
    """Stop a job, wait until it ended, and remove it; say so. Blocking.

    Raises:
        JobError: It does not end.
        StorageError: It cannot be stopped or removed.
    """
    if job.is_running:
        request_stop(state, job.name)
        wait_until_stopped(state, job.name, _STOPPING)
    remove_job(state, job.name)
    return f"Removed {job.name}."


def _last_line(output: str) -> str:
    lines = output.strip().splitlines()
    return lines[-1].removeprefix("mixtui: ") if lines else ""


def _welcome() -> Content:
    """Explain jobs when there is none."""
    return Content("\n\n").join(
        [
            Content.styled("No jobs yet.", "bold $text-primary"),
            Content(
                "A job moves many records: it imports or exports events, profiles or "
                "groups, accounts for each record, and can be paused and resumed."
            ),
            Content(
                "Jobs run in programs of their own. They go on when mixtui ends, and "
                "those of the command line and of cron are listed here, too."
            ),
            Content.assemble(
                (f" {key_of('jobs.start')} ", "bold reverse"), " Start a job"
            ),
        ]
    )
