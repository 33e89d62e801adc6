"""The pooled clients: made when first needed, one for each TLS setting."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mixtui.core.environments import Tls
from mixtui.core.errors import SettingsError
from mixtui.core.http_library import import_httpx
from mixtui.core.tls import ssl_context
from mixtui.core.urls import is_loopback

if TYPE_CHECKING:
    import ssl
    from http.cookiejar import CookieJar

    import httpx

_KEEP_ALIVE = 30.0
"""Seconds that an idle connection is kept."""
_Key = tuple[Tls, bool, bool]


class Connections:
    """Keeps connections open between calls, so that a call saves the handshake."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._transport = transport
        self._clients: dict[_Key, httpx.AsyncClient] = {}
        self._making = asyncio.Lock()

    async def client(self, tls: Tls, url: str) -> httpx.AsyncClient:
        """The client for a URL.

        Raises:
            SettingsError: A certificate file or a proxy variable is wrong.
        """
        key = (tls, is_loopback(url), url.startswith("https:"))
        async with self._making:
            if key not in self._clients:
                # In a thread: importing httpx and reading certificates takes longer
                # than a key press should wait.
                self._clients[key] = await asyncio.to_thread(
                    _make, self._transport, *key
                )
            return self._clients[key]

    async def close(self) -> None:
        """Close every connection."""
        async with self._making:
            clients = list(self._clients.values())
            self._clients.clear()
            for client in clients:
                await client.aclose()


def _make(
    transport: httpx.AsyncBaseTransport | None, tls: Tls, loopback: bool, secure: bool
) -> httpx.AsyncClient:
    import logging

    import_httpx()
    import httpx

    # At a finer level they log whole URLs, which may hold what templates put there.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        return httpx.AsyncClient(
            transport=transport,
            verify=_context(tls, secure and transport is None),
            trust_env=not loopback,  # No proxy stands between a machine and itself.
            cookies=_no_cookies(),
            timeout=None,  # `Client` has its own.
            limits=httpx.Limits(keepalive_expiry=_KEEP_ALIVE),
            event_hooks={"response": [_hide_location]},
        )
    except (ValueError, httpx.InvalidURL):
        raise SettingsError(
            "A proxy variable (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY) is no "
            "URL: correct it, or unset it."
        ) from None
    except ImportError:
        raise SettingsError(
            "A proxy variable names a SOCKS proxy, which needs one more package: "
            "install httpx[socks]."
        ) from None


def _context(tls: Tls, secure: bool) -> ssl.SSLContext:
    import ssl

    if secure:
        return ssl_context(tls)
    # Never used: it keeps httpx from reading certificates for nothing.
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


WHOLE_HEADERS = "mixtui.headers"
"""The response extension with the headers as they came."""


async def _hide_location(response: httpx.Response) -> None:
    # httpx builds the next request of a redirect even when it is not to follow it, and
    # raises when the Location is no URL: the answer would be lost.
    response.extensions[WHOLE_HEADERS] = response.headers.raw
    response.headers.pop("location", None)


def _no_cookies() -> CookieJar:
    """A jar that stays empty: nothing a server sets is sent with the next call."""
    from http.cookiejar import CookieJar, DefaultCookiePolicy

    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))
