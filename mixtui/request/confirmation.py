"""Decide which confirmation a request needs before it may be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from mixtui.mixpanel.endpoints import Safety
from mixtui.patterns import compile_late
from mixtui.request.operation_match import operation_label

if TYPE_CHECKING:
    from mixtui.model.environment import Environment
    from mixtui.model.prepared import PreparedRequest

_PROJECT_ID_IN_URL = compile_late(r"/projects/([^/?#]+)|[?&]project_id=([^&#]+)")


class Confirmation(Struct, frozen=True):
    """A question that the user must answer before a request is sent."""

    sentence: str
    """What the request does, and to what; without a full stop."""
    is_destructive: bool
    """Whether the request deletes or replaces data."""
    required_text: str = ""
    """The text that the user has to type; empty = a yes is enough."""


def required_confirmation(
    request: PreparedRequest, environment: Environment
) -> Confirmation | None:
    """Return the confirmation that a request needs, or None.

    A write needs one if the environment has ``confirm_writes``. A request that deletes
    or replaces data always does, and with ``confirm_writes`` the project id is typed.
    """
    if request.safety is Safety.READ:
        return None
    destructive = request.safety is Safety.DESTRUCTIVE
    if not destructive and not environment.confirm_writes:
        return None
    project = target_project_id(request)
    effect = "deletes or replaces data of" if destructive else "writes to"
    sentence = (
        f"{request.method} {operation_label(request.endpoint, request.operation)} {effect} "
        f"project {project or '(none)'} in {request.region} ({request.environment})"
    )
    needs_typing = destructive and environment.confirm_writes
    word = project or _fallback_id(environment) if needs_typing else ""
    return Confirmation(sentence, destructive, word)


def target_project_id(request: PreparedRequest) -> str:
    """Return the id of the project in the URL, or else the environment's."""
    parts = urlsplit(request.url)
    match = _PROJECT_ID_IN_URL.search(f"{parts.path}?{parts.query}")
    if match is None:
        return request.project_id
    return unquote(match[1] or match[2])


def _fallback_id(environment: Environment) -> str:
    """Return what to type if there is no project id."""
    return environment.workspace_id or environment.organization_id or environment.name
