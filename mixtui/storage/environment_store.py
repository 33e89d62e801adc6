"""Changing environments in their file, around everything else that is in it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from mixtui.model.environment import Environment, Environments
from mixtui.model.errors import CredentialError, MixtuiError, SettingsError
from mixtui.model.secrets import (
    FromCommand,
    FromCredentialsFile,
    FromFile,
    FromKeyring,
    FromVariable,
    Secret,
    SecretSource,
)
from mixtui.storage import files
from mixtui.storage.credentials import StoredCredentials
from mixtui.storage.environments import (
    EnvironmentFile,
    load_environments,
    name_problem,
    sibling_path,
)
from mixtui.storage.paths import CREDENTIALS_FILE, ENVIRONMENTS_FILE
from mixtui.storage.settings import Source
from mixtui.storage.toml_editor import TomlEditor
from mixtui.storage.toml_values import Value

_Table = dict[str, Value]

# Written in one piece, as { env = "…" }, never key by key.
_INLINE_TABLES = frozenset(("secret", "project_secret", "oauth_token"))


def save_environment(
    path: Path, environment: Environment, old_name: str | None = None
) -> None:
    """Write one environment to the file at `path`.

    `old_name` is its name until now; None adds a new one. Secrets are written as
    their sources; what credentials.toml holds is not written at all. Raises
    SettingsError when the name is taken or impossible, the old one is gone, the file
    is wrong, or it may not hold what it would; StorageError when it cannot be written.
    """
    name = environment.name
    if reason := name_problem(name):
        raise SettingsError(f"“{name.strip()}” cannot name an environment: {reason}.")
    source, folder = Source(path), path.parent
    before = EnvironmentFile(source)
    old = None if old_name is None else _existing(before, old_name, path)
    if name != old_name and before.get(name):
        raise SettingsError(
            f"There is an environment {name} already in {path}: choose another name."
        )
    with source.editing() as editor:
        if old is not None and old.name != name:
            editor.rename(("environments", old.name), name)
            if before.default == old.name:
                editor.set((), "default", name)
        table = {} if old is None else _to_table(old, folder)
        _edit_table(
            editor, ("environments", name), table, _to_table(environment, folder)
        )
    after = EnvironmentFile(Source(path, editor.text))
    written = after.get(name)
    if written is None or _to_table(written, folder) != _to_table(environment, folder):
        raise source.not_editable()
    files.write(path, editor.text.encode())


def delete_environment(path: Path, name: str) -> None:
    """Remove one environment, and the default when it was that one.

    Raises SettingsError when there is none, StorageError when the file cannot be
    written. Its secrets in credentials.toml stay: `StoredCredentials.delete`.
    """
    source = Source(path)
    before = EnvironmentFile(source)
    _existing(before, name, path)
    with source.editing() as editor:
        editor.remove(("environments", name))
        if before.default == name:
            editor.remove(("default",))
    after = EnvironmentFile(Source(path, editor.text))
    if after.all != tuple(e for e in before.all if e.name != name):
        raise source.not_editable()
    files.write(path, editor.text.encode())


def set_default(path: Path, name: str) -> None:
    """Make `name` the environment to start with.

    Raises SettingsError when the file is wrong, StorageError when it cannot be written.
    """
    source = Source(path)
    EnvironmentFile(source)
    with source.editing() as editor:
        editor.set((), "default", name)
    if EnvironmentFile(Source(path, editor.text)).default != name:
        raise source.not_editable()
    files.write(path, editor.text.encode())


def _existing(file: EnvironmentFile, name: str, path: Path) -> Environment:
    found = file.get(name)
    if found is None:
        raise SettingsError(f"There is no environment {name} in {path} any more.")
    return found


def _edit_table(
    editor: TomlEditor, path: tuple[str, ...], old: Mapping[str, Value], new: _Table
) -> None:
    for key in {**new, **old}:
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        if key == "service_account" and (before is None or after is None):
            full_text = True
        else:
            full_text = key in _INLINE_TABLES or not isinstance(after or before, dict)
        if not full_text:
            _edit_table(editor, (*path, key), _as_table(before), _as_table(after))
            editor.remove_if_empty((*path, key))
        elif after is None:
            editor.remove((*path, key))
        else:
            editor.set(path, key, after)


def _as_table(value: Value | None) -> _Table:
    return value if isinstance(value, dict) else {}


def _to_table(environment: Environment, folder: Path) -> _Table:
    """The environment as its table; what is at its default is absent."""
    credentials, tls = environment.credentials, environment.tls
    account = credentials.service_account
    declared = (
        None
        if account is None
        else _without_empty(
            username=account.username, secret=_source_table(account.secret, folder)
        )
    )
    return {
        "region": str(environment.region),
        **({} if environment.history else {"history": False}),
        **_without_empty(
            project_id=environment.project_id,
            workspace_id=environment.workspace_id,
            organization_id=environment.organization_id,
            read_only=environment.read_only,
            confirm_writes=environment.confirm_writes,
            credentials=_without_empty(
                project_token=credentials.project_token,
                service_account=declared,
                project_secret=_source_table(credentials.project_secret, folder),
                oauth_token=_source_table(credentials.oauth_token, folder),
            ),
            variables=dict(environment.variables),
            hosts={str(api): url.rstrip("/") for api, url in environment.hosts.items()},
            tls=_without_empty(
                ca_file=tls.ca_file and sibling_path(tls.ca_file, folder),
                client_certificate=tls.client_certificate
                and sibling_path(tls.client_certificate, folder),
                client_key=tls.client_key and sibling_path(tls.client_key, folder),
            ),
        ),
    }


def _without_empty(**values: Value | None) -> _Table:
    return {key: value for key, value in values.items() if value}


def _source_table(source: SecretSource | None, folder: Path) -> _Table | None:
    match source:
        case None | FromCredentialsFile():
            return None
        case FromVariable(place):
            return {"env": place}
        case FromCommand(place):
            return {"command": place}
        case FromKeyring(place):
            return {"keyring": place}
        case FromFile(place):
            return {"file": sibling_path(place, folder)}


class EnvironmentStore(Protocol):
    """Environments that can be listed and changed; every method may raise MixtuiError."""

    def load(self) -> Environments:
        """All environments as the files have them now."""
        ...

    def save(
        self,
        environment: Environment,
        old_name: str | None,
        secrets: Mapping[str, Secret],
    ) -> None:
        """Keep an environment.

        Args:
            environment: As it shall be. A `FromCredentialsFile` of another environment
                means a copy of that secret.
            old_name: Its name until now; None = a new one.
            secrets: What was typed, by kind (service_account, project_secret,
                oauth_token). What the environment does not take from credentials.toml
                is forgotten there.
        """
        ...

    def delete(self, name: str) -> None:
        """Remove an environment and its typed secrets."""
        ...

    def set_default(self, name: str) -> None:
        """Start with it from now on."""
        ...

    def editable(self, environment: Environment) -> bool:
        """Whether it can be changed where it is; others can be copied."""
        ...

    def secret_problem(self, source: SecretSource) -> str:
        """Why a secret can hardly be read, in a clause; empty = it probably can.

        Cheap: it runs no command and asks no key ring.
        """
        ...


class FileEnvironmentStore:
    """environments.toml and credentials.toml; others' environments beside them.

    Args:
        config_dir: The user's config folder.
        collection_root: The collection, whose mixtui.toml may declare environments.
        variables: The process's environment variables.
        extra: Environments of this run alone, such as the sandbox's; they come first.
    """

    def __init__(
        self,
        config_dir: Path,
        collection_root: Path | None,
        variables: Mapping[str, str],
        extra: Sequence[Environment] = (),
    ) -> None:
        self._config_dir = config_dir
        self._path = config_dir / ENVIRONMENTS_FILE
        self._collection_root = collection_root
        self._variables = variables
        self._extra = tuple(extra)
        self._credentials = StoredCredentials(config_dir / CREDENTIALS_FILE)

    def load(self) -> Environments:
        """All environments as the files have them now."""
        environments = load_environments(
            self._config_dir, self._collection_root, self._credentials, self._variables
        )
        names = {environment.name for environment in self._extra}
        others = tuple(e for e in environments.all if e.name not in names)
        return Environments(
            (*self._extra, *others), environments.default, environments.warnings
        )

    def save(
        self,
        environment: Environment,
        old_name: str | None,
        secrets: Mapping[str, Secret],
    ) -> None:
        """Keep an environment; see `EnvironmentStore.save`."""
        name = environment.name
        if name != old_name:
            self._refuse_used_name(name)
        stored = self._secrets_to_store(environment, secrets)
        # Secrets go first, under a name that is free or this environment's own: if the
        # second file cannot be written, trying again finds everything in place.
        for kind, secret in stored.items():
            if self._credentials.get(name, kind) != secret.reveal():
                self._credentials.set(name, kind, secret)
        save_environment(self._path, environment, old_name)
        for kind in SECRET_KINDS:
            if kind not in stored:
                self._credentials.delete(name, kind)
        if old_name is not None and old_name != name:
            self._credentials.delete(old_name)

    def delete(self, name: str) -> None:
        """Remove an environment and its typed secrets."""
        delete_environment(self._path, name)
        self._credentials.delete(name)

    def set_default(self, name: str) -> None:
        """Start with it from now on."""
        set_default(self._path, name)

    def editable(self, environment: Environment) -> bool:
        """Whether environments.toml declares it."""
        return environment.origin == str(self._path)

    def secret_problem(self, source: SecretSource) -> str:
        """Why a secret can hardly be read, in a clause."""
        match source:
            case FromVariable(name):
                return "" if self._variables.get(name) else "not set now"
            case FromFile(path):
                return (
                    ""
                    if Path(os.path.expanduser(path)).exists()
                    else "no such file now"
                )
            case FromCredentialsFile(environment, name):
                try:
                    stored = self._credentials.get(environment, name)
                except MixtuiError as error:
                    return str(error)
                return "" if stored else "nothing there yet"
            case _:
                return ""

    def _refuse_used_name(self, name: str) -> None:
        taken = self.load().get(name)
        if taken is not None and (self.editable(taken) or taken in self._extra):
            raise SettingsError(
                f"There is an environment {name} already: choose another name."
            )

    def _secrets_to_store(
        self, environment: Environment, secrets: Mapping[str, Secret]
    ) -> dict[str, Secret]:
        """What credentials.toml shall hold for it."""
        kept: dict[str, Secret] = {}
        for kind, source in secret_sources(environment).items():
            if not isinstance(source, FromCredentialsFile):
                continue
            if kind in secrets:
                kept[kind] = secrets[kind]
                continue
            stored = self._credentials.get(source.environment, source.name)
            if stored is None:
                raise CredentialError(
                    f"credentials.toml holds no {kind} for the environment "
                    f"{source.environment} any more: type it again."
                )
            kept[kind] = Secret(stored)
        return kept


SECRET_KINDS = ("service_account", "project_secret", "oauth_token")
"""The secrets of an environment, as credentials.toml calls them."""


def secret_sources(environment: Environment) -> dict[str, SecretSource]:
    """Where the secrets of an environment are, by kind; only those it has."""
    credentials = environment.credentials
    account = credentials.service_account
    result: dict[str, SecretSource | None] = {
        "service_account": account.secret if account else None,
        "project_secret": credentials.project_secret,
        "oauth_token": credentials.oauth_token,
    }
    return {kind: source for kind, source in result.items() if source is not None}
