"""Texts in the border of a widget."""

from __future__ import annotations

from textual.geometry import Region
from textual.widget import Widget


def set_border_subtitle(widget: Widget, markup: str) -> None:
    """Set the text in the lower border, if it is another one, and paint that line only.

    Textual paints all of a widget for it, and with it what is inside.
    """
    if markup == (widget.border_subtitle or ""):
        return
    lines = widget.render_str(markup).expand_tabs(4).split()
    widget._border_subtitle = lines[0]
    width, height = widget.outer_size
    # Regions to refresh are relative to the content.
    line = Region(0, height - 1, width, 1).translate(-widget.content_offset)
    widget.refresh(line)
