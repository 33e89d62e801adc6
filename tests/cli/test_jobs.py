"""``mixtui jobs``: jobs are listed, shown, stopped, resumed and removed from outside."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mixtui.jobs.journal import journal_path, lock_journal
from mixtui.jobs.registry import (
    Activity,
    JobRecord,
    StartedJob,
    find_job,
    is_stop_requested,
    list_jobs,
    request_stop,
)
from mixtui.sandbox.server import RunningSandbox
from mixtui.storage.paths import state_dir
from tests.cli.conftest import CommandLine, environments_toml
from tests.cli.server import http_response, serve_response
from tests.fixtures_sandbox import PLENTY, NewSandbox
from tests.jobs.mixpanel import event_line
from tests.processes import PATIENCE

UNAUTHORIZED = http_response(
    b'{"code": 401, "error": "Unauthorized", "status": "Unauthorized"}',
    "401 Unauthorized",
)


@pytest.fixture
def fresh(mixtui: CommandLine, new_sandbox: NewSandbox) -> Iterator[CommandLine]:
    sandbox: RunningSandbox = new_sandbox(queries_per_hour=PLENTY, with_sample=False)
    mixtui.variables["MIXTUI_SANDBOX"] = sandbox.origin
    yield mixtui


def write_events(folder: Path, count: int = 45) -> None:
    lines = [event_line(n, row=n) for n in range(count)]
    (folder / "events.ndjson").write_bytes(b"\n".join([*lines, b"not JSON"]) + b"\n")


def only_job() -> JobRecord:
    (job,) = list_jobs(state_dir())
    return job


def test_without_jobs_none_are_listed(mixtui: CommandLine) -> None:
    result = mixtui("jobs", "list")
    assert (result.status, result.stdout, result.stderr) == (0, b"", "No jobs.\n")
    result = mixtui("jobs", "show", "x")
    assert result.status == 2
    assert "No job is named x. “mixtui jobs list” lists them." in result.stderr


def test_a_finished_job_is_listed_and_shown(fresh: CommandLine) -> None:
    write_events(fresh.folder)
    fresh("events", "import", "events.ndjson", "--name", "backfill")
    result = fresh("jobs", "list")
    assert result.text.split() == [
        "backfill",
        "finished",
        "100%",
        "45",
        "stored",
        "1",
        "rejected",
        "events",
        "import,",
        "sandbox",
        "(us)",
    ]
    result = fresh("jobs", "show", "backfill")
    assert "46 records read = 45 stored + 1 rejected + 0 not sent." in result.text
    assert "  line 46: not valid JSON" in result.text
    (values,) = json.loads(fresh("jobs", "list", "--json").stdout)
    assert values["activity"] == "finished"
    assert values["command"] == [
        *("events", "import", "events.ndjson", "--name", "backfill")
    ]
    assert values["folder"] == str(fresh.folder)
    assert values == json.loads(fresh("jobs", "show", "backfill", "--json").stdout)


def test_a_misspelt_job_is_found(fresh: CommandLine) -> None:
    write_events(fresh.folder)
    fresh("events", "import", "events.ndjson", "--name", "backfill")
    result = fresh("jobs", "show", "backfil")
    assert "backfill" in result.stderr


def test_a_stopped_job_says_why_and_is_resumed_in_its_folder(
    mixtui: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_events(mixtui.folder)
    mixtui.variables["MP_SECRET"] = "x"
    with serve_response(UNAUTHORIZED) as server:
        mixtui.write_environments(environments_toml(server.origin))
        assert mixtui("--env", "prod", "events", "import", "events.ndjson").status == 3
        job = only_job()
        assert job.activity is Activity.STOPPED
        assert "401 Unauthorized" in job.problem
        assert job.problem in mixtui("jobs", "show", job.name).text
        monkeypatch.chdir("/")
        result = mixtui("jobs", "resume", job.name)
        assert Path.cwd() == mixtui.folder
    assert result.status == 3
    assert "46 records read = 0 stored + 0 rejected + 46 not sent." in result.stderr


def test_a_job_that_runs_can_be_neither_resumed_nor_removed(
    fresh: CommandLine,
) -> None:
    write_events(fresh.folder)
    fresh("events", "import", "events.ndjson", "--name", "a")
    for command in ("stop", "resume"):
        result = fresh("jobs", command, "a")
        assert result.status == 2
        assert "it is finished" in result.stderr
    lock = lock_journal(journal_path(state_dir(), "a"))
    try:
        result = fresh("jobs", "remove", "a")
    finally:
        os.close(lock)
    assert result.status == 2
    assert "The job a is running in another program" in result.stderr


def test_what_belongs_to_a_job_is_removed_with_it(fresh: CommandLine) -> None:
    write_events(fresh.folder)
    for name in ("a", "a-b"):
        fresh("events", "import", "events.ndjson", "--name", name)
    folder = journal_path(state_dir(), "a").parent
    (folder / "a.parts").mkdir()
    (folder / "a.parts" / "1.ndjson").write_text("x")
    (folder / "a.rows.ndjson").write_text("x")
    assert fresh("jobs", "remove", "a").stderr == "1 job removed.\n"
    assert {each.name for each in folder.iterdir()} == {"a-b.db", "a-b.db.lock"}
    assert fresh("jobs", "remove").status == 2
    assert fresh("jobs", "remove", "--finished").stderr == "1 job removed.\n"
    assert list(folder.iterdir()) == []


DAYS = ("--from", "2025-06-15", "--to", "2025-06-16")


@pytest.mark.parametrize(
    ("command", "names"),
    [
        (("events", "export", *DAYS, "-o", "a.ndjson"), ["a.ndjson"]),
        (
            ("events", "export", *DAYS, "-o", "{date}.csv"),
            ["2025-06-15.csv", "2025-06-16.csv"],
        ),
        (("profiles", "export", "-o", "p.ndjson"), ["p.ndjson"]),
    ],
)
def test_an_export_says_which_files_it_wrote(
    fresh: CommandLine, command: tuple[str, ...], names: list[str]
) -> None:
    assert fresh(*command).status == 0
    job = only_job()
    assert list(job.exported) == [str(fresh.folder / name) for name in names]
    assert all(os.path.exists(path) for path in job.exported)
    assert job.counts == ("0 exported",)
    assert fresh("jobs", "list").text.split()[2:5] == ["100%", "0", "exported"]


def test_an_export_resumed_with_another_file_says_that_one(mixtui: CommandLine) -> None:
    mixtui.variables["MP_SECRET"] = "x"
    command = ("events", "export", *DAYS, "--env", "prod")
    with serve_response(UNAUTHORIZED) as server:
        mixtui.write_environments(environments_toml(server.origin))
        for more in (("-o", "a.ndjson"), ("-o", "b.ndjson", "--resume")):
            assert mixtui(*command, *more).status == 3
            job = only_job()
            assert job.exported == ()
            assert job.start.outputs == (str(mixtui.folder / more[1]),)
            resuming = (*command, *more[:2], "--resume", "--yes")
            assert job.start.resuming == resuming


def test_without_file_locks_it_says_that_it_cannot_tell_whether_a_job_runs(
    fresh: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_events(fresh.folder)
    fresh("events", "import", "events.ndjson", "--name", "a")
    path = journal_path(state_dir(), "a")
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE job SET state = 'running'")

    def flock(file: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    assert only_job().activity is Activity.KILLED
    monkeypatch.setattr(fcntl, "flock", flock)
    assert fresh("jobs", "list").text.split()[:2] == ["a", "unknown"]
    assert "Running    cannot tell: the folder" in fresh("jobs", "show", "a").text
    result = fresh("jobs", "resume", "a")
    assert result.status == 2
    assert "Cannot tell whether the job a is running" in result.stderr
    assert "repeat its command with --resume" in result.stderr
    result = fresh("jobs", "stop", "a")
    assert result.status == 0
    assert result.stderr == "a stops after what is being sent, if it is running.\n"
    assert is_stop_requested(path)
    fresh("events", "import", "events.ndjson", "--name", "a", "--resume")
    assert only_job().activity is Activity.FINISHED


def in_background(function: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=function)
    thread.start()
    return thread


def test_a_job_of_another_process_is_stopped_and_resumed(
    fresh: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_events(fresh.folder, 50_000)
    for name, value in fresh.variables.items():
        monkeypatch.setenv(name, value)
    # 1 MB a minute: it cannot end by itself.
    words = ("events", "import", "events.ndjson", "--name", "slow", "--pace", "1")
    started = StartedJob(words, fresh.folder)
    ended = threading.Event()
    results: list[tuple[int, str]] = []

    def wait() -> None:
        results.append(started.wait())
        ended.set()

    thread = in_background(wait)
    while not ended.is_set():
        names = [job.name for job in list_jobs(state_dir()) if job.is_running]
        if names:
            assert find_job(state_dir(), "slow").activity is Activity.RUNNING
            request_stop(state_dir(), "slow")
            break
        ended.wait(0.05)
    thread.join(PATIENCE)
    ((status, output),) = results
    assert status == 130, output
    assert "To continue, repeat the command with --resume." in output
    assert only_job().can_resume
    assert only_job().start.resuming == (*words, "--resume", "--yes")
