"""An environment as typed into the form, and its problems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct, field
from msgspec.structs import replace

from mixtui.mixpanel.apis import Api, Region
from mixtui.model.environment import (
    Credentials,
    Environment,
    ServiceAccount,
    Tls,
)
from mixtui.model.errors import DraftError
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
from mixtui.patterns import compile_late
from mixtui.request.urls import resolve_base
from mixtui.spelling import did_you_mean
from mixtui.storage.environment_store import (
    SECRET_KINDS,
    secret_sources,
)
from mixtui.storage.environments import name_problem


class SecretKind(StrEnum):
    """The source of a secret, as the form labels it."""

    NONE = "none"
    TYPED = "stored here"
    VARIABLE = "variable"
    COMMAND = "command"
    KEYRING = "keyring"
    FILE = "file"


class SecretDraft(Struct, frozen=True):
    """A secret's source while it is edited."""

    kind: SecretKind = SecretKind.NONE
    location: str = ""
    """The variable, command, entry or file."""
    typed: Secret | None = None
    """The secret typed; None = none was."""
    stored: FromCredentialsFile | None = None
    """The secret in credentials.toml; None = none is there."""

    @property
    def is_set(self) -> bool:
        """Whether a secret or its location is provided."""
        match self.kind:
            case SecretKind.NONE:
                return False
            case SecretKind.TYPED:
                return self.typed is not None or self.stored is not None
            case _:
                return bool(self.location.strip())

    def source(self, environment: str, name: str) -> SecretSource | None:
        """Return the source that the environment declares."""
        location = self.location.strip()
        match self.kind:
            case SecretKind.NONE:
                return None
            case SecretKind.TYPED:
                new = FromCredentialsFile(environment, name)
                return new if self.typed or self.stored is None else self.stored
            case SecretKind.VARIABLE:
                return FromVariable(location)
            case SecretKind.COMMAND:
                return FromCommand(location)
            case SecretKind.KEYRING:
                return FromKeyring(location)
            case SecretKind.FILE:
                return FromFile(location)


class EnvironmentDraft(Struct, frozen=True):
    """The fields of the form, as typed."""

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
    """Variables that do not fit on a line; saved unchanged."""

    def secret(self, kind: str) -> SecretDraft:
        """Return one of the three secrets, by its name in credentials.toml."""
        secret = getattr(self, kind)
        assert isinstance(secret, SecretDraft)
        return secret

    @property
    def credentials(self) -> tuple[object, ...]:
        """What a test depends on."""
        return (
            self.username,
            self.service_account,
            self.project_secret,
            self.oauth_token,
            self.hosts,
        )

    def renamed(self, name: str) -> EnvironmentDraft:
        """Return the draft under another name."""
        return replace(self, name=name)


def draft_of(
    environment: Environment, secret_problem: Callable[[SecretSource], str]
) -> EnvironmentDraft:
    """Return the draft of an environment.

    Args:
        environment: The one to edit.
        secret_problem: `EnvironmentStore.secret_problem`: why a secret cannot be read.
    """
    credentials, tls = environment.credentials, environment.tls
    account = credentials.service_account
    secrets = {
        k: _secret_draft(s, secret_problem)
        for k, s in secret_sources(environment).items()
    }
    one_line = {k: v for k, v in environment.variables.items() if _fits_one_line(k, v)}
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
        service_account=secrets.get("service_account", SecretDraft(SecretKind.TYPED)),
        project_token=credentials.project_token,
        project_secret=secrets.get("project_secret", SecretDraft()),
        oauth_token=secrets.get("oauth_token", SecretDraft()),
        variables=_format_lines(one_line),
        hosts=_format_lines({str(api): url for api, url in environment.hosts.items()}),
        ca_file=tls.ca_file,
        client_certificate=tls.client_certificate,
        client_key=tls.client_key,
        unshown_variables={
            k: v for k, v in environment.variables.items() if k not in one_line
        },
    )


def finish(draft: EnvironmentDraft) -> tuple[Environment, dict[str, Secret]]:
    """Return the environment of a valid draft, and the secrets that were typed."""
    name = draft.name.strip()
    sources = {kind: draft.secret(kind).source(name, kind) for kind in SECRET_KINDS}
    username, account_secret = draft.username.strip(), sources["service_account"]
    account = None
    if username and account_secret is not None:
        account = ServiceAccount(username, account_secret)
    typed = {
        kind: secret
        for kind in SECRET_KINDS
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
            sources["project_secret"],
            sources["oauth_token"],
        ),
        variables={**dict(parse_lines(draft.variables)), **draft.unshown_variables},
        hosts={Api(api): url for api, url in parse_lines(draft.hosts)},
        tls=Tls(
            draft.ca_file.strip(),
            draft.client_certificate.strip(),
            draft.client_key.strip(),
        ),
    )
    return environment, typed


def parse_lines(text: str) -> list[tuple[str, str]]:
    """Parse ``name = value`` lines."""
    split = (line.partition("=") for line in text.split("\n") if line.strip())
    return [(name.strip(), value.strip()) for name, _, value in split]


def _format_lines(values: Mapping[str, str]) -> str:
    return "\n".join(f"{name} = {value}" for name, value in values.items())


def _fits_one_line(name: str, value: str) -> bool:
    return parse_lines(f"{name} = {value}") == [(name, value)] and value.isprintable()


def _secret_draft(
    source: SecretSource, secret_problem: Callable[[SecretSource], str]
) -> SecretDraft:
    match source:
        case FromVariable(location):
            return SecretDraft(SecretKind.VARIABLE, location)
        case FromCommand(location):
            return SecretDraft(SecretKind.COMMAND, location)
        case FromKeyring(location):
            return SecretDraft(SecretKind.KEYRING, location)
        case FromFile(location):
            return SecretDraft(SecretKind.FILE, location)
        case FromCredentialsFile():
            stored = None if secret_problem(source) else source
            return SecretDraft(SecretKind.TYPED, stored=stored)
        case TypedSecret(secret):
            return SecretDraft(SecretKind.TYPED, typed=secret)


_VARIABLE_NAME = compile_late(r"[A-Za-z_][\w.:+-]*")
_PROCESS_VARIABLE = compile_late(r"[A-Za-z_][A-Za-z0-9_]*")
_LIKE_A_SECRET = compile_late(r"(?=.*\d)[A-Za-z0-9]{24,}")


def problems(draft: EnvironmentDraft, used_names: Collection[str]) -> dict[str, str]:
    """Return a sentence for each field with a problem, in the order of the form.

    Args:
        draft: As typed.
        used_names: The names of other environments.
    """
    result = {
        "name": _name_problem(draft.name.strip(), used_names),
        "project_id": _id_problem("project", draft.project_id),
        "workspace_id": _id_problem("workspace", draft.workspace_id),
        "organization_id": _id_problem("organization", draft.organization_id),
        "username": _username_problem(draft),
        "service_account": _account_secret_problem(draft),
        "project_token": _token_problem(draft.project_token.strip()),
        "project_secret": _secret_problem(draft.project_secret),
        "oauth_token": _secret_problem(draft.oauth_token),
        "variables": _variables_problem(
            draft.variables, tuple(draft.unshown_variables)
        ),
        "hosts": _hosts_problem(draft.hosts),
        "client_key": (
            "A client key needs a certificate: enter its path, too."
            if draft.client_key.strip() and not draft.client_certificate.strip()
            else ""
        ),
    }
    return {name: sentence for name, sentence in result.items() if sentence}


def _name_problem(name: str, used_names: Collection[str]) -> str:
    if not name:
        return "Enter a name, such as prod-eu."
    if reason := name_problem(name):
        return f"Invalid name: {reason}."
    if name in used_names:
        return f"The environment {name} already exists. Choose another name."
    return ""


def _id_problem(what: str, text: str) -> str:
    text = text.strip()
    if not text or (text.isascii() and text.isdecimal()):
        return ""
    return f"The {what} ID must be a number, such as 1234567."


def _username_problem(draft: EnvironmentDraft) -> str:
    username = draft.username.strip()
    if not username and draft.service_account.is_set:
        return (
            "Enter the service account's username (it looks like "
            "ci.1a2b3c.mp-service-account), or set its secret to none."
        )
    if ":" in username or any(c.isspace() or not c.isprintable() for c in username):
        return "A username cannot contain colons or spaces."
    return ""


def _account_secret_problem(draft: EnvironmentDraft) -> str:
    secret = draft.service_account
    if draft.username.strip() and secret.kind is SecretKind.NONE:
        return "Choose a source for the service account's secret."
    if not draft.username.strip() and not secret.is_set:
        return ""
    return _secret_problem(secret)


def _secret_problem(secret: SecretDraft) -> str:
    location = secret.location.strip()
    match secret.kind:
        case SecretKind.NONE:
            return ""
        case SecretKind.TYPED:
            return (
                "" if secret.is_set else "Enter the secret, or choose another source."
            )
        case SecretKind.VARIABLE if not _PROCESS_VARIABLE.fullmatch(location):
            return "Enter a variable name, such as MP_SECRET."
        case SecretKind.KEYRING if not all(location.rpartition("/")):
            return "Enter service/user, such as mixtui/prod-eu."
        case _ if not location:
            return f"Enter the {secret.kind}."
        case _ if not location.isprintable():
            return f"The {secret.kind} contains control characters."
        case _ if _LIKE_A_SECRET.fullmatch(location):
            return (
                "This looks like the secret itself, which would be written to "
                "environments.toml: choose “stored here” for it."
            )
        case _:
            return ""


def _token_problem(token: str) -> str:
    if any(c.isspace() or not c.isprintable() for c in token):
        return "A project token cannot contain spaces."
    return ""


# All fields are checked at each letter in any of them, and of variables there may be
# thousands.
@lru_cache(maxsize=1)
def _variables_problem(text: str, unshown_names: tuple[str, ...]) -> str:
    if wrong := _line_problem(text, "name = value"):
        return wrong
    names = [name for name, _ in parse_lines(text)]
    for name in names:
        if not _VARIABLE_NAME.fullmatch(name):
            return (
                f"“{name}” is not a valid variable name: "
                "it must start with a letter and contain no spaces."
            )
    return _duplicate_problem([*names, *unshown_names])


def _hosts_problem(text: str) -> str:
    if wrong := _line_problem(text, "api = https://…"):
        return wrong
    rows = parse_lines(text)
    for api, url in rows:
        if api not in list(Api):
            hint = did_you_mean(api, Api, f"APIs: {', '.join(Api)}.")
            return f"“{api}” is not an API. {hint}"
        try:
            resolve_base(Api(api), Environment("this one", hosts={Api(api): url}))
        except DraftError as error:
            return str(error)
    return _duplicate_problem([api for api, _ in rows])


def _line_problem(text: str, form: str) -> str:
    for number, line in enumerate(text.split("\n"), 1):
        name, equals, _ = line.partition("=")
        if line.strip() and not (equals and name.strip()):
            return f"Line {number} must look like {form}."
    return ""


def _duplicate_problem(names: list[str]) -> str:
    counts = Counter(names)
    duplicate = next((name for name in names if counts[name] > 1), None)
    return f"“{duplicate}” is defined twice. Remove one." if duplicate else ""
