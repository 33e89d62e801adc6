"""The basis of every measurement: the plan, the server, freshly started programs."""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeGuard, TypeVar

from benchmarks.drivers import Driver, Mixtui
from benchmarks.programs import Command, Interactive, Program
from benchmarks.server import Server
from benchmarks.terminal import Terminal

MB = 1_000_000
UNITS = {"B": 1, "KB": 1_000, "MB": MB, "GB": 1_000 * MB}
_QUICK = 50
"""The factor by which a quick run's sizes are smaller."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The extent of a run."""

    quick: bool = False
    """Everything small and short: to see that it works, not for its figures."""
    limit: float = 30.0
    """Seconds after which a response counts as never displayed."""
    largest: str = "1 GB"
    """Cases with larger responses are skipped."""
    cap: int = 12_000 * MB
    """Bytes of memory above which a program is killed."""

    def size(self, text: str) -> int:
        """Return the size in bytes of "10 MB" in this plan."""
        number, unit = text.split()
        size = int(number) * UNITS[unit]
        return max(1_000, size // _QUICK) if self.quick else size

    def cases(self, cases: Sequence[str]) -> Sequence[str]:
        """Return those that are measured; in a quick run the first and the last."""
        return cases if not self.quick else cases[:: max(1, len(cases) - 1)]

    def wants(self, case: str) -> bool:
        """Return whether a case, which may begin with a size, is within the limit."""
        size = size_of(case)
        return not size or self.size(size) <= self.size(self.largest)

    @property
    def keystrokes(self) -> int:
        """Return the number of keys typed to measure the echo."""
        return 20 if self.quick else 100

    @property
    def pages(self) -> int:
        """Return the number of pages turned to measure paging."""
        return 5 if self.quick else 50

    @property
    def idle_seconds(self) -> float:
        """Return the seconds for which a program is left idle."""
        return 2.0 if self.quick else 10.0

    @property
    def requests(self) -> int:
        """Return the number of requests in a large collection."""
        return 100 if self.quick else 5_000


def size_of(case: str) -> str:
    """Return the size at the start of a case ("10 MB minified"); empty = it has none."""
    match = re.match(r"\d+ [KMG]B\b", case)
    return match[0] if match else ""


class Bench:
    """The server and a working folder of one run.

    Args:
        plan: The extent of the run.
        server: The server to send requests to.
        work: A folder for files shared by several measurements.
    """

    def __init__(self, plan: Plan, server: Server, work: Path) -> None:
        self.plan, self.server, self.work = plan, server, work

    @contextlib.contextmanager
    def home(self, program: Program) -> Iterator[Path]:
        """Create an empty home for a program."""
        home = Path(tempfile.mkdtemp(prefix="home-", dir=self.work))
        try:
            program.prepare(home, self.server.port)
            yield home
        finally:
            shutil.rmtree(home, ignore_errors=True)

    @contextlib.contextmanager
    def started(
        self, program: Interactive, path: Path | None = None
    ) -> Iterator[Terminal]:
        """Start a program, with what it opens, in a terminal with an empty home."""
        with self.home(program) as home:
            argv = program.argv(home, path)
            terminal = Terminal(argv, program.env(home), home, self.plan.cap)
            try:
                yield terminal
            finally:
                terminal.close(*program.quit_keys)

    @contextlib.contextmanager
    def workspace(self, driver: Driver) -> Iterator[tuple[Path, list[str]]]:
        """Create a home with saved requests; yields it with the command to start."""
        with self.home(driver) as home:
            collection = home / "requests"
            driver.write_workspace(collection, self.server.base)
            yield home, driver.argv(home, collection)


Figures = Mapping[str, float]
"""The measured values by name: seconds, bytes or counts."""


P = TypeVar("P", bound=Program)


@dataclass(frozen=True, slots=True)
class Measurement(Generic[P]):
    """One kind of measurement, and its cases."""

    name: str
    cases: tuple[str, ...]
    take: Callable[[Bench, P, str], Figures]
    fits: Callable[[Program, str], TypeGuard[P]]
    """Whether a program supports a case."""
    most: int = 1_000
    """Repetitions at most, for what varies little."""
    heavy: bool = False
    """Whether other programs repeat it less often, and are spared what is hopeless."""


def is_client(program: Program, _case: str) -> TypeGuard[Driver]:
    """Return whether a program is an interactive client."""
    return isinstance(program, Driver)


def is_loader(program: Program, _case: str) -> TypeGuard[Driver]:
    """Return whether a program is one that displays responses."""
    return isinstance(program, Driver) and program.loads


def is_toured(program: Program, _case: str) -> TypeGuard[Driver]:
    """Return whether a program is one whose dialogs are opened."""
    return isinstance(program, Driver) and bool(program.dialogs)


def is_command(program: Program, _case: str) -> TypeGuard[Command]:
    """Return whether a program sends a request and ends."""
    return isinstance(program, Command)


def is_ours(program: Program, _case: str) -> TypeGuard[Mixtui]:
    """Return whether a program is mixtui."""
    return isinstance(program, Mixtui)
