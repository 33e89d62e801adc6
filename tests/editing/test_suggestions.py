"""What may be meant by a name or a value that is being typed."""

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
    each = find_operation(id)
    assert each is not None
    return each


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


def values(
    of: Parameter,
    typed: str,
    known: Mapping[NameQuery, KnownNames] | None = None,
    present: Mapping[str, str] | None = None,
) -> list[str]:
    rows = query_values(of, typed, present or {}, (known or {}).get, NOW)
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
def test_parameter_names_come_as_they_are_missed(
    present: tuple[str, ...], typed: str, first: list[str]
) -> None:
    names = [each.value for each in query_names(SEGMENTATION, present, typed)]
    assert names[: len(first)] == first
    assert first or not names


def test_what_is_there_already_comes_last() -> None:
    names = query_names(SEGMENTATION, ("event", "unit"), "")
    assert [n.value for n in names][-2:] == ["event", "unit"]
    assert names[-1].note == "is there already"


@pytest.mark.parametrize(
    ("of", "typed", "expected"),
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
def test_values_that_are_known_without_asking(
    of: Parameter, typed: str, expected: list[str]
) -> None:
    assert values(of, typed) == expected


def test_dates_say_which_day_they_are_now() -> None:
    rows = query_values(parameter("date"), "", {}, lambda lookup: None, NOW)
    assert ("{{today-7d}}", "now 2026-03-07") in [(r.value, r.note) for r in rows]
    assert ("2026-03-13", "yesterday") in [(r.value, r.note) for r in rows]


KNOWN = {NameQuery(NameKind.EVENT): EVENTS}
AGAIN = "Look up event names again"


@pytest.mark.parametrize(
    ("type", "typed", "expected"),
    [
        ("string", "", ["Sign up", "Purchase", 'Say "hi"', AGAIN]),
        ("string", "pur", ["Purchase", AGAIN]),
        ("string", "Purchase", [AGAIN]),
        ("list", "", ['["Sign up"]', '["Purchase"]', '["Say \\"hi\\""]', AGAIN]),
        ("list", '["Pu', ['["Purchase"]', AGAIN]),
        ("list", "Pu", ['["Purchase"]', AGAIN]),
        ("list", '["Sign up", "Pu', ['["Sign up", "Purchase"]', AGAIN]),
        (
            "list",
            '["Sign up"]',
            ['["Sign up", "Purchase"]', '["Sign up", "Say \\"hi\\""]', AGAIN],
        ),
        ("list", '["Sign up",', ['["Sign up", "Purchase"]', AGAIN]),
        ("list", "[]", ['["Sign up"]', '["Purchase"]', '["Say \\"hi\\""]', AGAIN]),
    ],
)
def test_event_names_as_they_are_written_there(
    type: str, typed: str, expected: list[str]
) -> None:
    made = values(parameter(type, names=NameKind.EVENT), typed, KNOWN)
    assert [v for v in made if v in expected] == expected
    assert made[-1] == AGAIN


def test_the_last_entry_looks_names_up_and_says_how_old_they_are() -> None:
    of = parameter(names=NameKind.EVENT)
    before = query_values(of, "", {}, {}.get, NOW)
    assert [(r.label, r.note) for r in before] == [("Look up event names", "1 query")]
    after = query_values(of, "Si", {}, KNOWN.get, NOW)
    assert after[-1].note == "as of today 14:02; 1 query"
    assert after[-1].value == "Si"


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
def test_property_names_in_an_expression(typed: str, expected: str) -> None:
    lookup = NameQuery(NameKind.PROPERTY, "Sign up")
    known = {lookup: KnownNames((KnownName("plan"),), NOW)}
    present = {"event": "Sign up"}
    of = parameter("expression", names=NameKind.PROPERTY)
    assert values(of, typed, known, present)[0] == expected


def test_an_expression_that_goes_on_is_left_alone() -> None:
    of = parameter("expression")
    assert values(of, 'properties["plan"] == "pro"') == []


def test_a_funnel_matches_by_its_name_and_its_id() -> None:
    known = {
        NameQuery(NameKind.FUNNEL): KnownNames((KnownName("7509", "Sign-up"),), NOW)
    }
    of = parameter("integer", names=NameKind.FUNNEL)
    for typed in ("", "sign", "75"):
        assert values(of, typed, known)[0] == "7509"


@pytest.mark.parametrize(
    ("of", "present", "lookup"),
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
    of: Parameter, present: Mapping[str, str], lookup: NameQuery | None
) -> None:
    assert lookup_for(of, present) == lookup


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
    made = [each.value for each in template_names(typed, ("plan",))]
    assert made[: len(expected)] == expected
    assert expected or not made


def test_headers() -> None:
    assert header_names(None, (), "accept")[0].value == "Accept"
    assert [v.value for v in header_values(None, "content-encoding", "")] == ["gzip"]
    assert header_values(None, "x-my-own", "") == ()
    events = operation_of("ingestion.import-events")
    assert [n.value for n in header_names(events, (), "")][:2] == [
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
    asks = Suggestion("unit", "Look up", lookup=NameQuery(NameKind.EVENT))
    assert ghost((asks,), "un") == ""


@pytest.mark.parametrize(
    ("hours", "message"),
    [
        (1, "as of today 14:09"),
        (20, "as of yesterday 19:09"),
        (100, "as of 2026-03-10"),
    ],
)
def test_the_date_of_names(hours: int, message: str) -> None:
    assert as_of(NOW - timedelta(hours=hours), NOW) == message


@given(st.text(max_size=40), st.sampled_from(operations()))
def test_nothing_that_is_typed_fails(typed: str, each: Operation) -> None:
    query_names(each, (typed,), typed)
    header_names(each, (typed,), typed)
    template_names(typed, ())
    known = {NameQuery(NameKind.EVENT): EVENTS}
    for of in each.parameters:
        for made in query_values(of, typed, {"event": typed}, known.get, NOW):
            assert made.label or made.value
