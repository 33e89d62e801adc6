from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.editing.json_value import ValueKind, documented_kind, field_at, kind_of
from mixtui.editing.names import NameIndex, choices, draft_names
from mixtui.mixpanel.catalogue import find_operation
from mixtui.model.draft import Body, BodyType, Draft, Pair
from mixtui.request.forms import parse_form

NAMES = ["plan", "Plan Type", "$browser", 'say "x"', "explain"]


@pytest.mark.parametrize(
    ("typed", "rest", "labels", "result"),
    [
        ("pl", "", ['properties["plan"]'], 'properties["plan"]'),
        ("1 == pl", " and", ['properties["plan"]'], '1 == properties["plan"] and'),
        ('user["pl', '"] == 1', ["plan", "Plan Type"], 'user["plan"] == 1'),
        ('properties["', "", ["$browser", "explain"], 'properties["$browser"]'),
        ("properties[", "] == 1", ["$browser"], 'properties["$browser"] == 1'),
        ('properties["say', "", ['say "x"'], 'properties["say \\"x\\""]'),
        ("properties['bro", "']", ["$browser"], 'properties["$browser"]'),
        ("us", " == 1", ['user["…"]'], 'user[" == 1'),
        ("def", "", ["defined(…)"], "defined("),
        ('"pl', "", [], ""),
        ("", "", [], ""),
        ('properties["plan"] ', "", [], ""),
    ],
)
def test_names_are_completed_at_the_cursor(
    typed: str, rest: str, labels: list[str], result: str
) -> None:
    completions = choices(typed + rest, len(typed), NameIndex(NAMES))
    assert [choice.label for choice in completions][: len(labels)] == labels
    if completions:
        text, cursor = completions[0].put_into(typed + rest)
        assert text == result
        assert text[:cursor].startswith(result[:cursor])
    assert bool(completions) == bool(labels)


@given(st.sets(st.text("aB\n$", max_size=4), max_size=12), st.text("aB$", max_size=3))
def test_names_that_start_with_what_is_typed_come_before_those_that_contain_it(
    names: set[str], typed: str
) -> None:
    results = list(NameIndex(names).matching(typed))
    part = typed.lower()
    assert sorted(results) == sorted(name for name in names if part in name.lower())
    starts = [name.lower().startswith(part) for name in results]
    assert starts == sorted(starts, reverse=True)


def test_a_letter_compares_few_of_many_names() -> None:
    class Counted(str):
        compared = 0

        def __lt__(self, other: str) -> bool:
            Counted.compared += 1
            return str.__lt__(self, other)

    index = NameIndex(f"property_{number}" for number in range(20_000))
    index._lower = list(map(Counted, index._lower))
    found = choices('properties["property_777', 24, index)
    assert [choice.label for choice in found][:2] == ["property_777", "property_7770"]
    assert 0 < Counted.compared < 40


def test_the_names_in_a_draft_are_found() -> None:
    draft = Draft(
        query=(Pair("where", 'user["a"] == properties["b"]'), Pair("x", "y")),
        body=Body(text='[{"event": "e", "properties": {"c": 1}}, {"$set": {"d": 2}}]'),
    )
    assert list(draft_names(draft)) == ["a", "b", "c", "d"]
    form = Draft(body=Body(BodyType.FORM, 'where=properties["f"] > 1'))
    assert list(draft_names(form)) == ["f"]
    lines = Draft(body=Body(BodyType.NDJSON, '{"properties": {"g": 1}}\n{\n'))
    assert list(draft_names(lines)) == ["g"]


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("event", "", ValueKind.TEXT),
        ("where", "", ValueKind.EXPRESSION),
        ("on", "plan", ValueKind.EXPRESSION),
        ("from_date", "", ValueKind.DATE),
        ("x", "2026-01-31", ValueKind.DATE),
        ("x", "{{today-7d}}", ValueKind.DATE),
        ("x", "{{plan}}", ValueKind.TEXT),
        ("x", '["a"]', ValueKind.LIST),
        ("x", '{"id": 1}', ValueKind.OBJECT),
        ("x", "%5B%22a%22%5D", ValueKind.JSON),
        ("x", "plain", ValueKind.TEXT),
    ],
)
def test_a_value_has_the_kind_of_its_editor(
    name: str, value: str, kind: ValueKind
) -> None:
    segmentation = find_operation("query.segmentation-query")
    assert segmentation is not None
    assert kind_of(name, value, segmentation) is kind


def test_the_fields_of_a_form_have_their_kinds() -> None:
    engage = find_operation("query.engage-query")
    assert engage is not None
    assert documented_kind("distinct_ids", engage) is ValueKind.LIST
    assert documented_kind("filter_by_cohort", engage) is ValueKind.OBJECT
    assert documented_kind("where", engage) is ValueKind.EXPRESSION
    assert documented_kind("page", engage) is None
    assert documented_kind("where", None) is None


FORM = 'a=1\n\nscript="""\nfunction main() {}\n""" \nb=x=y\nnothing\nc="""one"""'


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        (0, "a", "1"),
        (2, "script", "function main() {}"),
        (3, "script", "function main() {}"),
        (4, "script", "function main() {}"),
        (5, "b", "x=y"),
        (7, "c", "one"),
    ],
)
def test_a_line_of_a_form_is_part_of_a_field(line: int, name: str, value: str) -> None:
    field = field_at(FORM, line)
    assert field is not None
    assert (field.name, field.value) == (name, value)
    for other in ("new", "two\nlines"):
        assert parse_form(field.with_value(other)) == ((name, other),)


@pytest.mark.parametrize("line", [1, 6, 99])
def test_other_lines_of_a_form_are_not_a_field(line: int) -> None:
    assert field_at(FORM, line) is None
