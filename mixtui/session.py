"""What a run of mixtui works with: collection, environments, secrets, settings.

The screen and the command line open the same session, so both find the same files and
choose the same environment.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mixtui.model.environment import NO_ENVIRONMENT, Environment, Environments
from mixtui.model.errors import SettingsError, StorageError
from mixtui.model.secrets import SecretReader
from mixtui.storage.collection import Collection
from mixtui.storage.credentials import StoredCredentials
from mixtui.storage.environments import load_environments
from mixtui.storage.paths import config_dir, find_collection
from mixtui.storage.settings import Settings, load_settings

CREDENTIALS_FILE = "credentials.toml"
SETTINGS_FILE = "config.toml"
SANDBOX_VARIABLE = "MIXTUI_SANDBOX"
"""Holds the origin of a running sandbox; its environments are then known."""
ENVIRONMENT_VARIABLE = "MIXTUI_ENV"


@dataclass(frozen=True, slots=True)
class Session:
    """One run's view of the person's files."""

    collection: Collection
    environments: Environments
    environment: Environment
    """The one in use; `NO_ENVIRONMENT` if none is declared."""
    secrets: SecretReader
    settings: Settings
    config: Path
    """The user's config folder."""
    warnings: tuple[str, ...] = ()
    sandbox: str = ""
    """The origin of the sandbox in use, or empty."""

    def with_environment(self, environment: Environment) -> Session:
        """The same with another environment in use."""
        return replace(self, environment=environment)


def open_session(
    collection: Path | None = None,
    environment: str | None = None,
    *,
    variables: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    sandbox: str = "",
    lenient: bool = False,
) -> Session:
    """Find and read everything that a run needs.

    Args:
        collection: The folder asked for (--collection).
        environment: The environment asked for (--env).
        variables: The process's environment.
        cwd: Where to look for a collection.
        sandbox: The origin of a sandbox whose environments come first.
        lenient: A file that is wrong becomes a warning, as the screen starts anyway.

    Raises:
        SettingsError: A file is wrong, or there is no such environment.
        StorageError: The collection asked for does not exist.
    """
    variables = os.environ if variables is None else variables
    sandbox = sandbox or variables.get(SANDBOX_VARIABLE, "")
    root = find_collection(collection, cwd or Path.cwd(), variables)
    config = config_dir()
    stored = StoredCredentials(config / CREDENTIALS_FILE)
    warnings: list[str] = []
    settings, environments = Settings(), Environments()
    try:
        settings = load_settings(config / SETTINGS_FILE)
    except (SettingsError, StorageError) as error:
        if not lenient:
            raise
        warnings.append(str(error))
    try:
        environments = load_environments(config, root, stored, variables)
    except (SettingsError, StorageError) as error:
        if not lenient:
            raise
        warnings.append(str(error))
    reader = SecretReader(stored.get, variables)
    if sandbox:
        environments, reader = _with_sandbox(environments, reader, sandbox, variables)
    wanted = environment or variables.get(ENVIRONMENT_VARIABLE, "")
    return Session(
        collection=Collection(root),
        environments=environments,
        environment=_choose(environments, wanted),
        secrets=reader,
        settings=settings,
        config=config,
        warnings=(*warnings, *settings.warnings, *environments.warnings),
        sandbox=sandbox,
    )


def sandbox_environments(origin: str) -> tuple[Environment, ...]:
    """The environments of the sandbox at an origin; none for an empty one."""
    if not origin:
        return ()
    from mixtui.sandbox.data import identity

    return identity.environments(origin.rstrip("/"))


def _with_sandbox(
    environments: Environments,
    reader: SecretReader,
    origin: str,
    variables: Mapping[str, str],
) -> tuple[Environments, SecretReader]:
    from mixtui.sandbox.data import identity

    ours = sandbox_environments(origin)
    names = {environment.name for environment in ours}
    others = tuple(e for e in environments.all if e.name not in names)
    together = Environments((*ours, *others), ours[0].name, environments.warnings)
    known = {**variables, **identity.VARIABLES}
    return together, replace(reader, variables=known)


def _choose(environments: Environments, wanted: str) -> Environment:
    name = wanted or environments.default
    if not name:
        return NO_ENVIRONMENT
    found = environments.get(name)
    if found is not None:
        return found
    close = difflib.get_close_matches(name, environments.names, n=1)
    if close:
        hint = f"did you mean {close[0]}?"
    elif environments.names:
        hint = f"there are {', '.join(environments.names)}."
    else:
        hint = "there is none yet; add one with f9 in mixtui."
    raise SettingsError(f"There is no environment {name}: {hint}")
