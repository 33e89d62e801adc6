"""Plan the environment for an import, and what to store there.

The TUI and the command line show a plan, ask the questions that it leaves open and apply
the choice; neither decides about names or credentials.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from mixtui.interchange.environments import (
    assign_credentials,
    matches,
    matching_environments,
    missing_credentials,
    new_environment,
    replaced_credentials,
)
from mixtui.interchange.model import ExtractedCredential, ImportedFile, ImportedRequest
from mixtui.mixpanel.apis import Region
from mixtui.model.draft import Draft
from mixtui.model.environment import NO_ENVIRONMENT, Environment
from mixtui.model.secrets import Secret

_MAX_OFFERED = 5
"""Offered environments; the environments screen lists the others."""


class EditableEnvironments(Protocol):
    """Tells which environments may be changed."""

    def editable(self, environment: Environment, /) -> bool:
        """Return whether it can be changed; the others can only be copied."""


class WritableEnvironments(Protocol):
    """Stores environments with their secrets."""

    def save(
        self,
        environment: Environment,
        old: Environment | None,
        secrets: Mapping[str, Secret],
        /,
    ) -> None:
        """Write an environment; None for the old one adds it."""


class UseEnvironment(Struct, frozen=True):
    """Use an environment that exists."""

    environment: Environment
    stores_credentials: bool
    """Whether the credentials are stored in it; False = it stays unchanged."""
    replaced: tuple[str, ...] = ()
    """Labels of its own credentials that would be replaced."""


class CreateEnvironment(Struct, frozen=True):
    """Make an environment, and store the credentials there."""

    name: str
    """Empty = no suggestion."""


class LeaveOut(Struct, frozen=True):
    """Forget the credentials, and change no environment."""


Target: TypeAlias = UseEnvironment | CreateEnvironment | LeaveOut


class Settled(Struct, frozen=True):
    """Nothing to decide: the current environment stays as it is."""


class TargetQuestion(Struct, frozen=True):
    """The choice of an environment for the credentials, which the user makes."""

    imported: ImportedRequest
    """What `apply_target` assigns."""
    offers: tuple[UseEnvironment, ...]
    """Matching environments, the best first."""
    create: CreateEnvironment
    """A new environment with the suggested name."""
    variables: tuple[tuple[str, str], ...] = ()
    """To be stored beside the credentials."""
    surplus: int = 0
    """Credentials left out because an environment holds one of each kind."""

    @property
    def credentials(self) -> tuple[ExtractedCredential, ...]:
        """The credentials to be stored."""
        return self.imported.credentials


ImportPlan: TypeAlias = Settled | TargetQuestion


class NotEditable(Struct, frozen=True):
    """The named environment is read-only."""

    environment: Environment


class Mismatch(Struct, frozen=True):
    """The named environment is for another region or project."""

    environment: Environment


NamedPlan: TypeAlias = UseEnvironment | CreateEnvironment | NotEditable | Mismatch


class AppliedTarget(Struct, frozen=True):
    """An environment as it was stored."""

    environment: Environment
    notes: tuple[str, ...] = ()
    """Sentences: what could not be stored."""


def plan_paste(
    imported: ImportedRequest,
    current: Environment,
    environments: Sequence[Environment],
    store: EditableEnvironments,
) -> ImportPlan:
    """Plan the import of one request that is to be sent next.

    Args:
        imported: The request.
        current: The current environment; it is offered first.
        environments: All environments.
        store: Their storage.
    """
    if matches(current, imported) and not missing_credentials(
        current, imported.credentials
    ):
        return Settled()
    if not imported.credentials and current is NO_ENVIRONMENT:
        return Settled()
    matching = sorted(
        matching_environments(imported, environments),
        key=lambda environment: environment.name != current.name,
    )
    names = {environment.name for environment in environments}
    return TargetQuestion(
        imported,
        tuple(_plan_offer(each, imported, store) for each in matching[:_MAX_OFFERED]),
        CreateEnvironment(_numbered_name(imported, names)),
    )


def plan_file(
    imported_file: ImportedFile,
    environments: Sequence[Environment],
    store: EditableEnvironments,
) -> ImportPlan:
    """Plan where to store the credentials and variables of a file.

    Args:
        imported_file: The file.
        environments: All environments.
        store: Their storage; environments that it cannot change are not offered.
    """
    if not imported_file.credentials and not imported_file.variables:
        return Settled()
    credentials = _one_of_each_kind(imported_file.credentials)
    imported = ImportedRequest(
        Draft(),
        region=imported_file.region,
        project_id=imported_file.project_id,
        credentials=credentials,
    )
    editable = [
        environment
        for environment in matching_environments(imported, environments)
        if store.editable(environment)
    ]
    region = str(imported_file.region or Region.US)
    name_is_used = any(environment.name == region for environment in environments)
    return TargetQuestion(
        imported,
        tuple(_plan_storing(each, imported) for each in editable[:_MAX_OFFERED]),
        CreateEnvironment("" if name_is_used else region),
        imported_file.variables,
        len(imported_file.credentials) - len(credentials),
    )


def plan_named(
    imported: ImportedRequest,
    name: str,
    environments: Iterable[Environment],
    store: EditableEnvironments,
) -> NamedPlan:
    """Plan for the environment that the user named, or for a new one of that name."""
    named = next((each for each in environments if each.name == name), None)
    if named is None:
        return CreateEnvironment(name)
    if not store.editable(named):
        return NotEditable(named)
    if not matches(named, imported):
        return Mismatch(named)
    return _plan_storing(named, imported)


def sending_environment(
    imported: ImportedRequest, current: Environment, environments: Iterable[Environment]
) -> Environment:
    """Return the current environment if it matches, otherwise the first that does."""
    if matches(current, imported):
        return current
    return next(iter(matching_environments(imported, environments)), current)


def apply_target(
    target: UseEnvironment | CreateEnvironment,
    imported: ImportedRequest,
    store: WritableEnvironments,
    process_variables: Mapping[str, str],
    variables: Iterable[tuple[str, str]] = (),
) -> AppliedTarget:
    """Store the credentials and variables in an environment; blocking.

    Args:
        target: The environment; a new one is created for the region of the import.
        imported: The import that holds the credentials.
        store: Where environments are stored.
        process_variables: Of the process; they may hold a user name or a project token.
        variables: Of the file; existing variables of the environment are kept.

    Raises:
        ChangedOutside: The environment has changed since it was loaded.
        StorageError: A file cannot be written.
    """
    match target:
        case UseEnvironment(environment):
            old: Environment | None = environment
        case CreateEnvironment(name):
            environment, old = new_environment(name, imported), None
    assigned = assign_credentials(environment, imported, process_variables)
    # Other requests may rely on the environment's own value of a variable.
    filled = replace(
        assigned.environment,
        variables={**dict(variables), **assigned.environment.variables},
    )
    store.save(filled, old, assigned.secrets)
    return AppliedTarget(filled, assigned.notes)


def _plan_offer(
    environment: Environment, imported: ImportedRequest, store: EditableEnvironments
) -> UseEnvironment:
    missing = missing_credentials(environment, imported.credentials)
    if missing and store.editable(environment):
        return _plan_storing(environment, imported)
    return UseEnvironment(environment, stores_credentials=False)


def _plan_storing(
    environment: Environment, imported: ImportedRequest
) -> UseEnvironment:
    missing = missing_credentials(environment, imported.credentials)
    return UseEnvironment(
        environment,
        stores_credentials=True,
        replaced=replaced_credentials(environment, missing),
    )


def _numbered_name(imported: ImportedRequest, used_names: Collection[str]) -> str:
    """Return an unused name, such as ``eu-1234567`` or ``eu-1234567-2``."""
    base = "-".join(filter(None, (imported.region, imported.project_id))) or "mixpanel"
    numbered = (f"{base}-{number}" for number in range(2, len(used_names) + 3))
    return next(name for name in (base, *numbered) if name not in used_names)


def _one_of_each_kind(
    credentials: Sequence[ExtractedCredential],
) -> tuple[ExtractedCredential, ...]:
    """Return the first credential of each kind, as an environment holds one."""
    first = {each.kind: each for each in reversed(credentials)}
    return tuple(first.values())[::-1]
