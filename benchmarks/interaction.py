"""Start, keys and idling: everything before the first response."""

from __future__ import annotations

import statistics
import time
from typing import TypeGuard

from benchmarks.bench import (
    MB,
    Bench,
    Figures,
    Measurement,
    is_client,
)
from benchmarks.drivers import Driver
from benchmarks.figures import percentile
from benchmarks.programs import Program
from benchmarks.terminal import Missed
from benchmarks.typist import Typist
from benchmarks.waiting import load, until_ready

_EMPTY, _MANY = "no saved requests", "5,000 saved requests"
_FRESH, _SHOWN = "fresh", "with 1 MB shown"
_LISTED = "req-00000"
"""On the screen once a collection is displayed."""
_KEY_GAP = 0.08


def _start(bench: Bench, driver: Driver, case: str) -> Figures:
    collection = None
    if case == _MANY:
        collection = bench.work / f"collection-{driver.name}"
        if not collection.exists():
            collection.mkdir()
            count = bench.plan.requests
            driver.write_collection(collection, count, bench.server.base)
    with bench.started(driver, collection) as terminal:
        seen = until_ready(driver, terminal)
        end = terminal.started + seen.ready
        written = terminal.bytes_between(terminal.started, end + 1e-6)
        listed = end
        if case == _MANY and not terminal.screen.shows(_LISTED):
            listed = terminal.wait_for(_LISTED, 60)
        terminal.wait_quiet()
        used = terminal.usage()
        return {
            "painted": seen.painted,
            "ready": seen.ready,
            "listed": listed - terminal.started,
            "bytes": written,
            "cpu": used.cpu,
            "rss": used.rss / MB,
        }


def _keys(bench: Bench, driver: Driver, case: str) -> Figures:
    with bench.started(driver) as terminal:
        until_ready(driver, terminal)
        time.sleep(1)
        terminal.skip()
        typist = Typist(terminal)
        count = bench.plan.keystrokes
        cpu = terminal.usage().cpu
        typist.type(_KEY_GAP, lambda typed: typed < count)
        time.sleep(_KEY_GAP)
        cpu = terminal.usage().cpu - cpu
        waits, lost = typist.waits(10)
        if not waits:
            raise Missed("no key echoed")
        pairs = zip(typist.times, typist.times[1:], strict=False)
        return {
            "p50": percentile(waits, 0.5),
            "p95": percentile(waits, 0.95),
            "longest": max(waits),
            "bytes": statistics.mean(terminal.bytes_between(a, b) for a, b in pairs),
            "cpu": cpu / count,
            "lost": lost,
        }


def _idle(bench: Bench, driver: Driver, case: str) -> Figures:
    with bench.started(driver) as terminal:
        if case == _SHOWN:
            target = f"/json?bytes={bench.plan.size('1 MB')}"
            load(bench, driver, terminal, target)
        else:
            until_ready(driver, terminal)
        time.sleep(2)
        terminal.wait_quiet()
        written, ran = terminal.written, terminal.ran()
        time.sleep(bench.plan.idle_seconds)
        return {
            "bytes": terminal.written - written,
            "cpu": terminal.ran() - ran,
            "rss": terminal.usage().rss / MB,
        }


def _starts(program: Program, case: str) -> TypeGuard[Driver]:
    return is_client(program, case) and (case == _EMPTY or program.collects)


def _idles(program: Program, case: str) -> TypeGuard[Driver]:
    return is_client(program, case) and (case == _FRESH or program.loads)


MEASUREMENTS = (
    Measurement("start", (_EMPTY, _MANY), _start, _starts),
    Measurement("keys", ("URL field",), _keys, is_client),
    Measurement("idle", (_FRESH, _SHOWN), _idle, _idles, most=2, heavy=True),
)
