"""Hints in the tabs and editors of a request pane."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from textual.widget import Widget

from mixtui.core.errors import Field
from mixtui.ui.widgets.body_editor import BodyEditor
from mixtui.ui.widgets.hint_line import HintCheck, HintLine
from mixtui.ui.widgets.pairs_editor import PairsEditor
from mixtui.ui.widgets.pairs_rows import PairsRows

if TYPE_CHECKING:
    from mixtui.core.advice import Hint


def looking_at(tab: str, editor: Widget | None) -> HintCheck:
    """Where the person is.

    Args:
        tab: The one that is shown.
        editor: What is in it; None = nothing yet.
    """
    if not isinstance(editor, PairsEditor):
        return HintCheck(tab)
    in_rows = isinstance(editor.screen.focused, PairsRows)
    return HintCheck(tab, editor.cursor, editor.edited, in_rows)


def mark_editors(editors: Iterable[Widget], line: HintLine) -> None:
    """Mark the rows that something is said of, and tell the body its line."""
    advices = line.advices
    for editor in editors:
        match editor:
            case PairsEditor(id="edit-query"):
                editor.hinted = _rows(advices, Field.QUERY)
            case PairsEditor():
                editor.hinted = _rows(advices, Field.HEADERS)
            case BodyEditor():
                lines = (a.line for a in advices if a.field is Field.BODY)
                editor.hint_line = next(filter(None, lines), None)


def tab_marks(line: HintLine) -> Mapping[Field, str]:
    """What stands behind the labels of the tabs of which something grave is said."""
    counts = Counter(each.field for each in line.advices if each.severe)
    return {field: f" !{count}" for field, count in counts.items()}


def _rows(advices: Iterable[Hint], field: Field) -> frozenset[int]:
    rows = (each.row for each in advices if each.field is field)
    return frozenset(row for row in rows if row is not None)
