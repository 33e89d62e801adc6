"""Which credential is chosen, why, and which header is sent."""

from __future__ import annotations

import base64

import pytest
from msgspec.structs import replace

from mixtui.mixpanel.apis import CredentialKind, Service
from mixtui.mixpanel.endpoints import find_endpoint
from mixtui.model.draft import AuthChoice
from mixtui.model.environment import (
    FROM_VARIABLES,
    NO_ENVIRONMENT,
    Credentials,
    Environment,
    ServiceAccount,
)
from mixtui.model.errors import CredentialError
from mixtui.model.prepared import (
    OAuthBearer,
    ProjectSecretBasic,
    ServiceAccountBasic,
    TokenBasic,
)
from mixtui.model.secrets import FromVariable, SecretReader
from mixtui.request.authentication import (
    authorization_header,
    choose_credential,
    has_credential,
)

ACCOUNT = ServiceAccount("ci.1.mp-service-account", FromVariable("MP_SECRET"))
SECRET, OAUTH = FromVariable("PS"), FromVariable("OB")
ALL = Credentials("tok", ACCOUNT, SECRET, OAUTH)
PROD = Environment("prod", credentials=ALL)

IMPORT = find_endpoint(Service.INGESTION, "POST", "/import")
TRACK = find_endpoint(Service.INGESTION, "POST", "/track")
ENGAGE = find_endpoint(Service.INGESTION, "POST", "/engage")
FLAGS = find_endpoint(Service.INGESTION, "GET", "/flags")
QUERY = find_endpoint(Service.WEB, "GET", "/api/query/events")
APP = find_endpoint(Service.WEB, "GET", "/api/app/me")
GDPR = find_endpoint(Service.WEB, "POST", "/api/app/data-deletions/v3.0")

SA = ServiceAccountBasic(ACCOUNT.username, ACCOUNT.secret)
PS, TB, OB = ProjectSecretBasic(SECRET), TokenBasic("tok"), OAuthBearer(OAUTH)


def environment_with(**credentials: object) -> Environment:
    return replace(PROD, credentials=replace(Credentials(), **credentials))


AUTO = [
    ("import takes the service account first", IMPORT, PROD, SA),
    ("import takes the token", IMPORT, environment_with(project_token="tok"), TB),
    (
        "import takes the project secret",
        IMPORT,
        environment_with(project_secret=SECRET),
        PS,
    ),
    ("import takes OAuth", IMPORT, environment_with(oauth_token=OAUTH), OB),
    ("track needs no header", TRACK, PROD, None),
    ("engage needs no header", ENGAGE, PROD, None),
    ("query takes the service account first", QUERY, PROD, SA),
    (
        "query takes the project secret",
        QUERY,
        environment_with(project_secret=SECRET),
        PS,
    ),
    (
        "flags take the token as the user",
        FLAGS,
        environment_with(project_token="tok"),
        TB,
    ),
    ("the App API takes the service account", APP, PROD, SA),
    ("GDPR takes OAuth alone", GDPR, PROD, OB),
]


@pytest.mark.parametrize(
    ("endpoint", "environment", "expected"),
    [row[1:] for row in AUTO],
    ids=[row[0] for row in AUTO],
)
def test_auto_chooses_the_best_available_credential(
    endpoint: object, environment: Environment, expected: object
) -> None:
    plan = choose_credential(
        endpoint, environment, AuthChoice.AUTO, has_typed_header=False
    )
    assert plan.authorization == expected
    assert "auto: " in plan.description


def test_the_description_names_the_credential_and_the_reason() -> None:
    best = choose_credential(QUERY, PROD, AuthChoice.AUTO, has_typed_header=False)
    assert best.description == (
        "service account ci.1.mp-service-account (auto: recommended for Query)"
    )
    second = choose_credential(
        QUERY,
        environment_with(project_secret=SECRET),
        AuthChoice.AUTO,
        has_typed_header=False,
    )
    assert second.description == (
        "project secret (auto: Query accepts it, and prod has no service account)"
    )
    assert second.notices == (
        "Mixpanel ends support for project secrets on 3 March 2027: use a service account instead.",
    )
    token = choose_credential(TRACK, PROD, AuthChoice.AUTO, has_typed_header=False)
    assert token.description.startswith(
        "project token as properties.token in each record"
    )
    assert (
        "$token"
        in choose_credential(
            ENGAGE, PROD, AuthChoice.AUTO, has_typed_header=False
        ).description
    )


FORCED = [
    (AuthChoice.SERVICE_ACCOUNT, IMPORT, SA),
    (AuthChoice.PROJECT_TOKEN, IMPORT, TB),
    (AuthChoice.PROJECT_SECRET, IMPORT, PS),
    (AuthChoice.OAUTH, IMPORT, OB),
    (AuthChoice.PROJECT_TOKEN, TRACK, None),
    (AuthChoice.SERVICE_ACCOUNT, TRACK, SA),
    (AuthChoice.NONE, QUERY, None),
]


@pytest.mark.parametrize(("choice", "endpoint", "expected"), FORCED)
def test_each_credential_can_be_forced(
    choice: AuthChoice, endpoint: object, expected: object
) -> None:
    plan = choose_credential(endpoint, PROD, choice, has_typed_header=False)
    assert plan.authorization == expected
    assert plan.description.endswith("(selected for this request)")


def test_a_forced_credential_of_another_kind_is_sent_with_a_notice() -> None:
    plan = choose_credential(APP, PROD, AuthChoice.OAUTH, has_typed_header=False)
    assert plan.authorization == OB
    assert plan.notices == (
        "App does not document an OAuth token, but service account.",
    )


def test_none_adds_no_ids() -> None:
    assert not choose_credential(
        IMPORT, PROD, AuthChoice.NONE, has_typed_header=False
    ).adds_ids


@pytest.mark.parametrize("choice", list(AuthChoice))
def test_a_typed_header_overrides_every_credential_with_a_notice(
    choice: AuthChoice,
) -> None:
    plan = choose_credential(QUERY, NO_ENVIRONMENT, choice, has_typed_header=True)
    assert (plan.kind, plan.authorization) == (None, None)
    assert "Your Authorization" in plan.notices[0]


def test_a_token_that_was_typed_in_the_body_is_enough() -> None:
    without_credentials = environment_with()
    for choice in (AuthChoice.AUTO, AuthChoice.PROJECT_TOKEN):
        plan = choose_credential(
            TRACK,
            without_credentials,
            choice,
            has_typed_header=False,
            token_in_payload=True,
        )
        assert plan.authorization is None
    with pytest.raises(CredentialError):
        choose_credential(
            QUERY,
            without_credentials,
            AuthChoice.AUTO,
            has_typed_header=False,
            token_in_payload=True,
        )


IN_FILE = Environment("eu", origin="/home/me/environments.toml")
IN_VARIABLES = Environment("default", origin=FROM_VARIABLES)
MISSING = [
    (
        QUERY,
        IN_FILE,
        AuthChoice.AUTO,
        "Query requires a service account, and the environment eu has none: press "
        'f9 to add one, or write service_account = { username = "…", secret = { env = '
        '"MP_SECRET" } } under [environments.eu.credentials] in '
        "/home/me/environments.toml.",
    ),
    (
        TRACK,
        IN_FILE,
        AuthChoice.AUTO,
        "Track events requires a project token, and the environment eu has none: "
        'press f9 to add one, or write project_token = "…" under '
        "[environments.eu.credentials] in /home/me/environments.toml.",
    ),
    (
        GDPR,
        Environment("eu"),
        AuthChoice.AUTO,
        "GDPR requires an OAuth token, and the environment eu has none: press "
        'f9 to add one, or write oauth_token = { env = "…" } under [environments.eu.credentials] in '
        "environments.toml.",
    ),
    (
        QUERY,
        IN_VARIABLES,
        AuthChoice.AUTO,
        "Query requires a service account, and the environment default has none: set MP_USERNAME and MP_SECRET.",
    ),
    (
        QUERY,
        IN_VARIABLES,
        AuthChoice.PROJECT_SECRET,
        "Query requires a project secret, and the environment default has none: press f9 to add an environment with one.",
    ),
    (
        TRACK,
        NO_ENVIRONMENT,
        AuthChoice.AUTO,
        "Track events requires a project token, and you have no environment yet: press f9 to add one, or set MIXPANEL_TOKEN.",
    ),
]


@pytest.mark.parametrize(("endpoint", "environment", "choice", "sentence"), MISSING)
def test_a_missing_credential_is_reported_with_what_to_add_and_where(
    endpoint: object, environment: Environment, choice: AuthChoice, sentence: str
) -> None:
    with pytest.raises(CredentialError) as caught:
        choose_credential(endpoint, environment, choice, has_typed_header=False)
    assert str(caught.value) == sentence


def decode_basic(header: str) -> str:
    return base64.b64decode(header.removeprefix("Basic ")).decode()


READER = SecretReader(variables={"MP_SECRET": "s3cret", "PS": "pröject", "OB": "o.au"})


def test_each_credential_has_its_header() -> None:
    def sent(authorization: object) -> str:
        return authorization_header(authorization, READER).reveal()

    assert decode_basic(sent(SA)) == "ci.1.mp-service-account:s3cret"
    assert decode_basic(sent(PS)) == "pröject:"
    assert decode_basic(sent(TB)) == "tok:"
    assert sent(OB) == "Bearer o.au"


def test_the_repr_of_a_header_shows_no_credential() -> None:
    header = authorization_header(SA, READER)
    assert "Basic" not in f"{header} {header!r}"


@pytest.mark.parametrize("token", ["two words", "tökén", "\udce9"])
def test_an_oauth_token_that_no_header_can_carry_is_refused_unseen(token: str) -> None:
    reader = SecretReader(variables={"OB": token})
    with pytest.raises(
        CredentialError, match="the environment variable OB contains"
    ) as caught:
        authorization_header(OB, reader)
    assert token not in str(caught.value)


def test_a_variable_that_is_not_utf_8_is_sent_as_its_bytes() -> None:
    reader = SecretReader(variables={"PS": "\udce9"})
    header = authorization_header(PS, reader).reveal()
    assert base64.b64decode(header.removeprefix("Basic ")) == b"\xe9:"


def test_has_credential_recognises_each_kind() -> None:
    assert all(has_credential(ALL, kind) for kind in CredentialKind)
    assert not any(has_credential(Credentials(), kind) for kind in CredentialKind)
