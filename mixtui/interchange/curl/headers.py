"""Convert the header options of a curl command to rows."""

from __future__ import annotations

from collections.abc import Sequence

from mixtui.interchange.curl.options import Option, Role
from mixtui.interchange.notes import mended_note
from mixtui.model.draft import Pair
from mixtui.model.errors import InterchangeError
from mixtui.text import mend_blanks, sanitize_excerpt

_COMPUTED_HEADERS = ("host", "content-length", "transfer-encoding", "connection")
_HEADER_OF_ROLE = {
    Role.AGENT: "User-Agent",
    Role.REFERER: "Referer",
}
_OWN_HEADERS = {
    "user-agent": "its own User-Agent",
    "accept": "Accept: */*",
    "accept-encoding": "the Accept-Encoding of what it can decode",
}
"""What mixtui sends where no row says otherwise."""
_HEADER_LENGTH = 40


def convert_headers(
    options: Sequence[Option],
) -> tuple[tuple[Pair, ...], tuple[str, ...]]:
    """Convert header options to rows; return them with a note for each one skipped.

    Raises:
        InterchangeError: The headers are in a file.
    """
    rows: list[Pair] = []
    notes: list[str] = []
    for option in options:
        if option.role is Role.HEADER:
            row, note = _parse_header(option)
            rows += [row] if row else []
            notes += [note] if note else []
        elif option.role is Role.COOKIE and "=" in option.value:
            rows.append(Pair("Cookie", option.value))
        elif option.role is Role.COOKIE and option.value:
            notes.append("The cookie file was skipped.")
        elif option.role is Role.RANGE:
            rows.append(Pair("Range", f"bytes={option.value}"))
        elif option.role in _HEADER_OF_ROLE and option.value:
            rows.append(Pair(_HEADER_OF_ROLE[option.role], option.value))
        elif option.role in _HEADER_OF_ROLE:
            notes.append(_dropped_note(_HEADER_OF_ROLE[option.role]))
    if any(option.role is Role.JSON for option in options):
        names = {row.name.lower() for row in rows}
        for name in ("Content-Type", "Accept"):
            if name.lower() not in names:
                rows.append(Pair(name, "application/json"))
    return tuple(rows), tuple(notes)


def drops_content_type(options: Sequence[Option]) -> bool:
    """Return whether a command sends no content type: ``-H 'Content-Type:'``."""
    headers = [o.value.strip().lower() for o in options if o.role is Role.HEADER]
    return "content-type:" in headers


def _parse_header(option: Option) -> tuple[Pair | None, str]:
    """Parse a header option; return a row, or a note on why there is none."""
    value, mended = mend_blanks(option.value)
    if value.startswith("@"):
        raise InterchangeError(
            "The command reads headers from a file. Put them into the command."
        )
    name, colon, text = value.partition(":")
    if not colon:
        # curl's way to send a header without a value.
        name, semicolon, _ = value.partition(";")
        text = ""
        if not semicolon:
            return None, "A header without a colon was skipped."
    elif not text.strip() and name.strip().lower() == "content-type":
        return None, ""  # Not a row, but an option (see `drops_content_type`).
    elif not text.strip():
        return None, _dropped_note(name)
    if name.strip().lower() in _COMPUTED_HEADERS:
        return None, (
            f"The header {name.strip()} was skipped: mixtui sets it when sending."
        )
    label = sanitize_excerpt(name.strip(), _HEADER_LENGTH)
    note = mended_note(mended, f"The header {label}") if mended else ""
    return Pair(name.strip(), text.strip()), note


def _dropped_note(name: str) -> str:
    """Return a note on a header that the command removes."""
    label = sanitize_excerpt(name.strip(), _HEADER_LENGTH)
    own = _OWN_HEADERS.get(name.strip().lower())
    if own is None:
        return f"Neither the command nor mixtui sends {label}."
    return f"The command does not send {label}; mixtui sends {own}."
