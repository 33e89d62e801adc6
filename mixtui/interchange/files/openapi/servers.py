"""Find the API that a server and a path of an OpenAPI file lead to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from mixtui.interchange.files.openapi.references import References
from mixtui.interchange.json_values import (
    Value,
    as_mapping,
    as_text,
    mappings_in,
    query_text,
)
from mixtui.interchange.urls import ParsedUrl, parse_url
from mixtui.mixpanel.apis import Region
from mixtui.model.environment import Environment
from mixtui.model.errors import InterchangeError
from mixtui.patterns import compile_late
from mixtui.request.templates import escape_text

_SCHEME = compile_late(r"[A-Za-z][\w+.-]*://|//")
_VARIABLE = compile_late(r"\{([^{}]+)\}")
_OPEN_HOST = "https://{server}"
"""For a server without a host: the path tells which of Mixpanel's it is."""


class Server(Struct, frozen=True):
    """A server URL with its variables filled."""

    url: str
    has_no_choice: bool = True
    """Whether it had no variables, so that nothing was left to choose."""


def list_servers(references: References, *levels: Value) -> list[Server]:
    """Return the servers of an operation, at least one.

    Args:
        references: Resolves references.
        levels: Lists of servers, the innermost first; the first that is not empty wins.
    """
    for level in levels:
        servers = [references.resolve(node) for node in mappings_in(level)]
        if filled := [_fill_variables(server) for server in servers if server]:
            return filled
    return [Server("/", has_no_choice=False)]


def locate_operation(
    servers: list[Server], path: str, environments: Sequence[Environment] = ()
) -> tuple[ParsedUrl, Region | None]:
    """Return the URL of an operation on the first server that is Mixpanel's, and its region.

    The region is None where the file leaves a choice.

    Raises:
        InterchangeError: No server is Mixpanel's; the message is about the first one.
    """
    first_error: InterchangeError | None = None
    for server in servers:
        full_url = server.url.rstrip("/") + path
        if not _SCHEME.match(server.url):
            full_url = f"{_OPEN_HOST}/{full_url.lstrip('/')}"
        try:
            url = parse_url(escape_text(full_url), environments)
        except InterchangeError as error:
            first_error = first_error or error
        else:
            is_only_choice = len(servers) == 1 and server.has_no_choice
            return url, url.region if is_only_choice else None
    assert first_error is not None
    raise first_error


def _fill_variables(server: dict[str, Value]) -> Server:
    variables = as_mapping(server.get("variables"))

    def value(match: re.Match[str]) -> str:
        variable = as_mapping(variables.get(match.group(1)))
        if "default" in variable:
            return query_text(variable["default"])
        allowed = variable.get("enum")
        if isinstance(allowed, list) and allowed:
            return query_text(allowed[0])
        return match.group()

    url = as_text(server.get("url")).strip()
    return Server(_VARIABLE.sub(value, url), has_no_choice=not _VARIABLE.search(url))
