"""Targets: URLs, wherever they come from, against strict parsers."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import ada_url
import httpx
from hypothesis import strategies as st

from mixtui.cli.doctor.mask import mask_url
from mixtui.client.client import Follow, redirect_decision
from mixtui.client.connections import proxy_secrets
from mixtui.editing.suggestions import complete_url
from mixtui.interchange.reader import is_url
from mixtui.interchange.sniff import is_absolute_url, is_curl, is_importable
from mixtui.interchange.urls import import_url, parse_url, query_rows
from mixtui.mixpanel.apis import Api, Region, base_url
from mixtui.mixpanel.catalogue import operations
from mixtui.model.draft import Draft, Method, Pair
from mixtui.model.environment import Credentials, Environment
from mixtui.model.redaction import Redactor, mask_url_users
from mixtui.model.secrets import FromVariable
from mixtui.request.path_parameters import placeholders
from mixtui.request.prepare import prepare
from mixtui.request.secret_values import clear_url
from mixtui.request.urls import is_loopback, relative_to_known_base
from tests.fuzz.target import SECRET, Target, check_sentence, refused
from tests.fuzz.texts import AWKWARD, mutated, near, seeds

ENVIRONMENT = Environment(
    "any",
    project_id="12",
    credentials=Credentials(project_secret=FromVariable("SECRET")),
    variables={"name": "FILLED"},
)
OWN_HOST = Environment(
    "own",
    project_id="12",
    credentials=Credentials(project_secret=FromVariable("SECRET")),
    hosts={Api.QUERY: "http://localhost:8080/api/query", Api.EXPORT: "http://[::1]:99"},
)
_TOKENS = (
    *("https://", "HTTPS://", "http://", "//", "https:\\\\", "https:/", "javascript:"),
    *("mixpanel.com", "MIXPANEL.com.", "data-eu.mixpanel.com", "api.mixpanel.com"),
    *("evil.example", "mixpanel.com.evil.example", "localhost", "127.0.0.1", "[::1]"),
    *("0x7f.1", "2130706433", "xn--mixpanel-c0a.com", "mixpanel。com", "ⓜixpanel.com"),
    *(
        "user@",
        "user:pass@",
        "@",
        ":443",
        ":80",
        ":0",
        ":99999",
        ":08",
        ":",
        "[::1%25a]",
    ),
    *(
        "/api/query",
        "/api/2.0/export",
        "/api/app",
        "/..",
        "/.",
        "/%2e%2e",
        "/%2F",
        "/{x}",
    ),
    *("?a=b", "&c=%zz", "?project_id=12", "#profile-set", "#", "?", ";", "&amp;", "\t"),
)
_SEEDS = (
    *seeds("interchange/test_urls.py", r"^\S+://"),
    *seeds("request/test_urls.py", r"^(/|\S+://)"),
    *seeds("client/test_redirects.py", r"^(/|\S+://)"),
    *(url for api in Api for region in Region if (url := base_url(api, region))),
    "https://user:pass@eu.mixpanel.com:443/api/query/events?event=[%22a%22]&x#y",
    "http://localhost:8080/api/query/events",
)
_ABSOLUTE = re.compile("[A-Za-z]+://")
_HOSTS = {
    urlsplit(url).hostname
    for api in Api
    for region in Region
    if (url := base_url(api, region))
} | {"www.mixpanel.com", "api-js.mixpanel.com"}
_URLS = mutated(_SEEDS, (*_TOKENS, *AWKWARD)) | near(_SEEDS, _TOKENS)


def _whatwg_host(url: str) -> str | None:
    """Return the host that a browser would connect to; None = not a URL."""
    try:
        host = ada_url.URL(url).hostname
    except ValueError:
        return None
    return str(host).strip("[]").rstrip(".").lower()


def _httpx_host(url: str) -> str | None:
    try:
        return httpx.URL(url).host.rstrip(".").lower()
    except (httpx.InvalidURL, UnicodeError, ValueError):
        return None


def _check_import(url: str) -> None:
    """A URL that is accepted leads to the host that every parser sees in it."""
    result = refused(lambda: import_url(url, Draft(), [OWN_HOST]))
    if result is None:
        return
    refused(lambda: parse_url(url))
    for note in result.notes:
        check_sentence(note)
    written = url.strip()
    if not _ABSOLUTE.match(written) or any(c in written.split("?")[0] for c in "{}<>&"):
        return  # Placeholders for the host, HTML, and no scheme are our own reading.
    seen = {_whatwg_host(written), _httpx_host(written)} - {None}
    own = {"localhost", "127.0.0.1", "::1"}
    if seen and "\\" not in written and written.isascii() and written.isprintable():
        assert seen <= (_HOSTS | own), (url, seen)
    # What is sent leads to the API's own host, whatever stood there.
    environment = OWN_HOST if result.environment else ENVIRONMENT
    request = refused(lambda: prepare(result.draft, environment), KeyError)
    if request is not None:
        sent = urlsplit(request.url)
        assert sent.hostname in _HOSTS | own, request.url


_RELATIVE = (
    *("/events", "/{projectId}/schemas", "/projects/{projectId}/x", "?a=b", "/x?y=z#w"),
    *("/import", "/engage#profile-set", "//evil.example", "/..;/x", "/%2e%2e/x", "/@x"),
    *("/a%2Fb", "/x\\y", "https://mixpanel.com/api/query/events", "/{{name}}/{a}"),
)
_DRAFTS = st.builds(
    Draft,
    method=st.sampled_from(Method),
    api=st.sampled_from(Api),
    url=mutated(_RELATIVE, (*_TOKENS, *AWKWARD)) | near(_RELATIVE, _TOKENS),
    query=st.lists(
        st.builds(Pair, near(("a", "event")), near(("b", "{{name}}", "{{today}}"))),
        max_size=2,
    ).map(tuple),
)


def _check_request_url(draft: Draft) -> None:
    """Whatever is typed, the request stays on the host and below the base of its API."""
    request = refused(lambda: prepare(draft, ENVIRONMENT))
    list(placeholders(draft.url))
    if request is None:
        return
    url = request.url.partition("#")[0]
    base = base_url(request.api, ENVIRONMENT.region)
    assert base is not None and url.startswith(base)
    host = urlsplit(base).hostname
    assert urlsplit(url).hostname == host
    assert _httpx_host(url) == host and _whatwg_host(url) == host, url
    # No parser resolves anything away, and none has to encode what is sent.
    raw = httpx.URL(url).raw_path.decode("ascii")
    assert base.removeprefix(f"https://{host}") + url.removeprefix(base) in (
        raw,
        raw.rstrip("?"),
        raw.removesuffix("/"),
    ), url
    assert ada_url.URL(url).pathname.startswith(urlsplit(base).path), url
    pairs = [
        (p.name, p.value)
        for p in draft.query
        if p.enabled and "{{" not in p.name + p.value
    ]
    sent = parse_qsl(
        urlsplit(url).query, keep_blank_values=True, errors="surrogateescape"
    )
    for name, value in pairs:
        if name and "\\" not in name + value:
            assert (name, value) in sent, (name, value, url)


_LOCATIONS = st.builds(
    "{}{}".format,
    st.sampled_from(["", "https://mixpanel.com", "http://localhost:8080", " "]),
    _URLS,
)


def _check_redirect(example: tuple[str, int, Any]) -> None:
    """A redirect that is followed stays on its origin, by every parser."""
    location, status, method = example
    url = "https://mixpanel.com/api/query/events?x=1"
    redactor = Redactor(())
    decision = redirect_decision(
        status, location, method, url, hops=0, redactor=redactor
    )
    if isinstance(decision, Follow):
        target = decision.url
        assert _httpx_host(target) == "mixpanel.com", target
        assert httpx.URL(target).scheme == "https"
        assert httpx.URL(target).port in (None, 443)
        assert _whatwg_host(target) == "mixpanel.com", target
        assert target.isascii() and target.isprintable()
    elif decision.notice:
        check_sentence(decision.notice)


def _check_loopback(url: str) -> None:
    """What counts as this machine is this machine for every parser."""
    if is_loopback(url):
        seen = {_whatwg_host(url), _httpx_host(url)} - {None}
        assert seen <= {"localhost", "127.0.0.1", "::1"}, (url, seen)


def _check_recognition(text: str) -> None:
    is_url(text)
    assert is_importable(text) == (is_curl(text) or is_absolute_url(text.strip()))
    relative_to_known_base(text)
    rows = query_rows(text)
    if rows is not None and "{" not in text and "}" not in text:
        assert all(isinstance(row.name, str) for row in rows)
    list(complete_url(text, Method.GET, Api.QUERY, operations()[:40]))


_SECRET_URLS = st.builds(
    "{}{}{}:{}@{}{}".format,
    st.sampled_from(["", "see ", "(", "“"]),
    st.sampled_from(["https://", "http://", "HTTPS://", "socks5://"]),
    st.sampled_from(["", "u", "u%40x", "{{x}}", "é"]),
    st.just(SECRET),
    st.sampled_from(["mixpanel.com", "[::1]:80", "h", "evil.example:99", "[", "h:x"]),
    st.sampled_from(["", "/p", "/p?q=1#f", " and more", "/a@b", "\n"]),
)


def _check_masking(text: str) -> None:
    """The password of a URL is in nothing that is shown."""
    assert SECRET not in mask_url_users(text), text
    url = text[text.find("http") :] if "http" in text else text
    assert SECRET not in mask_url(url.strip())
    cleared = clear_url(url)
    assert SECRET not in cleared.text
    refused(lambda: parse_url(url), secret=SECRET)
    refused(lambda: import_url(url, Draft()), secret=SECRET)
    for secret in proxy_secrets(url):
        assert SECRET not in str(secret)
    unquote(url)


TARGETS = (
    Target("imported URL", _URLS, _check_import, 80),
    Target("URL of a request", _DRAFTS, _check_request_url, 80),
    Target(
        "Location",
        st.tuples(
            _LOCATIONS,
            st.sampled_from([301, 302, 303, 307, 308]),
            st.sampled_from([Method.GET, Method.POST]),
        ),
        _check_redirect,
        80,
    ),
    Target("loopback", _URLS, _check_loopback, 60),
    Target("what a text is", _URLS, _check_recognition, 40),
    Target("password in a URL", _SECRET_URLS, _check_masking, 30),
)
