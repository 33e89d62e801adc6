"""What one command costs: processor time, which a busy machine hardly changes."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

from benchmarks.bench import Bench, Figures, Measurement, is_command, is_ours
from benchmarks.drivers import Mixtui
from benchmarks.processes import cpu_of_children
from benchmarks.programs import Command
from benchmarks.terminal import CLOCK, Missed

HELP, SEND, LIST = "--help", "send a small request", "list 5,000 saved requests"
_RUNS = 10
_SETTLED = 2.5
"""Seconds after which mixtui trusts that a file is no longer being written."""
_TARGET = "/json?bytes=1000"


def _send(bench: Bench, program: Command, _case: str) -> Figures:
    url = program.url(bench.server.base, _TARGET)
    with bench.home(program) as home:
        return _cost(program.get(url), program.env(home))


def _help(bench: Bench, driver: Mixtui, _case: str) -> Figures:
    with bench.home(driver) as home:
        env = driver.env(home)
        least = _cost([sys.executable, "-c", "pass"], env)["cpu"]
        return {**_cost([*driver.command(), "--help"], env), "pass": least}


def _list(bench: Bench, driver: Mixtui, _case: str) -> Figures:
    with bench.home(driver) as home:
        collection = home / "requests"
        driver.write_collection(collection, bench.plan.requests, bench.server.base)
        time.sleep(_SETTLED)
        env = driver.env(home)
        mixtui = driver.command()
        listed = _cost([*mixtui, "list", "--collection", str(collection)], env)
        return {**listed, "help": _cost([*mixtui, "--help"], env)["cpu"]}


def _cost(command: Sequence[str], env: Mapping[str, str]) -> dict[str, float]:
    """Return the median seconds of a command, after a run to warm up.

    Raises:
        Missed: It fails.
    """
    cpu: list[float] = []
    seconds: list[float] = []
    for run in range(_RUNS + 1):
        before, start = cpu_of_children(), CLOCK()
        done = subprocess.run(
            command, env=env, stdin=subprocess.DEVNULL, capture_output=True
        )
        if done.returncode:
            raise Missed(done.stderr.decode(errors="replace").strip())
        if run:
            cpu.append(cpu_of_children() - before)
            seconds.append(CLOCK() - start)
    return {"cpu": statistics.median(cpu), "seconds": statistics.median(seconds)}


MEASUREMENTS = (
    Measurement("help", (HELP,), _help, is_ours),
    Measurement("send", (SEND,), _send, is_command),
    Measurement("list", (LIST,), _list, is_ours),
)
