"""Drivers: how to start each program, and its keys."""

from __future__ import annotations

import os
import shutil
import sys
import time
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

from benchmarks.keys import paste
from benchmarks.programs import Command, Importer, Interactive, commit, python_versions
from benchmarks.server import PREFIX
from benchmarks.terminal import Missed, Terminal

_HERE = Path(__file__).resolve().parent
_METHODS = ("GET", "POST", "GET", "PUT")
_PAUSES = (0.4, 0.8, 1.6, 3.2)

Query = Iterable[tuple[str, str]]
"""Names and values of query parameters."""

_SAVED = {
    "1 Query": (
        "Counts of events by day",
        "Purchases by plan",
        "From product to purchase",
        "Retention by week",
        "Customers of a plan",
    ),
    "2 Ingestion": (
        "Import a purchase",
        "Import two records",
        "Track an event",
        "Set profile properties",
        "Replace a lookup table",
    ),
    "3 Raw export": ("Purchases of a day", "Five events by day"),
    "4 Lexicon": ("List schemas", "Describe refunds", "Delete a schema"),
    "5 App": ("List annotations", "Update an annotation", "List feature flags"),
}
_COUNTS = (
    ("event", '["Sign Up", "App Open", "Purchase"]'),
    ("from_date", "2026-11-01"),
    ("to_date", "2026-11-29"),
    ("unit", "day"),
    ("type", "general"),
)


class Saved(NamedTuple):
    """A saved request."""

    group: str
    file: str
    """The name of its file, if it has one of its own; sorted like the requests."""
    name: str
    method: str
    url: str
    query: Query


class Driver(Interactive):
    """An interactive client: the defaults shared by most."""

    loads = True
    """Whether it displays responses."""
    collects = True
    """Whether it has saved requests."""
    ready_keys: tuple[str, ...] = ()
    """Keys that lead from the start to a URL field that text can be typed into."""
    edit_keys: tuple[str, ...] = ()
    """Keys without which letters are not text, when the URL field is left."""
    url_keys: tuple[str, ...] = ("ctrl+l",)
    """Keys that focus the URL field."""
    clear_keys: tuple[str, ...] = ("end", "ctrl+u")
    pastes = True
    """Whether a URL can be pasted in brackets, or else must be typed."""
    accept_keys: tuple[str, ...] = ()
    """Keys without which the typed URL is not sent."""
    send_keys: tuple[str, ...] = ("enter",)
    body_keys: tuple[str, ...] = ()
    """Keys that focus the response."""
    quit_keys: tuple[str, ...] = ("ctrl+q",)
    open_keys: tuple[str, ...] = ()
    """Keys that open the first saved request."""
    dialogs: Mapping[str, tuple[str, str]] = {}
    """The keys that open and close each dialog."""
    steady: Mapping[str, str] = {}
    """Environment with which the cursor does not blink, so that it comes to rest."""

    def write_requests(self, folder: Path, requests: Sequence[Saved]) -> None:
        """Write saved requests in a folder; by default there are none."""
        return

    def write_collection(self, folder: Path, count: int, base: str) -> None:
        """Write many saved requests, twenty per group."""
        requests = []
        for number in range(count):
            group, name = f"group-{number // 20:03d}", f"req-{number:05d}"
            url = self.url(base, f"/json?bytes=1000&number={number}&event=App%20Open")
            method = _METHODS[number % len(_METHODS)]
            requests.append(Saved(group, name, name, method, url, ()))
        self.write_requests(folder, requests)

    def write_workspace(self, folder: Path, base: str) -> None:
        """Write a collection as a person has it; its first request has a response."""
        url = self.url(base, "/query/events")
        requests = [
            Saved(group, f"{number + 1} {name}", name, method, url, ())
            for group, names in _SAVED.items()
            for number, (name, method) in enumerate(zip(names, cycle(_METHODS)))
        ]
        requests[0] = requests[0]._replace(query=_COUNTS)
        self.write_requests(folder, requests)

    def enter_url(self, terminal: Terminal, url: str) -> None:
        """Enter a URL into the field.

        Raises:
            Missed: The URL was not entered.
        """
        # Textual runs the action of a key after text that was typed behind it, so a key
        # that clears may also clear the URL that follows: check, and try once more.
        for pause in _PAUSES:
            terminal.press(*self.url_keys)
            terminal.wait_quiet(0.3, 2)
            terminal.press(*self.clear_keys, gap=0.1)
            time.sleep(pause)
            terminal.press(paste(url) if self.pastes else url)
            terminal.wait_quiet(0.35, 4)
            if terminal.screen.shows(url[-20:]):
                return
        raise Missed("the URL was not accepted")

    def send(self, terminal: Terminal) -> float:
        """Press the key that sends the request; returns the time of the key."""
        if self.accept_keys:
            terminal.press(*self.accept_keys)
            terminal.wait_quiet(0.3, 2)
        return terminal.press(*self.send_keys)

    def focus_body(self, terminal: Terminal) -> None:
        """Focus the response."""
        for key in self.body_keys:
            terminal.press(key)
            # A letter may only be pressed once the key before it has had its effect.
            terminal.wait_idle()


class FileDriver(Driver):
    """A client with a file for each saved request."""

    suffix = ""

    def argv(self, home: Path, path: Path | None) -> list[str]:
        collection = path or home / "requests"
        collection.mkdir(exist_ok=True)
        return [*self.command(), "--collection", str(collection)]

    def write_requests(self, folder: Path, requests: Sequence[Saved]) -> None:
        for request in requests:
            group = folder / request.group
            group.mkdir(parents=True, exist_ok=True)
            (group / f"{request.file}{self.suffix}").write_text(self.text(request))

    @abstractmethod
    def text(self, request: Saved) -> str:
        """Return the text of the file of a saved request."""


class Mixtui(FileDriver, Command, Importer):
    """mixtui, as a client and as a command."""

    name = "mixtui"
    suffix = ".toml"
    send_keys = ("f5",)
    body_keys = ("ctrl+o", "r")
    quit_keys = ("ctrl+q", "d")  # d: discard the typed changes
    open_keys = ("ctrl+g", "Counts of", "enter")
    dialogs: Mapping[str, tuple[str, str]] = {
        "operations": ("ctrl+t", "escape"),
        "environments": ("f9", "escape"),
        "palette": ("ctrl+p", "escape"),
        "help": ("f1", "escape"),
        "jump labels": ("ctrl+o", "escape"),
    }

    def command(self) -> list[str]:
        # A checkout that is not installed is run as a module.
        return super().command() or [sys.executable, "-m", "mixtui"]

    def versions(self) -> str:
        versions = python_versions(
            sys.executable, "mixtui", "textual", "httpx", "msgspec"
        )
        return versions.replace(",", commit(_HERE) + ",", 1)

    def prepare(self, home: Path, port: int) -> None:
        folder = home / "config" / "mixtui"
        folder.mkdir(parents=True)
        base = f"http://127.0.0.1:{port}{PREFIX}"
        text = 'default = "bench"\n[environments.bench]\nproject_id = "1"\n'
        text += "confirm_writes = false\n"
        text += '[environments.bench.credentials]\nproject_token = "bench"\n'
        text += 'service_account = { username = "bench", '
        text += 'secret = { env = "BENCH_SECRET" } }\n'
        text += (
            f'[environments.bench.hosts]\nquery = "{base}"\nexport = "{base}/export"\n'
        )
        (folder / "environments.toml").write_text(text)

    def env(self, home: Path) -> dict[str, str]:
        # A checkout that is not installed is named by PYTHONPATH.
        path = os.environ.get("PYTHONPATH")
        extra = {"PYTHONPATH": path} if path else {}
        return {**super().env(home), **extra, "BENCH_SECRET": "bench"}

    def url(self, base: str, target: str) -> str:
        return target

    def get(self, url: str) -> list[str]:
        return [*self.command(), "send", "GET", url, "--api", "query"]

    def save(self, url: str, file: Path) -> list[str]:
        return [*self.get(url), "-o", str(file)]

    def exporting(self, file: Path, size: int) -> list[str]:
        """Return the command that exports so many bytes of events to a file."""
        dates = ("--from", "2026-01-01", "--to", "2026-01-01", "--where", str(size))
        return [*self.command(), "events", "export", *dates, "-o", str(file)]

    def importing(self, file: Path, base: str, pace: int = 0) -> list[str]:
        options = ("--pace", str(pace), "--progress", "none", "--yes")
        return [*self.command(), "events", "import", str(file), *options]

    def importing_env(self, home: Path, base: str) -> dict[str, str]:
        path = home / "config" / "mixtui" / "environments.toml"
        path.write_text(path.read_text() + f'ingestion = "{base}"\n')
        return self.env(home)

    def text(self, request: Saved) -> str:
        text = f'name = "{request.name}"\nmethod = "{request.method}"\n'
        text += f'api = "query"\nurl = "{request.url}"\n'
        if request.method != "GET":
            text += '[body]\ntype = "json"\ntext = \'{"event": "App Open"}\'\n'
        for key, value in request.query:
            text += f"[[query]]\nname = '{key}'\nvalue = '{value}'\n"
        return text


class Posting(FileDriver):
    """Posting."""

    name = "posting"
    suffix = ".posting.yaml"
    send_keys = ("ctrl+j",)
    body_keys = ("ctrl+o", "a", "tab")  # the Body tab of the response, then into it
    quit_keys = ("ctrl+c",)
    open_keys = ("ctrl+o", "tab", "down", "enter")
    dialogs: Mapping[str, tuple[str, str]] = {
        "palette": ("ctrl+p", "escape"),
        "help": ("f1", "escape"),
        "jump labels": ("ctrl+o", "escape"),
    }
    steady: Mapping[str, str] = {"POSTING_TEXT_INPUT__BLINKING_CURSOR": "false"}

    def versions(self) -> str:
        program = shutil.which(self.command()[0]) or self.command()[0]
        python = Path(program).parent / "python"
        return python_versions(
            str(python), "posting", "textual", "httpx", "tree-sitter"
        )

    def text(self, request: Saved) -> str:
        text = f"name: {request.name}\nmethod: {request.method}\nurl: {request.url}\n"
        if request.method != "GET":
            text += 'body:\n  content: \'{"event": "App Open"}\'\n'
            text += "  content_type: application/json\n"
        if request.query:
            text += "params:\n"
        for key, value in request.query:
            text += f"- name: {key}\n  value: '{value}'\n"
        return text


class Floor(Driver):
    """One of the views of `floor_app`."""

    collects = False
    body_keys = ("ctrl+r",)
    bottom_keys = ("ctrl+g",)
    top_keys = ("ctrl+t",)

    def __init__(self, name: str, view: str) -> None:
        self.name = name
        self._view = view
        self.loads = view != "none"

    def command(self) -> list[str]:
        return [sys.executable]

    def argv(self, home: Path, path: Path | None) -> list[str]:
        # Imported, not run as a file, so that its byte code is cached like any
        # program's.
        code = "import sys; sys.path.insert(0, sys.argv.pop(1)); "
        code += "import floor_app; floor_app.main()"
        return [*self.command(), "-c", code, str(_HERE), "--view", self._view]

    def versions(self) -> str:
        return python_versions(sys.executable, "textual", "httpx")
