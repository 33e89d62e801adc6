from __future__ import annotations

from typing import Any

import pytest

from benchmarks.bench import Measurement, Plan
from benchmarks.run import MEASUREMENTS


@pytest.mark.parametrize("measurement", MEASUREMENTS, ids=lambda one: one.name)
def test_a_quick_run_measures_the_first_and_the_last_case(
    measurement: Measurement[Any],
) -> None:
    cases = measurement.cases
    assert list(Plan().cases(cases)) == list(cases)
    assert list(Plan(quick=True).cases(cases)) == sorted(
        {cases[0], cases[-1]}, key=cases.index
    )


def test_larger_responses_than_wanted_are_skipped() -> None:
    plan = Plan(largest="10 MB")
    wanted = [case for case in ("10 MB pretty", "50 MB", "fresh") if plan.wants(case)]
    assert wanted == ["10 MB pretty", "fresh"]
