"""What would be sent, without reading a secret."""

from __future__ import annotations

import pytest

from mixtui.client.description import body_head, body_note, body_text, describe_headers
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, BodyType, Draft, Method, Options, Pair
from mixtui.request.prepare import prepare
from tests.ui.app import PROD

IMPORT = Draft(
    method=Method.POST,
    api=Api.INGESTION,
    url="/import",
    headers=(Pair("X-Trace-Id", "1"),),
    body=Body(text='[{"event": "a", "properties": {"time": 1}}]'),
)


def test_every_header_tells_where_it_comes_from() -> None:
    headers = describe_headers(prepare(IMPORT, PROD), typed={"x-trace-id"})
    sources = {header.name.lower(): header.source for header in headers}
    assert sources["host"] == sources["content-length"] == "HTTP"
    assert sources["user-agent"] == sources["accept-encoding"] == "default"
    assert sources["content-type"] == "added by mixtui"
    assert sources["x-trace-id"] == "Headers tab"
    assert sources["authorization"] == "service account ci.mp-service-account"
    (authorization,) = (h for h in headers if h.name == "Authorization")
    assert authorization.value == "Basic ••••••"


@pytest.mark.parametrize("name", ["User-Agent", "Accept", "Content-Type"])
def test_a_header_that_is_typed_is_not_added(name: str) -> None:
    draft = Draft(url="/query/events", headers=(Pair(name, "text/own"),))
    headers = describe_headers(prepare(draft, PROD), typed={name.lower()})
    named = [header for header in headers if header.name.lower() == name.lower()]
    assert [(h.value, h.source) for h in named] == [("text/own", "Headers tab")]


def test_a_compressed_body_is_described_and_shown_as_text() -> None:
    plain = prepare(IMPORT, PROD)
    packed = prepare(
        Draft(
            method=Method.POST,
            api=Api.INGESTION,
            url="/import",
            headers=(Pair("Content-Encoding", "gzip"),),
            body=IMPORT.body,
        ),
        PROD,
    )
    assert body_text(packed) == body_text(plain)
    assert body_note(packed).endswith(" B, gzip")
    assert body_note(plain).endswith(" B")


def test_a_request_without_a_body_has_no_text() -> None:
    request = prepare(Draft(url="/query/events", options=Options()), PROD)
    assert (body_text(request), body_note(request)) == (None, "")


def test_a_file_is_named_and_not_read(tmp_path: object) -> None:
    path = tmp_path / "events.json"  # type: ignore[operator]
    path.write_bytes(b"[1]")
    body = Body(type=BodyType.FILE, path=str(path))
    draft = Draft(method=Method.POST, api=Api.INGESTION, url="/import", body=body)
    request = prepare(draft, PROD)
    assert (body_text(request), body_note(request)) == (None, f"{path}, 3 B")
    assert body_head(request, 100) == path.read_bytes()
    assert body_head(request, 2) == path.read_bytes()[:2]
