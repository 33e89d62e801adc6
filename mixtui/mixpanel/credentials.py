"""The kinds of credential that Mixpanel takes.

https://developer.mixpanel.com/reference/authentication
"""

from __future__ import annotations

from enum import StrEnum


class CredentialKind(StrEnum):
    """One kind of credential; the value is its key in environments.toml."""

    SERVICE_ACCOUNT = "service_account"
    PROJECT_TOKEN = "project_token"
    PROJECT_SECRET = "project_secret"
    OAUTH = "oauth"

    @property
    def words(self) -> str:
        """The kind in words, for messages."""
        return "OAuth token" if self is self.OAUTH else self.value.replace("_", " ")

    @property
    def key(self) -> str:
        """The key under ``[environments.NAME.credentials]``."""
        return "oauth_token" if self is self.OAUTH else self.value
