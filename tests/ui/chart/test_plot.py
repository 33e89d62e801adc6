from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from mixtui.charts.axis import fit_axis
from mixtui.charts.model import Unit
from mixtui.ui.chart.drawing import ChartColours, bar
from mixtui.ui.chart.lines import plot, thinned

PLAIN = Style()
COLOURS = ChartColours(PLAIN, PLAIN, PLAIN, PLAIN, (PLAIN,), ())
FIGURES = st.one_of(st.integers(-(10**6), 10**12), st.floats(-1e150, 1e150))


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


@pytest.mark.parametrize(("width", "height"), [(76, 19), (60, 32), (36, 7), (24, 5)])
@pytest.mark.parametrize("most", [1, 9, 205, 1234567])
def test_labels_stand_whole_beside_and_below_a_plot(
    width: int, height: int, most: int
) -> None:
    points = [f"2026-11-{day:02}" for day in range(1, 31)]
    values = [most * day // 30 for day in range(1, 31)]
    rows = [
        row.text for row in plot(points, [values], Unit.NUMBER, width, height, COLOURS)
    ]
    axis = fit_axis(values, height - 2)
    beside = [row.partition("┤")[0].strip() for row in rows if "┤" in row]
    assert beside == list(reversed(axis.labels))
    dates = rows[-1].split()
    assert len(dates) == rows[-2].count("┬") >= 2
    assert all(f"2026-{date}" in points for date in dates)


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
