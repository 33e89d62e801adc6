"""The rest of a request: URL, method, headers, life cycle, credentials."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mixtui.model.draft import AuthChoice, Draft, Method, Options, Pair
from mixtui.model.environment import Credentials, Environment
from mixtui.model.errors import Field
from mixtui.model.secrets import FromVariable
from tests.hints.samples import ENVIRONMENT, draft, said, sentences

IMPORT = '[{"event": "a", "properties": {"time": 1795521600, "distinct_id": "u"}}]'
FORM = "application/x-www-form-urlencoded"


def engage() -> Draft:
    body = '[{"$distinct_id": "u", "$set": {"a": 1}}]'
    return draft("POST", "ingestion", "/engage", "ip=0", body=body)


WRONG = [
    (
        draft("GET", "app", "/projects/{projectId}/annotations/{annotationId}"),
        "{annotationId} (the number of the annotation)",
    ),
    (
        draft("GET", "lexicon", "/1/schemas/{entityType}?entity_name={name}"),
        "{entityType}",
    ),
    (draft("GET", "lexicon", "/1/schemas/events"), "entityType in the path is events"),
    (draft("GET", "app", "/projects/1/annotations/last"), "annotationId in the path"),
    (
        draft("POST", "ingestion", "/engage#profile-sett", body="[]"),
        "did you mean #profile-set?",
    ),
    (draft("POST", "query", "/query/events"), "called with GET"),
    (draft("GET", "query", "/query/segmentation"), "in maintenance mode"),
    (draft("GET", "pipelines", "/pipeline/jobs"), "is deprecated"),
    (replace(engage(), headers=(Pair("content-type", FORM),)), "Content-Type says"),
    (replace(engage(), headers=(Pair("Content-Encoding", "gzip"),)), "no compressed"),
    (
        draft(
            "POST",
            "ingestion",
            "/import",
            "strict=1",
            body=IMPORT,
            headers=(Pair("Content-Encoding", "br"),),
        ),
        "takes only gzip",
    ),
]
RIGHT = [
    draft("GET", "app", "/projects/{projectId}/annotations/7"),
    draft("GET", "lexicon", "/1/schemas/event"),
    engage(),
    replace(engage(), headers=(Pair("content-type", FORM, enabled=False),)),
    replace(
        engage(), headers=(Pair("content-type", "application/json; charset=utf-8"),)
    ),
    draft("GET", "query", "/query/events/names", "type=general"),
    draft("GET", "query", "/nothing/of/mixpanel"),
    draft("GET", "query", "https://example.com/"),
    draft("GET", "app", "/me"),
    Draft(),
]


@pytest.mark.parametrize(("given", "words"), WRONG)
def test_a_mistake_is_told(given: Draft, words: str) -> None:
    assert any(words in each for each in sentences(given)), sentences(given)


@pytest.mark.parametrize("given", RIGHT)
def test_what_is_right_is_left_alone(given: Draft) -> None:
    assert said(given) == ()


def test_a_variable_fills_a_placeholder() -> None:
    environment = ENVIRONMENT.with_variables({"annotationId": "7"})
    given = draft("GET", "app", "/projects/1/annotations/{annotationId}")
    assert said(given, environment) == ()
    assert [each.field for each in said(given)] == [Field.URL]


def test_the_fragment_and_the_method_are_corrected() -> None:
    body = '[{"$distinct_id": "u", "$set": {"a": 1}}]'
    given = draft("POST", "ingestion", "/engage#profile-sett", "ip=0", body=body)
    suggestion = said(given)[0].suggestion
    assert suggestion is not None
    assert suggestion.url == "/engage#profile-set"
    suggestion = said(draft("POST", "query", "/query/funnels/list"))[0].suggestion
    assert suggestion is not None
    assert suggestion.method is Method.GET


def test_a_replacement_is_named() -> None:
    given = draft("GET", "query", "/query/funnels/list")
    (advice,) = said(given)
    assert "takes its place" in advice.message
    assert not advice.severe


def test_a_project_secret_is_told_to_end() -> None:
    given = draft("GET", "query", "/query/events/names", "type=general")
    chosen = replace(given, options=Options(auth=AuthChoice.PROJECT_SECRET))
    (advice,) = said(chosen)
    assert (advice.field, "3 March 2027" in advice.message) == (Field.AUTH, True)
    assert advice.suggestion is not None
    assert said(advice.suggestion) == ()
    alone = Environment(
        "old", credentials=Credentials(project_secret=FromVariable("MP_SECRET"))
    )
    (advice,) = said(given, alone)
    assert advice.suggestion is None


def test_a_replaced_header_is_switched_off() -> None:
    given = replace(engage(), headers=(Pair("Content-Encoding", "gzip"),))
    (advice,) = said(given)
    assert (advice.field, advice.row) == (Field.HEADERS, 0)
    assert advice.suggestion is not None
    assert said(advice.suggestion) == ()


def test_what_is_grave_comes_first() -> None:
    given = draft("GET", "query", "/query/funnels/list", "zebra=1")
    assert [each.severe for each in said(given)] == [True, False]
