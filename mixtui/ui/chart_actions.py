"""The actions of a chart."""

from __future__ import annotations

from mixtui.ui.action import Action, Scope


def _action(
    name: str,
    keys: str,
    label: str,
    words: str,
    *,
    footer: bool = False,
    palette: bool = True,
) -> Action:
    return Action(
        id=f"chart.{name}",
        keys=tuple(keys.split()),
        label=label,
        help=words,
        group="Chart",
        scope=Scope.CHART,
        in_footer=footer,
        in_palette=palette,
    )


def _move(name: str, keys: str, label: str, words: str) -> Action:
    return _action(name, keys, label, words, palette=False)


CHART_ACTIONS = (
    _action("next_view", "c", "View", "Look at the answer another way.", footer=True),
    _action("previous_view", "C", "View before", "Go back to the view before."),
    _action("summary", "t", "Figures", "Show figures only, or draw.", footer=True),
    _action("more", "plus", "More", "Draw more of the largest series.", footer=True),
    _action("fewer", "minus", "Fewer", "Draw fewer series.", footer=True),
    _action("copy", "y", "Copy", "Copy the figures as TSV.", footer=True),
    _move("next_part", "right l", "Next", "The next date or value; or more columns."),
    _move("previous_part", "left h", "Before", "The one before; or earlier columns."),
    _move("columns_right", "greater_than_sign", "Columns", "Columns to the right."),
    _move("columns_left", "less_than_sign", "Columns", "Columns to the left."),
    _move("scroll_up", "up k", "Up", "One row up."),
    _move("scroll_down", "down j", "Down", "One row down."),
    _move("page_up", "pageup", "Page up", "One page up."),
    _move("page_down", "pagedown", "Page down", "One page down."),
    _move("top", "g home", "Top", "The first row."),
    _move("bottom", "G end", "Bottom", "The last row."),
)
"""In the order of the footer and the help page."""
