"""Suggestions for a name or a value that is being typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.editing.names import as_of
from mixtui.editing.suggestions import (
    Suggestion,
    ghost,
    header_names,
    header_values,
    lookup_for,
    project_names,
    query_names,
    query_values,
    template_names,
)
from mixtui.mixpanel.catalogue import (
    NameKind,
    Operation,
    Parameter,
    ParameterLocation,
    ValueType,
    find_operation,
    operations,
)
from mixtui.model.known_names import KnownName, KnownNames, NameQuery

NOW = datetime(2026, 3, 14, 15, 9, tzinfo=UTC)
EVENTS = KnownNames(
    (KnownName("Sign up"), KnownName("Purchase"), KnownName('Say "hi"')),
    NOW - timedelta(hours=1, minutes=7),
)


def operation_of(id: str) -> Operation:
    operation = find_operation(id)
    assert operation is not None
    return operation


SEGMENTATION = operation_of("query.segmentation-query")


def parameter(
    type: str = "string",
    *,
    allowed: tuple[str, ...] = (),
    names: NameKind | None = None,
) -> Parameter:
    kind = ValueType(type)
    return Parameter(
        "x", ParameterLocation.QUERY, kind, "", allowed=allowed, names=names
    )


def suggested_values(
    parameter_: Parameter,
    typed: str,
    known: Mapping[NameQuery, KnownNames] | None = None,
    present: Mapping[str, str] | None = None,
) -> list[str]:
    rows = query_values(parameter_, typed, present or {}, (known or {}).get, NOW)
    return [row.label if row.lookup else row.value for row in rows]


@pytest.mark.parametrize(
    ("present", "typed", "first"),
    [
        ((), "", ["event", "from_date", "to_date", "on"]),
        (("event",), "", ["from_date", "to_date", "on", "unit"]),
        ((), "un", ["unit"]),
        ((), "UN", ["unit"]),
        ((), "date", ["from_date", "to_date"]),
        ((), "unit", []),
        ((), "nothing like it", []),
    ],
)
def test_missing_parameters_are_suggested_in_order(
    present: tuple[str, ...], typed: str, first: list[str]
) -> None:
    names = [
        suggestion.value for suggestion in query_names(SEGMENTATION, present, typed)
    ]
    assert names[: len(first)] == first
    assert first or not names


def test_parameters_already_in_the_query_come_last() -> None:
    names = query_names(SEGMENTATION, ("event", "unit"), "")
    assert [suggestion.value for suggestion in names][-2:] == ["event", "unit"]
    assert names[-1].note == "already present"


@pytest.mark.parametrize(
    ("parameter_", "typed", "expected"),
    [
        (parameter(allowed=("day", "week")), "", ["day", "week"]),
        (parameter(allowed=("day", "week")), "w", ["week"]),
        (parameter(allowed=("day", "week")), "day", []),
        (parameter("boolean"), "", ["true", "false"]),
        (parameter("boolean"), "f", ["false"]),
        (parameter("flag"), "", ["1", "0"]),
        (parameter("date"), "{{m", ["{{month_start}}"]),
        (parameter("date"), "2026-03-1", ["2026-03-14", "2026-03-13"]),
        (parameter(), "a", []),
        (parameter("integer"), "", []),
    ],
)
def test_documented_values_are_suggested_without_a_lookup(
    parameter_: Parameter, typed: str, expected: list[str]
) -> None:
    assert suggested_values(parameter_, typed) == expected


def test_suggested_dates_name_their_day() -> None:
    rows = query_values(parameter("date"), "", {}, lambda lookup: None, NOW)
    assert ("{{today-7d}}", "now 2026-03-07") in [(r.value, r.note) for r in rows]
    assert ("2026-03-13", "yesterday") in [(r.value, r.note) for r in rows]


KNOWN = {NameQuery(NameKind.EVENT): EVENTS}
LOOK_UP_AGAIN = "Look up event names again"


@pytest.mark.parametrize(
    ("type", "typed", "expected"),
    [
        ("string", "", ["Sign up", "Purchase", 'Say "hi"', LOOK_UP_AGAIN]),
        ("string", "pur", ["Purchase", LOOK_UP_AGAIN]),
        ("string", "Purchase", [LOOK_UP_AGAIN]),
        (
            "list",
            "",
            ['["Sign up"]', '["Purchase"]', '["Say \\"hi\\""]', LOOK_UP_AGAIN],
        ),
        ("list", '["Pu', ['["Purchase"]', LOOK_UP_AGAIN]),
        ("list", "Pu", ['["Purchase"]', LOOK_UP_AGAIN]),
        ("list", '["Sign up", "Pu', ['["Sign up", "Purchase"]', LOOK_UP_AGAIN]),
        (
            "list",
            '["Sign up"]',
            ['["Sign up", "Purchase"]', '["Sign up", "Say \\"hi\\""]', LOOK_UP_AGAIN],
        ),
        ("list", '["Sign up",', ['["Sign up", "Purchase"]', LOOK_UP_AGAIN]),
        (
            "list",
            "[]",
            ['["Sign up"]', '["Purchase"]', '["Say \\"hi\\""]', LOOK_UP_AGAIN],
        ),
    ],
)
def test_event_names_are_suggested_in_the_form_of_the_parameter(
    type: str, typed: str, expected: list[str]
) -> None:
    suggestions = suggested_values(parameter(type, names=NameKind.EVENT), typed, KNOWN)
    assert [value for value in suggestions if value in expected] == expected
    assert suggestions[-1] == LOOK_UP_AGAIN


def test_braces_of_a_name_do_not_start_a_template() -> None:
    known = {NameQuery(NameKind.EVENT): KnownNames((KnownName("Hi {{name}}"),), NOW)}
    expected = {"string": r"Hi \{{name}}", "list": r'["Hi \{{name}}"]'}
    for kind, text in expected.items():
        parameter_ = parameter(kind, names=NameKind.EVENT)
        assert suggested_values(parameter_, "", known)[0] == text


def test_the_last_suggestion_looks_names_up_and_shows_their_age() -> None:
    parameter_ = parameter(names=NameKind.EVENT)
    without_names = query_values(parameter_, "", {}, {}.get, NOW)
    assert [(row.label, row.note) for row in without_names] == [
        ("Look up event names", "1 query")
    ]
    with_names = query_values(parameter_, "Si", {}, KNOWN.get, NOW)
    assert with_names[-1].note == "as of today 14:02; 1 query"
    assert with_names[-1].value == "Si"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", 'properties["plan"]'),
        ("pl", 'properties["plan"]'),
        ('properties["pl', 'properties["plan"]'),
        ("properties[", 'properties["plan"]'),
        ('number(properties["pl', 'number(properties["plan"]'),
    ],
)
def test_property_names_are_suggested_in_an_expression(
    typed: str, expected: str
) -> None:
    lookup = NameQuery(NameKind.PROPERTY, "Sign up")
    known = {lookup: KnownNames((KnownName("plan"),), NOW)}
    present = {"event": "Sign up"}
    parameter_ = parameter("expression", names=NameKind.PROPERTY)
    assert suggested_values(parameter_, typed, known, present)[0] == expected


def test_a_complete_expression_gets_no_suggestion() -> None:
    parameter_ = parameter("expression")
    assert suggested_values(parameter_, 'properties["plan"] == "pro"') == []


def test_a_funnel_matches_by_its_name_and_its_id() -> None:
    known = {
        NameQuery(NameKind.FUNNEL): KnownNames((KnownName("7509", "Sign-up"),), NOW)
    }
    parameter_ = parameter("integer", names=NameKind.FUNNEL)
    for typed in ("", "sign", "75"):
        assert suggested_values(parameter_, typed, known)[0] == "7509"


@pytest.mark.parametrize(
    ("parameter_", "present", "lookup"),
    [
        (parameter(names=NameKind.EVENT), {}, NameQuery(NameKind.EVENT)),
        (
            parameter(names=NameKind.PROPERTY),
            {"event": "A b"},
            NameQuery(NameKind.PROPERTY, "A b"),
        ),
        (
            parameter(names=NameKind.PROPERTY),
            {"event": '["A", "B"]'},
            NameQuery(NameKind.PROPERTY, "A"),
        ),
        (
            parameter("list", names=NameKind.VALUE),
            {"event": "A", "name": "plan"},
            NameQuery(NameKind.VALUE, "A", "plan"),
        ),
        (
            parameter(names=NameKind.VALUE),
            {"event": "A", "on": 'properties["city"]'},
            NameQuery(NameKind.VALUE, "A", "city"),
        ),
        (parameter("expression"), {}, NameQuery(NameKind.PROPERTY)),
        (parameter(), {}, None),
    ],
)
def test_the_available_lookup_depends_on_the_other_rows(
    parameter_: Parameter, present: Mapping[str, str], lookup: NameQuery | None
) -> None:
    assert lookup_for(parameter_, present) == lookup


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("{{", ["{{plan}}", "{{uuid}}"]),
        ("{{to", ["{{today}}", "{{today-7d}}"]),
        ("a {{pl", ["a {{plan}}"]),
        ("{{today}}", []),
        ("today", []),
    ],
)
def test_templates_are_completed(typed: str, expected: list[str]) -> None:
    suggestions = [suggestion.value for suggestion in template_names(typed, ("plan",))]
    assert suggestions[: len(expected)] == expected
    assert expected or not suggestions


def test_header_names_and_values_are_suggested() -> None:
    assert header_names(None, (), "accept")[0].value == "Accept"
    assert [
        suggestion.value for suggestion in header_values(None, "content-encoding", "")
    ] == ["gzip"]
    assert header_values(None, "x-my-own", "") == ()
    events = operation_of("ingestion.import-events")
    assert [name_suggestion.value for name_suggestion in header_names(events, (), "")][
        :2
    ] == [
        "Content-Type",
        "Content-Encoding",
    ]
    assert header_values(events, "CONTENT-TYPE", "")[0].value == "application/json"


@pytest.mark.parametrize(
    ("typed", "dim"),
    [("", ""), ("un", "unit"), ("unit", ""), ("UN", ""), ("date", "")],
)
def test_only_a_continuation_of_the_typed_text_is_shown_dim(
    typed: str, dim: str
) -> None:
    assert ghost(query_names(SEGMENTATION, (), typed), typed) == dim
    look_up = Suggestion("unit", "Look up", lookup=NameQuery(NameKind.EVENT))
    assert ghost((look_up,), "un") == ""


@pytest.mark.parametrize(
    ("hours", "message"),
    [
        (1, "as of today 14:09"),
        (20, "as of yesterday 19:09"),
        (100, "as of 2026-03-10"),
    ],
)
def test_the_age_of_names_is_a_date(hours: int, message: str) -> None:
    assert as_of(NOW - timedelta(hours=hours), NOW) == message


@given(st.text(max_size=40), st.sampled_from(operations()))
def test_any_text_can_be_completed(typed: str, operation: Operation) -> None:
    query_names(operation, (typed,), typed)
    header_names(operation, (typed,), typed)
    template_names(typed, ())
    known = {NameQuery(NameKind.EVENT): EVENTS}
    for row_parameter in operation.parameters:
        for suggestion in query_values(
            row_parameter, typed, {"event": typed}, known.get, NOW
        ):
            assert suggestion.label or suggestion.value


def test_of_very_many_names_the_first_that_match_are_suggested() -> None:
    names = tuple(KnownName(f"Event {number}") for number in range(5_000))
    lookup, now = NameQuery(NameKind.EVENT), datetime(2026, 3, 1, tzinfo=UTC)
    known = KnownNames(names, now)
    assert len(project_names(lookup, "ev", known, now)) == 1_001  # And the look-up.
    labels = [each.label for each in project_names(lookup, "4999", known, now)]
    assert labels[:-1] == ["Event 4999"]
