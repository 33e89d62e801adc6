"""The samples of a run: JSON lines, written and read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from benchmarks.bench import Figures


class Recorder:
    """Writes lines immediately, so that an interrupted run keeps its results.

    Args:
        out: The output stream.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def run(
        self,
        *,
        quick: bool,
        machine: str,
        versions: Mapping[str, str],
        cannot: Mapping[str, Mapping[str, str]],
    ) -> None:
        """Record the machine, the programs, and the tests that they can't do."""
        self._write(
            "run", quick=quick, machine=machine, versions=versions, cannot=cannot
        )

    def pace(self, seconds: float) -> None:
        """Record the duration of a fixed amount of work, which shows the load of the
        machine.
        """
        self._write("pace", seconds=seconds)

    def sample(
        self, test: str, case: str, peer: str, rep: int, figures: Figures
    ) -> None:
        """Record one measurement of a program."""
        self._write(
            "sample", test=test, case=case, peer=peer, rep=rep, figures=dict(figures)
        )

    def failure(self, test: str, case: str, peer: str, rep: int, what: str) -> None:
        """Record that a program failed, and how."""
        self._write("failure", test=test, case=case, peer=peer, rep=rep, what=what)

    def _write(self, kind: str, **values: object) -> None:
        print(json.dumps({"kind": kind, **values}), file=self._out, flush=True)


@dataclass(slots=True)
class Samples:
    """The recorded samples by test, case and program."""

    quick: bool = False
    machine: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    cannot: dict[str, dict[str, str]] = field(default_factory=dict)
    """By program and test: why it can't do that."""
    pace: list[float] = field(default_factory=list)
    _figures: dict[tuple[str, str, str], dict[int, Figures]] = field(
        default_factory=dict
    )
    _failures: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def values(
        self, test: str, case: str, figure: str, peer: str = "mixtui"
    ) -> dict[int, float]:
        """Return a figure of each repetition that has it."""
        by_repetition = self._figures.get((test, case, peer), {})
        return {
            rep: figures[figure]
            for rep, figures in by_repetition.items()
            if figure in figures and figures[figure] == figures[figure]
        }

    def figures(self, test: str, case: str, peer: str = "mixtui") -> list[str]:
        """Return the names of the figures of a case, in the order of measurement."""
        by_repetition = self._figures.get((test, case, peer), {})
        return list(
            dict.fromkeys(name for each in by_repetition.values() for name in each)
        )

    @property
    def tests(self) -> set[str]:
        """The tests that were run."""
        return {test for test, _, _ in (*self._figures, *self._failures)}

    def cases(self, test: str) -> list[str]:
        """Return the cases of a test in the order of measurement."""
        keys = (*self._figures, *self._failures)
        return list(dict.fromkeys(case for name, case, _ in keys if name == test))

    def has(self, test: str, case: str, peer: str) -> bool:
        """Return whether a program has figures of a case."""
        return (test, case, peer) in self._figures

    def failure(self, test: str, case: str, peer: str) -> str:
        """Return how a program failed; empty = it did not fail, or was not measured."""
        return self._failures.get((test, case, peer), "")

    def peers(self, test: str, case: str) -> list[str]:
        """Return the programs that were measured, or failed, in the order of the run."""
        places = {*self._figures, *self._failures}
        return [peer for peer in self.versions if (test, case, peer) in places]

    def add(self, line: str) -> None:
        """Add a line written by a `Recorder`."""
        entry = json.loads(line)
        match entry["kind"]:
            case "run":
                self.quick |= entry["quick"]
                self.machine = entry["machine"]
                self.versions |= entry["versions"]
                self.cannot |= entry["cannot"]
            case "pace":
                self.pace.append(entry["seconds"])
            case "sample":
                key = entry["test"], entry["case"], entry["peer"]
                reps = self._figures.setdefault(key, {})
                reps[entry["rep"]] = entry["figures"]
            case "failure":
                key = entry["test"], entry["case"], entry["peer"]
                self._failures[key] = entry["what"]


def read(files: Iterable[Path]) -> Samples:
    """Read result files; of a repetition measured twice, the later one counts."""
    samples = Samples()
    for file in files:
        for line in file.read_text("utf-8").splitlines():
            samples.add(line)
    return samples
