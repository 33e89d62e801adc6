"""Inputs: what is asked for, what answers it, and what is masked."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import (
    AuthChoice,
    Body,
    BodyType,
    ChoiceSource,
    Draft,
    Method,
    Pair,
    RequestInput,
)
from mixtui.model.environment import Environment
from mixtui.model.errors import DraftError, Field
from mixtui.model.prepared import PreparedRequest
from mixtui.model.secrets import REDACTED, Secret
from mixtui.model.trust import DraftOrigin, Trust, TrustError
from mixtui.request.inputs import input_mistake, missing_inputs, used_inputs
from mixtui.request.prepare import prepare
from mixtui.request.preview import check_draft_body, preview
from mixtui.request.templates import Values
from tests.encodings import FORMS

ENVIRONMENT = Environment("e", variables={"plan": "pro", "city": "Rome"})
CITY = RequestInput("city")
DRAFT = Draft(
    api=Api.QUERY,
    url="/query/events",
    query=(Pair("where", "{{city}}"),),
    options=replace(Draft().options, auth=AuthChoice.NONE),
    inputs=(CITY,),
)


def prepared(
    draft: Draft, answers: dict[str, str] | None = None, **variables: str
) -> PreparedRequest:
    values = Values(
        ENVIRONMENT,
        variables,
        {"TOKEN": "tok-123456"},
        lambda: datetime(2026, 5, 20, tzinfo=UTC),
        answers=answers or {},
    )
    return prepare(draft, ENVIRONMENT, values=values)


def where(request: PreparedRequest) -> str:
    return request.url.partition("where=")[2]


def with_input(**changes: object) -> Draft:
    return replace(DRAFT, inputs=(replace(CITY, **changes),))


def test_var_wins_over_an_answer_which_wins_over_the_default() -> None:
    draft = with_input(default="Oslo")
    assert where(prepared(draft)) == "Oslo"
    assert where(prepared(draft, {"city": "Bern"})) == "Bern"
    assert where(prepared(draft, {"city": "Bern"}, city="Kyiv")) == "Kyiv"


def test_an_input_hides_a_variable_of_the_environment() -> None:
    assert where(prepared(replace(DRAFT, inputs=()))) == "Rome"
    with pytest.raises(DraftError, match="city has no value") as caught:
        prepared(DRAFT)
    assert caught.value.field is Field.INPUTS


def test_an_empty_answer_is_an_answer() -> None:
    assert where(prepared(DRAFT, {"city": ""})) == ""
    assert where(prepared(with_input(default=""))) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{today-7d}}", "2026-05-13"),
        ("{{plan}}", "pro"),
        (r"\{{plan}}", "%7B%7Bplan%7D%7D"),
        ("a&b=c", "a%26b%3Dc"),
    ],
)
def test_templates_in_a_default_an_answer_and_var_are_filled(
    text: str, expected: str
) -> None:
    assert where(prepared(with_input(default=text))) == expected
    assert where(prepared(DRAFT, {"city": text})) == expected
    assert where(prepared(DRAFT, city=text)) == expected


def test_a_generated_value_is_the_same_wherever_the_input_is_used() -> None:
    draft = replace(
        with_input(default="{{uuid}}"), query=(Pair("where", "{{city}}{{city}}"),)
    )
    value = where(prepared(draft))
    assert value[: len(value) // 2] == value[len(value) // 2 :]


def test_inputs_do_not_refer_to_each_other() -> None:
    draft = replace(
        DRAFT,
        inputs=(replace(CITY, default="{{town}}"), RequestInput("town", default="x")),
    )
    with pytest.raises(DraftError, match=r"The input city: .*town.* is not defined"):
        prepared(draft)


def test_only_the_choices_are_allowed() -> None:
    draft = with_input(choices=("Oslo", "Bern"))
    assert where(prepared(draft, {"city": "Bern"})) == "Bern"
    with pytest.raises(DraftError, match=r"must be one of Oslo, Bern.*mean Oslo"):
        prepared(draft, {"city": "oslo"})


def test_only_inputs_in_use_are_missing() -> None:
    other = RequestInput("other")
    draft = replace(DRAFT, inputs=(CITY, other))
    assert used_inputs(draft) == (CITY,)
    assert missing_inputs(draft, Values(ENVIRONMENT)) == (CITY,)
    assert missing_inputs(draft, Values(ENVIRONMENT, {"city": ""})) == ()
    assert missing_inputs(draft, Values(ENVIRONMENT, answers={"city": "x"})) == ()
    disabled = replace(draft, query=(Pair("where", "{{city}}", enabled=False),))
    assert used_inputs(disabled) == ()
    in_path = replace(disabled, url="/x/{city}")
    assert used_inputs(in_path) == (CITY,)


def test_an_input_fills_a_placeholder_of_the_path() -> None:
    draft = replace(DRAFT, url="/query/{city}", query=())
    assert prepared(draft, {"city": "a/b"}).url.endswith("/query/a%2Fb")


SECRET = 'kq7/very "secret"+zx9 é😀<&%41>'


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_masked_in_every_form(form: str) -> None:
    request = prepared(with_input(secret=True), {"city": SECRET})
    assert REDACTED in request.shown_url
    assert REDACTED in request.redactor.redact(f"<{FORMS[form](SECRET)}>")
    assert SECRET not in repr(request)


def test_templates_in_a_secret_are_text() -> None:
    request = prepared(with_input(secret=True), {"city": "{{plan}}"})
    assert where(request) == "%7B%7Bplan%7D%7D"
    assert request.sensitive == (Secret("{{plan}}"),)


def test_a_variable_of_the_process_in_a_default_is_masked_and_needs_trust() -> None:
    draft = with_input(default="{{env:TOKEN}}")
    assert prepared(draft).sensitive == (Secret("tok-123456"),)
    untrusted = DraftOrigin(Path("/theirs"), Trust(Path("/theirs")))
    with pytest.raises(TrustError, match="TOKEN"):
        prepare(draft, ENVIRONMENT, origin=untrusted)


def test_a_preview_names_an_input_without_calling_it_a_problem() -> None:
    shown = preview(DRAFT, ENVIRONMENT)
    assert shown.problem is None
    assert shown.url.endswith("?where={{city}}")
    assert preview(with_input(default="Oslo"), ENVIRONMENT).url.endswith("where=Oslo")


def test_a_body_with_an_input_is_valid_json() -> None:
    body = Body(BodyType.JSON, '{"a": {{city}}, "b": "{{city}}"}')
    draft = replace(DRAFT, method=Method.POST, body=body)
    assert check_draft_body(draft, ENVIRONMENT).ok
    assert not check_draft_body(replace(draft, inputs=()), ENVIRONMENT).ok


@pytest.mark.parametrize(
    ("declared", "key"),
    [
        (RequestInput(""), "name"),
        (RequestInput("my city"), "name"),
        (RequestInput("env:HOME"), "name"),
        (RequestInput("taken"), "name"),
        (RequestInput("a", default="x", secret=True), "default"),
        (RequestInput("a", choices=("x",), secret=True), "choices"),
        (
            RequestInput("a", choices_from=ChoiceSource.EVENTS, secret=True),
            "choices_from",
        ),
        (
            RequestInput("a", choices=("x",), choices_from=ChoiceSource.EVENTS),
            "choices_from",
        ),
        (RequestInput("a", choices_from=ChoiceSource.EVENTS, event="x"), "event"),
        (RequestInput("a", choices=("x",), default="y"), "default"),
    ],
)
def test_what_is_wrong_in_a_declaration_is_found(
    declared: RequestInput, key: str
) -> None:
    mistake = input_mistake(declared, {"taken"})
    assert mistake is not None
    assert mistake[0] == key
