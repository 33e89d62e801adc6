"""Values are encoded exactly once: a server decodes what was typed."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.client.client import Client
from mixtui.editing.json_value import compact, format_json
from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.expressions import property_expression
from mixtui.model.draft import AuthChoice, Body, BodyType, Draft, Method, Options, Pair
from mixtui.model.environment import Environment
from mixtui.model.secrets import SecretReader
from mixtui.request.prepare import prepare
from mixtui.request.urls import encode_pair_for_display

LOOPBACK = Environment("here", hosts={Api.QUERY: "http://127.0.0.1:1"})
BARE = Options(auth=AuthChoice.NONE)
plain_texts = st.text().filter(lambda text: "{{" not in text)
plain_values = st.recursive(
    st.none() | st.booleans() | st.integers() | plain_texts,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(plain_texts, inner, max_size=3)
    ),
    max_leaves=8,
).filter(lambda value: "{{" not in json.dumps(value))


async def send_draft(draft: Draft) -> httpx.Request:
    """Send a draft with the client of the app and return the request that arrives."""
    requests: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200)

    client = Client(SecretReader(variables={}), transport=httpx.MockTransport(handler))
    await client.send(prepare(draft, LOOPBACK))
    await client.close()
    return requests[0]


async def assert_arrives(name: str, value: str) -> None:
    """Assert that a pair arrives in a query, as the editor shows it, and in a form."""
    requested = await send_draft(
        Draft(url="/query/x", query=(Pair(name, value),), options=BARE)
    )
    query = urlsplit(str(requested.url)).query
    assert parse_qsl(query, keep_blank_values=True) == [(name, value)]
    assert requested.url.raw_path.decode().partition("?")[2] == encode_pair_for_display(
        name, value
    )
    if "\n" in value or "\r" in value or value.startswith('"""'):
        return
    body = Body(BodyType.FORM, f"{name}={value}")
    posted = await send_draft(
        Draft(method=Method.POST, url="/query/engage", body=body, options=BARE)
    )
    assert parse_qsl(posted.content.decode(), keep_blank_values=True) == [(name, value)]


@given(plain_values)
async def test_json_arrives_as_it_was_typed(value: object) -> None:
    typed = format_json(json.dumps(value, ensure_ascii=False))
    await assert_arrives("event", compact(typed))
    assert json.loads(compact(typed)) == value


@given(plain_texts)
async def test_any_text_arrives_as_it_was_typed(text: str) -> None:
    await assert_arrives("where", text)


@given(plain_texts)
async def test_a_property_of_any_name_arrives(name: str) -> None:
    await assert_arrives("on", property_expression(name))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('["a"]', "n%20m=%5B%22a%22%5D"),
        ("%5B", "n%20m=%255B"),
        ("{{today}} &", "n%20m={{today}}%20%26"),
    ],
)
def test_the_encoded_pair_is_shown(value: str, expected: str) -> None:
    assert encode_pair_for_display("n m", value) == expected
