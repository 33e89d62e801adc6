"""The actions of a table of records."""

from __future__ import annotations

from mixtui.ui.action import Action, Scope


def _action(
    name: str, keys: str, label: str, words: str, *, footer: bool = False
) -> Action:
    return Action(
        id=f"table.{name}",
        keys=tuple(keys.split()),
        label=label,
        help=words,
        group="Table",
        scope=Scope.TABLE,
        in_footer=footer,
        in_palette=False,
    )


TABLE_ACTIONS = (
    _action(
        "open", "enter", "Open", "Open a nested value, or else the record.", footer=True
    ),
    _action(
        "sort",
        "s",
        "Sort",
        "Sort by this column: rising, falling, as it came.",
        footer=True,
    ),
    _action("filter", "f", "Filter", "Keep rows with words: plan:pro.", footer=True),
    _action("hide", "x", "Hide", "Hide this column.", footer=True),
    _action("show_all", "u", "Show all", "Show the hidden columns again."),
    _action(
        "next_table", "t", "Next table", "Another list of the answer.", footer=True
    ),
    _action("copy_cell", "y", "Copy cell", "Copy the cell, whole.", footer=True),
    _action("copy_row", "Y", "Copy row", "Copy the row with its header, as TSV."),
    _action("copy_tsv", "c", "Copy TSV", "Copy all rows shown, for a spreadsheet."),
    _action("copy_csv", "C", "Copy CSV", "Copy all rows shown, as CSV."),
    _action("copy_path", "p", "Copy path", "Copy the cell's path, for jq."),
    _action("narrower", "less_than_sign", "Narrower", "Make the column narrower."),
    _action("wider", "greater_than_sign", "Wider", "Make the column wider."),
    _action("cursor_up", "up k", "Up", "One row up."),
    _action("cursor_down", "down j", "Down", "One row down."),
    _action("cursor_left", "left h", "Left", "One column to the left."),
    _action("cursor_right", "right l", "Right", "One column to the right."),
    _action("page_up", "pageup", "Page up", "A screen up."),
    _action("page_down", "pagedown space", "Page down", "A screen down."),
    _action("first_column", "home", "First column", "Go to the first column."),
    _action("last_column", "end", "Last column", "Go to the last column."),
    _action("first_row", "g ctrl+home", "First row", "Go to the first row."),
    _action("last_row", "G ctrl+end", "Last row", "Go to the last row."),
)
"""In the order of the footer; they are no use in the palette, which is not at hand."""
