"""Secrets: where they come from, and how they are read late.

An environment holds *sources*; the text of a secret exists only between `read` and the
``Authorization`` header. `Secret` masks itself in every repr, format and exception.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct, field

from mixtui.key_names import key_of
from mixtui.model.errors import CredentialError
from mixtui.system import CancelToken
from mixtui.text import size

REDACTED = "••••••"
COMMAND_SECONDS = 60
_MAX_BYTES = 1_000_000
"""Of a file with a secret: a device such as /dev/zero has no end."""
_CANCEL_PERIOD = 0.1
"""Seconds until a command that is waited for notices that nobody wants it."""


class Secret:
    """A string that is masked wherever it is displayed; only `reveal` returns it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the secret itself."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret({REDACTED})"

    def __str__(self) -> str:
        return REDACTED

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)


class FromVariable(Struct, frozen=True):
    """``{ env = "MP_SECRET" }``"""

    name: str

    def __str__(self) -> str:
        return f"the environment variable {self.name}"


class FromCommand(Struct, frozen=True):
    """``{ command = "pass show mixpanel/prod" }``: its standard output, one line."""

    command: str

    def __str__(self) -> str:
        return f"the command “{self.command}”"


class FromKeyring(Struct, frozen=True):
    """``{ keyring = "mixtui/prod-eu/oauth" }``: service/user, split at the last /."""

    entry: str

    def __str__(self) -> str:
        return f"the keyring entry {self.entry}"


class FromFile(Struct, frozen=True):
    """``{ file = "~/.secrets/mixpanel" }``: its content without the last newline."""

    path: str

    def __str__(self) -> str:
        return f"the file {self.path}"


class FromCredentialsFile(Struct, frozen=True):
    """Typed into the app and stored in ``credentials.toml``."""

    environment: str
    name: str
    """service_account, project_secret or oauth_token."""

    def __str__(self) -> str:
        return "credentials.toml"


class TypedSecret(Struct, frozen=True):
    """Typed into a form and not stored yet: for a test before it is saved; in no file."""

    secret: Secret

    def __str__(self) -> str:
        return "the form"


SecretSource = (
    FromVariable
    | FromCommand
    | FromKeyring
    | FromFile
    | FromCredentialsFile
    | TypedSecret
)

StoredSecrets = Callable[[str, str], str | None]
"""(environment, name) -> the secret in credentials.toml, or None."""


def nothing_stored(environment: str, name: str) -> None:
    """Return None: the `StoredSecrets` for use without a credentials.toml."""


class SecretReader(Struct, frozen=True):
    """Reads secrets from their sources. Blocking: call it off the event loop."""

    stored: StoredSecrets = nothing_stored
    variables: Mapping[str, str] | None = None
    """None = the environment of the process."""
    token: CancelToken = field(default_factory=CancelToken)
    """Ends a command that is run for a secret."""

    def read(self, source: SecretSource) -> Secret:
        """Read a secret.

        Raises:
            CredentialError: It is missing or invalid; the text never contains it.
            Cancelled: The token was cancelled.
        """
        text = self._text(source)
        if not text:
            raise CredentialError(
                f"{_capitalise(str(source))} is empty: store the secret there."
            )
        if any(ord(character) < 32 for character in text):
            raise CredentialError(
                f"{_capitalise(str(source))} has more than one line: a secret is one "
                "line without control characters."
            )
        return Secret(text)

    def _text(self, source: SecretSource) -> str:
        match source:
            case FromVariable(name):
                variables = os.environ if self.variables is None else self.variables
                if name not in variables:
                    raise CredentialError(
                        f"The environment variable {name} is not set: export it "
                        "before you start mixtui."
                    )
                return variables[name]
            case FromCommand(command):
                return _from_command(command, self.token)
            case FromKeyring(entry):
                return _from_keyring(entry)
            case FromFile(path):
                return _from_file(path)
            case FromCredentialsFile(environment, name):
                text = self.stored(environment, name)
                if text is None:
                    raise CredentialError(
                        f"credentials.toml has no {name} for the environment "
                        f"{environment}: enter it on the environments screen "
                        f"({key_of('environments')})."
                    )
                return text
            case TypedSecret(secret):
                return secret.reveal()


def _from_command(command: str, token: CancelToken) -> str:
    try:
        status, output = _run_command(command, token)
    except subprocess.TimeoutExpired:
        raise CredentialError(
            f"The command “{command}” returned no secret within {COMMAND_SECONDS} s. "
            "It may be waiting for a passphrase: run it once in a terminal."
        ) from None
    if status != 0:
        raise CredentialError(
            f"The command “{command}” failed with status {status}: run it in a "
            "terminal to see why."
        )
    return _decode(output, f"The command “{command}”")


def _run_command(command: str, token: CancelToken) -> tuple[int, bytes]:
    """Run a command; return its status and output. It does not outlive this call."""
    end = time.monotonic() + COMMAND_SECONDS
    # The user's own configuration, so the user's own shell: pipes and quotes work.
    with subprocess.Popen(
        command,
        shell=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            while True:
                try:
                    output, _ = process.communicate(timeout=_CANCEL_PERIOD)
                except subprocess.TimeoutExpired:
                    token.raise_if_cancelled()
                    if time.monotonic() > end:
                        raise
                else:
                    return process.returncode, output
        finally:
            process.kill()


def _from_file(path: str) -> str:
    try:
        with Path(os.path.expanduser(path)).open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise CredentialError(
            f"The secret file {path} cannot be read: {error.strerror}."
        ) from None
    if len(data) > _MAX_BYTES:
        raise CredentialError(
            f"The file {path} is larger than {size(_MAX_BYTES)}: a secret is one line."
        )
    return _decode(data, f"The file {path}")


def _from_keyring(entry: str) -> str:
    service, slash, user = entry.rpartition("/")
    if not slash or not service or not user:
        raise CredentialError(
            f"The keyring entry {entry} has no slash: use service/user."
        )
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise CredentialError(
            "Secrets from the keyring need another package: install mixtui[keyring]."
        ) from None
    try:
        text = keyring.get_password(service, user)
    except KeyringError:
        raise CredentialError(
            f"The keyring did not respond for {entry}: is it unlocked?"
        ) from None
    if text is None:
        raise CredentialError(
            f"The keyring has no entry {entry}: add it with “keyring set {service} "
            f"{user}”."
        )
    return str(text)


def _decode(data: bytes, what: str) -> str:
    try:
        return data.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise CredentialError(f"{what} did not return text.") from None


def _capitalise(text: str) -> str:
    return text[0].upper() + text[1:]


CREDENTIAL_HEADERS = ("authorization", "proxy-authorization", "cookie")
SCHEMES = ("basic", "bearer", "digest", "negotiate")
