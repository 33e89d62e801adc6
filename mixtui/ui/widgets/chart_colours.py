"""The colours of charts, from the theme; all of it can be told apart without them."""

from __future__ import annotations

from dataclasses import dataclass

from rich.style import Style
from textual.color import Color
from textual.widget import Widget

_SERIES = ("primary", "accent", "success", "warning", "secondary", "error")
_SHADES = (0.0, 0.08, 0.16, 0.24, 0.32, 0.4)
"""How much of the theme's colour lies over the ground, from 0 % to 100 %."""
CHART_CLASSES = frozenset(
    {"chart--title", "chart--muted", "chart--axis", "chart--shade"}
    | {f"chart--series-{number}" for number in range(len(_SERIES))}
)
"""Component classes of a widget that shows charts."""


@dataclass(frozen=True, slots=True)
class ChartColours:
    """Styles in the theme of now, each with the ground."""

    plain: Style
    title: Style
    muted: Style
    axis: Style
    series: tuple[Style, ...]
    """In turn; the first is also that of bars."""
    shades: tuple[Style, ...]
    """From 0 % to 100 %; empty in a theme of the terminal's own colours."""

    def of_series(self, place: int) -> Style:
        """The style of a series; colours come again after the last."""
        return self.series[place % len(self.series)]

    def shade(self, rate: float | None) -> Style:
        """The style of a cell of a heat table."""
        if rate is None or not self.shades:
            return self.plain
        place = round(min(max(rate, 0.0), 1.0) * (len(self.shades) - 1))
        # The palest is for nothing at all: what is there is seen to be there.
        return self.shades[max(place, 1) if rate > 0 else 0]


def chart_css(widget: str) -> str:
    """The styles of the component classes, for a widget's ``DEFAULT_CSS``."""
    series = "".join(
        f"{widget} > .chart--series-{number} {{ color: $text-{name}; }}\n"
        for number, name in enumerate(_SERIES)
    )
    return f"""
    {widget} > .chart--title {{ text-style: bold; }}
    {widget} > .chart--muted {{ color: $text-muted; }}
    {widget} > .chart--axis {{ color: $text-disabled; }}
    {widget} > .chart--shade {{ background: $primary; }}
    {series}
    """


def chart_colours(widget: Widget) -> ChartColours:
    """The colours for a widget in the theme of now."""
    plain = widget.rich_style
    return ChartColours(
        plain,
        plain + Style(bold=True),
        _text(widget, "chart--muted"),
        _text(widget, "chart--axis"),
        tuple(_text(widget, f"chart--series-{place}") for place in range(len(_SERIES))),
        _shades(widget),
    )


def _text(widget: Widget, name: str) -> Style:
    # Not the partial style: colours like "auto 60%" need the ground they stand on.
    return widget.rich_style + Style(color=widget.get_component_rich_style(name).color)


def _shades(widget: Widget) -> tuple[Style, ...]:
    colour = widget.get_component_styles("chart--shade").background
    ground: Color = widget.background_colors[1]
    if colour.ansi is not None or ground.ansi is not None:
        return ()
    plain = widget.rich_style
    return tuple(
        plain + Style(bgcolor=ground.blend(colour, share).rich_color)
        for share in _SHADES
    )
