"""The screen of jobs lists those of any program, and starts, pauses, resumes, removes."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from mixtui.jobs.journal import (
    JobDescription,
    JobStart,
    JobState,
    create_journal,
    journal_path,
    lock_journal,
    resume_journal,
)
from mixtui.jobs.kinds import KINDS, job_arguments
from mixtui.jobs.model import (
    Account,
    BatchResult,
    JobError,
    JobProgress,
    Limit,
    RejectedBy,
    RejectedRecord,
    SourceRange,
)
from mixtui.jobs.registry import is_stop_requested
from mixtui.ui.jobs.screen import JobsScreen
from mixtui.ui.jobs.start import NewJob, StartJobDialog
from mixtui.ui.keys.input_queue import OrderedInputApp
from mixtui.ui.sql.screen import SqlScreen
from tests.ui.driver import screen_text, type_text, wait_until

IMPORT = JobDescription("events import", "prod", "7", "eu", "https://x.test", "{}")


def write_job(
    state: Path, name: str, job_state: JobState, *, problem: str = "", rejected: int = 0
) -> Path:
    """Write the journal of a job that is a quarter done."""
    path = journal_path(state, name)
    start = JobStart(("events", "import", "x.ndjson"), str(state), 400)
    journal = create_journal(path, IMPORT, (), start)
    records = tuple(
        RejectedRecord(RejectedBy.CHECK, n, b"{}", "is missing", "event")
        for n in range(rejected)
    )
    result = BatchResult(10 - rejected, records)
    journal.add(0, SourceRange(0, 100, 10), 10, result)
    account = Account(10, 10 - rejected, rejected, 100)
    journal.set_progress(JobProgress(account, 100, 0, Limit.READING))
    journal.set_state(job_state, problem)
    journal.close()
    return path


class Host(OrderedInputApp[None]):
    def __init__(self, state: Path) -> None:
        super().__init__()
        self.state = state

    def on_mount(self) -> None:
        self.push_screen(JobsScreen(self.state, "prod"))


@asynccontextmanager
async def opened(
    state: Path, width: int = 120, height: int = 40
) -> AsyncIterator[Pilot[Any]]:
    async with Host(state).run_test(size=(width, height)) as pilot:
        await wait_until(pilot, lambda: "Jobs" in screen_text(pilot.app))
        yield pilot


async def test_without_jobs_it_says_what_a_job_is(tmp_path: Path) -> None:
    async with opened(tmp_path) as pilot:
        await wait_until(pilot, lambda: "No jobs yet." in screen_text(pilot.app))
        text = screen_text(pilot.app)
        assert "Start a job" in text
        assert "Pause" not in text


@pytest.mark.parametrize("width", [120, 80])
async def test_a_job_shows_what_it_does_and_why_it_stopped(
    tmp_path: Path, width: int
) -> None:
    write_job(tmp_path, "backfill", JobState.STOPPED, problem="401 No.", rejected=2)
    async with opened(tmp_path, width, 24) as pilot:
        await wait_until(pilot, lambda: "line 1: event: is" in screen_text(pilot.app))
        text = screen_text(pilot.app)
    assert "backfill  stopped" in text
    assert "25%  8 stored · 2 rejected" in text
    assert "mixtui events import x.ndjson" in text
    assert "401 No." in text


async def test_what_another_program_does_is_shown_without_a_key(tmp_path: Path) -> None:
    path = write_job(tmp_path, "a", JobState.RUNNING)
    lock = lock_journal(path)
    async with opened(tmp_path) as pilot:
        await wait_until(pilot, lambda: "a  running" in screen_text(pilot.app))
        await pilot.press("p")
        await wait_until(pilot, lambda: "a  stopping" in screen_text(pilot.app))
        assert is_stop_requested(path)
        os.close(lock)
        await wait_until(pilot, lambda: "a  killed" in screen_text(pilot.app))
        write_job(tmp_path, "b", JobState.FINISHED)
        await wait_until(pilot, lambda: "b  finished" in screen_text(pilot.app))


async def test_the_cursor_stays_on_its_job(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_job(tmp_path, name, JobState.STOPPED)
    async with opened(tmp_path) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, JobsScreen)
        await wait_until(pilot, lambda: screen.chosen is not None)
        await pilot.press("j")
        assert screen.chosen is not None and screen.chosen.name == "a"
        write_job(tmp_path, "c", JobState.STOPPED)
        await wait_until(pilot, lambda: screen.job_list.option_count == 3)
        assert screen.chosen is not None and screen.chosen.name == "a"


async def test_a_job_is_removed_once_confirmed(tmp_path: Path) -> None:
    path = write_job(tmp_path, "a", JobState.FINISHED)
    async with opened(tmp_path) as pilot:
        await wait_until(pilot, lambda: "a  finished" in screen_text(pilot.app))
        await pilot.press("x", "enter")
        assert path.exists()
        await pilot.press("x", "y")
        await wait_until(pilot, lambda: "No jobs yet." in screen_text(pilot.app))
    assert not path.exists()


@pytest.mark.parametrize(
    ("key", "sentence"), [("r", "cannot be resumed: it is"), ("p", "is not running")]
)
async def test_what_a_finished_job_cannot_do_is_said(
    tmp_path: Path, key: str, sentence: str
) -> None:
    write_job(tmp_path, "a", JobState.FINISHED)
    async with opened(tmp_path) as pilot:
        await wait_until(pilot, lambda: "a  finished" in screen_text(pilot.app))
        await pilot.press(key)
        await wait_until(pilot, lambda: sentence in screen_text(pilot.app))


async def test_a_finished_export_is_opened_for_sql(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    path = write_job(tmp_path, "a", JobState.RUNNING)
    file = tmp_path / "a.ndjson"
    file.write_text('{"a": 1}\n')
    journal = resume_journal(path)
    start = JobStart(("events", "export"), str(tmp_path), outputs=(str(file),))
    journal.set_start(start)
    journal.set_state(JobState.STOPPED)
    async with opened(tmp_path) as pilot:
        await wait_until(pilot, lambda: "a  stopped" in screen_text(pilot.app))
        assert "s SQL" not in screen_text(pilot.app)
        await pilot.press("s")
        await wait_until(
            pilot, lambda: "a has not written files" in screen_text(pilot.app)
        )
        journal.set_state(JobState.FINISHED)
        await wait_until(pilot, lambda: "s SQL" in screen_text(pilot.app))
        await pilot.press("s")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, SqlScreen))
        await wait_until(pilot, lambda: "SQL · a.ndjson" in screen_text(pilot.app))
        await wait_until(
            pilot, lambda: "Columns of events: a." in screen_text(pilot.app)
        )
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, JobsScreen))
    journal.close()


async def test_a_job_that_was_started_is_selected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Started:
        def __init__(self, *_: object) -> None:
            write_job(tmp_path, "new", JobState.FINISHED)

        def wait(self) -> tuple[int, str]:
            return 0, "Done."

    monkeypatch.setattr("mixtui.ui.jobs.screen.StartedJob", Started)
    for name in ("a", "b"):
        write_job(tmp_path, name, JobState.STOPPED)
    async with opened(tmp_path) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, JobsScreen)
        await wait_until(pilot, lambda: screen.chosen is not None)
        await pilot.press("j")
        screen._start(("events", "import"), tmp_path)
        await wait_until(
            pilot, lambda: screen.chosen is not None and screen.chosen.name == "new"
        )
        await pilot.press("j")
        assert screen.chosen is not None and screen.chosen.name == "b"


@pytest.mark.parametrize("width", [120, 80])
async def test_a_long_name_hides_nothing_and_long_values_go_on_below_themselves(
    tmp_path: Path, width: int
) -> None:
    path = write_job(tmp_path, "n" * 60, JobState.RUNNING)
    journal = resume_journal(path)
    words = ("events", "import", *(f"file-{n}.ndjson" for n in range(12)))
    journal.set_start(JobStart(words, str(tmp_path), 400))
    journal.set_state(JobState.FINISHED)
    journal.close()
    async with opened(tmp_path, width) as pilot:
        await wait_until(pilot, lambda: "…  finished" in screen_text(pilot.app))
        lines = screen_text(pilot.app).splitlines()
    (first,) = [row for row, line in enumerate(lines) if "Command " in line]
    column = lines[first].index("mixtui events")
    assert lines[first + 1][:column].strip("│ ▕") == ""
    assert lines[first + 1][column:].startswith("file-")


async def test_a_plan_that_cannot_be_made_is_said_and_nothing_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened(tmp_path) as pilot:
        await pilot.press("a")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, StartJobDialog))
        await pilot.press("enter")
        assert "Source: enter a value." in screen_text(pilot.app)
        await type_text(pilot, "missing.ndjson")
        await pilot.press("enter")
        await wait_until(
            pilot, lambda: "missing.ndjson does not exist" in screen_text(pilot.app)
        )


async def test_the_values_of_a_form_begin_below_each_other(tmp_path: Path) -> None:
    async with OrderedInputApp[None]().run_test() as pilot:
        await pilot.app.push_screen(StartJobDialog("prod", tmp_path))
        await wait_until(pilot, lambda: "Files, globs" in screen_text(pilot.app))
        lines = screen_text(pilot.app).splitlines()
        columns = {
            line.index(value)
            for line in lines
            for value in ("Import events", "Files, globs", "Others, as")
            if value in line
        }
    assert len(columns) == 1


async def test_a_form_becomes_a_command_line(tmp_path: Path) -> None:
    results: list[NewJob | None] = []
    async with OrderedInputApp[None]().run_test() as pilot:
        dialog = StartJobDialog("prod", tmp_path)
        await pilot.app.push_screen(dialog, results.append)
        await type_text(pilot, "'my file.ndjson' b*.csv")
        await pilot.press("down")
        await type_text(pilot, "--strict")
        await pilot.press("enter")
    words = ("--env", "prod", "events", "import", "my file.ndjson", "b*.csv")
    assert results == [NewJob((*words, "--strict"), tmp_path)]


def test_a_quote_that_is_not_closed_is_said() -> None:
    with pytest.raises(JobError, match="Source: a quote is not closed"):
        job_arguments(KINDS[0], {"": "'a"}, "prod")


def test_every_kind_is_a_command_with_its_options() -> None:
    from mixtui.cli.commands import load_command

    for kind in KINDS:
        parser, _ = load_command(kind.command)
        options = {name for action in parser._actions for name in action.option_strings}
        for field in kind.fields:
            assert not field.option or field.option in options
        assert "--dry-run" in options
        assert ("--yes" in options) is kind.asks


def test_a_plan_that_was_confirmed_is_not_confirmed_again() -> None:
    words = ("schemas", "pull")
    assert NewJob(words, Path("/"), asks=False).confirmed == words
    assert NewJob(words, Path("/")).confirmed == (*words, "--yes")
