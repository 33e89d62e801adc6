"""What a whole file of another tool becomes: requests in folders, and what is said."""

from __future__ import annotations

from dataclasses import dataclass

from mixtui.interchange.found import ExtractedCredential, ImportedRequest
from mixtui.interchange.notes import named
from mixtui.mixpanel.apis import Region


@dataclass(frozen=True, slots=True)
class PlacedRequest:
    """One request, and the folder it belongs into."""

    folder: tuple[str, ...]
    """Names as the file has them, the outermost first; empty = none."""
    imported: ImportedRequest


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """All that was taken over from a file."""

    title: str
    """What the file calls itself."""
    requests: tuple[PlacedRequest, ...]
    notes: tuple[str, ...] = ()
    """Sentences about the file as a whole; each request has its own besides."""
    variables: tuple[tuple[str, str], ...] = ()
    """Names and values for an environment's variables; none of them a secret."""

    @property
    def region(self) -> Region | None:
        """The one that every request names; None = none does, or they differ."""
        named = {placed.imported.region for placed in self.requests}
        return named.pop() if len(named) == 1 else None

    @property
    def project_id(self) -> str:
        """The only one that URLs name; empty = none, or several."""
        named = {placed.imported.project_id for placed in self.requests} - {""}
        return named.pop() if len(named) == 1 else ""

    @property
    def credentials(self) -> tuple[ExtractedCredential, ...]:
        """Every credential that was found, each once."""
        found = (one for placed in self.requests for one in placed.imported.credentials)
        return tuple(dict.fromkeys(found))

    def told(self) -> tuple[str, ...]:
        """Every note, those of a request with its name; what several say, said once."""
        names: dict[str, list[str]] = {}
        for placed in self.requests:
            for note in placed.imported.notes:
                names.setdefault(note, []).append(placed.imported.draft.name)
        return (*self.notes, *(f"{named(of)}: {note}" for note, of in names.items()))
