"""What every measurement uses: the plan, the server, freshly started programs."""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.drivers import Driver
from benchmarks.server import Server
from benchmarks.terminal import Terminal

MB = 1_000_000
_UNITS = {"KB": 1_000, "MB": MB, "GB": 1_000 * MB}
_QUICK = 50
"""A quick run's sizes are this many times smaller."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    quick: bool = False
    """Everything small and short: to see that it works, not for its figures."""
    limit: float = 120.0
    """Seconds until a response that does not show counts as never shown."""
    largest: str = "1 GB"
    """Cases of larger answers are left out."""
    cap: int = 12_000 * MB
    """Bytes of memory above which a program is ended."""

    def size(self, text: str) -> int:
        """Return the bytes that stand for "10 MB" in this plan."""
        number, unit = text.split()
        size = int(number) * _UNITS[unit]
        return max(1_000, size // _QUICK) if self.quick else size

    def wants(self, case: str) -> bool:
        """Return whether a case, which may begin with a size, is not too large."""
        match = re.match(r"\d+ [KMG]B\b", case)
        return match is None or self.size(match[0]) <= self.size(self.largest)

    @property
    def keystrokes(self) -> int:
        """Keys typed to know how quickly they echo."""
        return 20 if self.quick else 100

    @property
    def pages(self) -> int:
        """Pages turned to know how quick that is."""
        return 5 if self.quick else 50

    @property
    def idle_seconds(self) -> float:
        """How long a program is left alone."""
        return 2.0 if self.quick else 10.0

    @property
    def requests(self) -> int:
        """How many requests a large collection has."""
        return 100 if self.quick else 5_000


class Bench:
    """The server and a folder to work in, for one run.

    Args:
        plan: How much is measured.
        server: What is asked.
        work: For files that several measurements share.
    """

    def __init__(self, plan: Plan, server: Server, work: Path) -> None:
        self.plan, self.server, self.work = plan, server, work

    @contextlib.contextmanager
    def home(self, driver: Driver) -> Iterator[Path]:
        """A fresh home for a program."""
        home = Path(tempfile.mkdtemp(prefix="home-", dir=self.work))
        try:
            driver.prepare(home, self.server.port)
            yield home
        finally:
            shutil.rmtree(home, ignore_errors=True)

    @contextlib.contextmanager
    def started(
        self, driver: Driver, collection: Path | None = None
    ) -> Iterator[Terminal]:
        """A program just started in a terminal and a fresh home."""
        with self.home(driver) as home:
            argv = driver.argv(home, collection)
            terminal = Terminal(argv, driver.env(home), home, self.plan.cap)
            try:
                yield terminal
            finally:
                terminal.close(*driver.quit_keys)


Figures = Mapping[str, float]
"""What was measured: seconds, bytes or counts, by name."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One way of looking at a program, and the cases it is tried with."""

    name: str
    cases: tuple[str, ...]
    take: Callable[[Bench, Driver, str], Figures]
    fits: Callable[[Driver, str], bool]
    """Whether a program can do a case."""
    heavy: bool = False
    """Whoever fails a case is spared the larger ones after it, of the same ending."""
