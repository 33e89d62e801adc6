"""Change environments and their secrets in the files, and leave the rest unchanged."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from msgspec.structs import replace

from mixtui.model.environment import Environment, Environments
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
    FromKeyring,
    FromVariable,
    Secret,
    SecretSource,
    TypedSecret,
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
from mixtui.storage.toml_editor import TomlEditor
from mixtui.storage.toml_file import TomlFile
from mixtui.storage.toml_values import Value

_Table = dict[str, Value]

# Written as one value, such as { env = "…" }, never key by key.
_INLINE_TABLES = frozenset(("secret", "project_secret", "oauth_token"))
SECRET_KINDS = ("service_account", "project_secret", "oauth_token")
"""The kinds of secrets, as credentials.toml names them."""


def save_environment(
    path: Path, environment: Environment, old_name: str | None = None
) -> None:
    """Write one environment to a file.

    Of secrets only the sources are written; one in credentials.toml is not mentioned.

    Args:
        path: The file.
        environment: What to write.
        old_name: Its name in the file; None = add a new one.

    Raises:
        SettingsError: The name is used or invalid, the old one does not exist, the file
            is invalid, or it must not declare this.
        StorageError: The file cannot be written.
    """
    name = environment.name
    if reason := name_problem(name):
        raise SettingsError(
            f"“{name.strip()}” is not a valid environment name: {reason}."
        )

    def change(source: TomlFile) -> str:
        folder, old_file = path.parent, EnvironmentFile(source)
        old = None if old_name is None else _existing(old_file, old_name, path)
        if name != old_name and name in old_file.names:
            raise SettingsError(
                f"The environment {name} already exists in {path}: choose another name."
            )
        with source.editing() as editor:
            if old is not None and old.name != name:
                editor.rename(("environments", old.name), name)
                if old_file.default == old.name:
                    editor.set((), "default", name)
            table = {} if old is None else _to_table(old, folder)
            _edit_table(
                editor, ("environments", name), table, _to_table(environment, folder)
            )
        new_file = EnvironmentFile(TomlFile(path, editor.text))
        written = new_file.get(name)
        if problem := new_file.problem(name):
            raise SettingsError(problem)
        if written is None or _to_table(written, folder) != _to_table(
            environment, folder
        ):
            raise source.not_editable()
        return editor.text

    TomlFile.update(path, change)


def delete_environment(path: Path, name: str) -> None:
    """Remove one environment, and ``default`` if it names it.

    Its secrets in credentials.toml stay: see `StoredCredentials.delete`.

    Raises:
        SettingsError: There is no such environment, or the file is invalid.
        StorageError: The file cannot be written.
    """

    def change(source: TomlFile) -> str:
        old_file = EnvironmentFile(source)
        _existing(old_file, name, path)
        with source.editing() as editor:
            editor.remove(("environments", name))
            if old_file.default == name:
                editor.remove(("default",))
        new_file = EnvironmentFile(TomlFile(path, editor.text))
        if new_file.all != tuple(e for e in old_file.all if e.name != name):
            raise source.not_editable()
        return editor.text

    TomlFile.update(path, change)


def set_default(path: Path, name: str) -> None:
    """Write which environment to start with.

    Raises:
        SettingsError: The file is invalid.
        StorageError: It cannot be written.
    """

    def change(source: TomlFile) -> str:
        EnvironmentFile(source)
        with source.editing() as editor:
            editor.set((), "default", name)
        if EnvironmentFile(TomlFile(path, editor.text)).default != name:
            raise source.not_editable()
        return editor.text

    TomlFile.update(path, change)


def _existing(file: EnvironmentFile, name: str, path: Path) -> Environment:
    environment = file.get(name)
    if environment is None:
        raise SettingsError(f"The environment {name} no longer exists in {path}.")
    return environment


def _edit_table(
    editor: TomlEditor, path: tuple[str, ...], old: Mapping[str, Value], new: _Table
) -> None:
    for key in {**new, **old}:
        old_value, new_value = old.get(key), new.get(key)
        if old_value == new_value:
            continue
        if key == "service_account" and (old_value is None or new_value is None):
            is_single_value = True
        else:
            is_single_value = key in _INLINE_TABLES or not isinstance(
                new_value or old_value, dict
            )
        if not is_single_value:
            _edit_table(
                editor, (*path, key), _as_table(old_value), _as_table(new_value)
            )
            editor.remove_if_empty((*path, key))
        elif new_value is None:
            editor.remove((*path, key))
        else:
            editor.set(path, key, new_value)


def _as_table(value: Value | None) -> _Table:
    return value if isinstance(value, dict) else {}


def _to_table(environment: Environment, folder: Path) -> _Table:
    """Return the table of an environment, without default values."""
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
        case None | FromCredentialsFile() | TypedSecret():
            return None
        case FromVariable(name):
            return {"env": name}
        case FromCommand(command):
            return {"command": command}
        case FromKeyring(entry):
            return {"keyring": entry}
        case FromFile(path):
            return {"file": sibling_path(path, folder)}


class EnvironmentStore(Protocol):
    """Environments to list and change. Every method may raise MixtuiError."""

    def load(self) -> Environments:
        """Read all environments."""
        ...

    def save(
        self,
        environment: Environment,
        old: Environment | None,
        secrets: Mapping[str, Secret],
        *,
        overwrite: bool = False,
    ) -> None:
        """Write an environment.

        Args:
            environment: What to write. A `FromCredentialsFile` of another environment
                means a copy of that secret.
            old: As it was loaded; None = a new one.
            secrets: Typed secrets, by kind (service_account, project_secret,
                oauth_token). What the environment does not take from credentials.toml
                is removed from it.
            overwrite: Also write if it has changed since it was loaded.

        Raises:
            ChangedOutside: It was changed or deleted since it was loaded.
        """
        ...

    def delete(self, environment: Environment) -> None:
        """Remove an environment, as it was loaded, and its secrets in credentials.toml.

        Raises:
            ChangedOutside: It was changed or deleted since it was loaded.
        """
        ...

    def set_default(self, name: str) -> None:
        """Make an environment the one to start with."""
        ...

    def editable(self, environment: Environment) -> bool:
        """Return whether it can be changed; the others can only be copied."""
        ...

    def secret_problem(self, source: SecretSource) -> str:
        """Return why a secret probably cannot be read, as a clause; empty = it can.

        Cheap: runs no command and opens no key ring.
        """
        ...

    def source(self, environment: Environment) -> str:
        """Return the TOML of an environment; of secrets, only where they are."""
        ...


class FileEnvironmentStore:
    """environments.toml and credentials.toml; those of a collection are read only."""

    def __init__(
        self,
        config_dir: Path,
        collection_root: Path | None,
        variables: Mapping[str, str],
        extra: Sequence[Environment] = (),
    ) -> None:
        """Read nothing yet.

        Args:
            config_dir: The user's config folder.
            collection_root: The collection, whose mixtui.toml may declare environments.
            variables: The environment variables of the process.
            extra: Environments of this run only, such as the sandbox's; they come first.
        """
        self._config_dir = config_dir
        self._path = config_dir / ENVIRONMENTS_FILE
        self._collection_root = collection_root
        self._variables = variables
        self._extra = tuple(extra)
        self._credentials = StoredCredentials(config_dir / CREDENTIALS_FILE)

    def load(self) -> Environments:
        environments = load_environments(
            self._config_dir, self._collection_root, self._credentials, self._variables
        )
        names = {environment.name for environment in self._extra}
        others = tuple(e for e in environments.all if e.name not in names)
        return replace(environments, all=(*self._extra, *others))

    def save(
        self,
        environment: Environment,
        old: Environment | None,
        secrets: Mapping[str, Secret],
        *,
        overwrite: bool = False,
    ) -> None:
        with files.locked(self._config_dir):
            current = None if old is None else self.load().get(old.name)
            if old is not None and current != old and not overwrite:
                raise _changed(old.name, current, self._path)
            self._save(environment, current, secrets)

    def _save(
        self,
        environment: Environment,
        old: Environment | None,
        secrets: Mapping[str, Secret],
    ) -> None:
        name, old_name = environment.name, old.name if old else None
        if name != old_name:
            self._check_name_unused(name)
        stored = self._secrets_to_store(environment, secrets)
        # Secrets are written first, under a name that is unused or its own: if the
        # second file cannot be written, saving again finds them in place.
        for kind, secret in stored.items():
            if self._credentials.get(name, kind) != secret.reveal():
                self._credentials.set(name, kind, secret)
        save_environment(self._path, environment, old_name)
        for kind in SECRET_KINDS:
            if kind not in stored:
                self._credentials.delete(name, kind)
        if old_name is not None and old_name != name:
            self._credentials.delete(old_name)

    def delete(self, environment: Environment) -> None:
        name = environment.name
        with files.locked(self._config_dir):
            current = self.load().get(name)
            if current != environment:
                raise _changed(name, current, self._path)
            delete_environment(self._path, name)
            self._credentials.delete(name)

    def set_default(self, name: str) -> None:
        set_default(self._path, name)

    def editable(self, environment: Environment) -> bool:
        return environment.origin == str(self._path)

    def source(self, environment: Environment) -> str:
        return environment_source(environment, self._path.parent)

    def secret_problem(self, source: SecretSource) -> str:
        match source:
            case FromVariable(name):
                return "" if self._variables.get(name) else "not set"
            case FromFile(path):
                exists = os.path.exists(os.path.expanduser(path))
                return "" if exists else "does not exist"
            case FromCredentialsFile(environment, name):
                try:
                    stored = self._credentials.get(environment, name)
                except MixtuiError as error:
                    return str(error)
                return "" if stored else "not stored yet"
            case _:
                return ""

    def _check_name_unused(self, name: str) -> None:
        own = EnvironmentFile(TomlFile(self._path)).names
        if name in (*own, *(each.name for each in self._extra)):
            raise SettingsError(
                f"The environment {name} already exists: choose another name."
            )

    def _secrets_to_store(
        self, environment: Environment, secrets: Mapping[str, Secret]
    ) -> dict[str, Secret]:
        """Return what credentials.toml must hold for an environment, by kind."""
        to_store: dict[str, Secret] = {}
        for kind, source in secret_sources(environment).items():
            if not isinstance(source, FromCredentialsFile):
                continue
            if kind in secrets:
                to_store[kind] = secrets[kind]
                continue
            stored = self._credentials.get(source.environment, source.name)
            if stored is None:
                raise CredentialError(
                    f"credentials.toml no longer has the {kind} of the environment "
                    f"{source.environment}: enter it again."
                )
            to_store[kind] = Secret(stored)
        return to_store


def environment_source(environment: Environment, folder: Path) -> str:
    """Return the TOML of an environment; of secrets, only where they are.

    Args:
        environment: What to write.
        folder: What the paths of files in it are relative to.
    """
    editor = TomlEditor("")
    path = ("environments", environment.name)
    _edit_table(editor, path, {}, _to_table(environment, folder))
    return editor.text


def _changed(name: str, current: Environment | None, path: Path) -> ChangedOutside:
    happened = "changed" if current else "deleted or renamed"
    return ChangedOutside(
        path,
        f"The environment {name} was {happened} on disk since mixtui read it: "
        "overwrite or reload it.",
    )


def secret_sources(environment: Environment) -> dict[str, SecretSource]:
    """Return the sources of an environment's secrets, by kind; only those it has."""
    credentials = environment.credentials
    account = credentials.service_account
    result: dict[str, SecretSource | None] = {
        "service_account": account.secret if account else None,
        "project_secret": credentials.project_secret,
        "oauth_token": credentials.oauth_token,
    }
    return {kind: source for kind, source in result.items() if source is not None}
