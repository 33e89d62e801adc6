"""Render only the widgets that a change shows.

For a letter in a field, Textual 8.2's `Compositor` renders every line of every widget whose
container overlaps the field: 16 of 26 widgets of the main screen, which was half of the
time until the letter was written. To be reported upstream.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.scrollbar import ScrollBar
from textual.strip import Strip
from textual.widget import Widget


class SparingCompositor(Compositor):
    """Renders the lines of widgets that changed regions show, from front to back."""

    _changed: tuple[Region, ...] = ()
    """Of a partial update."""

    def render_partial_update(self) -> ChopsUpdate | None:
        self._changed = tuple(self._dirty_regions)
        try:
            return super().render_partial_update()
        finally:
            self._changed = ()

    def update_widgets(self, widgets: set[Widget]) -> None:
        # One that does not fit in its field moves with every letter, and would have the
        # whole screen arranged; what shows one has the screen laid out in any case.
        hidden = [
            widget
            for widget in widgets
            if isinstance(widget, ScrollBar) and widget not in self.visible_widgets
        ]
        super().update_widgets(widgets.difference(hidden) if hidden else widgets)

    def _get_renders(
        self, crop: Region | None = None
    ) -> Iterable[tuple[Region, Region, list[Strip]]]:
        changed = list(self._changed)
        if not changed:
            yield from super()._get_renders(crop)
            return
        for widget, (region, clip) in self.visible_widgets.items():
            visible = region.intersection(clip)
            shown = [each for each in changed if each.overlaps(visible)]
            if not shown:
                continue
            top = max(visible.y, min(each.y for each in shown))
            bottom = min(visible.bottom, max(each.bottom for each in shown))
            rows = Region(visible.x, top, visible.width, bottom - top)
            yield region, rows, widget.render_lines(rows.translate(-region.offset))
            # Whatever is behind a widget is hidden by it.
            changed = [each for each in changed if not visible.contains_region(each)]
            if not changed:
                return
