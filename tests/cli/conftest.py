"""A command line in this process: its streams, its variables, its files."""

from __future__ import annotations

import io
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import pytest

from mixtui.cli.console import Console
from mixtui.cli.main import run
from mixtui.sandbox.server import RunningSandbox
from tests.fixtures_sandbox import new_sandbox, sandbox

__all__ = ["new_sandbox", "sandbox"]


class Terminal(io.TextIOWrapper):
    """A stream that may say it is a terminal."""

    def __init__(self, content: bytes = b"", terminal: bool = False) -> None:
        self.raw_bytes = io.BytesIO(content)
        self._terminal = terminal
        super().__init__(self.raw_bytes, encoding="utf-8", newline="")

    def isatty(self) -> bool:
        return self._terminal


@dataclass(frozen=True)
class CommandResult:
    """What a command line left behind."""

    status: int
    stdout: bytes
    stderr: str

    @property
    def text(self) -> str:
        return self.stdout.decode()

    @property
    def output(self) -> str:
        return self.text + self.stderr


@dataclass
class CommandLine:
    """Runs `mixtui …` with its own folders and variables."""

    folder: Path
    config: Path
    variables: dict[str, str] = field(default_factory=dict)

    def __call__(
        self,
        *argv: str,
        stdin: bytes = b"",
        terminal: bool = False,
        piped_stdout: bool = False,
    ) -> CommandResult:
        """Run; `terminal` says that all streams are one."""
        streams = (
            Terminal(stdin, terminal),
            Terminal(terminal=terminal and not piped_stdout),
            Terminal(terminal=terminal),
        )
        status = run(argv, Console(*streams, self.variables))
        for stream in streams[1:]:
            stream.flush()
        stdout, stderr = (stream.raw_bytes.getvalue() for stream in streams[1:])
        return CommandResult(status, stdout, stderr.decode())

    def write_environments(self, text: str) -> None:
        """The user's environments.toml."""
        (self.config / "environments.toml").write_text(text)

    def write_request(self, name: str, text: str) -> Path:
        """A saved request in the collection, which is the working folder."""
        path = self.folder / f"{name}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


@pytest.fixture
def mixtui(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A command line that finds nothing of the person who runs the tests."""
    for name in [n for n in os.environ if n.startswith(("MP_", "MIX"))]:
        monkeypatch.delenv(name)
    for name in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    config = tmp_path / "config" / "mixtui"
    config.mkdir(parents=True)
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "mixtui.toml").touch()
    monkeypatch.chdir(folder)
    return CommandLine(folder, config)


@pytest.fixture
def online(mixtui: CommandLine, sandbox: RunningSandbox) -> CommandLine:
    """The same, with a sandbox on real sockets."""
    mixtui.variables["MIXTUI_SANDBOX"] = sandbox.origin
    return mixtui


def environments_toml(origin: str, **more: str) -> str:
    """An environments.toml for a host of one's own."""
    extra = "\n".join(f"{key} = {value}" for key, value in more.items())
    hosts = "\n".join(
        f'{api} = "{origin}"'
        for api in ("ingestion", "query", "lexicon", "export", "pipelines", "app")
    )
    return f"""
[environments.prod]
project_id = "1234567"
{extra}
[environments.prod.credentials]
project_token = "tok"
service_account = {{ username = "ci", secret = {{ env = "MP_SECRET" }} }}
[environments.prod.hosts]
{hosts}
"""


@pytest.fixture
def silent_server() -> Iterator[tuple[str, Event]]:
    """The origin of a server that takes a request and never answers; told when."""
    arrived = Event()

    def serve() -> None:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            connection.recv(65536)
            arrived.set()
            while connection.recv(65536):
                pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", arrived
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
