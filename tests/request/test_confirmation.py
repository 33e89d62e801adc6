"""What must be confirmed before a request is sent."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import AuthChoice, Body, Draft, Method, Options
from mixtui.model.environment import Environment
from mixtui.request.confirmation import required_confirmation
from mixtui.request.prepare import prepare

LAX = Environment("dev", project_id="11", workspace_id="22", organization_id="33")
STRICT = replace(LAX, name="prod", confirm_writes=True)


def draft(method: str, api: str, url: str) -> Draft:
    body = Body(text="[]") if method == "POST" else None
    options = Options(auth=AuthChoice.NONE)
    return Draft(
        method=Method(method), api=Api(api), url=url, body=body, options=options
    )


READ = draft("GET", "query", "/query/events")
WRITE = draft("POST", "ingestion", "/engage#profile-set")
DELETE = draft("DELETE", "lexicon", "/{projectId}/schemas")


@pytest.mark.parametrize(
    ("typed", "environment", "expected", "required_text"),
    [
        (READ, STRICT, False, ""),
        (WRITE, LAX, False, ""),
        (WRITE, STRICT, True, ""),
        (DELETE, LAX, True, ""),
        (DELETE, STRICT, True, "11"),
        (draft("DELETE", "lexicon", "/77/schemas"), STRICT, True, "77"),
        (draft("POST", "ingestion", "/engage#profile-delete"), STRICT, True, "11"),
        (draft("DELETE", "app", "/annotations/7"), STRICT, True, ""),
        (DELETE, replace(STRICT, project_id="", hosts={}), True, "22"),
        (
            draft("DELETE", "app", "/workspaces/1/experiments/2"),
            replace(STRICT, project_id="", workspace_id="", organization_id=""),
            True,
            "prod",
        ),
    ],
)
def test_the_confirmation_depends_on_safety_and_environment(
    typed: Draft, environment: Environment, expected: bool, required_text: str
) -> None:
    if typed is DELETE and not environment.project_id:
        typed = draft("DELETE", "app", "/workspaces/1/experiments/2")
    confirmation = required_confirmation(prepare(typed, environment), environment)
    assert (confirmation is not None) == expected
    if confirmation is not None:
        assert confirmation.required_text == required_text


def test_the_confirmation_names_the_operation_and_the_project() -> None:
    confirmation = required_confirmation(prepare(DELETE, STRICT), STRICT)
    assert confirmation is not None
    assert confirmation.sentence == (
        "DELETE “Delete all schemas” deletes or replaces data of project 11 in us "
        "(prod)"
    )
    assert confirmation.is_destructive
