"""Which of several charts is looked at, and how much of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mixtui.core.charts.model import BarChart, Chart, LineChart

TOPS = (3, 5, 10, 20)
"""How many of the largest series or bars may be drawn, besides all of them."""


@dataclass(frozen=True, slots=True)
class ChartSelection:
    """A chart among others. Those of one title are a view, of one or more parts."""

    charts: tuple[Chart, ...] = ()
    at: int = 0
    lines_top: int | None = 5
    """The largest series that are drawn; None = all."""
    bars_top: int | None = None
    figures_only: bool = False

    @property
    def chart(self) -> Chart | None:
        """The one looked at."""
        return self.charts[self.at] if self.charts else None

    @property
    def views(self) -> list[str]:
        """The titles there are."""
        return list(dict.fromkeys(chart.title for chart in self.charts))

    @property
    def view(self) -> int:
        """Which of them is looked at."""
        return self.views.index(self.charts[self.at].title)

    @property
    def parts(self) -> list[int]:
        """Where the charts of this view are."""
        return self._parts_of(self.charts[self.at].title)

    @property
    def part(self) -> int:
        """Which of them is looked at."""
        return self.parts.index(self.at)

    def other_view(self, step: int) -> ChartSelection:
        """The next or an earlier view, round in a ring; its like part if it has one."""
        if not self.charts:
            return self
        views = self.views
        parts = self._parts_of(views[(self.view + step) % len(views)])
        wanted = self.charts[self.at].part
        alike = [at for at in parts if self.charts[at].part == wanted]
        return replace(self, at=(alike or parts)[0])

    def other_part(self, step: int) -> ChartSelection:
        """The next or an earlier part of this view, up to its ends."""
        parts = self.parts
        place = min(max(0, self.part + step), len(parts) - 1)
        return replace(self, at=parts[place])

    def other_top(self, step: int) -> ChartSelection:
        """More or fewer series or bars, among the numbers that make a difference."""
        match self.chart:
            case LineChart(lines=lines):
                return replace(self, lines_top=_next(self.lines_top, step, len(lines)))
            case BarChart(bars=bars):
                return replace(self, bars_top=_next(self.bars_top, step, len(bars)))
            case _:
                return self

    def hints(self) -> list[tuple[str, str]]:
        """What else there is to look at, each with the keys that lead there."""
        found = []
        match self.chart:
            case LineChart(lines=lines) if len(lines) > TOPS[0]:
                found.append((_so_many(self.lines_top, lines, "series"), "+-"))
            case BarChart(bars=bars) if len(bars) > TOPS[0]:
                found.append((_so_many(self.bars_top, bars, "bars"), "+-"))
        if len(self.parts) > 1:
            found.append((f"part {self.part + 1}/{len(self.parts)}", "←→"))
        if len(self.views) > 1:
            found.append((f"view {self.view + 1}/{len(self.views)}", "c"))
        return found

    def _parts_of(self, title: str) -> list[int]:
        return [at for at, chart in enumerate(self.charts) if chart.title == title]


def _next(now: int | None, step: int, count: int) -> int | None:
    choices: list[int | None] = [*(top for top in TOPS if top < count), None]
    place = choices.index(now) if now in choices else len(choices) - 1
    return choices[min(max(0, place + step), len(choices) - 1)]


def _so_many(top: int | None, all_of_them: Sequence[object], noun: str) -> str:
    count = len(all_of_them)
    return f"{count} {noun}" if top is None or top >= count else f"{top} of {count}"
