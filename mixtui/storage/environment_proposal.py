"""Propose name and safety of a new environment from its project."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mixtui.patterns import compile_late
from mixtui.storage.paths import fold_name, slug, unique_name

_PRODUCTION = compile_late(r"(?<![a-z])(prod|production|live)(?![a-z])", re.IGNORECASE)


def propose_name(project_name: str, project_id: str, used: Iterable[str]) -> str:
    """Return a name that no other environment has: ``my-shop``, ``my-shop-2``.

    Args:
        project_name: As Mixpanel has it; may be empty.
        project_id: Names the environment if the project has no name.
        used: The names of other environments.
    """
    stem = slug(project_name) if project_name.strip() else f"project-{project_id}"
    return unique_name(stem, {fold_name(name) for name in used})


def looks_like_production(project_name: str) -> bool:
    """Return whether a project's name says that it is in production."""
    return _PRODUCTION.search(project_name) is not None
