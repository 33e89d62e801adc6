"""Wait from the start of a program to a measurable state."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass

from benchmarks.bench import MB, Bench
from benchmarks.drivers import Driver
from benchmarks.payload import HEAD
from benchmarks.processes import Usage
from benchmarks.terminal import Missed, Terminal

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


def until_ready(driver: Driver, terminal: Terminal, timeout: float = 60.0) -> Start:
    """Wait until a program has painted and echoes text typed into its URL field.

    Raises:
        Missed: It does not in time.
    """
    painted = terminal.wait_for(lambda screen: not screen.is_blank(), timeout)
    terminal.press(*driver.ready_keys)
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
    until_ready(driver, terminal)
    terminal.wait_quiet()
    driver.enter_url(terminal, driver.url(bench.server.base, target))


def load(bench: Bench, driver: Driver, terminal: Terminal, target: str) -> Loaded:
    """Start a program, request a target, and wait until it is displayed and idle.

    Raises:
        Missed: It is not displayed within the plan's limit.
    """
    prepare(bench, driver, terminal, target)
    before, number = terminal.usage(), bench.server.requests()
    sent = driver.send(terminal)
    visible = wait_for_head(bench, terminal, sent)
    terminal.press(*driver.edit_keys, GUARD)
    usable = terminal.wait_for(GUARD, bench.plan.limit)
    with contextlib.suppress(Missed):
        terminal.wait_idle(bench.plan.limit)
    done = bench.server.done(number)
    received = math.nan if done is None else done - sent
    after = terminal.usage()
    return Loaded(visible, usable - sent, received, before, after)


def wait_for_head(bench: Bench, terminal: Terminal, start: float) -> float:
    """Wait until the first value of a body is on the screen; returns seconds from the
    start.

    Raises:
        Missed: It isn't within the plan's limit.
    """
    limit = bench.plan.limit
    with contextlib.suppress(Missed):
        return terminal.wait_for(HEAD, limit) - start
    check(terminal)
    peak = terminal.usage().peak / MB
    raise Missed(f"nothing shown in {limit:.0f} s; peak {peak:.0f} MB")


def check(terminal: Terminal) -> None:
    """Raise Missed if the program has ended."""
    if terminal.trouble or terminal.status() is not None:
        raise Missed(terminal.trouble or f"it ended with {terminal.status()}")
