"""A raw export on the screen: in a viewer of files, or as a response in mixtui."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TypeGuard

from benchmarks.answers import jumps, turn_pages
from benchmarks.bench import MB, Bench, Figures, Measurement
from benchmarks.drivers import Mixtui
from benchmarks.payload import TAIL, event_lines
from benchmarks.programs import Program, Viewer
from benchmarks.terminal import Missed, Terminal
from benchmarks.waiting import load, wait_for_head

CASES = tuple(f"{size} of JSON lines" for size in ("1 MB", "10 MB", "50 MB", "1 GB"))
_PAGES = 10
_SEARCHED = TAIL[:-3]
"""What is typed to search for the last line, which then shows all of it."""


def _view(bench: Bench, program: Mixtui | Viewer, case: str) -> Figures:
    size = bench.plan.size(case.partition(" of")[0])
    if isinstance(program, Viewer):
        with bench.started(program, _file(bench, size)) as terminal:
            visible = wait_for_head(bench, terminal, terminal.started)
            return {"visible": visible, **_look(bench, program, terminal)}
    with bench.started(program) as terminal:
        loaded = load(bench, program, terminal, f"/export?bytes={size}")
        program.focus_body(terminal)
        figures = _look(bench, program, terminal)
        return {"visible": loaded.visible, "received": loaded.received, **figures}


def _look(bench: Bench, program: Mixtui | Viewer, terminal: Terminal) -> Figures:
    terminal.wait_idle(bench.plan.limit)
    figures = {
        "page": turn_pages(terminal, min(_PAGES, bench.plan.pages))["p50"],
        **jumps(program, terminal),
    }
    terminal.press(*program.search_keys)
    terminal.wait_quiet()
    pressed = terminal.press(_SEARCHED, "enter")
    # One that takes longer has no figure; the others count.
    with contextlib.suppress(Missed):
        figures["search"] = terminal.wait_for(TAIL, bench.plan.limit) - pressed
    return {**figures, "peak": terminal.usage().peak / MB}


def _file(bench: Bench, size: int) -> Path:
    file = bench.work / f"export-{size}.ndjson"
    if not file.exists():
        with file.open("wb") as out:
            out.writelines(event_lines(size))
    return file


def _views(program: Program, _case: str) -> TypeGuard[Mixtui | Viewer]:
    return isinstance(program, Mixtui | Viewer)


MEASUREMENTS = (Measurement("view", CASES, _view, _views, most=1, heavy=True),)
