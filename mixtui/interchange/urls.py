"""Parse absolute Mixpanel URLs into API, region, relative URL and query.

`mixtui.request.urls` parses the URLs that mixtui itself prints. These come from anywhere:
with an upper-case host, http, a port, an older prefix or a password inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import SplitResult, unquote, unquote_plus, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from mixtui.interchange.credentials import basic_credential, distinct, strip_credentials
from mixtui.interchange.model import ExtractedCredential, ImportedRequest
from mixtui.interchange.notes import mended_note
from mixtui.interchange.placeholders import fill_placeholders
from mixtui.key_names import key_of
from mixtui.mixpanel.apis import BASE_PATHS, SERVICES, Api, Region, Service, base_url
from mixtui.mixpanel.endpoints import find_endpoint
from mixtui.model.draft import Draft, Method, Pair
from mixtui.model.environment import Environment
from mixtui.model.errors import DraftError, InterchangeError
from mixtui.patterns import compile_late
from mixtui.request.templates import PLACEHOLDER, map_literals, placeholder_id
from mixtui.request.urls import port_of, resolve_base
from mixtui.text import mend_blanks, sanitize_excerpt

_SCHEME = compile_late(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_SCHEMES = ("http", "https")
_ALIASES = {
    "www.mixpanel.com": "mixpanel.com",
    "api-js.mixpanel.com": "api.mixpanel.com",
}
_HOST_VARIABLE = compile_late(r"\\*\{\{[^{}]*\}\}|\{[^{}]*\}|<[^<>]*>")
"""Of documentation, of Postman, and of a shell as mixtui writes it."""
_SCHEMAS_PATH = compile_late(r"/[^/?#]+/schemas(?=[/?#]|$)")
_PROJECT_ID_IN_PATH = compile_late(r"(?:/app)?(?:/projects)?/(\d+)(?=[/?#]|$)")
_EXCERPT_LENGTH = 60
_MAX_SCHEME_LENGTH = 8
_HOST_LIKE = compile_late(
    r"(?:(?:[a-z\d](?:[a-z\d-]{0,28}[a-z\d])?\.)+[a-z]{2,12}|localhost|[\d.]+|[\da-f:]+:[\da-f:]*)"
)
"""A name that is surely a host; any other text where a host belongs may be a secret."""


class ParsedUrl(Struct, frozen=True):
    """An absolute URL taken apart."""

    api: Api
    region: Region | None
    """None = its host leaves the region open."""
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


class _Base(Struct, frozen=True):
    api: Api
    region: Region | None
    host: str
    ports: tuple[int | None, ...]
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
    filled = fill_placeholders(stripped.draft)
    return ImportedRequest(
        draft=replace(
            draft,
            api=parsed.api,
            url=filled.draft.url,
            query=filled.draft.query or draft.query,
        ),
        region=parsed.region,
        project_id=parsed.project_id,
        credentials=distinct((*parsed.credentials, *stripped.credentials)),
        notes=(*parsed.notes, *open_notes(parsed), *stripped.notes, *filled.notes),
        environment=parsed.environment,
    )


_AMPERSAND = compile_late("&(?:amp|#38|#x26);", re.IGNORECASE)


def parse_url(url: str, environments: Iterable[Environment] = ()) -> ParsedUrl:
    """Parse an absolute URL.

    Args:
        url: Absolute; without a scheme it means https.
        environments: Their hosts are accepted besides Mixpanel's; the first match wins.

    Raises:
        InterchangeError: It is not a URL, or its host is not one of Mixpanel's.
    """
    url, mended = mend_blanks(url.strip())
    url, references = _AMPERSAND.subn("&", url)
    scheme, authority, rest = _split_url(url.strip())
    userinfo, at, host = authority.rpartition("@")
    open_base = _open_base(host, rest) if _HOST_VARIABLE.search(host) else None
    if open_base is not None:
        authority = f"{userinfo}{at}{open_base.host}"
    parts = _split_authority(f"{scheme}://{authority}")
    if parts is None or not parts.hostname:
        # What stands here may be USER:SECRET, without its -u; so it is not repeated.
        raise InterchangeError(
            "The URL does not have a host. A full URL is https://HOST/PATH; "
            "USER:SECRET follows -u."
            if ":" in authority
            else "The URL does not have a host. A full URL is https://HOST/PATH."
        )
    host = parts.hostname.rstrip(".")
    port = port_of(parts)
    base = open_base or _find_base(host, port, rest, environments)
    notes = [mended_note(mended, "The URL")] if mended else []
    if references:
        notes.append("The HTML entity &amp; in the URL was read as &.")
    if scheme == "http" and not base.environment:
        notes.append("The URL uses http; mixtui sends it over https.")
    parsed = _parse_rest(base, rest)
    path = parsed.url.partition("#")[0].partition("?")[0]
    credentials = _userinfo_credentials(parts, base, path)
    return replace(parsed, credentials=credentials, notes=tuple(notes))


def open_notes(parsed: ParsedUrl) -> tuple[str, ...]:
    """Return notes on what a URL leaves to the environment: region, parts of the path."""
    notes = []
    if parsed.region is None:
        notes.append(
            "The host does not determine the region: that of the environment is used."
        )
    path = parsed.url.partition("?")[0].partition("#")[0]
    placeholders = dict.fromkeys(match[0] for match in PLACEHOLDER.finditer(path))
    if ids := [each for each in placeholders if placeholder_id(each)]:
        notes.append(f"The environment fills in {', '.join(ids)} in the path.")
    if others := [each for each in placeholders if not placeholder_id(each)]:
        notes.append(f"Enter {', '.join(others)} in the Path tab.")
    return tuple(notes)


def query_rows(query: str) -> tuple[Pair, ...] | None:
    """Decode a query into rows; None = the rows would be sent differently."""
    rows = []
    for piece in query.split("&") if query else ():
        name, equals, value = piece.partition("=")
        try:
            row = Pair(map_literals(name, _decode), map_literals(value, _decode))
        except UnicodeDecodeError:
            return None
        if not equals or not row.name:
            return None
        rows.append(row)
    return tuple(rows)


def _decode(text: str) -> str:
    return unquote_plus(text, errors="strict")


def _parse_rest(base: _Base, rest: str) -> ParsedUrl:
    """Parse what follows the host of a URL."""
    before, _, fragment = rest[len(base.path) :].partition("#")
    path, mark, query = before.partition("?")
    rows = query_rows(query)
    relative = path
    if rows is None:
        # Here the app would look for placeholders in single braces.
        relative += mark + map_literals(query, _encode_braces)
    if fragment:
        relative += f"#{fragment}"
    return ParsedUrl(
        api=base.api,
        region=base.region,
        url=relative,
        query=rows or (),
        project_id=_project_id(base.api, relative, rows or ()),
        environment=base.environment,
    )


def _encode_braces(text: str) -> str:
    return text.replace("{", "%7B").replace("}", "%7D")


def _open_base(host: str, rest: str) -> _Base:
    """Find the base of a URL whose host holds a variable, as on Mixpanel's own pages.

    It stands for any of Mixpanel's hosts that the rest of it allows; the path tells which
    API it is, and the region stays open.

    Raises:
        InterchangeError: None of Mixpanel's hosts fits, or none has the path.
    """
    fixed = [re.escape(text) for text in _HOST_VARIABLE.split(host)]
    pattern = re.compile(r"[a-z.-]+".join(fixed))
    bases = [base for base in _official_bases() if pattern.fullmatch(base.host)]
    if not bases:
        raise InterchangeError(_foreign_host_message("", 443))
    path = re.split(r"[?#]", rest)[0]
    documented = (
        replace(base, region=None)
        for base in sorted(bases, key=lambda base: -len(base.path))
        if _matches_path(rest, base) and _is_documented(SERVICES[base.api], path or "/")
    )
    if (base := next(documented, None)) is not None:
        return base
    raise InterchangeError(
        "The host of the URL is a placeholder, and no Mixpanel API has the path "
        f"{_excerpt(path)}. Add the host."
    )


def _is_documented(service: Service, path: str) -> bool:
    # The last endpoint of each service matches any path.
    return any(
        find_endpoint(service, method, unquote(path)).path.pattern != r".*/?"
        for method in Method
    )


def _split_url(url: str) -> tuple[str, str, str]:
    """Split a URL into scheme, authority and the undecoded rest."""
    match = _SCHEME.match(url)
    scheme = match.group(1).lower() if match else "https"
    if scheme not in _SCHEMES:
        name = scheme if len(scheme) <= _MAX_SCHEME_LENGTH else "another scheme"
        raise InterchangeError(f"mixtui only supports https, not {name}.")
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
    host: str, port: int | None, rest: str, environments: Iterable[Environment]
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
                (port_of(parts),),
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
    user = map_literals(parts.username or "", unquote)
    password = map_literals(parts.password or "", unquote)
    endpoint = find_endpoint(
        SERVICES[base.api], "POST", unquote(BASE_PATHS[base.api] + path)
    )
    return basic_credential(user, password, endpoint)


def _foreign_host_message(host: str, port: int | None) -> str:
    if any(base.host == host for base in _official_bases()):
        return (
            f"Mixpanel does not listen on port {port} of {host}. Remove the port, or "
            f"add it to the hosts of an environment ({key_of('environments')})."
        )
    if host.endswith(".mixpanel.com"):
        return (
            f"{_excerpt(host)} is a Mixpanel host, but it does not serve an HTTP API."
        )
    name = _excerpt(host) if _HOST_LIKE.fullmatch(host) else "The URL's host"
    return (
        f"{name} is not a Mixpanel host. mixtui only sends to Mixpanel, and to the "
        f"hosts of an environment ({key_of('environments')})."
    )


def _no_api_message(host: str, rest: str, base: _Base) -> str:
    path = _excerpt(re.split(r"[?#]", rest)[0] or "/")
    if base.environment:
        return (
            f"{path} on {_excerpt(host)} is not part of the API {base.api} of the "
            f"environment {base.environment}. Paths there start with {base.path}/."
        )
    if SERVICES[base.api] is Service.WEB:
        return (
            f"{path} on {_excerpt(host)} is a page of Mixpanel's website, not an API. "
            "API paths there start with /api/."
        )
    return (
        f"{path} on {_excerpt(host)} is not part of a known API. API paths there "
        "start with /api/2.0/export or /api/2.0/nessie."
    )


def _excerpt(text: str) -> str:
    # There may be a password before an @.
    return sanitize_excerpt(text.rpartition("@")[2], _EXCERPT_LENGTH)
