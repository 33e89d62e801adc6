"""Which account a request counts for, and where it stands."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.limits import Bucket
from mixtui.model.draft import AuthChoice, Body, BodyType, Draft, Method, Options
from mixtui.model.environment import Environment
from mixtui.model.quota import Account, quota_status, wait_label
from mixtui.outcome.quota import quota_accounts
from mixtui.outcome.refusals import hour_counter
from mixtui.request.prepare import prepare

PROD = Environment("prod", project_id="1", organization_id="5")


def account_keys(
    method: str, api: str, url: str, body: str = "", environment: Environment = PROD
) -> list[str]:
    draft = Draft(
        method=Method(method),
        api=Api(api),
        url=url,
        body=Body(BodyType.FORM, body) if body else None,
        options=Options(auth=AuthChoice.NONE),
    )
    accounts = quota_accounts(prepare(draft, environment), environment)
    return [account.key for account in accounts]


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (("GET", "query", "/query/events/names"), ["project 1/query"]),
        (("GET", "query", "/2.0/funnels/list"), ["project 1/query"]),
        (("GET", "query", "/2.0/of/long/ago"), ["project 1/query"]),
        (
            ("POST", "query", "/query/jql", "script=x"),
            ["project 1/jql", "project 1/query"],
        ),
        (("GET", "export", "?limit=1"), ["project 1/export"]),
        (("GET", "lexicon", "/1/schemas"), ["organization 5/lexicon"]),
        (("POST", "query", "/query/engage", "where=1"), ["project 1/query"]),
        (("POST", "query", "/query/engage", "session_id=a\npage=1"), []),
        (("GET", "query", "/query/engage?session_id=a&page=1"), []),
        (("POST", "ingestion", "/import"), []),
        (("GET", "app", "/me"), []),
    ],
)
def test_a_request_counts_for_its_bucket(
    arguments: tuple[str, ...], keys: list[str]
) -> None:
    assert account_keys(*arguments) == keys


def test_a_request_without_a_project_counts_for_its_environment() -> None:
    bare = replace(PROD, project_id="")
    url = "/query/events/names"
    assert account_keys("GET", "query", url, "", bare) == ["environment prod/query"]


def test_the_sandbox_has_its_own_account() -> None:
    local = replace(PROD, hosts={Api.QUERY: "http://127.0.0.1:8123"})
    url = "/query/events/names"
    assert account_keys("GET", "query", url, "", local) == [
        "project 1 at 127.0.0.1:8123/query"
    ]


@pytest.mark.parametrize(
    ("text", "counters"),
    [
        (
            "1/5 queries running concurrently and 61/60 queries running in the last "
            "hour.",
            (61, 60),
        ),
        ("5/5 queries running concurrently", None),
        ("slow down", None),
    ],
)
def test_the_hourly_counter_in_a_message_is_read(
    text: str, counters: tuple[int, int] | None
) -> None:
    assert hour_counter(text) == counters


@pytest.mark.parametrize(
    ("seconds", "label"),
    [(-1, "0 s"), (0.2, "1 s"), (59, "59 s"), (61, "2 min"), (7200, "2 h")],
)
def test_a_wait_has_a_short_label(seconds: float, label: str) -> None:
    assert wait_label(seconds) == label


def test_over_the_limit_several_requests_must_expire_first() -> None:
    account = Account("project 1", Bucket.WAREHOUSE_SYNC)
    times = [float(n) for n in range(7)]
    status = quota_status(account, times, 10.0)
    assert status.used == 7
    assert status.next_slot == 3602.0
