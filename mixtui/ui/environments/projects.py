"""The projects that a credential can access, to choose from."""

from __future__ import annotations

from collections.abc import Sequence

from mixtui.mixpanel.apis import Region
from mixtui.outcome.projects import Project
from mixtui.text import sanitize
from mixtui.ui.dialogs.dialogs import FilterDialog

FoundProject = tuple[Region, Project]
_NAMED = 3


def project_choices(
    projects: Sequence[FoundProject],
) -> list[tuple[str, FoundProject]]:
    """Return label and project of each; the region only where it tells them apart."""
    is_one_region = len({region for region, _ in projects}) == 1
    choices = []
    for region, project in projects:
        where = "" if is_one_region else f"  {region}"
        label = f"{sanitize(project.label)}{where}"
        choices.append((label, (region, project)))
    return choices


def choose_project(projects: Sequence[FoundProject]) -> FilterDialog[FoundProject]:
    """Return the dialog that asks for one of several projects."""
    return FilterDialog(
        f"Choose a project ({len(projects)})",
        project_choices(projects),
        verb="Choose",
        nothing="No matching projects",
    )


def shorten_names(names: Sequence[str]) -> str:
    """Return the first few names, and how many more there are."""
    shown = ", ".join(names[:_NAMED])
    more = len(names) - _NAMED
    return f"{shown} and {more} more" if more > 0 else shown
