"""The proxy of a request, from variables or from the settings of the system."""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from mixtui.model.secrets import Secret
from mixtui.request.secret_values import header_secrets
from mixtui.request.urls import is_loopback

_WITH_SETTINGS = ("darwin", "win32")
"""Platforms whose proxies need not be in variables."""


def proxy_of(url: str) -> str:
    """Return the URL of the proxy that a request goes through; empty = through none."""
    proxies = _proxies(url)
    if not proxies:
        return ""
    from urllib.request import proxy_bypass

    parts = urlsplit(url)
    proxy = proxies.get(parts.scheme) or proxies.get("all", "")
    host = parts.hostname or ""
    # With the port, which NO_PROXY may name, except for the colons of IPv6.
    place = host if ":" in host or parts.port is None else f"{host}:{parts.port}"
    if not proxy or proxy_bypass(place):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"


def proxy_secrets(url: str) -> tuple[Secret, ...]:
    """Return the credentials in the proxy variables, unless no proxy is used for a URL."""
    secrets: list[Secret] = []
    for proxy in _proxies(url).values():
        user, at, _ = (proxy.partition("://")[2] or proxy).rpartition("@")
        pair = unquote(user if ":" in user else f"{user}:")
        basic = base64.b64encode(pair.encode(errors="surrogateescape")).decode()
        if at:
            texts = (user, *header_secrets("Proxy-Authorization", f"Basic {basic}"))
            secrets += map(Secret, texts)
    return tuple(secrets)


def _proxies(url: str) -> Mapping[str, str]:
    """Return what is set for each scheme, ``all`` and ``no``."""
    if is_loopback(url):
        return {}  # No proxy stands between a machine and itself.
    names = (name.lower() for name in os.environ)
    if sys.platform not in _WITH_SETTINGS and not any(
        name.endswith("_proxy") for name in names
    ):
        return {}  # To load what looks for them takes a tenth of a command's time.
    from urllib.request import getproxies

    return getproxies()
