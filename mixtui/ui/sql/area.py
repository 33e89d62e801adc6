"""The editor of a query."""

from __future__ import annotations

from mixtui.editing.sql import sql_tokens
from mixtui.ui.widgets.code_area import CodeArea, LineWindow, StyledSpan

_MAX_COLOURED = 2048
"""Characters; a longer line has no colours."""


class SqlArea(CodeArea):
    """Edits SQL."""

    def _colours(self, line: LineWindow) -> list[StyledSpan]:
        if len(line.text) > _MAX_COLOURED:
            return []
        spans: list[StyledSpan] = []
        index = 0
        for kind, part in sql_tokens(line.text):
            if kind in self._code_styles:
                spans.append((index, index + len(part), self._code_styles[kind]))
            index += len(part)
        return spans

    def replace_all(self, text: str) -> None:
        """Replace the text as one edit, which ctrl+z undoes."""
        self.replace(text, (0, 0), self.document.end, maintain_selection_offset=False)
        self.move_cursor((0, 0))
