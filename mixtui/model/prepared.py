"""A request that is ready to be sent: checked, resolved, with its credential planned."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from mixtui.mixpanel.apis import Api, Region
from mixtui.mixpanel.endpoints import Endpoint, Safety
from mixtui.model.draft import Headers, Method
from mixtui.model.environment import Tls
from mixtui.model.redaction import Redactor
from mixtui.model.secrets import Secret, SecretSource

if TYPE_CHECKING:
    from mixtui.mixpanel.operation import Operation


class ServiceAccountBasic(Struct, frozen=True):
    """``Basic base64(username:secret)``"""

    username: str
    secret: SecretSource

    def __str__(self) -> str:
        return f"service account {self.username}"


class ProjectSecretBasic(Struct, frozen=True):
    """``Basic base64(secret:)``; Mixpanel retires it on 3 March 2027."""

    secret: SecretSource

    def __str__(self) -> str:
        return "project secret"


class TokenBasic(Struct, frozen=True):
    """``Basic base64(token:)``, for /import and /flags."""

    token: str

    def __str__(self) -> str:
        return "project token as the user name"


class OAuthBearer(Struct, frozen=True):
    """``Bearer token``, for GDPR; the project token goes into the query."""

    token: SecretSource

    def __str__(self) -> str:
        return "OAuth token"


Authorization = ServiceAccountBasic | ProjectSecretBasic | TokenBasic | OAuthBearer


class FileContent(Struct, frozen=True):
    """A body that is streamed from a file."""

    path: Path
    size: int
    """Bytes."""


class PreparedRequest(Struct, frozen=True):
    """A request that can be sent as it is."""

    method: Method
    api: Api
    url: str
    """The final URL; may end in a ``#fragment``, which is shown but never sent."""
    headers: Headers
    """All headers except the computed ``Authorization``."""
    content: bytes | FileContent | None
    authorization: Authorization | None
    """None = none, or a header was typed."""
    timeout: float
    """Read timeout in seconds."""
    follow_redirects: bool
    environment: str
    region: Region
    project_id: str
    tls: Tls
    endpoint: Endpoint
    safety: Safety
    operation: Operation | None = None
    """None = Mixpanel documents no such operation."""
    notices: tuple[str, ...] = ()
    """Sentences: what the app added or changed, and why."""
    sensitive: tuple[Secret, ...] = ()
    """Values of ``{{env:NAME}}`` and of secret inputs."""
    typed_secrets: tuple[Secret, ...] = ()
    """What was typed where a key or a password belongs."""
    records: int | None = None
    """How many records the body has, where it is a job's, which nothing shows or stores;
    None = it is not."""
    history: bool = True
    """Record in history: neither the environment nor the request forbids it."""

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What must be masked wherever the request is shown."""
        return (*self.sensitive, *self.typed_secrets)

    @property
    def redactor(self) -> Redactor:
        """Masks them; that of an exchange knows what was read when it was sent, too."""
        return Redactor(self.secrets)

    @property
    def shown_url(self) -> str:
        """The URL for people: secrets masked."""
        return self.redactor.redact(self.url)
