"""Match imports with environments, and assign their credentials."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from mixtui.interchange.model import ExtractedCredential, ImportedRequest
from mixtui.interchange.placeholders import env_variable
from mixtui.mixpanel.apis import CredentialKind, Region
from mixtui.model.draft import Draft
from mixtui.model.environment import Credentials, Environment, ServiceAccount
from mixtui.model.secrets import FromCredentialsFile, FromVariable, Secret, SecretSource
from mixtui.request.preview import preview

_IDS = ("project_id", "workspace_id")


class AssignedCredentials(Struct, frozen=True):
    """An environment with credentials put into it."""

    environment: Environment
    secrets: Mapping[str, Secret]
    """To be stored in credentials.toml, by kind."""
    notes: tuple[str, ...] = ()
    """Sentences: what could not be stored."""


def matches(environment: Environment, imported: ImportedRequest) -> bool:
    """Return whether an environment is for the region and project of an import."""
    if imported.environment:
        return environment.name == imported.environment
    if imported.region is not None and imported.region is not environment.region:
        return False
    return not imported.project_id or environment.project_id in (
        "",
        imported.project_id,
    )


def matching_environments(
    imported: ImportedRequest, environments: Iterable[Environment]
) -> tuple[Environment, ...]:
    """Return the environments that match, those of the same project first."""
    matching = [
        environment for environment in environments if matches(environment, imported)
    ]
    return tuple(sorted(matching, key=lambda e: e.project_id != imported.project_id))


def strip_added_ids(draft: Draft, environment: Environment) -> Draft:
    """Remove the ids that the app adds by itself in an environment."""
    for row in draft.query:
        if row.name in _IDS and row.enabled:
            stripped = replace(draft, query=tuple(r for r in draft.query if r != row))
            if (row.name, row.value) in preview(stripped, environment).added_query:
                draft = stripped
    return draft


def missing_credentials(
    environment: Environment, credentials: Iterable[ExtractedCredential]
) -> tuple[ExtractedCredential, ...]:
    """Return the credentials that an environment does not have, without reading secrets."""
    return tuple(
        f
        for f in credentials
        if not (
            f.kind is CredentialKind.PROJECT_TOKEN
            and f.secret == Secret(environment.credentials.project_token)
        )
        and (
            not isinstance(f.secret, FromVariable)
            or f.secret != _current_source(environment, f)
        )
    )


def replaced_credentials(
    environment: Environment, extracted: Iterable[ExtractedCredential]
) -> tuple[str, ...]:
    """Return the labels of the environment's credentials that would be replaced."""
    credentials = environment.credentials
    current = {
        CredentialKind.SERVICE_ACCOUNT: credentials.service_account,
        CredentialKind.PROJECT_TOKEN: credentials.project_token,
        CredentialKind.PROJECT_SECRET: credentials.project_secret,
        CredentialKind.OAUTH: credentials.oauth_token,
    }
    return tuple(f.kind.label for f in extracted if current[f.kind])


def new_environment(name: str, imported: ImportedRequest) -> Environment:
    """Create an environment for an import, without credentials."""
    return Environment(
        name, region=imported.region or Region.US, project_id=imported.project_id
    )


def assign_credentials(
    environment: Environment,
    imported: ImportedRequest,
    variables: Mapping[str, str],
) -> AssignedCredentials:
    """Put the credentials into an environment, replacing those of the same kind.

    Args:
        environment: The environment to change.
        imported: Its project id is used if the environment has none.
        variables: Of the process; they may hold a user name or a project token.
    """
    secrets: dict[str, Secret] = {}
    notes: list[str] = []
    credentials = environment.credentials
    for credential in imported.credentials:
        source: SecretSource
        if isinstance(credential.secret, FromVariable):
            source = credential.secret
        else:
            source = FromCredentialsFile(environment.name, credential.kind.key)
        plain = _plain_value(credential, variables)
        if plain is None:
            notes.append(
                f"Not stored, because its variable is not set: {credential.label}."
            )
            continue
        credentials = _with_credential(credentials, credential.kind, plain, source)
        if credential.kind is not CredentialKind.PROJECT_TOKEN and isinstance(
            credential.secret, Secret
        ):
            secrets[credential.kind.key] = credential.secret
    return AssignedCredentials(
        replace(
            environment,
            project_id=environment.project_id or imported.project_id,
            credentials=credentials,
        ),
        secrets,
        tuple(notes),
    )


def _with_credential(
    credentials: Credentials, kind: CredentialKind, plain: str, source: SecretSource
) -> Credentials:
    match kind:
        case CredentialKind.SERVICE_ACCOUNT:
            return replace(credentials, service_account=ServiceAccount(plain, source))
        case CredentialKind.PROJECT_TOKEN:
            return replace(credentials, project_token=plain)
        case CredentialKind.PROJECT_SECRET:
            return replace(credentials, project_secret=source)
        case CredentialKind.OAUTH:
            return replace(credentials, oauth_token=source)


def _plain_value(
    credential: ExtractedCredential, variables: Mapping[str, str]
) -> str | None:
    """Return what environments.toml stores in plain text: user name or project token.

    None = its variable is not set.
    """
    if credential.kind is CredentialKind.PROJECT_TOKEN:
        if isinstance(credential.secret, FromVariable):
            return variables.get(credential.secret.name)
        return credential.secret.reveal()
    name = env_variable(credential.username)
    return variables.get(name) if name else credential.username


def _current_source(
    environment: Environment, credential: ExtractedCredential
) -> SecretSource | None:
    """Return the environment's source of the same secret; None = it has none."""
    credentials = environment.credentials
    match credential.kind:
        case CredentialKind.SERVICE_ACCOUNT:
            account = credentials.service_account
            is_same_account = (
                account is not None and account.username == credential.username
            )
            return account.secret if account is not None and is_same_account else None
        case CredentialKind.PROJECT_SECRET:
            return credentials.project_secret
        case CredentialKind.OAUTH:
            return credentials.oauth_token
        case CredentialKind.PROJECT_TOKEN:
            return None


def target_label(imported: ImportedRequest) -> str:
    """Return the target of an import as a label: ``the Query API in eu, project 12``."""
    parts = [f"the {imported.draft.api.label} API"]
    if imported.region is not None:
        parts[0] += f" in {imported.region}"
    if imported.project_id:
        parts.append(f"project {imported.project_id}")
    if imported.environment:
        parts.append(f"on the host of the environment {imported.environment}")
    return ", ".join(parts)
