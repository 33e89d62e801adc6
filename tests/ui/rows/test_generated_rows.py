"""What the app adds: seen in its place, switched off and on, made one's own."""

from __future__ import annotations

from pathlib import Path

import httpx
from msgspec.structs import replace

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, BodyType, Draft, Method, Pair
from mixtui.model.environment import Environment
from mixtui.storage.request_file import parse
from mixtui.ui.request.body_editor import BodyEditor
from mixtui.ui.request.generated_body import GeneratedBodyLine
from mixtui.ui.request.pane import RequestPane
from mixtui.ui.request.url import ResolvedLine
from mixtui.ui.rows.editor import RowsEditor
from mixtui.ui.rows.list import EditableRows
from tests.ui.app import PROD, SECRET, main, make_app, settled, write_request
from tests.ui.driver import widget_lines
from tests.ui.request.host import shown

ENVIRONMENT: Environment = replace(PROD, workspace_id="89")
SEGMENTATION = Draft(
    url="/query/segmentation", query=(Pair("event", "a"), Pair("unit", "day"))
)
TRACK = Draft(
    method=Method.POST,
    api=Api.INGESTION,
    url="/track",
    body=Body(text='[{"event": "a", "properties": {}}]'),
)


def row_lines(pane: RequestPane, tab: str = "query") -> list[str]:
    editor = pane.query_one(f"#edit-{tab}", RowsEditor)
    return widget_lines(editor.query_one(EditableRows))


async def test_additions_stand_below_the_rows_with_their_origin() -> None:
    async with shown(SEGMENTATION, environment=ENVIRONMENT) as (pilot, pane):
        for size in ((80, 24), (120, 40)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            project, workspace = row_lines(pane)[2:4]
            assert project.split() == ["+", "project_id", "1234567", "from", "prod"]
            assert workspace.split() == ["+", "workspace_id", "89", "from", "prod"]


async def test_space_switches_one_off_and_on_and_the_file_keeps_it(
    tmp_path: Path,
) -> None:
    sent: list[httpx.URL] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request.url)
        return httpx.Response(200, json={})

    path = write_request(
        tmp_path, "a.toml", 'name = "a"\nurl = "/query/segmentation"\n'
    )
    app = make_app(tmp_path, handler, environments=(ENVIRONMENT,))
    async with app.run_test() as pilot:
        screen = main(pilot)
        screen.open_path(path)
        await settled(pilot)
        await screen.request_pane.focus_tab("query")
        await pilot.press("down", "down", "space")
        assert row_lines(screen.request_pane)[2].split()[:3] == [
            "[",
            "]",
            "workspace_id",
        ]
        await pilot.press("f5")
        await settled(pilot)
        assert "workspace_id" not in sent[0].params
        await pilot.press("ctrl+s")
        await settled(pilot)
        source = path.read_text()
        assert 'leave_out = ["workspace_id"]' in source
        assert "1234567" not in source
        assert parse(source, path)[1] == ()
        screen.draft = Draft()
        await pilot.pause()
        screen.draft = parse(source, path)[0]
        await pilot.pause()
        assert row_lines(screen.request_pane)[2].split()[:3] == [
            "[",
            "]",
            "workspace_id",
        ]
        await pilot.press("end", "space")
        await pilot.pause()
        assert screen.draft.options.leave_out == ()
        assert row_lines(screen.request_pane)[2].split()[:2] == ["+", "workspace_id"]


async def test_enter_makes_one_a_row_of_ones_own() -> None:
    async with shown(SEGMENTATION, environment=ENVIRONMENT) as (pilot, pane):
        await pilot.press("down", "down", "enter", "0", "enter")
        await pilot.pause()
        assert pane.draft.query[2:] == (Pair("project_id", "12345670"),)
        assert sum("project_id" in line for line in row_lines(pane)) == 1
        await pilot.press("u", "u")
        await pilot.pause()
        assert pane.draft == SEGMENTATION
        assert row_lines(pane)[2].split()[0] == "+"


async def test_an_omitted_one_is_sent_again_once_it_is_a_row() -> None:
    async with shown(SEGMENTATION, environment=ENVIRONMENT) as (pilot, pane):
        await pilot.press("down", "down", "space")
        await pilot.pause()
        assert pane.draft.options.leave_out == ("project_id",)
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert pane.draft.query[2:] == (Pair("project_id", "1234567"),)
        assert pane.draft.options.leave_out == ()


async def test_moving_and_deleting_leave_what_is_added_alone() -> None:
    async with shown(SEGMENTATION, environment=ENVIRONMENT) as (pilot, pane):
        await pilot.press("end", "J", "K", "up", "up", "x")
        await pilot.pause()
        assert [row.name for row in pane.draft.query] == ["event"]
        await pilot.press("down", "x", "x")
        await pilot.pause()
        assert pane.draft.options.leave_out == ("project_id",)


async def test_the_credential_shows_masked_and_is_never_copied() -> None:
    async with shown(SEGMENTATION, "headers", environment=ENVIRONMENT) as (pilot, pane):
        lines = row_lines(pane, "headers")
        line = next(line for line in lines if "Authorization" in line)
        assert "Basic" in line
        assert "from prod: service account ci" in line
        assert SECRET not in line
        await pilot.press("down", "enter", "escape")
        await pilot.pause()
        assert pane.draft.headers == (Pair("Authorization", "Basic "),)


async def test_options_changed_later_keep_the_omissions() -> None:
    async with shown(SEGMENTATION, "options", environment=ENVIRONMENT) as (pilot, pane):
        await pane.focus_tab("query")
        await pilot.press("end", "space")
        await pane.focus_tab("options")
        await pilot.press("x")
        await pilot.pause()
        assert pane.draft.description == "x"
        assert pane.draft.options.leave_out == ("workspace_id",)


async def test_the_token_of_records_has_a_line_of_its_own() -> None:
    async with shown(TRACK, "body", environment=ENVIRONMENT) as (pilot, pane):
        line = pane.query_one(GeneratedBodyLine)
        assert "+ properties.token  t0ken  from prod" in str(line.render())
        await pilot.press("tab")
        await pilot.pause()
        assert line.has_focus
        assert "space Enable/disable" in str(line.render())
        await pilot.press("space")
        await pilot.pause()
        assert pane.draft.options.leave_out == ("properties.token",)
        assert str(line.render()).startswith("disabled ")
        await pilot.press("space", "enter")
        await pilot.pause()
        assert pane.draft.body is not None
        assert '"token": "t0ken"' in pane.draft.body.text
        area = pane.query_one(BodyEditor).area
        assert area is not None
        area.undo()
        await pilot.pause()
        assert pane.draft.body == TRACK.body


async def test_the_field_of_a_form_can_be_typed_in() -> None:
    pipeline = Draft(
        method=Method.POST,
        api=Api.PIPELINES,
        url="/nessie/pipeline/create",
        body=Body(BodyType.FORM, "type=s3"),
    )
    async with shown(pipeline, "body", environment=ENVIRONMENT) as (pilot, pane):
        await pilot.press("tab", "enter")
        await pilot.pause()
        assert pane.draft.body is not None
        assert pane.draft.body.text == "type=s3\nproject_id=1234567"


async def test_a_needed_value_that_is_omitted_is_reported_under_the_url() -> None:
    async with shown(SEGMENTATION, environment=ENVIRONMENT) as (pilot, pane):
        line = pane.query_one(ResolvedLine)
        await pilot.press("end", "space")
        await pilot.pause()
        assert "left out" not in str(line.render())
        await pilot.press("up", "space")
        await pilot.pause()
        assert "! project_id is not sent: it is disabled for this request" in str(
            line.render()
        )
