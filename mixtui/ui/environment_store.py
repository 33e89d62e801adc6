"""Where the environments screen reads and writes, without Textual."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from mixtui.core.environments import Environment, Environments
from mixtui.core.errors import CredentialError, MixtuiError, SettingsError
from mixtui.core.secrets import (
    FromCredentialsFile,
    FromFile,
    FromVariable,
    Secret,
    SecretSource,
)
from mixtui.storage.credentials_file import StoredCredentials
from mixtui.storage.environment_editing import (
    delete_environment,
    save_environment,
    set_default,
)
from mixtui.storage.environments import load_environments
from mixtui.storage.paths import CREDENTIALS_FILE, ENVIRONMENTS_FILE


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

    def doubt(self, source: SecretSource) -> str:
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
        found = load_environments(
            self._config_dir, self._collection_root, self._credentials, self._variables
        )
        names = {environment.name for environment in self._extra}
        others = tuple(e for e in found.all if e.name not in names)
        return Environments((*self._extra, *others), found.default, found.warnings)

    def save(
        self,
        environment: Environment,
        old_name: str | None,
        secrets: Mapping[str, Secret],
    ) -> None:
        """Keep an environment; see `EnvironmentStore.save`."""
        name = environment.name
        if name != old_name:
            self._refuse_taken(name)
        kept = self._kept(environment, secrets)
        # Secrets go first, under a name that is free or this environment's own: if the
        # second file cannot be written, trying again finds everything in place.
        for kind, secret in kept.items():
            if self._credentials.get(name, kind) != secret.reveal():
                self._credentials.set(name, kind, secret)
        save_environment(self._path, environment, old_name)
        for kind in KINDS:
            if kind not in kept:
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

    def doubt(self, source: SecretSource) -> str:
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

    def _refuse_taken(self, name: str) -> None:
        taken = self.load().get(name)
        if taken is not None and (self.editable(taken) or taken in self._extra):
            raise SettingsError(
                f"There is an environment {name} already: choose another name."
            )

    def _kept(
        self, environment: Environment, secrets: Mapping[str, Secret]
    ) -> dict[str, Secret]:
        """What credentials.toml shall hold for it."""
        kept: dict[str, Secret] = {}
        for kind, source in sources(environment).items():
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


KINDS = ("service_account", "project_secret", "oauth_token")
"""The secrets of an environment, as credentials.toml calls them."""


def sources(environment: Environment) -> dict[str, SecretSource]:
    """Where the secrets of an environment are, by kind; only those it has."""
    credentials = environment.credentials
    account = credentials.service_account
    found: dict[str, SecretSource | None] = {
        "service_account": account.secret if account else None,
        "project_secret": credentials.project_secret,
        "oauth_token": credentials.oauth_token,
    }
    return {kind: source for kind, source in found.items() if source is not None}
