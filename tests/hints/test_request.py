"""Hints about URL, method, headers, deprecation and credentials."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mixtui.model.draft import AuthChoice, Draft, Method, Options, Pair, RequestInput
from mixtui.model.environment import Credentials, Environment
from mixtui.model.errors import Field
from mixtui.model.secrets import FromVariable
from tests.hints.samples import ENVIRONMENT, hints_of, make_draft, messages_of

IMPORT = '[{"event": "a", "properties": {"time": 1795521600, "distinct_id": "u"}}]'
FORM = "application/x-www-form-urlencoded"


def engage() -> Draft:
    body = '[{"$distinct_id": "u", "$set": {"a": 1}}]'
    return make_draft("POST", "ingestion", "/engage", "ip=0", body=body)


MISTAKES = [
    (
        make_draft("GET", "app", "/projects/{projectId}/annotations/{annotationId}"),
        "annotationId (the annotation id",
    ),
    (
        make_draft("GET", "lexicon", "/1/schemas/{entityType}?entity_name={name}"),
        "entityType (the entity type",
    ),
    (
        make_draft("GET", "lexicon", "/1/schemas/events"),
        "entityType in the path is events",
    ),
    (
        make_draft("GET", "app", "/projects/1/annotations/last"),
        "annotationId in the path",
    ),
    (
        make_draft("POST", "ingestion", "/engage#profile-sett", body="[]"),
        "did you mean #profile-set?",
    ),
    (make_draft("POST", "query", "/query/events"), "requires GET"),
    (make_draft("GET", "query", "/query/segmentation"), "in maintenance mode"),
    (make_draft("GET", "pipelines", "/pipeline/jobs"), "is deprecated"),
    (replace(engage(), headers=(Pair("content-type", FORM),)), "Content-Type is"),
    (
        replace(engage(), headers=(Pair("Content-Encoding", "gzip"),)),
        "does not accept compressed",
    ),
    (
        make_draft(
            "POST",
            "ingestion",
            "/import",
            "strict=1",
            body=IMPORT,
            headers=(Pair("Content-Encoding", "br"),),
        ),
        "must be gzip",
    ),
]
VALID = [
    make_draft("GET", "app", "/projects/{projectId}/annotations/7"),
    make_draft("GET", "lexicon", "/1/schemas/event"),
    engage(),
    replace(engage(), headers=(Pair("content-type", FORM, enabled=False),)),
    replace(
        engage(), headers=(Pair("content-type", "application/json; charset=utf-8"),)
    ),
    make_draft("GET", "query", "/query/events/names", "type=general"),
    make_draft("GET", "query", "/nothing/of/mixpanel"),
    make_draft("GET", "query", "https://example.com/"),
    make_draft("GET", "app", "/me"),
    Draft(),
]


@pytest.mark.parametrize(("draft", "message"), MISTAKES)
def test_a_mistake_gives_a_hint(draft: Draft, message: str) -> None:
    assert any(message in each for each in messages_of(draft)), messages_of(draft)


@pytest.mark.parametrize("draft", VALID)
def test_a_valid_draft_has_no_hint(draft: Draft) -> None:
    assert hints_of(draft) == ()


def test_a_variable_fills_a_placeholder() -> None:
    environment = ENVIRONMENT.with_variables({"annotationId": "7"})
    draft = make_draft("GET", "app", "/projects/1/annotations/{annotationId}")
    assert hints_of(draft, environment) == ()
    assert [each.field for each in hints_of(draft)] == [Field.PATH]


def test_the_fragment_and_the_method_are_corrected() -> None:
    body = '[{"$distinct_id": "u", "$set": {"a": 1}}]'
    draft = make_draft("POST", "ingestion", "/engage#profile-sett", "ip=0", body=body)
    suggestion = hints_of(draft)[0].suggestion
    assert suggestion is not None
    assert suggestion.url == "/engage#profile-set"
    suggestion = hints_of(make_draft("POST", "query", "/query/funnels/list"))[
        0
    ].suggestion
    assert suggestion is not None
    assert suggestion.method is Method.GET


def test_a_replacement_is_named() -> None:
    draft = make_draft("GET", "query", "/query/funnels/list")
    (hint,) = hints_of(draft)
    assert "replaces it" in hint.message
    assert not hint.severe


def test_a_project_secret_has_a_hint_that_it_ends() -> None:
    draft = make_draft("GET", "query", "/query/events/names", "type=general")
    chosen = replace(draft, options=Options(auth=AuthChoice.PROJECT_SECRET))
    (hint,) = hints_of(chosen)
    assert (hint.field, "3 March 2027" in hint.message) == (Field.AUTH, True)
    assert hint.suggestion is not None
    assert hints_of(hint.suggestion) == ()
    alone = Environment(
        "old", credentials=Credentials(project_secret=FromVariable("MP_SECRET"))
    )
    (hint,) = hints_of(draft, alone)
    assert hint.suggestion is None


def test_a_replaced_header_is_disabled() -> None:
    draft = replace(engage(), headers=(Pair("Content-Encoding", "gzip"),))
    (hint,) = hints_of(draft)
    assert (hint.field, hint.row) == (Field.HEADERS, 0)
    assert hint.suggestion is not None
    assert hints_of(hint.suggestion) == ()


def test_severe_hints_come_first() -> None:
    draft = make_draft("GET", "query", "/query/funnels/list", "zebra=1")
    assert [each.severe for each in hints_of(draft)] == [True, False]


def test_path_rows_are_checked_as_the_path_is() -> None:
    draft = make_draft("GET", "lexicon", "/1/schemas/{entityType}/{name}")
    for rows, row, message in (
        ((Pair("entityType", "events"), Pair("name", "x")), 0, "entityType is events"),
        (
            (Pair("entityType", "event"), Pair("name", "")),
            1,
            "name (the name of the event",
        ),
        (
            (Pair("entityType", "event"), Pair("name", "x"), Pair("Name", "y")),
            2,
            "does not contain {Name}: did you mean {name}?",
        ),
        (
            (Pair("entityType", "event"), Pair("name", "x"), Pair("name", "y")),
            2,
            "another row above",
        ),
    ):
        hints = hints_of(replace(draft, path=rows))
        assert [(each.field, each.row) for each in hints] == [(Field.PATH, row)], hints
        assert message in hints[0].message
    valid = (Pair("entityType", "event"), Pair("name", "a/b"))
    assert hints_of(replace(draft, path=valid)) == ()


def test_an_input_that_is_not_used_is_named_and_one_in_use_is_not() -> None:
    draft = replace(VALID[0], inputs=(RequestInput("city"),))
    assert "does not use the input city" in hints_of(draft)[0].message
    used = replace(draft, url="/projects/{projectId}/annotations/{city}")
    assert hints_of(used) == ()


@pytest.mark.parametrize(
    ("name", "header", "is_secret"),
    [
        ("city", "X-City", False),
        ("city", "X-Api-Key", True),
        ("password", "X-City", True),
    ],
)
def test_an_input_used_as_a_secret_should_be_one(
    name: str, header: str, is_secret: bool
) -> None:
    draft = replace(
        VALID[0],
        headers=(Pair(header, f"{{{{{name}}}}}"),),
        inputs=(RequestInput(name),),
    )
    assert any("mark it as secret" in each for each in messages_of(draft)) is is_secret
    declared = replace(draft, inputs=(RequestInput(name, secret=True),))
    assert not any("mark it as secret" in each for each in messages_of(declared))
