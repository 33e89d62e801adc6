from __future__ import annotations

from pathlib import Path

import pytest
from textual import events
from textual.app import App, ComposeResult

from mixtui.model.draft import (
    AuthChoice,
    Body,
    BodyType,
    Draft,
    Method,
    Options,
    Pair,
)
from mixtui.model.environment import NO_ENVIRONMENT
from mixtui.ui.request.body_editor import BodyEditor
from mixtui.ui.request.options import AuthEditor, OptionsEditor
from mixtui.ui.request.pane import RequestPane
from mixtui.ui.request.tabs import DraftRows, content_tab
from mixtui.ui.rows.list import EditableRows
from mixtui.ui.widgets.tabs import TabBar

SAVED = Draft(
    url="/import",
    query=(Pair("strict", "1"),),
    body=Body(BodyType.FILE, path="events.json"),
    options=Options(auth=AuthChoice.NONE, timeout=5),
)


class Host(App[None]):
    def compose(self) -> ComposeResult:
        yield RequestPane(NO_ENVIRONMENT)

    @property
    def pane(self) -> RequestPane:
        return self.query_one(RequestPane)


ROW = Pair("event", "x")
BODY = Body(BodyType.JSON, "{}")
CONTENTS = [
    ("nothing", Draft(), "query"),
    ("a URL", Draft(url="/query/events"), "query"),
    ("a query", Draft(query=(ROW,), headers=(ROW,)), "query"),
    ("headers", Draft(headers=(ROW,)), "headers"),
    ("a body", Draft(method=Method.POST, query=(ROW,), body=BODY), "body"),
    (
        "a file",
        Draft(method=Method.POST, body=Body(BodyType.FILE, path="x")),
        "body",
    ),
    ("an empty body", Draft(method=Method.POST, body=Body()), "body"),
    ("a query", Draft(method=Method.POST, body=Body(), query=(ROW,)), "query"),
    ("a body that is not sent", Draft(body=BODY, query=(ROW,)), "query"),
]


@pytest.mark.parametrize(
    ("draft", "tab"), [row[1:] for row in CONTENTS], ids=[row[0] for row in CONTENTS]
)
def test_a_draft_opens_on_the_tab_that_has_content(draft: Draft, tab: str) -> None:
    assert content_tab(draft) == tab


async def test_an_edit_does_not_come_back_to_its_editor() -> None:
    app = Host()
    async with app.run_test() as pilot:
        editor = app.query_one(DraftRows)
        # Two edits before the pane learns of the first, as on a busy machine.
        editor.change_to((Pair("limit", "1"),))
        editor.change_to((Pair("limit", "12"),))
        await pilot.pause()
        assert app.pane.draft.query == editor.rows == (Pair("limit", "12"),)
        app.query_one(EditableRows).action_undo()
        await pilot.pause()
        assert app.pane.draft.query == editor.rows == (Pair("limit", "1"),)


async def test_a_draft_is_shown_again_in_every_editor_after_edits() -> None:
    app = Host()
    async with app.run_test() as pilot:
        for tab in ("body", "auth", "options"):
            await app.pane.show_tab(tab)
        app.pane.load(SAVED, Path())
        await pilot.pause()
        rows, auth = app.query_one(DraftRows), app.query_one(AuthEditor)
        body, options = app.query_one(BodyEditor), app.query_one(OptionsEditor)
        rows.change_to(())
        body.query_one(TabBar).active = "none"
        options.timeout_field.value = "7"
        auth.post_message(AuthEditor.Changed(AuthChoice.AUTO))
        await pilot.pause()
        assert app.pane.draft == Draft(url="/import", options=Options(timeout=7))
        app.pane.load(SAVED, Path())
        await pilot.pause()
        assert app.pane.draft == SAVED
        assert rows.rows == SAVED.query
        assert body.body == SAVED.body
        assert auth.choice is AuthChoice.NONE
        assert options.timeout_field.value == "5"


async def test_a_tab_is_mounted_with_the_draft_as_it_was_edited() -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.query_one(DraftRows).change_to((Pair("limit", "1"),))
        app.pane.url_field.value = "/import"
        await pilot.pause()
        app.pane.load(SAVED, Path("folder"))
        await app.pane.show_tab("body")
        body = app.query_one(BodyEditor)
        assert (body.body, body.folder) == (SAVED.body, Path("folder"))


async def test_what_is_pasted_over_the_tabs_goes_to_what_they_show() -> None:
    app = Host()
    async with app.run_test() as pilot:
        for tab in ("query", "body", "options"):
            await app.pane.show_tab(tab)
            app.pane.tab_bar.focus()
            app.post_message(events.Paste("a=1\nb=2"))
            await pilot.pause()
        pairs = (Pair("a", "1"), Pair("b", "2"))
        assert app.pane.draft.query == pairs
        assert app.pane.draft.body == Body(BodyType.FORM, "a=1\nb=2")
        assert app.pane.draft.options == Options()
