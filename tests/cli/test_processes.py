"""Real processes: loaded modules, closed pipes, interruptions, the sandbox."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Event

import pytest

from mixtui.model.errors import ExitStatus
from mixtui.sandbox.server import RunningSandbox
from tests.cli.conftest import CommandLine, environments_toml
from tests.cli.server import free_port
from tests.fixtures_sandbox import NewSandbox
from tests.processes import PATIENCE, restore_interrupts
from tests.terminal import Terminal

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
TRANSLATION = {"gettext", "locale", "textwrap"}
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
    assert not loaded & TRANSLATION
    assert not loaded & (
        HEAVY_MODULES if arguments != ["sen"] else HEAVY_MODULES - {"typing"}
    )


def test_a_command_looks_for_unused_objects_a_few_times_at_most(
    mixtui: CommandLine,
) -> None:
    code = (
        "import gc, sys\n"
        "starts = []\n"
        "gc.callbacks.append(lambda phase, _: starts.append(phase))\n"
        "from mixtui.__main__ import main\n"
        "sys.argv = ['mixtui', 'list']\n"
        "main()\n"
        "print(starts.count('start'), gc.get_freeze_count())\n"
    )
    completed = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        env=process_environment(mixtui),
        text=True,
    )
    looks, left_out_at_exit = map(int, completed.stdout.split()[-2:])
    assert looks <= 5  # 60 with Python's own thresholds.
    assert left_out_at_exit > 10_000


def test_building_the_parsers_loads_only_the_command_line() -> None:
    code = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "from mixtui.cli.commands import load_command\n"
        "from mixtui.cli.commands.names import COMMANDS\n"
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


def test_a_send_from_a_shell_loads_no_library_of_the_app(
    mixtui: CommandLine, start: Start, sandbox: RunningSandbox
) -> None:
    mixtui.variables.update(MIXTUI_SANDBOX=sandbox.origin, PYTHONPROFILEIMPORTTIME="1")
    pipe = subprocess.PIPE
    process = start(*NAMES, stdout=pipe, stderr=pipe)
    stdout, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert len(json.loads(stdout)) == 3
    assert b"200 OK" in stderr
    loaded = set(re.findall(r"^import time:.*\| +(\S+)", stderr.decode(), re.MULTILINE))
    assert "httpx._client" in loaded
    packages = {name.partition(".")[0] for name in loaded}
    assert not packages & {"textual", "rich", "tomlkit", "pygments", "zipfile"}
    assert not packages & {"csv", "gzip", "shlex"}
    unused = {
        "anyio._backends",
        "mixtui.jq",
        "mixtui.cli.send.all_pages",
        "mixtui.cli.send.description",
        "mixtui.document.document",
    }
    assert not loaded & unused


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
    assert stderr == (b"mixtui: Cannot write to stdout: No space left on device.\n")


@pytest.mark.parametrize(
    ("closed", "status", "report"),
    [
        (["<&-"], 0, ""),
        (["2>&-"], 0, ""),
        (["<&-", "2>&-"], 0, ""),
        (
            [">&-"],
            2,
            "mixtui: Cannot write to stdout: Bad file descriptor.\n",
        ),
        (["<&-", ">&-", "2>&-"], 2, ""),
    ],
    ids=str,
)
def test_a_program_is_started_with_closed_streams(
    mixtui: CommandLine, closed: list[str], status: int, report: str
) -> None:
    completed = subprocess.run(
        ["sh", "-c", f'exec "$0" -m mixtui keys {" ".join(closed)}', sys.executable],
        env=process_environment(mixtui),
        cwd=mixtui.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert (completed.returncode, completed.stderr) == (status, report)
    assert bool(completed.stdout) is (status == 0)


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
        "mixtui: Interrupted. Mixpanel may have processed the request."
    )
    assert b"Traceback" not in stderr
    assert not list(mixtui.folder.glob("a.json*"))


ENDS = [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT]


@pytest.mark.parametrize(
    ("number", "options"),
    [
        (signal.SIGTERM, ("--filter", ".")),
        (signal.SIGTERM, ("--include",)),
        (signal.SIGHUP, ("-o", "a.json")),
        (signal.SIGQUIT, ()),
    ],
)
def test_a_write_that_a_signal_ends_leaves_a_history_entry_and_no_file(
    mixtui: CommandLine,
    start: Start,
    silent_server: tuple[str, Event],
    tmp_path: Path,
    number: signal.Signals,
    options: tuple[str, ...],
) -> None:
    origin, arrived = silent_server
    mixtui.write_environments(environments_toml(origin))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    mixtui.variables |= {"MP_SECRET": "hunter2", "TMPDIR": str(temporary)}
    write = ("send", "POST", "/import", "--api", "ingestion", "-d", "[]")
    process = start(*write, *options, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert arrived.wait(PATIENCE)
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + number
    last = stderr.decode().split("\n")[-2]
    assert last == "mixtui: Interrupted. Mixpanel may have processed the request."
    assert (stdout, b"Traceback" in stderr) == (b"", False)
    assert list(temporary.iterdir()) == []
    assert not list(mixtui.folder.glob("a.json*"))
    (entry,) = json.loads(mixtui("history", "list", "--json").stdout)
    assert "the server may have processed it" in entry["outcome"]


def test_two_sends_do_not_write_the_same_file(
    mixtui: CommandLine, start: Start, silent_server: tuple[str, Event]
) -> None:
    origin, arrived = silent_server
    mixtui.write_environments(environments_toml(origin))
    mixtui.variables["MP_SECRET"] = "hunter2"
    process = start(*NAMES, "-o", "a.json", stderr=subprocess.PIPE)
    assert arrived.wait(PATIENCE)
    second = mixtui(*NAMES, "-o", "a.json")
    assert second.status == ExitStatus.USAGE
    assert "another program is writing a.json.part" in second.stderr
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE)


def test_a_command_for_a_secret_does_not_outlive_the_send(
    mixtui: CommandLine, start: Start, tmp_path: Path
) -> None:
    pipe = tmp_path / "pid"
    os.mkfifo(pipe)
    text = environments_toml(f"http://127.0.0.1:{free_port()}")
    source = f"command = 'echo $$ > {pipe}; exec sleep 600'"
    mixtui.write_environments(text.replace('env = "MP_SECRET"', source))
    process = start(*NAMES, stderr=subprocess.PIPE)
    command = int(pipe.read_text())
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(command, 0)


def test_a_prompt_for_a_secret_leaves_the_terminal_with_its_echo(
    mixtui: CommandLine,
) -> None:
    command = [sys.executable, "-m", "mixtui", "env", "add", "x", "--oauth-token", "-"]
    with Terminal(command, process_environment(mixtui), mixtui.folder) as terminal:
        terminal.wait_for("OAuth token:")
        terminal.wait_until(lambda: not terminal.process.getecho())
        terminal.process.kill(signal.SIGTERM)
        assert terminal.wait_for_exit() == 128 + signal.SIGTERM
        assert terminal.process.getecho()
    assert not (mixtui.config / "environments.toml").exists()


def test_a_prompt_for_a_secret_hides_it_again_after_a_stop(mixtui: CommandLine) -> None:
    command = [sys.executable, "-m", "mixtui", "env", "add", "x", "--oauth-token", "-"]
    with Terminal(command, process_environment(mixtui), mixtui.folder) as terminal:
        process = terminal.process
        terminal.wait_for("OAuth token:")
        terminal.wait_until(lambda: not process.getecho())
        process.kill(signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        process.setecho(True)  # As a shell does.
        process.kill(signal.SIGCONT)
        terminal.wait_until(lambda: not process.getecho())
        terminal.type("hush-hush-1\n")
        assert terminal.wait_for_exit() == 0
        assert b"hush" not in terminal.bytes
    assert "hush-hush-1" in (mixtui.config / "credentials.toml").read_text()


def test_a_hang_up_that_nohup_ignores_ends_nothing(mixtui: CommandLine) -> None:
    shell = ("sh", "-c", "trap '' HUP; exec \"$@\"", "nohup")
    command = (sys.executable, "-m", "mixtui", "sandbox", "--port", "0", "--quiet")
    with subprocess.Popen(
        [*shell, *command], env=process_environment(mixtui), stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"export")
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + signal.SIGTERM


@pytest.mark.parametrize("number", ENDS)
def test_a_sandbox_ends_by_a_signal(
    mixtui: CommandLine, start: Start, new_sandbox: NewSandbox, number: signal.Signals
) -> None:
    pipe = subprocess.PIPE
    data = mixtui.folder / "data"
    new_sandbox(data_dir=data).stop()  # Its sample is a copy.
    command = ("sandbox", "--port", "0", "--quiet", "--data", str(data))
    process = start(*command, stdout=pipe, stderr=pipe)
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b"export")
    process.send_signal(number)
    _, stderr = process.communicate(timeout=PATIENCE)
    assert (process.returncode, b"Traceback" in stderr) == (128 + number, False)
    # The database is closed: nothing is left in its log.
    assert not list(data.glob("*-wal"))


def test_a_sandbox_prints_its_variable_fails_as_asked_and_ends_on_ctrl_c(
    mixtui: CommandLine, start: Start
) -> None:
    pipe = subprocess.PIPE
    failures = ("--fail", "429:/api/app", "--fail", "drop:/api/query")
    command = ("sandbox", "--port", "0", *failures)
    process = start(*command, stdout=pipe, stderr=pipe)
    assert process.stdout is not None
    export = process.stdout.readline().decode().strip()
    assert export.startswith("export MIXTUI_SANDBOX=http://127.0.0.1:")
    mixtui.variables["MIXTUI_SANDBOX"] = export.partition("=")[2]
    assert mixtui("send", "GET", "/me", "--api", "app").status == ExitStatus.QUOTA
    assert mixtui(*NAMES).status == ExitStatus.NO_RESPONSE
    lookup_tables = ("send", "GET", "/lookup-tables", "--api", "ingestion")
    assert mixtui(*lookup_tables).status == ExitStatus.ACCEPTED
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    log_lines = stderr.decode().splitlines()[1:]
    # Failures on purpose are logged like requests, without a traceback.
    assert [command.split(" ")[1] for command in log_lines] == [
        "/api/app/me",
        "/api/query/events/names",
        "/lookup-tables",
    ]


@pytest.mark.parametrize(("options", "logs"), [((), True), (("--quiet",), False)])
def test_a_quiet_sandbox_logs_no_requests(
    mixtui: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    logs: bool,
) -> None:
    settings: dict[str, object] = {}
    monkeypatch.setattr(
        "mixtui.sandbox.server.serve", lambda *_, **given: settings.update(given)
    )
    assert mixtui("sandbox", *options).status == 0
    assert settings["access_log"] is logs


def test_a_port_in_use_is_reported(
    mixtui: CommandLine, sandbox: RunningSandbox
) -> None:
    result = mixtui("sandbox", "--port", str(sandbox.port))
    assert (result.status, result.stdout) == (2, b"")
    assert "choose another with --port" in result.stderr
