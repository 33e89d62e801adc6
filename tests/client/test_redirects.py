from __future__ import annotations

import pytest

from mixtui.client.client import Client, DoNotFollow, Follow, redirect_decision
from mixtui.model.draft import AuthChoice, Method
from mixtui.model.redaction import Redactor
from tests.exchanges import prepared
from tests.wire import http_response, responding, serve

GET, POST = Method.GET, Method.POST
URL = "https://mixpanel.com/api/a?b=1"


@pytest.mark.parametrize(
    ("status", "location", "method", "target"),
    [
        (302, "/c", GET, "https://mixpanel.com/c"),
        (301, "c", GET, "https://mixpanel.com/api/c"),
        (303, "?d", GET, "https://mixpanel.com/api/a?d"),
        (307, "/c", POST, "https://mixpanel.com/c"),
        (308, "https://mixpanel.com/c", Method.DELETE, "https://mixpanel.com/c"),
        (308, "https://mixpanel.com:443/c#x", GET, "https://mixpanel.com:443/c"),
        (308, "HTTPS://MIXPANEL.COM/c", GET, "https://MIXPANEL.COM/c"),
        (307, "/c d/é?%2F", GET, "https://mixpanel.com/c%20d/%C3%A9?%2F"),
    ],
)
def test_a_redirect_to_the_same_origin_is_followed(
    status: int, location: str, method: Method, target: str
) -> None:
    assert redirect_decision(
        status, location, method, URL, hops=0, redactor=Redactor()
    ) == Follow(target)


@pytest.mark.parametrize(
    ("status", "location", "method", "hops", "notice"),
    [
        (200, "/c", GET, 0, ""),
        (304, "/c", GET, 0, ""),
        (302, None, GET, 0, ""),
        (302, "", GET, 0, ""),
        (
            302,
            "https://evil.example/c",
            GET,
            0,
            "only follows redirects to the same host",
        ),
        (302, "//evil.example/c", GET, 0, "only follows redirects to the same host"),
        (
            307,
            "https://eu.mixpanel.com/c",
            POST,
            0,
            "only follows redirects to the same host",
        ),
        (
            302,
            "http://mixpanel.com/c",
            GET,
            0,
            "only follows redirects to the same host",
        ),
        (
            302,
            "https://mixpanel.com:0/c",
            GET,
            0,
            "only follows redirects to the same host",
        ),
        (
            302,
            "https://mixpanel.com:444/c",
            GET,
            0,
            "only follows redirects to the same host",
        ),
        (
            302,
            "https://mixpanel.com@evil.example/",
            GET,
            0,
            "only follows redirects to the same",
        ),
        (
            302,
            "https://me@mixpanel.com/",
            GET,
            0,
            "only follows redirects to the same host",
        ),
        (302, "javascript:alert(1)", GET, 0, "only follows redirects to the same host"),
        (302, "https://[", GET, 0, "its URL is not valid"),
        (302, "https://mixpanel.com:x/", GET, 0, "its URL is not valid"),
        (301, "/c", POST, 0, "the POST would become a GET"),
        (302, "/c", Method.DELETE, 0, "the DELETE would become a GET"),
        (303, "/c", Method.PUT, 0, "the PUT would become a GET"),
        (
            302,
            "/c",
            GET,
            5,
            "Stopped after 5 redirects; the next one goes to https://mix",
        ),
    ],
)
def test_any_other_redirect_is_not_followed(
    status: int, location: str | None, method: Method, hops: int, notice: str
) -> None:
    decision = redirect_decision(
        status, location, method, URL, hops=hops, redactor=Redactor()
    )
    assert isinstance(decision, DoNotFollow)
    assert notice in decision.notice
    assert bool(notice) == bool(decision.notice)


def test_a_location_is_shown_short_and_harmless() -> None:
    location = "https://evil.example/\x1b[2J" + "x" * 500
    decision = redirect_decision(302, location, GET, URL, hops=0, redactor=Redactor())
    assert isinstance(decision, DoNotFollow)
    assert "\x1b" not in decision.notice
    assert len(decision.notice) < 250


async def test_a_redirect_is_followed_with_body_and_credentials(client: Client) -> None:
    first = http_response(
        b"go there", "307 Temporary Redirect", "Location: /there?x=%2F"
    )
    async with serve(responding(first, http_response(b"done"))) as server:
        request = prepared(
            Method.DELETE,
            base=server.url,
            auth=AuthChoice.SERVICE_ACCOUNT,
            content=b"body",
        )
        exchange = await client.send(request)
    assert server.targets == [
        "DELETE /api/query/events?project_id=123",
        "DELETE /there?x=%2F",
    ]
    assert all(b"\r\nAuthorization: Basic " in sent for sent in server.requests)
    assert all(sent.endswith(b"\r\n\r\nbody") for sent in server.requests)
    assert exchange.response.body == b"done"
    assert exchange.sent.url == f"{server.url}/there?x=%2F"
    assert exchange.sent.redirects == (f"{server.url}/api/query/events?project_id=123",)


async def test_a_redirect_loop_ends(client: Client) -> None:
    redirect = http_response(b"round", "302 Found", "Location: /again")
    async with serve(responding(redirect)) as server:
        exchange = await client.send(prepared(base=server.url))
    assert len(server.requests) == 6
    assert exchange.response.status == 302
    assert exchange.not_followed.startswith("Stopped after 5 redirects")


async def test_another_host_receives_nothing(client: Client) -> None:
    async with serve(responding(http_response())) as other:
        redirect = http_response(
            b"", "307 Temporary Redirect", f"Location: {other.url}/x"
        )
        async with serve(responding(redirect)) as server:
            request = prepared(base=server.url, auth=AuthChoice.SERVICE_ACCOUNT)
            exchange = await client.send(request)
    assert not other.requests
    assert exchange.response.status == 307
    assert exchange.response.header("location") == f"{other.url}/x"
    assert "only follows redirects to the same host" in exchange.not_followed


@pytest.mark.parametrize(
    "location", ["https://[", "http://a:b:c/", "\\\\x", "http://", "http://a:1\t2/"]
)
async def test_a_redirect_to_an_invalid_url_is_the_response(
    client: Client, location: str
) -> None:
    redirect = http_response(b"odd", "302 Found", f"Location: {location}")
    async with serve(responding(redirect, http_response(b"followed"))) as server:
        exchange = await client.send(prepared(Method.POST, base=server.url))
    assert exchange.response.status == 302
    assert exchange.response.body == b"odd"


async def test_following_redirects_can_be_disabled(client: Client) -> None:
    redirect = http_response(b"", "302 Found", "Location: /there")
    async with serve(responding(redirect)) as server:
        exchange = await client.send(prepared(base=server.url, follow_redirects=False))
    assert len(server.requests) == 1
    assert exchange.not_followed == (
        "The redirect was not followed: following redirects is disabled (Options)."
    )
    assert not exchange.notices
