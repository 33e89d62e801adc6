"""Templates are coloured by whether they have a value, wherever they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.widget import Widget

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, Draft, Method, Pair, RequestInput
from mixtui.ui.request.body_editor import BodyEditor
from mixtui.ui.rows.list import EditableRows
from tests.ui.app import PROD, main, make_app

ENVIRONMENT = replace(PROD, variables={"plan": "pro"})
STATES = [("{{plan}}", "bold"), ("{{now}}", "bold"), ("{{nope}}", "underline")]


def looks(widget: Widget, text: str) -> set[str]:
    """How a text is drawn in a widget."""
    found = set()
    for y in range(widget.size.height):
        for segment in widget.render_line(y):
            if text.strip("{}") in segment.text and (style := segment.style):
                for name in ("bold", "underline", "italic"):
                    if getattr(style, name):
                        found.add(name)
    return found


@pytest.mark.parametrize(
    ("text", "look"),
    [*STATES, ("{{env:S}}", "italic"), ("{{city}}", "bold italic")],
)
async def test_a_template_shows_whether_it_has_a_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, look: str
) -> None:
    monkeypatch.setenv("S", "secret")
    app = make_app(tmp_path, environments=(ENVIRONMENT,))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = main(pilot)
        screen.draft = Draft(
            method=Method.POST,
            api=Api.INGESTION,
            url=f"/{text}",
            query=(Pair("q", text),),
            body=Body(text=f'{{"a": {text}}}'),
            inputs=(RequestInput("city"),),
        )
        await pilot.pause()
        pane = screen.request_pane
        assert looks(pane.url_field, text) == set(look.split())
        rows = await pane.show_tab("query")
        await pilot.pause()
        assert looks(rows.query_one(EditableRows), text) == set(look.split())
        body = await pane.show_tab("body")
        await pilot.pause()
        assert isinstance(body, BodyEditor)
        assert body.area is not None
        assert looks(body.area, text) == set(look.split())


async def test_another_environment_colours_them_anew(tmp_path: Path) -> None:
    app = make_app(tmp_path, environments=(ENVIRONMENT, replace(PROD, name="bare")))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = main(pilot)
        screen.draft = Draft(url="/{{plan}}")
        await pilot.pause()
        assert looks(screen.request_pane.url_field, "plan") == {"bold"}
        screen.switch_environment(screen.session.environments.all[1])
        await pilot.pause()
        assert looks(screen.request_pane.url_field, "plan") == {"underline"}
