"""The session: the collection, environments, secrets and settings of one run.

The app and the command line open the same session, so both find the same files and
choose the same environment.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from mixtui.key_names import key_of
from mixtui.model.environment import NO_ENVIRONMENT, Environment, Environments
from mixtui.model.errors import SettingsError, StorageError
from mixtui.model.secrets import SecretReader
from mixtui.model.trust import FULL_TRUST, DraftOrigin, Power, Trust
from mixtui.spelling import did_you_mean
from mixtui.storage.collection import Collection
from mixtui.storage.credentials import StoredCredentials
from mixtui.storage.environments import load_environments
from mixtui.storage.paths import (
    COLLECTION_FILE,
    CREDENTIALS_FILE,
    SETTINGS_FILE,
    config_dir,
    enclosing_collection,
    find_collection,
)
from mixtui.storage.settings import Settings, load_settings
from mixtui.storage.trust import TrustStore
from mixtui.system import absolute, real_path, working_folder
from mixtui.temporary import sweep

if TYPE_CHECKING:
    from mixtui.storage.environment_store import FileEnvironmentStore

SANDBOX_VARIABLE = "MIXTUI_SANDBOX"
"""Holds the origin of a running sandbox, whose environments are then available."""
ENVIRONMENT_VARIABLE = "MIXTUI_ENV"


class Session(Struct, frozen=True):
    """The user's files as one run sees them."""

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
    runs_sandbox: bool = False
    """Whether this process runs that sandbox."""
    trust: Trust = FULL_TRUST
    """What the files of the collection may use."""

    def origin(self, path: Path) -> DraftOrigin:
        """Return what a saved request's paths are relative to, and what it may use.

        It belongs to the nearest collection: a collection inside another is not trusted with it.
        """
        # Behind a link, .. is not the folder that is written before it.
        place = real_path(path) if ".." in path.parts else absolute(path)
        return self.origin_within(
            place, enclosing_collection(place.parent), path.parent
        )

    def origin_within(
        self, place: Path, root: Path | None, folder: Path
    ) -> DraftOrigin:
        """Return the same without a look at the disk, which may not respond.

        Args:
            place: The absolute path of the saved request.
            root: The nearest collection that it is in.
            folder: What paths in it are relative to.
        """
        own = self.collection.root
        if place.is_relative_to(own) and (root is None or own.is_relative_to(root)):
            return DraftOrigin(folder, self.trust)
        return DraftOrigin(folder, TrustStore().trust_in(root or place.parent))

    def with_granted(self, powers: Iterable[Power]) -> Session:
        """Return the session with a collection that is trusted with more."""
        granted = frozenset(powers)

        def grant(environment: Environment) -> Environment:
            missing = set(environment.ungranted) - granted
            return replace(environment, ungranted=tuple(sorted(missing)))

        environments = replace(
            self.environments,
            all=tuple(map(grant, self.environments.all)),
            ungranted=tuple(set(self.environments.ungranted) - granted),
        )
        return replace(
            self,
            environments=environments,
            environment=grant(self.environment),
            trust=self.trust.with_granted(granted),
        )

    def collection_powers(self) -> frozenset[Power]:
        """Return all that the collection needs and is not trusted with; reads every file."""
        from mixtui.request.powers import draft_powers

        root = self.trust.root
        if root is None:
            return frozenset()
        powers = set(self.environments.ungranted)
        for environment in self.environments.all:
            powers.update(environment.ungranted)
        for entry in self.collection.scan().all_requests():
            try:
                draft = self.collection.open(entry.path).draft
            except StorageError:
                continue  # It cannot be sent either.
            origin = self.origin(entry.path)
            if origin.trust.root == root:
                powers |= draft_powers(draft, root, origin.folder)
        return frozenset(self.trust.missing(powers))

    def with_environment(self, environment: Environment) -> Session:
        """Return the session with another current environment."""
        return replace(self, environment=environment)

    def reopened(self, environment: str) -> Session:
        """Reload every file, and use an environment if it still exists.

        Args:
            environment: Its name.
        """
        root = self.collection.root
        # The default folder is created with the first request: if it were named, its
        # absence would be an error.
        named = root if root.exists() else None
        sandbox = self.sandbox if self.runs_sandbox else ""
        session = open_session(named, sandbox=sandbox, lenient=True)
        current = session.environments.get(environment)
        return session.with_environment(current) if current else session

    def with_collection(self, root: Path) -> Session:
        """Return the session as a start in another collection would make it.

        The environment in use stays, unless it is one of this collection or the other
        one chooses one of its own.

        Raises:
            StorageError: There is no such folder.
        """
        sandbox = self.sandbox if self.runs_sandbox else ""
        session = open_session(root, sandbox=sandbox, lenient=True)
        current, chosen = self.environment, session.environment
        same = session.environments.get(current.name)
        is_shared = same is not None and same.origin == current.origin
        if Path(chosen.origin) == session.collection.root / COLLECTION_FILE:
            return session
        return session.with_environment(same) if same and is_shared else session

    def refreshed(self) -> tuple[Session, tuple[str, ...]]:
        """Read settings and environments again, as another program may have changed them.

        What has become invalid stays as it was. So does the environment in use, by its
        name: another one is never used instead, unless there was none at all.

        Returns:
            The session, itself if nothing has changed; a sentence for each problem.
        """
        root, variables = self.collection.root, self.secrets.variables or os.environ
        stored = StoredCredentials(self.config / CREDENTIALS_FILE)
        trust = TrustStore().trust_in(root)
        if trust.root is not None:  # What was granted until the end stays granted.
            trust = trust.with_granted(self.trust.granted)
        problems: list[str] = []
        settings, environments = self.settings, self.environments
        try:
            settings = load_settings(self.config / SETTINGS_FILE)
        except (SettingsError, StorageError) as error:
            problems.append(str(error))
        declares = any(Path(e.origin).parent == root for e in environments.all)
        try:
            # A network folder that is away has deleted nothing.
            if not declares or root.is_dir():
                environments = load_environments(
                    self.config, root, stored, variables, trust
                )
                if self.sandbox:
                    environments, _ = with_sandbox(
                        environments, self.secrets, self.sandbox, variables
                    )
        except (SettingsError, StorageError) as error:
            problems.append(str(error))
        problems += environments.problems
        session = replace(
            self,
            environments=environments,
            environment=self._environment_in(environments),
            settings=settings,
            trust=trust,
            warnings=(*problems, *settings.warnings, *environments.warnings),
        )
        return (self if session == self else session), tuple(problems)

    def _environment_in(self, environments: Environments) -> Environment:
        """Return the environment in use as it is in others."""
        name = self.environment.name
        if self.environment == NO_ENVIRONMENT:
            name = "" if self.environments.all else environments.default
        elif environments.problem(name):
            return self.environment
        return environments.get(name) or NO_ENVIRONMENT

    @property
    def is_in_sandbox(self) -> bool:
        """Whether every request of the environment goes to the sandbox."""
        return self.environment in sandbox_environments(self.sandbox)

    def environment_store(self) -> FileEnvironmentStore:
        """Open the store that reads and changes the environments."""
        from mixtui.storage.environment_store import FileEnvironmentStore

        return FileEnvironmentStore(
            self.config,
            self.collection.root,
            self.secrets.variables or os.environ,
            sandbox_environments(self.sandbox),
        )


def open_session(
    collection: Path | None = None,
    environment: str | None = None,
    *,
    variables: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    sandbox: str = "",
    lenient: bool = False,
    needs_environment: bool = True,
) -> Session:
    """Find and read everything that a run needs.

    Args:
        collection: The requested folder (--collection).
        environment: The requested environment (--env).
        variables: The environment of the process.
        cwd: Where to look for a collection.
        sandbox: The origin of the sandbox that this process runs, if it runs one; its
            environments come first.
        lenient: Turn an invalid file into a warning, as the app starts anyway.
        needs_environment: Whether it is an error if the environment to start with is
            broken; if not, no environment is used.

    Raises:
        SettingsError: A file is invalid, or there is no such environment.
        StorageError: The requested collection does not exist.
    """
    variables = os.environ if variables is None else variables
    runs_sandbox = bool(sandbox)
    sandbox = sandbox or variables.get(SANDBOX_VARIABLE, "")
    root = find_collection(collection, cwd or working_folder(), variables)
    config = config_dir()
    sweep(config)  # It may hold the text of credentials.
    stored = StoredCredentials(config / CREDENTIALS_FILE)
    trust = TrustStore().trust_in(root)
    warnings: list[str] = []
    settings, environments = Settings(), Environments()
    try:
        settings = load_settings(config / SETTINGS_FILE)
    except (SettingsError, StorageError) as error:
        if not lenient:
            raise
        warnings.append(str(error))
    try:
        environments = load_environments(config, root, stored, variables, trust)
    except (SettingsError, StorageError) as error:
        if not lenient:
            raise
        warnings.append(str(error))
    if lenient:
        warnings += environments.problems
    reader = SecretReader(stored.get, variables)
    if sandbox:
        environments, reader = with_sandbox(environments, reader, sandbox, variables)
    requested = environment or variables.get(ENVIRONMENT_VARIABLE, "")
    if environments.ungranted and not requested and not lenient:
        from shlex import quote

        warnings.append(
            f"The collection {root} is not trusted, so it does not select the "
            f"environment: use --env, or run: mixtui trust {quote(str(root))}"
        )
    return Session(
        collection=Collection(root),
        environments=environments,
        environment=_choose(
            environments, requested, needed=needs_environment and not lenient
        ),
        secrets=reader,
        settings=settings,
        config=config,
        warnings=(*warnings, *settings.warnings, *environments.warnings),
        sandbox=sandbox,
        runs_sandbox=runs_sandbox,
        trust=trust,
    )


def sandbox_environments(origin: str) -> tuple[Environment, ...]:
    """Return the environments of the sandbox at an origin; none if it is empty."""
    if not origin:
        return ()
    from mixtui.sandbox.data import identity

    return identity.environments(origin.rstrip("/"))


def with_sandbox(
    environments: Environments,
    reader: SecretReader,
    origin: str,
    variables: Mapping[str, str],
) -> tuple[Environments, SecretReader]:
    from mixtui.sandbox.data import identity

    sandbox = sandbox_environments(origin)
    names = {environment.name for environment in sandbox}
    others = tuple(e for e in environments.all if e.name not in names)
    merged = replace(
        environments,
        all=(*sandbox, *others),
        default=sandbox[0].name,
        ungranted=(),
        default_problem="",
    )
    known = {**variables, **identity.VARIABLES}
    return merged, replace(reader, variables=known)


def _choose(environments: Environments, requested: str, *, needed: bool) -> Environment:
    if problem := environments.problem(requested):
        if requested or needed:
            raise SettingsError(problem)
        return NO_ENVIRONMENT
    name = requested or environments.default
    if not name:
        return NO_ENVIRONMENT
    environment = environments.get(name)
    if environment is not None:
        return environment
    names = ", ".join(environments.names)
    available = (
        f"Available: {names}." if names else f"Add one with {key_of('environments')}."
    )
    hint = did_you_mean(name, environments.names, available)
    raise SettingsError(f"The environment “{name}” was not found. {hint}")
