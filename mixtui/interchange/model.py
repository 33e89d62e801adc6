"""The results of an import.

A credential never stays in a draft: it is offered for an environment, and forgotten if
that is declined.
"""

from __future__ import annotations

from msgspec import Struct

from mixtui.interchange.notes import abbreviated_list
from mixtui.mixpanel.apis import CredentialKind, Region
from mixtui.model.draft import Draft
from mixtui.model.secrets import FromVariable, Secret


class ExtractedCredential(Struct, frozen=True):
    """A credential removed from an import; its repr masks the secret."""

    kind: CredentialKind
    secret: Secret | FromVariable
    """The secret itself, or the variable that stood for it (``$MP_SECRET``)."""
    username: str = ""
    """Of a service account."""

    @property
    def label(self) -> str:
        """Kind, user name and source; never the secret itself."""
        owner = f" {self.username}" if self.username else ""
        source = f", in {self.secret}" if isinstance(self.secret, FromVariable) else ""
        return f"{self.kind.label}{owner}{source}"


class ImportedRequest(Struct, frozen=True):
    """One imported request."""

    draft: Draft
    """Without credentials; with a ``project_id`` parameter, if there was one."""
    region: Region | None = None
    """Of its host; None = the import leaves it open."""
    project_id: str = ""
    """From its URL; empty = none, or a placeholder."""
    credentials: tuple[ExtractedCredential, ...] = ()
    notes: tuple[str, ...] = ()
    """Sentences: what could not be imported, and what was changed."""
    environment: str = ""
    """The environment whose own host it names; empty = one of Mixpanel's hosts."""


class FileRequest(Struct, frozen=True):
    """A request and its folder."""

    folder: tuple[str, ...]
    """Names as in the file, the outermost first; empty = no folder."""
    imported: ImportedRequest


class ImportedFile(Struct, frozen=True):
    """Everything imported from a file."""

    title: str
    """The title that the file gives itself."""
    requests: tuple[FileRequest, ...]
    notes: tuple[str, ...] = ()
    """Sentences about the entire file; each request has its own as well."""
    variables: tuple[tuple[str, str], ...] = ()
    """Names and values for an environment's variables; none of them a secret."""
    is_partial: bool = False
    """Whether requests of the file were skipped; the notes say which and why."""

    @property
    def region(self) -> Region | None:
        """The region of every request; None = none is named, or they differ."""
        regions = {request.imported.region for request in self.requests}
        return regions.pop() if len(regions) == 1 else None

    @property
    def project_id(self) -> str:
        """The only project id in the requests' URLs; empty = none, or several."""
        project_ids = {request.imported.project_id for request in self.requests} - {""}
        return project_ids.pop() if len(project_ids) == 1 else ""

    @property
    def credentials(self) -> tuple[ExtractedCredential, ...]:
        """The credentials of all requests, without duplicates."""
        credentials = (
            credential
            for request in self.requests
            for credential in request.imported.credentials
        )
        return tuple(dict.fromkeys(credentials))

    def all_notes(self) -> tuple[str, ...]:
        """Return every note, with the names of the requests that share it."""
        names: dict[str, list[str]] = {}
        for request in self.requests:
            for note in request.imported.notes:
                names.setdefault(note, []).append(request.imported.draft.name)
        return (
            *self.notes,
            *(
                f"{abbreviated_list(request_names)}: {note}"
                for note, request_names in names.items()
            ),
        )
