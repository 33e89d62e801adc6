from __future__ import annotations

import base64
import json

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sandbox.helpers import FORM, TOKEN

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=8,
)
FIELDS = (
    "event properties token $token $distinct_id $set $add $union $unset $delete "
    "$group_key $group_id time"
)
fields = st.sampled_from(FIELDS.split())
records = st.dictionaries(
    fields,
    json_values | st.just(TOKEN) | st.dictionaries(fields, json_values),
    max_size=5,
)
bodies = st.binary(max_size=50) | (json_values | st.lists(records, max_size=3)).map(
    lambda value: json.dumps(value).encode()
)


PATHS = st.sampled_from(["/import", "/track", "/engage", "/groups"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    PATHS,
    bodies,
    st.sampled_from(["application/json", "application/x-ndjson", FORM["Content-Type"]]),
)
def test_any_body_gets_a_200_or_a_400(
    empty_client: httpx.Client, path: str, content: bytes, media_type: str
) -> None:
    headers = {"Content-Type": media_type}
    response = empty_client.post(path, content=content, headers=headers)
    assert response.status_code in (200, 400)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    PATHS,
    bodies | bodies.map(base64.b64encode),
    st.dictionaries(
        st.sampled_from(["verbose", "strict", "callback", "img", "ip", "redirect"]),
        st.text(max_size=5) | st.just("1"),
    ),
)
def test_any_data_gets_a_200_a_302_or_a_400(
    empty_client: httpx.Client, path: str, data: bytes, options: dict[str, str]
) -> None:
    fields = {**options, "data": data}
    for response in (
        empty_client.get(path, params=fields),
        empty_client.post(path, data=fields),
    ):
        assert response.status_code in (200, 302, 400)
