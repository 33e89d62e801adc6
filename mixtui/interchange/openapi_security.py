"""Security schemes: which credential an operation asks for."""

from __future__ import annotations

from mixtui.core.requests import AuthChoice
from mixtui.interchange.notes import Notes
from mixtui.interchange.openapi_references import References
from mixtui.interchange.values import Value, mapping, mappings, text
from mixtui.mixpanel.credentials import CredentialKind
from mixtui.mixpanel.endpoints import Endpoint


class Security:
    """Reads the security of an operation."""

    def __init__(
        self, references: References, schemes: Value, everywhere: Value, notes: Notes
    ) -> None:
        """One for a document.

        Args:
            references: Follows references.
            schemes: ``components.securitySchemes``.
            everywhere: The document's own ``security``.
            notes: Where what cannot be carried over is said.
        """
        self._references = references
        self._schemes = mapping(schemes)
        self._everywhere = everywhere
        self._notes = notes

    def choice(self, operation: dict[str, Value], endpoint: Endpoint) -> AuthChoice:
        """The credential: the only one that is allowed, otherwise what suits."""
        required = operation.get("security", self._everywhere)
        if not isinstance(required, list):
            return AuthChoice.AUTO
        alternatives = mappings(required)
        if not any(alternatives):
            # A token in each record is no security scheme; mixtui knows where it goes.
            return AuthChoice.AUTO if endpoint.token_authenticates else AuthChoice.NONE
        found = {self._kind(names) for names in alternatives if names} - {None}
        if len(found) != 1 or {} in alternatives:
            return AuthChoice.AUTO
        kind = found.pop()
        if kind is CredentialKind.PROJECT_SECRET and len(endpoint.credentials) > 1:
            self._notes.add(
                "The file asks for a project secret, which Mixpanel ends in 2027: "
                "auth stays auto, so that a service account is used where there is one."
            )
            return AuthChoice.AUTO
        return AuthChoice(str(kind))

    def _kind(self, names: dict[str, Value]) -> CredentialKind | None:
        """One alternative. None = no credential of Mixpanel's."""
        kinds = [self._of_scheme(name) for name in names]
        return next((kind for kind in kinds if kind is not None), None)

    def _of_scheme(self, name: str) -> CredentialKind | None:
        scheme = self._references.resolve(self._schemes.get(name))
        kind, words = text(scheme.get("type")), f"{name} {scheme.get('description')}"
        words = words.lower().replace("_", " ")
        if kind == "http" and text(scheme.get("scheme")).lower() == "basic":
            return _basic(words)
        if kind in ("oauth2", "openIdConnect") or (
            kind == "http" and text(scheme.get("scheme")).lower() == "bearer"
        ):
            return CredentialKind.OAUTH
        if kind == "apiKey" and text(scheme.get("name")).lower() == "token":
            return CredentialKind.PROJECT_TOKEN
        what = f"is of the type {kind}" if kind else "is not in the file"
        self._notes.add(
            f"The security scheme {name} {what}, which is no credential of Mixpanel's: "
            "what suits the endpoint is sent."
        )
        return None


def _basic(words: str) -> CredentialKind:
    if "service" in words:
        return CredentialKind.SERVICE_ACCOUNT
    if "secret" in words:
        return CredentialKind.PROJECT_SECRET
    if "token" in words:
        return CredentialKind.PROJECT_TOKEN
    return CredentialKind.SERVICE_ACCOUNT
