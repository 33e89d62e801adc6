from __future__ import annotations

import os
import stat

import pytest

from mixtui.model.errors import SettingsError, StorageError
from mixtui.model.secrets import FromCredentialsFile, Secret, SecretReader
from mixtui.storage.credentials import StoredCredentials

SECRET = "sup3r-s3cret"


@pytest.fixture
def credentials(tmp_path):
    return StoredCredentials(tmp_path / "config" / "credentials.toml")


def write_file(credentials, text, mode=0o600):
    credentials.path.parent.mkdir(exist_ok=True)
    credentials.path.write_text(text)
    credentials.path.chmod(mode)


def test_a_file_that_is_not_there_holds_nothing(credentials):
    assert credentials.get("prod", "oauth_token") is None
    credentials.delete("prod")
    assert not credentials.path.parent.exists()


def test_a_secret_is_stored_replaced_and_deleted(credentials):
    credentials.set("prod eu", "oauth_token", Secret("one"))
    credentials.set("prod eu", "project_secret", Secret('t"w\\o'))
    credentials.set("prod eu", "oauth_token", Secret("three"))
    assert credentials.get("prod eu", "oauth_token") == "three"
    assert credentials.get("prod eu", "project_secret") == 't"w\\o'
    assert credentials.get("prod", "project_secret") is None
    credentials.delete("prod eu", "oauth_token")
    assert credentials.get("prod eu", "oauth_token") is None
    assert credentials.get("prod eu", "project_secret") == 't"w\\o'
    credentials.delete("prod eu", "project_secret")
    assert credentials.path.read_text() == ""


def test_all_secrets_of_an_environment_are_deleted_together(credentials):
    write_file(credentials, '# mine\n[a]\nx = "1"\ny = "2"\n\n# other\n[b]\nx = "3"\n')
    credentials.delete("a")
    assert credentials.path.read_text() == '# other\n[b]\nx = "3"\n'


def test_the_file_is_private(credentials):
    umask = os.umask(0)
    try:
        credentials.set("prod", "oauth_token", Secret(SECRET))
    finally:
        os.umask(umask)
    assert stat.S_IMODE(credentials.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(credentials.path.parent.stat().st_mode) == 0o700
    assert os.listdir(credentials.path.parent) == ["credentials.toml"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o622])
def test_a_file_that_others_can_read_is_refused(mode, credentials):
    write_file(credentials, f'[prod]\noauth_token = "{SECRET}"\n', mode)
    for action in (
        lambda: credentials.get("prod", "oauth_token"),
        lambda: credentials.set("prod", "oauth_token", Secret("x")),
        lambda: credentials.delete("prod"),
    ):
        with pytest.raises(SettingsError, match="is readable by other users") as caught:
            action()
        assert f"“chmod 600 {credentials.path}”" in str(caught.value)
        assert SECRET not in str(caught.value)
    assert SECRET in credentials.path.read_text()


def test_permissions_are_not_checked_on_windows(credentials, monkeypatch):
    write_file(credentials, f'[prod]\noauth_token = "{SECRET}"\n', 0o644)
    monkeypatch.setattr("mixtui.storage.credentials.POSIX", False)
    assert credentials.get("prod", "oauth_token") == SECRET


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"[prod]\noauth_token = {SECRET}", "line 2: it is not valid TOML; fix it"),
        (f"prod = '{SECRET}'", "prod is not a table"),
        (
            f"[prod]\noauth_token = ['{SECRET}']",
            "prod.oauth_token is not a quoted string",
        ),
    ],
)
def test_an_invalid_file_is_reported_without_the_secret(text, message, credentials):
    write_file(credentials, text)
    with pytest.raises(SettingsError) as caught:
        credentials.get("prod", "oauth_token")
    assert message in str(caught.value)
    assert SECRET not in str(caught.value) + repr(caught.value)
    assert caught.value.__cause__ is None


def test_invalid_utf_8_is_reported(credentials):
    write_file(credentials, "")
    credentials.path.write_bytes(b"[prod]\nx = '\xff'")
    with pytest.raises(SettingsError, match="line 2: it contains bytes"):
        credentials.get("prod", "x")


def test_a_folder_in_place_of_the_file_is_reported(credentials):
    credentials.path.mkdir(parents=True)
    with pytest.raises(SettingsError, match="cannot be read"):
        credentials.get("prod", "x")


def test_a_failing_disk_is_reported_without_the_secret(credentials, monkeypatch):
    def fail(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageError, match="The disk is full") as caught:
        credentials.set("prod", "oauth_token", Secret(SECRET))
    assert SECRET not in str(caught.value)
    assert os.listdir(credentials.path.parent) == []


def test_the_repr_has_only_the_path(credentials):
    credentials.set("prod", "oauth_token", Secret(SECRET))
    assert repr(credentials) == f"StoredCredentials({str(credentials.path)!r})"


def test_a_secret_reader_reads_stored_credentials(credentials):
    credentials.set("prod", "oauth_token", Secret(SECRET))
    reader = SecretReader(credentials.get)
    source = FromCredentialsFile("prod", "oauth_token")
    assert reader.read(source) == Secret(SECRET)
