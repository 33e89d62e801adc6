"""What one command costs: processor time, which a busy machine hardly changes."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.bench import Bench, Figures, Measurement, is_command, is_ours
from benchmarks.bulk import event_lines
from benchmarks.drivers import Mixtui
from benchmarks.processes import cpu_of_children
from benchmarks.programs import Command
from benchmarks.terminal import CLOCK, Missed

HELP, SEND, LIST = "--help", "send a small request", "list 5,000 saved requests"
_FILE = "event.ndjson"
STARTS = {
    "events import --check": ("events", "import", _FILE, "--check"),
    "profiles export --dry-run": (
        *("profiles", "export", "-o", "profiles.ndjson", "--dry-run"),
    ),
    "jobs list": ("jobs", "list"),
    "migrate --dry-run": (
        *("migrate", "--from", "bench", "--to", "other"),
        *("--dates", "2026-01-01..2026-01-31", "--dry-run"),
    ),
}
"""Commands for jobs that end where their work would begin."""
_OTHER = """
[environments.other]
project_id = "2"
[environments.other.credentials]
project_token = "other"
service_account = { username = "other", secret = { env = "BENCH_SECRET" } }
"""
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


def _start(bench: Bench, driver: Mixtui, case: str) -> Figures:
    with bench.home(driver) as home:
        environments = home / "config" / "mixtui" / "environments.toml"
        environments.write_text(environments.read_text() + _OTHER)
        (home / _FILE).write_bytes(b"".join(event_lines(1)))
        env, mixtui = driver.env(home), driver.command()
        started = _cost([*mixtui, *STARTS[case]], env, home)
        return {**started, "version": _cost([*mixtui, "--version"], env)["cpu"]}


def _cost(
    command: Sequence[str], env: Mapping[str, str], folder: Path | None = None
) -> dict[str, float]:
    """Return the median seconds of a command, after a run to warm up.

    Args:
        command: What to run.
        env: Its variables.
        folder: Where; None = here.

    Raises:
        Missed: It fails.
    """
    cpu: list[float] = []
    seconds: list[float] = []
    for run in range(_RUNS + 1):
        before, start = cpu_of_children(), CLOCK()
        done = subprocess.run(
            command,
            env=env,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
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
    Measurement("job-start", tuple(STARTS), _start, is_ours, most=2),
)
