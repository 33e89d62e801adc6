"""What has to be asked before a request may go out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from mixtui.mixpanel.endpoints import Safety
from mixtui.request.operation_match import operation_label

if TYPE_CHECKING:
    from mixtui.model.environment import Environment
    from mixtui.model.prepared import PreparedRequest

_PROJECT = re.compile(r"/projects/([^/?#]+)|[?&]project_id=([^&#]+)")


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Something to be sure of."""

    sentence: str
    """What the request does, and to what; without a full stop."""
    dangerous: bool
    """It deletes or replaces."""
    word: str = ""
    """What has to be typed; empty = a yes is enough."""


def confirmation_for(
    request: PreparedRequest, environment: Environment
) -> Confirmation | None:
    """What to ask before sending, or None.

    A write is asked about where the environment has ``confirm_writes``; what deletes or
    replaces is asked about everywhere, and there with the project's id.
    """
    if request.safety is Safety.READ:
        return None
    destructive = request.safety is Safety.DESTRUCTIVE
    if not destructive and not environment.confirm_writes:
        return None
    project = project_of(request)
    does = "deletes or replaces data of" if destructive else "writes to"
    sentence = (
        f"{request.method} {operation_label(request.endpoint, request.operation)} {does} "
        f"project {project or '(none)'} in {request.region} ({request.environment})"
    )
    typed = destructive and environment.confirm_writes
    word = project or _other_id(environment) if typed else ""
    return Confirmation(sentence, destructive, word)


def project_of(request: PreparedRequest) -> str:
    """The project that a request names, or else the environment's."""
    parts = urlsplit(request.url)
    match = _PROJECT.search(f"{parts.path}?{parts.query}")
    if match is None:
        return request.project_id
    return unquote(match[1] or match[2])


def _other_id(environment: Environment) -> str:
    """What there is to type where there is no project."""
    return environment.workspace_id or environment.organization_id or environment.name
