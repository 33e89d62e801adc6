"""Charts on the screen, of whole answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.color import Color

from mixtui.charts.model import Chart
from mixtui.charts.recognise import detect_charts
from mixtui.ui.chart.drawing import chart_colours
from mixtui.ui.chart.view import ChartSelection, ChartView
from mixtui.ui.contrast import contrast
from mixtui.ui.themes import TERMINAL, load_themes, shipped_folder
from tests.charts.samples import (
    ADDICTION,
    CHARTS,
    FUNNEL,
    FUNNEL_SPLIT,
    INSIGHTS_SPLIT,
    RETENTION,
    SEGMENTATION,
    TOP,
)
from tests.ui.driver import OutputMeter

SHIPPED, _ = load_themes(shipped_folder())
SIZES = [(20, 3), (24, 6), (40, 9), (76, 10), (118, 36)]
MANY = {
    "data": {
        "series": [f"2026-{month:02}-01" for month in range(1, 13)],
        "values": {
            f"Event {place}": {"2026-06-01": place, "2026-12-01": 3}
            for place in range(1, 31)
        },
    }
}
DAILY = {
    f"2026-11-{day:02}": {"first": day, "counts": [day] * 40} for day in range(1, 31)
}


class Charts(App[None]):
    """A chart, and nothing else."""

    def __init__(self, answer: Any = None, theme: str = "mixtui-dark") -> None:
        super().__init__()
        self.answer = answer
        self.copied: list[str] = []
        for shipped in SHIPPED.values():
            self.register_theme(shipped)
        self.theme = theme

    def compose(self) -> ComposeResult:
        yield ChartView()

    def on_mount(self) -> None:
        self.view.charts = detect_charts(self.answer)
        self.view.focus()

    def on_chart_view_copy(self, event: ChartView.Copy) -> None:
        self.copied.append(event.text)

    @property
    def view(self) -> ChartView:
        return self.query_one(ChartView)

    @property
    def rows(self) -> list[str]:
        """What stands on the screen."""
        return [self.view.render_line(y).text for y in range(self.view.size.height)]

    @property
    def text(self) -> str:
        return "\n".join(self.rows)


async def test_lines_bear_letters_and_the_legend_says_their_figures() -> None:
    app = Charts(MANY)
    async with app.run_test(size=(76, 10)):
        legend = [row for row in app.rows if "─A─" in row or "─E─" in row]
        assert legend[0].endswith("─A─ Event 30   30     33     3")
        assert len(legend) == 2
        plot = "\n".join(row[:40] for row in app.rows[1:])
        assert {"A", "B", "C", "D", "E"} <= set(plot)
        assert "5 of 30 +-" in app.rows[0]


async def test_a_narrow_plot_has_its_legend_below() -> None:
    app = Charts(SEGMENTATION)
    async with app.run_test(size=(40, 12)):
        assert "Signed up" in app.rows[-1]
        assert "1,376" in app.rows[-1]


async def test_more_and_fewer_series_are_chosen_by_key() -> None:
    app = Charts(MANY)
    async with app.run_test(size=(118, 36)) as pilot:
        for key, words in [
            ("minus", "3 of 30"),
            ("minus", "3 of 30"),
            ("plus", "5 of 30"),
            ("plus", "10 of 30"),
            ("plus", "20 of 30"),
            ("plus", "30 series"),
            ("plus", "30 series"),
            ("minus", "20 of 30"),
        ]:
            await pilot.press(key)
            assert words in app.rows[0]


async def test_a_long_legend_scrolls() -> None:
    app = Charts(MANY)
    async with app.run_test(size=(76, 10)) as pilot:
        await pilot.press("plus", "plus", "plus")
        assert "Event 1 " not in app.text
        await pilot.press("G")
        assert "Event 1 " in app.text
        await pilot.press("pageup", "up", "g")
        assert "Event 30" in app.text


async def test_a_funnel_goes_from_date_to_date_and_from_view_to_view() -> None:
    app = Charts(FUNNEL)
    async with app.run_test(size=(76, 10)) as pilot:
        assert app.rows[0].startswith("Steps · all dates ")
        assert "part 1/3 ←→  view 1/2 c" in app.rows[0]
        step = next(row for row in app.rows if row.startswith("2. Step 1"))
        assert step.rstrip().endswith(" 100   25.0 %   25.0 %     16.0 s")
        await pilot.press("left", "right", "right", "right")
        assert app.rows[0].startswith("Steps · 2016-09-19 ")
        await pilot.press("c")
        assert app.rows[0].startswith("Conversion by date ")
        await pilot.press("c", "C")
        assert app.rows[0].startswith("Conversion by date ")


async def test_the_same_part_stays_in_another_view() -> None:
    app = Charts(FUNNEL_SPLIT)
    async with app.run_test(size=(76, 10)) as pilot:
        await pilot.press("C")
        assert app.rows[0].startswith("Steps: Chrome · 2016-09-12")


async def test_other_charts_are_looked_at_in_the_same_view_and_part() -> None:
    app = Charts(FUNNEL)
    async with app.run_test(size=(76, 20)) as pilot:
        await pilot.press("l", "t")
        chart = app.view.chart
        assert chart is not None
        first = app.view.charts[0]
        assert (chart.title, chart.part) != (first.title, first.part)
        app.view.charts = ()
        app.view.charts = tuple(reversed(detect_charts(FUNNEL)))
        assert app.view.chart == chart
        selection = app.view.selection
        app.view.selection = ChartSelection()
        assert app.view.chart != chart
        assert not app.view.figures_only
        app.view.selection = selection
        assert app.view.chart == chart
        assert app.view.figures_only
        app.view.charts = detect_charts(SEGMENTATION)
        assert app.view.chart == app.view.charts[0]


async def test_where_people_leave_a_funnel_is_said_if_there_is_room() -> None:
    app = Charts(FUNNEL)
    async with app.run_test(size=(76, 10)):
        assert "↓ 300 dropped off" in app.text
        assert "who enters on two dates counts twice" in app.rows[-1]


async def test_bars_have_their_figures_at_their_ends() -> None:
    app = Charts(TOP)
    async with app.run_test(size=(76, 10)):
        assert app.rows[1].startswith("pages  ████")
        assert app.rows[1].rstrip().endswith("█ 75  −20.0 %")


async def test_a_heat_table_scrolls_both_ways_and_keeps_its_heads() -> None:
    app = Charts(DAILY)
    async with app.run_test(size=(76, 10)) as pilot:
        assert app.rows[2].split()[:4] == ["all", "rows", "465", "100%"]
        await pilot.press("down", "right", "greater_than_sign")
        assert "row 2/24 ↑↓  column 3/" in app.rows[0]
        assert app.rows[1].split()[:2] == ["first", "2"]
        assert app.rows[2].startswith("2026-11-01")
        await pilot.press("G", "less_than_sign", "left", "left")
        assert app.rows[1].split()[:2] == ["first", "0"]
        assert app.rows[-1].startswith("2026-11-30")


async def test_rates_can_be_read_without_colour() -> None:
    app = Charts(RETENTION, TERMINAL)
    async with app.run_test(size=(76, 10)):
        assert "100%█  50%▄ 100%█  50%▄" in app.text


async def test_figures_alone_replace_the_drawing() -> None:
    app = Charts(SEGMENTATION)
    async with app.run_test(size=(76, 10)) as pilot:
        await pilot.press("t")
        assert app.view.figures_only
        assert app.rows[1].split() == ["series", "min", "max", "total", "last"]
        assert app.rows[2].split() == ["Signed", "up", "0", "1,376", "2,299", "1,376"]
        await pilot.press("t")
        assert "┤" in app.text


async def test_the_figures_are_copied() -> None:
    app = Charts(SEGMENTATION)
    async with app.run_test(size=(76, 10)) as pilot:
        await pilot.press("y")
        await pilot.pause()
    assert app.copied == [
        "series\tmin\tmax\ttotal\tlast\nSigned up\t0\t1376\t2299\t1376\n"
    ]


async def test_a_line_of_one_date_is_a_bar() -> None:
    app = Charts({"results": {"2026-11-01": 4}})
    async with app.run_test(size=(76, 10)):
        assert app.rows[1].rstrip().endswith("█ 4")


async def test_a_low_plot_is_figures() -> None:
    app = Charts(SEGMENTATION)
    async with app.run_test(size=(76, 5)):
        assert "2,299" in app.text
        assert "┤" not in app.text


async def test_too_small_a_place_says_so() -> None:
    app = Charts(SEGMENTATION)
    async with app.run_test() as pilot:
        for size in ((19, 10), (80, 2)):
            await pilot.resize_terminal(*size)
            await pilot.press("down", "plus", "t", "c", "right")
            assert app.rows[0].startswith("Too small for a ch"), size


async def test_no_chart_says_so_whatever_is_pressed() -> None:
    app = Charts([1, 2])
    async with app.run_test(size=(76, 10)) as pilot:
        await pilot.press("down", "plus", "t", "c", "right", "greater_than_sign", "y")
        assert app.rows[0].startswith("No chart for this response.")
        assert app.copied == []


async def test_names_of_a_server_cannot_act() -> None:
    values = {"[red]a\x1b[31m\n": {"2026-11-01": 4, "2026-11-02": 5}}
    app = Charts({"data": {"series": [], "values": values}})
    async with app.run_test(size=(76, 10)) as pilot:
        assert "[red]a␛[31m␊" in app.text
        await pilot.press("t")
        assert "[red]a␛[31m␊" in app.text


async def test_every_chart_fills_its_place_exactly() -> None:
    app = Charts()
    async with app.run_test() as pilot:
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert app.view.size == size
            for answer in (*CHARTS.values(), MANY, DAILY):
                for chart in detect_charts(answer):
                    check_chart(app.view, chart)


def check_chart(view: ChartView, chart: Chart) -> None:
    view.charts = (chart,)
    # What the keys t, G, t, > and G do, without the time that a key takes in a test.
    for move in (
        view.action_summary,
        view.action_bottom,
        view.action_summary,
        view.action_columns_right,
        view.action_bottom,
    ):
        width, height = view.size
        strips = [view.render_line(y) for y in range(height)]
        assert [strip.cell_length for strip in strips] == [width] * height
        move()


async def test_the_terminal_theme_uses_only_the_terminals_colours() -> None:
    app = Charts(theme=TERMINAL)
    async with app.run_test(size=(90, 20)) as pilot:
        for answer in (MANY, FUNNEL, RETENTION, INSIGHTS_SPLIT):
            app.view.charts = detect_charts(answer)
            await pilot.pause()
            colours = {
                colour
                for strip in app.screen._compositor.render_strips()
                for segment in strip
                if segment.style
                for colour in (segment.style.color, segment.style.bgcolor)
                if colour is not None
            }
            assert colours
            assert not [c for c in colours if c.is_system_defined is False]


async def test_rates_can_be_read_on_every_shade() -> None:
    app = Charts(RETENTION)
    async with app.run_test(size=(90, 20)) as pilot:
        for name in (n for n, theme in SHIPPED.items() if not theme.ansi):
            app.theme = name
            await pilot.pause()
            shades = chart_colours(app.view).shades
            assert len(shades) > 2, name
            for shade in shades:
                assert shade.color is not None, name
                assert shade.bgcolor is not None, name
                text, ground = map(Color.from_rich_color, (shade.color, shade.bgcolor))
                assert contrast(text, ground) >= 4.5, name


async def test_another_theme_draws_anew() -> None:
    app = Charts(RETENTION, TERMINAL)
    async with app.run_test(size=(76, 10)) as pilot:
        assert "▄" in app.text
        app.theme = "mixtui-light"
        await pilot.pause()
        assert "▄" not in app.text


async def test_a_key_that_changes_nothing_writes_nothing() -> None:
    app = Charts(TOP)
    async with app.run_test(size=(76, 10)) as pilot:
        await pilot.pause()
        meter = OutputMeter(app)
        for key in ("down", "right", "c", "plus"):
            await pilot.press(key)
        await pilot.pause()
        assert meter.rows == set()


LOOKS = [
    ("lines, dark", MANY, "mixtui-dark", (100, 20)),
    ("a heat table, light", DAILY, "mixtui-light", (80, 12)),
]


@pytest.mark.parametrize(
    ("answer", "theme", "size"), [look[1:] for look in LOOKS], ids=[x[0] for x in LOOKS]
)
def test_a_chart_looks_as_it_did(
    snap_compare: Callable[..., bool], answer: Any, theme: str, size: tuple[int, int]
) -> None:
    assert snap_compare(Charts(answer, theme), terminal_size=size)


async def test_frequency_shows_each_date_as_bars() -> None:
    app = Charts(ADDICTION)
    async with app.run_test(size=(76, 10)) as pilot:
        await pilot.press("c", "right")
        assert app.rows[0].startswith("Users by frequency · 2012-01-02")
        assert app.rows[1].rstrip().endswith("█ 495  100.0 %")


async def test_figures_replace_a_plot_with_too_few_rows() -> None:
    app = Charts(SEGMENTATION)
    async with app.run_test(size=(38, 10)) as pilot:
        for height, is_plot in [(10, True), (8, True), (7, False), (6, False)]:
            await pilot.resize_terminal(38, height)
            await pilot.pause()
            assert ("┤" in app.text) is is_plot, height
            assert "2,299" in app.text


async def test_the_range_of_dates_is_shown_whole_or_not_at_all() -> None:
    app = Charts(SEGMENTATION)
    async with app.run_test(size=(80, 10)) as pilot:
        for width in range(24, 50):
            await pilot.resize_terminal(width, 10)
            await pilot.pause()
            title = app.rows[0].split("  ")[0]
            rest = app.rows[0].removeprefix(title).strip()
            assert title == "By date"
            assert rest in ("2011-08-06 to 2011-08-09", ""), width
