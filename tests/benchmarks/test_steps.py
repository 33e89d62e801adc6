from __future__ import annotations

from typing import Any

import pytest

from benchmarks.bench import Bench, Figures, Measurement, Plan, is_command
from benchmarks.programs import Command, HttpCommand
from benchmarks.steps import Outlook, Progress, Step

CURL = HttpCommand("curl", (), ())
PLAN = Plan(limit=60)


def measured(_bench: Bench, _program: Command, _case: str) -> Figures:
    raise AssertionError("nothing is measured here")


def step(case: str, *, heavy: bool = True, name: str = "load") -> Step:
    measurement: Measurement[Any] = Measurement(
        name, (case,), measured, is_command, heavy=heavy
    )
    return Step(measurement, CURL, case, 0)


@pytest.mark.parametrize(
    ("figures", "reason"),
    [
        ({"visible": 11.0, "peak": 100.0}, ""),
        ({"visible": 13.0}, "not tried: 10 MB pretty took 13 s"),
        ({"visible": 1.0, "peak": 2500.0}, "not tried: 10 MB pretty took 2500 MB"),
    ],
)
def test_what_would_take_too_much_time_or_memory_is_not_tried(
    figures: dict[str, float], reason: str
) -> None:
    outlook = Outlook(PLAN)
    outlook.note(step("10 MB pretty"), figures)
    assert outlook.hopeless(step("50 MB pretty")) == reason
    assert outlook.hopeless(step("50 MB minified")) == reason
    assert outlook.hopeless(step("10 MB minified")) == ""
    assert outlook.hopeless(step("10 MB pretty")) == ""
    assert outlook.hopeless(step("50 MB pretty", heavy=False)) == ""


def test_a_series_of_its_own_tells_more_than_another() -> None:
    outlook = Outlook(PLAN)
    outlook.note(step("10 MB pretty"), {"visible": 1.0})
    outlook.note(step("50 MB minified"), None)
    assert outlook.hopeless(step("50 MB pretty")) == ""


def test_a_tiny_response_tells_nothing_about_a_large_one() -> None:
    outlook = Outlook(PLAN)
    outlook.note(step("1 KB pretty"), {"visible": 2.0, "peak": 80.0})
    assert outlook.hopeless(step("1 MB pretty")) == ""


def test_what_failed_is_not_tried_with_more() -> None:
    outlook = Outlook(PLAN)
    outlook.note(step("10 MB at once"), None)
    reason = "not tried: 10 MB at once failed"
    assert outlook.hopeless(step("50 MB at once")) == reason
    assert outlook.hopeless(step("10 MB over 3 s")) == reason
    assert outlook.hopeless(step("1 MB over 3 s")) == ""
    assert outlook.hopeless(step("10 MB at once")) == ""  # in the next repetition


def test_a_run_tells_how_long_the_rest_takes() -> None:
    again = step("1 KB"), step("1 MB"), step("1 KB"), step("no size", name="keys")
    progress = Progress(list(again))
    assert progress.done(again[0], 60).endswith("1/4, 0.0 min, 3 min left")
    assert progress.done(again[1], 180).endswith("2/4, 0.0 min, 3 min left")
    assert progress.done(again[2], 120).endswith("3/4, 0.0 min, 2 min left")
    assert progress.done(again[3], 1).endswith("4/4, 0.0 min, 0 min left")
