from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from mixtui.model.environment import Credentials, Environment, ServiceAccount
from mixtui.model.errors import (
    ChangedOutside,
    CredentialError,
    MixtuiError,
    SettingsError,
)
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


def stored_secret(folder: Path, name: str, kind: str = "service_account") -> str | None:
    return StoredCredentials(folder / "credentials.toml").get(name, kind)


def loaded(store: FileEnvironmentStore, name: str) -> Environment:
    environment = store.load().get(name)
    assert environment is not None
    return environment


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
    assert stored_secret(tmp_path, "prod") == SECRET
    assert SECRET not in (tmp_path / "environments.toml").read_text()
    assert (tmp_path / "credentials.toml").stat().st_mode & 0o777 == 0o600
    saved = store.load().get("prod")
    assert saved is not None
    assert store.editable(saved)
    assert saved.credentials == environment().credentials


def test_a_rename_moves_the_secrets(
    tmp_path: Path, store: FileEnvironmentStore
) -> None:
    store.save(environment(), None, {"service_account": Secret(SECRET)})
    renamed = environment(
        "live", service_account=FromCredentialsFile("prod", "service_account")
    )
    store.save(renamed, loaded(store, "prod"), {})
    assert store.load().names == ("live",)
    assert stored_secret(tmp_path, "live") == SECRET
    assert stored_secret(tmp_path, "prod") is None


def test_a_copy_copies_the_secrets(tmp_path: Path, store: FileEnvironmentStore) -> None:
    store.save(environment(), None, {"service_account": Secret(SECRET)})
    copy = environment(
        "prod-2", service_account=FromCredentialsFile("prod", "service_account")
    )
    store.save(copy, None, {})
    assert (
        stored_secret(tmp_path, "prod-2") == stored_secret(tmp_path, "prod") == SECRET
    )


def test_a_secret_with_another_source_is_deleted_from_the_store(
    tmp_path: Path, store: FileEnvironmentStore
) -> None:
    first = environment(oauth_token=FromCredentialsFile("prod", "oauth_token"))
    store.save(
        first, None, {"service_account": Secret(SECRET), "oauth_token": Secret(OAUTH)}
    )
    changed = environment(service_account=FromVariable("CI_SECRET"))
    store.save(changed, loaded(store, "prod"), {})
    assert stored_secret(tmp_path, "prod") is None
    assert stored_secret(tmp_path, "prod", "oauth_token") is None
    saved = store.load().get("prod")
    assert saved is not None
    assert saved.credentials.oauth_token is None


def test_deleting_an_environment_deletes_its_secrets(
    tmp_path: Path, store: FileEnvironmentStore
) -> None:
    store.save(environment(), None, {"service_account": Secret(SECRET)})
    store.delete(loaded(store, "prod"))
    assert store.load().names == ()
    assert stored_secret(tmp_path, "prod") is None


@pytest.mark.parametrize("old_name", [None, "other"])
def test_a_name_in_use_changes_no_secret(
    tmp_path: Path, store: FileEnvironmentStore, old_name: str | None
) -> None:
    store.save(environment(), None, {"service_account": Secret(SECRET)})
    store.save(environment("other"), None, {"service_account": Secret("other")})
    with pytest.raises(SettingsError, match="already"):
        old = loaded(store, old_name) if old_name else None
        store.save(environment(), old, {"service_account": Secret("stolen")})
    assert stored_secret(tmp_path, "prod") == SECRET


def change_region(path: Path) -> None:
    path.write_text(path.read_text().replace('"us"', '"eu"'))


@pytest.mark.parametrize(
    ("what_happened", "message"),
    [
        (change_region, "prod was changed on disk"),
        (Path.unlink, "prod was deleted or renamed on disk"),
    ],
)
def test_a_change_made_elsewhere_is_asked_about_before_it_is_overwritten(
    tmp_path: Path,
    store: FileEnvironmentStore,
    what_happened: Callable[[Path], object],
    message: str,
) -> None:
    store.save(environment(), None, {"service_account": Secret(SECRET)})
    old = loaded(store, "prod")
    path = tmp_path / "environments.toml"
    what_happened(path)
    there = path.read_text() if path.exists() else None
    edited = replace(old, workspace_id="9")
    with pytest.raises(ChangedOutside, match=message):
        store.save(edited, old, {})
    with pytest.raises(ChangedOutside, match=message):
        store.delete(old)
    assert (path.read_text() if path.exists() else None) == there
    assert stored_secret(tmp_path, "prod") == SECRET
    store.save(edited, old, {}, overwrite=True)
    saved = loaded(store, "prod")
    assert (saved.region, saved.workspace_id) == ("us", "9")


def test_a_change_of_another_environment_is_not_a_conflict(
    store: FileEnvironmentStore,
) -> None:
    store.save(environment(), None, {"service_account": Secret(SECRET)})
    old = loaded(store, "prod")
    store.save(environment("new", service_account=FromVariable("X")), None, {})
    store.save(replace(old, workspace_id="9"), old, {})
    assert store.load().names == ("prod", "new")


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


def test_a_missing_stored_secret_must_be_typed_again(
    store: FileEnvironmentStore,
) -> None:
    with pytest.raises(CredentialError, match="enter it again"):
        store.save(environment(), None, {})


def test_the_default_environment_is_set(store: FileEnvironmentStore) -> None:
    for name in ("a", "b"):
        account = FromVariable("CI_SECRET")
        store.save(environment(name, service_account=account), None, {})
    store.set_default("b")
    assert store.load().default == "b"


def test_environments_of_others_are_listed_and_not_editable(tmp_path: Path) -> None:
    collection = tmp_path / "collection"
    collection.mkdir()
    (collection / "mixtui.toml").write_text('[environments.shared]\nproject_id = "1"\n')
    sandbox = Environment("sandbox", origin="the sandbox")
    store = FileEnvironmentStore(tmp_path, collection, {}, [sandbox])
    environments = store.load()
    assert environments.names == ("sandbox", "shared")
    assert not any(map(store.editable, environments.all))
    # The user's own may have the collection's name, not the sandbox's.
    own = environment("shared", service_account=FromVariable("X"))
    store.save(own, None, {})
    assert [
        store.editable(environment_in_store)
        for environment_in_store in store.load().all
    ] == [False, True]
    with pytest.raises(SettingsError, match="already"):
        store.save(environment("sandbox", service_account=FromVariable("X")), None, {})


def test_problems_of_a_secret_source_are_found_without_reading_it(
    tmp_path: Path, store: FileEnvironmentStore
) -> None:
    (tmp_path / "there").write_text("x")
    problems: list[tuple[SecretSource, str]] = [
        (FromVariable("CI_SECRET"), ""),
        (FromVariable("CI_OTHER"), "not set"),
        (FromFile(str(tmp_path / "there")), ""),
        (FromFile(str(tmp_path / "not")), "does not exist"),
        (FromFile("x" * 300), "does not exist"),
        (FromCommand("exit 1"), ""),
        (FromCredentialsFile("prod", "oauth_token"), "not stored yet"),
    ]
    for source, problem in problems:
        assert store.secret_problem(source) == problem
