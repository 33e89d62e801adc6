"""What one command costs: processor time, which a busy machine hardly changes."""

from __future__ import annotations

import os
import resource
import shlex
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.bench import Bench, Figures, Measurement
from benchmarks.drivers import Driver, Mixtui

SEND, LIST = "send a small request", "list 5,000 saved requests"
_RUNS = 10
_SETTLED = 2.5
"""Seconds after which mixtui trusts that a file is no longer being written."""
_TARGET = "/json?bytes=1000"


def _send(bench: Bench, driver: Driver, _case: str) -> Figures:
    assert isinstance(driver, Mixtui)
    with bench.home(driver) as home:
        ours = [*driver.command(), "send", "GET", _TARGET, "--api", "query"]
        commands = {"cpu": [*ours, "--collection", str(home)]}
        if httpie := _httpie():
            url = bench.server.base + _TARGET
            commands["httpie"] = [*httpie, "--ignore-stdin", "GET", url]
        return _cpu_of(commands, driver.env(home))


def _list(bench: Bench, driver: Driver, _case: str) -> Figures:
    assert isinstance(driver, Mixtui)
    with bench.home(driver) as home:
        collection = home / "requests"
        driver.write_collection(collection, bench.plan.requests, bench.server.base)
        time.sleep(_SETTLED)
        commands = {
            "cpu": [*driver.command(), "list", "--collection", str(collection)],
            "help": [*driver.command(), "--help"],
        }
        return _cpu_of(commands, driver.env(home))


def _httpie() -> Sequence[str]:
    """Return the command of HTTPie; empty = there is none.

    BENCH_HTTPIE, else the program ``http`` beside this Python or in PATH.
    """
    if configured := os.environ.get("BENCH_HTTPIE"):
        return shlex.split(configured)
    beside = Path(sys.executable).with_name("http")
    found = str(beside) if beside.exists() else shutil.which("http")
    return [found] if found else []


def _cpu_of(
    commands: Mapping[str, Sequence[str]], env: Mapping[str, str]
) -> dict[str, float]:
    """Return the median of the seconds that each command uses, after a run to warm up."""
    used: dict[str, list[float]] = {name: [] for name in commands}
    for run in range(_RUNS + 1):
        for name, command in commands.items():
            before = _children()
            subprocess.run(command, env=env, capture_output=True, check=True)
            if run:
                used[name].append(_children() - before)
    return {name: statistics.median(each) for name, each in used.items()}


def _children() -> float:
    """Return user and system time of the processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _ours(driver: Driver, _case: str) -> bool:
    return isinstance(driver, Mixtui)


MEASUREMENTS = (
    Measurement("send", (SEND,), _send, _ours),
    Measurement("list", (LIST,), _list, _ours),
)
