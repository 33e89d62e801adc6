"""Read the security requirements of an operation."""

from __future__ import annotations

from mixtui.interchange.files.openapi.references import References
from mixtui.interchange.json_values import (
    Value,
    as_mapping,
    as_text,
    mappings_in,
)
from mixtui.interchange.notes import Notes
from mixtui.mixpanel.apis import CredentialKind
from mixtui.mixpanel.endpoints import Endpoint
from mixtui.model.draft import AuthChoice


class Security:
    """Reads the security requirements of an operation."""

    def __init__(
        self, references: References, schemes: Value, default: Value, notes: Notes
    ) -> None:
        """Prepare one document.

        Args:
            references: Resolves references.
            schemes: ``components.securitySchemes``.
            default: The document's own ``security``.
            notes: Collects what cannot be imported.
        """
        self._references = references
        self._schemes = as_mapping(schemes)
        self._default = default
        self._notes = notes

    def auth_choice(
        self, operation: dict[str, Value], endpoint: Endpoint
    ) -> AuthChoice:
        """Return the only kind of credential that is allowed, otherwise ``auto``."""
        required = operation.get("security", self._default)
        if not isinstance(required, list):
            return AuthChoice.AUTO
        alternatives = mappings_in(required)
        if not any(alternatives):
            # A token in each record is not a security scheme; mixtui adds it by itself.
            return AuthChoice.AUTO if endpoint.token_authenticates else AuthChoice.NONE
        credential_kinds = {self._kind(names) for names in alternatives if names} - {
            None
        }
        if len(credential_kinds) != 1 or {} in alternatives:
            return AuthChoice.AUTO
        kind = credential_kinds.pop()
        if kind is CredentialKind.PROJECT_SECRET and len(endpoint.credentials) > 1:
            self._notes.add(
                "The file requires a project secret, which Mixpanel retires in 2027. "
                "auth stays auto, so a service account is used if there is one."
            )
            return AuthChoice.AUTO
        return AuthChoice(str(kind))

    def _kind(self, names: dict[str, Value]) -> CredentialKind | None:
        """Return the credential of one alternative; None = not one of Mixpanel's."""
        kinds = [self._scheme_kind(name) for name in names]
        return next((kind for kind in kinds if kind is not None), None)

    def _scheme_kind(self, name: str) -> CredentialKind | None:
        scheme = self._references.resolve(self._schemes.get(name))
        kind, text = as_text(scheme.get("type")), f"{name} {scheme.get('description')}"
        text = text.lower().replace("_", " ")
        if kind == "http" and as_text(scheme.get("scheme")).lower() == "basic":
            return _basic_kind(text)
        if kind in ("oauth2", "openIdConnect") or (
            kind == "http" and as_text(scheme.get("scheme")).lower() == "bearer"
        ):
            return CredentialKind.OAUTH
        if kind == "apiKey" and as_text(scheme.get("name")).lower() == "token":
            return CredentialKind.PROJECT_TOKEN
        problem = f"has the type {kind}" if kind else "is not in the file"
        self._notes.add(
            f"The security scheme {name} {problem}, so the endpoint's default "
            "credential is sent."
        )
        return None


def _basic_kind(text: str) -> CredentialKind:
    if "service" in text:
        return CredentialKind.SERVICE_ACCOUNT
    if "secret" in text:
        return CredentialKind.PROJECT_SECRET
    if "token" in text:
        return CredentialKind.PROJECT_TOKEN
    return CredentialKind.SERVICE_ACCOUNT
