"""One run: every measurement, repeated, alternating between the programs."""

from __future__ import annotations

import json
import os
import platform
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import answers, commands, gigabyte, interaction, line, slow
from benchmarks.bench import Bench, Measurement, Plan
from benchmarks.drivers import Driver
from benchmarks.payload import document
from benchmarks.programs import Program
from benchmarks.samples import Recorder
from benchmarks.server import Server
from benchmarks.terminal import CLOCK, Missed
from benchmarks.waiting import until_ready

MEASUREMENTS = (
    *interaction.MEASUREMENTS,
    *commands.MEASUREMENTS,
    *line.MEASUREMENTS,
    *slow.MEASUREMENTS,
    *answers.MEASUREMENTS,
    *gigabyte.MEASUREMENTS,
)


def run(
    plan: Plan,
    peers: Sequence[Program],
    measurements: Sequence[Measurement[Any]],
    reps: int,
    peer_reps: int,
    record: Recorder,
) -> None:
    """Run the measurements and record the results.

    Args:
        plan: The extent of the run.
        peers: The programs.
        measurements: The measurements.
        reps: The number of repetitions.
        peer_reps: The number of heavy repetitions for programs other than mixtui.
        record: The recorder of the results.
    """
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    versions = {driver.name: driver.versions() for driver in peers}
    record.run(quick=plan.quick, machine=machine, versions=versions)
    with tempfile.TemporaryDirectory(prefix="bench-") as work, Server() as server:
        bench = Bench(plan, server, Path(work))
        for driver in peers:
            if isinstance(driver, Driver):
                _warm_up(bench, driver)
        run = _Run(bench, record)
        for measurement in measurements:
            for rep in range(min(reps, measurement.most)):
                record.pace(_pace())
                for driver in peers:
                    others = measurement.heavy and driver.name != "mixtui"
                    if not others or rep < peer_reps:
                        run.measure(measurement, driver, rep)


class _Run:
    def __init__(self, bench: Bench, record: Recorder) -> None:
        self._bench, self._record = bench, record
        self._spared: set[tuple[str, str, str]] = set()

    def measure(self, measurement: Measurement[Any], driver: Program, rep: int) -> None:
        for case in measurement.cases:
            if not self._bench.plan.wants(case):
                continue
            ending = measurement.name, driver.name, case.rpartition(" ")[2]
            if not measurement.fits(driver, case) or ending in self._spared:
                continue
            start = CLOCK()
            sample = measurement.name, case, driver.name, rep
            try:
                figures = measurement.take(self._bench, driver, case)
            except (Missed, OSError) as error:
                self._record.failure(*sample, str(error))
                shown = f"failed: {error}"
                if measurement.heavy:
                    self._spared.add(ending)
            else:
                self._record.sample(*sample, figures)
                shown = " ".join(f"{k}={v:.4g}" for k, v in figures.items())
            print(*sample, shown, f"({CLOCK() - start:.1f} s)", flush=True)


def _warm_up(bench: Bench, driver: Driver) -> None:
    """Warm the byte code and file system caches, the same for all programs."""
    with bench.started(driver) as terminal:
        until_ready(terminal)


def _pace() -> float:
    data = json.loads(document(300_000, pretty=False))
    start = CLOCK()
    for _ in range(10):
        json.loads(json.dumps(data))
    return CLOCK() - start
