"""What the app adds to requests by itself, by name, and what a request omits of it.

A name that a request leaves out (`Options.leave_out`) is not added to it, needed or not:
how a server answers without it may be just what a person wants to see.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from mixtui.mixpanel.endpoints import Endpoint

AUTHORIZATION = "Authorization"
CONTENT_TYPE = "Content-Type"
NAMES = (
    "project_id",
    "workspace_id",
    "token",
    "$token",
    "properties.token",
    AUTHORIZATION,
    CONTENT_TYPE,
)
"""Everything that the app ever adds, and so can leave out."""
_TOKEN_IDENTIFIES = "Mixpanel knows the project by it"
_NEEDED = {
    "project_id": "a service account needs it",
    "token": _TOKEN_IDENTIFIES,
    "$token": _TOKEN_IDENTIFIES,
    "properties.token": _TOKEN_IDENTIFIES,
    AUTHORIZATION: "the request carries no credential",
    CONTENT_TYPE: "the server has to guess what the body is",
}


def is_omitted(leave_out: Collection[str], name: str) -> bool:
    """Whether a name is left out; the case of letters matters but for headers."""
    return any(_is_same(each, name) for each in leave_out)


def omits_record_token(leave_out: Collection[str], endpoint: Endpoint) -> bool:
    """Whether records go without the token that the endpoint takes in them."""
    token = endpoint.token
    return token.is_in_records and is_omitted(leave_out, token.record_field)


def toggled(leave_out: tuple[str, ...], name: str) -> tuple[str, ...]:
    """The names left out, with one more or one less."""
    if is_omitted(leave_out, name):
        return tuple(each for each in leave_out if not _is_same(each, name))
    return (*leave_out, name)


def unknown_names(leave_out: Iterable[str]) -> tuple[str, ...]:
    """Those that the app never adds."""
    return tuple(
        each for each in leave_out if not any(_is_same(each, name) for name in NAMES)
    )


def is_needed(name: str) -> bool:
    """Whether a server is likely to refuse a request without it."""
    return name in _NEEDED


def omission_notices(names: Iterable[str]) -> tuple[str, ...]:
    """A notice about each name that would have been added."""
    return tuple(
        f"{name} is left out, as this request asks"
        + (f": {_NEEDED[name]}." if name in _NEEDED else ".")
        for name in names
    )


def _is_same(written: str, name: str) -> bool:
    is_header = name in (AUTHORIZATION, CONTENT_TYPE)
    return written == name or (is_header and written.lower() == name.lower())
