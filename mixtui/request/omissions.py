"""Name what the app can add to requests, and tell which of it a request omits.

A name in `Options.leave_out` is never added, not even if the server needs it: how the
server responds without it may be exactly what the user wants to see.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from mixtui.mixpanel.endpoints import Endpoint

AUTHORIZATION = "Authorization"
CONTENT_TYPE = "Content-Type"
HEADER_NAMES = (AUTHORIZATION, CONTENT_TYPE)
"""The additions whose case does not matter."""
ADDITION_NAMES = (
    "project_id",
    "workspace_id",
    "token",
    "$token",
    "properties.token",
    *HEADER_NAMES,
)
"""Everything that the app can add, and so can leave out."""
_TOKEN_IDENTIFIES = "Mixpanel identifies the project by it"
_NEEDED_REASONS = {
    "project_id": "a service account requires it",
    "token": _TOKEN_IDENTIFIES,
    "$token": _TOKEN_IDENTIFIES,
    "properties.token": _TOKEN_IDENTIFIES,
    AUTHORIZATION: "the request has no credentials",
    CONTENT_TYPE: "the server has to guess the type of the body",
}


def is_omitted(leave_out: Collection[str], name: str) -> bool:
    """Return whether a name is left out; case matters except for headers."""
    return any(_is_same(each, name) for each in leave_out)


def omits_record_token(leave_out: Collection[str], endpoint: Endpoint) -> bool:
    """Return whether records are sent without the token that the endpoint expects."""
    token = endpoint.token
    return token.is_in_records and is_omitted(leave_out, token.record_field)


def toggle_omission(leave_out: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Return the names left out after adding or removing one."""
    if is_omitted(leave_out, name):
        return tuple(each for each in leave_out if not _is_same(each, name))
    return (*leave_out, name)


def unknown_names(leave_out: Iterable[str]) -> tuple[str, ...]:
    """Return the names that the app never adds."""
    return tuple(
        each
        for each in leave_out
        if not any(_is_same(each, name) for name in ADDITION_NAMES)
    )


def is_needed(name: str) -> bool:
    """Return whether a server is likely to refuse a request without it."""
    return name in _NEEDED_REASONS


def omission_notices(names: Iterable[str]) -> tuple[str, ...]:
    """Return a notice about each name that would have been added."""
    return tuple(
        f"{name} is not sent: it is disabled for this request"
        + (f": {_NEEDED_REASONS[name]}." if name in _NEEDED_REASONS else ".")
        for name in names
    )


def _is_same(spelling: str, name: str) -> bool:
    return spelling == name or (
        name in HEADER_NAMES and spelling.lower() == name.lower()
    )
