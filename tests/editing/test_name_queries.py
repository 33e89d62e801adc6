"""The request for names, and the names in its response."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.editing.names import LookupRefused, lookup_draft, read_names
from mixtui.mixpanel.catalogue import NameKind
from mixtui.model.known_names import KnownName, NameQuery

LOOKUPS = [
    NameQuery(NameKind.EVENT),
    NameQuery(NameKind.PROPERTY, "Sign up"),
    NameQuery(NameKind.VALUE, "Sign up", "plan"),
    NameQuery(NameKind.FUNNEL),
    NameQuery(NameKind.COHORT),
]


@pytest.mark.parametrize(
    ("lookup", "url", "query"),
    [
        (LOOKUPS[0], "/query/events/names", {"type": "general", "limit": "255"}),
        (
            LOOKUPS[1],
            "/query/events/properties/top",
            {"event": "Sign up", "limit": "255"},
        ),
        (
            LOOKUPS[2],
            "/query/events/properties/values",
            {"event": "Sign up", "name": "plan", "limit": "255"},
        ),
        (LOOKUPS[3], "/query/funnels/list", {}),
    ],
)
def test_each_query_has_its_request(
    lookup: NameQuery, url: str, query: dict[str, str]
) -> None:
    draft = lookup_draft(lookup)
    assert draft.url == url
    assert {pair.name: pair.value for pair in draft.query} == query
    assert not draft.options.history


@pytest.mark.parametrize(
    ("lookup", "message"),
    [
        (NameQuery(NameKind.PROPERTY), "fill it in first"),
        (NameQuery(NameKind.VALUE, "Sign up"), "fill it in first"),
    ],
)
def test_a_missing_row_is_reported(lookup: NameQuery, message: str) -> None:
    with pytest.raises(LookupRefused, match=message):
        lookup_draft(lookup)


@pytest.mark.parametrize(
    ("lookup", "body", "names"),
    [
        (LOOKUPS[0], b'["A", "B", "A", ""]', [("A", ""), ("B", "")]),
        (LOOKUPS[1], b'{"plan": {"count": 3}}', [("plan", "")]),
        (LOOKUPS[2], b'["pro", 3, true]', [("pro", ""), ("3", ""), ("true", "")]),
        (LOOKUPS[3], b'[{"funnel_id": 7, "name": "F"}, 1]', [("7", "F")]),
        # Whatever is judged as accepted: another encoding, a raw control character.
        (LOOKUPS[0], '["Å"]'.encode("utf-16"), [("Å", "")]),
        (LOOKUPS[0], b'["A\tB"]', [("A\tB", "")]),
    ],
)
def test_the_names_in_a_response_are_read(
    lookup: NameQuery, body: bytes, names: list[tuple[str, str]]
) -> None:
    assert read_names(lookup, body) == tuple(KnownName(*row) for row in names)


UNREADABLE = st.sampled_from([b"[[[1]]]", b"[" * 100_000, b"[%s]" % (b"9" * 5_000)])


@given(st.sampled_from(LOOKUPS), st.binary(max_size=40) | UNREADABLE)
def test_any_other_response_is_rejected_with_a_message(
    lookup: NameQuery, body: bytes
) -> None:
    try:
        read_names(lookup, body)
    except LookupRefused as error:
        assert str(error).endswith(".")
