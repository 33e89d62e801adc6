"""The examples of cron and CI in the documents run as they are written."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from mixtui.sandbox.server import RunningSandbox
from tests.fixtures_sandbox import PLENTY, NewSandbox
from tests.jobs.mixpanel import event_line

DOCS = Path(__file__).parents[1] / "docs"
_INSTALLS = re.compile(r"pipx? install mixtui")


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


def cron_table(page: str) -> tuple[dict[str, str], str]:
    """Return the variables and the command of the example of a table of cron."""
    (block,) = [b for b in blocks(page, "shell") if re.search(r"^\d+ \d+ \*", b, re.M)]
    *assignments, line = block.splitlines()
    *fields, command = line.split(None, 5)
    assert len(fields) == 5
    assert "%" not in command, "cron makes line ends of them"
    return dict(each.split("=", 1) for each in assignments), command


Shell = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def server(new_sandbox: NewSandbox) -> RunningSandbox:
    return new_sandbox(queries_per_hour=PLENTY, with_sample=False)


@pytest.fixture
def shell(tmp_path: Path, server: RunningSandbox) -> Shell:
    """Run a command as cron or CI does, in an environment of its own."""
    (tmp_path / "home").mkdir()
    work = tmp_path / "work"
    work.mkdir()

    def run(command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        programs = f"{Path(sys.executable).parent}:/usr/bin:/bin"
        return subprocess.run(
            ["/bin/sh", "-ec", command],
            cwd=work,
            env={
                **variables,
                "HOME": str(tmp_path / "home"),
                "PATH": programs,
                "MIXTUI_SANDBOX": server.origin,
            },
            capture_output=True,
            text=True,
            timeout=50,
        )

    return run


def steps(page: str) -> tuple[list[str], set[str]]:
    """Return the commands of the example of CI, and the variables that it sets."""
    workflow: dict[str, Any] = yaml.safe_load(blocks(page, "yaml")[-1])
    (job,) = workflow["jobs"].values()
    commands = [each["run"] for each in job["steps"] if "run" in each]
    variables = {**workflow.get("env", {}), **job.get("env", {})}
    assert len([c for c in commands if _INSTALLS.fullmatch(c)]) == 1
    return [c for c in commands if not _INSTALLS.fullmatch(c)], set(variables)


def test_the_import_in_ci_runs_as_written(tmp_path: Path, shell: Shell) -> None:
    commands, variables = steps("bulk.md")
    assert variables == {"MP_USERNAME", "MP_SECRET", "MP_PROJECT_ID"}
    events = tmp_path / "work" / "events"
    events.mkdir()
    (events / "a.ndjson").write_bytes(event_line(1) + b"\n")
    for command in commands:
        result = shell(command)
        assert result.returncode == 0, result.stderr
        assert '"stored": 1' in result.stdout
    (events / "b.ndjson").write_bytes(b"{}\n")
    assert shell(commands[-1]).returncode == 2, "--strict is the verdict"


def test_lexicon_in_ci_runs_as_written(tmp_path: Path, shell: Shell) -> None:
    commands, _ = steps("sync.md")
    schemas = tmp_path / "work" / "schemas"
    schemas.mkdir()
    assert shell("mixtui schemas pull").returncode == 0
    for command in commands:
        result = shell(command)
        assert result.returncode == 0, result.stderr


def test_the_nightly_import_of_cron_is_silent_until_it_fails(
    tmp_path: Path, shell: Shell
) -> None:
    variables, command = cron_table("bulk.md")
    assert set(variables) == {"PATH"}
    work = tmp_path / "work"
    command = command.replace("/srv/events", str(work)).replace("prod", "sandbox")
    (work / "out").mkdir()
    (work / "out" / "a.ndjson").write_bytes(event_line(1) + b"\n")
    for _ in range(2):
        result = shell(command)
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
        assert "= 1 stored + 0 rejected" in (work / "import.log").read_text()
    (work / "out" / "b.ndjson").write_bytes(b"{}\n")
    assert "= 1 stored + 1 rejected" in shell(command).stdout


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_nightly_copy_of_lexicon_is_committed_once(
    tmp_path: Path, shell: Shell
) -> None:
    _, command = cron_table("sync.md")
    remote, folder = tmp_path / "remote.git", tmp_path / "home" / "lexicon"
    command = command.replace("prod", "sandbox")
    made = shell(
        f"git init -q --bare {remote} && git clone -q {remote} {folder} && "
        f"cd {folder} && git config user.name t && git config user.email t@x.test && "
        "git commit -q --allow-empty -m first && git push -q -u origin HEAD && "
        "mixtui send POST /3000001/schemas --api lexicon --yes -d '"
        '{"entries":[{"entityType":"event","name":"A","schemaJson":{"description":"x"}}]}'
        "'"
    )
    assert made.returncode == 0, made.stderr
    for _ in range(2):
        result = shell(command)
        assert result.returncode == 0, (folder / "pull.log").read_text()
    log = shell(f"git -C {remote} log --format=%s")
    assert log.stdout.split() == ["Lexicon", "first"]
