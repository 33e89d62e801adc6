"""The rest of a request: URL, method, headers, life cycle, credentials."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mixtui.model.draft import AuthChoice, Draft, Method, Options, Pair
from mixtui.model.environment import Credentials, Environment
from mixtui.model.errors import Field
from mixtui.model.secrets import FromVariable
from tests.hints.samples import ENVIRONMENT, draft, hints_of, sentences

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
def test_a_mistake_gives_a_hint(given: Draft, words: str) -> None:
    assert any(words in each for each in sentences(given)), sentences(given)


@pytest.mark.parametrize("given", RIGHT)
def test_what_is_right_is_left_alone(given: Draft) -> None:
    assert hints_of(given) == ()


def test_a_variable_fills_a_placeholder() -> None:
    environment = ENVIRONMENT.with_variables({"annotationId": "7"})
    given = draft("GET", "app", "/projects/1/annotations/{annotationId}")
    assert hints_of(given, environment) == ()
    assert [each.field for each in hints_of(given)] == [Field.URL]


def test_the_fragment_and_the_method_are_corrected() -> None:
    body = '[{"$distinct_id": "u", "$set": {"a": 1}}]'
    given = draft("POST", "ingestion", "/engage#profile-sett", "ip=0", body=body)
    suggestion = hints_of(given)[0].suggestion
    assert suggestion is not None
    assert suggestion.url == "/engage#profile-set"
    suggestion = hints_of(draft("POST", "query", "/query/funnels/list"))[0].suggestion
    assert suggestion is not None
    assert suggestion.method is Method.GET


def test_a_replacement_is_named() -> None:
    given = draft("GET", "query", "/query/funnels/list")
    (hint,) = hints_of(given)
    assert "takes its place" in hint.message
    assert not hint.severe


def test_a_project_secret_is_told_to_end() -> None:
    given = draft("GET", "query", "/query/events/names", "type=general")
    chosen = replace(given, options=Options(auth=AuthChoice.PROJECT_SECRET))
    (hint,) = hints_of(chosen)
    assert (hint.field, "3 March 2027" in hint.message) == (Field.AUTH, True)
    assert hint.suggestion is not None
    assert hints_of(hint.suggestion) == ()
    alone = Environment(
        "old", credentials=Credentials(project_secret=FromVariable("MP_SECRET"))
    )
    (hint,) = hints_of(given, alone)
    assert hint.suggestion is None


def test_a_replaced_header_is_switched_off() -> None:
    given = replace(engage(), headers=(Pair("Content-Encoding", "gzip"),))
    (hint,) = hints_of(given)
    assert (hint.field, hint.row) == (Field.HEADERS, 0)
    assert hint.suggestion is not None
    assert hints_of(hint.suggestion) == ()


def test_what_is_grave_comes_first() -> None:
    given = draft("GET", "query", "/query/funnels/list", "zebra=1")
    assert [each.severe for each in hints_of(given)] == [True, False]
