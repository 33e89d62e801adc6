"""Parse the URL of a Postman request, written as text or as an object."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote, unquote, unquote_plus

from msgspec import Struct

from mixtui.interchange.files.postman.variables import Variables
from mixtui.interchange.json_values import (
    Value,
    as_list,
    as_mapping,
    as_text,
    mappings_in,
    query_text,
)
from mixtui.interchange.urls import ParsedUrl, parse_url
from mixtui.model.draft import Pair
from mixtui.model.environment import Environment
from mixtui.model.errors import InterchangeError
from mixtui.patterns import compile_late
from mixtui.request.templates import PLACEHOLDER, map_literals, placeholder_id

_SCHEME = compile_late(r"([A-Za-z][\w+.-]*)://")
_PERCENT = compile_late(r"%[0-9A-Fa-f]{2}")
_ID_SEGMENTS = ("/projects/", "/workspaces/", "/organizations/")
_VARIABLE = compile_late(r"(?<=/):([A-Za-z_][\w-]*)")


class Address(Struct, frozen=True):
    """A URL taken apart."""

    base: str
    """Scheme, host and path, with templates unexpanded."""
    query: tuple[Pair, ...]
    fragment: str
    descriptions: tuple[tuple[str, str], ...] = ()
    """Name and description of each parameter that has one."""
    notes: tuple[str, ...] = ()
    path: tuple[Pair, ...] = ()
    """The values of the path variables that stay placeholders."""


def parse_address(node: Value) -> Address:
    """Parse a ``url``."""
    if isinstance(node, str):
        return _parse_text(node)
    url = as_mapping(node)
    raw = _parse_text(as_text(url.get("raw")))
    base = _base_url(url) if url.get("host") else raw.base
    query, notes = raw.query, raw.notes
    if isinstance(url.get("query"), list):
        query, notes = _decode_rows(
            Pair(
                query_text(row.get("key")),
                query_text(row.get("value")),
                row.get("disabled") is not True,
            )
            for row in mappings_in(url["query"])
            if row.get("key")
        )
    variables = {
        as_text(row.get("key")) or as_text(row.get("id")): query_text(row.get("value"))
        for row in mappings_in(url.get("variable"))
    }
    descriptions = tuple(
        (query_text(row.get("key")), description)
        for key in ("query", "variable")
        for row in mappings_in(url.get(key))
        if (description := description_text(row.get("description")))
    )
    fragment = as_text(url.get("hash")) or raw.fragment
    base, path = _fill_path_variables(base, variables)
    return Address(base, query, fragment, descriptions, notes, path)


def locate_address(
    address: Address, variables: Variables, environments: Sequence[Environment] = ()
) -> ParsedUrl:
    """Return the Mixpanel URL of an address.

    Variables are expanded in the host and stay in the path.

    Raises:
        InterchangeError: It is not a URL of a Mixpanel API.
    """
    scheme = _SCHEME.match(address.base)
    begin = scheme.end() if scheme else 0
    slash = address.base.find("/", begin)
    end = slash if slash >= 0 else len(address.base)
    host = variables.expand(address.base[:end])
    path = address.base[end:]
    tail = f"#{address.fragment}" if address.fragment else ""
    if not host and not path.strip("/"):
        raise InterchangeError("It has no URL.")
    if not _SCHEME.match(host):
        host = f"https://{host}"
    return parse_url(host.rstrip("/") + path + tail, environments)


def description_text(node: Value) -> str:
    """Return a description, which may be an object with its content."""
    return as_text(node) or as_text(as_mapping(node).get("content"))


def _parse_text(source: str) -> Address:
    base, _, fragment = source.strip().partition("#")
    base, _, query = base.partition("?")
    rows, notes = _decode_rows(
        Pair(name, value)
        for name, _, value in (piece.partition("=") for piece in query.split("&"))
        if name
    )
    base, _ = _fill_path_variables(base, {})
    return Address(base, rows, fragment, notes=notes)


def _decode_rows(
    rows: Iterable[Pair],
) -> tuple[tuple[Pair, ...], tuple[str, ...]]:
    """Decode the rows of a query; return them with notes."""
    rows = tuple(rows)
    names = [
        row.name for row in rows if any(map(_has_typed_plus, (row.name, row.value)))
    ]
    notes: tuple[str, ...] = ()
    if names:
        notes = (
            f"Postman sends the + in {', '.join(names)} unencoded, which a server "
            "reads as a space; mixtui sends a plus sign (%2B).",
        )
    decoded = (Pair(_decode(r.name), _decode(r.value), r.enabled) for r in rows)
    return tuple(decoded), notes


def _base_url(url: dict[str, Value]) -> str:
    host = url.get("host")
    joined = host if isinstance(host, str) else ".".join(map(query_text, as_list(host)))
    port = query_text(url.get("port"))
    protocol = as_text(url.get("protocol"))
    path = url.get("path")
    segments = (
        path
        if isinstance(path, str)
        else "/".join(
            query_text(as_mapping(segment).get("value"))
            if isinstance(segment, dict)
            else query_text(segment)
            for segment in as_list(path)
        )
    )
    base = f"{protocol}://{joined}" if protocol and "://" not in joined else joined
    if port:
        base += f":{port}"
    return f"{base}/{segments.removeprefix('/')}" if segments else base


def _fill_path_variables(
    base: str, values: dict[str, str]
) -> tuple[str, tuple[Pair, ...]]:
    """Replace ``:name`` by a placeholder, whose value becomes a path row.

    The id of a project is part of the URL: it tells which environment is meant.
    """
    rows: dict[str, Pair] = {}

    def replacement(match: re.Match[str]) -> str:
        name = match.group(1)
        placeholder = f"{{{name}}}"
        text = values.get(name, "")
        is_id = placeholder_id(placeholder) or match.string[: match.start()].endswith(
            _ID_SEGMENTS
        )
        if text and (is_id or PLACEHOLDER.fullmatch(placeholder) is None):
            return text if "{{" in text else quote(text, safe="")
        if text:
            rows[name] = Pair(name, text)
        return placeholder

    return _VARIABLE.sub(replacement, base), tuple(rows.values())


def _decode(source: str) -> str:
    """Decode a text that Postman sends as typed: mixtui encodes it when it sends."""
    try:
        return map_literals(source, _unquote, foreign=True)
    except UnicodeDecodeError:
        return source


def _unquote(text: str) -> str:
    decode = unquote if _has_typed_plus(text) else unquote_plus
    return decode(text, errors="strict")


def _has_typed_plus(text: str) -> bool:
    """Return whether a text holds a + as it was typed; an encoded + is a space."""
    return "+" in text and not _PERCENT.search(text)
