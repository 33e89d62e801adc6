"""What work costs as it grows: the same steps with ten and a hundred times as much.

Each step is timed in processor time, of all threads, from its key until the program is at
rest: a busy machine hardly changes that, and work in the background counts, too.
"""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import worlds
from benchmarks.bench import MB, Bench, Figures, Measurement, is_ours
from benchmarks.drivers import Mixtui, Saved
from benchmarks.keys import paste
from benchmarks.payload import HEAD, TAIL
from benchmarks.processes import cpu_of_children
from benchmarks.terminal import Missed, Terminal
from benchmarks.waiting import load, until_ready

_TARGET = "/json?bytes=1000"
_SETTLED = 2.5
"""Seconds after which mixtui trusts that a file is no longer being written."""
_LONG = 1_800.0
"""Seconds that a step may take on a busy machine."""
_PROJECT = "127.0.0.1 us 1 "
"""The project of `Mixtui.prepare`, as its names are stored."""
_QUICK = 50
_ROWS = 20


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that there may be more and more of."""

    title: str
    name: str
    sizes: tuple[str, str, str]
    """Each ten times the one before."""
    take: Callable[[Bench, Mixtui, int], Figures]

    @property
    def cases(self) -> tuple[str, ...]:
        """The cases of the measurement, one for each size."""
        return tuple(f"{size} {self.name}" for size in self.sizes)


@dataclass(slots=True)
class _Steps:
    """Times what somebody does in a program."""

    terminal: Terminal
    figures: dict[str, float] = field(default_factory=dict)

    def do(
        self, name: str, *keys: str, shows: str = "", times: int = 1, gap: float = 0.0
    ) -> None:
        """Press keys, wait until a text is shown and for rest.

        Args:
            name: The figure: processor time; empty = it is not recorded.
            keys: What is pressed.
            shows: Then on the screen.
            times: How often the same is done; the figure is that of one.
            gap: Seconds between the keys.
        """
        used = self.terminal.usage().cpu
        ran = self.terminal.ran()
        self.terminal.press(*keys, gap=gap)
        if shows:
            self.terminal.wait_for(shows, _LONG)
        self.terminal.wait_rest(timeout=_LONG)
        # The precise figure lacks processes that have ended; the other one counts ticks.
        spent = max(self.terminal.ran() - ran, self.terminal.usage().cpu - used - 0.02)
        if name:
            self.figures[name] = spent / times


@contextlib.contextmanager
def _app(
    bench: Bench, driver: Mixtui, home: Path, collection: Path
) -> Iterator[_Steps]:
    terminal = Terminal(
        driver.argv(home, collection), driver.env(home), home, bench.plan.cap
    )
    try:
        ready = until_ready(driver, terminal, _LONG)
        terminal.wait_rest(timeout=_LONG)
        steps = _Steps(terminal)
        steps.figures["start: first key"] = ready.ready
        steps.figures["start"] = terminal.ran()
        steps.figures["start: memory"] = terminal.usage().peak / MB
        steps.do("", "ctrl+u")  # What was typed to see the echo.
        yield steps
    finally:
        terminal.close(*driver.quit_keys)


def _cpu(driver: Mixtui, home: Path, *arguments: str) -> float:
    """Return the processor time of a command."""
    before = cpu_of_children()
    command = [*driver.command(), *arguments]
    done = subprocess.run(
        command,
        env=driver.env(home),
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        message = done.stderr.decode(errors="replace").strip()
        raise Missed(f"{' '.join(arguments)}: {message}")
    return cpu_of_children() - before


def _requests(bench: Bench, driver: Mixtui, count: int) -> Figures:
    with bench.home(driver) as home:
        root = home / "requests"
        root.mkdir()
        worlds.write_requests(root, count)
        time.sleep(_SETTLED)
        listed = ("list", "--collection", str(root))
        first = _cpu(driver, home, *listed)
        again = _cpu(driver, home, *listed)
        with _app(bench, driver, home, root) as steps:
            steps.figures["first `mixtui list`, which reads all"] = first
            steps.figures["`mixtui list`"] = again
            steps.do("", "ctrl+o", gap=0.5)
            steps.do("", "s")
            steps.do("↓ in the tree", *["down"] * _ROWS, times=_ROWS, gap=0.1)
            steps.do("open a folder", "G", "enter", gap=0.3)
            steps.do("open the finder", "ctrl+g", shows="Find a saved request")
            steps.do("first letter in the finder", "z", shows="zebra report")
            steps.do("the rest of the word", "ebra", shows="1 of ")
            steps.do("open what was found", "enter", shows="zebra report")
            steps.do("", "ctrl+g", shows="Find a saved request")
            steps.do("", paste("req-000001"), shows="of ")
            steps.do("switch to another request", "enter", shows="req-000001")
            steps.do("", "ctrl+l", "end", "&a=1", gap=0.3)
            steps.do("save", "ctrl+s", shows="Saved ")
            steps.do("", "ctrl+o", gap=0.5)
            steps.do("", "s")
            steps.do("rename: open the dialog", "r", shows="Rename request")
            steps.do("rename", "end", "x", "enter", shows="Renamed ", gap=0.3)
            figures = steps.figures
        show = ("show", f"{worlds.NEEDLE} report", "--collection", str(root))
        figures["`mixtui show NAME`"] = _cpu(driver, home, *show)
    return figures


def _history(bench: Bench, driver: Mixtui, count: int) -> Figures:
    with bench.home(driver) as home:
        worlds.write_history(home / "state" / "mixtui", count)
        (home / "config" / "mixtui" / "config.toml").write_text(worlds.SETTINGS)
        root = home / "requests"
        root.mkdir()
        with _app(bench, driver, home, root) as steps:
            steps.do(
                "open the history", "f3", shows=f"{count:,} requests, newest first"
            )
            steps.do("page down", *["pagedown"] * _ROWS, times=_ROWS, gap=0.1)
            steps.do("go to the oldest entry", "G", shows=worlds.NEEDLE)
            steps.do("", "g")
            steps.do("filter: word of one entry", "/", "zebra", shows="1 request found")
            steps.do("", "ctrl+u", shows="newest first")
            steps.do("filter: word of all", "report", shows=" found")
            steps.do("", "ctrl+u", shows="newest first")
            steps.do("filter: status", paste("status:429"), shows=" found")
            steps.do("", "ctrl+u", shows="newest first")
            steps.do("filter: last two days", paste("after:today-1d"), shows=" found")
            steps.do("", "ctrl+u", shows="newest first")
            steps.do("", "escape")
            steps.do("delete an entry", "x", "y", shows="Deleted.", gap=0.5)
            steps.do("ask what to purge", "P", shows="Which requests")
            figures = steps.figures
            steps.do("", "escape", "escape", gap=0.5)
        send = ("send", "GET", _TARGET, "--api", "query", "--collection", str(root))
        figures["first `mixtui send` of a day"] = _cpu(driver, home, *send)
        figures["`mixtui send`"] = _cpu(driver, home, *send)
        listed = ("history", "list")
        figures["`mixtui history list`"] = _cpu(driver, home, *listed)
        found = _cpu(driver, home, *listed, worlds.NEEDLE)
        figures["`mixtui history list WORD`"] = found
        purge = ("history", "purge", "--env", "staging", "--yes")
        figures["`mixtui history purge`, a tenth"] = _cpu(driver, home, *purge)
    return figures


def _variables(bench: Bench, driver: Mixtui, count: int) -> Figures:
    with bench.home(driver) as home:
        worlds.write_variables(home / "config" / "mixtui", count)
        root = home / "requests"
        root.mkdir()
        with _app(bench, driver, home, root) as steps:
            steps.do("", paste(_TARGET + "&a={{"), shows="&a={{")
            steps.do("complete a variable: first letter", "z", shows="{{zebra}}")
            steps.do("the rest of it", "ebra}}")
            steps.do("a letter after it", "x", shows="stripesx")
            steps.do("open the environments", "f9", shows="Environments")
            steps.do("edit one", "e", shows="Environment bench")
            steps.do("a letter in its form", "x")
            figures = steps.figures
            steps.do("", "escape", "d", "escape", gap=0.5)
        target = f"{_TARGET}&a={{{{{worlds.NEEDLE}}}}}"
        send = ("send", "GET", target, "--api", "query", "--collection", str(root))
        figures["`mixtui send --dry-run`"] = _cpu(driver, home, *send, "--dry-run")
    return figures


def _names(bench: Bench, driver: Mixtui, count: int) -> Figures:
    with bench.home(driver) as home:
        worlds.write_names(home / "state" / "mixtui", _PROJECT, count)
        root = home / "requests"
        root.mkdir()
        query = [("event", "Sign up"), ("where", "true")]
        where = Saved("", "", "Where", "GET", "/query/segmentation", query)
        (root / "where.toml").write_text(driver.text(where))
        with _app(bench, driver, home, root) as steps:
            steps.do("", "ctrl+g", shows="Find a saved request")
            steps.do("", "enter", shows="/query/segmentation")
            steps.do("", "ctrl+o", gap=0.5)
            steps.do("", "q", "g", "down", gap=0.5)
            steps.do("edit an expression", "e", shows="Apply")
            steps.do("", "ctrl+u", paste('properties["property_'), gap=0.3)
            steps.do("first letter of a name", "0", shows="property_000001")
            steps.do("a letter that one has", paste(f"{count - 1:06d}"[1:]))
            figures = steps.figures
            steps.do("", "escape")
    return figures


def _lines(bench: Bench, driver: Mixtui, size: int) -> Figures:
    target = f"/export?bytes={size}"
    with bench.started(driver) as terminal:
        terminal_steps = _Steps(terminal)
        loaded = load(bench, driver, terminal, target)
        terminal.wait_rest(timeout=_LONG)
        figures = terminal_steps.figures
        figures["first lines"] = loaded.visible
        figures["receive all"] = terminal.usage().cpu - loaded.before.cpu
        figures["disk"] = _disk(bench.work) / MB
        driver.focus_body(terminal)
        terminal_steps.do("go to the end", "G", shows=TAIL)
        terminal_steps.do("go to the top", "g", shows=HEAD)
        terminal_steps.do("page down", *["pagedown"] * _ROWS, times=_ROWS, gap=0.1)
        figures["memory"] = terminal.usage().peak / MB
        terminal_steps.do("search: text of the last line", "/", TAIL, "enter", gap=0.5)
        terminal.wait_for("1 of 1", _LONG)
        figures["memory with search"] = terminal.usage().peak / MB
    with bench.home(driver) as home:
        file = home / "export.ndjson"
        send = ("send", "GET", target, "--api", "query", "-o", str(file))
        figures["`mixtui send -o`"] = _cpu(driver, home, *send)
    return figures


def _disk(folder: Path) -> int:
    """Return the bytes on disk of all files in a folder, each once if it has two names."""
    status = (path.stat() for path in folder.rglob("*") if path.is_file())
    return 512 * sum({each.st_ino: each.st_blocks for each in status}.values())


SUBJECTS = (
    Subject("Saved requests", "saved requests", ("500", "5,000", "50,000"), _requests),
    Subject("History", "history entries", ("10,000", "100,000", "1,000,000"), _history),
    Subject(
        "Variables of an environment",
        "variables",
        ("100", "1,000", "10,000"),
        _variables,
    ),
    Subject(
        "Names of a project", "known names", ("1,000", "10,000", "100,000"), _names
    ),
    Subject(
        "A body of JSON lines", "of JSON lines", ("100 MB", "1 GB", "10 GB"), _lines
    ),
)


def _take(bench: Bench, driver: Mixtui, case: str) -> Figures:
    subject = next(each for each in SUBJECTS if case in each.cases)
    size = case.removesuffix(f" {subject.name}")
    if size.endswith("B"):
        count = bench.plan.size(size)
    else:
        count = int(size.replace(",", "")) // (_QUICK if bench.plan.quick else 1)
    return subject.take(bench, driver, count)


MEASUREMENTS = (
    Measurement(
        "growth",
        tuple(case for subject in SUBJECTS for case in subject.cases),
        _take,
        is_ours,
        most=1,
    ),
)
