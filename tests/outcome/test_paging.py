"""Pages of a profile query: read, requested and collected."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, BodyType, Draft, Method, Pair
from mixtui.model.errors import DraftError, SendError
from mixtui.model.exchange import Exchange
from mixtui.model.prepared import FileContent, PreparedRequest
from mixtui.outcome.paging import (
    CollectionProgress,
    Page,
    collect,
    draft_with_parameters,
    is_next_page,
    is_profile_query,
    page_parameters,
    read_page,
    size_label,
    start_collection,
    with_parameters,
)
from tests.exchanges import exchange, prepared

WHERE = 'properties["$city"] == "København & Co"'
VALUES = {"session_id": "17-A+B", "page": "3"}


def make_response(
    page: int, count: int, *, size: int = 2, session: str = "s-1", **more: object
) -> bytes:
    results = [{"$distinct_id": f"{page}-{i}", "$properties": {}} for i in range(count)]
    page_info = {"page": page, "page_size": size, "session_id": session, "status": "ok"}
    return json.dumps({**page_info, "results": results, **more}).encode()


def page_request(
    body: Body | None = None, method: Method = Method.POST
) -> PreparedRequest:
    return prepared(method, "/query/engage", body=body)


@pytest.mark.parametrize(
    ("method", "url", "api", "expected"),
    [
        (Method.POST, "/query/engage", Api.QUERY, True),
        (Method.GET, "/2.0/engage", Api.QUERY, True),
        (Method.POST, "/query/engage/", Api.QUERY, True),
        (Method.GET, "/query/engage/stats", Api.QUERY, False),
        (Method.GET, "/query/events", Api.QUERY, False),
        (Method.POST, "/engage", Api.INGESTION, False),
    ],
)
def test_a_profile_query_is_recognised_by_its_path(
    method: Method, url: str, api: Api, expected: bool
) -> None:
    assert is_profile_query(prepared(method, url, api=api)) is expected


@pytest.mark.parametrize(
    ("body", "last", "pages", "label"),
    [
        pytest.param(
            make_response(0, 2, total=5), False, 3, "3 pages, 5 profiles", id="first"
        ),
        pytest.param(
            make_response(2, 1, total=5), True, 3, "3 pages, 5 profiles", id="short"
        ),
        pytest.param(
            make_response(0, 2, session=""), True, 1, "1 page, 2 profiles", id="no id"
        ),
        pytest.param(
            make_response(1, 0, total=2), True, 2, "2 pages, 2 profiles", id="empty"
        ),
        pytest.param(
            make_response(0, 2, total=2),
            False,
            None,
            "more than one page, total number of profiles unknown",
            id="total of this page or of all",
        ),
        pytest.param(
            make_response(0, 2),
            False,
            None,
            "more than one page, total number of profiles unknown",
            id="no total",
        ),
    ],
)
def test_the_last_page_is_recognised(
    body: bytes, last: bool, pages: int | None, label: str
) -> None:
    page = read_page(body)
    assert page is not None
    assert (page.is_last, page.pages, size_label(page)) == (last, pages, label)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"1",
        b"[]",
        b"{}",
        b'{"results": {}}',
        b'{"results": [1], "page": "x"}',
        b"\xff",
    ],
)
def test_anything_but_a_page_is_none(body: bytes) -> None:
    assert read_page(body) is None


def test_profiles_keep_their_numbers_and_take_one_line_each() -> None:
    page = read_page(
        b'{"results": [{"a": 1e400,\n "a": 12345678901234567890}, {"b": "x\\ny"}]}'
    )
    assert page is not None
    assert page.profiles == (
        b'{"a":1e400,"a":12345678901234567890}',
        b'{"b": "x\\ny"}',
    )


def test_a_get_carries_the_page_in_its_query() -> None:
    request = prepared(Method.GET, "/query/engage?page=0", query=[("where", WHERE)])
    url = with_parameters(request, VALUES).url
    assert parse_qs(urlsplit(url).query) == {
        "where": [WHERE],
        "session_id": ["17-A+B"],
        "page": ["3"],
    }


def test_a_form_carries_the_page_in_its_fields() -> None:
    request = page_request(Body(BodyType.FORM, f"where={WHERE}\npage=2"))
    paged = with_parameters(request, VALUES)
    assert isinstance(paged.content, bytes)
    fields = parse_qs(paged.content.decode())
    assert fields == {"where": [WHERE], "session_id": ["17-A+B"], "page": ["3"]}
    assert paged.url == request.url
    assert isinstance(request.content, bytes)
    assert paged.content.startswith(request.content.partition(b"&")[0])


def test_a_page_typed_into_the_query_of_a_post_moves_into_its_body() -> None:
    request = prepared(
        Method.POST,
        "/query/engage?page=1&keep=a+b",
        query=[("session_id", "old")],
        body=Body(BodyType.FORM, "where=true"),
    )
    paged = with_parameters(request, VALUES)
    assert paged.url.endswith("/engage?keep=a+b")
    assert paged.content == b"where=true&session_id=17-A%2BB&page=3"
    bodyless = prepared(Method.POST, "/query/engage?page=1")
    assert with_parameters(bodyless, VALUES).url.endswith("/engage")


def test_a_post_without_a_body_becomes_a_form() -> None:
    paged = with_parameters(page_request(), VALUES)
    assert paged.content == b"session_id=17-A%2BB&page=3"
    assert ("Content-Type", "application/x-www-form-urlencoded") in paged.headers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", '{"session_id": "17-A+B", "page": 3}'),
        (
            '{"where": 1e400, "page": 0}',
            '{"where": 1e400, "page": 3, "session_id": "17-A+B"}',
        ),
        ('{\n "a": {}\n}', '{\n "a": {}, "session_id": "17-A+B", "page": 3}'),
    ],
)
def test_a_json_body_carries_the_page_in_its_members(text: str, expected: str) -> None:
    request = replace(
        page_request(Body(BodyType.JSON, text)),
    )
    assert with_parameters(request, VALUES).content == expected.encode()


@pytest.mark.parametrize("content", [b"[1]", b"{", FileContent(Path("x"), 3)])
def test_pages_of_another_body_cannot_be_requested(
    content: bytes | FileContent,
) -> None:
    request = replace(
        page_request(), content=content, headers=(("Content-Type", "x/y"),)
    )
    with pytest.raises(DraftError, match="Paging does not work"):
        with_parameters(request, VALUES)


def test_behaviors_are_requested_as_of_the_first_page() -> None:
    body = Body(BodyType.FORM, 'behaviors=[{"window": "7d"}]')
    values = page_parameters(page_request(body), "s", 1, 1700000000.7)
    assert values == {"session_id": "s", "page": "1", "as_of_timestamp": "1700000000"}
    with_time = Body(BodyType.FORM, "behaviors=[]\nas_of_timestamp=5")
    assert "as_of_timestamp" not in page_parameters(
        page_request(with_time), "s", 1, 1700000000.7
    )


def test_the_draft_of_a_page_requests_that_page() -> None:
    get = Draft(url="/query/engage", query=(Pair("page", "1"), Pair("where", WHERE)))
    assert [(p.name, p.value) for p in draft_with_parameters(get, VALUES).query] == [
        ("where", WHERE),
        ("session_id", "17-A+B"),
        ("page", "3"),
    ]
    form = Draft(method=Method.POST, body=Body(BodyType.FORM, f"where={WHERE}\npage=1"))
    body = draft_with_parameters(form, VALUES).body
    assert body is not None
    assert body.text == f"where={WHERE}\nsession_id=17-A+B\npage=3"
    empty = draft_with_parameters(Draft(method=Method.POST), VALUES).body
    assert empty == Body(BodyType.FORM, "session_id=17-A+B\npage=3")


# Collecting


class Server:
    """A server that returns pages of a query and records the requested fields."""

    def __init__(self, *responses: bytes | SendError, status: int = 200) -> None:
        self.responses = list(responses)
        self.requested: list[dict[str, list[str]]] = []
        self.status = status
        self.written: list[bytes] = []
        self.reports: list[str] = []

    async def send(self, request: PreparedRequest) -> Exchange:
        assert isinstance(request.content, bytes)
        self.requested.append(parse_qs(request.content.decode()))
        response = self.responses.pop(0)
        if isinstance(response, SendError):
            raise response
        return exchange(self.status, response, request=request)

    async def write(self, profiles: tuple[bytes, ...]) -> None:
        self.written += profiles

    async def collect(self, progress: CollectionProgress) -> CollectionProgress:
        body = Body(BodyType.FORM, "where=true")
        return await collect(
            page_request(body),
            progress,
            1.0,
            send=self.send,
            write=self.write,
            on_progress=lambda c: self.reports.append(c.progress),
        )


def first_progress(body: bytes) -> CollectionProgress:
    page = read_page(body)
    assert page is not None
    return start_collection(page)


async def test_pages_are_requested_until_one_is_short() -> None:
    server = Server(make_response(1, 2), make_response(2, 1))
    done = await server.collect(first_progress(make_response(0, 2, total=5)))
    assert done.is_complete
    assert done.summary == "5 profiles on 3 pages"
    assert len(server.written) == 3
    assert server.reports == ["page 2 of 3 · 4 profiles", "page 3 of 3 · 5 profiles"]
    assert server.requested[1] == {
        "where": ["true"],
        "session_id": ["s-1"],
        "page": ["2"],
    }


async def test_an_empty_page_after_the_last_full_one_is_not_counted() -> None:
    server = Server(make_response(1, 2), make_response(2, 0))
    done = await server.collect(first_progress(make_response(0, 2, total=4)))
    assert done.is_complete
    assert not done.shortfall
    assert done.summary == "4 profiles on 2 pages"
    assert server.reports == ["page 2 of 2 · 4 profiles", "page 2 of 2 · 4 profiles"]


async def test_collecting_ends_when_a_page_names_no_session() -> None:
    server = Server(make_response(1, 2, session=""))
    assert (await server.collect(first_progress(make_response(0, 2)))).is_complete


async def test_a_total_that_was_not_reached_is_reported() -> None:
    server = Server(make_response(1, 0))
    done = await server.collect(first_progress(make_response(0, 2, total=5)))
    assert done.is_complete
    assert done.shortfall.startswith("Mixpanel ended the query at page 2 of 3")


@pytest.mark.parametrize(
    ("make_server", "problem", "status"),
    [
        (lambda: Server(SendError("No response from x")), "No response from x", 5),
        (lambda: Server(b"{}", status=429), "Page 2: quota exceeded.", 4),
        (lambda: Server(b'{"results": 1}'), "not a page of profiles", 1),
        (lambda: Server(make_response(4, 2)), "Got page 5 instead of page 2", 1),
        (
            lambda: Server(
                b'{"error": "request for page in uncached query"}', status=400
            ),
            "start over at page 0",
            1,
        ),
    ],
)
async def test_an_interrupted_collection_can_be_resumed(
    make_server: Callable[[], Server], problem: str, status: int
) -> None:
    failing = make_server()
    stopped = await failing.collect(first_progress(make_response(0, 2, total=3)))
    assert not stopped.is_complete
    assert problem in stopped.problem
    assert stopped.exit_status == status
    assert (stopped.number, stopped.pages, stopped.profiles) == (0, 1, 2)
    resumed = Server(make_response(1, 1))
    done = await resumed.collect(stopped)
    assert done.is_complete
    assert not done.problem
    assert done.profiles == 3


@given(
    st.binary()
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(
        lambda v: json.dumps({"results": [v], "page": v, "total": v}).encode()
    )
)
def test_any_response_can_be_read_for_a_page(body: bytes) -> None:
    page = read_page(body)
    assert page is None or isinstance(page, Page)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (Body(BodyType.FORM, "where=true"), False),
        (Body(BodyType.FORM, "session_id=s\npage=0"), False),
        (Body(BodyType.FORM, "session_id=s\npage=2"), True),
        (Body(BodyType.JSON, '{"session_id": "s", "page": 2}'), True),
        (Body(BodyType.FORM, 'where=properties["session_id"]\npage=2'), False),
    ],
)
def test_a_request_for_a_following_page_is_recognised(
    body: Body, expected: bool
) -> None:
    assert is_next_page(page_request(body)) is expected


def test_a_collection_from_a_later_page_has_no_expected_total() -> None:
    page = Page(2, 1, "s", 336, (b"{}",))
    assert start_collection(replace(page, number=0)).total == 336
    assert start_collection(page).total is None
