"""Real processes: what is loaded, pipes that close, interruptions, the sandbox."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from mixtui.model.errors import ExitStatus
from mixtui.sandbox.server import RunningSandbox
from tests.cli.conftest import CommandLine, environments_toml
from tests.processes import PATIENCE, restore_interrupts

ROOT = Path(__file__).parents[2]
HEAVY = {
    "asyncio",
    "httpx",
    "textual",
    "rich",
    "tomlkit",
    "tomllib",
    "msgspec",
    "platformdirs",
    "pygments",
    "subprocess",
    "dataclasses",
    "inspect",
    "typing",
    "pathlib",
}
NAMES = ["send", "GET", "/query/events/names?type=general&limit=3", "--api", "query"]


def process_environment(mixtui: CommandLine) -> dict[str, str]:
    return {**os.environ, **mixtui.variables, "PYTHONPATH": str(ROOT)}


Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(mixtui: CommandLine) -> Iterator[Start]:
    """Start ``mixtui WORDS`` in a process that does not outlive the test."""
    with ExitStack() as stack:

        def start(*words: str, **streams: object) -> subprocess.Popen[bytes]:
            process = subprocess.Popen(
                [sys.executable, "-W", "error", "-m", "mixtui", *words],
                env=process_environment(mixtui),
                cwd=mixtui.folder,
                preexec_fn=restore_interrupts,
                **streams,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield start


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["send", "--help"],
        ["env", "check", "--help"],
        ["--version"],
        ["sen"],
    ],
    ids=" ".join,
)
def test_a_help_loads_nothing_that_it_does_not_need(
    mixtui: CommandLine, words: list[str]
) -> None:
    code = (
        "import sys\n"
        "before = set(sys.modules)\n"
        f"sys.argv = ['mixtui', *{words!r}]\n"
        "from mixtui.__main__ import main\n"
        "status = main()\n"
        "loaded = {m.partition('.')[0] for m in set(sys.modules) - before}\n"
        "print(*loaded, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True,
        check=True,
        env=process_environment(mixtui),
        text=True,
    )
    loaded = set(done.stderr.split("\n")[-2].split())
    assert "argparse" in loaded
    assert not loaded & (HEAVY if words != ["sen"] else HEAVY - {"typing"})


def test_no_command_loads_for_its_help_what_only_running_it_needs() -> None:
    code = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "from mixtui.cli.commands import COMMANDS, load_command\n"
        "for name in COMMANDS: load_command(name)[0].format_help()\n"
        "print(*(set(sys.modules) - before))\n"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True,
        check=True,
        cwd=ROOT,
        text=True,
    )
    loaded = set(done.stdout.split())
    assert not {name.partition(".")[0] for name in loaded} & HEAVY
    own = {name for name in loaded if name.startswith("mixtui.")}
    assert all(name.startswith("mixtui.cli") for name in own), own


def test_a_send_loads_no_screen(mixtui: CommandLine, sandbox: RunningSandbox) -> None:
    mixtui.variables["MIXTUI_SANDBOX"] = sandbox.origin
    code = (
        "import sys\n"
        f"sys.argv = ['mixtui', *{NAMES!r}]\n"
        "from mixtui.__main__ import main\n"
        "status = main()\n"
        "tops = {m.partition('.')[0] for m in sys.modules}\n"
        "print(*tops & {'textual', 'rich', 'tomlkit', 'pygments'}, file=sys.stderr)\n"
        "sys.exit(status)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        env=process_environment(mixtui),
        cwd=mixtui.folder,
        text=True,
    )
    assert len(json.loads(done.stdout)) == 3
    assert done.stderr.split("\n")[-2] == ""


def test_the_program_works_from_a_shell(
    mixtui: CommandLine, start: Start, sandbox: RunningSandbox
) -> None:
    mixtui.variables["MIXTUI_SANDBOX"] = sandbox.origin
    pipe = subprocess.PIPE
    process = start(*NAMES, stdout=pipe, stderr=pipe)
    stdout, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert len(json.loads(stdout)) == 3
    assert b"200 OK" in stderr


@pytest.mark.parametrize("words", [["--help"], ["keys"], ["list", "--json"]])
def test_a_reader_that_leaves_early_is_no_error(
    mixtui: CommandLine, start: Start, words: list[str]
) -> None:
    read, write = os.pipe()
    os.close(read)
    process = start(*words, stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    _, stderr = process.communicate(timeout=PATIENCE)
    assert (process.returncode, stderr) == (141, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full disk at hand")
@pytest.mark.parametrize("word", ["list", "--help"])
def test_a_full_disk_behind_stdout_is_a_sentence(
    mixtui: CommandLine, start: Start, word: str
) -> None:
    mixtui.write_request("a", "")
    with open("/dev/full", "wb") as full:
        process = start(word, stdout=full, stderr=subprocess.PIPE)
        _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert stderr == (
        b"mixtui: Standard output cannot be written: No space left on device.\n"
    )


def test_a_reader_that_leaves_during_a_download_is_no_error(
    mixtui: CommandLine, start: Start, sandbox: RunningSandbox
) -> None:
    mixtui.variables["MIXTUI_SANDBOX"] = sandbox.origin
    read, write = os.pipe()
    os.close(read)
    days = ["-q", "from_date={{today-30d}}", "-q", "to_date={{today}}"]
    line = ["send", "GET", "--api", "export", *days]
    process = start(*line, stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 141
    assert b"Traceback" not in stderr
    assert b"Broken pipe" not in stderr


def test_ctrl_c_while_waiting_ends_cleanly_and_warns_after_a_write(
    mixtui: CommandLine, start: Start, silent_server: tuple[str, object]
) -> None:
    origin, arrived = silent_server
    mixtui.write_environments(environments_toml(origin))
    mixtui.variables["MP_SECRET"] = "hunter2"
    line = ["send", "POST", "/import", "--api", "ingestion", "-d", "[]", "-o", "a.json"]
    process = start(*line, stderr=subprocess.PIPE)
    assert arrived.wait(PATIENCE)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert stderr.decode().split("\n")[-2] == (
        "mixtui: Interrupted; the server may have done it."
    )
    assert b"Traceback" not in stderr
    assert not list(mixtui.folder.glob("a.json*"))


def test_a_sandbox_says_how_to_use_it_and_ends_by_ctrl_c(
    mixtui: CommandLine, start: Start
) -> None:
    pipe = subprocess.PIPE
    line = ("sandbox", "--port", "0", "--quiet")
    process = start(*line, stdout=pipe, stderr=pipe)
    assert process.stdout is not None
    export = process.stdout.readline().decode().strip()
    assert export.startswith("export MIXTUI_SANDBOX=http://127.0.0.1:")
    mixtui.variables["MIXTUI_SANDBOX"] = export.partition("=")[2]
    assert len(json.loads(mixtui(*NAMES).stdout)) == 3
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert b"Traceback" not in stderr
    assert b"GET" not in stderr


def test_a_sandbox_fails_where_it_is_told_to(mixtui: CommandLine, start: Start) -> None:
    pipe = subprocess.PIPE
    failures = ("--fail", "429:/api/app", "--fail", "drop:/api/query")
    line = ("sandbox", "--port", "0", *failures)
    process = start(*line, stdout=pipe, stderr=pipe)
    assert process.stdout is not None
    export = process.stdout.readline().decode().strip()
    mixtui.variables["MIXTUI_SANDBOX"] = export.partition("=")[2]
    assert mixtui("send", "GET", "/me", "--api", "app").status == ExitStatus.QUOTA
    assert mixtui(*NAMES).status == ExitStatus.NO_RESPONSE
    tables = ("send", "GET", "/lookup-tables", "--api", "ingestion")
    assert mixtui(*tables).status == ExitStatus.ACCEPTED
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=PATIENCE)
    told = stderr.decode().splitlines()[1:]
    # What fails on purpose is no news of the server's own.
    assert [line.split(" ")[1] for line in told] == [
        "/api/app/me",
        "/api/query/events/names",
        "/lookup-tables",
    ]


def test_a_sandbox_on_a_port_in_use_is_a_sentence(
    mixtui: CommandLine, sandbox: RunningSandbox
) -> None:
    ended = mixtui("sandbox", "--port", str(sandbox.port))
    assert (ended.status, ended.stdout) == (2, b"")
    assert "choose another with --port" in ended.stderr
