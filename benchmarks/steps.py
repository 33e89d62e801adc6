"""The steps of a run: what is hopeless, and how long the rest takes."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass
from statistics import mean
from typing import Any

from benchmarks.bench import MB, Figures, Measurement, Plan, size_of
from benchmarks.programs import Program

_COMPARABLE = 20
"""The factor up to which time and memory are expected to grow with the size."""


@dataclass(frozen=True, slots=True)
class Step:
    """One case, measured once in one program."""

    measurement: Measurement[Any]
    program: Program
    case: str
    rep: int

    @property
    def place(self) -> tuple[str, str, str, int]:
        """Return where its figures belong."""
        return self.measurement.name, self.case, self.program.name, self.rep

    @property
    def series(self) -> tuple[str, str, str]:
        """Return what it has in common with steps that differ in size."""
        size = size_of(self.case)
        return self.measurement.name, self.program.name, self.case.removeprefix(size)

    def __str__(self) -> str:
        name, case, program, rep = self.place
        return f"{name}, {case}, {program}, repetition {rep + 1}"


class Outlook:
    """What a program did with smaller sizes, and so what it can do with larger ones."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._last: dict[tuple[str, ...], tuple[str, Figures | None]] = {}

    def note(self, step: Step, figures: Figures | None) -> None:
        """Note what a program has measured; None = it has failed."""
        for series in (step.series, step.series[:2]):
            self._last[series] = step.case, figures

    def hopeless(self, step: Step) -> str:
        """Return why a step would take too much time or memory; empty = it may not."""
        # Where nothing is known of its own series, another one tells.
        own = self._last.get(step.series)
        case, figures = own or self._last.get(step.series[:2]) or ("", None)
        size = size_of(case)
        if not step.measurement.heavy or not size:
            return ""
        factor = self._plan.size(size_of(step.case)) / self._plan.size(size)
        if factor < 1 or (factor == 1 and (own or figures)):
            return ""
        if figures is None:
            return f"not tried: {case} failed"
        seconds, peak = figures.get("visible", 0.0), figures.get("peak", 0.0)
        if factor <= _COMPARABLE and seconds * factor > self._plan.limit:
            return f"not tried: {case} took {seconds:.0f} s"
        if factor <= _COMPARABLE and peak * factor * MB > self._plan.cap:
            return f"not tried: {case} took {peak:.0f} MB"
        return ""


class Progress:
    """Tells how far a run is.

    Args:
        steps: All of them.
    """

    def __init__(self, steps: list[Step]) -> None:
        self._left = list(steps)
        self._count = len(steps)
        self._start = time.monotonic()
        self._seconds: dict[tuple[str, ...], list[float]] = defaultdict(list)

    def done(self, step: Step, seconds: float) -> str:
        """Return the progress after the next step, which took some seconds."""
        self._left.pop(0)
        for key in _kinds(step):
            self._seconds[key].append(seconds)
        left = sum(map(self._expected, self._left)) / 60
        passed = (time.monotonic() - self._start) / 60
        done = self._count - len(self._left)
        return f"{done}/{self._count}, {passed:.1f} min, {left:.0f} min left"

    def _expected(self, step: Step) -> float:
        """Return the seconds of the most similar steps."""
        known = (self._seconds[key] for key in _kinds(step) if key in self._seconds)
        return mean(next(known))


def _kinds(step: Step) -> tuple[tuple[str, ...], ...]:
    """Return how a step can be described, exactly first."""
    name, case, program, _ = step.place
    return (name, case, program), (name, program), (name,), ()
