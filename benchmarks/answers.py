"""Responses of every size: displayed, scrolled, and typed over while they arrive."""

from __future__ import annotations

import contextlib
import threading
import time

from benchmarks.bench import MB, UNITS, Bench, Figures, Measurement, is_loader
from benchmarks.drivers import Driver
from benchmarks.figures import percentile
from benchmarks.payload import HEAD, TAIL
from benchmarks.programs import Interactive
from benchmarks.server import Server
from benchmarks.terminal import CLOCK, Missed, Terminal
from benchmarks.transfer import bare_seconds
from benchmarks.typist import Typist
from benchmarks.waiting import GUARD, check, load, prepare

SIZES = ("1 KB", "1 MB", "10 MB", "50 MB")
_LOADS = tuple(f"{size} {form}" for form in ("minified", "pretty") for size in SIZES)
FREEZES = (
    "10 MB at once",
    "50 MB at once",
    "50 MB over 3 s",
    "100 KB in pieces of 1 B",
    "5 MB in pieces of 1 KB",
    "50 MB in pieces of 64 KB",
    "50 MB in pieces of 1 MB",
    "50 MB of gzip",
)
"""What arrives while keys are typed."""
_SCROLLS = ("100 KB", "10 MB", "50 MB")
_GAP = 0.05
"""Seconds between keys while a response arrives."""
_SLOW_GAP = 0.25
"""The same for a program that has displayed nothing for a long time."""
_IDLE_KEYS = 40
AFTER = 3.0
"""Seconds of further typing after the response has arrived and is displayed."""
_DRIP_SECONDS = 3.0
_DRIP_DELAY = 0.02
_CHANGED_ROWS = 3
_TURNING = 10.0
"""Seconds after which no further page is turned."""


def _load(bench: Bench, driver: Driver, case: str) -> Figures:
    size, _, form = case.rpartition(" ")
    target = f"/json?bytes={bench.plan.size(size)}&pretty={int(form == 'pretty')}"
    bench.server.prime(target)
    with bench.started(driver) as terminal:
        loaded = load(bench, driver, terminal, target)
    return {
        "visible": loaded.visible,
        "usable": loaded.usable,
        "received": loaded.received,
        "bare": bare_seconds(bench.server.port, target),
        "start_rss": loaded.before.rss / MB,
        "peak": loaded.after.peak / MB,
        "rss": loaded.after.rss / MB,
        "cpu": loaded.after.cpu - loaded.before.cpu,
    }


def _freeze(bench: Bench, driver: Driver, case: str) -> Figures:
    return typed_while_it_arrives(bench, driver, case)[1]


def typed_while_it_arrives(
    bench: Bench, driver: Driver, case: str
) -> tuple[float, Figures]:
    """Type while a response of `FREEZES` arrives.

    Returns:
        When it was requested, and how long the keys waited.

    Raises:
        Missed: It is not displayed within the plan's limit, or no key is.
    """
    size = bench.plan.size(" ".join(case.split()[:2]))
    target = f"/json?bytes={size}"
    bench.server.prime(target)
    if "over" in case:
        piece = max(1, round(size * _DRIP_DELAY / _DRIP_SECONDS))
        target = f"/drip?bytes={size}&piece={piece}&delay={_DRIP_DELAY}"
    elif "pieces of" in case:
        count, unit = case.split()[-2:]
        piece = int(count) * UNITS[unit]
        target = f"/drip?bytes={size}&piece={piece}&delay=0"
    elif "gzip" in case:
        target = f"/export?bytes={size}&gzip=1"
    with bench.started(driver) as terminal:
        # The typed text becomes the value of a parameter that the server ignores.
        prepare(bench, driver, terminal, f"{target}&x=")
        terminal.press(GUARD)
        terminal.wait_for(GUARD, 5)
        terminal.wait_quiet()
        typist = Typist(terminal)
        typist.type(_GAP, lambda typed: typed < _IDLE_KEYS)
        idle, lost = typist.waits(10)
        if lost:
            raise Missed(f"{lost} keys were lost at rest")
        watch = terminal.watch(HEAD)
        number = bench.server.requests()
        sent = driver.send(terminal)
        terminal.press(*driver.edit_keys)
        done = _Done(bench.server, number, bench.plan.limit)

        def coming(_typed: int) -> bool:
            check(terminal)
            if not watch.seen.is_set() or done.time is None:
                return CLOCK() < sent + bench.plan.limit
            return CLOCK() < max(watch.time, done.time) + AFTER

        typist.type(_GAP, lambda n: coming(n) and CLOCK() < sent + 20)
        typist.type(_SLOW_GAP, coming)
        waits, lost = typist.waits(60)
        if not watch.seen.is_set() or done.time is None:
            raise Missed(f"nothing shown in {bench.plan.limit:.0f} s")
        if not waits:
            raise Missed("no key echoed")
        return sent, {
            "idle_p95": percentile(idle, 0.95),
            "longest": max(waits),
            "p95": percentile(waits, 0.95),
            "visible": watch.time - sent,
            "received": done.time - sent,
            "lost": lost,
        }


class _Done:
    """Polls the server, in parallel to the typing, until it has sent everything."""

    def __init__(self, server: Server, number: int, limit: float) -> None:
        self.time: float | None = None
        self._server, self._number, self._limit = server, number, limit
        threading.Thread(target=self._ask, daemon=True).start()

    def _ask(self) -> None:
        end = CLOCK() + self._limit
        while self.time is None and CLOCK() < end:
            time.sleep(0.2)
            # Refused if the run has ended meanwhile.
            with contextlib.suppress(OSError):
                self.time = self._server.done(self._number)


def _scroll(bench: Bench, driver: Driver, case: str) -> Figures:
    # Pretty, or it would be one line for a program that does not reformat it.
    target = f"/json?bytes={bench.plan.size(case)}&pretty=1"
    bench.server.prime(target)
    with bench.started(driver) as terminal:
        loaded = load(bench, driver, terminal, target)
        driver.focus_body(terminal)
        terminal.wait_idle()
        pages = turn_pages(terminal, bench.plan.pages)
        return {"visible": loaded.visible, **pages, **jumps(driver, terminal)}


def turn_pages(terminal: Terminal, count: int) -> dict[str, float]:
    """Press page-down so many times, or for ten seconds, or until the end; returns
    seconds.

    Raises:
        Missed: Nothing changes.
    """
    times: list[float] = []
    end = CLOCK() + _TURNING
    while len(times) < count and CLOCK() < end:
        if (page := _page(terminal)) is None:
            break  # the end of it
        times.append(page)
    if not times:
        raise Missed("page-down changed nothing")
    return {
        "p50": percentile(times, 0.5),
        "p95": percentile(times, 0.95),
        "pages": len(times),
    }


def _page(terminal: Terminal) -> float | None:
    """Return seconds to the first changed row after page-down; None = nothing
    changed.
    """
    terminal.skip()
    before = terminal.screen.lines()
    pressed = terminal.press("pagedown")
    for time_read, _ in terminal.steps(5):
        pairs = zip(before, terminal.screen.lines(), strict=True)
        if sum(old != new for old, new in pairs) >= _CHANGED_ROWS:
            terminal.wait_quiet(0.05, 1)
            return time_read - pressed
    return None


def jumps(program: Interactive, terminal: Terminal) -> dict[str, float]:
    """Return seconds to the end of what has the focus, and back to its beginning."""
    terminal.press(*program.top_keys)
    terminal.wait_for(HEAD, 60)
    terminal.wait_idle()
    if terminal.screen.shows(TAIL):
        return {}  # it fits on the screen
    pressed = terminal.press(*program.bottom_keys)
    bottom = terminal.wait_for(TAIL, 60) - pressed
    terminal.wait_idle()
    pressed = terminal.press(*program.top_keys)
    return {"bottom": bottom, "top": terminal.wait_for(HEAD, 60) - pressed}


MEASUREMENTS = (
    Measurement("load", _LOADS, _load, is_loader, heavy=True),
    Measurement("freeze", FREEZES, _freeze, is_loader, heavy=True),
    Measurement("scroll", _SCROLLS, _scroll, is_loader, heavy=True),
)
