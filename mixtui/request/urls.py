"""Resolve an API, a region and a relative URL to the URL that is requested.

What was typed is never rewritten: it is checked, its templates are filled, it is
percent-encoded where a URL requires that, and appended to the base as plain text.
Anything that could lead the request, and so the credentials, to another host or out of
the base path is refused.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, unquote, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from mixtui.mixpanel.apis import (
    BASE_PATHS,
    SERVICES,
    Api,
    Region,
    Service,
    base_url,
    is_ingestion_fragment,
)
from mixtui.model.draft import Draft
from mixtui.model.environment import Environment
from mixtui.model.errors import DraftError, Field
from mixtui.model.secrets import Secret
from mixtui.patterns import compile_late
from mixtui.request.templates import (
    Expanded,
    Values,
    expand_text,
    fill_placeholders,
    map_literals,
)

_SCHEME = compile_late(r"[A-Za-z][A-Za-z0-9+.-]*:")
_LONE_PERCENT = compile_late(r"%(?![0-9A-Fa-f]{2})")
_USUAL_PORTS = {"http": 80, "https": 443}
_LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")
# RFC 3986: characters allowed unescaped in a path and in a query, and % because the
# user may have escaped some already.
_PATH_SAFE = "/%:@!$&'()*+,;=~"
_QUERY_SAFE = _PATH_SAFE + "?"


class Target(Struct, frozen=True):
    """The target of a draft."""

    api: Api
    """The API whose base is used; a fragment may override the selected one."""
    base: str
    """The base URL: official, or from the environment's hosts."""
    path: str
    """The relative path, encoded."""
    query: str
    """The query typed into the URL, encoded, without ``?``."""
    fragment: str
    notices: tuple[str, ...] = ()
    sensitive: tuple[Secret, ...] = ()
    unfilled: tuple[str, ...] = ()
    """Placeholders that are still in the URL, as they have no value."""

    @property
    def service(self) -> Service:
        """The service that handles the API."""
        return SERVICES[self.api]

    @property
    def official_path(self) -> str:
        """The full path on the official host, which identifies the endpoint."""
        return unquote(BASE_PATHS[self.api] + self.path)

    def url(self, query: str | None = None) -> str:
        """Return the final URL, with another query if one is passed."""
        query = self.query if query is None else query
        path = self.path if self.path or urlsplit(self.base).path else "/"
        query = query and f"?{query}"
        return self.base + path + query + (self.fragment and f"#{self.fragment}")


def expand_url(draft: Draft, values: Values) -> Expanded:
    """Fill the templates of a draft's relative URL, each value percent-encoded.

    Raises:
        DraftError: A template has no value.
    """
    return expand_text(draft.url.strip(" "), values, Field.URL, encode_component)


def expand_path(draft: Draft, values: Values) -> dict[str, Expanded]:
    """Fill the templates of a draft's path rows; the first enabled row of a name counts.

    Raises:
        DraftError: A template has no value.
    """
    rows: dict[str, Expanded] = {}
    for row in draft.path:
        if row.enabled and row.name not in rows:
            rows[row.name] = expand_text(row.value, values, Field.PATH)
    return rows


def resolve(
    draft: Draft,
    values: Values,
    url: Expanded | None = None,
    *,
    keep_unfilled: bool = False,
) -> Target:
    """Resolve the target URL of a draft.

    Args:
        draft: What was typed.
        values: For the placeholders in the path; includes the environment.
        url: The relative URL with its templates filled, if already known.
        keep_unfilled: Keep placeholders that have no value.

    Raises:
        DraftError: The relative URL cannot be sent; the message says why.
    """
    url = expand_url(draft, values) if url is None else url
    _check_shape(url.text, draft)
    base_and_query, _, fragment = url.text.partition("#")
    if "?" in fragment:
        _raise_query_in_fragment(draft)
    path, _, query = base_and_query.partition("?")
    rows = expand_path(draft, values)
    filled_path, filled_query = (
        fill_placeholders(
            part, values, encode_component, rows, keep_unfilled=keep_unfilled
        )
        for part in (path, query)
    )
    path, query = filled_path.text, filled_query.text
    _check_path(path)
    api, notices = draft.api, []
    if api is not Api.INGESTION and is_ingestion_fragment(fragment):
        notices.append(
            f"#{fragment} is an Ingestion operation, so the request goes to the "
            f"Ingestion host, not to the selected {api.label} API."
        )
        api = Api.INGESTION
    if not path and api not in (Api.EXPORT, Api.CONNECTORS):
        raise DraftError(
            Field.URL,
            f"The relative URL is empty: enter a path, for example {_EXAMPLES[api]}.",
        )
    base, warning = resolve_base(api, values.environment)
    target = Target(
        api=api,
        base=base,
        path=quote(_LONE_PERCENT.sub("%25", path), safe=_PATH_SAFE),
        query=quote(_LONE_PERCENT.sub("%25", query), safe=_QUERY_SAFE),
        fragment=fragment,
        notices=(*notices, *warning),
        sensitive=(*url.sensitive, *filled_path.sensitive, *filled_query.sensitive),
        unfilled=tuple(dict.fromkeys((*filled_path.unfilled, *filled_query.unfilled))),
    )
    _check_host(target)
    return target


_EXAMPLES = {
    Api.INGESTION: "/import",
    Api.QUERY: "/query/events",
    Api.LEXICON: "/{projectId}/schemas",
    Api.PIPELINES: "/pipeline/jobs",
    Api.APP: "/projects/{projectId}/annotations",
}


def resolve_base(api: Api, environment: Environment) -> tuple[str, tuple[str, ...]]:
    """Return the base URL of an API, and a warning if the host is not Mixpanel's own.

    An override without a path replaces scheme and host; one with a path the entire base.

    Raises:
        DraftError: There is no such API in the region, or the override is not a URL.
    """
    override = environment.hosts.get(api)
    if override is None:
        base = base_url(api, environment.region)
        if base is None:
            raise DraftError(
                Field.API,
                f"The {api.label} API is not available in the region "
                f"{environment.region}: choose another API or environment.",
            )
        return base, ()
    base = override.strip().rstrip("/")
    parts = _try_split(base)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise DraftError(
            Field.ENVIRONMENT,
            f"hosts.{api} of the environment {environment.name} is not a URL: use a "
            "form such as https://events.example.com.",
        )
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise DraftError(
            Field.ENVIRONMENT,
            f"hosts.{api} of the environment {environment.name} must only contain "
            "scheme, host and path.",
        )
    if not parts.path:
        base += BASE_PATHS[api]
    if is_loopback(base):
        return base, ()
    return base, (
        f"The environment {environment.name} sends {api.label} requests to "
        f"{parts.netloc} instead of Mixpanel.",
    )


def is_loopback(url: str) -> bool:
    """Return whether a URL leads to this machine."""
    parts = _try_split(url)
    return parts is not None and parts.hostname in _LOOPBACK_HOSTS


def port_of(parts: SplitResult) -> int | None:
    """Return the port of a URL; None = its scheme has none that is usual.

    Raises:
        ValueError: It is not a port.
    """
    # Port 0 is written, and is not the usual one.
    return _USUAL_PORTS.get(parts.scheme) if parts.port is None else parts.port


def encode_component(text: str) -> str:
    """Percent-encode a value in full (RFC 3986, section 2.1): it stays one value."""
    # Bytes of the command line that are not UTF-8 (PEP 383) are sent unchanged.
    return quote(text, safe="", errors="surrogateescape")


def encode_pair(name: str, value: str) -> str:
    """Encode a ``name=value`` pair of a query in full."""
    return f"{encode_component(name)}={encode_component(value)}"


def _check_shape(url: str, draft: Draft) -> None:
    if bad := next((c for c in url if ord(c) < 32 or ord(c) == 127), None):
        raise DraftError(
            Field.URL,
            f"The relative URL contains a control character (U+{ord(bad):04X}): "
            "delete or percent-encode it.",
        )
    if "\\" in url.partition("?")[0]:
        raise DraftError(
            Field.URL,
            "The relative URL contains a backslash: separate segments with /.",
        )
    if not url or url.startswith(("?", "#")):
        return
    if _SCHEME.match(url) or url.startswith("//"):
        _raise_other_host(draft)
    if not url.startswith("/"):
        suggestion = None
        if re.match(r"[\w{]", url) and "@" not in url and "." not in url.split("/")[0]:
            suggestion = replace(draft, url="/" + draft.url.strip(" "))
        raise DraftError(
            Field.URL,
            "The relative URL must start with / or ?, so that it cannot change the "
            "host.",
            suggestion=suggestion,
        )


def _check_path(path: str) -> None:
    if "{" in path or "}" in path:
        raise DraftError(
            Field.URL,
            "The path contains a brace that does not belong to a placeholder: delete "
            "it, or use %7B and %7D.",
        )
    segments = path.split("/")
    decoded = unquote(path)
    # An encoded slash counts too: some servers decode the path before resolving it.
    if any(segment in (".", "..") for segment in decoded.split("/")):
        raise DraftError(
            Field.URL,
            "The path contains . or .. segments, which would leave the API's base "
            "URL: use the resolved path.",
        )
    if "" in segments[1:-1]:
        raise DraftError(
            Field.URL, "The path contains //: use a single / between segments."
        )
    if "\\" in decoded or any(ord(c) < 32 for c in decoded):
        raise DraftError(
            Field.URL,
            "The path contains an encoded backslash or control character: delete it.",
        )


def _check_host(target: Target) -> None:
    """Make sure that the final URL keeps host and path of the base."""
    base, final = urlsplit(target.base), urlsplit(target.url())
    is_same_host = (base.scheme, base.netloc) == (final.scheme, final.netloc)
    if not is_same_host or not final.path.startswith(base.path):
        raise DraftError(
            Field.URL, f"The relative URL would leave {base.netloc}: fix it."
        )


def _raise_query_in_fragment(draft: Draft) -> None:
    before, _, fragment = draft.url.strip(" ").partition("#")
    name, _, query = fragment.partition("?")
    joined = f"{before}{'&' if '?' in before else '?'}{query}#{name}"
    raise DraftError(
        Field.URL,
        f"The query is after the #, so no server would see it: use {joined} instead.",
        suggestion=replace(draft, url=joined),
    )


def _raise_other_host(draft: Draft) -> None:
    # From the typed URL: templates stay unfilled, so no secret gets into the message.
    relative = relative_to_known_base(draft.url.strip(" "))
    if relative is None:
        raise DraftError(
            Field.URL,
            "This is an absolute URL of another host: choose an API and enter only "
            "the part after its base URL, starting with /.",
        )
    api, region, rest = relative
    raise DraftError(
        Field.URL,
        f"This is an absolute URL: choose the {api.label} API in {region} and the "
        f"relative URL {rest or '(empty)'}.",
        suggestion=replace(draft, api=api, url=rest),
    )


def relative_to_known_base(url: str) -> tuple[Api, Region, str] | None:
    """Return API, region and relative URL of a full Mixpanel URL, or None."""
    candidates: list[tuple[int, Api, Region, str]] = []
    for api in Api:
        for region in Region:
            base = base_url(api, region)
            if base is None or not url.startswith(base):
                continue
            rest = url[len(base) :]
            if not rest or rest[0] in "/?#":
                candidates.append((len(base), api, region, rest))
    if not candidates:
        return None
    # The longest base is the most specific; Export wins over Connectors, which share one.
    _, api, region, rest = max(
        candidates, key=lambda row: (row[0], row[1] is Api.EXPORT)
    )
    return api, region, rest


def _try_split(url: str) -> SplitResult | None:
    """Split a URL; None if it is invalid (a port out of range, an unclosed ``[``)."""
    try:
        parts = urlsplit(url)
        return parts if parts.port is None or parts.port >= 0 else None
    except ValueError:
        return None


def encode_pair_for_display(name: str, value: str) -> str:
    """Encode a pair as it will be sent, but leave its unfilled templates as they are."""
    return f"{encode_component(name)}={map_literals(value, encode_component)}"
