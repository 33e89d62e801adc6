"""A switch on one line whose state can be read without colours."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Size
from textual.widgets import Checkbox


class TextCheckbox(Checkbox):
    """Shows ``[x]`` or ``[ ]`` before its label; Textual's shows an X in two colours."""

    DEFAULT_CSS = """
    TextCheckbox { border: none; padding: 0; }
    TextCheckbox:focus { border: none; }
    """

    def render(self) -> Content:
        """Box and label."""
        mark = Content.styled("x" if self.value else " ", "bold $text-success")
        label = self._label.stylize_before(self.get_visual_style("toggle--label"))
        return Content("[") + mark + Content("] ") + label

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """The label, and the box before it."""
        return 4 + self._label.cell_length
