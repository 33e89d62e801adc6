"""All environments: the user's, the collection's, or one from MP_* variables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mixtui.core.environments import (
    FROM_VARIABLES,
    Credentials,
    Environment,
    Environments,
    ServiceAccount,
)
from mixtui.core.errors import SettingsError
from mixtui.core.secrets import FromVariable
from mixtui.mixpanel.apis import Region
from mixtui.storage.credentials_file import StoredCredentials
from mixtui.storage.environment_file import EnvironmentFile
from mixtui.storage.paths import COLLECTION_FILE, ENVIRONMENTS_FILE
from mixtui.storage.settings_source import Source

VARIABLES = (
    "MP_USERNAME",
    "MP_SECRET",
    "MP_PROJECT_ID",
    "MP_WORKSPACE_ID",
    "MP_REGION",
    "MIXPANEL_TOKEN",
)
"""They make an environment where no file does; mixpanel-headless knows them too."""


def load_environments(
    config_dir: Path,
    collection_root: Path | None,
    credentials: StoredCredentials,
    variables: Mapping[str, str],
) -> Environments:
    """Every environment, and the one to start with.

    The user's come first and win over the collection's of the same name, and so does
    the user's ``default``. Raises SettingsError when a file is wrong.
    """
    own = EnvironmentFile(Source(config_dir / ENVIRONMENTS_FILE), credentials.get)
    found, default, warnings = list(own.all), own.default, list(own.warnings)
    if collection_root is not None:
        path = collection_root / COLLECTION_FILE
        shared = EnvironmentFile(Source(path), credentials.get)
        for environment in shared.all:
            if own.get(environment.name):
                warnings.append(
                    f"The environment {environment.name} of the collection is not "
                    f"used: {config_dir / ENVIRONMENTS_FILE} has one of that name."
                )
            else:
                found.append(environment)
        default = default or shared.default
        warnings += shared.warnings
    if not found:
        from_variables, more = _from_variables(variables)
        found, warnings = [*from_variables], [*warnings, *more]
    return _chosen(tuple(found), default, warnings)


def _chosen(
    found: tuple[Environment, ...], default: str, warnings: list[str]
) -> Environments:
    first = found[0].name if found else ""
    if default and default not in (environment.name for environment in found):
        instead = f"{first} is used" if found else "there is none at all"
        warnings.append(f"There is no environment {default} to start with: {instead}.")
        default = ""
    return Environments(found, default or first, tuple(warnings))


def _from_variables(
    variables: Mapping[str, str],
) -> tuple[tuple[Environment, ...], list[str]]:
    values = {name: variables.get(name, "").strip() for name in VARIABLES}
    if not any(values.values()):
        return (), []
    region = values["MP_REGION"].lower() or Region.US
    if region not in list(Region):
        allowed = ", ".join(Region)
        raise SettingsError(f"MP_REGION must be one of {allowed}: set it so.")
    warnings = []
    account = None
    if values["MP_USERNAME"]:
        account = ServiceAccount(values["MP_USERNAME"], FromVariable("MP_SECRET"))
    elif values["MP_SECRET"]:
        warnings.append(
            "MP_SECRET is set, but MP_USERNAME is not: "
            "set it to the service account's user name."
        )
    environment = Environment(
        name="default",
        region=Region(region),
        project_id=values["MP_PROJECT_ID"],
        workspace_id=values["MP_WORKSPACE_ID"],
        credentials=Credentials(values["MIXPANEL_TOKEN"], account),
        origin=FROM_VARIABLES,
    )
    return (environment,), warnings
