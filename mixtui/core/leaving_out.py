"""Names of what the app adds, and what a request says it leaves out of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

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
_NEEDED = {
    "project_id": "a service account needs it",
    "token": "Mixpanel knows the project by it",
    "$token": "Mixpanel knows the project by it",
    "properties.token": "Mixpanel knows the project by it",
    AUTHORIZATION: "the request carries no credential",
    CONTENT_TYPE: "the server has to guess what the body is",
}


def is_omitted(leave_out: Collection[str], name: str) -> bool:
    """Whether a name is left out; only for headers the case of letters is free."""
    return any(_same(each, name) for each in leave_out)


def toggled(leave_out: tuple[str, ...], name: str) -> tuple[str, ...]:
    """The names left out, with one more or one less."""
    if is_omitted(leave_out, name):
        return tuple(each for each in leave_out if not _same(each, name))
    return (*leave_out, name)


def unknown_names(leave_out: Iterable[str]) -> tuple[str, ...]:
    """Those that the app never adds."""
    return tuple(
        each for each in leave_out if not any(_same(each, name) for name in NAMES)
    )


def _same(written: str, name: str) -> bool:
    is_header = name in (AUTHORIZATION, CONTENT_TYPE)
    return written == name or (is_header and written.lower() == name.lower())


def is_needed(name: str) -> bool:
    """Whether a server is likely to refuse a request without it."""
    return name in _NEEDED


def omission_notices(names: Iterable[str]) -> tuple[str, ...]:
    """A notice about each name that would have been added."""
    found = []
    for name in names:
        why = f": {_NEEDED[name]}" if name in _NEEDED else ""
        found.append(f"{name} is left out, as this request asks{why}.")
    return tuple(found)
