from __future__ import annotations

import os
import stat

import pytest

from mixtui.model.errors import SettingsError, StorageError
from mixtui.model.secrets import FromCredentialsFile, Secret, SecretReader
from mixtui.storage.credentials import StoredCredentials

SECRET = "sup3r-s3cret"


@pytest.fixture
def stored(tmp_path):
    return StoredCredentials(tmp_path / "config" / "credentials.toml")


def write(stored, text, mode=0o600):
    stored.path.parent.mkdir(exist_ok=True)
    stored.path.write_text(text)
    stored.path.chmod(mode)


def test_a_file_that_is_not_there_holds_nothing(stored):
    assert stored.get("prod", "oauth_token") is None
    stored.delete("prod")
    assert not stored.path.parent.exists()


def test_a_secret_is_kept_replaced_and_forgotten(stored):
    stored.set("prod eu", "oauth_token", Secret("one"))
    stored.set("prod eu", "project_secret", Secret('t"w\\o'))
    stored.set("prod eu", "oauth_token", Secret("three"))
    assert stored.get("prod eu", "oauth_token") == "three"
    assert stored.get("prod eu", "project_secret") == 't"w\\o'
    assert stored.get("prod", "project_secret") is None
    stored.delete("prod eu", "oauth_token")
    assert stored.get("prod eu", "oauth_token") is None
    assert stored.get("prod eu", "project_secret") == 't"w\\o'
    stored.delete("prod eu", "project_secret")
    assert stored.path.read_text() == ""


def test_all_secrets_of_an_environment_go_together(stored):
    write(stored, '# mine\n[a]\nx = "1"\ny = "2"\n\n# other\n[b]\nx = "3"\n')
    stored.delete("a")
    assert stored.path.read_text() == '# other\n[b]\nx = "3"\n'


def test_the_file_is_for_its_owner_alone(stored):
    umask = os.umask(0)
    try:
        stored.set("prod", "oauth_token", Secret(SECRET))
    finally:
        os.umask(umask)
    assert stat.S_IMODE(stored.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(stored.path.parent.stat().st_mode) == 0o700
    assert os.listdir(stored.path.parent) == ["credentials.toml"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o622])
def test_a_file_that_others_can_read_is_refused(mode, stored):
    write(stored, f'[prod]\noauth_token = "{SECRET}"\n', mode)
    for action in (
        lambda: stored.get("prod", "oauth_token"),
        lambda: stored.set("prod", "oauth_token", Secret("x")),
        lambda: stored.delete("prod"),
    ):
        with pytest.raises(SettingsError, match="can be read by other users") as caught:
            action()
        assert f"«chmod 600 {stored.path}»" in str(caught.value)
        assert SECRET not in str(caught.value)
    assert SECRET in stored.path.read_text()


def test_on_windows_permissions_are_not_asked_for(stored, monkeypatch):
    write(stored, f'[prod]\noauth_token = "{SECRET}"\n', 0o644)
    monkeypatch.setattr("mixtui.storage.credentials.POSIX", False)
    assert stored.get("prod", "oauth_token") == SECRET


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"[prod]\noauth_token = {SECRET}", "line 2: it is not valid TOML; correct it"),
        (f"prod = '{SECRET}'", "prod is not a table"),
        (f"[prod]\noauth_token = ['{SECRET}']", "prod.oauth_token is not a text"),
    ],
)
def test_a_wrong_file_is_a_sentence_without_a_secret(text, words, stored):
    write(stored, text)
    with pytest.raises(SettingsError) as caught:
        stored.get("prod", "oauth_token")
    assert words in str(caught.value)
    assert SECRET not in str(caught.value) + repr(caught.value)
    assert caught.value.__cause__ is None


def test_bytes_that_are_no_text_are_a_sentence(stored):
    write(stored, "")
    stored.path.write_bytes(b"[prod]\nx = '\xff'")
    with pytest.raises(SettingsError, match="line 2: it holds bytes"):
        stored.get("prod", "x")


def test_a_folder_in_its_place_is_a_sentence(stored):
    stored.path.mkdir(parents=True)
    with pytest.raises(SettingsError, match="cannot be read"):
        stored.get("prod", "x")


def test_a_disk_that_fails_is_a_sentence_without_a_secret(stored, monkeypatch):
    def refused(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refused)
    with pytest.raises(StorageError, match="The disk is full") as caught:
        stored.set("prod", "oauth_token", Secret(SECRET))
    assert SECRET not in str(caught.value)
    assert os.listdir(stored.path.parent) == []


def test_it_shows_its_path_alone(stored):
    stored.set("prod", "oauth_token", Secret(SECRET))
    assert repr(stored) == f"StoredCredentials({str(stored.path)!r})"


def test_a_secret_reader_reads_from_it(stored):
    stored.set("prod", "oauth_token", Secret(SECRET))
    reader = SecretReader(stored.get)
    source = FromCredentialsFile("prod", "oauth_token")
    assert reader.read(source) == Secret(SECRET)
