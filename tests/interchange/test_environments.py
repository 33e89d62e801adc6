from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

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
from mixtui.interchange.record_tokens import strip_tokens
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
IMPORTED = ImportedRequest(Draft(url="/query/events"), Region.EU, "7")
ACCOUNT = ExtractedCredential(CredentialKind.SERVICE_ACCOUNT, Secret("geheim"), "ci")
TOKEN = ExtractedCredential(CredentialKind.PROJECT_TOKEN, Secret("tok"))


@pytest.mark.parametrize(
    ("environment", "imported", "is_match"),
    [
        (PROD, IMPORTED, True),
        (PROD, replace(IMPORTED, project_id=""), True),
        (PROD, replace(IMPORTED, region=None), True),
        (replace(PROD, project_id=""), IMPORTED, True),
        (PROD, replace(IMPORTED, project_id="8"), False),
        (PROD, replace(IMPORTED, region=Region.US), False),
        (PROD, replace(IMPORTED, environment="proxied"), False),
        (PROD, replace(IMPORTED, region=Region.US, environment="prod"), True),
    ],
)
def test_an_environment_matches_by_region_and_project(
    environment: Environment, imported: ImportedRequest, is_match: bool
) -> None:
    assert matches(environment, imported) is is_match


def test_the_same_project_comes_first() -> None:
    other = replace(PROD, name="empty", project_id="")
    assert matching_environments(IMPORTED, (other, PROD)) == (PROD, other)


def test_credentials_that_an_environment_has_are_not_missing() -> None:
    in_variable = replace(ACCOUNT, secret=FromVariable("S"))
    other = ExtractedCredential(CredentialKind.OAUTH, FromVariable("P"))
    credentials = (ACCOUNT, TOKEN, in_variable, other)
    assert missing_credentials(PROD, credentials) == (ACCOUNT, other)
    assert replaced_credentials(PROD, (ACCOUNT, other)) == (
        "service account",
        "OAuth token",
    )


def test_typed_secrets_go_to_credentials_toml_and_variables_stay() -> None:
    oauth = ExtractedCredential(CredentialKind.OAUTH, FromVariable("P"))
    project = ExtractedCredential(CredentialKind.PROJECT_SECRET, Secret("ps"))
    imported = replace(IMPORTED, credentials=(ACCOUNT, TOKEN, oauth, project))
    assigned = assign_credentials(new_environment("new", imported), imported, {})
    assert assigned.environment == Environment(
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
    assert assigned.secrets == {
        "service_account": Secret("geheim"),
        "project_secret": Secret("ps"),
    }
    assert not assigned.notes


def test_a_user_name_in_a_variable_is_looked_up_or_reported() -> None:
    account = replace(ACCOUNT, username="{{env:WHO}}")
    imported = replace(IMPORTED, credentials=(account,))
    assigned = assign_credentials(PROD, imported, {"WHO": "me"})
    assert assigned.environment.credentials.service_account is not None
    assert assigned.environment.credentials.service_account.username == "me"
    assigned = assign_credentials(PROD, imported, {})
    assert assigned.environment == PROD
    assert not assigned.secrets
    assert len(assigned.notes) == 1


def test_only_the_ids_that_the_app_adds_are_removed() -> None:
    rows = (Pair("project_id", "7"), Pair("event", "x"), Pair("workspace_id", "3"))
    draft = Draft(url="/query/events", query=rows)
    assert strip_added_ids(draft, PROD).query == rows[1:]
    assert strip_added_ids(draft, replace(PROD, workspace_id="3")).query == rows[1:2]
    assert strip_added_ids(draft, replace(PROD, project_id="8")).query == rows
    assert strip_added_ids(replace(draft, url="/x y{"), PROD).query == rows
    assert strip_added_ids(draft, Environment("empty")).query == rows


def test_a_target_has_a_label() -> None:
    assert target_label(IMPORTED) == "the Query API in eu, project 7"


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
    originals: list[dict[str, object]], indent: int | None, has_several: bool
) -> None:
    for number, record in enumerate(originals):
        if "$token" in record:
            record["$token"] = f"t{number if has_several else ''}"
    assigned = strip_tokens(json.dumps(originals, indent=indent), TokenPlace.RECORD)
    tokens = {r["$token"] for r in originals if "$token" in r}
    remaining = json.loads(assigned.text)
    if len(tokens) > 1:
        assert (assigned.ambiguous, remaining) == (True, originals)
    else:
        assert assigned.token == "".join(map(str, tokens))
        assert remaining == [
            {k: v for k, v in record.items() if k != "$token"} for record in originals
        ]
