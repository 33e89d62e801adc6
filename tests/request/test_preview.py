"""The preview of a draft agrees with what is sent."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from urllib.parse import parse_qsl

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.endpoints import Safety
from mixtui.model.draft import AuthChoice, Body, BodyType, Draft, Method, Options, Pair
from mixtui.model.environment import Credentials, Environment, ServiceAccount
from mixtui.model.errors import CredentialError, DraftError, Field
from mixtui.model.prepared import PreparedRequest
from mixtui.model.secrets import REDACTED, FromVariable
from mixtui.request.additions import Addition, Part
from mixtui.request.omissions import ADDITION_NAMES
from mixtui.request.prepare import prepare
from mixtui.request.preview import Preview, check_draft_body, preview

ACCOUNT = ServiceAccount("ci.1.mp-service-account", FromVariable("MP_SECRET"))
ALL = Credentials("T", ACCOUNT, FromVariable("PS"), FromVariable("OB"))
PROD = Environment("prod", project_id="1234567", workspace_id="89", credentials=ALL)

URLS = (
    "",
    "/me",
    "/query/events",
    "/query/jql?project_id=7",
    "/query/engage",
    "/import",
    "/track",
    "/track#create-identity",
    "/engage#profile-set",
    "/groups",
    "/pipeline/create",
    "/pipeline/pause",
    "/flags",
    "/lookup-tables/1",
    "//x",
    "/data-deletions/v3.0",
    "/{projectId}/schemas",
    "/{{nope}}",
    "/a b/{{plan}}",
)
VARIABLES = {"plan": "pro/é", "blank": "", "field": "project_id=7"}
NAMES_TYPED = ("event", "project_id", "token", "{{plan}}", "X-A", "content-type", "")
VALUES = ("1", "{{plan}}", "{{nope}}", "a b&c", "")
HEADER_NAMES = ("X-A", "Authorization", "content-type", "Content-Encoding", "Host")
TEXTS = (
    "",
    " ",
    "{}",
    '{"$set": {}}',
    '[{"event": "a", "properties": {}}]',
    "{bad",
    '[{"event": "$merge", "properties": {}}]',
    '{"a": "{{plan}}"}',
    "{{nope}}",
    "a=1",
    "project_id=7",
    'data={"event": "$identify", "properties": {}}',
    "=",
    "{{blank}}",
    "{{blank}}\n{{blank}}",
    "{{field}}",
    "{{field}}\na={{nope}}",
)


def pair_strategy(
    names: Iterable[str], values: Iterable[str]
) -> st.SearchStrategy[tuple[Pair, ...]]:
    pair = st.builds(
        Pair, st.sampled_from(names), st.sampled_from(values), st.booleans()
    )
    return st.lists(pair, max_size=2).map(tuple)


DRAFTS = st.builds(
    Draft,
    method=st.sampled_from(list(Method)),
    api=st.sampled_from(list(Api)),
    url=st.sampled_from(URLS),
    query=pair_strategy(NAMES_TYPED, VALUES),
    headers=pair_strategy(HEADER_NAMES, ("1", "gzip", "Basic eA==")),
    body=st.none()
    | st.builds(Body, st.sampled_from(list(BodyType)), st.sampled_from(TEXTS)),
    options=st.builds(
        Options,
        auth=st.sampled_from([AuthChoice.AUTO, *AuthChoice]),
        delete_body=st.booleans(),
        insert_ids=st.booleans(),
        leave_out=st.lists(
            st.sampled_from(ADDITION_NAMES), max_size=2, unique=True
        ).map(tuple),
    ),
)
ENVIRONMENTS = st.builds(
    Environment,
    name=st.just("any"),
    project_id=st.sampled_from(["1234567", ""]),
    workspace_id=st.sampled_from(["", "89"]),
    read_only=st.just(False),
    credentials=st.sampled_from([ALL, Credentials("T"), Credentials()]),
    variables=st.just(VARIABLES),
)
EMPTY_FORM = Draft(method=Method.POST, api=Api.PIPELINES, url="/pipeline/pause")
DELETED_WITH_FORM = Draft(
    method=Method.DELETE,
    api=Api.PIPELINES,
    url="/pipeline/pause",
    body=Body(BodyType.FORM, "a=1"),
    options=Options(delete_body=True),
)
COMPRESSED_FORM = replace(EMPTY_FORM, headers=(Pair("Content-Encoding", "gzip"),))
FILLED = replace(PROD, variables=VARIABLES)


def sent_additions(previewed: Preview, part: Part) -> dict[str, Addition]:
    return {
        addition.name: addition
        for addition in previewed.additions
        if addition.part is part and not addition.omitted
    }


def typed_headers(draft: Draft) -> list[tuple[str, str]]:
    return [(row.name, row.value) for row in draft.headers if row.enabled]


def form_of(request: PreparedRequest) -> dict[str, str]:
    content = request.content if isinstance(request.content, bytes) else b""
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    return dict(parse_qsl(content.decode(errors="replace")))


@given(DRAFTS, ENVIRONMENTS)
@example(EMPTY_FORM, PROD)
@example(replace(EMPTY_FORM, options=Options(leave_out=("project_id",))), PROD)
@example(DELETED_WITH_FORM, PROD)
@example(replace(EMPTY_FORM, body=Body(BodyType.JSON, "{{blank}}")), FILLED)
@example(replace(EMPTY_FORM, body=Body(BodyType.FORM, "{{field}}")), FILLED)
@example(COMPRESSED_FORM, PROD)
def test_what_a_preview_shows_is_what_is_sent(
    draft: Draft, environment: Environment
) -> None:
    previewed = preview(draft, environment)
    try:
        request = prepare(draft, environment)
    except (DraftError, CredentialError) as error:
        if previewed.problem is None:
            # A preview without a problem can fail only by its body.
            field = getattr(error, "field", Field.AUTH)
            assert field in (Field.BODY, Field.AUTH) or "project_id" in str(error)
        return
    assert previewed.problem is None
    assert (draft.method, previewed.url) == (request.method, request.url)
    assert (previewed.safety, previewed.operation) == (
        request.safety,
        request.operation,
    )
    assert previewed.endpoint == request.endpoint
    assert request.notices[: len(previewed.notices)] == previewed.notices
    headers = sent_additions(previewed, Part.HEADERS)
    assert ("Authorization" in headers) == (request.authorization is not None)
    content_type = headers.get("Content-Type")
    added = [] if content_type is None else [("Content-Type", content_type.value)]
    assert list(request.headers) == typed_headers(draft) + added
    typed = {name.lower() for name, _ in typed_headers(draft)}
    if not typed & {"content-type"} and "Content-Type" not in draft.options.leave_out:
        assert (content_type is None) == (request.content is None)
    body = sent_additions(previewed, Part.BODY)
    if "project_id" in body:
        assert form_of(request)["project_id"] == environment.project_id
    elif any("form field" in notice for notice in request.notices):
        raise AssertionError("a form field was added that no preview shows")
    if any("project token was added" in notice for notice in request.notices):
        assert request.endpoint.token.record_field in body


@given(DRAFTS, ENVIRONMENTS)
def test_a_preview_shows_no_secret(draft: Draft, environment: Environment) -> None:
    authorization = sent_additions(preview(draft, environment), Part.HEADERS).get(
        "Authorization"
    )
    assert authorization is None or authorization.value.endswith(REDACTED)


def draft(method: str, api: str, url: str, body: str | None = None) -> Draft:
    return Draft(
        method=Method(method),
        api=Api(api),
        url=url,
        body=None if body is None else Body(text=body),
    )


def prod_with(**credentials: object) -> Environment:
    return replace(PROD, credentials=Credentials(**credentials))


def test_a_preview_reports_the_problem_and_keeps_the_url() -> None:
    previewed = preview(draft("GET", "query", "/query/events"), prod_with())
    assert previewed.url == "https://mixpanel.com/api/query/events"
    assert isinstance(previewed.problem, CredentialError)
    invalid = preview(draft("GET", "query", "//x"), PROD)
    assert (invalid.url, invalid.credential) == ("", "")
    assert isinstance(invalid.problem, DraftError)


def test_a_preview_describes_the_credential() -> None:
    previewed = preview(draft("GET", "query", "/query/events"), PROD)
    assert previewed.credential.startswith("service account ci.1")
    assert previewed.safety is Safety.READ


CHECKS: Iterable[tuple[Draft, bool, str]] = [
    (draft("POST", "ingestion", "/import", "{}"), True, "sent as a list"),
    (draft("POST", "ingestion", "/import", "{{{nope}}}"), False, "is not defined"),
    (draft("POST", "ingestion", "/import", '["{{today}}"'), False, "line 1, column"),
    (draft("POST", "ingestion", "//", "{}"), True, "Valid JSON"),
    (draft("POST", "ingestion", "/import"), True, ""),
]


def test_a_mistake_behind_templates_is_where_it_was_typed() -> None:
    # {{now}} is seven characters as typed, and ten as sent.
    typed = draft("POST", "ingestion", "/import", '[{"a": {{now}}, "b": }]')
    check = check_draft_body(typed, PROD)
    assert (check.line, check.column) == (1, 22)
    assert "now from" not in check.message, "nothing behind the mistake"
    with pytest.raises(DraftError, match="line 1, column 22"):
        prepare(typed, PROD)


@pytest.mark.parametrize(("typed", "ok", "message"), CHECKS)
def test_a_body_is_checked_with_its_templates_filled(
    typed: Draft, ok: bool, message: str
) -> None:
    check = check_draft_body(typed, PROD)
    assert check.ok is ok
    assert message in check.message


CHECKS = [
    (
        "/track",
        '[{"event": "a"}]',
        "Valid JSON, 1 record · + properties.token in 1 of 1",
    ),
    (
        "/engage",
        '{"$set": {}}',
        "Valid JSON, 1 record; sent as a list · + $token in 1 of 1",
    ),
    ("/engage", '[{"$token": "x"}, {}]', "Valid JSON, 2 records · + $token in 1 of 2"),
    ("/import", '[{"event": "a"}]', "Valid JSON, 1 record"),
]


@pytest.mark.parametrize(("url", "text", "message"), CHECKS)
def test_the_check_of_a_body_mentions_additions(
    url: str, text: str, message: str
) -> None:
    draft = Draft(method=Method.POST, api=Api.INGESTION, url=url, body=Body(text=text))
    environment = Environment("x", credentials=Credentials(project_token="t"))
    assert check_draft_body(draft, environment).message == message


def test_a_preview_masks_values_of_process_variables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HUSH", "s/cret value")
    draft = Draft(
        url="/query/{{env:HUSH}}?a={{env:HUSH}}", query=(Pair("b", "{{env:HUSH}}"),)
    )
    draft = replace(draft, options=Options(auth=AuthChoice.NONE))
    previewed = preview(draft, Environment("x", project_id="1"))
    assert "cret%20value" not in repr(previewed)
    assert "cret value" not in repr(previewed)
    assert previewed.url.count("••••••") == 3


@pytest.mark.parametrize(
    "url",
    [
        "/query/events?api_secret=kq7-zx9",
        "/query/events#x?api_secret=kq7-zx9",
        "https://mixpanel.com/api/query/events?api_secret=kq7-zx9",
    ],
    ids=["valid", "query behind the fragment", "whole URL"],
)
def test_neither_the_url_nor_a_problem_repeats_a_typed_secret(url: str) -> None:
    seen = preview(Draft(url=url), PROD)
    assert REDACTED in f"{seen.url} {seen.problem}"
    assert "kq7-zx9" not in f"{seen.url} {seen.problem}"
