"""A draft with its preview: what the widgets of the request pane show of it."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from mixtui.model.draft import Draft
from mixtui.model.environment import NO_ENVIRONMENT, Environment
from mixtui.model.errors import DraftError, Field
from mixtui.request.preview import Preview, preview_values
from mixtui.request.templates import Values
from mixtui.request.urls import resolve_base


class PreviewedDraft(Struct, frozen=True):
    """A draft, what it is resolved with, and what it comes to.

    The request pane makes one after each edit, once the screen shows the edit.
    """

    draft: Draft
    environment: Environment
    folder: Path
    """What the path of a body file is relative to."""
    preview: Preview

    @property
    def values(self) -> Values:
        """Where its templates get their values; those of inputs come when it is sent."""
        return preview_values(self.environment, self.draft)

    def has_values_of(self, other: PreviewedDraft) -> bool:
        """Return whether templates have the values that they have in another draft."""
        return (self.environment, self.draft.inputs) == (
            other.environment,
            other.draft.inputs,
        )

    @property
    def reported(self) -> Field | None:
        """The field whose error the line under the URL shows."""
        problem = self.preview.problem
        return problem.field if isinstance(problem, DraftError) else None

    @property
    def base_url(self) -> str:
        """The base URL of the API while there is nothing to resolve yet; else empty."""
        if self.draft.url.strip() or self.preview.url:
            return ""
        try:
            return resolve_base(self.draft.api, self.environment)[0]
        except DraftError:
            return ""


NO_PREVIEW = PreviewedDraft(Draft(), NO_ENVIRONMENT, Path(), Preview("", ""))
"""Before the first preview."""
