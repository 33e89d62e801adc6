"""Path parameters: rows fill the placeholders of the URL."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.catalogue import find_operation
from mixtui.model.draft import AuthChoice, Draft, Pair
from mixtui.model.environment import Environment
from mixtui.model.errors import DraftError, Field
from mixtui.request.path_parameters import (
    OpenParameter,
    open_parameters,
    path_parameter,
    placeholders,
)
from mixtui.request.prepare import prepare
from mixtui.request.preview import preview
from mixtui.request.templates import Values

ENVIRONMENT = Environment("e", project_id="12")
DRAFT = Draft(api=Api.APP, url="/projects/{projectId}/annotations/{annotationId}")
NO_AUTH = replace(DRAFT.options, auth=AuthChoice.NONE)


def sent(
    *rows: tuple[str, str],
    environment: Environment = ENVIRONMENT,
    url: str = DRAFT.url,
    **variables: str,
) -> str:
    draft = replace(
        DRAFT, url=url, path=tuple(Pair(*row) for row in rows), options=NO_AUTH
    )
    values = Values(environment, variables, process={"SECRET": "s3cret/x"})
    return prepare(draft, environment, values=values).url.partition("/api/app")[2]


@pytest.mark.parametrize(
    ("value", "segment"),
    [
        ("7", "7"),
        ("a b/c?d#e%2F", "a%20b%2Fc%3Fd%23e%252F"),
        ("Zürich", "Z%C3%BCrich"),
        ("{{project_id}}-x", "12-x"),
        (r"\{{plan}}", "%7B%7Bplan%7D%7D"),
        ("{x}", "%7Bx%7D"),
        ("...", "..."),
    ],
)
def test_a_value_is_sent_as_one_segment(value: str, segment: str) -> None:
    assert sent(("annotationId", value)) == f"/projects/12/annotations/{segment}"


def test_var_wins_over_a_row_which_wins_over_the_environment() -> None:
    url = "/projects/{projectId}"
    theirs = ENVIRONMENT.with_variables({"annotationId": "1"})
    assert sent(("projectId", "34"), url=url) == "/projects/34"
    assert sent(("annotationId", "2"), environment=theirs).endswith("/2")
    assert sent(("annotationId", ""), environment=theirs).endswith("/1")
    assert sent(("annotationId", "2"), annotationId="3").endswith("/3")


def test_the_first_enabled_row_of_a_name_counts() -> None:
    draft = replace(
        DRAFT,
        path=(
            Pair("annotationId", "1", enabled=False),
            Pair("annotationId", "2"),
            Pair("annotationId", "3"),
        ),
        options=NO_AUTH,
    )
    assert prepare(draft, ENVIRONMENT).url.endswith("/annotations/2")


@pytest.mark.parametrize("rows", [(), (("annotationId", ""),)])
def test_an_empty_parameter_is_not_sent_and_named(
    rows: tuple[tuple[str, str], ...],
) -> None:
    with pytest.raises(
        DraftError, match="path parameter annotationId is empty"
    ) as caught:
        sent(*rows)
    assert caught.value.field is Field.PATH


@pytest.mark.parametrize("value", [".", ".."])
def test_a_value_that_leads_to_another_path_is_refused(value: str) -> None:
    with pytest.raises(DraftError, match="annotationId is “") as caught:
        sent(("annotationId", value))
    assert caught.value.field is Field.PATH


def test_a_value_cannot_leave_the_base_url() -> None:
    with pytest.raises(DraftError, match="would leave"):
        sent(("annotationId", "x/../../y"))


def test_a_secret_in_a_row_is_masked_in_the_request() -> None:
    draft = replace(
        DRAFT, path=(Pair("annotationId", "{{env:SECRET}}"),), options=NO_AUTH
    )
    values = Values(ENVIRONMENT, process={"SECRET": "s3cret/x"})
    request = prepare(draft, ENVIRONMENT, values=values)
    assert "s3cret" in request.url
    assert "s3cret" not in request.shown_url


def test_the_preview_keeps_an_open_placeholder_and_knows_the_operation() -> None:
    shown = preview(DRAFT, ENVIRONMENT)
    assert shown.url.startswith(
        "https://mixpanel.com/api/app/projects/12/annotations/{annotationId}"
    )
    assert shown.operation is not None
    assert shown.operation.id == "annotations.get-annotation"
    assert isinstance(shown.problem, DraftError)
    assert shown.problem.field is Field.PATH


def test_a_placeholder_without_a_row_is_open_with_its_value() -> None:
    draft = replace(DRAFT, path=(Pair("annotationId", "7", enabled=False),))
    assert open_parameters(draft, Values(ENVIRONMENT)) == (
        OpenParameter("projectId", "12", "project_id from environment e"),
        OpenParameter("annotationId", "", ""),
    )
    enabled = replace(draft, path=(Pair("annotationId", "7"), Pair("projectId", "")))
    assert open_parameters(enabled, Values(ENVIRONMENT)) == ()


def test_templates_are_not_placeholders() -> None:
    assert placeholders("/a/{x}/{{y}}/{my id}?q={x}") == ("x", "my id")


def test_a_placeholder_is_documented_by_its_name_or_its_place() -> None:
    operation = find_operation("annotations.get-annotation")
    assert operation is not None
    for url, name in (
        ("/projects/1/annotations/{annotationId}", "annotationId"),
        ("/projects/{projectId}/annotations/{id}?x=1", "id"),
    ):
        parameter = path_parameter(operation, url, name)
        assert parameter is not None
        assert parameter.name == "annotationId"
    assert path_parameter(operation, "/other/{id}", "id") is None
