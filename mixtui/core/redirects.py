"""Which redirects are followed: to the same origin, never turning a write into a read.

Mixpanel's API redirects nowhere; what does is a proxy, a test server or a mistake.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from mixtui.core.requests import Method
from mixtui.core.visible import sanitize_excerpt

LIMIT = 5
_REWRITING = (301, 302, 303)
_KEEPING = (307, 308)
_SAFE = "/%:@!$&'()*+,;=~?[]-._"
_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Follow:
    """The URL to ask next, with the same method, headers and body."""

    url: str


@dataclass(frozen=True, slots=True)
class DoNotFollow:
    """The answer at hand is the answer."""

    notice: str = ""
    """Why a redirect was not followed; empty if it was none."""


def redirect_decision(
    status: int, location: str | None, method: Method, url: str, *, hops: int
) -> Follow | DoNotFollow:
    """What to do about an answer.

    Args:
        status: Its status.
        location: Its ``Location`` header.
        method: That of the request.
        url: The URL that answered.
        hops: How many redirects were followed already.
    """
    if status not in (*_REWRITING, *_KEEPING) or not location:
        return DoNotFollow()
    target = _joined(url, location)
    if target is None:
        return DoNotFollow("The redirect was not followed: it leads to no valid URL.")
    where = sanitize_excerpt(target, _SHOWN)
    if not _same_origin(url, target):
        return DoNotFollow(
            f"The redirect to {where} was not followed: only one to the same host is."
        )
    if status in _REWRITING and method is not Method.GET:
        return DoNotFollow(
            f"The redirect to {where} was not followed: a {method} would become a GET."
        )
    if hops >= LIMIT:
        return DoNotFollow(
            f"Stopped after {LIMIT} redirects; the next leads to {where}."
        )
    return Follow(target)


def _joined(url: str, location: str) -> str | None:
    try:
        joined = urljoin(url, location.strip()).partition("#")[0]
        _port(urlsplit(joined))
    except ValueError:
        return None
    return quote(joined, safe=_SAFE)


def _same_origin(one: str, other: str) -> bool:
    a, b = urlsplit(one), urlsplit(other)
    if b.username is not None or "\\" in other:
        return False
    return (a.scheme, a.hostname, _port(a)) == (b.scheme, b.hostname, _port(b))


def _port(parts: SplitResult) -> int | None:
    return parts.port or {"http": 80, "https": 443}.get(parts.scheme)
