"""From a draft to a request: it is prepared correctly or refused."""

from __future__ import annotations

import gzip
import json
import traceback
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mixtui.mixpanel.apis import Api, Region
from mixtui.mixpanel.endpoints import Safety
from mixtui.model.draft import (
    AuthChoice,
    Body,
    BodyType,
    Draft,
    Method,
    Options,
    Pair,
    RequestInput,
)
from mixtui.model.environment import Credentials, Environment, ServiceAccount
from mixtui.model.errors import CredentialError, DraftError, Field, MixtuiError
from mixtui.model.prepared import (
    Authorization,
    OAuthBearer,
    PreparedRequest,
    ProjectSecretBasic,
    ServiceAccountBasic,
    TokenBasic,
)
from mixtui.model.secrets import FromVariable, Secret
from mixtui.model.trust import DraftOrigin
from mixtui.request.prepare import prepare
from mixtui.request.preview import check_draft_body, preview
from mixtui.request.templates import Values

ACCOUNT = ServiceAccount("ci.1.mp-service-account", FromVariable("MP_SECRET"))
SECRET, OAUTH = FromVariable("PS"), FromVariable("OB")
SA = ServiceAccountBasic(ACCOUNT.username, ACCOUNT.secret)
PS, TB, OB = ProjectSecretBasic(SECRET), TokenBasic("T"), OAuthBearer(OAUTH)
ALL = Credentials("T", ACCOUNT, SECRET, OAUTH)
PROD = Environment(
    "prod",
    project_id="1234567",
    workspace_id="89",
    organization_id="5",
    credentials=ALL,
)
EVENT = '[{"event": "a", "properties": {"$insert_id": "i"}}]'


def prod_with(**credentials: object) -> Environment:
    return replace(PROD, credentials=Credentials(**credentials))


def draft(
    method: str,
    api: str,
    url: str,
    body: str | None = None,
    type_: str = "json",
    auth: str = "auto",
) -> Draft:
    return Draft(
        method=Method(method),
        api=Api(api),
        url=url,
        body=None if body is None else Body(BodyType(type_), body),
        options=Options(auth=AuthChoice(auth)),
    )


def query(request: PreparedRequest) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(request.url).query, keep_blank_values=True)


def text(request: PreparedRequest) -> str:
    assert isinstance(request.content, bytes)
    return request.content.decode()


P, W, T = ("project_id", "1234567"), ("workspace_id", "89"), ("token", "T")
SCHEMAS = "/{projectId}/schemas"

# operations, credential, query that is added
AUTHENTICATION: list[tuple[str, Draft, Authorization | None, list[object]]] = [
    ("import, SA", draft("POST", "ingestion", "/import", EVENT), SA, [P]),
    (
        "import, TB",
        draft("POST", "ingestion", "/import", EVENT, auth="project_token"),
        TB,
        [],
    ),
    (
        "import, PS",
        draft("POST", "ingestion", "/import", EVENT, auth="project_secret"),
        PS,
        [],
    ),
    ("import, OB", draft("POST", "ingestion", "/import", EVENT, auth="oauth"), OB, []),
    ("track", draft("POST", "ingestion", "/track", EVENT), None, []),
    ("engage", draft("POST", "ingestion", "/engage#profile-set", "[{}]"), None, []),
    ("groups", draft("POST", "ingestion", "/groups#group-set", "[{}]"), None, []),
    ("lookup list", draft("GET", "ingestion", "/lookup-tables"), SA, [P]),
    (
        "lookup replace, SA",
        draft("PUT", "ingestion", "/lookup-tables/1", "id\n1", "csv"),
        SA,
        [P],
    ),
    (
        "lookup replace, PS",
        draft("PUT", "ingestion", "/lookup-tables/1", "id", "csv", "project_secret"),
        PS,
        [],
    ),
    ("query, SA", draft("GET", "query", "/query/events"), SA, [P, W]),
    (
        "query, PS",
        draft("GET", "query", "/query/events", auth="project_secret"),
        PS,
        [W],
    ),
    (
        "query with a form",
        draft("POST", "query", "/query/jql", "script=x", "form"),
        SA,
        [P, W],
    ),
    ("older query", draft("POST", "query", "/2.0/jql", "script=x", "form"), SA, [P, W]),
    ("export, SA", draft("GET", "export", "?from_date=x"), SA, [("from_date", "x"), P]),
    ("export, PS", draft("GET", "export", "", auth="project_secret"), PS, []),
    ("connectors of the card", draft("GET", "connectors", ""), SA, [P]),
    ("pipelines GET, SA", draft("GET", "pipelines", "/pipeline/jobs"), SA, [P]),
    (
        "pipelines GET, PS",
        draft("GET", "pipelines", "/pipeline/jobs", auth="project_secret"),
        PS,
        [],
    ),
    ("pipelines POST, SA", draft("POST", "pipelines", "/pipeline/pause"), SA, []),
    ("lexicon", draft("GET", "lexicon", SCHEMAS), SA, []),
    ("annotations", draft("GET", "app", "/projects/{projectId}/annotations"), SA, []),
    (
        "warehouse",
        draft("GET", "app", "/projects/{project_id}/warehouse-sources/imports"),
        SA,
        [],
    ),
    (
        "flags management",
        draft(
            "GET",
            "app",
            "/projects/{project_id}/workspaces/{workspace_id}/feature-flags",
        ),
        SA,
        [],
    ),
    ("experiments", draft("GET", "app", "/workspaces/{workspace_id}/ex"), SA, []),
    (
        "service accounts",
        draft("GET", "app", "/organizations/{organizationId}/service-accounts"),
        SA,
        [],
    ),
    ("flags, SA", draft("GET", "ingestion", "/flags"), SA, [P, T]),
    ("flags, PS", draft("GET", "ingestion", "/flags", auth="project_secret"), PS, [T]),
    ("flags, TB", draft("GET", "ingestion", "/flags", auth="project_token"), TB, [T]),
    (
        "GDPR",
        draft("POST", "app", "/data-deletions/v3.0/", '{"distinct_ids": ["1"]}'),
        OB,
        [T],
    ),
    (
        "GDPR through the query base",
        draft("GET", "query", "/app/data-retrievals/v3.0/1"),
        OB,
        [T],
    ),
]


@pytest.mark.parametrize(
    ("typed", "authorization", "expected"),
    [row[1:] for row in AUTHENTICATION],
    ids=[row[0] for row in AUTHENTICATION],
)
def test_each_operation_gets_its_credential_and_its_ids(
    typed: Draft, authorization: Authorization | None, expected: list[object]
) -> None:
    request = prepare(typed, PROD)
    assert request.authorization == authorization
    assert query(request) == expected


TOKENS = [
    (
        "/track",
        EVENT,
        '[{"event": "a", "properties": {"token": "T", "$insert_id": "i"}}]',
    ),
    ("/engage#profile-set", '{"$set": {}}', '[{"$token": "T", "$set": {}}]'),
    ("/groups#group-set", '[{"$set": {}}]', '[{"$token": "T", "$set": {}}]'),
    ("/import", EVENT, EVENT),
    (
        "/import",
        '[{"event": "$merge", "properties": {}}]',
        '[{"event": "$merge", "properties": {"token": "T"}}]',
    ),
]


@pytest.mark.parametrize(("url", "typed", "sent"), TOKENS)
def test_the_token_is_added_to_records_that_need_it(
    url: str, typed: str, sent: str
) -> None:
    request = prepare(draft("POST", "ingestion", url, typed), PROD)
    assert text(request) == sent
    has_notice = any("project token was added" in notice for notice in request.notices)
    assert has_notice == (typed != sent and "T" in sent)


def test_identity_requests_have_the_token_inside_their_form() -> None:
    typed = 'data={"event": "$identify", "properties": {"$anon_id": "1"}}'
    url = "/track#create-identity"
    request = prepare(draft("POST", "ingestion", url, typed, "form"), PROD)
    data = dict(parse_qsl(text(request)))["data"]
    assert json.loads(data)["properties"] == {"token": "T", "$anon_id": "1"}


def test_pipelines_expect_the_project_id_as_a_form_field() -> None:
    typed = draft("POST", "pipelines", "/pipeline/create", "events=a\nevents=b", "form")
    request = prepare(typed, PROD)
    assert text(request) == "events=a&events=b&project_id=1234567"
    assert "The form field project_id was added." in request.notices
    assert ("Content-Type", "application/x-www-form-urlencoded") in request.headers


@pytest.mark.parametrize("body", [None, " ", ""])
def test_pipelines_without_a_body_get_a_form_of_the_project_id(
    body: str | None,
) -> None:
    request = prepare(draft("POST", "pipelines", "/pipeline/pause", body), PROD)
    assert text(request) == "project_id=1234567"


def test_pipelines_with_a_project_secret_need_no_project_id() -> None:
    typed = draft(
        "POST", "pipelines", "/pipeline/pause", "name=x", "form", "project_secret"
    )
    assert text(prepare(typed, replace(PROD, project_id=""))) == "name=x"


TYPED_IDS = [
    ("in the URL", "/query/events?project_id=7", (), ["7"]),
    ("in the URL, empty", "/query/events?project_id=", (), [""]),
    ("in the URL, encoded", "/query/events?project%5Fid=7", (), ["7"]),
    ("in a row", "/query/events", (Pair("project_id", "7"),), ["7"]),
    (
        "in both, kept in order",
        "/query/events?project_id=7",
        (Pair("project_id", "8"),),
        ["7", "8"],
    ),
    (
        "in a row that is off",
        "/query/events",
        (Pair("project_id", "7", enabled=False),),
        ["1234567"],
    ),
]


@pytest.mark.parametrize(
    ("url", "rows", "expected"),
    [row[1:] for row in TYPED_IDS],
    ids=[row[0] for row in TYPED_IDS],
)
@pytest.mark.parametrize("project_id", ["1234567", ""])
def test_a_project_id_that_was_typed_is_never_replaced(
    url: str, rows: tuple[Pair, ...], expected: list[str], project_id: str
) -> None:
    environment = replace(PROD, project_id=project_id)
    typed = replace(draft("GET", "query", url), query=rows)
    if expected == ["1234567"] and not project_id:
        with pytest.raises(DraftError, match="requires a project_id"):
            prepare(typed, environment)
        return
    sent = [
        value
        for name, value in query(prepare(typed, environment))
        if name == "project_id"
    ]
    assert sent == expected


@pytest.mark.parametrize(
    ("url", "body", "sent"),
    [
        ("/pipeline/pause", "project_id=7", "project_id=7"),
        ("/pipeline/pause?project_id=7", "name=x", "name=x"),
    ],
)
def test_a_project_id_that_was_typed_for_a_form_is_enough(
    url: str, body: str, sent: str
) -> None:
    typed = draft("POST", "pipelines", url, body, "form")
    for environment in (PROD, replace(PROD, project_id="")):
        assert text(prepare(typed, environment)) == sent


def test_a_missing_project_id_names_the_environment() -> None:
    without_project = replace(PROD, project_id="")
    for typed in (
        draft("GET", "query", "/query/events"),
        draft("POST", "pipelines", "/pipeline/pause"),
    ):
        with pytest.raises(DraftError, match="environment prod has none") as caught:
            prepare(typed, without_project)
        assert caught.value.field is Field.ENVIRONMENT


def test_query_of_url_and_rows_merge_in_order_and_repeated_names_survive() -> None:
    rows = (
        Pair("a", "3"),
        Pair("off", "x", enabled=False),
        Pair("", ""),
        Pair("event", '["Sign up", "é&=+#/?"]'),
        Pair("a", "4"),
        Pair("{{plan}}", "{{today}}"),
    )
    environment = replace(PROD, workspace_id="", variables={"plan": "pro"})
    typed = replace(draft("GET", "query", "/query/x?a=1&b&a=2"), query=rows)
    values = Values(environment)
    assert query(prepare(typed, environment, values=values)) == [
        ("a", "1"),
        ("b", ""),
        ("a", "2"),
        ("a", "3"),
        ("event", '["Sign up", "é&=+#/?"]'),
        ("a", "4"),
        ("pro", values.find("today")),
        P,
    ]


def test_additions_to_the_query_give_a_notice() -> None:
    request = prepare(draft("GET", "query", "/query/events"), PROD)
    assert request.notices == (
        "Added to the query: project_id=1234567, workspace_id=89.",
    )


def test_a_row_without_a_name_is_refused_without_showing_its_value() -> None:
    typed = replace(draft("GET", "query", "/query/x"), headers=(Pair("", "hunter2"),))
    with pytest.raises(DraftError, match="headers has a value but no name") as caught:
        prepare(typed, PROD)
    assert caught.value.field is Field.HEADERS
    assert "hunter2" not in str(caught.value)


def with_headers(*rows: tuple[str, str], method: str = "POST") -> Draft:
    typed = draft(method, "ingestion", "/import", EVENT)
    return replace(typed, headers=tuple(Pair(*row) for row in rows))


def test_a_typed_authorization_overrides_the_credential_with_a_notice() -> None:
    request = prepare(with_headers(("authorization", "Bearer mine")), PROD)
    assert request.authorization is None
    assert request.headers[0] == ("authorization", "Bearer mine")
    assert "project_id" not in request.url
    assert any("is sent" in notice for notice in request.notices)


def test_a_content_type_is_set_unless_one_was_typed() -> None:
    assert prepare(with_headers(), PROD).headers == (
        ("Content-Type", "application/json"),
    )
    typed = prepare(with_headers(("content-type", "text/x")), PROD)
    assert typed.headers == (("content-type", "text/x"),)


def test_repeated_headers_survive_and_a_disabled_one_does_not() -> None:
    rows = (Pair("X-A", "1"), Pair("x-a", " 2 "), Pair("X-B", "3", enabled=False))
    typed = replace(draft("GET", "app", "/me"), headers=rows)
    assert prepare(typed, PROD).headers == (("X-A", "1"), ("x-a", "2"))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("bad name", "x", "not valid"),
        ("", "x", "no name"),
        ("X-A", "line\nbreak", "control or non-ASCII character"),
        ("X-A", "é", "contains a control or non-ASCII character"),
        ("Host", "evil.example", "from the request itself: disable this row"),
        ("Content-Length", "5", "from the request itself: disable this row"),
        ("Transfer-Encoding", "chunked", "from the request itself: disable this row"),
    ],
)
def test_a_header_that_cannot_be_sent_is_refused(
    name: str, value: str, message: str
) -> None:
    with pytest.raises(DraftError, match=message) as caught:
        prepare(with_headers((name, value)), PROD)
    assert caught.value.field is Field.HEADERS


@pytest.mark.parametrize(
    "value", ["gzip", "GZIP", "x-gzip", "identity, gzip", " gzip "]
)
def test_each_way_to_write_gzip_compresses_the_body(value: str) -> None:
    typed = draft("POST", "ingestion", "/import", EVENT)
    typed = replace(typed, headers=(Pair("Content-Encoding", value),))
    content = prepare(typed, PROD).content
    assert isinstance(content, bytes)
    assert gzip.decompress(content) == EVENT.encode()


@pytest.mark.parametrize("value", ["", "identity"])
def test_identity_leaves_the_body_as_it_is(value: str) -> None:
    typed = draft("POST", "ingestion", "/import", EVENT)
    typed = replace(typed, headers=(Pair("Content-Encoding", value),))
    assert prepare(typed, PROD).content == EVENT.encode()


@pytest.mark.parametrize(
    "headers",
    [
        [("Content-Encoding", "deflate")],
        [("content-encoding", "br")],
        [("Content-Encoding", "zstd")],
        [("Content-Encoding", "gzip, gzip")],
        [("Content-Encoding", "gzip"), ("Content-Encoding", "deflate")],
        [("Content-Encoding", "gzipped")],
    ],
)
def test_a_coding_that_the_body_will_not_have_is_refused(
    headers: list[tuple[str, str]], tmp_path: Path
) -> None:
    rows = tuple(Pair(name, value) for name, value in headers)
    typed = replace(draft("POST", "ingestion", "/import", EVENT), headers=rows)
    with pytest.raises(DraftError, match="gzip: use") as caught:
        prepare(typed, PROD)
    assert caught.value.field is Field.HEADERS
    (tmp_path / "events.br").write_bytes(b"x")
    file = replace(typed, body=Body(BodyType.FILE, path="events.br"))
    assert prepare(file, PROD, origin=DraftOrigin(tmp_path)).content is not None


@pytest.mark.parametrize(
    ("content_type", "text", "is_sent"),
    [
        ("application/json; charset=utf-8", '"é"', True),
        ('application/json;charset="UTF8"', '"é"', True),
        ("text/plain; charset=latin1", '"e"', True),
        ("text/plain; charset=latin1", '"é"', False),
        ("text/plain; format=flowed; Charset = us-ascii", '"é"', False),
        ("application/json; charset=utf-16", '"e"', False),
        ("application/json; charset=utf-7", '"+"', False),
        ("application/json; charset=no-such", '"e"', False),
        ("application/json; charset=rot13", '"e"', False),
    ],
)
def test_a_charset_that_the_body_will_not_have_is_refused(
    content_type: str, text: str, is_sent: bool, tmp_path: Path
) -> None:
    typed = replace(
        draft("POST", "app", "/me", text),
        headers=(Pair("content-type", content_type),),
    )
    if is_sent:
        assert prepare(typed, PROD).content == text.encode()
    else:
        with pytest.raises(DraftError, match="sets the charset") as caught:
            prepare(typed, PROD)
        assert caught.value.field is Field.HEADERS
    (tmp_path / "a.json").write_bytes(b"x")
    file = replace(typed, body=Body(BodyType.FILE, path="a.json"))
    assert prepare(file, PROD, origin=DraftOrigin(tmp_path)).content is not None


@pytest.mark.parametrize("place", ["query", "path", "url"])
def test_a_url_that_is_too_long_is_refused(place: str) -> None:
    long = "a" * 65_536
    typed = {
        "query": replace(
            draft("GET", "query", "/query/events"), query=(Pair("event", long),)
        ),
        "path": draft("GET", "query", f"/query/{long}"),
        "url": draft("GET", "query", f"/query/events?event={long}"),
    }[place]
    with pytest.raises(DraftError, match="limit is 65,536") as caught:
        prepare(typed, PROD)
    assert caught.value.field is Field.URL


def test_content_encoding_gzip_compresses_the_body_with_a_notice() -> None:
    request = prepare(with_headers(("Content-Encoding", "GZIP")), PROD)
    assert isinstance(request.content, bytes)
    assert gzip.decompress(request.content) == EVENT.encode()
    assert any("was compressed" in notice for notice in request.notices)


READ_ONLY = replace(PROD, read_only=True)
WRITES = [
    draft("POST", "ingestion", "/import", EVENT),
    draft("POST", "ingestion", "/engage#profile-set", "[{}]"),
    draft("POST", "query", "/engage#profile-set", "[{}]"),
    *(
        draft("GET", "ingestion", f"{path}?data=eyJ9")
        for path in (
            "/track",
            "/track/",
            "/Track",
            "/%74rack",
            "/import",
            "/import/",
            "/engage/",
            "/groups",
            "/track/pixel",
            "/old/spelling",
            "/flag",
            "/",
        )
    ),
    draft("DELETE", "app", "/projects/{project}/annotations/1"),
    draft("POST", "app", "/data-deletions/v3.0", "{}"),
    draft("PUT", "ingestion", "/lookup-tables/1", "id", "csv"),
    draft("PATCH", "query", "/query/events"),
    draft("GET", "query", "/2.0/annotations/delete?id=1"),
    draft("POST", "query", "/query/unknown", "a=b", "form"),
    *(
        draft("GET", "pipelines", f"/pipeline/{verb}?name=x")
        for verb in ("create", "pause")
    ),
    draft("GET", "app", "/workspaces/{workspace_id}/experiments/1/launch"),
]


@pytest.mark.parametrize("typed", WRITES, ids=[f"{d.method} {d.url}" for d in WRITES])
def test_read_only_refuses_every_write(typed: Draft) -> None:
    assert prepare(typed, PROD).safety.writes
    with pytest.raises(DraftError, match="prod is read-only") as caught:
        prepare(typed, READ_ONLY)
    assert caught.value.field is Field.ENVIRONMENT


@pytest.mark.parametrize(
    "path", ["/flags/../import", "/lookup-tables/%2e%2e/import", "/flags/./../track"]
)
def test_no_detour_makes_a_write_look_like_a_read(path: str) -> None:
    with pytest.raises(DraftError):
        prepare(draft("GET", "ingestion", f"{path}?data=eyJ9"), READ_ONLY)


@pytest.mark.parametrize(
    "typed",
    [
        draft("GET", "query", "/query/events"),
        draft("POST", "query", "/query/jql", "script=x", "form"),
        draft("POST", "query", "/query/cohorts/list"),
        draft("POST", "query", "/2.0/segmentation/", '{"event": "e"}'),
        draft("POST", "pipelines", "/pipeline/jobs", "a=b", "form"),
        draft("POST", "ingestion", "/flags/", "{}"),
        draft("GET", "export", ""),
        draft("GET", "app", "/me"),
        draft("GET", "ingestion", "/lookup-tables"),
        draft("GET", "ingestion", "/lookup-tables/1/"),
        draft("GET", "ingestion", "/flags?x=1"),
        draft("GET", "ingestion", "/flags/definitions"),
    ],
)
def test_read_only_lets_every_read_through(typed: Draft) -> None:
    assert prepare(typed, READ_ONLY).safety is Safety.READ


PLAIN = replace(PROD, hosts={api: "http://proxy.example" for api in Api})
LOOPBACK = replace(PROD, hosts={api: "http://127.0.0.1:9" for api in Api})


@pytest.mark.parametrize(
    "typed",
    [
        draft("GET", "query", "/query/events"),
        draft("POST", "ingestion", "/import", EVENT, auth="project_token"),
        with_headers(("Authorization", "Basic eA==")),
    ],
    ids=["service account", "token as user", "typed"],
)
def test_credentials_go_over_https_or_to_this_machine(typed: Draft) -> None:
    with pytest.raises(DraftError, match="not sent over plain http") as caught:
        prepare(typed, PLAIN)
    assert caught.value.field is Field.ENVIRONMENT
    assert prepare(typed, LOOPBACK).url.startswith("http://127.0.0.1:9/")


def test_a_request_without_a_credential_may_use_plain_http_with_a_warning() -> None:
    request = prepare(draft("POST", "ingestion", "/track", EVENT), PLAIN)
    assert request.url == "http://proxy.example/track"
    assert "instead of Mixpanel" in request.notices[0]


def test_a_body_on_get_is_not_sent_with_a_notice() -> None:
    request = prepare(draft("GET", "query", "/query/x", '{"a": 1}'), PROD)
    assert request.content is None
    assert request.headers == ()
    assert "The body is not sent: GET requests have none." in request.notices


def test_a_body_that_is_not_sent_is_not_checked() -> None:
    request = prepare(draft("GET", "query", "/query/x", "{{nope}} {"), PROD)
    assert request.content is None


def test_a_body_on_delete_is_sent_only_by_choice() -> None:
    typed = draft("DELETE", "app", "/imports/1", '{"delete_data": true}')
    omitted = prepare(typed, PROD)
    assert omitted.content is None
    assert "The body is not sent: DELETE requests have none." in omitted.notices
    enabled = replace(typed, options=replace(typed.options, delete_body=True))
    assert text(prepare(enabled, PROD)) == '{"delete_data": true}'


def test_a_post_without_a_body_is_sent_without_one() -> None:
    request = prepare(draft("POST", "query", "/query/cohorts/list"), PROD)
    assert (request.content, request.headers) == (None, ())


def test_a_fragment_of_ingestion_moves_the_request_there_with_a_notice() -> None:
    eu = replace(PROD, region=Region.EU)
    request = prepare(draft("POST", "query", "/engage#profile-set", "{}"), eu)
    assert request.api is Api.INGESTION
    assert request.url == "https://api-eu.mixpanel.com/engage#profile-set"
    assert text(request) == '[{"$token": "T"}]'
    assert "goes to the Ingestion host" in request.notices[0]


MISSING = [
    (draft("GET", "query", "/query/events"), "requires a service account"),
    (draft("POST", "ingestion", "/track", EVENT), "requires a project token"),
    (draft("POST", "ingestion", "/track"), "requires a project token"),
    (draft("GET", "app", "/data-retrievals/v3.0/1"), "requires an OAuth token"),
]


@pytest.mark.parametrize(("typed", "message"), MISSING)
def test_a_missing_credential_is_named_with_its_table_and_file(
    typed: Draft, message: str
) -> None:
    bare = replace(PROD, credentials=Credentials(), origin="/c/environments.toml")
    with pytest.raises(CredentialError, match=message) as caught:
        prepare(typed, bare)
    assert "[environments.prod.credentials] in /c/environments.toml" in str(
        caught.value
    )


def test_an_oauth_request_without_a_project_token_is_refused() -> None:
    environment = prod_with(oauth_token=OAUTH)
    with pytest.raises(
        CredentialError, match="project token in addition to the OAuth token"
    ):
        prepare(draft("GET", "app", "/data-retrievals/v3.0/1"), environment)
    typed = draft("GET", "app", "/data-retrievals/v3.0/1?token=mine")
    assert query(prepare(typed, environment)) == [("token", "mine")]


def test_a_token_typed_in_every_record_needs_none_in_the_environment() -> None:
    bare = prod_with()
    typed = '[{"$token": "mine", "$set": {}}]'
    request = prepare(draft("POST", "ingestion", "/engage", typed), bare)
    assert text(request) == typed


def test_auth_none_adds_no_credential_no_token_and_no_id() -> None:
    for typed in (
        draft("POST", "ingestion", "/track", EVENT, auth="none"),
        draft("POST", "ingestion", "/import", EVENT, auth="none"),
    ):
        request = prepare(typed, prod_with())
        assert (request.authorization, query(request)) == (None, [])
        assert text(request) == EVENT


BARE = '[{"event": "a", "properties": {}}]'


@pytest.mark.parametrize("url", ["/import", "/track"])
def test_events_without_an_id_get_the_same_one_at_every_send(url: str) -> None:
    first = prepare(draft("POST", "ingestion", url, BARE), PROD)
    second = prepare(draft("POST", "ingestion", url, f" {BARE} "), PROD)
    (event,), (again,) = json.loads(text(first)), json.loads(text(second))
    assert event["properties"]["$insert_id"] == again["properties"]["$insert_id"]
    assert any(
        "Mixpanel counts resent events once" in notice for notice in first.notices
    )


def test_events_get_no_id_if_that_is_disabled_or_nothing_is_added() -> None:
    typed = draft("POST", "ingestion", "/import", BARE)
    disabled = replace(typed, options=replace(typed.options, insert_ids=False))
    without_auth = draft("POST", "ingestion", "/import", BARE, auth="none")
    for variant in (disabled, without_auth):
        assert text(prepare(variant, PROD)) == BARE


def test_variables_of_the_command_line_take_precedence_in_every_part() -> None:
    environment = replace(PROD, variables={"x": "environment"})
    typed = replace(
        draft("POST", "app", "/p/{{x}}", '{"a": "{{x}}"}'),
        query=(Pair("q", "{{x}}"),),
        headers=(Pair("X-A", "{{x}}"),),
    )
    request = prepare(typed, environment, variables={"x": "line"})
    assert request.url.endswith("/p/line?q=line")
    assert ("X-A", "line") in request.headers
    assert text(request) == '{"a": "line"}'


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf")])
def test_an_invalid_timeout_is_refused(seconds: float) -> None:
    typed = replace(draft("GET", "app", "/me"), options=Options(timeout=seconds))
    with pytest.raises(DraftError, match="above 0") as caught:
        prepare(typed, PROD)
    assert caught.value.field is Field.OPTIONS


def test_the_timeout_is_the_endpoints_unless_one_was_chosen() -> None:
    export = draft("GET", "export", "")
    assert prepare(export, PROD).timeout == 600
    assert prepare(draft("GET", "app", "/me"), PROD).timeout == 120
    assert prepare(replace(export, options=Options(timeout=5)), PROD).timeout == 5


def test_a_relative_file_is_read_from_the_folder_of_the_saved_request(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.csv").write_bytes(b"id\n1\n")
    typed = replace(
        draft("PUT", "ingestion", "/lookup-tables/1"),
        body=Body(BodyType.FILE, path="{{name}}.csv"),
    )
    request = prepare(
        typed, PROD, origin=DraftOrigin(tmp_path), variables={"name": "a"}
    )
    assert ("Content-Type", "text/csv") in request.headers


def secret_values() -> Values:
    return Values(PROD, process={"SECRET": "hunter2/é"})


def test_a_value_from_the_process_is_masked_wherever_it_is_shown() -> None:
    typed = replace(
        draft("POST", "app", "/p/x", '{"client_secret": "{{env:SECRET}}"}'),
        query=(Pair("q", "{{env:SECRET}}"),),
    )
    request = prepare(typed, PROD, values=secret_values())
    assert request.sensitive == (Secret("hunter2/é"), Secret("hunter2/é"))
    assert "hunter2" not in f"{request.sensitive} {request.notices}"


NAMED = Draft(url="/p", query=(Pair("note", "{{api_key}}"),))
IN_PATH = Draft(url="/p/{api_key}")


@pytest.mark.parametrize(
    "typed",
    [
        NAMED,
        IN_PATH,
        replace(NAMED, inputs=(RequestInput("api_key"),)),
        replace(IN_PATH, path=(Pair("api_key", "{{api_key}}"),)),
    ],
)
def test_a_value_that_is_named_like_a_secret_is_masked_wherever_it_stands(
    typed: Draft,
) -> None:
    environment = replace(PROD, variables={"api_key": "hunter2/é"})
    answers = {"api_key": "hunter2/é"} if typed.inputs else {}
    request = prepare(typed, environment, variables=answers)
    assert "hunter2" in request.url
    assert Secret("hunter2/é") in request.sensitive
    assert "hunter2" not in repr(preview(typed, environment))


def test_a_secret_is_in_no_repr_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MP_SECRET", "PS", "OB"):
        monkeypatch.setenv(name, "hunter2")
    outputs: list[str] = []
    for _, typed, _, _ in AUTHENTICATION:
        request = prepare(typed, PROD)
        outputs += [repr(request), str(request.authorization)]
        outputs.append(repr(preview(typed, PROD)))
        for environment in (prod_with(), READ_ONLY, PLAIN):
            try:
                prepare(typed, environment)
            except MixtuiError as error:
                outputs += traceback.format_exception(error)
    assert not any("hunter2" in output for output in outputs)


PIECES = [
    *'/?#&={}@:.\\%"[] \n\t',
    *["//", "..", "%2e", "%2F", "https:", "evil.example", "@evil.example", "{project}"],
    *["{{today}}", "{{nope}}", "/import", "/track", "/engage", "#profile-set", "é"],
    *["/query/events", "project_id", "token", '"', "a=1", "\ud800", "\udce9", "\x00"],
]
TEXTS = st.lists(st.sampled_from(PIECES) | st.characters(), max_size=5).map("".join)
PAIRS = st.lists(st.builds(Pair, TEXTS, TEXTS, st.booleans()), max_size=3).map(tuple)
JSON_TEXTS = st.sampled_from(
    ["{}", "[]", EVENT, '[{"event": "$merge", "properties": {}}]', "5", "[[{}]]"]
)
DRAFTS = st.builds(
    Draft,
    name=TEXTS,
    method=st.sampled_from(list(Method)),
    api=st.sampled_from(list(Api)),
    url=TEXTS | TEXTS.map(lambda url: f"/{url}"),
    query=PAIRS,
    headers=PAIRS,
    body=st.none()
    | st.builds(
        Body, st.sampled_from(list(BodyType)), TEXTS | JSON_TEXTS, st.just("/no/file")
    ),
    options=st.builds(
        Options,
        auth=st.sampled_from(list(AuthChoice)),
        timeout=st.none() | st.floats(),
        delete_body=st.booleans(),
    ),
)
ENVIRONMENTS = st.builds(
    Environment,
    name=st.just("any"),
    region=st.sampled_from(list(Region)),
    project_id=st.sampled_from(["", "1234567", "1/../2", "\udce9"]),
    workspace_id=st.sampled_from(["", "89"]),
    read_only=st.booleans(),
    credentials=st.sampled_from([Credentials(), ALL, Credentials('T\udce9"')]),
    variables=st.dictionaries(st.sampled_from(["importId", "nope"]), TEXTS),
)
HOSTS = {
    f"{prefix}{region}mixpanel.com"
    for prefix, regions in {
        "": ("", "eu.", "in."),
        "api": (".", "-eu.", "-in."),
        "data": (".", "-eu.", "-in."),
    }.items()
    for region in regions
}


@given(DRAFTS, ENVIRONMENTS)
def test_any_draft_is_refused_or_sent_to_a_host_of_the_environment(
    typed: Draft, environment: Environment
) -> None:
    previewed = preview(typed, environment)
    check_draft_body(typed, environment)
    try:
        request = prepare(typed, environment)
    except (DraftError, CredentialError) as error:
        assert str(error).endswith((".", "…", "?"))
        return
    assert previewed.problem is None
    parts = urlsplit(request.url)
    assert parts.scheme == "https"
    assert parts.netloc in HOSTS
    suffix = {Region.US: "", Region.EU: "eu", Region.IN: "in"}[environment.region]
    assert parts.netloc.split(".")[0].endswith(suffix)
    assert request.url.partition("#")[0].isascii()
    assert not environment.read_only or request.safety is Safety.READ
    assert all(f"{name}{value}".isascii() for name, value in request.headers)


@pytest.mark.parametrize("environment_records", [True, False])
@pytest.mark.parametrize("draft_records", [True, False])
def test_a_request_is_recorded_unless_environment_or_draft_opts_out(
    environment_records: bool, draft_records: bool
) -> None:
    environment = replace(PROD, history=environment_records)
    typed = Draft(url="/query/events", options=Options(history=draft_records))
    assert prepare(typed, environment).history == (
        environment_records and draft_records
    )
