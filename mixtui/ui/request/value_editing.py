"""Open the dialog that suits a value, and apply its result."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from mixtui.editing.dates import Day, other_end, read_day
from mixtui.editing.json_value import ValueKind, kind_of
from mixtui.editing.names import NameIndex, draft_names
from mixtui.model.draft import Pair
from mixtui.text import sanitize_excerpt

if TYPE_CHECKING:
    from mixtui.mixpanel.catalogue import Operation
    from mixtui.model.draft import Draft
    from mixtui.ui.request.body_editor import BodyEditor
    from mixtui.ui.request.date_dialog import Dates
    from mixtui.ui.request.value_dialogs import ValueDialog
    from mixtui.ui.rows.editor import RowsEditor

Names = Callable[[], NameIndex]


def names_source(draft: Draft, more: Callable[[], frozenset[str]] | None) -> Names:
    """Return a source of property names: those of the draft, and others known.

    Args:
        draft: What is edited.
        more: Returns the others, the same object while there is nothing new.
    """
    draft_only = frozenset(draft_names(draft))
    indexed, index = frozenset[str](), NameIndex(draft_only)

    def names() -> NameIndex:
        nonlocal indexed, index
        others = more() if more is not None else indexed
        if others is not indexed:
            indexed, index = others, NameIndex(draft_only | others)
        return index

    return names


async def edit_row(
    editor: RowsEditor, index: int, operation: Operation | None, names: Names
) -> None:
    """Edit the value of a row of the query.

    Args:
        editor: The rows; gets the result as one change.
        index: Of the row.
        operation: The draft's; None = none that is documented.
        names: Property names, for expressions.
    """
    pair = editor.rows[index]
    kind = kind_of(pair.name, pair.value, operation)
    if kind is ValueKind.DATE:
        await _edit_dates(editor, index)
        return

    def apply(value: str | None) -> None:
        if value is not None:
            editor.set_values({index: value}, if_still={index: pair})

    dialog = _make_dialog(pair.name, pair.value, kind, names)
    await editor.app.push_screen(dialog, apply)


async def edit_form_line(
    editor: BodyEditor, operation: Operation | None, names: Names
) -> bool:
    """Edit the value on the line of a form; return False if there is none."""
    from mixtui.editing.json_value import field_at

    area = editor.area
    form_line = (
        field_at(area.text, area.cursor_location[0]) if area is not None else None
    )
    if area is None or form_line is None:
        return False

    def apply(value: str | None) -> None:
        if value is not None:
            lines = area.text.split("\n")
            end = (form_line.last, len(lines[form_line.last]))
            area.replace(form_line.with_value(value), (form_line.first, 0), end)

    kind = kind_of(form_line.name, form_line.value, operation)
    if kind is ValueKind.DATE:
        from mixtui.ui.request.date_dialog import DateDialog, Dates

        day, note = _read_day(form_line.value)
        dates = Dates(form_line.name, day, text="" if note else form_line.value)
        await editor.app.push_screen(
            DateDialog(dates, note=note),
            lambda values: apply(values[0] if values is not None else None),
        )
    else:
        dialog = _make_dialog(form_line.name, form_line.value, kind, names)
        await editor.app.push_screen(dialog, apply)
    return True


def _make_dialog(name: str, value: str, kind: ValueKind, names: Names) -> ValueDialog:
    """Make the dialog of a kind of value, imported now: text editing loads slowly."""
    if kind is ValueKind.EXPRESSION:
        from mixtui.ui.request.expression_dialog import ExpressionDialog

        return ExpressionDialog(name, value, names)
    from mixtui.ui.request.value_dialogs import JsonValueDialog

    return JsonValueDialog(name, value, kind)


async def _edit_dates(editor: RowsEditor, index: int) -> None:
    from mixtui.ui.request.date_dialog import DateDialog

    rows = editor.rows
    dates, other, note = _dates(rows, index)
    before = {index: rows[index]}
    if other is not None:
        before[other] = rows[other]

    def apply(values: tuple[str, str] | None) -> None:
        if values is not None:
            changed = dict(zip(before, values, strict=False))
            editor.set_values(changed, if_still=before)

    await editor.app.push_screen(DateDialog(dates, note=note), apply)


def _dates(rows: tuple[Pair, ...], index: int) -> tuple[Dates, int | None, str]:
    """Return what the dialog edits, the row of the other date, and its first note."""
    from mixtui.ui.request.date_dialog import Dates

    pair = rows[index]
    day, note = _read_day(pair.value)
    text = "" if note else pair.value
    ends = other_end(pair.name)
    if ends is None:
        return Dates(pair.name, day, text=text), None, note
    end, name = ends
    other_index = next((i for i, p in enumerate(rows) if p.name == name), None)
    other = (
        read_day(rows[other_index].value, date.today())
        if other_index is not None
        else None
    )
    if other_index is None or other is None:
        if other_index is not None and rows[other_index].value:
            note = note or f"{name} is not a date: only {pair.name} can be moved"
        return Dates(pair.name, day, end, text), None, note
    return (
        Dates(pair.name, day, end, text, name, other, rows[other_index].value),
        other_index,
        note,
    )


def _read_day(value: str) -> tuple[Day, str]:
    """Return the day of a value and an empty note, or today and why."""
    today = date.today()
    day = read_day(value, today)
    if day is not None:
        return day, ""
    shown = (
        f"“{sanitize_excerpt(value, 30)}” is not a date"
        if value.strip()
        else "No date yet"
    )
    return Day(today), f"{shown}; starting from today"
