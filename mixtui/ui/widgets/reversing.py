"""Make ``text-style: reverse`` work in widgets of Textual that drop it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.style import Style

if TYPE_CHECKING:
    from textual.widget import Widget

    _Base = Widget
else:
    # Textual takes the component classes from the first base that is a widget.
    _Base = object

_REVERSED = Style(reverse=True)


class KeepsReverse(_Base):
    """Draws component classes reversed if the CSS says so.

    `Widget.get_visual_style` forgets this one attribute. To be reported upstream.
    """

    def get_visual_style(self, *component_classes: str, partial: bool = False) -> Style:
        style = super().get_visual_style(*component_classes, partial=partial)
        if any(
            self.get_component_styles(c).text_style.reverse for c in component_classes
        ):
            return style + _REVERSED
        return style
