from __future__ import annotations

import pytest

from benchmarks.figures import growth, percentile, ratios, spread


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


@pytest.mark.parametrize(
    ("series", "text"),
    [
        ([10.0, 10.0, 11.0], "flat (+0.04)"),
        ([10.0, 15.0, 20.0], "logarithmic (+0.12)"),
        ([10.0, 10.1, 12.0], "flat (+0.07)"),
        ([10.0, 11.0, 20.0], "linear (+0.26)"),
        ([1.0, 10.0, 100.0], "linear (+1.00)"),
        ([1.0, 10.0, 900.0], "more than linear (+1.95)"),
        ([1.0, 10.0], "–"),
    ],
)
def test_growth_has_a_name_and_the_exponent_of_the_last_ten_fold(
    series: list[float], text: str
) -> None:
    assert growth(series) == text
