"""Secrets: read from each source, shown nowhere."""

from __future__ import annotations

import copy
import sys
import traceback
from pathlib import Path

import keyring
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordSetError

from mixtui.model.errors import CredentialError
from mixtui.model.secrets import (
    REDACTED,
    FromCommand,
    FromCredentialsFile,
    FromFile,
    FromKeyring,
    FromVariable,
    Secret,
    SecretReader,
    SecretSource,
)
from mixtui.system import Cancelled

SECRET = "hunter2"


class KeyRing(KeyringBackend):
    """A keyring with one entry."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        if service == "locked":
            raise KeyringLocked("no prompt")
        return SECRET if (service, username) == ("mixtui/prod", "oauth") else None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise PasswordSetError("nothing is stored in tests")


@pytest.fixture(autouse=True)
def key_ring() -> object:
    before = keyring.get_keyring()
    keyring.set_keyring(KeyRing())
    yield
    keyring.set_keyring(before)


def stored_secret(environment: str, name: str) -> str | None:
    return SECRET if (environment, name) == ("prod", "project_secret") else None


def reader(**variables: str) -> SecretReader:
    return SecretReader(stored_secret, variables)


def read(source: SecretSource, **variables: str) -> str:
    return reader(**variables).read(source).reveal()


def test_a_secret_comes_from_each_of_its_sources(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    assert read(FromVariable("MP_SECRET"), MP_SECRET=SECRET) == SECRET
    assert read(FromCommand(f"printf '%s\\r\\n' {SECRET} | cat")) == SECRET
    assert read(FromKeyring("mixtui/prod/oauth")) == SECRET
    assert read(FromFile(str(file))) == SECRET
    assert read(FromCredentialsFile("prod", "project_secret")) == SECRET


def test_a_variable_is_read_only_when_it_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    late = SecretReader()
    monkeypatch.setenv("MP_SECRET_LATE", SECRET)
    assert late.read(FromVariable("MP_SECRET_LATE")).reveal() == SECRET


def test_a_tilde_in_the_path_of_a_file_is_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "s").write_text(SECRET)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read(FromFile("~/s")) == SECRET


PROBLEMS: list[tuple[SecretSource, str]] = [
    (FromVariable("NOT_SET"), "The environment variable NOT_SET is not set: export it"),
    (FromVariable("EMPTY"), "The environment variable EMPTY is empty"),
    (FromVariable("LINES"), "The environment variable LINES has more than one line"),
    (FromCommand("echo hunter2; exit 3"), "failed with status 3"),
    (FromCommand("printf ''"), "is empty"),
    (FromCommand("echo hunter2; echo hunter2"), "has more than one line"),
    (FromCommand(r"printf 'hunter2\377'"), "did not return text"),
    (FromCommand("no-such-command-at-all"), "failed with status 127"),
    (FromFile("/no/such/file"), "cannot be read: No such file"),
    (FromFile("/"), "cannot be read: Is a directory"),
    (FromFile("/dev/zero"), "is larger than 1.0 MB: a secret is one line"),
    (FromKeyring("no-slash"), "has no slash: use service/user"),
    (FromKeyring("/user"), "has no slash"),
    (FromKeyring("mixtui/other"), "“keyring set mixtui other”"),
    (FromKeyring("locked/x"), "is it unlocked"),
    (
        FromCredentialsFile("prod", "oauth_token"),
        "credentials.toml has no oauth_token for the environment prod",
    ),
]


@pytest.mark.parametrize(
    ("source", "message"), PROBLEMS, ids=[str(source) for source, _ in PROBLEMS]
)
def test_a_missing_secret_is_reported_with_its_source(
    source: SecretSource, message: str
) -> None:
    with pytest.raises(CredentialError) as caught:
        read(source, EMPTY="", LINES=f"{SECRET}\n{SECRET}")
    error = str(caught.value)
    assert message in error
    assert error.endswith((".", "?"))
    if not isinstance(
        source, FromCommand
    ):  # The error shows the command, not its output.
        assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_the_output_of_a_failing_command_is_not_repeated() -> None:
    with pytest.raises(CredentialError) as caught:
        read(FromCommand("echo hun''ter2 >&2; echo hun''ter2; exit 1"))
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_command_that_waits_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mixtui.model.secrets.COMMAND_SECONDS", 0.05)
    with pytest.raises(CredentialError, match="It may be waiting for a passphrase"):
        read(FromCommand("exec sleep 30"))


def test_a_command_ends_when_its_secret_is_no_longer_needed() -> None:
    reader = SecretReader()
    reader.token.cancel()
    with pytest.raises(Cancelled):
        reader.read(FromCommand("exec sleep 30"))


def test_a_command_reads_an_empty_stdin() -> None:
    with pytest.raises(CredentialError, match="is empty"):
        read(FromCommand("cat"))


def test_a_missing_keyring_package_is_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(CredentialError, match=r"install mixtui\[keyring\]"):
        read(FromKeyring("mixtui/prod/oauth"))


@given(st.text())
def test_a_secret_is_shown_only_by_reveal(text: str) -> None:
    secret = Secret(text)
    assert secret.reveal() == text
    assert str(secret) == f"{secret}" == REDACTED
    assert repr(secret) == repr(copy.copy(secret)) == f"Secret({REDACTED})"
    assert f"{secret!r:>20}".strip() == repr(secret)
    assert repr({"a": [secret]}) == f"{{'a': [Secret({REDACTED})]}}"


def test_secrets_are_compared_by_their_text() -> None:
    assert Secret("a") == Secret("a") != Secret("b")
    assert len({Secret("a"), Secret("a")}) == 1
    assert Secret("a") != "a"
