from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.interchange.credentials import strip_tokens
from mixtui.interchange.environments import (
    assign_credentials,
    matches,
    matching_environments,
    missing_credentials,
    new_environment,
    replaced_credentials,
    strip_added_ids,
    target_label,
)
from mixtui.interchange.model import ExtractedCredential, ImportedRequest
from mixtui.mixpanel.apis import CredentialKind, Region
from mixtui.mixpanel.endpoints import TokenPlace
from mixtui.model.draft import Draft, Pair
from mixtui.model.environment import Credentials, Environment, ServiceAccount
from mixtui.model.secrets import FromCredentialsFile, FromVariable, Secret

PROD = Environment(
    "prod",
    Region.EU,
    project_id="7",
    credentials=Credentials(
        "tok", ServiceAccount("ci", FromVariable("S")), oauth_token=FromVariable("O")
    ),
)
FOUND = ImportedRequest(Draft(url="/query/events"), Region.EU, "7")
ACCOUNT = ExtractedCredential(CredentialKind.SERVICE_ACCOUNT, Secret("geheim"), "ci")
TOKEN = ExtractedCredential(CredentialKind.PROJECT_TOKEN, Secret("tok"))


@pytest.mark.parametrize(
    ("environment", "imported", "fit"),
    [
        (PROD, FOUND, True),
        (PROD, replace(FOUND, project_id=""), True),
        (PROD, replace(FOUND, region=None), True),
        (replace(PROD, project_id=""), FOUND, True),
        (PROD, replace(FOUND, project_id="8"), False),
        (PROD, replace(FOUND, region=Region.US), False),
        (PROD, replace(FOUND, environment="proxied"), False),
        (PROD, replace(FOUND, region=Region.US, environment="prod"), True),
    ],
)
def test_an_environment_fits_by_region_and_project(
    environment: Environment, imported: ImportedRequest, fit: bool
) -> None:
    assert matches(environment, imported) is fit


def test_the_same_project_comes_first() -> None:
    other = replace(PROD, name="empty", project_id="")
    assert matching_environments(FOUND, (other, PROD)) == (PROD, other)


def test_what_an_environment_has_already_is_not_new() -> None:
    in_variable = replace(ACCOUNT, secret=FromVariable("S"))
    other = ExtractedCredential(CredentialKind.OAUTH, FromVariable("P"))
    found = (ACCOUNT, TOKEN, in_variable, other)
    assert missing_credentials(PROD, found) == (ACCOUNT, other)
    assert replaced_credentials(PROD, (ACCOUNT, other)) == (
        "service account",
        "OAuth token",
    )


def test_typed_secrets_go_to_credentials_toml_and_variables_stay() -> None:
    oauth = ExtractedCredential(CredentialKind.OAUTH, FromVariable("P"))
    project = ExtractedCredential(CredentialKind.PROJECT_SECRET, Secret("ps"))
    imported = replace(FOUND, credentials=(ACCOUNT, TOKEN, oauth, project))
    done = assign_credentials(new_environment("new", imported), imported, {})
    assert done.environment == Environment(
        "new",
        Region.EU,
        project_id="7",
        credentials=Credentials(
            "tok",
            ServiceAccount("ci", FromCredentialsFile("new", "service_account")),
            FromCredentialsFile("new", "project_secret"),
            FromVariable("P"),
        ),
    )
    assert done.secrets == {
        "service_account": Secret("geheim"),
        "project_secret": Secret("ps"),
    }
    assert not done.notes


def test_a_user_name_in_a_variable_is_looked_up_or_told() -> None:
    account = replace(ACCOUNT, username="{{env:WHO}}")
    imported = replace(FOUND, credentials=(account,))
    done = assign_credentials(PROD, imported, {"WHO": "me"})
    assert done.environment.credentials.service_account is not None
    assert done.environment.credentials.service_account.username == "me"
    done = assign_credentials(PROD, imported, {})
    assert done.environment == PROD
    assert not done.secrets
    assert len(done.notes) == 1


def test_only_the_ids_that_the_app_adds_are_left_out() -> None:
    rows = (Pair("project_id", "7"), Pair("event", "x"), Pair("workspace_id", "3"))
    draft = Draft(url="/query/events", query=rows)
    assert strip_added_ids(draft, PROD).query == rows[1:]
    assert strip_added_ids(draft, replace(PROD, workspace_id="3")).query == rows[1:2]
    assert strip_added_ids(draft, replace(PROD, project_id="8")).query == rows
    assert strip_added_ids(replace(draft, url="/x y{"), PROD).query == rows
    assert strip_added_ids(draft, Environment("empty")).query == rows


def test_a_place_is_said_in_words() -> None:
    assert target_label(FOUND) == "the Query API in eu, project 7"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)
records = st.lists(
    st.dictionaries(st.sampled_from(["a", "$token", "properties"]), values, max_size=3)
)


@given(records, st.sampled_from([None, 2]), st.booleans())
def test_without_its_token_a_record_is_the_same(
    some: list[dict[str, object]], indent: int | None, several: bool
) -> None:
    for number, record in enumerate(some):
        if "$token" in record:
            record["$token"] = f"t{number if several else ''}"
    done = strip_tokens(json.dumps(some, indent=indent), TokenPlace.RECORD)
    tokens = {r["$token"] for r in some if "$token" in r}
    left = json.loads(done.text)
    if len(tokens) > 1:
        assert (done.ambiguous, left) == (True, some)
    else:
        assert done.token == "".join(map(str, tokens))
        assert left == [
            {k: v for k, v in record.items() if k != "$token"} for record in some
        ]
