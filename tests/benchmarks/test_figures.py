from __future__ import annotations

import pytest

from benchmarks.figures import percentile, ratios, spread


@pytest.mark.parametrize(
    ("part", "value"), [(0.0, 1.0), (0.5, 3.0), (0.95, 5.0), (1.0, 5.0)]
)
def test_a_percentile_is_one_of_the_values(part: float, value: float) -> None:
    assert percentile([5.0, 1.0, 4.0, 2.0, 3.0], part) == value


def test_one_value_has_no_range() -> None:
    assert spread([1.5], 2) == "1.50 n=1"
    assert spread([1.0, 3.0, 2.0], 1) == "2.0 [1.0–3.0] n=3"


def test_a_ratio_pairs_values_of_the_same_repetition() -> None:
    assert ratios({0: 2.0, 1: 9.0, 2: 5.0}, {0: 1.0, 1: 3.0, 3: 1.0}) == (2.0, 3.0)
    assert ratios({0: 2.0}, {0: 0.0}) == ()
