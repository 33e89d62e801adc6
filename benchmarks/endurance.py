"""A long day of the app: thousands of sends, cancels and large responses, then rest.

    python -m benchmarks.endurance [--sends 10000] [--cancels 1000] [--large 200]
                                   [--idle SECONDS] [--write docs/reliability.md]

Runs the whole app, without a terminal, against a server in another process, and prints a
table of what it holds after each part: memory, open files, threads, tasks, and how long a
typed letter takes. History, drafts and bodies are written as usual, in a temporary home.
--idle 28800 is a night; processor time, memory and tasks show in minutes what it would do.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import os
import platform
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from operator import le
from pathlib import Path

from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from benchmarks.bench import MB
from benchmarks.figures import percentile
from benchmarks.processes import usage
from benchmarks.report import put_into
from benchmarks.server import Server
from mixtui.app import MixtuiApp
from mixtui.client.client import Client
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Draft
from mixtui.model.environment import (
    Credentials,
    Environment,
    Environments,
    ServiceAccount,
)
from mixtui.model.secrets import FromVariable, SecretReader
from mixtui.session import Session
from mixtui.storage.collection import Collection
from mixtui.storage.settings import Settings
from mixtui.ui.main.screen import MainScreen
from mixtui.ui.response.state import Received

SECTION = "endurance"
"""The name of the table in the document."""
POOL = 6
"""Threads for files and formatting: what asyncio would start by itself on two cores."""
_PATIENCE = 120.0
"""Seconds for one answer on a busy machine."""
_SMALL = "/json?bytes=1000"
_LARGE = "/json?bytes=10000000&pretty=1"
_SLOW = "/drip?bytes=1000000&piece=1000&delay=0.05"
_SIZE = (120, 40)


@dataclass(frozen=True)
class Plan:
    """What the app does in a day."""

    sends: int = 10_000
    cancels: int = 1_000
    large: int = 200
    idle: float = 600.0
    """Seconds without a key."""
    few: int = 20
    """Sends that warm it up, and those that end the day."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What the app holds at one moment."""

    after: str
    """What it has done by then."""
    seconds: float
    """How long that took."""
    processor: float
    """Seconds of processor time that it took, the measuring included."""
    memory: float
    """Bytes, after a collection of garbage."""
    files: int
    threads: int
    tasks: int
    echo: float
    """Seconds until a typed letter is drawn: 95 of 100 take no longer."""


@dataclass(slots=True)
class Endurance:
    """The app under way, and the record of what it held."""

    pilot: Pilot[int]
    record: list[Holding]
    patience: float = 1.0
    """Seconds in which the app comes to rest after a part."""
    letters: int = 60
    """Typed to measure the echo."""

    @property
    def screen(self) -> MainScreen:
        screen = self.pilot.app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        return screen

    async def part(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do one part, and record what is held when the app has come to rest."""
        started, cpu = time.monotonic(), time.process_time()
        await work()
        took, cpu = time.monotonic() - started, time.process_time() - cpu
        await self._come_to_rest()
        echo = await self._echo()
        await self._come_to_rest()
        gc.collect()
        files, tasks = _held()
        threads = threading.active_count()
        memory = usage(os.getpid()).rss
        holding = Holding(name, took, cpu, memory, files, threads, tasks, echo)
        self.record.append(holding)
        print(" | ".join(_cells(holding)), flush=True)

    async def send(self, target: str, count: int) -> None:
        """Send a request so often, and wait for each answer to be shown."""
        await self._show(target)
        for number in range(count):
            await self._start()
            await self._until(lambda: not self.screen.runs.running)
            newest = next(iter(self.screen.runs))
            if not isinstance(newest.state, Received):
                raise RuntimeError(f"send {number} of {target}: {newest.state}")
            if (number + 1) % 500 == 0:
                print(f"  {number + 1} × {target}", flush=True)

    async def cancel(self, count: int) -> None:
        """Send a request whose answer comes slowly, and cancel it, so often."""
        await self._show(_SLOW)
        for number in range(count):
            await self._start()
            for _ in range(number % 7):  # At another moment of its way each time.
                await self.pilot.pause(0.01)
            self._press("escape")
            await self._until(lambda: not self.screen.runs.running)

    async def start_threads(self) -> None:
        """Start every thread of the pool: those that come later are too many."""
        loop, everyone = asyncio.get_running_loop(), threading.Barrier(POOL)
        loop.set_default_executor(ThreadPoolExecutor(POOL))
        await asyncio.gather(*(asyncio.to_thread(everyone.wait) for _ in range(POOL)))

    async def rest(self, seconds: float) -> None:
        """Do nothing for a while."""
        await asyncio.sleep(seconds)

    async def _come_to_rest(self) -> None:
        """Wait a while, or as long as more is open and under way than at the start."""
        await self.pilot.pause(self.patience)
        if self.record:
            first = (self.record[0].files, self.record[0].tasks)
            with contextlib.suppress(TimeoutError):
                await self._until(
                    lambda: all(map(le, _held(), first)), 10 * self.patience
                )

    async def _show(self, target: str) -> None:
        self.screen.draft = Draft(api=Api.APP, url=target)
        await self.pilot.pause()

    async def _start(self) -> None:
        before = next(iter(self.screen.runs), None)
        self._press("f5")
        await self._until(lambda: next(iter(self.screen.runs), None) is not before)

    async def _until(
        self, holds: Callable[[], bool], seconds: float = _PATIENCE
    ) -> None:
        async with asyncio.timeout(seconds):
            while not holds():  # noqa: ASYNC110  as a person sees it: from outside
                await asyncio.sleep(0.001)

    def _press(self, key: str, character: str | None = None) -> None:
        self.pilot.app.post_message(events.Key(key, character))

    async def _echo(self) -> float:
        """Return how long a letter typed into the URL takes, and take it out again."""
        self._press("ctrl+l")
        await self.pilot.pause(0.2)
        field = self.pilot.app.focused
        assert isinstance(field, Input)
        waits = []
        for number in range(self.letters):
            before, drawn = field.value, asyncio.Event()
            start = time.perf_counter()
            if number % 2:
                self._press("backspace")
            else:
                self._press("x", "x")
            while field.value == before:  # noqa: ASYNC110  as above
                await asyncio.sleep(0)
            field.call_after_refresh(drawn.set)
            await drawn.wait()
            waits.append(time.perf_counter() - start)
            await asyncio.sleep(0.02)
        return percentile(waits, 0.95)


def _held() -> tuple[int, int]:
    """Return the number of open files and of tasks."""
    return len(os.listdir("/proc/self/fd")), len(asyncio.all_tasks())


def _cells(holding: Holding) -> tuple[str, ...]:
    return (
        holding.after,
        f"{holding.seconds:,.0f} s",
        f"{holding.processor:,.1f} s",
        f"{holding.memory / MB:.0f} MB",
        f"{holding.files}",
        f"{holding.threads}",
        f"{holding.tasks}",
        f"{holding.echo * 1000:.1f} ms",
    )


def table(record: list[Holding]) -> str:
    """Return a table of what was held, with the machine."""
    held = ("memory", "open files", "threads", "tasks", "key echo p95")
    head = ("after", "took", "processor", *held)
    rows = [head, ("---",) * len(head), *map(_cells, record)]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    python = platform.python_version()
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    load = "/".join(f"{each:.1f}" for each in os.getloadavg())
    setting = f"Python {python} on {machine}; load at the end {load}."
    return "\n".join((*lines, "", setting))


def _session(home: Path, origin: str) -> Session:
    """Return a new user's session, with a host of their own."""
    account = ServiceAccount("ci", FromVariable("SECRET"))
    environment = Environment(
        "day",
        project_id="1",
        credentials=Credentials(service_account=account),
        hosts={Api.APP: origin},
    )
    return Session(
        collection=Collection(home / "requests"),
        environments=Environments((environment,), environment.name),
        environment=environment,
        secrets=SecretReader(variables={"SECRET": "endurance"}),
        settings=Settings(),
        config=home / "config",
    )


async def endure(
    plan: Plan, home: Path, origin: str, *, patience: float = 1.0, letters: int = 60
) -> list[Holding]:
    """Run the app for a day, and return what it held.

    Args:
        plan: How much it does.
        home: Where it keeps its collection and its files.
        origin: The address of the server.
        patience: Seconds in which it comes to rest after a part.
        letters: How many are typed to measure the echo.
    """
    session = _session(home, origin)
    app = MixtuiApp(session, lambda: Client(session.secrets), "")
    async with app.run_test(size=_SIZE) as pilot:
        day = Endurance(pilot, [], patience, letters)
        await day.start_threads()
        warm_up, few = f"start, {plan.few} sends", f"{plan.few} sends"
        await day.part(warm_up, lambda: day.send(_SMALL, plan.few))
        await day.part(f"{plan.sends:,} sends", lambda: day.send(_SMALL, plan.sends))
        await day.part(f"{plan.cancels:,} cancels", lambda: day.cancel(plan.cancels))
        name = f"{plan.large:,} responses of 10 MB"
        await day.part(name, lambda: day.send(_LARGE, plan.large))
        await day.part(few, lambda: day.send(_SMALL, plan.few))
        name = f"{plan.idle:,.0f} s without a key"
        await day.part(name, lambda: day.rest(plan.idle))
    return day.record


def main() -> None:
    """Run the day, and print or write its table."""
    parser = argparse.ArgumentParser("benchmarks.endurance", description=__doc__)
    parser.add_argument("--sends", type=int, default=Plan.sends)
    parser.add_argument("--cancels", type=int, default=Plan.cancels)
    parser.add_argument("--large", type=int, default=Plan.large)
    parser.add_argument("--idle", type=float, default=Plan.idle, metavar="SECONDS")
    parser.add_argument("--write", type=Path, metavar="DOCUMENT")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="endurance-") as folder, Server() as server:
        home = Path(folder)
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            os.environ[f"XDG_{name}_HOME"] = str(home / name.lower())
        os.environ["HOME"] = folder
        plan = Plan(options.sends, options.cancels, options.large, options.idle)
        record = asyncio.run(endure(plan, home, server.base))
    print(table(record))
    if options.write:
        put_into(options.write, {SECTION: table(record)})


if __name__ == "__main__":
    main()
