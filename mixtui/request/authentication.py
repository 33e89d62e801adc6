"""Choose the credential of a request, and build its ``Authorization`` header.

Choosing needs no secret, so a preview runs no command and opens no key ring; the secret
is read by `authorization_header` when the request is sent.
"""

from __future__ import annotations

import base64

from msgspec import Struct
from msgspec.structs import replace

from mixtui.key_names import add_environment, key_of
from mixtui.mixpanel.apis import CredentialKind
from mixtui.mixpanel.endpoints import Endpoint
from mixtui.model.draft import AuthChoice, Options
from mixtui.model.environment import (
    FROM_VARIABLES,
    NO_ENVIRONMENT,
    Credentials,
    Environment,
)
from mixtui.model.errors import CredentialError
from mixtui.model.prepared import (
    Authorization,
    OAuthBearer,
    ProjectSecretBasic,
    ServiceAccountBasic,
    TokenBasic,
)
from mixtui.model.secrets import Secret, SecretReader, SecretSource
from mixtui.request.omissions import AUTHORIZATION, is_omitted, omits_record_token
from mixtui.request.secret_values import header_secrets


class AuthPlan(Struct, frozen=True):
    """The credential of a request, and why it was chosen."""

    kind: CredentialKind | None
    """None = no credential is added, by choice or because a header was typed."""
    authorization: Authorization | None
    """None = nothing goes into the ``Authorization`` header."""
    description: str
    """For the screen, such as "service account ci (auto: …)"."""
    notices: tuple[str, ...] = ()
    adds_ids: bool = True
    """Whether the app adds the project token and ids; False for "none"."""
    omitted: Authorization | None = None
    """What would go into the header if the request did not leave it out."""


PROJECT_SECRET_NOTICE = (
    "Mixpanel ends support for project secrets on 3 March 2027: use a service account "
    "instead."
)


def plan_auth(
    endpoint: Endpoint,
    environment: Environment,
    options: Options,
    *,
    has_typed_header: bool,
    token_in_payload: bool,
) -> AuthPlan:
    """Choose the credential of a request, and omit what the request leaves out.

    Args:
        endpoint: Which credentials the path accepts.
        environment: Which credentials are available.
        options: The selected credential, and what is omitted.
        typed: An ``Authorization`` header was typed; it wins.
        token_in_payload: Every record already carries a token.

    Raises:
        CredentialError: The credential is missing, and not left out.
    """
    omits_header = is_omitted(options.leave_out, AUTHORIZATION)
    omits_token = omits_record_token(options.leave_out, endpoint)
    try:
        plan = choose_credential(
            endpoint,
            environment,
            options.auth,
            has_typed_header=has_typed_header,
            token_in_payload=token_in_payload or omits_token,
        )
    except CredentialError:
        if not omits_header:
            raise
        plan = AuthPlan(None, None, _omission_text(AUTHORIZATION))
    if plan.authorization is not None and omits_header:
        return replace(
            plan,
            authorization=None,
            omitted=plan.authorization,
            description=_omission_text(AUTHORIZATION),
        )
    if endpoint.token_authenticates and plan.authorization is None and omits_token:
        return replace(plan, description=_omission_text(endpoint.token.record_field))
    return plan


def _omission_text(name: str) -> str:
    return f"none: {name} is disabled for this request"


def choose_credential(
    endpoint: Endpoint,
    environment: Environment,
    choice: AuthChoice,
    *,
    has_typed_header: bool,
    token_in_payload: bool = False,
) -> AuthPlan:
    """Choose the credential for a request.

    Args:
        endpoint: Which credentials the path accepts.
        environment: Which credentials are available.
        choice: What the user selected.
        typed: An ``Authorization`` header was typed; it wins.
        token_in_payload: Every record already carries a token.

    Raises:
        CredentialError: The credential is missing; says what to add and where.
    """
    if has_typed_header:
        return AuthPlan(
            None,
            None,
            "the Authorization header you set",
            ("Your Authorization header is sent; mixtui adds none.",),
        )
    if choice is AuthChoice.NONE:
        return AuthPlan(None, None, "none (selected for this request)", adds_ids=False)
    if choice is not AuthChoice.AUTO:
        kind = CredentialKind(choice.value)
        if not has_credential(environment.credentials, kind) and not (
            kind is CredentialKind.PROJECT_TOKEN
            and endpoint.token_authenticates
            and token_in_payload
        ):
            raise CredentialError(_missing_message(kind, endpoint, environment))
        return _make_plan(kind, endpoint, environment, "selected for this request")
    for kind in endpoint.credentials:
        if has_credential(environment.credentials, kind):
            is_preferred = kind is endpoint.credentials[0]
            reason = (
                f"auto: recommended for {endpoint.title}"
                if is_preferred
                else f"auto: {endpoint.title} accepts it, and {environment.name} has "
                f"no {endpoint.credentials[0].label}"
            )
            return _make_plan(kind, endpoint, environment, reason)
    if endpoint.token_authenticates and token_in_payload:
        return AuthPlan(None, None, "the token you set in the body")
    raise CredentialError(
        _missing_message(endpoint.credentials[0], endpoint, environment)
    )


def has_credential(credentials: Credentials, kind: CredentialKind) -> bool:
    """Return whether a credential of this kind is declared."""
    return bool(_declared_credential(credentials, kind))


def authorization_header(authorization: Authorization, reader: SecretReader) -> Secret:
    """Build the value of the ``Authorization`` header (RFC 7617, RFC 6750).

    Blocking: it may run a command or query a key ring.

    Raises:
        CredentialError: The secret cannot be read.
    """
    match authorization:
        case ServiceAccountBasic(username, secret):
            return _basic_header(username, reader.read(secret).reveal())
        case ProjectSecretBasic(secret):
            return _basic_header(reader.read(secret).reveal(), "")
        case TokenBasic(token):
            return _basic_header(token, "")
        case OAuthBearer(token):
            return _bearer_header(reader.read(token).reveal(), token)


def authorization_secrets(
    authorization: Authorization, header: Secret
) -> tuple[Secret, ...]:
    """Return what must be masked of a computed header; a project token is public."""
    token = authorization.token if isinstance(authorization, TokenBasic) else None
    texts = header_secrets(AUTHORIZATION, header.reveal())
    return tuple(Secret(text) for text in texts if text != token)


def _bearer_header(token: str, source: SecretSource) -> Secret:
    # RFC 6750, section 2.1: visible ASCII only.
    if not all("!" <= character <= "~" for character in token):
        raise CredentialError(
            f"The OAuth token from {source} contains a space or a non-ASCII "
            "character: copy it again."
        )
    return Secret(f"Bearer {token}")


def _basic_header(user: str, password: str) -> Secret:
    # Bytes of a variable that are not UTF-8 (PEP 383) are sent unchanged.
    pair = f"{user}:{password}".encode(errors="surrogateescape")
    return Secret("Basic " + base64.b64encode(pair).decode("ascii"))


def _declared_credential(credentials: Credentials, kind: CredentialKind) -> object:
    match kind:
        case CredentialKind.SERVICE_ACCOUNT:
            return credentials.service_account
        case CredentialKind.PROJECT_TOKEN:
            return credentials.project_token
        case CredentialKind.PROJECT_SECRET:
            return credentials.project_secret
        case CredentialKind.OAUTH:
            return credentials.oauth_token


def _make_plan(
    kind: CredentialKind, endpoint: Endpoint, environment: Environment, reason: str
) -> AuthPlan:
    authorization = _authorization(kind, endpoint, environment.credentials)
    if authorization is None:
        credential_text = (
            f"project token as {endpoint.token.record_field} in each record"
        )
    else:
        credential_text = str(authorization)
    notices = []
    if kind not in endpoint.credentials:
        accepted_labels = ", ".join(accepted.label for accepted in endpoint.credentials)
        notices.append(
            f"{endpoint.title} does not document {_article(kind)} {kind.label}, but "
            f"{accepted_labels}."
        )
    if kind is CredentialKind.PROJECT_SECRET:
        notices.append(PROJECT_SECRET_NOTICE)
    return AuthPlan(
        kind, authorization, f"{credential_text} ({reason})", tuple(notices)
    )


def _authorization(
    kind: CredentialKind, endpoint: Endpoint, credentials: Credentials
) -> Authorization | None:
    match kind:
        case CredentialKind.SERVICE_ACCOUNT:
            account = credentials.service_account
            assert account is not None
            return ServiceAccountBasic(account.username, account.secret)
        case CredentialKind.PROJECT_SECRET:
            assert credentials.project_secret is not None
            return ProjectSecretBasic(credentials.project_secret)
        case CredentialKind.OAUTH:
            assert credentials.oauth_token is not None
            return OAuthBearer(credentials.oauth_token)
        case CredentialKind.PROJECT_TOKEN:
            if endpoint.token_authenticates:
                return None
            return TokenBasic(credentials.project_token)


_EXAMPLES = {
    CredentialKind.SERVICE_ACCOUNT: (
        'service_account = { username = "…", secret = { env = "MP_SECRET" } }'
    ),
    CredentialKind.PROJECT_TOKEN: 'project_token = "…"',
    CredentialKind.PROJECT_SECRET: 'project_secret = { env = "…" }',
    CredentialKind.OAUTH: 'oauth_token = { env = "…" }',
}


_STANDARD_VARIABLES = {
    CredentialKind.SERVICE_ACCOUNT: "MP_USERNAME and MP_SECRET",
    CredentialKind.PROJECT_TOKEN: "MIXPANEL_TOKEN",
}


def _missing_message(
    kind: CredentialKind, endpoint: Endpoint, environment: Environment
) -> str:
    need = f"{endpoint.title} requires {_article(kind)} {kind.label}"
    variables = _STANDARD_VARIABLES.get(kind, "")
    if environment is NO_ENVIRONMENT:
        export = f", or set {variables}" if variables else ""
        return f"{need}, and you have no environment yet: {add_environment()}{export}."
    lacks = f"{need}, and the environment {environment.name} has none"
    if environment.origin == FROM_VARIABLES:
        if variables:
            return f"{lacks}: set {variables}."
        return (
            f"{lacks}: press {key_of('environments')} to add an environment with one."
        )
    file_name = environment.origin or "environments.toml"
    return (
        f"{lacks}: press {key_of('environments')} to add one, or write "
        f"{_EXAMPLES[kind]} under [environments.{environment.name}.credentials] in {file_name}."
    )


def _article(kind: CredentialKind) -> str:
    return "an" if kind.label[0] in "aeiouAEIOU" else "a"
