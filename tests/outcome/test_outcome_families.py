"""The outcome of every documented response of every family.

The shapes are those of Mixpanel's reference and of responses quoted in public threads.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mixtui.mixpanel.apis import Api, Region
from mixtui.model.draft import AuthChoice, Body, BodyType, Method
from mixtui.model.environment import Environments
from mixtui.model.prepared import PreparedRequest
from mixtui.outcome.body_facts import MAX_PARSED_BYTES, read_body_facts
from mixtui.outcome.outcome import OutcomeKind, judge_response
from mixtui.outcome.refusals import Refusal, classify_refusal
from mixtui.outcome.regions import (
    OtherRegion,
    move_to_region,
    other_regions,
    region_options,
)
from tests.exchanges import ENVIRONMENT, exchange, prepared

SA = AuthChoice.SERVICE_ACCOUNT
ONE = Body(text='{"event": "a", "properties": {"token": "t"}, "$token": "t"}')
CSV = Body(BodyType.CSV, "id,name\n1,x\n")


def app(method: Method, url: str) -> PreparedRequest:
    return prepared(method, url, api=Api.APP, auth=SA)


def ingestion(
    url: str, body: Body | None = ONE, method: Method = Method.POST
) -> PreparedRequest:
    return prepared(method, url, api=Api.INGESTION, auth=AuthChoice.AUTO, body=body)


IMPORT = ingestion("/import")
TRACK = ingestion("/track")
ENGAGE = ingestion("/engage#profile-set")
GROUPS = ingestion("/groups#group-set")
IDENTITY = ingestion("/track#create-identity", Body(BodyType.FORM, "data={}"))
LOOKUP = ingestion("/lookup-tables/1", CSV, Method.PUT)
LOOKUPS = ingestion("/lookup-tables", None, Method.GET)
FLAGS = ingestion("/flags?context={}", None, Method.GET)
QUERY = prepared(Method.GET, "/query/segmentation", auth=SA)
JQL = prepared(Method.POST, "/query/jql", auth=SA, body=Body(BodyType.FORM, "script=x"))
PEOPLE = prepared(Method.POST, "/query/engage", auth=SA)
EXPORT = prepared(Method.GET, "?from_date=2026-01-01", api=Api.EXPORT, auth=SA)
PIPELINE = prepared(
    Method.POST,
    "/pipeline/create",
    api=Api.PIPELINES,
    auth=SA,
    body=Body(BodyType.FORM, "type=s3-raw"),
)
PIPELINES = prepared(Method.GET, "/pipeline/jobs", api=Api.PIPELINES, auth=SA)
SCHEMAS = app(Method.GET, "/projects/{projectId}/schemas")
UPLOAD = app(Method.POST, "/projects/{projectId}/schemas")
ANNOTATIONS = app(Method.GET, "/projects/{projectId}/annotations")
WAREHOUSE = app(Method.GET, "/projects/{projectId}/warehouse-sources/imports")
ACCOUNTS = app(Method.POST, "/organizations/5/service-accounts")
MANAGED = app(Method.POST, "/projects/{projectId}/workspaces/1/feature-flags")
EXPERIMENT = app(Method.PUT, "/workspaces/1/experiments/e/launch")
GDPR = app(Method.POST, "/data-deletions/v3.0?token=t")
GDPR_STATE = app(Method.GET, "/data-retrievals/v3.0/7?token=t")
GDPR_CANCEL = app(Method.DELETE, "/data-deletions/v3.0/7?token=t")

SOME_FAILED = (
    b'{"code":400,"error":"some data points in the request failed validation",'
    b'"failed_records":[{"index":0,"$insert_id":"x","field":"properties.time",'
    b'"message":"bad"},{"index":4,"insert_id":"y","field":"event","message":"no"}],'
    b'"num_records_imported":%s,"status":"Bad Request"}'
)
ERROR = b'{"status":"error","error":"%s"}'
QUERY_ERROR = b'{"request":"/api/query/x?y=1","error":"%s"}'
RATE = b'{"code":429,"error":"Project exceeded rate limits. Please retry the request with exponential backoff.","status":"Too Many Requests"}'


@pytest.mark.parametrize(
    ("request_", "status", "body", "label", "detail", "exit_status"),
    [
        # /import
        (IMPORT, 200, b'{"code":200,"num_records_imported":2000,"status":"OK"}', "accepted", "2,000 records stored.", 0),
        (IMPORT, 400, SOME_FAILED % b"23", "partially imported: 23 stored, 2 rejected", "resend only those", 6),
        (IMPORT, 400, SOME_FAILED % b"0", "rejected", "Nothing was stored, 2 records rejected", 1),
        (IMPORT, 200, SOME_FAILED % b"1", "partially imported: 1 stored, 2 rejected", "", 6),
        (IMPORT, 401, b'{"code":401,"error":"Invalid credentials","status":"Unauthorized"}', "unauthorized", "", 3),
        (IMPORT, 413, b'{"code":413,"error":"request exceeds max limit of 2097152 bytes","status":"x"}', "rejected", "send at most 2,000 events and 2 MB", 1),
        (IMPORT, 429, RATE, "quota exceeded", "send less", 4),
        (IMPORT, 502, b"", "server error", "may have processed it", 1),
        # /track, /engage, /groups
        (TRACK, 200, b"1", "accepted, not verified", "validates asynchronously, so", 0),
        (ENGAGE, 200, b"1\n", "accepted, not verified", "validates asynchronously, so", 0),
        (IDENTITY, 200, b"1", "accepted, not verified", "links the ids asynchronously", 0),
        (GROUPS, 200, b"0", "rejected", "verbose=1", 1),
        (TRACK, 200, b'{"status":1,"error":null}', "accepted, not verified", "validates asynchronously, so", 0),
        (IDENTITY, 200, b'{"status":1,"error":null}', "accepted, not verified", "links the ids asynchronously", 0),
        (ENGAGE, 200, b'{"status":0,"error":"token, missing or empty"}', "rejected", "“token, missing or empty”", 1),
        (TRACK, 413, b"", "rejected", "2,000 events and 10 MB", 1),
        (ENGAGE, 413, b"", "rejected", "2,000 updates", 1),
        (TRACK, 401, ERROR % b"x", "unauthorized", "project token in the body", 3),
        (GROUPS, 403, ERROR % b"x", "unauthorized", "", 3),
        # Lookup tables
        (LOOKUPS, 200, b'{"code":200,"status":"OK","results":[{"id":"1","name":"a"}]}', "accepted", "", 0),
        (LOOKUP, 200, b'{"code":200,"status":"OK"}', "accepted", "The entire table was replaced.", 0),
        (LOOKUP, 400, b'{"code":400,"error":"Some data points failed","status":0,"failed_records":[{"index":2,"message":"primary key is required"}]}', "rejected", "The table is unchanged: fix", 1),
        (LOOKUP, 404, b'{"code":200,"status":"OK"}', "rejected", "Lookup table not found", 1),
        (LOOKUP, 413, b"", "rejected", "100 MB", 1),
        # Flags evaluation
        (FLAGS, 200, b'{"flags":{"a":{"variant_key":"on","variant_value":true}}}', "accepted", "", 0),
        (FLAGS, 200, b'{"flags":{}}', "accepted", "No flags apply", 0),
        (FLAGS, 400, ERROR % b"context is required", "rejected", "“context is required”", 1),
        (FLAGS, 401, ERROR % b"no", "unauthorized", "", 3),
        # Query
        (QUERY, 200, b'{"data":{"series":[],"values":{}},"legend_size":0}', "accepted", "", 0),
        (QUERY, 200, b'{"status":"ok","results":{}}', "accepted", "", 0),
        (QUERY, 200, QUERY_ERROR % b"Invalid event", "rejected", "“Invalid event”", 1),
        (QUERY, 200, QUERY_ERROR % b"Unable to authenticate request", "unauthorized", "was rejected", 3),
        (QUERY, 200, QUERY_ERROR % b"Your plan does not allow API calls. Upgrade at mixpanel.com/pricing", "not included in plan", "operation; the request", 1),
        (QUERY, 400, QUERY_ERROR % b"Unable to authenticate request", "unauthorized", "", 3),
        (QUERY, 400, QUERY_ERROR % b"Invalid JSON Format: event", "rejected", "must be a JSON list", 1),
        (QUERY, 402, QUERY_ERROR % b"Your plan does not allow API calls. Upgrade at mixpanel.com/pricing", "not included in plan", "does not include this operation", 1),
        (QUERY, 402, QUERY_ERROR % b"Your account is blocked because payment is required to access paid plan features", "not included in plan", "until a payment is made", 1),
        (QUERY, 403, QUERY_ERROR % b"Date range exceeds 90 days into the past", "not included in plan", "covers the last 90 days", 3),
        (QUERY, 414, b"", "rejected", "body of a POST", 1),
        (QUERY, 429, QUERY_ERROR % b"Query rate limit exceeded for project_id: 1. 1/5 queries running concurrently and 61/60 queries running in the last hour.", "quota exceeded (61/60)", "quota resets", 4),
        (QUERY, 500, b"", "server error", "retry later", 1),
        (QUERY, 504, b"upstream request timeout", "server error", "retry, or request less", 1),
        (QUERY, 200, QUERY_ERROR % b"Timeout while computing the report", "rejected", "retry, or request less", 1),
        (QUERY, 400, QUERY_ERROR % b"Query timed out", "rejected", "retry, or request less", 1),
        (QUERY, 400, QUERY_ERROR % b"unknown parameter: timeout", "rejected", "fix it", 1),
        (UPLOAD, 200, ERROR % b"Timeout", "rejected", "may have processed it: check before", 1),
        (PEOPLE, 200, b'{"page":0,"page_size":1000,"session_id":"s","status":"ok","total":0,"results":[]}', "accepted", "", 0),
        (PEOPLE, 400, QUERY_ERROR % b"request for page in uncached query for params", "rejected", "start over at page 0", 1),
        (JQL, 412, b"UserVisiblePreconditionFailedError: Uncaught exception TypeError: Cannot read property 'x' of undefined\n  e.x.y\n     ^\n\nStack trace:\nmain", "rejected", "“TypeError: Cannot read property 'x' of undefined”", 1),
        (JQL, 412, b'{"request":"/x","error":"UserVisiblePreconditionFailedError: Uncaught exception TypeError: no\\n  e.x\\n"}', "rejected", "The script failed: fix it. The server says: “TypeError: no”.", 1),
        (JQL, 200, b'[{"key":["a"],"value":1}]', "accepted", "", 0),
        # Raw export
        (EXPORT, 200, b'{"event":"a","properties":{}}\n{"event":"b","properties":{}}\n', "accepted", "", 0),
        (EXPORT, 200, b"", "accepted", "No events match this date range", 0),
        (EXPORT, 200, b'{"event":"Your plan does not allow"}\n{}\n', "accepted", "", 0),
        (EXPORT, 200, b'{"event":"a"}\nexport terminated early', "incomplete", "fewer days", 5),
        (EXPORT, 200, b"Your plan does not support raw data export. Upgrade.", "not included in plan", "", 1),
        (EXPORT, 400, QUERY_ERROR % b"to_date cannot be later than today", "rejected", "project's time zone", 1),
        (EXPORT, 400, b"to_date cannot be later than today", "rejected", "project's time zone", 1),
        (EXPORT, 400, QUERY_ERROR % b"Your plan does not support raw data export", "not included in plan", "", 1),
        (EXPORT, 400, QUERY_ERROR % b"request failed with error: invalid project id for cluster.", "wrong region?", "does not seem to be in us", 1),
        (EXPORT, 429, b"", "quota exceeded", "", 4),
        # App server
        (SCHEMAS, 200, b'{"status":"ok","results":[]}', "accepted", "", 0),
        (UPLOAD, 200, b'{"status":"ok","results":{"added":3,"deleted":1}}', "accepted", "3 added, 1 deleted.", 0),
        (app(Method.DELETE, "/projects/{projectId}/schemas"), 200, b'{"results":{"delete_count":4}}', "accepted", "4 deleted.", 0),
        (SCHEMAS, 200, b'{"entityType":"event","name":"a"}', "accepted", "", 0),
        (SCHEMAS, 404, ERROR % b"not found", "rejected", "“not found”", 1),
        (UPLOAD, 422, ERROR % b"entries: missing", "rejected", "“entries: missing”", 1),
        (UPLOAD, 400, ERROR % b"bad", "rejected", "fix it", 1),
        (SCHEMAS, 401, ERROR % b"no", "unauthorized", "", 3),
        (SCHEMAS, 403, ERROR % b"no", "unauthorized", "is not allowed to do this", 3),
        (ANNOTATIONS, 200, b'[{"id":1,"name":"tag"}]', "accepted", "", 0),
        (WAREHOUSE, 200, b'{"status":"ok","results":{"runs":[]}}', "accepted", "", 0),
        (ACCOUNTS, 201, b'{"status":"ok","results":{"id":1,"token":"s3"}}', "accepted", "shown only once", 0),
        # Flags management, experiments: an error inside a 200, as text or object
        (MANAGED, 200, b'{"status":"ok","results":{"id":"f"}}', "accepted", "", 0),
        (MANAGED, 200, ERROR % b"key exists", "rejected", "“key exists”", 1),
        (MANAGED, 200, b'{"status":"error","type":"validation","error":{"key":["is taken"],"name":["is blank"]}}', "rejected", "“validation: key: is taken: name: is blank”", 1),
        (MANAGED, 200, b'{"status":"error","error":{"message":"no"}}', "rejected", "“no”", 1),
        (MANAGED, 200, b'{"status":"error","error":{"code":7}}', "rejected", "“code”", 1),
        (MANAGED, 200, b'{"status":"error"}', "rejected", "the body", 1),
        (EXPERIMENT, 200, b'{"status":"error","error":"already launched"}', "rejected", "“already launched”", 1),
        (EXPERIMENT, 401, b"", "unauthorized", "", 3),
        # GDPR
        (GDPR, 201, b'{"status":"ok","results":{"task_id":"55"}}', "accepted", "the status of 55", 0),
        (GDPR, 201, b'{"status":"ok","results":[{"status":"PENDING","tracking_id":"77"}]}', "accepted", "the status of 77", 0),
        (GDPR_STATE, 200, b'{"status":"ok","results":{"status":"STAGING","results":""}}', "accepted", "The job is STAGING.", 0),
        (GDPR_STATE, 200, b'{"status":"ok","results":{"status":"FAILURE"}}', "accepted", "The job failed", 0),
        (GDPR_STATE, 200, b'{"status":"ok","results":{"status":"NOT_FOUND"}}', "accepted", "Job not found: check its id and the project token", 0),
        (GDPR_CANCEL, 204, b"", "accepted", "The deletion was cancelled.", 0),
        (GDPR_CANCEL, 405, ERROR % b"no", "rejected", "Too late to cancel", 1),
        (GDPR, 401, ERROR % b"no", "unauthorized", "", 3),
        (GDPR, 429, b"", "quota exceeded", "hours", 4),
        # Pipelines
        (PIPELINE, 200, b'{"pipeline_names":["a"]}', "accepted", "", 0),
        (PIPELINE, 200, b"", "accepted", "", 0),
        (PIPELINES, 200, b'{"123":[{"name":"a"}]}', "accepted", "", 0),
        (PIPELINES, 200, b'{"canceled":[],"retried":[],"succeeded":[]}', "accepted", "", 0),
        (PIPELINE, 400, ERROR % b"type is required", "rejected", "“type is required”", 1),
        (PIPELINE, 404, ERROR % b"no such pipeline", "rejected", "Pipeline not found", 1),
        (PIPELINE, 403, ERROR % b"no", "unauthorized", "", 3),
    ],
)  # fmt: skip
def test_each_response_of_a_family_has_its_outcome(
    request_: PreparedRequest,
    status: int,
    body: bytes,
    label: str,
    detail: str,
    exit_status: int,
) -> None:
    outcome = judge_response(exchange(status, body, request=request_))
    assert (outcome.label, outcome.exit_status) == (label, exit_status)
    assert detail in outcome.detail


def test_a_refusal_of_2000_records_is_partly_stored() -> None:
    record = (
        b'{"index":%d,"$insert_id":"%036d","field":"properties.time","message":"%s"}'
    )
    records = b",".join(record % (i, i, b"invalid " * 20) for i in range(1999))
    body = b'{"failed_records":[%s],"num_records_imported":1}' % records
    assert len(body) > MAX_PARSED_BYTES
    outcome = judge_response(exchange(400, body, request=IMPORT))
    assert outcome.label == "partially imported: 1 stored, 1,999 rejected"


# Regions

EU = OtherRegion("prod-eu", Region.EU)
CLUSTER = b'{"error":"invalid project id for cluster"}'


def test_environments_with_the_same_project_in_another_region_are_found() -> None:
    others = (
        ENVIRONMENT,
        replace(ENVIRONMENT, name="prod-eu", region=Region.EU),
        replace(ENVIRONMENT, name="other", region=Region.EU, project_id="9"),
    )
    assert other_regions(QUERY, Environments(others)) == (EU,)
    no_project = prepared(environment=replace(ENVIRONMENT, project_id=""))
    assert other_regions(no_project, Environments(others)) == ()


@pytest.mark.parametrize(
    ("request_", "known", "detail", "absent"),
    [
        pytest.param(
            QUERY, (), "check the region and project of", "prod-eu", id="no idea"
        ),
        pytest.param(QUERY, (EU,), "prod-eu has it in eu", "write", id="declared"),
        pytest.param(
            prepared(auth=SA, base="https://proxy.example"),
            (),
            "sets proxy.example regardless of region",
            "write",
            id="one host",
        ),
        pytest.param(
            IMPORT,
            (),
            "mixtui does not resend writes to another region automatically: switch",
            "prod-eu",
            id="write",
        ),
    ],
)
def test_the_detail_of_a_wrong_region_says_what_is_known(
    request_: PreparedRequest, known: tuple[OtherRegion, ...], detail: str, absent: str
) -> None:
    outcome = judge_response(exchange(400, CLUSTER, request=request_), known)
    assert outcome.label == "wrong region?"
    assert detail in outcome.detail
    assert absent not in outcome.detail


@pytest.mark.parametrize(
    ("request_", "status", "known", "label"),
    [
        (SCHEMAS, 401, (EU,), "wrong region?"),
        (SCHEMAS, 401, (), "unauthorized"),
        (SCHEMAS, 403, (EU,), "unauthorized"),
        (GDPR, 401, (EU,), "wrong region?"),
        (TRACK, 401, (EU,), "unauthorized"),
    ],
)
def test_a_401_of_the_app_server_means_a_wrong_region_only_with_evidence(
    request_: PreparedRequest, status: int, known: tuple[OtherRegion, ...], label: str
) -> None:
    outcome = judge_response(exchange(status, ERROR % b"no", request=request_), known)
    assert (outcome.label, outcome.exit_status) == (label, 3)


def test_a_refused_credential_names_the_usual_region_of_the_project() -> None:
    body = QUERY_ERROR % b"Unable to authenticate request"
    usual = replace(EU, is_default=True)
    outcome = judge_response(exchange(400, body, request=QUERY), (usual,))
    assert outcome.label == "unauthorized"
    assert "The environment prod-eu has the project in eu." in outcome.detail


def test_an_uncertain_region_mentions_the_credential_too() -> None:
    outcome = judge_response(exchange(401, b"", request=SCHEMAS), (EU,))
    assert "prod-eu has it in eu" in outcome.detail
    assert "check the credential" in outcome.detail


@pytest.mark.parametrize("request_", [TRACK, IMPORT, ENGAGE])
def test_records_accepted_in_a_doubtful_region_get_a_warning(
    request_: PreparedRequest,
) -> None:
    assert (
        "loses"
        not in judge_response(exchange(200, b"1", request=request_), (EU,)).detail
    )
    usual = replace(EU, is_default=True)
    outcome = judge_response(exchange(200, b"1", request=request_), (usual,))
    assert outcome.exit_status == 0
    assert "and drops them" in outcome.detail


def test_a_read_can_be_tried_in_the_other_regions() -> None:
    eu = replace(ENVIRONMENT, name="prod-eu", region=Region.EU)
    options = region_options(QUERY, Environments((ENVIRONMENT, eu)))
    assert [option.label for option in options] == [
        "Try it in eu (environment prod-eu)",
        "Try it in in (in.mixpanel.com)",
    ]
    moved = options[1].request
    assert moved is not None
    assert moved.region is Region.IN
    assert moved.url == QUERY.url.replace("https://mix", "https://in.mix")
    assert replace(moved, url=QUERY.url, region=Region.US) == QUERY


def test_a_write_is_not_offered_another_region() -> None:
    assert region_options(IMPORT, Environments((ENVIRONMENT,))) == ()


def test_a_custom_host_is_not_moved_to_another_region() -> None:
    custom = prepared(base="https://mixpanel.com.proxy.example", auth=SA)
    assert move_to_region(custom, Region.EU) is None
    custom = prepared(
        url="/x", api=Api.INGESTION, base="https://api.mixpanel.com.x.example"
    )
    assert move_to_region(custom, Region.EU) is None
    assert region_options(custom, Environments((ENVIRONMENT,))) == ()


REQUESTS = [
    IMPORT, TRACK, ENGAGE, LOOKUP, FLAGS, QUERY, JQL, PEOPLE, EXPORT, PIPELINE, SCHEMAS,
    ACCOUNTS, MANAGED, GDPR, GDPR_STATE, GDPR_CANCEL, prepared(url="/nowhere"),
]  # fmt: skip
JSON = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["status", "error", "results", "failed_records", "flags"]),
            inner,
        )
    ),
    max_leaves=8,
)


@given(
    st.sampled_from(REQUESTS),
    st.integers(200, 599),
    st.binary() | JSON.map(lambda value: json.dumps(value).encode()),
)
def test_any_response_of_any_family_has_an_outcome(
    request_: PreparedRequest, status: int, body: bytes
) -> None:
    outcome = judge_response(exchange(status, body, request=request_), (EU,))
    assert outcome.label.startswith(outcome.kind.value)
    assert outcome.exit_status in range(7)


def test_the_message_decides_the_refusal_before_the_status() -> None:
    exchanged = exchange(403, CLUSTER, request=QUERY)
    assert classify_refusal(exchanged, read_body_facts(exchanged))[0] is Refusal.REGION


def test_a_refusal_of_an_import_that_broke_off_may_have_stored_records() -> None:
    cut_short = exchange(
        400, b'{"code":400,"failed_rec', request=IMPORT, cut_short="Cut."
    )
    outcome = judge_response(cut_short)
    assert (outcome.kind, outcome.exit_status) == (OutcomeKind.INCOMPLETE, 5)
    assert "check before you resend them" in outcome.detail
    assert "failed_rec" not in outcome.detail


@pytest.mark.parametrize("api", [Api.EXPORT, Api.LEXICON])
def test_a_repeated_part_of_the_base_url_is_named(api: Api) -> None:
    typed = "/export" if api is Api.EXPORT else "/projects/12/schemas"
    request = prepared(Method.GET, typed, api=api, auth=SA)
    outcome = judge_response(exchange(404, b'{"error": "Not found"}', request=request))
    assert f"{typed.split('/')[1]} twice" in outcome.detail
    elsewhere = exchange(404, b'{"error": "Not found"}', request=QUERY)
    assert "twice" not in judge_response(elsewhere).detail


# Bodies that are read as leniently as they are shown, and those that cannot be read

SURROGATE = b'{"error":"\\ud800","status":"error"}'
BOM = b"\xef\xbb\xbf"
QUERY_JSONP = prepared(Method.GET, "/query/segmentation?callback=cb", auth=SA)
UNKNOWN_WRITE = ingestion("/unknown")
GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff"


@pytest.mark.parametrize(
    ("request_", "body", "label", "exit_status"),
    [
        # An error is an error in any encoding that is shown.
        (QUERY, SURROGATE, "rejected", 1),
        (TRACK, SURROGATE, "rejected", 1),
        (QUERY, BOM + ERROR % b"no", "rejected", 1),
        (QUERY, (ERROR % b"no").decode().encode("utf-16"), "rejected", 1),
        (QUERY, (ERROR % b"no").decode().encode("utf-16-le"), "rejected", 1),
        (QUERY, b'{"error":"a\x01b"}', "rejected", 1),
        (QUERY, b'{"error":"no","value":NaN}', "rejected", 1),
        (QUERY, b'{"error":"caf\xe9"}', "rejected", 1),
        (QUERY, b"cb(%s);" % (ERROR % b"no"), "rejected", 1),
        # JSONP is read, and is an answer only to who asked for it.
        (TRACK, b"done(0);", "rejected", 1),
        (TRACK, b"callback(1);", "accepted, not verified", 0),
        (TRACK, b"/**/ done(1)", "accepted, not verified", 0),
        (TRACK, b'done({"status":1,"error":null});', "accepted, not verified", 0),
        (TRACK, b'done({"status":0,"error":"no"});', "rejected", 1),
        (TRACK, b"callback(1", "accepted, not verified", 0),
        (UPLOAD, b'cb({"status":"ok"});', "accepted, not verified", 0),
        (UPLOAD, b'cb({"status":"ok"', "accepted, not verified", 0),
        (QUERY, b'cb({"data":{}});', "rejected", 1),
        (QUERY_JSONP, b'cb({"data":{}});', "accepted", 0),
        (QUERY_JSONP, b'cb({"data":', "incomplete", 5),
        (QUERY_JSONP, b"cb([1, 2]", "incomplete", 5),
        (QUERY_JSONP, b"cb(no);", "rejected", 1),
        (TRACK, BOM + b"1", "accepted, not verified", 0),
        # Another type than the operation's.
        (QUERY, b"1", "rejected", 1),
        (QUERY, b"0", "rejected", 1),
        (QUERY, b"null", "rejected", 1),
        (QUERY, b"OK", "rejected", 1),
        (QUERY, b"a,b\n1,2\n", "rejected", 1),
        (QUERY, b'{"a":1}\n{"a":2}\n', "rejected", 1),
        (QUERY, b'{"status":"failed"}', "rejected", 1),
        (QUERY, b'{"code":500,"status":"Internal Server Error"}', "rejected", 1),
        (JQL, b"1", "accepted", 0),
        (JQL, b"0", "accepted", 0),
        (PEOPLE, b"[]", "rejected", 1),
        (PEOPLE, b"{}", "rejected", 1),
        (FLAGS, b"[]", "rejected", 1),
        (FLAGS, b'{"status":"ok"}', "rejected", 1),
        (EXPORT, b"1", "rejected", 1),
        (EXPORT, b"[]", "rejected", 1),
        (EXPORT, b'{"status":"ok"}', "rejected", 1),
        (EXPORT, b'{"event":"a"}\n1\n', "incomplete", 5),
        (EXPORT, b"event,time\na,1\n", "rejected", 1),
        (EXPORT, b'{"event":"a"}\n', "accepted", 0),
        (SCHEMAS, b'"x"', "rejected", 1),
        (GDPR, b"[]", "accepted, not verified", 0),
        (GDPR_CANCEL, b"", "accepted", 0),
        (LOOKUP, b"1", "accepted, not verified", 0),
        (IMPORT, b"1", "accepted, not verified", 0),
        (IMPORT, b"0", "rejected", 1),
        (IMPORT, b"{}", "accepted, not verified", 0),
        (IMPORT, b'{"code":200,"status":"OK"}', "accepted, not verified", 0),
        (TRACK, b"{}", "accepted, not verified", 0),
        (PIPELINE, b"OK", "accepted, not verified", 0),
        (UNKNOWN_WRITE, b"", "accepted, not verified", 0),
        (UNKNOWN_WRITE, GIF, "accepted, not verified", 0),
        (UNKNOWN_WRITE, b'{"status":"ok"}', "accepted", 0),
        (QUERY, BOM + b"<html>", "rejected", 1),
        (QUERY, BOM + b'{"status":"ok"}', "accepted", 0),
        (EXPORT, b'{"event":"\\ud83d"}\n{"event":"\\ud83d"}\n', "accepted", 0),
        (EXPORT, b'{"event":"a\x01"}\n{"event":"b"}\n', "accepted", 0),
        # What breaks off is missing something.
        (QUERY, b'{"data":{"series":[', "incomplete", 5),
        (QUERY, b'{"data":"x', "incomplete", 5),
        (QUERY, b"[1, 2", "incomplete", 5),
        (QUERY, b"{'data': 1}", "incomplete", 5),
        (EXPORT, b'{"event":"a"}\n{"event":"b","prop', "incomplete", 5),
        (EXPORT, b'{"event":"a"}\n<html>', "incomplete", 5),
        (IMPORT, b'{"code":200,"num_rec', "accepted, not verified", 0),
        (UPLOAD, b'{"status":"ok","res', "accepted, not verified", 0),
        # A body that is not a response of the operation proves nothing.
        (QUERY, b"", "incomplete", 5),
        (QUERY, BOM, "incomplete", 5),
        (QUERY, b"\xff\xfe\x00", "rejected", 1),
        (QUERY, GIF, "rejected", 1),
        (prepared(url="/nowhere"), GIF, "accepted", 0),
        (TRACK, GIF, "accepted, not verified", 0),
        (
            ingestion("/track?data=x&img=1", None, Method.GET),
            GIF,
            "accepted, not verified",
            0,
        ),
        (TRACK, b"", "accepted, not verified", 0),
        (IMPORT, b"OK", "accepted, not verified", 0),
        (IMPORT, b"[]", "accepted, not verified", 0),
        (EXPORT, b"", "accepted", 0),
        (PIPELINE, b"", "accepted", 0),
    ],
)
def test_a_body_is_never_a_success_unless_it_says_so(
    request_: PreparedRequest, body: bytes, label: str, exit_status: int
) -> None:
    outcome = judge_response(exchange(200, body, request=request_))
    assert (outcome.label, outcome.exit_status) == (label, exit_status)


@pytest.mark.parametrize(
    "request_",
    [
        ingestion(f"{path}{fragment}")
        for path, fragment in (
            ("/track", ""),
            ("/track", "#create-identity"),
            ("/engage", ""),
            ("/groups", ""),
        )
    ],
)
def test_the_form_of_a_1_changes_no_outcome(request_: PreparedRequest) -> None:
    bare, verbose, jsonp = (
        judge_response(exchange(200, body, request=request_))
        for body in (b"1", b'{"status":1,"error":null}', b"cb(1);")
    )
    assert bare == verbose == jsonp


@pytest.mark.parametrize("request_", [IMPORT, UPLOAD, LOOKUP])
@pytest.mark.parametrize("body", [b"", b'{"code":200,"num_records_imported":1}'])
def test_a_write_whose_answer_broke_off_is_not_verified(
    request_: PreparedRequest, body: bytes
) -> None:
    cut_short = exchange(200, body, request=request_, cut_short="It broke off.")
    outcome = judge_response(cut_short)
    assert outcome.kind is OutcomeKind.NOT_VERIFIED
    assert outcome.detail.startswith(
        "It broke off. The response does not confirm the write: check"
    )


def test_the_end_of_a_long_body_shows_its_form() -> None:
    text = b"No events here.\n" * (MAX_PARSED_BYTES // 10)
    assert judge_response(exchange(200, text, request=EXPORT)).label == "rejected"
    page = exchange(
        200, b"<p>no</p>\n" * MAX_PARSED_BYTES, headers=(("Content-Type", "text/html"),)
    )
    assert judge_response(page).label == "rejected"
    document = json.dumps({"data": "x" * MAX_PARSED_BYTES}).encode("utf-16")
    assert judge_response(exchange(200, document, request=QUERY)).label == "accepted"


@pytest.mark.parametrize(
    ("end", "label"),
    [
        (b'{"event":"b"}\n', "accepted"),
        (b'{"event":"\\ud83d"}', "accepted"),
        (b'{"event":"b","pro', "incomplete"),
    ],
)
@pytest.mark.parametrize("in_file", [False, True])
def test_the_last_record_of_a_long_export_must_be_complete(
    end: bytes, label: str, in_file: bool
) -> None:
    body = b'{"event":"a"}\n' * (5_000 if in_file else MAX_PARSED_BYTES // 10) + end
    written = 10**9 if in_file else None
    outcome = judge_response(exchange(200, body, request=EXPORT, written=written))
    assert outcome.label == label


@pytest.mark.parametrize(("end", "label"), [(b"]}", "accepted"), (b"1,", "incomplete")])
def test_a_long_document_must_end_with_its_last_bracket(end: bytes, label: str) -> None:
    body = b'{"data":[' + b"1," * MAX_PARSED_BYTES + b"1" + end
    assert judge_response(exchange(200, body, request=QUERY)).label == label


JSON_TEXT = JSON.map(lambda value: json.dumps({"status": "ok", "results": value}))


@given(JSON_TEXT, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_an_encoding_changes_no_outcome(text: str, encoding: str) -> None:
    plain = judge_response(exchange(200, text.encode(), request=QUERY))
    assert judge_response(exchange(200, text.encode(encoding), request=QUERY)) == plain


@given(JSON_TEXT, st.data())
def test_no_part_of_a_document_is_a_success(text: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(text) - 1))
    outcome = judge_response(exchange(200, text[:cut].encode(), request=QUERY))
    assert outcome.exit_status
