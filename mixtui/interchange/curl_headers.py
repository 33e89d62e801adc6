"""The header options of curl, and those that stand for a header."""

from __future__ import annotations

from collections.abc import Sequence

from mixtui.core.errors import InterchangeError
from mixtui.core.requests import Pair
from mixtui.core.visible import sanitize_excerpt
from mixtui.interchange.curl_options import Option, Role

_BY_THE_APP = ("host", "content-length", "transfer-encoding", "connection")
_ROW_ROLES = {
    Role.AGENT: "User-Agent",
    Role.REFERER: "Referer",
}
_SHOWN = 40


def headers_of(options: Sequence[Option]) -> tuple[tuple[Pair, ...], tuple[str, ...]]:
    """The headers as rows, and a sentence for each that was left out.

    Raises:
        InterchangeError: They stand in a file.
    """
    rows: list[Pair] = []
    notes: list[str] = []
    for option in options:
        if option.role is Role.HEADER:
            row, note = _header(option)
            rows += [row] if row else []
            notes += [note] if note else []
        elif option.role is Role.COOKIE and "=" in option.value:
            rows.append(Pair("Cookie", option.value))
        elif option.role is Role.COOKIE:
            notes.append("The file of cookies was left out.")
        elif option.role is Role.RANGE:
            rows.append(Pair("Range", f"bytes={option.value}"))
        elif option.role in _ROW_ROLES:
            rows.append(Pair(_ROW_ROLES[option.role], option.value))
    if any(option.role is Role.JSON for option in options):
        typed = {row.name.lower() for row in rows}
        for name in ("Content-Type", "Accept"):
            if name.lower() not in typed:
                rows.append(Pair(name, "application/json"))
    return tuple(rows), tuple(notes)


def without_type(options: Sequence[Option]) -> bool:
    """Whether a command sends no content type: ``-H 'Content-Type:'``."""
    said = [o.value.strip().lower() for o in options if o.role is Role.HEADER]
    return "content-type:" in said


def _header(option: Option) -> tuple[Pair | None, str]:
    """A header, or the note that says why there is none."""
    value = option.value
    if value.startswith("@"):
        raise InterchangeError(
            "The command takes headers from a file: write them into the command."
        )
    name, colon, text = value.partition(":")
    if not colon:
        # curl's way to send a header without a value.
        name, semicolon, _ = value.partition(";")
        text = ""
        if not semicolon:
            return None, "A header without a colon was left out."
    elif not text.strip() and name.strip().lower() == "content-type":
        return None, ""  # It is left out (see `without_type`).
    elif not text.strip():
        return (
            None,
            f"curl's own header {sanitize_excerpt(name, _SHOWN)} is not sent by mixtui.",
        )
    if name.strip().lower() in _BY_THE_APP:
        return None, (
            f"The header {name.strip()} was left out: mixtui sets it from the request "
            "itself."
        )
    return Pair(name.strip(), text.strip()), ""
