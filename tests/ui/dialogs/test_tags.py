"""The dialog of tags: what is completed, and what enter gives."""

from __future__ import annotations

import pytest
from textual.app import App

from mixtui.ui.dialogs.tags import TagsDialog, TagsField
from tests.ui.driver import type_text

KNOWN = ("weekly", "report", "Revenue")


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("", ["weekly", "report", "Revenue"]),
        ("re", ["report", "Revenue"]),
        ("#RE", ["report", "Revenue"]),
        ("weekly, ", ["report", "Revenue"]),
        ("Report,re", ["Revenue"]),
        ("x", []),
    ],
)
def test_the_last_tag_is_completed_with_those_that_are_not_there_yet(
    typed: str, suggested: list[str]
) -> None:
    field = TagsField((), KNOWN)
    assert [each.label for each in field.suggestions(typed)] == suggested


@pytest.mark.parametrize(
    ("keys", "tags"),
    [
        (["enter"], ("old",)),
        ([*", rep", "tab", "enter"], ("old", "report")),
        ([*", rev", "tab", *", x", "ctrl+s"], ("old", "Revenue", "x")),
        (["ctrl+u", "enter"], ()),
        ([*", new", "escape"], None),
    ],
)
async def test_enter_gives_the_tags_and_escape_none(
    keys: list[str], tags: tuple[str, ...] | None
) -> None:
    results: list[tuple[str, ...] | None] = []
    app: App[None] = App()
    async with app.run_test() as pilot:
        await app.push_screen(TagsDialog(("old",), KNOWN), results.append)
        await pilot.pause()
        for key in keys:
            if len(key) == 1:
                await type_text(pilot, key)
            else:
                await pilot.press(key)
        await pilot.pause()
    assert results == [tags]
