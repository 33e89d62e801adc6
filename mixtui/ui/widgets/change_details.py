"""The change under the cursor: its path and both values, with more room for them."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import var
from textual.widgets import Static

from mixtui.core.visible import sanitize
from mixtui.ui.diff_rows import DiffRow

_WORD = 5
"""Cells of «old», «new» and the space behind."""


class ChangeDetails(Static):
    """Shows one row of a comparison in a fixed number of lines."""

    DEFAULT_CSS = """
    ChangeDetails { height: 4; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    ChangeDetails.-roomy { height: 6; }
    """

    roomy: var[bool] = var(False, init=False)
    """Whether each value has two lines instead of one."""

    _row: DiffRow | None = None

    def show(self, row: DiffRow | None) -> None:
        """Show a row; None = nothing."""
        self._row = row
        self._draw()

    def watch_roomy(self, roomy: bool) -> None:
        """The height changes with it."""
        self.set_class(roomy, "-roomy")

    def on_resize(self) -> None:
        """Values are broken at the new width."""
        self._draw()

    def _draw(self) -> None:
        row = self._row
        if row is None:
            self.update("")
            return
        facts = "  ".join(filter(None, (row.by, row.note)))
        head = Content.styled(sanitize(row.label), "bold")
        lines = [head + Content.styled(f"  {sanitize(facts)}", "$text-primary")]
        for word, value in (("old", row.old), ("new", row.new)):
            if value is not None:
                lines += self._value(word, value)
        self.update(Content("\n").join(lines))

    def _value(self, word: str, value: str) -> list[Content]:
        width = max(1, self.scrollable_content_region.width - _WORD)
        count = 2 if self.roomy else 1
        # Broken anywhere: a value is data, not prose.
        text = sanitize(value[: width * count + 1])
        parts = [text[:width]] if count == 1 else [text[:width], text[width:]]
        if len(value) > width * count:
            parts[-1] = parts[-1][: width - 1] + "…"
        heads = [f"{word:<{_WORD}}", " " * _WORD]
        return [
            Content.styled(head, "$text-muted") + Content(part)
            for head, part in zip(heads, parts, strict=False)
            if part or head.strip()
        ]
