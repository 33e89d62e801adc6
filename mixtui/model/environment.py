"""An environment: region, project, credentials, variables and safety, under one name.

Never called a profile: that is a Mixpanel user profile.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct, field
from msgspec.structs import replace

from mixtui.mixpanel.apis import Api, Region
from mixtui.model.secrets import SecretSource
from mixtui.model.trust import Power

FROM_VARIABLES = "MP_* variables"
"""The origin of the environment defined by the MP_* variables."""
FROM_SANDBOX = "the sandbox"
"""The origin of the environments of the sandbox."""
EMPTY: Mapping[str, str] = MappingProxyType({})


class ServiceAccount(Struct, frozen=True):
    """Basic authentication for everything except client-side Ingestion requests.

    https://developer.mixpanel.com/reference/service-accounts
    """

    username: str
    secret: SecretSource


class Credentials(Struct, frozen=True):
    """The credentials of an environment; None or empty = not declared."""

    project_token: str = ""
    """An identifier, not a secret."""
    service_account: ServiceAccount | None = None
    project_secret: SecretSource | None = None
    oauth_token: SecretSource | None = None


class Tls(Struct, frozen=True):
    """A private certificate authority and a client certificate (PEM files)."""

    ca_file: str = ""
    client_certificate: str = ""
    client_key: str = ""


class Environment(Struct, frozen=True):
    """One named environment."""

    name: str
    region: Region = Region.US
    project_id: str = ""
    workspace_id: str = ""
    organization_id: str = ""
    read_only: bool = False
    """Refuse every write."""
    confirm_writes: bool = False
    """Ask before every write."""
    history: bool = True
    """Record in history."""
    credentials: Credentials = field(default_factory=Credentials)
    variables: Mapping[str, str] = field(default_factory=dict)
    """For ``{{name}}`` templates."""
    hosts: Mapping[Api, str] = field(default_factory=dict)
    """Base URLs used instead of the official ones."""
    tls: Tls = field(default_factory=Tls)
    origin: str = ""
    """Where it was declared, for messages: the path of a file or "MP_* variables"."""
    ungranted: tuple[Power, ...] = ()
    """Powers it needs that its collection is not trusted with: it cannot be sent with."""

    @property
    def write_label(self) -> str:
        """What happens to a write, in a few words."""
        if self.read_only:
            return "read-only"
        return "confirms writes" if self.confirm_writes else "writes are real"

    def with_variables(self, variables: Mapping[str, str]) -> Environment:
        """Return the same environment with more variables; the new ones win."""
        return replace(self, variables={**self.variables, **variables})


NO_ENVIRONMENT = Environment("none")
"""Used if none is declared: region us, no project, no credentials."""


class BrokenEnvironment(Struct, frozen=True):
    """An environment that is declared and cannot be used; the others can."""

    name: str
    problem: str
    """A sentence: where it is declared and what is wrong with it."""


class Environments(Struct, frozen=True):
    """All environments, in order of declaration, and the default one."""

    all: tuple[Environment, ...] = ()
    default: str = ""
    """May be a broken one: then none is chosen in its place."""
    warnings: tuple[str, ...] = ()
    """Unknown keys and the like: reported, never fatal."""
    ungranted: tuple[Power, ...] = ()
    """The choice of the default, if the collection makes it and is not trusted to."""
    broken: tuple[BrokenEnvironment, ...] = ()
    default_problem: str = ""
    """Why there is no default although a file names one, in a sentence."""

    @property
    def problems(self) -> tuple[str, ...]:
        """A sentence for each thing that cannot be read."""
        sentences = (each.problem for each in self.broken)
        return tuple(filter(None, (self.default_problem, *sentences)))

    def problem(self, name: str) -> str:
        """Return why the environment of a name cannot be used; empty = it is not broken.

        Args:
            name: Empty = the default one.
        """
        if not name and self.default_problem:
            return self.default_problem
        wanted = name or self.default
        return next((e.problem for e in self.broken if e.name == wanted), "")

    def get(self, name: str) -> Environment | None:
        """Return the environment with a name, or None."""
        return next((e for e in self.all if e.name == name), None)

    @property
    def names(self) -> tuple[str, ...]:
        """The names, in order of declaration."""
        return tuple(e.name for e in self.all)
