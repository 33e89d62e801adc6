from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mixtui.mixpanel.apis import Api, Region
from mixtui.model.environment import Credentials, Environment, ServiceAccount, Tls
from mixtui.model.secrets import (
    FromCommand,
    FromCredentialsFile,
    FromFile,
    FromKeyring,
    FromVariable,
    Secret,
    SecretSource,
)
from mixtui.ui.environments.draft import (
    EnvironmentDraft,
    SecretDraft,
    SecretKind,
    draft_of,
    finish,
    problems,
)

FULL = Environment(
    "prod-eu",
    Region.EU,
    "1234567",
    "89",
    "5",
    read_only=True,
    confirm_writes=True,
    history=False,
    credentials=Credentials(
        "abc",
        ServiceAccount("ci", FromCredentialsFile("prod-eu", "service_account")),
        FromCommand("pass show x"),
        FromKeyring("mixtui/oauth"),
    ),
    variables={"plan": "pro", "event": '["Sign up"]', "text": "two\nlines"},
    hosts={Api.INGESTION: "https://events.example.com"},
    tls=Tls("ca.pem", "me.pem", "me.key"),
)
GOOD = EnvironmentDraft(
    "prod", username="ci", service_account=SecretDraft(SecretKind.VARIABLE, "MP_SECRET")
)


def nothing_doubtful(source: SecretSource) -> str:
    return ""


def test_what_is_not_changed_comes_back_as_it_was() -> None:
    draft = draft_of(FULL, nothing_doubtful)
    assert problems(draft, ()) == {}
    assert finish(draft) == (FULL, {})
    assert dict(draft.unshown_variables) == {"text": "two\nlines"}


names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)


@given(st.dictionaries(names, st.text(max_size=12), max_size=4))
def test_any_variable_survives_the_form(variables: dict[str, str]) -> None:
    draft = draft_of(Environment("x", variables=variables), nothing_doubtful)
    assert finish(draft)[0].variables == variables


@pytest.mark.parametrize(
    "source",
    [
        FromVariable("A"),
        FromCommand("a b"),
        FromKeyring("a/b"),
        FromFile("~/a"),
        FromCredentialsFile("prod-eu", "oauth_token"),
    ],
    ids=lambda source: type(source).__name__,
)
def test_every_source_can_be_edited(source: SecretSource) -> None:
    environment = Environment("prod-eu", credentials=Credentials(oauth_token=source))
    assert finish(draft_of(environment, nothing_doubtful))[0] == environment


def test_a_typed_secret_replaces_the_kept_one() -> None:
    draft = draft_of(FULL, nothing_doubtful)
    typed = replace(draft.service_account, typed=Secret("new"))
    environment, secrets = finish(replace(draft, name="live", service_account=typed))
    account = environment.credentials.service_account
    assert account is not None
    assert account.secret == FromCredentialsFile("live", "service_account")
    assert secrets == {"service_account": Secret("new")}


def test_a_secret_that_is_not_there_must_be_typed() -> None:
    draft = draft_of(FULL, lambda source: "not stored yet")
    assert problems(draft, ()) == {
        "service_account": "Enter the secret, or choose another source."
    }


def test_no_repr_shows_what_was_typed() -> None:
    draft = replace(
        GOOD, service_account=SecretDraft(SecretKind.TYPED, typed=Secret("hush"))
    )
    assert "hush" not in repr(draft) + repr(finish(draft))


def variable(place: str) -> SecretDraft:
    return SecretDraft(SecretKind.VARIABLE, place)


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"name": "  "}, "name", "Enter a name"),
        ({"name": "taken"}, "name", "already"),
        ({"name": "a\x07b"}, "name", "control"),
        ({"project_id": "12x"}, "project_id", "number"),
        ({"workspace_id": "٣"}, "workspace_id", "number"),
        ({"organization_id": "-1"}, "organization_id", "number"),
        ({"username": ""}, "username", "username"),
        ({"username": "a:b"}, "username", "colon"),
        ({"service_account": SecretDraft()}, "service_account", "Choose a source"),
        (
            {"service_account": SecretDraft(SecretKind.TYPED)},
            "service_account",
            "Enter the secret",
        ),
        ({"project_token": "a b"}, "project_token", "spaces"),
        ({"project_secret": variable("$X")}, "project_secret", "variable name"),
        ({"project_secret": variable("")}, "project_secret", "variable name"),
        (
            {"oauth_token": variable("f6e0f2f3c1d4a1b9c8d7e6f5a4b3c2d")},
            "oauth_token",
            "the secret itself",
        ),
        (
            {
                "oauth_token": SecretDraft(
                    SecretKind.FILE, "3f6e0f2f3c1d4a1b9c8d7e6f5a4b"
                )
            },
            "oauth_token",
            "the secret itself",
        ),
        ({"oauth_token": SecretDraft(SecretKind.KEYRING, "a")}, "oauth_token", "/user"),
        ({"oauth_token": SecretDraft(SecretKind.COMMAND)}, "oauth_token", "command"),
        ({"oauth_token": SecretDraft(SecretKind.FILE, "\t")}, "oauth_token", "file"),
        ({"variables": "a = 1\nb"}, "variables", "Line 2"),
        ({"variables": "1a = 1"}, "variables", "not a valid variable name"),
        ({"variables": "a = 1\na = 2"}, "variables", "twice"),
        ({"hosts": "query"}, "hosts", "Line 1"),
        ({"hosts": "queri = https://a"}, "hosts", "is not an API"),
        ({"hosts": "query = ftp://a"}, "hosts", "is not a URL"),
        ({"hosts": "query = https://u@a"}, "hosts", "only contain scheme"),
        ({"client_key": "k.pem"}, "client_key", "certificate"),
    ],
)
def test_what_is_wrong_is_one_sentence_beside_its_field(
    change: dict[str, object], field: str, sentence: str
) -> None:
    result = problems(replace(GOOD, **change), {"taken"})
    assert list(result) == [field]
    assert sentence in result[field]
    assert result[field].endswith((".", "?"))


class CountedName(str):
    """A name that counts how often it is compared."""

    compared = 0
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        CountedName.compared += 1
        return str.__eq__(self, other)


def test_a_name_is_not_compared_with_all_others() -> None:
    count = 1_000
    names = {CountedName(f"v{number}"): "x\ny" for number in range(count)}
    CountedName.compared = 0
    assert problems(replace(GOOD, unshown_variables=names), ()) == {}
    assert CountedName.compared < 2 * count


def test_nothing_but_a_name_is_needed() -> None:
    assert problems(EnvironmentDraft("x"), ()) == {}
    assert finish(EnvironmentDraft("x"))[0].credentials == Credentials()
