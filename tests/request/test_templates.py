"""Templates: built-in values, precedence, and unknown references."""

from __future__ import annotations

import re
import traceback
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.key_names import set_reader
from mixtui.model.environment import NO_ENVIRONMENT, Credentials, Environment
from mixtui.model.errors import DraftError, Field
from mixtui.model.secrets import Secret
from mixtui.request.templates import (
    BUILT_IN_NAMES,
    Escape,
    Literal,
    Reference,
    Values,
    describe_sources,
    escape_text,
    expand_text,
    fill_placeholders,
    map_literals,
    map_references,
    mask_templates,
    parse_template,
    plain_text,
    references,
    sole_reference,
    value_sources,
)
from mixtui.request.urls import encode_component

ZONE = timezone(timedelta(hours=2))
ENVIRONMENT = Environment(
    "prod",
    project_id="1234567",
    workspace_id="89",
    organization_id="5",
    credentials=Credentials(project_token="tok"),
    variables={"plan": "pro", "shared": "environment", "x-y.z": "dotted"},
)
BARE = Environment("bare")


def values(environment: Environment = ENVIRONMENT) -> Values:
    return Values(
        environment,
        variables={"shared": "command line", "city": "Zürich"},
        process={"SECRET": "hunter2", "EMPTY": ""},
        now=lambda: datetime(2026, 3, 5, 23, 30, tzinfo=ZONE),
        new_uuid=lambda: "00000000-0000-4000-8000-000000000001",
    )


FILLED = [
    ("nothing to fill", "nothing to fill"),
    ("{{plan}}", "pro"),
    ("{{ plan }}", "pro"),
    ("a{{plan}}b{{plan}}", "aprobpro"),
    ("{{x-y.z}}", "dotted"),
    ("{{shared}}", "command line"),
    ("{{city}}", "Zürich"),
    ("{{uuid}}", "00000000-0000-4000-8000-000000000001"),
    ("{{now}}", "1772746200"),
    ("{{today}}", "2026-03-05"),
    ("{{today-7d}}", "2026-02-26"),
    ("{{today+1d}}", "2026-03-06"),
    ("{{today-2w}}", "2026-02-19"),
    ("{{month_start}}", "2026-03-01"),
    ("{{project_id}}/{{workspace_id}}/{{organization_id}}", "1234567/89/5"),
    ("{{project_token}}", "tok"),
    ("{{env:SECRET}}", "hunter2"),
    ("{{env:EMPTY}}", ""),
    ("$set $distinct_id $$ ${plan} $plan", "$set $distinct_id $$ ${plan} $plan"),
    ('{"a": {"b": {}}}', '{"a": {"b": {}}}'),
    ("{plan}", "{plan}"),
    ("{{2026}}", "{{2026}}"),
    (r"\{{plan}}", "{{plan}}"),
    (r"\\{{plan}}", r"\pro"),
    (r"\\\{{plan}}", r"\{{plan}}"),
    (r"\{{ plan }} {{plan}}", "{{ plan }} pro"),
    (r"\{{plan", "{{plan"),
    (r"\{{my id}}", "{{my id}}"),
    (r"{\{{plan}}}", "{{{plan}}}"),
    (r"\{{{plan}}}", "{{{plan}}}"),
    (r"\ \{plan} \}} \n", r"\ \{plan} \}} \n"),
]


@pytest.mark.parametrize(("text", "expected"), FILLED)
def test_a_template_is_filled_and_all_else_is_literal(text: str, expected: str) -> None:
    assert expand_text(text, values(), Field.BODY).text == expected


def test_every_built_in_of_the_help_has_a_value() -> None:
    for name in BUILT_IN_NAMES:
        template = f"{{{{{name.replace('NAME', 'SECRET')}}}}}"
        assert expand_text(template, values(), Field.BODY).text != template


REFUSED = [
    (
        "{{nope}}",
        ENVIRONMENT,
        r"\{\{nope\}\} is not defined: add nope to .*environment prod \(f9\)",
    ),
    ("{{today-7m}}", ENVIRONMENT, "today-7m"),
    ("{{env:NOT_THERE}}", ENVIRONMENT, "the environment variable NOT_THERE is not set"),
    ("{{project_id}}", BARE, "the environment bare has no project_id"),
    ("{{workspace_id}}", BARE, "bare has no workspace_id"),
    ("{{organization_id}}", BARE, "bare has no organization_id"),
    ("{{project_token}}", BARE, "bare has no project token"),
    ("{{plan}", ENVIRONMENT, "not closed"),
    ("{{plan", ENVIRONMENT, "not closed"),
    ("{{plan\nmore", ENVIRONMENT, "not closed"),
    ("half \ud800", ENVIRONMENT, "Character 6 of the headers is half a surrogate pair"),
]


@pytest.mark.parametrize(("text", "environment", "sentence"), REFUSED)
def test_a_reference_without_a_value_is_refused_and_named(
    text: str, environment: Environment, sentence: str
) -> None:
    with pytest.raises(DraftError, match=sentence) as caught:
        expand_text(text, values(environment), Field.HEADERS)
    assert caught.value.field is Field.HEADERS


def test_a_shell_is_offered_an_option_and_the_app_a_key() -> None:
    def problem(environment: Environment) -> str:
        with pytest.raises(DraftError) as caught:
            expand_text("{{nope}}", values(environment), Field.URL)
        return str(caught.value)

    assert "--var" not in problem(ENVIRONMENT)
    assert problem(NO_ENVIRONMENT).endswith("variables of an environment (f9).")
    set_reader(is_in_app=False)
    assert problem(ENVIRONMENT).endswith("environment prod, or pass --var nope=…")
    assert problem(NO_ENVIRONMENT).endswith("an environment, or pass --var nope=…")


def test_who_has_no_environment_is_not_shown_one_named_none() -> None:
    with pytest.raises(DraftError, match="you have no environment yet; press f9"):
        expand_text("{{project_id}}", values(NO_ENVIRONMENT), Field.URL)


def test_a_day_out_of_the_calendar_is_unknown() -> None:
    late = Values(BARE, now=lambda: datetime(9999, 12, 31, tzinfo=ZONE))
    with pytest.raises(DraftError, match="is not defined"):
        expand_text("{{today+1d}}", late, Field.QUERY)


def test_a_value_from_the_process_is_sensitive_and_an_empty_one_is_not() -> None:
    filled = expand_text("{{env:SECRET}} {{env:EMPTY}} {{plan}}", values(), Field.BODY)
    assert filled.sensitive == (Secret("hunter2"),)
    assert "hunter2" not in repr(filled.sensitive)


def test_a_value_is_encoded_if_an_encoder_is_passed() -> None:
    text = "/x/{{city}}?{{plan}}"
    filled = expand_text(text, values(), Field.URL, encode_component)
    assert filled.text == "/x/Z%C3%BCrich?pro"


def test_escaped_braces_are_encoded_like_a_value() -> None:
    text = r"/x/\{{city}}?a=\{{plan}}"
    filled = expand_text(text, values(), Field.URL, encode_component)
    assert filled.text == "/x/%7B%7Bcity%7D%7D?a=%7B%7Bplan%7D%7D"


PLACEHOLDERS = [
    ("/{Project ID}", "/1234567"),
    ("/{projectId}/{project_id}/{PROJECT-ID}/{project}", "/1234567" * 4),
    ("/{workspaceId}/{workspace}", "/89/89"),
    ("/{organizationId}", "/5"),
    ("/{plan}", "/pro"),
    ("/{city}", "/Z%C3%BCrich"),
    ('?f={"id":1}', '?f={"id":1}'),
    ("/{{plan}}", "/{{plan}}"),
]


@pytest.mark.parametrize(("text", "expected"), PLACEHOLDERS)
def test_a_placeholder_of_the_api_reference_is_filled(text: str, expected: str) -> None:
    assert fill_placeholders(text, values(), encode_component).text == expected


def test_a_placeholder_without_a_value_is_named() -> None:
    with pytest.raises(DraftError, match="path parameter importId is empty"):
        fill_placeholders("/{importId}", values(), encode_component)
    with pytest.raises(DraftError, match=r"\{Project ID\} cannot be filled: .*f9"):
        fill_placeholders("/{Project ID}", values(BARE), encode_component)


PIECES = st.lists(
    st.one_of(
        st.sampled_from(["{{", "}}", "{", "}", " ", "today", "-7d", "env:", "plan"]),
        st.characters(),
    )
).map("".join)


@given(PIECES, st.sampled_from(list(Field)))
def test_filling_any_text_gives_a_text_or_a_draft_error(
    text: str, field: Field
) -> None:
    try:
        filled = expand_text(text, values(), field)
    except DraftError as error:
        assert error.field is field
        assert "hunter2" not in "".join(traceback.format_exception(error))
        return
    filled.text.encode()  # The result can always be encoded.


@given(PIECES)
def test_placeholders_in_any_text_are_filled_or_named(text: str) -> None:
    try:
        fill_placeholders(text, values(), encode_component)
    except DraftError as error:
        assert error.field in (Field.URL, Field.PATH)


@given(PIECES)
def test_a_text_without_templates_is_unchanged(text: str) -> None:
    plain = text.encode("ascii", "ignore").decode().replace("{", "")
    assert expand_text(plain, values(), Field.BODY).text == plain


TEMPLATE_TEXTS = st.lists(
    st.sampled_from(
        ["{", "{{", "}", "}}", "{{x}}", "{{ x }}", "{{env:A}}", "x", " ", "$", "\\"]
    )
).map("".join)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        ("plain {x} $set", [Literal("plain {x} $set")]),
        ("{{x}}", [Reference("{{x}}", "x", 0)]),
        (
            "a{{ today-7d }}b{{env:A}}",
            [
                Literal("a"),
                Reference("{{ today-7d }}", "today-7d", 1),
                Literal("b"),
                Reference("{{env:A}}", "env:A", 16),
            ],
        ),
        ("{{{x}}}", [Literal("{"), Reference("{{x}}", "x", 1), Literal("}")]),
        ("{{my id}}{{$guid}}{{}}", [Literal("{{my id}}{{$guid}}{{}}")]),
        (r"a\{{x}}", [Literal("a"), Escape(r"\{{x}}", "{{x}}")]),
        (r"\\{{x}}", [Escape("\\\\", "\\"), Reference("{{x}}", "x", 2)]),
    ],
)
def test_a_text_is_split_into_literals_and_references(
    text: str, parts: list[Literal | Escape | Reference]
) -> None:
    assert list(parse_template(text)) == parts


def test_names_of_other_programs_are_references_on_request() -> None:
    names = [
        reference.name
        for reference in references("{{my id}} {{$guid}} {{}}", foreign=True)
    ]
    assert names == ["my id", "$guid"]


@given(TEMPLATE_TEXTS)
def test_the_parts_of_a_text_join_to_it_and_have_correct_offsets(text: str) -> None:
    assert "".join(part.text for part in parse_template(text)) == text
    for reference in references(text):
        assert text[reference.start : reference.end] == reference.text
        assert sole_reference(reference.text) == reference.name


@given(TEMPLATE_TEXTS)
def test_any_text_is_sent_exactly_if_it_is_escaped(text: str) -> None:
    escaped = escape_text(text)
    assert expand_text(escaped, values(), Field.BODY).text == text
    assert plain_text(escaped) == text
    assert not list(references(escaped))
    before = escape_text(text, before_reference=True) + "{{plan}}"
    assert expand_text(before, values(), Field.BODY).text == text + "pro"


@given(TEMPLATE_TEXTS)
def test_a_text_of_another_program_keeps_its_references_only(text: str) -> None:
    foreign = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
    imported = escape_text(text, keep_foreign=True)
    filled = map_references(imported, lambda reference: "1", foreign=True)
    assert plain_text(filled) == foreign.sub("1", text)


@given(TEMPLATE_TEXTS)
def test_changing_literals_changes_what_is_sent_and_no_reference(text: str) -> None:
    changed = map_literals(text, lambda part: part.replace("x", "y"))
    names = [reference.name for reference in references(text)]
    assert [reference.name for reference in references(changed)] == names
    assert plain_text(map_references(changed, lambda reference: "")) == plain_text(
        map_references(text, lambda reference: "")
    ).replace("x", "y")


@given(TEMPLATE_TEXTS)
def test_a_masked_text_has_the_same_length_and_what_is_sent_at_its_end(
    text: str,
) -> None:
    for part in parse_template(text):
        masked = mask_templates(part.text)
        assert len(masked) == len(part.text)
        if not isinstance(part, Reference):
            assert masked.endswith(plain_text(part.text))


@given(TEMPLATE_TEXTS)
def test_exactly_the_references_get_a_value(text: str) -> None:
    environment = Environment("any", variables={"x": "1"})
    values = Values(environment, process={"A": "1"})
    try:
        expanded = expand_text(text, values, Field.BODY).text
    except DraftError:
        return
    assert expanded == plain_text(map_references(text, lambda reference: "1"))


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("plain", ""),
        ("{{plan}}", "plan from environment e"),
        ("{{project_id}} {{plan}}", "project_id from environment e, plan from --var"),
        ("{{env:HOME}} {{uuid}}", "env:HOME from this process, uuid from mixtui"),
        ("{{unknown}} {{env:UNSET}}", ""),
    ],
)
def test_the_source_of_each_value_is_named(text: str, sources: str) -> None:
    environment = Environment("e", project_id="1", variables={"plan": "a"})
    typed = {"plan": "b"} if "--var" in sources else {}
    values = Values(environment, typed, process={"HOME": "/home"})
    assert describe_sources(value_sources((text,), values)) == sources


@pytest.mark.parametrize(
    ("text", "typed"), [("{{label}}", {}), ("{{other}}", {"other": "a {{ plan }}"})]
)
def test_a_template_in_a_variable_is_refused(text: str, typed: dict[str, str]) -> None:
    environment = Environment("e", variables={"plan": "pro", "label": "{{plan}}-x"})
    values = Values(environment, typed)
    name = text.strip("{}")
    with pytest.raises(DraftError, match=f"The variable {name} contains the template"):
        expand_text(text, values, Field.BODY)
    with pytest.raises(DraftError, match=f"The variable {name} contains the template"):
        fill_placeholders(f"/{{{name}}}", values, str)


def test_escaped_braces_in_a_variable_are_text() -> None:
    environment = Environment("e", variables={"label": r"\{{plan}}"})
    values = Values(environment, process={"DATA": r"\{{plan}}"})
    filled = expand_text("{{label}} {{env:DATA}}", values, Field.BODY)
    assert filled.text == r"{{plan}} \{{plan}}"
    assert fill_placeholders("/{label}", values, str).text == "/{{plan}}"


def test_braces_that_are_not_templates_and_data_of_the_process_pass() -> None:
    environment = Environment("e", variables={"json": '{"a": {"b": {}}}'})
    values = Values(environment, process={"DATA": "{{plan}}"})
    filled = expand_text("{{json}} {{env:DATA}}", values, Field.BODY)
    assert filled.text == '{"a": {"b": {}}} {{plan}}'
