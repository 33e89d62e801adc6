"""Wait from the start of a program to a measurable state."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass

from benchmarks.bench import Bench
from benchmarks.drivers import Driver
from benchmarks.payload import HEAD
from benchmarks.processes import Usage
from benchmarks.terminal import CLOCK, Missed, Terminal

GUARD = "ZQJ"
"""Typed to see an echo; in no body and on no screen."""


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from the start of a program."""

    painted: float
    """To the first thing on the screen."""
    ready: float
    """To the echo of typed text."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A response on the screen. Times are seconds from the key that sends."""

    visible: float
    """To the first value of the body on the screen."""
    usable: float
    """To the echo of a key typed then."""
    received: float
    """To the server's last byte."""
    before: Usage
    after: Usage
    """At rest; its peak is that since the start of the program."""


def until_ready(terminal: Terminal, timeout: float = 60.0) -> Start:
    """Wait until a program has painted and echoes what is typed.

    Raises:
        Missed: It does not.
    """
    painted = terminal.wait_for(lambda screen: not screen.is_blank(), timeout)
    for wait in (2.0, 5.0, timeout):
        terminal.press(GUARD)
        with contextlib.suppress(Missed):
            ready = terminal.wait_for(GUARD, wait)
            return Start(painted - terminal.started, ready - terminal.started)
        if terminal.status() is not None:
            break
        # It was typed before the field had the focus: once more.
    raise Missed("typed text never echoed")


def prepare(bench: Bench, driver: Driver, terminal: Terminal, target: str) -> None:
    """Start, and enter the URL of a target.

    Raises:
        Missed: It does not start, or does not take the URL.
    """
    until_ready(terminal)
    terminal.wait_quiet()
    driver.enter_url(terminal, driver.url(bench.server.base, target))


def load(bench: Bench, driver: Driver, terminal: Terminal, target: str) -> Loaded:
    """Start, ask for a target, and wait until the response shows and all is at rest.

    Raises:
        Missed: It does not show within the plan's limit.
    """
    prepare(bench, driver, terminal, target)
    before, number = terminal.usage(), bench.server.requests()
    watch = terminal.watch(HEAD)
    sent = driver.send(terminal)
    while not watch.seen.wait(0.2):
        check(terminal)
        if CLOCK() > sent + bench.plan.limit:
            peak = terminal.usage().peak / 1e6
            waited = f"{bench.plan.limit:.0f} s; peak {peak:.0f} MB"
            raise Missed(f"nothing shown in {waited}")
    terminal.press(GUARD)
    visible = terminal.wait_for(HEAD, 30)
    usable = terminal.wait_for(GUARD, bench.plan.limit)
    with contextlib.suppress(Missed):
        terminal.wait_idle(bench.plan.limit)
    done = bench.server.done(number)
    received = math.nan if done is None else done - sent
    after = terminal.usage()
    return Loaded(visible - sent, usable - sent, received, before, after)


def check(terminal: Terminal) -> None:
    """Raise Missed if the program has ended."""
    if terminal.trouble or terminal.status() is not None:
        raise Missed(terminal.trouble or f"it ended with {terminal.status()}")
