"""An environment while a person types it: maybe wrong, never lost.

The form shows a draft and reads one back; `environment_problems` says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from mixtui.core.environments import Credentials, Environment, ServiceAccount, Tls
from mixtui.core.secrets import (
    FromCommand,
    FromCredentialsFile,
    FromFile,
    FromKeyring,
    FromVariable,
    Secret,
    SecretSource,
)
from mixtui.mixpanel.apis import Api, Region
from mixtui.ui.environment_store import KINDS, sources


class SecretKind(StrEnum):
    """Where a secret comes from, in the words of the form."""

    NONE = "none"
    TYPED = "typed here"
    VARIABLE = "variable"
    COMMAND = "command"
    KEYRING = "key ring"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class SecretDraft:
    """A secret's source while it is edited."""

    kind: SecretKind = SecretKind.NONE
    place: str = ""
    """The variable, command, entry or file."""
    typed: Secret | None = None
    """Typed just now; None = nothing was."""
    kept: FromCredentialsFile | None = None
    """In credentials.toml already."""

    @property
    def given(self) -> bool:
        """Whether there is anything of a secret."""
        match self.kind:
            case SecretKind.NONE:
                return False
            case SecretKind.TYPED:
                return self.typed is not None or self.kept is not None
            case _:
                return bool(self.place.strip())

    def source(self, environment: str, name: str) -> SecretSource | None:
        """What the environment declares."""
        place = self.place.strip()
        match self.kind:
            case SecretKind.NONE:
                return None
            case SecretKind.TYPED:
                fresh = FromCredentialsFile(environment, name)
                return fresh if self.typed or self.kept is None else self.kept
            case SecretKind.VARIABLE:
                return FromVariable(place)
            case SecretKind.COMMAND:
                return FromCommand(place)
            case SecretKind.KEYRING:
                return FromKeyring(place)
            case SecretKind.FILE:
                return FromFile(place)


@dataclass(frozen=True, slots=True)
class EnvironmentDraft:
    """All that the form shows, as it was typed."""

    name: str = ""
    region: Region = Region.US
    project_id: str = ""
    workspace_id: str = ""
    organization_id: str = ""
    read_only: bool = False
    confirm_writes: bool = True
    history: bool = True
    username: str = ""
    service_account: SecretDraft = SecretDraft(SecretKind.TYPED)
    project_token: str = ""
    project_secret: SecretDraft = SecretDraft()
    oauth_token: SecretDraft = SecretDraft()
    variables: str = ""
    """``name = value`` lines."""
    hosts: str = ""
    """``api = url`` lines."""
    ca_file: str = ""
    client_certificate: str = ""
    client_key: str = ""
    unshown_variables: Mapping[str, str] = field(default_factory=dict)
    """Those that a line cannot hold; kept as they are."""

    def secret(self, kind: str) -> SecretDraft:
        """One of the three secrets, by what credentials.toml calls it."""
        secret = getattr(self, kind)
        assert isinstance(secret, SecretDraft)
        return secret

    def renamed(self, name: str) -> EnvironmentDraft:
        """The same under another name."""
        return replace(self, name=name)


def edit(
    environment: Environment, doubt: Callable[[SecretSource], str]
) -> EnvironmentDraft:
    """A draft that holds an environment.

    Args:
        environment: The one to edit.
        doubt: `EnvironmentStore.doubt`: tells whether credentials.toml has the secret.
    """
    credentials, tls = environment.credentials, environment.tls
    account = credentials.service_account
    found = {k: _secret_draft(s, doubt) for k, s in sources(environment).items()}
    shown = {k: v for k, v in environment.variables.items() if _fits_a_line(k, v)}
    return EnvironmentDraft(
        name=environment.name,
        region=environment.region,
        project_id=environment.project_id,
        workspace_id=environment.workspace_id,
        organization_id=environment.organization_id,
        read_only=environment.read_only,
        confirm_writes=environment.confirm_writes,
        history=environment.history,
        username=account.username if account else "",
        service_account=found.get("service_account", SecretDraft(SecretKind.TYPED)),
        project_token=credentials.project_token,
        project_secret=found.get("project_secret", SecretDraft()),
        oauth_token=found.get("oauth_token", SecretDraft()),
        variables=_lines(shown),
        hosts=_lines({str(api): url for api, url in environment.hosts.items()}),
        ca_file=tls.ca_file,
        client_certificate=tls.client_certificate,
        client_key=tls.client_key,
        unshown_variables={
            k: v for k, v in environment.variables.items() if k not in shown
        },
    )


def finish(draft: EnvironmentDraft) -> tuple[Environment, dict[str, Secret]]:
    """The environment of a draft without problems, and the secrets that were typed."""
    name = draft.name.strip()
    found = {kind: draft.secret(kind).source(name, kind) for kind in KINDS}
    username, account_secret = draft.username.strip(), found["service_account"]
    account = None
    if username and account_secret is not None:
        account = ServiceAccount(username, account_secret)
    typed = {
        kind: secret
        for kind in KINDS
        if (secret := draft.secret(kind).typed) is not None
        and draft.secret(kind).kind is SecretKind.TYPED
    }
    environment = Environment(
        name=name,
        region=draft.region,
        project_id=draft.project_id.strip(),
        workspace_id=draft.workspace_id.strip(),
        organization_id=draft.organization_id.strip(),
        read_only=draft.read_only,
        confirm_writes=draft.confirm_writes,
        history=draft.history,
        credentials=Credentials(
            draft.project_token.strip(),
            account,
            found["project_secret"],
            found["oauth_token"],
        ),
        variables={**dict(pairs(draft.variables)), **draft.unshown_variables},
        hosts={Api(api): url for api, url in pairs(draft.hosts)},
        tls=Tls(
            draft.ca_file.strip(),
            draft.client_certificate.strip(),
            draft.client_key.strip(),
        ),
    )
    return environment, typed


def free_name(name: str, names: Collection[str]) -> str:
    """A name for a copy: ``prod-2``, or the next number that is free."""
    number = 2
    while f"{name}-{number}" in names:
        number += 1
    return f"{name}-{number}"


def pairs(text: str) -> list[tuple[str, str]]:
    """The names and values of ``name = value`` lines."""
    split = (line.partition("=") for line in text.split("\n") if line.strip())
    return [(name.strip(), value.strip()) for name, _, value in split]


def _lines(pairs: Mapping[str, str]) -> str:
    return "\n".join(f"{name} = {value}" for name, value in pairs.items())


def _fits_a_line(name: str, value: str) -> bool:
    return pairs(f"{name} = {value}") == [(name, value)] and value.isprintable()


def _secret_draft(
    source: SecretSource, doubt: Callable[[SecretSource], str]
) -> SecretDraft:
    match source:
        case FromVariable(place):
            return SecretDraft(SecretKind.VARIABLE, place)
        case FromCommand(place):
            return SecretDraft(SecretKind.COMMAND, place)
        case FromKeyring(place):
            return SecretDraft(SecretKind.KEYRING, place)
        case FromFile(place):
            return SecretDraft(SecretKind.FILE, place)
        case FromCredentialsFile():
            kept = None if doubt(source) else source
            return SecretDraft(SecretKind.TYPED, kept=kept)
