"""What is common to every program that is measured, and the commands among them."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

_VERSION = re.compile(r"\d[\w.]*")


class Program:
    """A program that is measured if it is found."""

    name = ""
    binary = ""
    """The name of its executable; empty = that of the program."""
    cannot: Mapping[str, str] = {}
    """Tests that it can't do, and why."""

    def command(self) -> list[str]:
        """Return the words that run it; empty = it is not found.

        BENCH_NAME, else the executable beside this Python or in PATH.
        """
        if configured := os.environ.get(f"BENCH_{self.name.upper()}"):
            return shlex.split(configured)
        binary = self.binary or self.name
        beside = Path(sys.executable).with_name(binary)
        found = str(beside) if beside.exists() else shutil.which(binary)
        return [found] if found else []

    def versions(self) -> str:
        """Return the versions of the program and its libraries as text."""
        command = [*self.command(), "--version"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        version = _VERSION.search(done.stdout)
        return f"{self.name} {version[0] if version else done.stdout.strip()}"

    def prepare(self, home: Path, port: int) -> None:
        """Write the configuration in an empty home; by default there is none."""
        return

    def url(self, base: str, target: str) -> str:
        """Return the URL that it is given for a target of the server."""
        return base + target

    def env(self, home: Path) -> dict[str, str]:
        """Return its environment: that of a new user."""
        inherited = ("PATH", "LANG", "LC_ALL", "TZ")
        return {
            "LANG": "C.UTF-8",
            **{name: os.environ[name] for name in inherited if name in os.environ},
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "XDG_STATE_HOME": str(home / "state"),
        }


class Interactive(Program, ABC):
    """A program in a terminal that shows something long."""

    bottom_keys: tuple[str, ...] = ("G",)
    top_keys: tuple[str, ...] = ("g",)
    search_keys: tuple[str, ...] = ("/",)
    """Keys before the text that is searched for, and enter."""
    quit_keys: tuple[str, ...] = ("q",)

    @abstractmethod
    def argv(self, home: Path, path: Path | None) -> list[str]:
        """Return the command that starts the program.

        Args:
            home: A prepared home.
            path: The collection or file that it opens.
        """


class Viewer(Interactive):
    """A viewer of files.

    Args:
        name: The name of the program.
        options: The words before the file.
    """

    def __init__(self, name: str, options: Sequence[str] = ()) -> None:
        self.name = name
        self._options = options

    def argv(self, home: Path, path: Path | None) -> list[str]:
        return [*self.command(), *self._options, str(path)]


class Command(Program, ABC):
    """A program that sends a request and ends."""

    @abstractmethod
    def get(self, url: str) -> list[str]:
        """Return the command that prints the response to a GET request."""

    @abstractmethod
    def save(self, url: str, file: Path) -> list[str]:
        """Return the command that writes it to a file."""


class Importer(Program, ABC):
    """A program that imports a file of events."""

    @abstractmethod
    def importing(self, file: Path, base: str) -> list[str]:
        """Return the command that imports a file.

        Args:
            file: JSON lines.
            base: What takes the place of Mixpanel's address.
        """

    def importing_env(self, home: Path, base: str) -> dict[str, str]:
        """Return its environment."""
        return self.env(home)


class HttpCommand(Command):
    """One that needs nothing but arguments.

    Args:
        name: The name of the program.
        options: The words before the URL.
        into: The options that write to a file, whose name follows.
        binary: The name of its executable; empty = that of the program.
    """

    def __init__(
        self,
        name: str,
        options: Sequence[str],
        into: Sequence[str],
        binary: str = "",
    ) -> None:
        self.name, self.binary = name, binary
        self._options, self._into = options, into

    def get(self, url: str) -> list[str]:
        return [*self.command(), *self._options, url]

    def save(self, url: str, file: Path) -> list[str]:
        return [*self.command(), *self._options, *self._into, str(file), url]


def python_versions(python: str, *packages: str) -> str:
    """Return the versions of packages, and of the Python that has them."""
    code = (
        "import sys, importlib.metadata as m\n"
        "for p in sys.argv[1:]: print(p, m.version(p), end=', ')\n"
        "print('Python', sys.version.split()[0])"
    )
    done = subprocess.run(
        [python, "-c", code, *packages], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(folder: Path) -> str:
    """Return " (commit)" of a checkout, else nothing."""
    command = ["git", "-C", str(folder), "describe", "--always", "--dirty"]
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return f" ({done.stdout.strip()})"
    return ""
