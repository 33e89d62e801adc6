"""Examples of the catalogue have no hints, and no draft breaks the rules."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mixtui.hints import find_body_hints, find_request_hints, sort_by_severity
from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.catalogue import Operation, operations
from mixtui.model.draft import AuthChoice, Body, BodyType, Draft, Method, Options, Pair
from mixtui.request.from_operation import draft_from_operation
from tests.hints.samples import ENVIRONMENT, hints_of, values

_ENDING = ("in maintenance mode", "is deprecated", "has no value")


@pytest.mark.parametrize("operation", operations(), ids=lambda o: o.id)
def test_the_example_of_an_operation_is_fine(operation: Operation) -> None:
    hints = [each.message for each in hints_of(draft_from_operation(operation))]
    assert [s for s in hints if not any(end in s for end in _ENDING)] == []


URLS = st.sampled_from([each.url for each in operations()])
NAMES = st.sampled_from(
    sorted({p.name for each in operations() for p in each.parameters})
)
VALUES = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ['["a"]', "[", "%5B%22a%22%5D", "2026-13-01", "9" * 50, "{{today}}", "{{x}}"]
    ),
)
KEYS = st.sampled_from(
    [
        "event",
        "properties",
        "time",
        "$insert_id",
        "distinct_id",
        "$set",
        "$add",
        "$unset",
        "$delete",
        "$distinct_id",
        "$distinct_ids",
        "entries",
        "name",
        "ruleset",
        "variants",
        "distinct_ids",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)
TEXTS = st.one_of(
    st.text(max_size=60),
    st.builds(lambda value: json.dumps(value, indent=1), JSON),
    st.builds(
        lambda rows: "\n".join(map(json.dumps, rows)), st.lists(JSON, max_size=3)
    ),
    st.builds("{}={}\n{}".format, NAMES, VALUES, st.text(max_size=20)),
)
PAIRS = st.lists(
    st.builds(Pair, NAMES | st.text(max_size=8), VALUES, st.booleans()), max_size=4
).map(tuple)
DRAFTS = st.builds(
    Draft,
    method=st.sampled_from(Method),
    api=st.sampled_from(Api),
    url=URLS | st.text(max_size=30),
    query=PAIRS,
    headers=PAIRS,
    body=st.none() | st.builds(Body, st.sampled_from(BodyType), TEXTS),
    options=st.builds(
        Options, auth=st.sampled_from(AuthChoice), delete_body=st.booleans()
    ),
)


@given(DRAFTS)
@settings(max_examples=300)
def test_no_draft_breaks_the_checks(draft: Draft) -> None:
    hints = hints_of(draft)
    rows = {"query": len(draft.query), "headers": len(draft.headers)}
    for hint in hints:
        assert hint.message.endswith((".", "?", "…")), hint.message
        assert hint.row is None or hint.row < rows[hint.field.value]
        text = draft.body.text if draft.body else ""
        assert hint.line is None or 1 <= hint.line <= text.count("\n") + 1


@given(st.sampled_from(operations()), PAIRS, TEXTS)
@settings(max_examples=200)
def test_no_change_of_an_example_breaks_the_checks(
    operation: Operation, rows: tuple[Pair, ...], text: str
) -> None:
    draft = draft_from_operation(operation)
    if draft.body is not None:
        draft = replace(draft, body=replace(draft.body, text=text))
    draft = replace(draft, query=(*draft.query, *rows))
    complete = hints_of(draft)
    request = find_request_hints(draft, ENVIRONMENT, values=values())
    body = find_body_hints(draft, ENVIRONMENT, values=values())
    assert complete == sort_by_severity((*request, *body))
