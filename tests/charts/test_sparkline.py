from __future__ import annotations

import pytest

from mixtui.charts.model import Number
from mixtui.charts.recognise import detect_charts
from mixtui.charts.sparkline import sparkline, trend
from tests.charts.samples import FUNNEL, RETENTION, SEGMENTATION, TOP


@pytest.mark.parametrize(
    ("values", "width", "drawn"),
    [
        ([], 9, ""),
        ([0, 0], 9, "▁▁"),
        ([0, 3.5, 7], 9, "▁▅█"),
        ([5, 5], 9, "██"),
        ([1, None, 7], 9, "▂ █"),
        ([-7, 0], 9, "▁█"),
        ([0, 7, 0, 0, 0, 7], 3, "█▁█"),
        ([5e-324, 1e200], 9, "▁█"),
    ],
)
def test_values_are_blocks_from_0(
    values: list[Number | None], width: int, drawn: str
) -> None:
    assert sparkline(values, width) == drawn


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (SEGMENTATION, "Signed up ▂▁▅█ 1,376"),
        (FUNNEL, "2. Step 1 ▅█ 40.0 %"),
        (RETENTION, ""),
        (TOP, ""),
        ([1, 2], ""),
        ({"data": {"series": [], "values": {"a\x1b" * 40: {
            "2026-11-01": 1, "2026-11-02": 2}}}}, f"{'a␛' * 19}a… ▅█ 2"),
    ],
)  # fmt: skip
def test_a_report_is_a_line(body: object, line: str) -> None:
    assert trend(detect_charts(body)) == line
