from __future__ import annotations

from pathlib import Path

import pytest

from mixtui.model.environment import Credentials, Environment, ServiceAccount
from mixtui.model.errors import CredentialError, MixtuiError, SettingsError
from mixtui.model.secrets import (
    FromCommand,
    FromCredentialsFile,
    FromFile,
    FromVariable,
    Secret,
    SecretSource,
)
from mixtui.storage.credentials import StoredCredentials
from mixtui.storage.environment_store import FileEnvironmentStore

SECRET = "s3cret-of-the-service-account"
OAUTH = "0auth-token"


@pytest.fixture
def store(tmp_path: Path) -> FileEnvironmentStore:
    return FileEnvironmentStore(tmp_path, None, {"CI_SECRET": "x"})


def stored(folder: Path, name: str, kind: str = "service_account") -> str | None:
    return StoredCredentials(folder / "credentials.toml").get(name, kind)


def environment(name: str = "prod", **credentials: SecretSource) -> Environment:
    account = credentials.pop(
        "service_account", FromCredentialsFile(name, "service_account")
    )
    return Environment(
        name,
        project_id="1",
        credentials=Credentials(
            service_account=ServiceAccount("ci", account),
            **credentials,
        ),
    )


def test_a_typed_secret_goes_to_credentials_toml_alone(
    tmp_path: Path, store: FileEnvironmentStore
) -> None:
    store.save(environment(), None, {"service_account": Secret(SECRET)})
    assert stored(tmp_path, "prod") == SECRET
    assert SECRET not in (tmp_path / "environments.toml").read_text()
    assert (tmp_path / "credentials.toml").stat().st_mode & 0o777 == 0o600
    found = store.load().get("prod")
    assert found is not None
    assert store.editable(found)
    assert found.credentials == environment().credentials


def test_a_rename_takes_the_secrets_along(
    tmp_path: Path, store: FileEnvironmentStore
) -> None:
    store.save(environment(), None, {"service_account": Secret(SECRET)})
    renamed = environment(
        "live", service_account=FromCredentialsFile("prod", "service_account")
    )
    store.save(renamed, "prod", {})
    assert store.load().names == ("live",)
    assert stored(tmp_path, "live") == SECRET
    assert stored(tmp_path, "prod") is None


def test_a_copy_has_the_secrets_as_well(
    tmp_path: Path, store: FileEnvironmentStore
) -> None:
    store.save(environment(), None, {"service_account": Secret(SECRET)})
    copy = environment(
        "prod-2", service_account=FromCredentialsFile("prod", "service_account")
    )
    store.save(copy, None, {})
    assert stored(tmp_path, "prod-2") == stored(tmp_path, "prod") == SECRET


def test_a_secret_that_comes_from_elsewhere_now_is_forgotten_here(
    tmp_path: Path, store: FileEnvironmentStore
) -> None:
    first = environment(oauth_token=FromCredentialsFile("prod", "oauth_token"))
    store.save(
        first, None, {"service_account": Secret(SECRET), "oauth_token": Secret(OAUTH)}
    )
    store.save(environment(service_account=FromVariable("CI_SECRET")), "prod", {})
    assert stored(tmp_path, "prod") is None
    assert stored(tmp_path, "prod", "oauth_token") is None
    found = store.load().get("prod")
    assert found is not None
    assert found.credentials.oauth_token is None


def test_deleting_forgets_the_secrets(
    tmp_path: Path, store: FileEnvironmentStore
) -> None:
    store.save(environment(), None, {"service_account": Secret(SECRET)})
    store.delete("prod")
    assert store.load().names == ()
    assert stored(tmp_path, "prod") is None


@pytest.mark.parametrize("old_name", [None, "other"])
def test_a_taken_name_changes_no_secret(
    tmp_path: Path, store: FileEnvironmentStore, old_name: str | None
) -> None:
    store.save(environment(), None, {"service_account": Secret(SECRET)})
    store.save(environment("other"), None, {"service_account": Secret("other")})
    with pytest.raises(SettingsError, match="already"):
        store.save(environment(), old_name, {"service_account": Secret("stolen")})
    assert stored(tmp_path, "prod") == SECRET


def test_a_failed_save_can_be_tried_again(
    tmp_path: Path, store: FileEnvironmentStore
) -> None:
    path = tmp_path / "environments.toml"
    path.write_text("nonsense = [")
    with pytest.raises(MixtuiError):
        store.save(environment(), None, {"service_account": Secret(SECRET)})
    path.write_text("")
    store.save(environment(), None, {"service_account": Secret(SECRET)})
    assert store.load().names == ("prod",)


def test_a_secret_that_vanished_is_asked_for(store: FileEnvironmentStore) -> None:
    with pytest.raises(CredentialError, match="type it again"):
        store.save(environment(), None, {})


def test_one_starts_with_the_default(store: FileEnvironmentStore) -> None:
    for name in ("a", "b"):
        account = FromVariable("CI_SECRET")
        store.save(environment(name, service_account=account), None, {})
    store.set_default("b")
    assert store.load().default == "b"


def test_others_environments_are_listed_and_not_editable(tmp_path: Path) -> None:
    collection = tmp_path / "collection"
    collection.mkdir()
    (collection / "mixtui.toml").write_text('[environments.shared]\nproject_id = "1"\n')
    extra = Environment("sandbox", origin="the sandbox")
    store = FileEnvironmentStore(tmp_path, collection, {}, [extra])
    found = store.load()
    assert found.names == ("sandbox", "shared")
    assert not any(map(store.editable, found.all))
    # The user's own may have the collection's name, not the sandbox's.
    own = environment("shared", service_account=FromVariable("X"))
    store.save(own, None, {})
    assert [store.editable(e) for e in store.load().all] == [False, True]
    with pytest.raises(SettingsError, match="already"):
        store.save(environment("sandbox", service_account=FromVariable("X")), None, {})


def test_doubts_are_cheap_and_told(tmp_path: Path, store: FileEnvironmentStore) -> None:
    (tmp_path / "there").write_text("x")
    doubts: list[tuple[SecretSource, str]] = [
        (FromVariable("CI_SECRET"), ""),
        (FromVariable("CI_OTHER"), "not set now"),
        (FromFile(str(tmp_path / "there")), ""),
        (FromFile(str(tmp_path / "not")), "no such file now"),
        (FromCommand("exit 1"), ""),
        (FromCredentialsFile("prod", "oauth_token"), "nothing there yet"),
    ]
    for source, words in doubts:
        assert store.secret_problem(source) == words
