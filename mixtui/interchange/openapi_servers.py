"""Servers and paths: to an API, a relative URL and a region."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mixtui.core.environments import Environment
from mixtui.core.errors import InterchangeError
from mixtui.interchange.openapi_references import References
from mixtui.interchange.urls import ParsedUrl, parse_url
from mixtui.interchange.values import Value, mapping, mappings, plain, text
from mixtui.mixpanel.apis import SERVICES, Region
from mixtui.mixpanel.endpoints import find

_SCHEME = re.compile(r"[A-Za-z][\w+.-]*://|//")
_VARIABLE = re.compile(r"\{([^{}]+)\}")
_HOSTS = (
    "https://data.mixpanel.com",
    "https://api.mixpanel.com",
    "https://mixpanel.com",
)
"""Where a server without a host is looked for, the one that knows fewest paths first."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server with its variables filled."""

    url: str
    fixed: bool = True
    """Nothing about it was to be chosen."""


def addresses(references: References, *levels: Value) -> list[Server]:
    """The servers of an operation; never none.

    Args:
        references: Follows references.
        levels: Lists of servers, the nearest first; the first that has any counts.
    """
    for level in levels:
        servers = [references.resolve(node) for node in mappings(level)]
        if found := [_filled(server) for server in servers if server]:
            return found
    return [Server("/", fixed=False)]


def place(
    servers: list[Server],
    path: str,
    method: str,
    environments: Sequence[Environment] = (),
) -> tuple[ParsedUrl, Region | None]:
    """Where an operation goes: the first server that is Mixpanel's; and its region,
    where the file leaves no choice.

    Raises:
        InterchangeError: None is; the sentence is about the first.
    """
    problem: InterchangeError | None = None
    for server in servers:
        whole = server.url.rstrip("/") + path
        try:
            if not _SCHEME.match(server.url):
                return without_host(whole, method), None
            found = parse_url(whole, environments)
        except InterchangeError as error:
            problem = problem or error
        else:
            chosen = len(servers) == 1 and server.fixed
            return found, found.region if chosen else None
    assert problem is not None
    raise problem


def without_host(path: str, method: str) -> ParsedUrl:
    """Mixpanel's host that knows a path; a file may name none.

    Raises:
        InterchangeError: None does.
    """
    if not path.startswith("/"):
        path = f"/{path}"
    for host in _HOSTS:
        try:
            found = parse_url(host + path)
        except InterchangeError:
            continue
        if _is_known(found, method, re.split(r"[?#]", path)[0]):
            return found
    raise InterchangeError(
        f"The file names no host, and no API of Mixpanel has the path {path[:80]}: "
        "add the server to the file."
    )


def _is_known(found: ParsedUrl, method: str, path: str) -> bool:
    # The last row of each server takes any path.
    return find(SERVICES[found.api], method, path).path.pattern != r".*/?"


def _filled(server: dict[str, Value]) -> Server:
    variables = mapping(server.get("variables"))

    def value(match: re.Match[str]) -> str:
        variable = mapping(variables.get(match.group(1)))
        if "default" in variable:
            return plain(variable["default"])
        allowed = variable.get("enum")
        if isinstance(allowed, list) and allowed:
            return plain(allowed[0])
        return match.group()

    url = text(server.get("url")).strip()
    return Server(_VARIABLE.sub(value, url), fixed=not _VARIABLE.search(url))
