"""What a person's line carries: bytes to the terminal from a key to rest."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmarks.bench import Bench, Figures, Measurement, is_toured
from benchmarks.drivers import Driver
from benchmarks.output import Output, output
from benchmarks.terminal import Missed, Terminal
from benchmarks.waiting import until_ready

SIZES = {"120×40": (120, 40), "80×24": (80, 24)}
"""The cases: columns and rows of the terminal."""
OPENED = "event=%5B%22"
"""On the screen once the first saved request is open."""
SHOWN = '"series"'
"""On the screen once the response is."""
REST, BLINK = 0.7, 0.45
"""Seconds without output that are rest; where a cursor may blink, every 0.5 s."""
_PATIENCE = 60.0
_LETTERS = "kqxzvwjykqx"
_DOWNS, _PAGES, _TABS = 30, 3, 10
_SCROLLED = 4
"""Rows of text that change at most when a cursor moves and nothing scrolls."""


def _bytes(bench: Bench, driver: Driver, case: str) -> Figures:
    figures: dict[str, float] = {}
    with _terminal(bench, driver, case) as terminal:
        terminal.wait_for(lambda screen: not screen.is_blank(), _PATIENCE)
        terminal.wait_rest()
        figures["start"] = terminal.written
        _press_slowly(terminal, driver.open_keys)
        terminal.wait_for(OPENED, _PATIENCE)
        _press_slowly(terminal, driver.send_keys)
        terminal.wait_for(SHOWN, _PATIENCE)
        terminal.wait_rest()
        figures |= _in_the_response(driver, terminal)
        figures |= _tour(driver, terminal)
        for dialog, (open_key, close_key) in driver.dialogs.items():
            opened = _press(terminal, open_key, BLINK)
            figures[f"open {dialog}"] = opened.size
            figures[f"frames {dialog}"] = opened.frames
            figures[f"close {dialog}"] = _press(terminal, close_key).size
        figures |= _letters(driver, terminal)
    figures["idle"] = _idle(bench, driver, case)
    return figures


def _in_the_response(driver: Driver, terminal: Terminal) -> Figures:
    _press_slowly(terminal, driver.body_keys)
    downs = [_press(terminal, "down") for _ in range(_DOWNS)]
    moves = [down.size for down in downs if down.texts <= _SCROLLED]
    scrolls = [down.size for down in downs if down.texts > _SCROLLED]
    if not moves or not scrolls:
        raise Missed(f"of {_DOWNS} downs {len(scrolls)} scrolled")
    _press_slowly(terminal, driver.top_keys)
    pages = [_press(terminal, "pagedown") for _ in range(_PAGES)]
    return {
        "down": statistics.median(moves),
        "down, scrolls": statistics.median(scrolls),
        "page": statistics.median(page.size for page in pages),
        "page, a row": statistics.median(_per_row(pages)),
    }


def _per_row(pages: Sequence[Output]) -> list[float]:
    return [page.size / max(1, page.rows) for page in pages]


def _tour(driver: Driver, terminal: Terminal) -> Figures:
    _press_slowly(terminal, driver.url_keys)
    tabs = [_press(terminal, "tab").size for _ in range(_TABS)]
    return {"tab": statistics.median(tabs), "tab, most": max(tabs)}


def _letters(driver: Driver, terminal: Terminal) -> Figures:
    _press_slowly(terminal, (*driver.url_keys, "end"))
    first, *others = (_press(terminal, letter).size for letter in _LETTERS)
    return {"letter, first": first, "letter": statistics.median(others)}


def _idle(bench: Bench, driver: Driver, case: str) -> float:
    """Return the bytes of ten idle seconds, with a cursor that may blink."""
    with _terminal(bench, driver, case, steady=False) as terminal:
        until_ready(driver, terminal)
        time.sleep(2)
        written = terminal.written
        time.sleep(bench.plan.idle_seconds)
        return terminal.written - written


@contextmanager
def _terminal(
    bench: Bench, driver: Driver, case: str, *, steady: bool = True
) -> Iterator[Terminal]:
    with bench.workspace(driver) as (home, argv):
        env = {**driver.env(home), **(driver.steady if steady else {})}
        size = SIZES[case]
        terminal = Terminal(argv, env, home, bench.plan.cap, size, modern=True)
        try:
            yield terminal
        finally:
            terminal.close(*driver.quit_keys)


def _press(terminal: Terminal, key: str, quiet: float = REST) -> Output:
    return output(terminal, (key,), lambda: terminal.wait_rest(quiet))


def _press_slowly(terminal: Terminal, keys: Sequence[str]) -> None:
    for key in keys:
        terminal.press(key)
        terminal.wait_rest(BLINK)
    terminal.wait_rest()


MEASUREMENTS = (Measurement("bytes", tuple(SIZES), _bytes, is_toured, most=3),)
