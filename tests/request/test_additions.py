"""Additions of the app are shown, and not made where a request leaves them out."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from msgspec.structs import replace

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import AuthChoice, Body, BodyType, Draft, Method, Options, Pair
from mixtui.model.environment import Credentials, Environment, ServiceAccount
from mixtui.model.errors import CredentialError, DraftError
from mixtui.model.prepared import PreparedRequest
from mixtui.model.secrets import REDACTED, FromVariable
from mixtui.request.additions import Addition, Part
from mixtui.request.omissions import ADDITION_NAMES, toggle_omission, unknown_names
from mixtui.request.prepare import prepare
from mixtui.request.preview import check_draft_body, preview

ACCOUNT = ServiceAccount("ci", FromVariable("S"))
PROD = Environment(
    "prod-eu",
    project_id="123",
    workspace_id="89",
    credentials=Credentials("T", ACCOUNT),
)
SEGMENTATION = Draft(url="/query/segmentation")
TRACK = Draft(
    method=Method.POST,
    api=Api.INGESTION,
    url="/track",
    body=Body(text='[{"event": "a", "properties": {}}, {"event": "b"}]'),
)
ENGAGE = replace(TRACK, url="/engage#profile-set", body=Body(text='{"$set": {}}'))
PROFILES = Draft(
    method=Method.POST, url="/query/engage", body=Body(BodyType.FORM, "a=1")
)


def omitting(draft: Draft, *names: str) -> Draft:
    return replace(draft, options=replace(draft.options, leave_out=names))


def query_of(request: PreparedRequest) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(request.url).query)


def text_of(request: PreparedRequest) -> str:
    assert isinstance(request.content, bytes)
    return request.content.decode()


def list_additions(
    draft: Draft, environment: Environment = PROD
) -> list[tuple[str, str, bool]]:
    additions = preview(draft, environment).additions
    return [
        (addition.part.value, addition.name, addition.omitted) for addition in additions
    ]


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        (
            SEGMENTATION,
            ["query project_id", "query workspace_id", "headers Authorization"],
        ),
        (TRACK, ["headers Content-Type", "body properties.token"]),
        (ENGAGE, ["headers Content-Type", "body $token"]),
        (
            PROFILES,
            [
                "query project_id",
                "query workspace_id",
                "headers Authorization",
                "headers Content-Type",
            ],
        ),
    ],
)
def test_a_preview_lists_the_additions(draft: Draft, expected: list[str]) -> None:
    assert [f"{part} {name}" for part, name, _ in list_additions(draft)] == expected


@pytest.mark.parametrize("draft", [SEGMENTATION, TRACK, ENGAGE, PROFILES])
def test_an_omitted_addition_is_still_listed(draft: Draft) -> None:
    names = [name for _, name, _ in list_additions(draft)]
    for name in names:
        omitted = [
            addition_name
            for _, addition_name, is_omitted in list_additions(omitting(draft, name))
            if is_omitted
        ]
        assert omitted == [name]
    assert all(
        is_omitted for _, _, is_omitted in list_additions(omitting(draft, *names))
    )


def test_an_addition_names_its_origin_and_shows_no_secret() -> None:
    additions = preview(SEGMENTATION, PROD).additions
    assert additions[0] == Addition(Part.QUERY, "project_id", "123", "from prod-eu")
    assert additions[2].value == f"Basic {REDACTED}"
    assert additions[2].origin == "from prod-eu: service account ci"


def test_a_typed_value_is_not_added() -> None:
    typed = replace(
        SEGMENTATION,
        query=(Pair("project_id", "5"),),
        headers=(Pair("authorization", "Basic x"),),
    )
    assert list_additions(typed) == []


def test_an_omitted_parameter_is_not_in_the_query() -> None:
    request = prepare(omitting(SEGMENTATION, "workspace_id"), PROD)
    assert query_of(request) == [("project_id", "123")]
    assert (
        request.notices[-1]
        == "workspace_id is not sent: it is disabled for this request."
    )


def test_a_needed_parameter_may_be_omitted_with_a_notice() -> None:
    bare = replace(PROD, project_id="")
    with pytest.raises(DraftError):
        prepare(SEGMENTATION, bare)
    request = prepare(omitting(SEGMENTATION, "project_id"), bare)
    assert query_of(request) == [("workspace_id", "89")]
    assert "a service account requires it" in request.notices[-1]


@pytest.mark.parametrize("draft", [TRACK, ENGAGE])
def test_records_are_sent_without_an_omitted_token(draft: Draft) -> None:
    assert '"T"' in text_of(prepare(draft, PROD))
    bare = omitting(draft, "$token", "properties.token")
    request = prepare(bare, PROD)
    assert "token" not in text_of(request)
    assert "Mixpanel identifies the project by it" in request.notices[-1]
    assert "token" not in check_draft_body(bare, PROD).message
    assert "disabled" in preview(bare, PROD).credential


def test_records_without_a_token_need_no_environment_with_one() -> None:
    without_credentials = Environment("empty")
    with pytest.raises(CredentialError):
        prepare(ENGAGE, without_credentials)
    assert (
        text_of(prepare(omitting(ENGAGE, "$token"), without_credentials))
        == '[{"$set": {}}]'
    )


@pytest.mark.parametrize("environment", [PROD, Environment("empty", project_id="1")])
def test_the_credential_may_be_omitted(environment: Environment) -> None:
    bare = omitting(SEGMENTATION, "authorization", "project_id")
    request = prepare(bare, environment)
    assert request.authorization is None
    assert ("headers", "Authorization", True) in list_additions(bare, environment)


def test_a_body_may_be_sent_without_its_content_type() -> None:
    request = prepare(omitting(TRACK, "Content-Type"), PROD)
    assert request.headers == ()
    assert "guess" in request.notices[-1]


def test_a_form_is_sent_without_an_omitted_project_id() -> None:
    pipeline = Draft(
        method=Method.POST,
        api=Api.PIPELINES,
        url="/nessie/pipeline/create",
        body=Body(BodyType.FORM, "type=s3"),
    )
    additions = [
        each for each in preview(pipeline, PROD).additions if each.part == "body"
    ]
    assert [(each.name, each.value) for each in additions] == [("project_id", "123")]
    assert text_of(prepare(pipeline, PROD)) == "type=s3&project_id=123"
    assert text_of(prepare(omitting(pipeline, "project_id"), PROD)) == "type=s3"


def test_without_authentication_only_the_content_type_is_added() -> None:
    bare = replace(TRACK, options=Options(auth=AuthChoice.NONE))
    assert list_additions(bare) == [("headers", "Content-Type", False)]


def test_an_omission_is_toggled() -> None:
    assert toggle_omission((), "token") == ("token",)
    assert toggle_omission(("a", "content-type"), "Content-Type") == ("a",)
    assert unknown_names((*ADDITION_NAMES, "Token", "x")) == ("Token", "x")
