from __future__ import annotations

import pytest

from mixtui.mixpanel.apis import Api, Region
from mixtui.model.environment import (
    Credentials,
    Environment,
    Environments,
    ServiceAccount,
    Tls,
)
from mixtui.model.errors import SettingsError
from mixtui.model.secrets import (
    FromCommand,
    FromCredentialsFile,
    FromFile,
    FromKeyring,
    FromVariable,
    Secret,
    SecretReader,
)
from mixtui.model.trust import FULL_TRUST, PowerKind, Trust
from mixtui.storage.credentials import StoredCredentials
from mixtui.storage.environments import load_environments

SECRET = "sup3r-s3cret"

PROD = """\
default = "prod-eu"

[environments.first]

[environments.prod-eu]
region = "eu"
project_id = "1234567"
workspace_id = 89
organization_id = "5"
read_only = true
confirm_writes = true
history = false
[environments.prod-eu.credentials]
project_token = "abc"
service_account = { username = "ci.mp-service-account", secret = { env = "MP_SECRET" } }
project_secret = { command = "pass show mixpanel/prod" }
oauth_token = { keyring = "mixtui/prod-eu/oauth" }
[environments.prod-eu.variables]
plan = "pro"
limit = 10
[environments.prod-eu.hosts]
ingestion = "https://events.example.com/"
[environments.prod-eu.tls]
ca_file = "ca.pem"
client_certificate = "/etc/client.pem"
client_key = "~/client.key"
"""


class Folders:
    """A config folder and a collection that a test fills."""

    def __init__(self, root):
        self.config = root / "config"
        self.collection = root / "collection"
        self.credentials = StoredCredentials(self.config / "credentials.toml")
        for folder in (self.config, self.collection):
            folder.mkdir()

    def write_own(self, text):
        (self.config / "environments.toml").write_text(text)

    def write_shared(self, text):
        (self.collection / "mixtui.toml").write_text(text)

    def load(self, trust=FULL_TRUST, **variables) -> Environments:
        return load_environments(
            self.config, self.collection, self.credentials, variables, trust
        )

    def first(self) -> Environment:
        return self.load().all[0]


@pytest.fixture
def folders(tmp_path):
    return Folders(tmp_path)


def test_the_file_of_secrets_is_read_once_for_all_environments(folders, monkeypatch):
    names = [f"e{number}" for number in range(50)]
    folders.write_own("".join(f"[environments.{name}]\n" for name in names))
    for name in names[::2]:
        folders.credentials.set(name, "oauth_token", Secret("planted"))
    read, reads = folders.credentials._source, []
    monkeypatch.setattr(
        folders.credentials, "_source", lambda: reads.append(1) or read()
    )
    stored = {e.name for e in folders.load().all if e.credentials.oauth_token}
    assert (stored, len(reads)) == ({*names[::2]}, 1)


def test_every_key_of_an_environment_is_read(folders):
    folders.write_own(PROD)
    environments = folders.load()
    assert environments.default == "prod-eu"
    assert environments.names == ("first", "prod-eu")
    assert environments.warnings == ()
    assert environments.get("prod-eu") == Environment(
        name="prod-eu",
        region=Region.EU,
        project_id="1234567",
        workspace_id="89",
        organization_id="5",
        read_only=True,
        confirm_writes=True,
        history=False,
        credentials=Credentials(
            project_token="abc",
            service_account=ServiceAccount(
                "ci.mp-service-account", FromVariable("MP_SECRET")
            ),
            project_secret=FromCommand("pass show mixpanel/prod"),
            oauth_token=FromKeyring("mixtui/prod-eu/oauth"),
        ),
        variables={"plan": "pro", "limit": "10"},
        hosts={Api.INGESTION: "https://events.example.com"},
        tls=Tls(str(folders.config / "ca.pem"), "/etc/client.pem", "~/client.key"),
        origin=str(folders.config / "environments.toml"),
    )
    assert environments.get("first") == Environment(
        name="first", origin=str(folders.config / "environments.toml")
    )


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/run/s", "/run/s"), ("~/s", "~/s"), ("s", "{config}/s")],
)
def test_a_relative_secret_file_is_beside_the_file_that_names_it(
    path, expected, folders
):
    folders.write_own(
        f"[environments.x.credentials]\noauth_token = {{ file = '{path}' }}"
    )
    source = folders.first().credentials.oauth_token
    assert source == FromFile(expected.format(config=folders.config))


def test_without_files_there_are_no_environments(folders):
    assert folders.load() == Environments()
    assert load_environments(folders.config, None, folders.credentials, {}).all == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("[environments]\nx = 1", "environments.x is a number", id="one"),
        pytest.param(
            '[environments]\n"" = {}', "is not a valid name: it is empty", id="no name"
        ),
        pytest.param(
            '[environments]\n"a\\nb" = {}', "control characters", id="odd name"
        ),
        pytest.param(
            "[environments.x]\nregion = 'uk'",
            "line 3: environments.x.region is “uk”, but must be one of us, eu, in",
            id="region",
        ),
        pytest.param(
            "[environments.x]\nproject_id = 1.5", "project_id is a num", id="id"
        ),
        pytest.param(
            "[environments.x]\nread_only = 'yes'", "read_only is a text, but", id="flag"
        ),
        pytest.param(
            "[environments.x.variables]\na = []", "variables.a is a list", id="variable"
        ),
        pytest.param(
            "[environments.x.hosts]\nevents = 'https://x'",
            "hosts.events is not an API; use one of ingestion, query,",
            id="host of no API",
        ),
        pytest.param(
            "[environments.x.credentials]\nservice_account = { secret = { env = 'X' } }",
            "service_account.username is missing",
            id="no user name",
        ),
        pytest.param(
            "[environments.x.credentials]\nproject_token = { env = 'X' }",
            "project_token is a table, but must be a quoted string",
            id="token",
        ),
        pytest.param(
            "[environments.x.tls]\nca_file = 1", "ca_file is a number", id="tls"
        ),
    ],
)
def test_a_broken_environment_costs_itself_only(text, message, folders):
    folders.write_own(f"[environments.good]\n{text}")
    environments = folders.load()
    assert environments.names == ("good",)
    (broken,) = environments.broken
    assert message in broken.problem
    assert broken.problem.startswith(str(folders.config / "environments.toml"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("default = ", "line 1: it is not valid TOML", id="syntax"),
        pytest.param(
            "environments = 1", "environments is a number, but must", id="all"
        ),
    ],
)
def test_an_invalid_file_is_reported(text, message, folders):
    folders.write_own(text)
    with pytest.raises(SettingsError) as caught:
        folders.load()
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(folders.config / "environments.toml"))


@pytest.mark.parametrize(
    "text",
    [
        "default = 5\n[environments.a]",
        "default = 'x'\n[environments.a]\n[environments.x]\nregion = 'uk'",
        "[environments.x]\nregion = 'uk'\n[environments.a]",
    ],
    ids=["of another type", "a broken one", "the first, which is broken"],
)
def test_no_other_environment_is_chosen_for_a_broken_default(text, folders):
    folders.write_own(text)
    environments = folders.load(MP_PROJECT_ID="7")
    assert environments.get("a") is not None
    assert environments.get(environments.default) is None
    assert environments.problem("")
    assert environments.problem("a") == ""


def test_a_broken_environment_gives_its_name_to_no_other(folders):
    folders.write_own("[environments.x]\nregion = 'uk'")
    folders.write_shared("[environments.x]\n[environments.y]\nread_only = 1")
    environments = folders.load()
    assert environments.names == ()
    assert [each.name for each in environments.broken] == ["x", "y"]


@pytest.mark.parametrize(
    "url",
    [
        "events.example.com",
        "ftp://x",
        "https://",
        "https://a b",
        "https://user@x",
        "https://x?y",
        "https://x#y",
        "https://x:99999",
        "https://x\\\\y",
    ],
)
def test_a_host_must_be_a_base_url(url, folders):
    folders.write_own(f'[environments.x.hosts]\nquery = "{url}"')
    assert "hosts.query must be a base URL" in folders.load().problem("x")


LITERAL_SECRETS = [
    ("credentials.project_secret = '{}'", "credentials.project_secret"),
    ("credentials.oauth_token = '{}'", "credentials.oauth_token"),
    (
        "credentials.service_account = {{ username = 'u', secret = '{}' }}",
        "credentials.service_account.secret",
    ),
    ("project_secret = '{}'", "project_secret"),
    ("secret = '{}'", "secret"),
    ("credentials.password = '{}'", "credentials.password"),
    ("credentials.service_account = '{}'", "credentials.service_account"),
]


@pytest.mark.parametrize("method", ["write_own", "write_shared"])
@pytest.mark.parametrize(
    ("line", "key"), LITERAL_SECRETS, ids=[key for _, key in LITERAL_SECRETS]
)
def test_a_literal_secret_is_refused_and_not_repeated(line, key, method, folders):
    getattr(folders, method)(f"[environments.x]\n{line.format(SECRET)}\n")
    problem = folders.load().problem("x")
    assert f"environments.x.{key} " in problem
    assert SECRET not in problem
    if not key.endswith("service_account"):
        assert "contains the secret itself: use {" in problem


@pytest.mark.parametrize(
    "value", ["{}", "{ vault = 'x' }", "{ env = 'A', file = 'B' }"]
)
def test_a_secret_must_name_its_source(value, folders):
    folders.write_own(f"[environments.x.credentials]\nproject_secret = {value}")
    assert "does not specify where the secret is" in folders.load().problem("x")


@pytest.mark.parametrize("value", ["{ env = '' }", "{ env = 5 }"])
def test_the_source_of_a_secret_must_be_a_string(value, folders):
    folders.write_own(f"[environments.x.credentials]\nproject_secret = {value}")
    assert "specifies env without a value: add" in folders.load().problem("x")


CREDENTIALS = "[environments.x.credentials]\n"


@pytest.mark.parametrize(
    ("text", "powers"),
    [
        ("[environments.x]\nproject_id = '1'", []),
        (CREDENTIALS + "project_token = 't'", []),
        (
            CREDENTIALS + "oauth_token = { env = 'T' }",
            ["reads the environment variable T"],
        ),
        (
            CREDENTIALS + "oauth_token = { command = 'touch x' }",
            ["uses the command “touch x”"],
        ),
        (CREDENTIALS + "oauth_token = { file = '/f' }", ["uses the file /f"]),
        (
            CREDENTIALS + "oauth_token = { keyring = 'a/b' }",
            ["uses the keyring entry a/b"],
        ),
        (
            "[environments.x.tls]\nca_file = '/ca.pem'",
            ["uses the certificate file /ca.pem"],
        ),
        *(
            (
                f"[environments.x.hosts]\nquery = '{url}'",
                [f"sends requests to {url}"],
            )
            for url in (
                "https://evil.example/x",
                "https://mixpanel.com.evil.example",
                "https://notmixpanel.com",
                "http://127.0.0.1:8080",
                "http://mixpanel.com",
            )
        ),
        ("[environments.x.hosts]\nquery = 'https://eu.mixpanel.com/api'", []),
    ],
)
def test_an_environment_of_a_stranger_names_the_powers_it_needs(text, powers, folders):
    folders.write_shared(text)
    environment = folders.load(trust=Trust(folders.collection)).all[0]
    assert [str(power) for power in environment.ungranted] == powers
    granted = Trust(folders.collection, frozenset(environment.ungranted))
    assert folders.load(trust=granted).all[0].ungranted == ()
    assert folders.first().ungranted == ()


def test_a_stored_secret_is_a_power_of_the_collection_that_uses_it(folders):
    folders.credentials.set("x", "oauth_token", Secret(SECRET))
    folders.write_shared("[environments.x]\nproject_id = '1'")
    environments = folders.load(trust=Trust(folders.collection))
    assert environments.all[0].ungranted[0].kind is PowerKind.SECRET
    assert SECRET not in repr(environments)


@pytest.mark.parametrize(
    ("own", "shared", "variables", "default", "asks"),
    [
        ("", "default = 'x'\n[environments.x]", {}, "", "x"),
        ("", "[environments.x]\n[environments.y]", {}, "", "x"),
        ("[environments.mine]", "default = 'x'\n[environments.x]", {}, "mine", "x"),
        ("[environments.mine]", "[environments.x]", {}, "mine", None),
        (
            "default = 'mine'\n[environments.mine]",
            "default = 'x'\n[environments.x]",
            {},
            "mine",
            None,
        ),
        ("", "[environments.x]", {"MIXPANEL_TOKEN": "t"}, "default", "x"),
        ("[environments.mine]", "default = 'mine'", {}, "mine", "mine"),
        ("", "", {}, "", None),
    ],
)
def test_a_collection_of_a_stranger_does_not_choose_the_environment(
    own, shared, variables, default, asks, folders
):
    folders.write_own(own)
    folders.write_shared(shared)
    stranger = Trust(folders.collection)
    environments = folders.load(trust=stranger, **variables)
    assert environments.default == default
    assert [power.target for power in environments.ungranted] == (
        [] if asks is None else [asks]
    )
    trusted = stranger.with_granted(environments.ungranted)
    assert folders.load(trust=trusted, **variables).default == (asks or default)


def test_stored_secrets_need_no_declaration(folders):
    for kind in ("service_account", "project_secret", "oauth_token"):
        folders.credentials.set("x", kind, Secret(SECRET))
    folders.write_own(
        "[environments.x.credentials]\n"
        "service_account = { username = 'u' }\n"
        "project_secret = { env = 'MINE' }\n"
    )
    assert folders.first().credentials == Credentials(
        service_account=ServiceAccount(
            "u", FromCredentialsFile("x", "service_account")
        ),
        project_secret=FromVariable("MINE"),
        oauth_token=FromCredentialsFile("x", "oauth_token"),
    )
    assert SECRET not in repr(folders.load())


def test_a_service_account_without_a_source_uses_the_stored_secret(folders):
    folders.write_own("[environments.x.credentials.service_account]\nusername = 'u'")
    account = folders.first().credentials.service_account
    assert account == ServiceAccount("u", FromCredentialsFile("x", "service_account"))


@pytest.mark.parametrize(
    ("text", "mode", "message"),
    [
        ("", 0o644, "chmod 600"),
        ("= broken", 0o600, "line 1: it is not valid TOML"),
        ("x.oauth_token = 5", 0o600, "x.oauth_token is not a quoted string"),
    ],
)
def test_unreadable_credentials_are_refused_and_cost_only_who_uses_them(
    text, mode, message, folders
):
    folders.credentials.path.write_text(text)
    folders.credentials.path.chmod(mode)
    folders.write_own(
        "[environments.x.credentials.service_account]\nusername = 'u'\n"
        "[environments.y.credentials]\nproject_secret = { env = 'S' }"
    )
    environments = folders.load()
    assert environments.names == ("x", "y")
    (warning,) = environments.warnings
    assert message in warning
    stored = FromCredentialsFile("x", "oauth_token")
    with pytest.raises(SettingsError, match=message.replace(".", r"\.")):
        SecretReader(folders.credentials.get, {}).read(stored)


def test_unknown_keys_give_warnings(folders):
    folders.write_own(
        "colour = 1\n[environments.x]\nregoin = 'eu'\n[environments.x.credentials]\n"
        "token = 'x'\n[environments.x.tls]\nverify = false\n"
    )
    warnings = folders.load().warnings
    names = [warning.split()[4].rstrip(",") for warning in warnings]
    assert sorted(names) == [
        "colour",
        "environments.x.credentials.token",
        "environments.x.regoin",
        "environments.x.tls.verify",
    ]


def test_own_environments_override_those_of_the_collection(folders):
    folders.write_own("[environments.a]\nproject_id = 'mine'\n[environments.b]\n")
    folders.write_shared(
        "default = 'c'\n"
        "[environments.a]\nproject_id = 'theirs'\nregion = 'eu'\n[environments.c]"
    )
    environments = folders.load()
    assert environments.names == ("a", "b", "c")
    assert environments.all[0].project_id == "mine"
    assert environments.all[0].region is Region.US
    assert environments.default == "c"
    assert "The environment a of the collection is ignored" in environments.warnings[0]
    folders.write_own("default = 'b'\n[environments.b]\n")
    assert folders.load().default == "b"


@pytest.mark.parametrize(
    ("text", "default", "message"),
    [
        ("[environments.a]\n[environments.b]", "a", None),
        (
            "default = 'x'\n[environments.a]",
            "a",
            "default environment x was not found: using a",
        ),
        ("default = 'x'", "", "default environment x was not found: no other"),
    ],
)
def test_the_default_environment_is_chosen(text, default, message, folders):
    folders.write_own(text)
    environments = folders.load()
    assert environments.default == default
    assert [message in warning for warning in environments.warnings] == [True] * bool(
        message
    )


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        pytest.param(
            {
                "MP_USERNAME": "u",
                "MP_SECRET": SECRET,
                "MP_PROJECT_ID": "7",
                "MP_WORKSPACE_ID": "8",
                "MP_REGION": "EU",
                "MIXPANEL_TOKEN": "t",
            },
            Environment(
                name="default",
                region=Region.EU,
                project_id="7",
                workspace_id="8",
                credentials=Credentials(
                    "t", ServiceAccount("u", FromVariable("MP_SECRET"))
                ),
                origin="MP_* variables",
            ),
            id="all",
        ),
        pytest.param(
            {"MIXPANEL_TOKEN": "t", "MP_REGION": ""},
            Environment(
                name="default", credentials=Credentials("t"), origin="MP_* variables"
            ),
            id="token alone",
        ),
    ],
)
def test_variables_declare_an_environment_if_no_file_does(variables, expected, folders):
    environments = folders.load(**variables)
    assert environments == Environments((expected,), "default", ())
    assert SECRET not in repr(environments)
    folders.write_shared("[environments.x]")
    assert folders.load(**variables).names == ("x",)


def test_an_invalid_region_in_a_variable_is_reported(folders):
    with pytest.raises(SettingsError, match="MP_REGION must be one of us, eu, in"):
        folders.load(MP_REGION="uk")


def test_an_incomplete_service_account_in_variables_gives_a_warning(folders):
    environments = folders.load(MP_SECRET=SECRET)
    assert environments.all[0].credentials.service_account is None
    assert "MP_USERNAME is not" in environments.warnings[0]


def test_a_file_that_cannot_be_read_is_reported(folders):
    (folders.config / "environments.toml").mkdir()
    with pytest.raises(SettingsError, match="is not a file"):
        folders.load()


def test_invalid_utf_8_is_reported(folders):
    (folders.config / "environments.toml").write_bytes(b"\n\xff")
    with pytest.raises(SettingsError, match="line 2: it contains bytes"):
        folders.load()
