"""One run: every measurement, repeated, alternating between the programs."""

from __future__ import annotations

import json
import os
import platform
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import (
    answers,
    bulk,
    commands,
    garbage,
    gigabyte,
    growth,
    interaction,
    line,
    slow,
    viewing,
)
from benchmarks.bench import Bench, Measurement, Plan
from benchmarks.drivers import Driver
from benchmarks.payload import document
from benchmarks.programs import Program
from benchmarks.samples import Recorder
from benchmarks.server import Server
from benchmarks.steps import Outlook, Progress, Step
from benchmarks.terminal import CLOCK, Missed
from benchmarks.waiting import until_ready

MEASUREMENTS = (
    *interaction.MEASUREMENTS,
    *commands.MEASUREMENTS,
    *line.MEASUREMENTS,
    *slow.MEASUREMENTS,
    *answers.MEASUREMENTS,
    *garbage.MEASUREMENTS,
    *gigabyte.MEASUREMENTS,
    *viewing.MEASUREMENTS,
    *bulk.MEASUREMENTS,
    *growth.MEASUREMENTS,
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
    versions = {program.name: program.versions() for program in peers}
    cannot = {program.name: dict(program.cannot) for program in peers}
    record.run(quick=plan.quick, machine=machine, versions=versions, cannot=cannot)
    steps = list(_steps(plan, peers, measurements, reps, peer_reps))
    with tempfile.TemporaryDirectory(prefix="bench-") as work, Server() as server:
        bench = Bench(plan, server, Path(work))
        for program in peers:
            if isinstance(program, Driver):
                _warm_up(bench, program)
        run, progress, tried = _Run(bench, record), Progress(steps), ""
        for step in steps:
            if step.measurement.name != tried:
                tried = step.measurement.name
                record.pace(_pace())
            start = CLOCK()
            result = run.measure(step)
            left = progress.done(step, CLOCK() - start)
            print(f"{left}  {step}: {result}", flush=True)


def _steps(
    plan: Plan,
    peers: Sequence[Program],
    measurements: Sequence[Measurement[Any]],
    reps: int,
    peer_reps: int,
) -> Iterator[Step]:
    """Yield what is to be measured; in a repetition the programs take turns."""
    for rep in range(reps):
        for measurement in measurements:
            for program in peers:
                others = measurement.heavy and program.name != "mixtui"
                most = min(measurement.most, peer_reps if others else reps)
                if rep >= most or measurement.name in program.cannot:
                    continue
                for case in plan.cases(measurement.cases):
                    if plan.wants(case) and measurement.fits(program, case):
                        yield Step(measurement, program, case, rep)


class _Run:
    def __init__(self, bench: Bench, record: Recorder) -> None:
        self._bench, self._record = bench, record
        self._outlook = Outlook(bench.plan)

    def measure(self, step: Step) -> str:
        """Measure and record; returns the result as text."""
        if reason := self._outlook.hopeless(step):
            self._outlook.note(step, None)
            self._record.failure(*step.place, reason)
            return reason
        try:
            figures = step.measurement.take(self._bench, step.program, step.case)
        except (Missed, OSError) as error:
            self._outlook.note(step, None)
            self._record.failure(*step.place, str(error))
            return f"failed: {error}"
        self._outlook.note(step, figures)
        self._record.sample(*step.place, figures)
        return " ".join(f"{name}={value:.4g}" for name, value in figures.items())


def _warm_up(bench: Bench, driver: Driver) -> None:
    """Warm the byte code and file system caches, the same for all programs."""
    with bench.started(driver) as terminal:
        until_ready(driver, terminal)


def _pace() -> float:
    data = json.loads(document(300_000, pretty=False))
    start = CLOCK()
    for _ in range(10):
        json.loads(json.dumps(data))
    return CLOCK() - start
