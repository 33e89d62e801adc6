from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.style import Style

from mixtui.charts.model import Unit
from mixtui.ui.chart.drawing import ChartColours, bar
from mixtui.ui.chart.lines import nice_ticks, plot, thinned

PLAIN = Style()
COLOURS = ChartColours(PLAIN, PLAIN, PLAIN, PLAIN, (PLAIN,), ())
FIGURES = st.one_of(st.integers(-(10**6), 10**12), st.floats(-1e150, 1e150))


@given(st.lists(FIGURES, max_size=8), st.integers(2, 12), st.booleans())
@example(values=[5e-324], count=2, whole=False)
@example(values=[-5e-324], count=12, whole=True)
@example(values=[1e-307, -1e-307], count=12, whole=False)
def test_ticks_hold_every_figure_and_0(
    values: list[float], count: int, whole: bool
) -> None:
    ticks = nice_ticks(values, count, integers=whole)
    assert 2 <= len(ticks) <= count + 4
    assert all(one < other for one, other in pairwise(ticks))
    slack = (ticks[-1] - ticks[0]) * 1e-6
    assert ticks[0] - slack <= min([0, *values])
    assert max([0, *values]) <= ticks[-1] + slack


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([], [0, 1]),
        ([0], [0, 1]),
        ([3], [0, 1, 2, 3]),
        ([147], [0, 50, 100, 150]),
        ([-10, 10], [-10, 0, 10]),
    ],
)
def test_ticks_are_round(values: list[float], ticks: list[float]) -> None:
    assert nice_ticks(values, 3, integers=True) == ticks


def test_many_dates_become_few_points_that_keep_the_extremes() -> None:
    run = [(x, float(x * 7919 % 1000)) for x in range(100_000)]
    thinned_points = thinned(run, 60)
    assert len(thinned_points) <= 4 * 60
    assert thinned_points[0] == run[0]
    assert thinned_points[-1] == run[-1]
    assert list(thinned_points) == sorted(thinned_points)
    assert {y for _, y in thinned_points} >= {0.0, 999.0}


@given(
    st.lists(st.one_of(st.none(), FIGURES), min_size=2, max_size=30),
    st.integers(24, 150),
    st.integers(5, 40),
)
def test_a_plot_has_exactly_the_size_it_is_given(
    values: list[float | None], width: int, height: int
) -> None:
    points = [f"2026-01-{day:02}" for day in range(1, len(values) + 1)]
    rows = plot(points, [values, values], Unit.NUMBER, width, height, COLOURS)
    assert [row.cell_length for row in rows] == [width] * height


@pytest.mark.parametrize(
    ("share", "drawn"),
    [(0, ""), (0.0001, "▏"), (0.5, "█████"), (0.55, "█████▌"), (2, "█" * 10)],
)
def test_a_bar_is_true_to_an_eighth_and_never_nothing_of_some(
    share: float, drawn: str
) -> None:
    assert bar(share, 10) == drawn


def test_plotext_is_loaded_by_the_first_plot_only() -> None:
    code = "import sys, mixtui.ui.chart.view; assert 'plotext' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
