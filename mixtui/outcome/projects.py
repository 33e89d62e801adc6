"""Read the projects of a service account from Mixpanel's response to ``GET /me``.

No specification lists it. Mixpanel's reference names it as the test of a service account
(https://developer.mixpanel.com/reference/service-accounts), and mixpanel-headless reads
organizations, projects and workspaces from it, keyed by id. What else it holds, and in
which form, is ignored.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from mixtui.jsonbytes import NotJson, decode_text, read_leniently

_MAX_NAME = 200
"""Characters of a name that are kept."""


class Project(Struct, frozen=True):
    """A project that a service account can access."""

    id: str
    name: str = ""
    """Empty = Mixpanel sent none."""
    organization_id: str = ""
    workspace_id: str = ""
    """The id of its only workspace; empty if it has none or several (data views)."""

    @property
    def label(self) -> str:
        """Name and id, for a list."""
        return f"{self.name} ({self.id})" if self.name else self.id


def read_projects(body: bytes) -> tuple[Project, ...] | None:
    """Return the projects in the body of a response, sorted by name.

    None if it is not such a body: a login page, say.
    """
    try:
        value = read_leniently(decode_text(body))
    except NotJson:
        return None
    results = value.get("results", value) if isinstance(value, dict) else None
    if not isinstance(results, dict) or "projects" not in results:
        return None
    workspaces: dict[str, list[str]] = {}
    for identifier, row in _rows(results.get("workspaces")):
        workspaces.setdefault(_id_of(row.get("project_id")), []).append(identifier)
    organizations = [
        identifier for identifier, _ in _rows(results.get("organizations"))
    ]
    only = organizations[0] if len(organizations) == 1 else ""
    projects = []
    for identifier, row in _rows(results["projects"]):
        own = workspaces.get(identifier, [])
        projects.append(
            Project(
                identifier,
                _text(row.get("name")),
                _id_of(row.get("organization_id")) or only,
                own[0] if len(own) == 1 else "",
            )
        )
    return tuple(sorted(projects, key=lambda each: (each.name.casefold(), each.id)))


def _rows(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield id and object of each entry, of an object keyed by id or of a list."""
    if isinstance(value, dict):
        entries = list(value.items())
    elif isinstance(value, list):
        entries = [(None, row) for row in value]
    else:
        entries = []
    for key, row in entries:
        row = row if isinstance(row, dict) else {}
        if identifier := _id_of(row.get("id")) or _id_of(key):
            yield identifier, row


def _id_of(value: Any) -> str:
    """Return an id as text; empty if the value is not one."""
    text = str(value).strip() if isinstance(value, int | str) else ""
    return text if text.isascii() and text.isdecimal() else ""


def _text(value: Any) -> str:
    return " ".join(value.split())[:_MAX_NAME] if isinstance(value, str) else ""
