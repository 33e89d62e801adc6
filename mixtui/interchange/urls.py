"""Parse absolute Mixpanel URLs into API, region, relative URL and query.

`mixtui.request.urls` parses the URLs that mixtui itself prints. These come from anywhere:
with an upper-case host, http, a port, an older prefix or a password inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, unquote, unquote_plus, urlsplit

from mixtui.interchange.credentials import basic_credential, distinct, strip_credentials
from mixtui.interchange.model import ExtractedCredential, ImportedRequest
from mixtui.mixpanel.apis import BASE_PATHS, SERVICES, Api, Region, Service, base_url
from mixtui.mixpanel.endpoints import find_endpoint
from mixtui.model.draft import Draft, Pair
from mixtui.model.environment import Environment
from mixtui.model.errors import DraftError, InterchangeError
from mixtui.request.urls import resolve_base
from mixtui.text import sanitize_excerpt

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_ALIASES = {
    "www.mixpanel.com": "mixpanel.com",
    "api-js.mixpanel.com": "api.mixpanel.com",
}
_SCHEMAS_PATH = re.compile(r"/[^/?#]+/schemas(?=[/?#]|$)")
_PROJECT_ID_IN_PATH = re.compile(r"(?:/app)?(?:/projects)?/(\d+)(?=[/?#]|$)")
_EXCERPT_LENGTH = 60
_MAX_SCHEME_LENGTH = 8
_HOST_LIKE = re.compile(
    r"(?:(?:[a-z\d](?:[a-z\d-]{0,28}[a-z\d])?\.)+[a-z]{2,12}|localhost|[\d.]+|[\da-f:]+:[\da-f:]*)"
)
"""A name that is surely a host; any other text where a host belongs may be a secret."""


@dataclass(frozen=True, slots=True)
class ParsedUrl:
    """An absolute URL taken apart."""

    api: Api
    region: Region
    url: str
    """Relative; with its fragment, and with a query that rows cannot express."""
    query: tuple[Pair, ...] = ()
    project_id: str = ""
    """From the path or the query; empty = none."""
    environment: str = ""
    """The environment that has this host; empty = one of Mixpanel's hosts."""
    credentials: tuple[ExtractedCredential, ...] = ()
    """From ``user:password@`` before the host."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Base:
    api: Api
    region: Region
    host: str
    ports: tuple[int, ...]
    path: str
    environment: str = ""


def import_url(
    url: str, draft: Draft, environments: Iterable[Environment] = ()
) -> ImportedRequest:
    """Replace the API, URL and query of a draft by an absolute URL.

    Raises:
        InterchangeError: It is not a URL, or its host is not one of Mixpanel's.
    """
    parsed = parse_url(url, environments)
    bare = Draft(
        method=draft.method, api=parsed.api, url=parsed.url, query=parsed.query
    )
    stripped = strip_credentials(bare)
    return ImportedRequest(
        draft=replace(
            draft,
            api=parsed.api,
            url=stripped.draft.url,
            query=stripped.draft.query or draft.query,
        ),
        region=parsed.region,
        project_id=parsed.project_id,
        credentials=distinct((*parsed.credentials, *stripped.credentials)),
        notes=(*parsed.notes, *stripped.notes),
        environment=parsed.environment,
    )


def parse_url(url: str, environments: Iterable[Environment] = ()) -> ParsedUrl:
    """Parse an absolute URL.

    Args:
        url: Absolute; without a scheme it means https.
        environments: Their hosts are accepted besides Mixpanel's; the first match wins.

    Raises:
        InterchangeError: It is not a URL, or its host is not one of Mixpanel's.
    """
    scheme, authority, rest = _split_url(url.strip())
    parts = _split_authority(f"{scheme}://{authority}")
    if parts is None or not parts.hostname:
        # What stands here may be USER:SECRET, without its -u; so it is not repeated.
        raise InterchangeError(
            "The URL names no host: a whole URL is https://HOST/PATH, and USER:SECRET "
            "follows -u."
            if ":" in authority
            else "The URL names no host: a whole URL is https://HOST/PATH."
        )
    host = parts.hostname.rstrip(".")
    port = parts.port or _DEFAULT_PORTS[scheme]
    base = _find_base(host, port, rest, environments)
    notes = []
    if scheme == "http" and not base.environment:
        notes.append("The URL said http; Mixpanel is called with https.")
    rest = rest[len(base.path) :]
    before, _, fragment = rest.partition("#")
    path, _, query = before.partition("?")
    rows = query_rows(query)
    relative = path if rows is not None else before
    if fragment:
        relative += f"#{fragment}"
    return ParsedUrl(
        api=base.api,
        region=base.region,
        url=relative,
        query=rows or (),
        project_id=_project_id(base.api, relative, rows or ()),
        environment=base.environment,
        credentials=_userinfo_credentials(parts, base, path),
        notes=tuple(notes),
    )


def query_rows(query: str) -> tuple[Pair, ...] | None:
    """Decode a query into rows; None = the rows would be sent differently."""
    rows = []
    for piece in query.split("&") if query else ():
        name, equals, value = piece.partition("=")
        decoded = [_decode(name), _decode(value)]
        if not equals or not decoded[0] or None in decoded:
            return None
        rows.append(Pair(str(decoded[0]), str(decoded[1])))
    return tuple(rows)


def _decode(text: str) -> str | None:
    """Decode a name or value; None = it is not UTF-8, or would become a template."""
    try:
        plain = unquote_plus(text, errors="strict")
    except UnicodeDecodeError:
        return None
    return None if plain.count("{{") > text.count("{{") else plain


def _split_url(url: str) -> tuple[str, str, str]:
    """Split a URL into scheme, authority and the undecoded rest."""
    match = _SCHEME.match(url)
    scheme = match.group(1).lower() if match else "https"
    if scheme not in _DEFAULT_PORTS:
        name = scheme if len(scheme) <= _MAX_SCHEME_LENGTH else "another scheme"
        raise InterchangeError(
            f"mixtui speaks https and not {name}: it cannot call this URL."
        )
    rest = url[match.end() :] if match else url.removeprefix("//")
    end = next((i for i, c in enumerate(rest) if c in "/?#"), len(rest))
    return scheme, rest[:end], rest[end:]


def _split_authority(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        return parts if parts.port is None or parts.port >= 0 else None
    except ValueError:
        return None


def _find_base(
    host: str, port: int, rest: str, environments: Iterable[Environment]
) -> _Base:
    host = _ALIASES.get(host, host)
    candidates = [*_environment_bases(environments), *_official_bases()]
    bases = [base for base in candidates if base.host == host and port in base.ports]
    if not bases:
        raise InterchangeError(_foreign_host_message(host, port))
    matching = [base for base in bases if _matches_path(rest, base)]
    if not matching:
        raise InterchangeError(_no_api_message(host, rest, bases[0]))
    return max(matching, key=lambda base: len(base.path))


def _matches_path(rest: str, base: _Base) -> bool:
    if not rest.startswith(base.path):
        return False
    following = rest[len(base.path) :]
    if following and following[0] not in "/?#":
        return False
    return base.api is not Api.LEXICON or bool(_SCHEMAS_PATH.match(following))


def _official_bases() -> Iterator[_Base]:
    for api in Api:
        for region in Region:
            # Connectors share the address of Export, which is what people mean.
            address = base_url(api, region)
            if address is not None and api is not Api.CONNECTORS:
                parts = urlsplit(address)
                yield _Base(api, region, parts.hostname or "", (80, 443), parts.path)


def _environment_bases(environments: Iterable[Environment]) -> Iterator[_Base]:
    for environment in environments:
        for api in environment.hosts:
            if api is Api.CONNECTORS and Api.EXPORT in environment.hosts:
                continue
            try:
                base, _ = resolve_base(api, environment)
            except DraftError:
                continue  # The checks of the environment report it.
            parts = urlsplit(base)
            yield _Base(
                api,
                environment.region,
                parts.hostname or "",
                (parts.port or _DEFAULT_PORTS[parts.scheme],),
                parts.path,
                environment.name,
            )


def _project_id(api: Api, url: str, rows: tuple[Pair, ...]) -> str:
    project_id = next((row.value for row in rows if row.name == "project_id"), "")
    if project_id.isdecimal() or api not in (Api.LEXICON, Api.APP, Api.QUERY):
        return project_id if project_id.isdecimal() else ""
    prefixes = {Api.LEXICON: "/", Api.APP: "/projects/", Api.QUERY: "/app/projects/"}
    match = _PROJECT_ID_IN_PATH.match(url) if url.startswith(prefixes[api]) else None
    return match.group(1) if match else ""


def _userinfo_credentials(
    parts: SplitResult, base: _Base, path: str
) -> tuple[ExtractedCredential, ...]:
    if parts.username is None and parts.password is None:
        return ()
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    endpoint = find_endpoint(
        SERVICES[base.api], "POST", unquote(BASE_PATHS[base.api] + path)
    )
    return basic_credential(user, password, endpoint)


def _foreign_host_message(host: str, port: int) -> str:
    if any(base.host == host for base in _official_bases()):
        return (
            f"{host} is called on port {port}, where Mixpanel does not answer: "
            "delete the port, or name it under hosts of an environment (f9)."
        )
    if host.endswith(".mixpanel.com"):
        return f"{_excerpt(host)} is a host of Mixpanel, but of none of its HTTP APIs."
    name = _excerpt(host) if _HOST_LIKE.fullmatch(host) else "The URL's host"
    return (
        f"{name} is not a host of Mixpanel: mixtui calls Mixpanel alone, and "
        "what an environment names under hosts (f9)."
    )


def _no_api_message(host: str, rest: str, base: _Base) -> str:
    path = _excerpt(re.split(r"[?#]", rest)[0] or "/")
    if SERVICES[base.api] is Service.WEB:
        return (
            f"{path} on {_excerpt(host)} is a page of Mixpanel's web site and no API: "
            "addresses of an API start with /api/ there."
        )
    return (
        f"{path} on {_excerpt(host)} belongs to no API that mixtui knows: addresses "
        "there start with /api/2.0/export or /api/2.0/nessie."
    )


def _excerpt(text: str) -> str:
    # There may be a password before an @.
    return sanitize_excerpt(text.rpartition("@")[2], _EXCERPT_LENGTH)
