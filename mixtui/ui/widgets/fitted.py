"""Text in few lines, which ends in “…” where it is cut."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from mixtui.patterns import compile_late

_UNLIMITED = 1000
_AFTER_FIGURE = compile_late(r"(?<=\d) (?=[^\W\d]{1,7}\b)")
"""The blank between a figure and its unit."""
_NO_BREAK = "\ue000"
"""Stands for such a blank while a text is wrapped: Textual breaks at U+00A0, too."""


def wrap(content: Content, width: int) -> list[Content]:
    """Wrap a line of text, not between a figure and its unit.

    Args:
        content: One line.
        width: Cells of a line.
    """
    joined = _AFTER_FIGURE.sub(_NO_BREAK, content.plain)
    if joined == content.plain:
        return content.wrap(width)
    lines = Content(joined, [*content.spans]).wrap(width)
    return [
        Content(each.plain.replace(_NO_BREAK, " "), [*each.spans]) for each in lines
    ]


def fit_lines(content: Content, width: int, height: int) -> list[Content]:
    """Wrap a text to lines of at most so many cells; the last one ends in “…” if cut.

    Args:
        content: The text; may have several lines.
        width: Cells of a line.
        height: The largest number of lines.
    """
    lines = [
        wrapped.rstrip()
        for line in content.split(allow_blank=True)
        for wrapped in (wrap(line, width) or [line])
    ]
    if len(lines) <= height:
        return lines
    rest = Content(" ").join(line for line in lines[height - 1 :] if line.plain.strip())
    return [*lines[: height - 1], rest.truncate(width - 1).rstrip() + "…"]


class FittedText(Static):
    """A text that wraps to the lines that its styles allow, and shows where it is cut.

    The limit is `height` or `max-height` in cells, or the room that a fraction gives. The
    layout is computed again only when the number of lines changes.
    """

    _whole = Content("")
    _if_cut: Content | None = None
    _shown: tuple[Content, int] = (Content(""), 0)

    def show(self, content: Content, if_cut: Content | None = None) -> None:
        """Show a text.

        Args:
            content: The text.
            if_cut: What to show instead where there is no room for all of it; None = as
                much of it as there is room for.
        """
        self._whole, self._if_cut = content, if_cut
        self._fit()

    def on_resize(self) -> None:
        """Wrap again: lines break elsewhere at another width."""
        self._fit()

    def notify_style_update(self) -> None:
        """Wrap again where other styles allow more lines, or fewer."""
        super().notify_style_update()
        if self.is_attached:
            self._fit()

    def _fit(self) -> None:
        content, count = self._whole, 1
        if width := self.size.width:
            lines = fit_lines(content, width, self._max_lines)
            if self._if_cut is not None and lines[-1].plain.endswith("…"):
                lines = fit_lines(self._if_cut, width, self._max_lines)
            count = len(lines)
            if count > 1 or lines[-1].plain.endswith("…"):
                content = Content("\n").join(lines)
        if (content, count) != self._shown:
            is_other_height = count != self._shown[1]
            self._shown = (content, count)
            self.update(content, layout=is_other_height)

    @property
    def _max_lines(self) -> int:
        for limit in (self.styles.height, self.styles.max_height):
            if limit is not None and limit.is_cells:
                return int(limit.value)
        height = self.styles.height
        is_given_room = height is not None and height.is_fraction
        return max(self.size.height, 1) if is_given_room else _UNLIMITED
