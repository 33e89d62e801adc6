from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.sandbox.data.json_text import Json
from mixtui.sandbox.manage import (
    account,
    annotations,
    experiments,
    flags,
    gdpr,
    pipelines,
    schemas,
    warehouse,
)
from mixtui.sandbox.requests.errors import Refusal
from mixtui.sandbox.requests.shapes import (
    Anything,
    Boolean,
    Integer,
    ListOf,
    MapOf,
    Number,
    OneOf,
    OrNull,
    Record,
    Shape,
    Text,
    check,
    checked_form,
)

DAY = Text(pattern=r"\d{4}-\d\d-\d\d", example="yyyy-mm-dd")
PERSON = Record({"name": Text(min_length=1)}, {"age": Integer()})


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (Text(), ""),
        (Text(min_length=2, max_length=3), "abc"),
        (DAY, "2026-03-18"),
        (OneOf(("a", "b")), "b"),
        (Integer(), -3),
        (Integer((0, 60)), 60),
        (Number(minimum=0, maximum=1), 0.5),
        (Number(), 10**30),
        (Boolean(), False),
        (Boolean(only=True), True),
        (ListOf(Integer(), min_items=1, max_items=2), [1, 2]),
        (MapOf(Boolean()), {"x": True}),
        (PERSON, {"name": "Ada", "colour": "red"}),
        (OrNull(Text()), None),
        (Anything(), [None]),
    ],
)
def test_a_matching_value_passes(shape: Shape, value: Json) -> None:
    check(shape, value)


@pytest.mark.parametrize(
    ("shape", "value", "message"),
    [
        (Text(), 1, "the body must be a string"),
        (Text(min_length=2), "a", "the body must have at least 2 characters"),
        (Text(max_length=1), "ab", "the body must have at most 1 characters"),
        (DAY, "soon", "the body must look like yyyy-mm-dd, not 'soon'"),
        (OneOf(("a", "b")), "c", "the body must be one of a, b"),
        (OneOf(("a", "b")), ["a"], "the body must be one of a, b"),
        (Integer(), 1.0, "the body must be an integer"),
        (Integer(), True, "the body must be an integer"),
        (Integer((0, 60)), 1, "the body must be one of 0, 60"),
        (Number(minimum=0, maximum=1), 1.5, "the body must be between 0 and 1"),
        (Number(), True, "the body must be a number"),
        (Boolean(), 1, "the body must be true or false"),
        (Boolean(only=True), False, "the body must be true"),
        (ListOf(Text()), {}, "the body must be a list"),
        (ListOf(Text(), min_items=1), [], "the body must hold at least 1"),
        (ListOf(Text(), max_items=1), ["a", "b"], "the body must hold at most 1"),
        (ListOf(Text()), ["a", 1], "'[1]' must be a string"),
        (MapOf(Boolean()), [], "the body must be an object"),
        (MapOf(Boolean()), {"x": 1}, "'x' must be true or false"),
        (PERSON, {}, "'name' is required"),
        (PERSON, {"name": None}, "'name' must be a string"),
        (Record(closed=True), {"a": 1}, "'a' is not a known field"),
        (
            Record({"people": ListOf(PERSON)}),
            {"people": [{"name": "Ada", "age": "36"}]},
            "'people[0].age' must be an integer",
        ),
    ],
)
def test_a_mismatch_is_reported_with_its_location(
    shape: Shape, value: Json, message: str
) -> None:
    with pytest.raises(Refusal) as caught:
        check(shape, value)
    assert (caught.value.status, caught.value.error) == (400, message)


def test_the_fields_of_a_form_become_values() -> None:
    shape = Record(
        {"on": Boolean()}, {"n": Number(), "events": ListOf(Text()), "to": DAY}
    )
    form = {"on": ["TRUE"], "n": ["1.5"], "events": ["a", "b"], "to": [""], "x": ["y"]}
    assert checked_form(shape, form) == {"on": True, "n": 1.5, "events": ["a", "b"]}
    with pytest.raises(Refusal, match="'on' is required"):
        checked_form(shape, {"on": [""]})
    with pytest.raises(Refusal, match="'n' must be a number"):
        checked_form(shape, {"on": ["false"], "n": ["many"]})


RESOURCES = (
    account,
    annotations,
    experiments,
    flags,
    gdpr,
    pipelines,
    schemas,
    warehouse,
)
SHAPES = [
    *(
        shape
        for module in RESOURCES
        for shape in vars(module).values()
        if isinstance(shape, Record)
    ),
    *warehouse.NEW_IMPORT.values(),
    *pipelines.NEW_PIPELINE.values(),
]
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)


def json_for(shapes: list[Record]) -> st.SearchStrategy[Json]:
    """Generate JSON with the field names of the shapes."""
    names = st.sampled_from(sorted({name for shape in shapes for name in shape.fields}))
    return st.recursive(
        LEAVES,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(names | st.text(max_size=3), inner, max_size=4)
        ),
        max_leaves=12,
    )


@given(st.sampled_from(SHAPES), json_for(SHAPES))
def test_any_value_passes_or_is_refused(shape: Record, value: Json) -> None:
    with suppress(Refusal):
        check(shape, value)
