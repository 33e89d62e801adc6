"""An SSH server on this machine, with keys and a configuration of its own."""

from __future__ import annotations

import contextlib
import getpass
import os
import shlex
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from benchmarks.processes import born, tree
from benchmarks.terminal import CLOCK, Missed

_SERVER = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
_CONFIGURATION = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
"""
_OPTIONS = (
    *("-F", "none", "-tt", "-o", "BatchMode=yes", "-o", "LogLevel=ERROR"),
    *("-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none"),
    *("-o", "HostKeyAlias=bench", "-o", "GlobalKnownHostsFile=none"),
)
_PRIVILEGES = Path("/run/sshd")
"""A folder that the server needs if root starts it."""
_PATIENCE = 10.0


class SshServer:
    """A running server that knows one key; stopped at the end of the block.

    Args:
        folder: An empty folder for its keys and its configuration.

    Raises:
        Missed: It is not installed, or does not start.
    """

    def __init__(self, folder: Path) -> None:
        if _SERVER is None or shutil.which("ssh") is None:
            raise Missed("skipped: ssh or sshd is not installed")
        self._folder = folder
        for name in ("host", "user"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", ""]
            subprocess.run([*command, "-f", str(folder / name)], check=True)
        public = (folder / "host.pub").read_text()
        (folder / "known_hosts").write_text(f"bench {public}")
        self.port = _free_port()
        configuration = folder / "sshd_config"
        configuration.write_text(
            _CONFIGURATION.format(port=self.port, folder=folder), "utf-8"
        )
        self._made = os.getuid() == 0 and not _PRIVILEGES.exists()
        if self._made:
            _PRIVILEGES.mkdir(mode=0o755)
        with (folder / "log").open("w") as log:
            self._process = subprocess.Popen(
                [_SERVER, "-D", "-e", "-f", str(configuration)], stderr=log
            )
        self.pid = self._process.pid
        try:
            self._wait()
        except Missed:
            self._stop()
            raise

    def __enter__(self) -> SshServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def client(
        self, port: int, argv: Sequence[str], env: Mapping[str, str], *, compress: bool
    ) -> list[str]:
        """Return the command that runs a program on the server once enter is pressed.

        Args:
            port: The port to connect to: of the server, or of a relay to it.
            argv: The program.
            env: Its environment, to which the server adds the terminal's.
            compress: Whether to compress.
        """
        assignments = [f"{name}={value}" for name, value in env.items()]
        program = shlex.join(["env", "-i", *assignments])
        program += f' TERM="$TERM" {shlex.join(argv)}'
        folder = self._folder
        return [
            *("ssh", *_OPTIONS, *(["-C"] if compress else [])),
            *("-i", str(folder / "user"), "-p", str(port)),
            *("-o", f"UserKnownHostsFile={folder / 'known_hosts'}"),
            f"{getpass.getuser()}@127.0.0.1",
            f"echo {CONNECTED}; read -r _; cd {shlex.quote(env['HOME'])}; "
            f"exec {program}",
        ]

    def _wait(self) -> None:
        end = CLOCK() + _PATIENCE
        while CLOCK() < end and self._process.poll() is None:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            time.sleep(0.05)
        log = (self._folder / "log").read_text().strip()
        raise Missed(f"sshd does not start: {log.splitlines()[-1] if log else 'late'}")

    def _stop(self) -> None:
        # Programs whose terminal is gone may still write into their home.
        mine = [(pid, born(pid)) for pid in tree(self.pid)][1:]
        self._process.terminate()
        self._process.wait(_PATIENCE)
        end = CLOCK() + _PATIENCE
        while CLOCK() < end and any(_is(*process) for process in mine):
            time.sleep(0.05)
        for pid, start in mine:
            if _is(pid, start):
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
        if self._made:
            with contextlib.suppress(OSError):
                _PRIVILEGES.rmdir()


CONNECTED = "connected-to-bench"
"""On the screen once the client is connected."""


def _is(pid: int, start: str) -> bool:
    """Return whether a process is still the one that started then."""
    return born(pid) == start != ""


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port
