"""What an import found: a draft without credentials, and those beside it.

A credential never stays in the draft: it is offered for an environment, and otherwise
forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass

from mixtui.core.requests import Draft
from mixtui.core.secrets import FromVariable, Secret
from mixtui.mixpanel.apis import Region
from mixtui.mixpanel.credentials import CredentialKind


@dataclass(frozen=True, slots=True)
class ExtractedCredential:
    """A credential that stood in what was imported; its repr masks it."""

    kind: CredentialKind
    secret: Secret | FromVariable
    """The text itself, or the variable that the text named (``$MP_SECRET``)."""
    username: str = ""
    """Of a service account."""

    @property
    def words(self) -> str:
        """Which it is, for people; never the secret's text."""
        of = f" {self.username}" if self.username else ""
        source = f", in {self.secret}" if isinstance(self.secret, FromVariable) else ""
        return f"{self.kind.words}{of}{source}"


@dataclass(frozen=True, slots=True)
class ImportedRequest:
    """One request that was taken over."""

    draft: Draft
    """Without credentials; with a ``project_id`` parameter, if there was one."""
    region: Region | None = None
    """The one its host belongs to; None = it named none."""
    project_id: str = ""
    """As its URL names it; empty = it names none, or a placeholder."""
    credentials: tuple[ExtractedCredential, ...] = ()
    notes: tuple[str, ...] = ()
    """Sentences: what could not be taken over, and what was changed."""
    environment: str = ""
    """The environment whose own host it names; empty = one of Mixpanel's hosts."""
