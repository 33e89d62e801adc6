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
    """Seconds since the start of a program."""

    painted: float
    """Until the first output on the screen."""
    ready: float
    """Until the echo of typed text."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A displayed response. Times are seconds since the key that sends."""

    visible: float
    """Until the first value of the body is on the screen."""
    usable: float
    """Until the echo of a key typed then."""
    received: float
    """Until the server's last byte."""
    before: Usage
    after: Usage
    """When idle; its peak is that since the start of the program."""


def until_ready(terminal: Terminal, timeout: float = 60.0) -> Start:
    """Wait until a program has painted and echoes typed text.

    Raises:
        Missed: It does not in time.
    """
    painted = terminal.wait_for(lambda screen: not screen.is_blank(), timeout)
    for wait in (2.0, 5.0, timeout):
        terminal.press(GUARD)
        with contextlib.suppress(Missed):
            ready = terminal.wait_for(GUARD, wait)
            return Start(painted - terminal.started, ready - terminal.started)
        if terminal.status() is not None:
            break
        # It was typed before the field had the focus: type again.
    raise Missed("typed text never echoed")


def prepare(bench: Bench, driver: Driver, terminal: Terminal, target: str) -> None:
    """Start a program and enter the URL of a target.

    Raises:
        Missed: It does not start, or the URL cannot be entered.
    """
    until_ready(terminal)
    terminal.wait_quiet()
    driver.enter_url(terminal, driver.url(bench.server.base, target))


def load(bench: Bench, driver: Driver, terminal: Terminal, target: str) -> Loaded:
    """Start a program, request a target, and wait until it is displayed and idle.

    Raises:
        Missed: It is not displayed within the plan's limit.
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
