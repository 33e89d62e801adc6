"""Garbage collections while a response arrives: no key is answered during one."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.answers import AFTER, typed_while_it_arrives
from benchmarks.bench import Bench, Figures, Measurement, is_ours
from benchmarks.drivers import Mixtui

ARRIVALS = (
    "10 MB at once",
    "5 MB in pieces of 1 KB",
    "50 MB in pieces of 64 KB",
)
_WATCH = Path(__file__).with_name("garbage_watch.py")


class _Watched(Mixtui):
    """mixtui, noting its collections in a file."""

    def __init__(self, notes: Path) -> None:
        self._notes = notes

    def command(self) -> list[str]:
        return [sys.executable, str(_WATCH), str(self._notes)]


def _collections(bench: Bench, _driver: Mixtui, case: str) -> Figures:
    notes = bench.work / "collections"
    notes.unlink(missing_ok=True)
    sent, figures = typed_while_it_arrives(bench, _Watched(notes), case)
    end = sent + max(figures["visible"], figures["received"]) + AFTER
    lines = notes.read_text().splitlines() if notes.exists() else ()
    found = [tuple(map(float, line.split())) for line in lines]
    # Not those at the end of the program.
    while_it_came = [(age, took) for age, began, took in found if sent <= began < end]
    return {
        "longest": max((took for _, took in while_it_came), default=0.0),
        "collections": len(while_it_came),
        "full": sum(age == 2 for age, _ in while_it_came),
    }


MEASUREMENTS = (Measurement("garbage", ARRIVALS, _collections, is_ours, most=2),)
