from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import AuthChoice, Body, Method
from mixtui.model.errors import ExitStatus, SendError
from mixtui.model.prepared import PreparedRequest
from mixtui.model.secrets import Secret
from mixtui.outcome.outcome import (
    Outcome,
    OutcomeKind,
    judge_response,
    no_response_outcome,
)
from tests.exchanges import exchange, prepared

READ = prepared(auth=AuthChoice.SERVICE_ACCOUNT)
WRITE = prepared(Method.POST, "/import", api=Api.INGESTION, auth=AuthChoice.AUTO)
TRACK = prepared(
    Method.POST,
    "/track",
    api=Api.INGESTION,
    auth=AuthChoice.AUTO,
    body=Body(text='{"event": "a", "properties": {}}'),
)
EXPORT = prepared(url="?from_date=2026-01-01", api=Api.EXPORT)
CSV = prepared(query=[("format", "csv")])
FAILED = (
    b'{"code":400,"error":"some data points in the request failed validation",'
    b'"failed_records":[{"index":0,"$insert_id":"x","field":"properties.time",'
    b'"message":"bad"},{"index":4,"insert_id":"y","field":"event","message":"no"}],'
    b'"num_records_imported":%s,"status":"Bad Request"}'
)
QUOTA = (
    b'{"request":"/api/2.0/funnels?...","error":"Query rate limit exceeded for '
    b"project_id: 1. 1/5 queries running concurrently and 61/60 queries running in "
    b'the last hour. Please wait."}'
)


@pytest.mark.parametrize(
    ("request_", "status", "body", "label", "exit_status"),
    [
        # Ingestion
        (TRACK, 200, b"1", "accepted, not verified", 0),
        (TRACK, 200, b"1\n", "accepted, not verified", 0),
        (TRACK, 200, b"0", "rejected", 1),
        (TRACK, 200, b'{"error": null, "status": 1}', "accepted, not verified", 0),
        (
            TRACK,
            200,
            b'{"error": "token, missing or empty", "status": 0}',
            "rejected",
            1,
        ),
        (TRACK, 200, b'{"status": 0}', "rejected", 1),
        (TRACK, 200, b'{"error": "", "status": 1}', "accepted, not verified", 0),
        (
            WRITE,
            200,
            b'{"code":200,"num_records_imported":2000,"status":"OK"}',
            "accepted",
            0,
        ),
        (WRITE, 400, FAILED % b"23", "partially imported: 23 stored, 2 rejected", 6),
        (WRITE, 400, FAILED % b"0", "rejected", 1),
        (WRITE, 400, b'{"failed_records":[{"index":1,"message":"m"}]}', "rejected", 1),
        (TRACK, 413, b'{"code":413,"error":"too large","status":"x"}', "rejected", 1),
        (
            TRACK,
            401,
            b'{"error":"Invalid credentials","status":"error"}',
            "unauthorized",
            3,
        ),
        # Query
        (
            READ,
            200,
            b'{"data":{"series":[],"values":{}},"legend_size":0}',
            "accepted",
            0,
        ),
        (READ, 200, b"[]", "accepted", 0),
        (READ, 200, b'["a","b"]', "accepted", 0),
        (READ, 200, b'{"error": {"count": 4}, "status": {"count": 1}}', "accepted", 0),
        (READ, 200, b'{"request":"/api/x","error":"Invalid event"}', "rejected", 1),
        (READ, 400, b'{"request":"/api/x","error":"bad from_date"}', "rejected", 1),
        (READ, 400, b'{"error":"Unable to authenticate request"}', "unauthorized", 3),
        (READ, 400, b'{"error":"invalid project secret"}', "unauthorized", 3),
        (READ, 401, b"Unauthorized, invalid project secret", "unauthorized", 3),
        (READ, 403, b"", "unauthorized", 3),
        (READ, 402, b"Your plan does not allow API calls.", "not included in plan", 1),
        (READ, 402, b"", "not included in plan", 1),
        (
            READ,
            400,
            b'{"error":"Your plan does not support raw data export"}',
            "not included in plan",
            1,
        ),
        (
            READ,
            403,
            b'{"error":"Date range exceeds 90 days into the past"}',
            "not included in plan",
            3,
        ),
        (
            READ,
            400,
            b'{"error":"request failed with error: invalid project id for cluster."}',
            "wrong region?",
            1,
        ),
        (READ, 403, b'{"error":"invalid project id for cluster"}', "wrong region?", 3),
        (READ, 412, b"UserVisiblePreconditionFailedError: Uncaught", "rejected", 1),
        (READ, 429, QUOTA, "quota exceeded (61/60)", 4),
        (
            READ,
            429,
            b'{"error":"6/5 queries running concurrently and 9/60 queries running in '
            b'the last hour."}',
            "quota exceeded (6/5 concurrent)",
            4,
        ),
        (
            READ,
            429,
            b'{"code":429,"error":"Project exceeded rate limits."}',
            "quota exceeded",
            4,
        ),
        # Export
        (EXPORT, 200, b'{"event":"a"}\n{"event":"b"}\n', "accepted", 0),
        (EXPORT, 200, b'{"event":"a"}\nterminated early\n', "incomplete", 5),
        (EXPORT, 200, b'{"event":"a"}\nexport terminated early', "incomplete", 5),
        (EXPORT, 200, b"terminated early\n", "incomplete", 5),
        (EXPORT, 200, b'{"event":"terminated early"}\n{}', "accepted", 0),
        # App, flags, GDPR
        (READ, 200, b'{"status":"ok","results":{}}', "accepted", 0),
        (READ, 200, b'{"status":"error","error":"no"}', "rejected", 1),
        (READ, 200, b'{"status":"error","error":{"message":"no"}}', "rejected", 1),
        (READ, 201, b'{"status":"ok","results":{"task_id":"1"}}', "accepted", 0),
        (READ, 204, b"", "incomplete", 5),
        (READ, 404, b'{"status":"error","error":"not found"}', "rejected", 1),
        (READ, 404, b'{"code":200,"status":"OK"}', "rejected", 1),
        (READ, 422, b'{"status":"error","error":"x"}', "rejected", 1),
        # Others
        (READ, 200, b"<!DOCTYPE html><html>", "rejected", 1),
        (READ, 500, b"", "server error", 1),
        (READ, 503, b"<html>", "server error", 1),
        (READ, 302, b"", "redirect not followed", 1),
        (READ, 304, b"", "not modified", 1),
        (READ, 418, b"", "rejected", 1),
        (CSV, 200, b"a,b\n1,2\n", "accepted", 0),
    ],
)
def test_each_response_has_its_label_and_exit_status(
    request_: PreparedRequest, status: int, body: bytes, label: str, exit_status: int
) -> None:
    outcome = judge_response(exchange(status, body, request=request_))
    assert (outcome.label, outcome.exit_status) == (label, exit_status)
    assert outcome.label.startswith(outcome.kind.value)


@pytest.mark.parametrize(
    ("header", "label"),
    [
        ("720", "quota exceeded (61/60; retry in 12 min)"),
        ("45", "quota exceeded (61/60; retry in 45 s)"),
        ("0", "quota exceeded (61/60; retry in 0 s)"),
        ("7300", "quota exceeded (61/60; retry in 2 h)"),
        ("Fri, 02 Jan 2026 03:16:06 GMT", "quota exceeded (61/60; retry in 12 min)"),
        ("Fri, 02 Jan 2026 03:00:00 GMT", "quota exceeded (61/60; retry in 0 s)"),
        ("soon", "quota exceeded (61/60)"),
        ("-5", "quota exceeded (61/60)"),
        ("9" * 400, "quota exceeded (61/60)"),
        ("86401", "quota exceeded (61/60)"),
        ("999999999", "quota exceeded (61/60)"),
        ("Fri, 02 Jan 2099 03:16:06 GMT", "quota exceeded (61/60)"),
        ("1 Jan 9999999999 0:0:0", "quota exceeded (61/60)"),
        ("Fri, 31 Dec 9999 23:59:59 -2359", "quota exceeded (61/60)"),
        ("1 Jan 2026 0:0:0 +99999999999999999999", "quota exceeded (61/60)"),
        ("Fri, 99 Jan 2026 03:16:06 GMT", "quota exceeded (61/60)"),
    ],
)
def test_a_used_up_quota_says_when_to_retry(header: str, label: str) -> None:
    exchanged = exchange(429, QUOTA, headers=(("Retry-After", header),))
    assert judge_response(exchanged).label == label


@pytest.mark.parametrize(
    ("status", "body", "request_", "detail"),
    [
        pytest.param(
            400,
            FAILED % b"23",
            WRITE,
            "23 records stored; fix the rejected records and resend only those. The server says: “some data points in the request failed validation”.",
            id="partially imported",
        ),
        pytest.param(
            200,
            b'{"code":200,"num_records_imported":1,"status":"OK"}',
            WRITE,
            "1 record stored.",
            id="stored",
        ),
        pytest.param(
            401,
            b"Unauthorized, invalid project secret",
            READ,
            "The service account ci.1a2b was rejected: check that project_id is sent",
            id="the secret that is not meant",
        ),
        pytest.param(
            400,
            b'{"error":"Unable to authenticate request"}',
            READ,
            "The service account ci.1a2b was rejected: check it, the project and the region of the environment demo.",
            id="wrong credentials",
        ),
        pytest.param(
            403, b"", READ, "is not allowed to do this: check its role", id="role"
        ),
        pytest.param(
            401, b"", prepared(), "No credentials were sent", id="no credential"
        ),
        pytest.param(401, b"", TRACK, "The project token in the body", id="token"),
        pytest.param(
            401,
            b"",
            prepared(headers=[("Authorization", "Basic x")]),
            "you set was rejected",
            id="typed header",
        ),
        pytest.param(
            400,
            b'{"error":"invalid project id for cluster"}',
            READ,
            "The project 123 does not seem to be in us",
            id="region",
        ),
        pytest.param(404, b"", READ, "Not found: check the API", id="not found"),
        pytest.param(429, QUOTA, READ, "wait until the quota resets", id="quota"),
        pytest.param(502, b"oops", READ, "retry later", id="read fails"),
        pytest.param(
            502, b"oops", WRITE, "may have processed it: check", id="write fails"
        ),
        pytest.param(200, b"0", TRACK, "verbose=1", id="bare 0"),
        pytest.param(200, b"1", TRACK, "may still be dropped", id="bare 1"),
        pytest.param(200, b"<html>", READ, "a web page", id="web page"),
    ],
)
def test_the_detail_says_what_to_do(
    status: int, body: bytes, request_: PreparedRequest, detail: str
) -> None:
    outcome = judge_response(exchange(status, body, request=request_))
    assert detail in outcome.detail


def test_a_body_that_was_cut_short_is_incomplete() -> None:
    cut_short = "The body is incomplete after 1.2 KB: the connection broke."
    outcome = judge_response(exchange(200, b'{"a": ', cut_short=cut_short))
    assert outcome == Outcome(OutcomeKind.INCOMPLETE, "incomplete", cut_short, 5)


@pytest.mark.parametrize(
    ("status", "kind", "exit_status"),
    [
        (401, OutcomeKind.UNAUTHORIZED, 3),
        (404, OutcomeKind.REJECTED, 1),
        (429, OutcomeKind.QUOTA, 4),
        (500, OutcomeKind.SERVER_ERROR, 1),
    ],
)
def test_a_refusal_that_was_cut_short_is_still_a_refusal_and_says_so(
    status: int, kind: OutcomeKind, exit_status: int
) -> None:
    outcome = judge_response(exchange(status, b"x", cut_short="It broke off."))
    assert (outcome.kind, outcome.exit_status) == (kind, exit_status)
    assert "It broke off." in outcome.detail


def test_the_end_of_a_body_in_a_file_is_judged() -> None:
    tail = b'...}\n{"event":"b"}\nterminated early\n'
    outcome = judge_response(exchange(200, tail, request=EXPORT, written=10**9))
    assert outcome.kind is OutcomeKind.INCOMPLETE


def test_a_big_body_is_judged_by_its_end() -> None:
    body = b'{"event":"a"}\n' * 80_000
    outcome = judge_response(exchange(200, body, request=EXPORT))
    assert outcome.kind is OutcomeKind.ACCEPTED
    body += b"terminated early"
    outcome = judge_response(exchange(200, body, request=EXPORT))
    assert outcome.kind is OutcomeKind.INCOMPLETE


def test_the_detail_is_the_reason_a_redirect_was_not_followed() -> None:
    reason = "The redirect to https://x.example/ was not followed: …"
    assert judge_response(exchange(302, not_followed=reason)).detail == reason


@pytest.mark.parametrize(
    ("status", "label", "detail"),
    [
        (300, "redirect not followed", "offers several URLs: choose one"),
        (301, "redirect not followed", "has no Location header"),
        (304, "not modified", "remove If-None-Match"),
        (305, "unknown status", "does not handle status 305"),
        (399, "unknown status", "does not handle status 399"),
        (101, "unknown status", "does not handle status 101"),
        (600, "unknown status", "does not handle status 600"),
        (999, "unknown status", "does not handle status 999"),
    ],
)
def test_each_status_that_is_not_a_result_is_named_for_what_it_is(
    status: int, label: str, detail: str
) -> None:
    outcome = judge_response(exchange(status))
    assert (outcome.label, outcome.exit_status) == (label, 1)
    assert detail in outcome.detail


@pytest.mark.parametrize(
    ("location", "label"),
    [
        ("https://x.example/", "accepted, not verified"),
        ("https://y.example/", "redirect not followed"),
    ],
)
def test_a_redirect_that_was_asked_for_is_like_a_1(location: str, label: str) -> None:
    url = "/track?redirect=https%3A%2F%2Fx.example%2F"
    request_ = prepared(Method.POST, url, api=Api.INGESTION)
    redirect = exchange(302, request=request_, headers=(("Location", location),))
    assert judge_response(redirect).label == label


PAGE = b"<html><body>Blocked by policy</body></html>"


@pytest.mark.parametrize("request_", [READ, WRITE, TRACK])
@pytest.mark.parametrize(
    ("status", "label", "exit_status"),
    [(401, "rejected", 3), (402, "rejected", 1), (403, "rejected", 3)],
)
def test_a_web_page_says_nothing_about_credentials_or_plans(
    request_: PreparedRequest, status: int, label: str, exit_status: int
) -> None:
    outcome = judge_response(exchange(status, PAGE, request=request_))
    assert (outcome.label, outcome.exit_status) == (label, exit_status)
    assert "a proxy or firewall may have blocked the request" in outcome.detail
    for word in ("role", "credential", "secret", "plan"):
        assert word not in outcome.detail


@pytest.mark.parametrize(
    ("header", "label", "wait"),
    [
        ("720", "server error (retry in 12 min)", "in 12 min, as the server asks"),
        ("Fri, 02 Jan 2026 03:04:51 GMT", "server error (retry in 45 s)", "in 45 s"),
        ("soon", "server error", "later"),
        ("999999999", "server error", "later"),
    ],
)
@pytest.mark.parametrize("status", [500, 503])
def test_a_server_that_says_when_it_is_back_is_quoted(
    status: int, header: str, label: str, wait: str
) -> None:
    retry = (("Retry-After", header),)
    read = judge_response(exchange(status, request=READ, headers=retry))
    assert read.label == label
    assert read.detail.startswith(f"The server failed: retry {wait}")
    write = judge_response(exchange(status, request=WRITE, headers=retry))
    assert write.label == label
    assert "may have processed it: check before you retry" in write.detail


def test_the_quoted_server_message_is_short_and_harmless() -> None:
    text = "\\u001b[31m" + "very " * 200
    detail = judge_response(exchange(400, f'{{"error": "{text}"}}'.encode())).detail
    assert "\x1b" not in detail
    assert len(detail) < 400


def test_the_quoted_server_message_shows_no_secret() -> None:
    body = b'{"error":"no such thing: s3cret"}'
    detail = judge_response(exchange(404, body, sensitive=(Secret("s3cret"),))).detail
    assert "s3cret" not in detail
    assert "no such thing" in detail


@pytest.mark.parametrize(
    ("maybe_done", "answered", "kind", "label"),
    [
        (False, False, OutcomeKind.NO_RESPONSE, "no response"),
        (False, True, OutcomeKind.NOT_HTTP, "not HTTP"),
        (True, False, OutcomeKind.MAYBE_DONE, OutcomeKind.MAYBE_DONE.value),
        (
            True,
            True,
            OutcomeKind.MAYBE_DONE,
            "not HTTP; the server may have processed it",
        ),
    ],
)
def test_a_request_without_a_response_has_an_outcome(
    maybe_done: bool, answered: bool, kind: OutcomeKind, label: str
) -> None:
    error = SendError("It broke.", maybe_done=maybe_done, answered=answered)
    outcome = no_response_outcome(error)
    # Label and detail are shown together, and say it once.
    assert outcome == Outcome(kind, label, "It broke.", ExitStatus.NO_RESPONSE)
    doubt = "It broke; the server may have processed it."
    assert str(error) == (doubt if maybe_done else "It broke.")


@given(st.integers(200, 599), st.binary() | st.text().map(str.encode))
def test_any_response_has_an_outcome(status: int, body: bytes) -> None:
    outcome = judge_response(exchange(status, body))
    assert outcome.label
    assert outcome.exit_status in range(7)


@pytest.mark.parametrize("label", ["partially imported", "refused", "no response"])
def test_outcomes_in_older_histories_are_still_read(label: str) -> None:
    import msgspec

    assert msgspec.json.decode(f'"{label}"', type=OutcomeKind) in OutcomeKind
