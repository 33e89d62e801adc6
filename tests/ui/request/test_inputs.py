"""The Inputs tab and the Path tab."""

from __future__ import annotations

from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Input

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import (
    Body,
    ChoiceSource,
    Draft,
    Method,
    Pair,
    RequestInput,
)
from mixtui.ui.request.input_form import InputForm
from mixtui.ui.request.inputs_editor import InputsEditor, describe_input
from tests.ui.app import PROD
from tests.ui.driver import screen_text, type_text, widget_lines
from tests.ui.request.host import shown

CITY = RequestInput("city", "City of the users", "Oslo", ("Oslo", "Bern"))
PIN = RequestInput("pin", secret=True)
DRAFT = Draft(
    api=Api.QUERY,
    url="/query/events",
    query=(Pair("a", "{{city}}"), Pair("b", "{{pin}}")),
    inputs=(CITY, PIN),
)


async def test_inputs_are_listed_with_what_they_take() -> None:
    async with shown(DRAFT, "inputs") as (pilot, pane):
        lines = widget_lines(pane.query_one(InputsEditor))
        assert "City of the users  default Oslo · one of 2 choices" in lines[0]
        assert "pin" in lines[1] and "secret" in lines[1]
        assert "Inputs 2" in screen_text(pilot.app)


async def test_an_input_is_added_from_a_template_that_has_no_value() -> None:
    draft = replace(DRAFT, inputs=(PIN,))
    async with shown(draft, "inputs") as (pilot, pane):
        await pilot.press("a")
        await pilot.pause()
        form = pilot.app.screen
        assert isinstance(form, InputForm)
        assert form.query_one("#name", Input).value == "city"
        await type_text(pilot, "Where")
        await pilot.press("enter")
        await pilot.pause()
        assert pane.draft.inputs == (PIN, RequestInput("city", "Where"))
        await pilot.press("u")
        assert pane.draft.inputs == (PIN,)


async def test_inputs_are_edited_moved_deleted_and_restored() -> None:
    async with shown(DRAFT, "inputs") as (pilot, pane):
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("up", "ctrl+u")
        await type_text(pilot, "town")
        await pilot.press("ctrl+s")
        await pilot.pause()
        town = replace(CITY, name="town")
        assert pane.draft.inputs == (town, PIN)
        await pilot.press("J")
        assert pane.draft.inputs == (PIN, town)
        await pilot.press("x")
        assert pane.draft.inputs == (PIN,)
        await pilot.press("u", "u", "u", "u")
        assert pane.draft.inputs == DRAFT.inputs


async def test_references_follow_an_input_that_is_renamed_and_return_with_undo() -> (
    None
):
    draft = replace(
        DRAFT,
        method=Method.POST,
        url="/{city}/x/{{ city }}",
        headers=(Pair("X-City", "\\{{city}} {{city}}", enabled=False),),
        body=Body(text='{"a": "{{city}}", "b": "{{pin}} city"}'),
    )
    async with shown(draft, "inputs") as (pilot, pane):
        await rename(pilot, "town")
        renamed = pane.draft
        assert renamed.url == "/{town}/x/{{ town }}"
        assert pane.url_field.value == renamed.url
        assert [row.value for row in renamed.query] == ["{{town}}", "{{pin}}"]
        assert renamed.headers[0].value == "\\{{city}} {{town}}"
        assert renamed.body == Body(text='{"a": "{{town}}", "b": "{{pin}} city"}')
        await pilot.press("u")
        await pilot.pause()
        assert pane.draft == draft


async def test_an_input_in_use_does_not_take_the_name_of_another_reference() -> None:
    draft = replace(DRAFT, headers=(Pair("X", "{{town}}"),))
    async with shown(draft, "inputs") as (pilot, pane):
        await rename(pilot, "town")
        text = " ".join(screen_text(pilot.app).split())
        assert "Name is “town”, which the request refers to already" in text
        await pilot.press("escape")
        await pilot.pause()
        unused = replace(draft, query=())
        pane.load(unused, pane.folder)
        await pilot.pause()
        await rename(pilot, "town")
        assert pane.draft == replace(unused, inputs=(replace(CITY, name="town"), PIN))


async def rename(pilot: Pilot[None], name: str) -> None:
    """Give the input under the cursor another name."""
    await pilot.press("enter")
    await pilot.pause()
    await pilot.press("up", "ctrl+u")
    await type_text(pilot, name)
    await pilot.press("ctrl+s")
    await pilot.pause()


async def test_a_cancelled_form_changes_nothing() -> None:
    async with shown(DRAFT, "inputs") as (pilot, pane):
        await pilot.press("e")
        await pilot.pause()
        await type_text(pilot, "x")
        await pilot.press("escape")
        await pilot.pause()
        assert pane.draft == DRAFT


async def test_the_form_says_what_is_wrong_with_an_input() -> None:
    async with shown(DRAFT, "inputs") as (pilot, pane):
        await pilot.press("a")
        await pilot.pause()
        for name, problem in (
            ("my city", "must be a template name"),
            ("pin", "as that of an input before it"),
        ):
            await pilot.press("ctrl+u")
            await type_text(pilot, name)
            await pilot.press("enter")
            await pilot.pause()
            assert f"Name is “{name}”" in screen_text(pilot.app)
            assert problem in " ".join(screen_text(pilot.app).split())
        assert pane.draft == DRAFT


async def test_a_secret_has_no_value_in_the_form_and_names_may_be_of_an_event() -> None:
    source = RequestInput("p", "", "x", (), ChoiceSource.PROPERTIES, "Sign up")
    draft = replace(DRAFT, inputs=(source,))
    async with shown(draft, "inputs", size=(100, 30)) as (pilot, pane):
        await pilot.press("e")
        await pilot.pause()
        assert "Of the event" in screen_text(pilot.app)
        form = pilot.app.screen
        assert isinstance(form, InputForm)
        assert form.declared == source
        form.secret_box.focus()
        await pilot.press("space", "ctrl+s")
        await pilot.pause()
        assert pane.draft.inputs == (RequestInput("p", secret=True),)


def test_an_input_is_described_in_a_few_words() -> None:
    described = {
        describe_input(each)
        for each in (
            RequestInput("a"),
            RequestInput("a", default=""),
            RequestInput("a", choices_from=ChoiceSource.EVENTS),
            RequestInput("a", choices_from=ChoiceSource.PROPERTIES, event="Buy"),
        )
    }
    assert described == {
        "required",
        "default (empty)",
        "required · event names",
        "required · properties of Buy",
    }


ANNOTATION = Draft(api=Api.APP, url="/projects/{projectId}/annotations/{annotationId}")


async def test_path_parameters_appear_from_the_url_and_are_edited_in_place() -> None:
    async with shown(ANNOTATION, "path") as (pilot, pane):
        text = screen_text(pilot.app)
        assert "Path 2" in text
        assert f"+  projectId     {PROD.project_id}" in text
        assert "+  annotationId" in text
        assert "no value yet" in text
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        assert "The annotation id" in screen_text(pilot.app)
        await type_text(pilot, "a/b")
        await pilot.press("enter")
        await pilot.pause()
        assert pane.draft.path == (Pair("annotationId", "a/b"),)
        assert "/annotations/a%2Fb" in screen_text(pilot.app)


async def test_a_path_parameter_that_the_url_fills_cannot_be_omitted() -> None:
    async with shown(ANNOTATION, "path") as (pilot, pane):
        await pilot.press("down", "space")
        await pilot.pause()
        assert pane.draft == ANNOTATION


async def test_typing_a_placeholder_into_the_url_adds_its_row() -> None:
    async with shown(Draft(api=Api.APP, url="/x/"), "path") as (pilot, pane):
        assert "Each {name} in the URL is a path parameter." in screen_text(pilot.app)
        pane.url_field.focus()
        await type_text(pilot, "{thing}")
        await pilot.pause()
        assert "+  thing" in screen_text(pilot.app)
