"""Fixtures that run a command line in this process, with its own files and variables."""

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


class Terminal(io.TextIOWrapper):
    """A stream that may pretend to be a terminal."""

    def __init__(self, content: bytes = b"", terminal: bool = False) -> None:
        self.raw_bytes = io.BytesIO(content)
        self._terminal = terminal
        super().__init__(self.raw_bytes, encoding="utf-8", newline="")

    def isatty(self) -> bool:
        return self._terminal


@dataclass(frozen=True)
class CommandResult:
    """Exit status and output of a command line."""

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
    """A callable that runs `mixtui …` with its own folders and variables."""

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
        """Run a command line; with `terminal` all streams are terminals."""
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
        """Write the user's environments.toml."""
        (self.config / "environments.toml").write_text(text)

    def write_request(self, name: str, text: str) -> Path:
        """Write a saved request to the collection, which is the working folder."""
        path = self.folder / f"{name}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


@pytest.fixture
def mixtui(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A command line isolated from the files and variables of the developer."""
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
    """A command line with a sandbox on real sockets."""
    mixtui.variables["MIXTUI_SANDBOX"] = sandbox.origin
    return mixtui


def environments_toml(origin: str, **more: str) -> str:
    """Render an environments.toml for a custom host."""
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
    """A server that never responds: its origin, and an event set by the first request."""
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
