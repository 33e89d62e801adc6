from __future__ import annotations

import os

import pytest
from msgspec.structs import replace

from mixtui.mixpanel.apis import Api, Region
from mixtui.model.environment import Credentials, Environment, ServiceAccount, Tls
from mixtui.model.errors import SettingsError, StorageError
from mixtui.model.secrets import (
    FromCommand,
    FromCredentialsFile,
    FromFile,
    FromKeyring,
    FromVariable,
)
from mixtui.storage.environment_store import (
    delete_environment,
    save_environment,
    set_default,
)
from mixtui.storage.environments import EnvironmentFile
from mixtui.storage.toml_file import TomlFile

SOURCE = """\
# mine
default = "prod"

# the real one
[environments.prod] # careful
region = "eu"
owner = "ann"
project_id = 7
[environments.prod.credentials]
service_account = { username = "u", secret = { env = "A" } } # from CI
# rotated every month
project_secret = { env = "B" }
[environments.prod.variables]
plan = "pro" # or free

# for play
[environments.test]
credentials.project_token = "t"
"""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "environments.toml"
    path.write_text(SOURCE)
    return path


def read_environment(path, name):
    return EnvironmentFile(TomlFile(path)).get(name)


def full_environment(path) -> Environment:
    return Environment(
        name="new one",
        region=Region.IN,
        project_id="1",
        workspace_id="2",
        organization_id="3",
        read_only=True,
        confirm_writes=True,
        history=False,
        credentials=Credentials(
            project_token="token",
            service_account=ServiceAccount("me", FromKeyring("a/b")),
            project_secret=FromCommand("pass 'x' | head -1"),
            oauth_token=FromFile("secrets/oauth"),
        ),
        variables={"plan": "pro", "a b": 'multi\nline "x"'},
        hosts={Api.QUERY: "https://x.example/", Api.APP: "http://localhost:8"},
        tls=Tls("ca.pem", "/c.pem", "~/k.pem"),
        origin=str(path),
    )


@pytest.mark.parametrize("source", ["", SOURCE], ids=["new file", "old file"])
def test_an_environment_with_everything_is_written_and_read_back(source, tmp_path):
    path = tmp_path / "config" / "environments.toml"
    if source:
        path.parent.mkdir()
        path.write_text(source)
    environment = full_environment(path)
    save_environment(path, environment)
    # Paths are relative to the file, and a base URL has no slash at its end.
    assert read_environment(path, "new one") == replace(
        environment,
        credentials=replace(
            environment.credentials,
            oauth_token=FromFile(str(path.parent / "secrets/oauth")),
        ),
        hosts={Api.QUERY: "https://x.example", Api.APP: "http://localhost:8"},
        tls=Tls(str(path.parent / "ca.pem"), "/c.pem", "~/k.pem"),
    )
    assert path.read_text().startswith(source)


def test_a_minimal_environment_has_only_its_region(tmp_path):
    path = tmp_path / "environments.toml"
    save_environment(path, Environment("x"))
    assert path.read_text() == '[environments.x]\nregion = "us"\n'


EDITS = [
    pytest.param({}, ("", ""), id="nothing"),
    pytest.param({"region": Region.US}, ('"eu"', '"us"'), id="region"),
    pytest.param({"project_id": "8"}, ("= 7", '= "8"'), id="a number"),
    pytest.param({"project_id": ""}, ("project_id = 7\n", ""), id="emptied"),
    pytest.param(
        {"read_only": True}, ("= 7\n", "= 7\nread_only = true\n"), id="a new key"
    ),
    pytest.param(
        {"history": False}, ("= 7\n", "= 7\nhistory = false\n"), id="no history"
    ),
    pytest.param(
        {"variables": {"plan": "free"}}, ('"pro" #', '"free" #'), id="a variable"
    ),
    pytest.param(
        {"variables": {}},
        ('[environments.prod.variables]\nplan = "pro" # or free\n', ""),
        id="no variables",
    ),
    pytest.param(
        {"hosts": {Api.APP: "https://x"}},
        ("or free\n", 'or free\n\n[environments.prod.hosts]\napp = "https://x"\n'),
        id="a new table",
    ),
    pytest.param(
        {"credentials.service_account": ServiceAccount("v", FromVariable("A"))},
        ('"u"', '"v"'),
        id="a user name",
    ),
    pytest.param(
        {"credentials.service_account": ServiceAccount("u", FromCommand("c"))},
        ('{ env = "A" }', '{ command = "c" }'),
        id="another source",
    ),
    pytest.param(
        {
            "credentials.service_account": ServiceAccount(
                "u", FromCredentialsFile("prod", "service_account")
            )
        },
        (', secret = { env = "A" }', ""),
        id="typed into the app",
    ),
    pytest.param(
        {"credentials.service_account": None},
        (
            'service_account = { username = "u", secret = { env = "A" } } # from CI\n',
            "",
        ),
        id="no service account",
    ),
    pytest.param(
        {"credentials.project_secret": FromCredentialsFile("prod", "project_secret")},
        ('project_secret = { env = "B" }\n', ""),
        id="a secret typed into the app",
    ),
    pytest.param(
        {"credentials.oauth_token": FromKeyring("a/b")},
        ('"B" }\n', '"B" }\noauth_token = { keyring = "a/b" }\n'),
        id="one more credential",
    ),
]


@pytest.mark.parametrize(("changes", "replacement"), EDITS)
def test_an_edit_changes_only_what_changed(changes, replacement, path):
    environment = read_environment(path, "prod")
    credential_changes = {
        key.partition(".")[2]: value for key, value in changes.items() if "." in key
    }
    credentials = replace(environment.credentials, **credential_changes)
    other_changes = {key: value for key, value in changes.items() if "." not in key}
    environment = replace(environment, credentials=credentials, **other_changes)
    save_environment(path, environment, "prod")
    assert replacement[0] in SOURCE
    assert read_normalized(path) == SOURCE.replace(*replacement, 1)


def read_normalized(path) -> str:
    """Read the file without the spaces that an edit may leave in an inline table."""
    return path.read_text().replace('"u"  }', '"u" }').replace('"u"}', '"u" }')


def test_a_renamed_environment_keeps_its_place_and_stays_the_default(path):
    environment = replace(read_environment(path, "prod"), name="live eu")
    save_environment(path, environment, "prod")
    assert path.read_text() == SOURCE.replace(
        "environments.prod", 'environments."live eu"'
    ).replace('default = "prod"', 'default = "live eu"')


def test_dotted_keys_can_be_edited_too(path):
    environment = read_environment(path, "test")
    credentials = Credentials("other", oauth_token=FromVariable("X"))
    save_environment(path, replace(environment, credentials=credentials), "test")
    assert read_environment(path, "test").credentials == credentials
    assert path.read_text().startswith(SOURCE.partition("# for play")[0])


@pytest.mark.parametrize(
    ("name", "old_name", "message"),
    [
        ("prod", None, "The environment prod already"),
        ("test", "prod", "The environment test already"),
        ("gone", "gone", "The environment gone no longer exists in"),
        ("", None, "is not a valid environment name: it is empty"),
        ("a\nb", None, "control characters"),
        (" a", None, "starts or ends"),
    ],
)
def test_an_invalid_name_is_refused(name, old_name, message, path):
    with pytest.raises(SettingsError, match=message):
        save_environment(path, Environment(name), old_name)
    assert path.read_text() == SOURCE


def test_an_invalid_host_is_refused(path):
    with pytest.raises(SettingsError, match=r"hosts\.app must be a base URL"):
        save_environment(path, Environment("x", hosts={Api.APP: "nowhere"}))
    assert path.read_text() == SOURCE


def test_an_invalid_file_is_never_edited(path):
    path.write_text("default = ")
    for action in (
        lambda: save_environment(path, Environment("x")),
        lambda: delete_environment(path, "x"),
        lambda: set_default(path, "x"),
    ):
        with pytest.raises(SettingsError, match="not valid TOML"):
            action()
    assert path.read_text() == "default = "


def test_a_broken_environment_keeps_its_name_and_its_text(path):
    broken = "[environments.odd]\nregion = 'mars' # really\n"
    path.write_text(SOURCE + broken)
    save_environment(path, Environment("new"))
    set_default(path, "new")
    delete_environment(path, "test")
    assert broken in path.read_text()
    with pytest.raises(SettingsError, match="The environment odd already"):
        save_environment(path, Environment("odd"))


def test_deleting_leaves_the_others_and_their_comments(path):
    delete_environment(path, "prod")
    assert path.read_text() == (
        '# mine\n\n# for play\n[environments.test]\ncredentials.project_token = "t"\n'
    )
    with pytest.raises(SettingsError, match="The environment prod"):
        delete_environment(path, "prod")
    delete_environment(path, "test")
    assert path.read_text() == "# mine\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (SOURCE, SOURCE.replace('"prod"', '"test"')),
        ("[environments.a]\n", 'default = "test"\n\n[environments.a]\n'),
        ("", 'default = "test"\n'),
    ],
)
def test_the_default_is_set(source, expected, path):
    path.write_text(source)
    set_default(path, "test")
    assert path.read_text() == expected


def test_a_full_disk_leaves_the_file_as_it_was(path, monkeypatch):
    def fail(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageError, match="The disk is full"):
        set_default(path, "test")
    assert path.read_text() == SOURCE
