"""A long day of the app: thousands of sends, cancels and large responses, then rest.

    python -m benchmarks.endurance [--sends 10000] [--cancels 1000] [--large 200]
                                   [--idle SECONDS] [--write docs/reliability.md]

Runs the whole app, without a terminal, against a server in another process, and prints a
table of what it holds after each part: memory, open files, threads, tasks, and how long a
typed letter takes. History, drafts and bodies are written as usual, in a temporary home.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import platform
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
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
_LETTERS = 60
"""Typed to measure the echo."""
_PATIENCE = 120.0
"""Seconds for one answer on a busy machine."""
_SMALL = "/json?bytes=1000"
_LARGE = "/json?bytes=10000000&pretty=1"
_SLOW = "/drip?bytes=1000000&piece=1000&delay=0.05"
_SIZE = (120, 40)


@dataclass(frozen=True, slots=True)
class Holding:
    """What the app holds at one moment."""

    after: str
    """What it has done by then."""
    seconds: float
    """How long that took."""
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

    @property
    def screen(self) -> MainScreen:
        screen = self.pilot.app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        return screen

    async def part(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do one part, and record what is held when the app has come to rest."""
        started = time.monotonic()
        await work()
        took = time.monotonic() - started
        await self.pilot.pause(1.0)
        echo = await self._echo()
        gc.collect()
        holding = Holding(
            name,
            took,
            usage(os.getpid()).rss,
            len(os.listdir("/proc/self/fd")),
            threading.active_count(),
            len(asyncio.all_tasks()),
            echo,
        )
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

    async def rest(self, seconds: float) -> None:
        """Do nothing for a while."""
        await asyncio.sleep(seconds)

    async def _show(self, target: str) -> None:
        self.screen.draft = Draft(api=Api.APP, url=target)
        await self.pilot.pause()

    async def _start(self) -> None:
        before = next(iter(self.screen.runs), None)
        self._press("f5")
        await self._until(lambda: next(iter(self.screen.runs), None) is not before)

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(_PATIENCE):
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
        for number in range(_LETTERS):
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


def _cells(holding: Holding) -> tuple[str, ...]:
    return (
        holding.after,
        f"{holding.seconds:,.0f} s",
        f"{holding.memory / MB:.0f} MB",
        f"{holding.files}",
        f"{holding.threads}",
        f"{holding.tasks}",
        f"{holding.echo * 1000:.1f} ms",
    )


def table(record: list[Holding]) -> str:
    """Return a table of what was held, with the machine."""
    head = ("after", "took", "memory", "open files", "threads", "tasks", "key echo p95")
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


async def _run(options: argparse.Namespace, home: Path, origin: str) -> list[Holding]:
    session = _session(home, origin)
    app = MixtuiApp(session, lambda: Client(session.secrets), "")
    async with app.run_test(size=_SIZE) as pilot:
        day = Endurance(pilot, [])
        plan: tuple[tuple[str, Callable[[], Awaitable[None]]], ...] = (
            ("start, 20 sends", lambda: day.send(_SMALL, 20)),
            (f"{options.sends:,} sends", lambda: day.send(_SMALL, options.sends)),
            (f"{options.cancels:,} cancels", lambda: day.cancel(options.cancels)),
            (
                f"{options.large:,} responses of 10 MB",
                lambda: day.send(_LARGE, options.large),
            ),
            ("20 sends", lambda: day.send(_SMALL, 20)),
            (f"{options.idle:,.0f} s without a key", lambda: day.rest(options.idle)),
        )
        for name, work in plan:
            await day.part(name, work)
    return day.record


def main() -> None:
    """Run the day, and print or write its table."""
    parser = argparse.ArgumentParser("benchmarks.endurance", description=__doc__)
    parser.add_argument("--sends", type=int, default=10_000)
    parser.add_argument("--cancels", type=int, default=1_000)
    parser.add_argument("--large", type=int, default=200)
    parser.add_argument("--idle", type=float, default=600.0, metavar="SECONDS")
    parser.add_argument("--write", type=Path, metavar="DOCUMENT")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="endurance-") as folder, Server() as server:
        home = Path(folder)
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            os.environ[f"XDG_{name}_HOME"] = str(home / name.lower())
        os.environ["HOME"] = folder
        record = asyncio.run(_run(options, home, server.base))
    print(table(record))
    if options.write:
        put_into(options.write, {SECTION: table(record)})


if __name__ == "__main__":
    main()
