"""``mixtui migrate``: events and profiles arrive in another project, and are counted there."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mixtui.jobs.comparison import Difference, count_events, differences
from mixtui.jobs.model import JobError
from mixtui.jobs.registry import Activity, list_jobs
from mixtui.mixpanel.apis import BASE_PATHS, Api
from mixtui.sandbox.data.identity import (
    PROJECT_ID,
    PROJECT_TOKEN,
    SERVICE_ACCOUNT,
    VARIABLES,
    WORKSPACE_ID,
)
from mixtui.storage.paths import state_dir
from tests.cli.conftest import CommandLine
from tests.fixtures_sandbox import PLENTY, NewSandbox
from tests.jobs.mixpanel import event_line

DATES = ("--dates", "2025-06-10..2025-06-20")
COUNT = 45


def environment(name: str, origin: str) -> str:
    hosts = "\n".join(f'{api} = "{origin}{BASE_PATHS[api]}"' for api in Api)
    return f"""
[environments.{name}]
project_id = "{PROJECT_ID}"
workspace_id = "{WORKSPACE_ID}"
[environments.{name}.credentials]
project_token = "{PROJECT_TOKEN}"
service_account = {{ username = "{SERVICE_ACCOUNT}", secret = {{ env = "MIXTUI_SANDBOX_SECRET" }} }}
[environments.{name}.hosts]
{hosts}
"""


@pytest.fixture
def two(mixtui: CommandLine, new_sandbox: NewSandbox) -> Iterator[CommandLine]:
    """Two servers: ``old`` has events and profiles, ``new`` has nothing."""
    old = new_sandbox(queries_per_hour=PLENTY, with_sample=False)
    new = new_sandbox(queries_per_hour=PLENTY, with_sample=False)
    mixtui.variables.update(VARIABLES)
    mixtui.write_environments(
        environment("old", old.origin) + environment("new", new.origin)
    )
    lines = [event_line(n * 3_600, row=n) for n in range(COUNT)]
    (mixtui.folder / "events.ndjson").write_bytes(b"\n".join(lines))
    profiles = [{"$distinct_id": f"u{n}", "$set": {"n": n}} for n in range(3)]
    (mixtui.folder / "people.ndjson").write_text("\n".join(map(json.dumps, profiles)))
    assert mixtui("events", "import", "events.ndjson", "--to", "old").status == 0
    assert mixtui("profiles", "import", "people.ndjson", "--to", "old").status == 0
    assert mixtui("jobs", "remove", "--finished").status == 0
    yield mixtui


def migrate(mixtui: CommandLine, *words: str) -> tuple[int, str]:
    result = mixtui("migrate", "--from", "old", "--to", "new", *DATES, *words)
    return result.status, result.stderr


def exported(mixtui: CommandLine, command: str, *words: str) -> list[str]:
    path = mixtui.folder / "out.ndjson"
    words = (*words, "-o", "out.ndjson", "--force", "--restart")
    result = mixtui(command, "export", "--env", "new", *words)
    assert result.status == 0, result.stderr
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [line.get("$distinct_id") or line["properties"]["row"] for line in lines]


def test_everything_arrives_and_is_counted(two: CommandLine) -> None:
    status, output = migrate(two)
    assert status == 0, output
    assert f"{COUNT} events compared by day and name: all are there." in output
    days = ("--from", "2025-06-10", "--to", "2025-06-20")
    assert sorted(exported(two, "events", *days)) == list(range(COUNT))
    assert sorted(exported(two, "profiles")) == ["u0", "u1", "u2"]
    assert not list((state_dir() / "jobs").glob("*.migration"))


def test_a_second_migration_stores_nothing_twice(two: CommandLine) -> None:
    assert migrate(two)[0] == 0
    status, output = migrate(two)
    assert status == 0, output
    assert f"{COUNT} events compared by day and name: all are there." in output
    days = ("--from", "2025-06-10", "--to", "2025-06-20")
    assert len(set(exported(two, "events", *days))) == COUNT


def test_the_plan_is_the_commands_that_it_runs(two: CommandLine) -> None:
    result = two("migrate", "--from", "old", "--to", "new", *DATES, "--dry-run")
    assert result.status == 0
    commands = [line.split()[:3] for line in result.text.splitlines()]
    assert commands == [
        ["mixtui", "events", "export"],
        ["mixtui", "events", "import"],
        ["mixtui", "profiles", "export"],
        ["mixtui", "profiles", "import"],
        ["mixtui", "events", "export"],
    ]
    assert list_jobs(state_dir()) == ()


def test_it_goes_on_with_the_step_that_stopped(two: CommandLine) -> None:
    secret = two.variables.pop("MIXTUI_SANDBOX_SECRET")
    two.variables["MIXTUI_SANDBOX_SECRET"] = "wrong"
    status, output = migrate(two)
    assert status == 3
    assert "To continue the migration, repeat the command with --resume." in output
    two.variables["MIXTUI_SANDBOX_SECRET"] = secret
    assert "is unfinished: add --resume" in migrate(two)[1]
    status, output = migrate(two, "--resume")
    assert status == 0, output
    assert "all are there" in output
    assert {job.activity for job in list_jobs(state_dir())} == {Activity.FINISHED}


def test_a_migration_that_is_killed_again_and_again_ends_exact(
    two: CommandLine,
) -> None:
    words = ("migrate", "--from", "old", "--to", "new", *DATES)
    rng, status, killed = random.Random(3), -signal.SIGKILL, 0
    while status == -signal.SIGKILL:
        has_begun = any((state_dir() / "jobs").glob("*.migration"))
        command = [sys.executable, "-m", "mixtui", *words]
        process = subprocess.Popen(
            [*command, "--resume"] if has_begun else command,
            cwd=two.folder,
            env={**os.environ, **two.variables},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        # A slower machine is given more time, so that it ends at last.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(rng.uniform(0.4, 1.0) * 1.3**killed)
        process.kill()
        output = process.communicate()[1].decode()
        status, killed = process.returncode, killed + 1
    assert status == 0, output
    assert f"{COUNT} events compared by day and name: all are there." in output
    assert sorted(exported(two, "profiles")) == ["u0", "u1", "u2"]


def test_what_is_missing_is_listed_and_the_files_are_kept(two: CommandLine) -> None:
    real = count_events

    def fewer(path: Path) -> object:
        counts = dict(real(path))
        if path.name == "arrived.ndjson":
            counts[min(counts)] -= 1
        return counts

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mixtui.cli.jobs.migrate.count_events", fewer)
        status, output = migrate(two)
    assert status == 6
    assert " Imported: " in output
    assert "1 number differ" in output
    assert "The exported files are in" in output
    status, output = migrate(two, "--resume")
    assert status == 0, output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--to", "old", *DATES), "are of the same project"),
        (("--to", "new", "--dates", "2025-06-10"), "expected two days"),
        (("--to", "new", *DATES, "--resume"), "There is nothing to resume"),
        (("--to", "new", *DATES, "--no-events", "--no-profiles"), "nothing to copy"),
        (("--to", "new", *DATES, "--resume", "--restart"), "cannot be combined"),
    ],
)
def test_what_cannot_be_migrated_is_said(
    two: CommandLine, words: tuple[str, ...], sentence: str
) -> None:
    result = two("migrate", "--from", "old", *words)
    assert result.status == 2
    assert sentence in result.stderr


def test_events_are_counted_by_day_whatever_the_unit_of_time(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    lines = [
        {"event": "a", "properties": {"time": 86_400}},
        {"event": "a", "properties": {"time": 172_799_000_000}},
        {"event": "b", "properties": {"time": 1_750_000_000}},
    ]
    path.write_text("\n".join(map(json.dumps, lines)))
    assert count_events(path) == {(1, "a"): 1, (1_999, "a"): 1, (20_254, "b"): 1}
    same = {"time": 1, "distinct_id": "u", "$insert_id": "1"}
    twice = [{"event": "a", "properties": {**same, "received": n}} for n in range(2)]
    path.write_text("\n".join(map(json.dumps, twice)))
    assert count_events(path) == {(0, "a"): 1}
    path.write_text("[1]")
    with pytest.raises(JobError, match=r"events\.ndjson, line 1 is not an event"):
        count_events(path)


def test_only_what_the_source_has_is_compared() -> None:
    source = {(0, "a"): 2, (1, "a"): 1, (1, "b"): 3}
    target = {(0, "a"): 2, (1, "b"): 2, (2, "c"): 9}
    assert differences(source, target) == [
        Difference("1970-01-02", "a", 1, 0),
        Difference("1970-01-02", "b", 3, 2),
    ]
