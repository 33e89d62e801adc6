"""Real processes: loaded modules, closed pipes, interruptions, the sandbox."""

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
HEAVY_MODULES = {
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
    """Start `mixtui ARGUMENTS` in a process that does not outlive the test."""
    with ExitStack() as stack:

        def start(*arguments: str, **streams: object) -> subprocess.Popen[bytes]:
            process = subprocess.Popen(
                [sys.executable, "-W", "error", "-m", "mixtui", *arguments],
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
    "arguments",
    [
        ["--help"],
        ["send", "--help"],
        ["env", "check", "--help"],
        ["--version"],
        ["sen"],
    ],
    ids=" ".join,
)
def test_help_loads_no_heavy_module(mixtui: CommandLine, arguments: list[str]) -> None:
    code = (
        "import sys\n"
        "before = set(sys.modules)\n"
        f"sys.argv = ['mixtui', *{arguments!r}]\n"
        "from mixtui.__main__ import main\n"
        "status = main()\n"
        "loaded = {m.partition('.')[0] for m in set(sys.modules) - before}\n"
        "print(*loaded, file=sys.stderr)\n"
    )
    completed = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True,
        check=True,
        env=process_environment(mixtui),
        text=True,
    )
    loaded = set(completed.stderr.split("\n")[-2].split())
    assert "argparse" in loaded
    assert not loaded & (
        HEAVY_MODULES if arguments != ["sen"] else HEAVY_MODULES - {"typing"}
    )


def test_building_the_parsers_loads_only_the_command_line() -> None:
    code = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "from mixtui.cli.commands import COMMANDS, load_command\n"
        "for name in COMMANDS: load_command(name)[0].format_help()\n"
        "print(*(set(sys.modules) - before))\n"
    )
    completed = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True,
        check=True,
        cwd=ROOT,
        text=True,
    )
    loaded = set(completed.stdout.split())
    assert not {name.partition(".")[0] for name in loaded} & HEAVY_MODULES
    own_modules = {name for name in loaded if name.startswith("mixtui.")}
    assert all(name.startswith("mixtui.cli") for name in own_modules), own_modules


def test_a_send_loads_no_screen_library(
    mixtui: CommandLine, sandbox: RunningSandbox
) -> None:
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
    completed = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        env=process_environment(mixtui),
        cwd=mixtui.folder,
        text=True,
    )
    assert len(json.loads(completed.stdout)) == 3
    assert completed.stderr.split("\n")[-2] == ""


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


@pytest.mark.parametrize("arguments", [["--help"], ["keys"], ["list", "--json"]])
def test_a_closed_pipe_is_not_an_error(
    mixtui: CommandLine, start: Start, arguments: list[str]
) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    process = start(*arguments, stdout=write_end, stderr=subprocess.PIPE)
    os.close(write_end)
    _, stderr = process.communicate(timeout=PATIENCE)
    assert (process.returncode, stderr) == (141, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full disk at hand")
@pytest.mark.parametrize("argument", ["list", "--help"])
def test_a_full_disk_behind_stdout_is_reported(
    mixtui: CommandLine, start: Start, argument: str
) -> None:
    mixtui.write_request("a", "")
    with open("/dev/full", "wb") as full:
        process = start(argument, stdout=full, stderr=subprocess.PIPE)
        _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert stderr == (
        b"mixtui: Standard output cannot be written: No space left on device.\n"
    )


def test_a_pipe_closed_during_a_download_is_not_an_error(
    mixtui: CommandLine, start: Start, sandbox: RunningSandbox
) -> None:
    mixtui.variables["MIXTUI_SANDBOX"] = sandbox.origin
    read_end, write_end = os.pipe()
    os.close(read_end)
    days = ["-q", "from_date={{today-30d}}", "-q", "to_date={{today}}"]
    command = ["send", "GET", "--api", "export", *days]
    process = start(*command, stdout=write_end, stderr=subprocess.PIPE)
    os.close(write_end)
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
    command = [
        "send",
        "POST",
        "/import",
        "--api",
        "ingestion",
        "-d",
        "[]",
        "-o",
        "a.json",
    ]
    process = start(*command, stderr=subprocess.PIPE)
    assert arrived.wait(PATIENCE)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert stderr.decode().split("\n")[-2] == (
        "mixtui: Interrupted; the server may have done it."
    )
    assert b"Traceback" not in stderr
    assert not list(mixtui.folder.glob("a.json*"))


def test_a_sandbox_prints_its_variable_and_ends_on_ctrl_c(
    mixtui: CommandLine, start: Start
) -> None:
    pipe = subprocess.PIPE
    command = ("sandbox", "--port", "0", "--quiet")
    process = start(*command, stdout=pipe, stderr=pipe)
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


def test_a_sandbox_fails_on_the_requested_paths(
    mixtui: CommandLine, start: Start
) -> None:
    pipe = subprocess.PIPE
    failures = ("--fail", "429:/api/app", "--fail", "drop:/api/query")
    command = ("sandbox", "--port", "0", *failures)
    process = start(*command, stdout=pipe, stderr=pipe)
    assert process.stdout is not None
    export = process.stdout.readline().decode().strip()
    mixtui.variables["MIXTUI_SANDBOX"] = export.partition("=")[2]
    assert mixtui("send", "GET", "/me", "--api", "app").status == ExitStatus.QUOTA
    assert mixtui(*NAMES).status == ExitStatus.NO_RESPONSE
    lookup_tables = ("send", "GET", "/lookup-tables", "--api", "ingestion")
    assert mixtui(*lookup_tables).status == ExitStatus.ACCEPTED
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=PATIENCE)
    log_lines = stderr.decode().splitlines()[1:]
    # Failures on purpose are logged like requests, without a traceback.
    assert [command.split(" ")[1] for command in log_lines] == [
        "/api/app/me",
        "/api/query/events/names",
        "/lookup-tables",
    ]


def test_a_port_in_use_is_reported(
    mixtui: CommandLine, sandbox: RunningSandbox
) -> None:
    result = mixtui("sandbox", "--port", str(sandbox.port))
    assert (result.status, result.stdout) == (2, b"")
    assert "choose another with --port" in result.stderr
