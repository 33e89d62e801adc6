"""Pooled httpx clients, one per TLS setting, created at the first request."""

from __future__ import annotations

import asyncio
import base64
import importlib
import os
import ssl
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote, urlsplit

from mixtui.model.environment import Tls
from mixtui.model.errors import SettingsError
from mixtui.model.secrets import Secret
from mixtui.request.secret_values import header_secrets
from mixtui.request.urls import is_loopback

if TYPE_CHECKING:
    from http.cookiejar import CookieJar
    from types import ModuleType

    import httpx


def import_httpx() -> None:
    """Import httpx in less than half the time.

    ``import httpx`` tries to load its command line, which brings click, rich and
    pygments where they are installed; without it httpx does all the same. Harmless
    when httpx is loaded already.
    """
    # None makes an import fail (the import system's own rule), which httpx expects.
    cast("dict[str, ModuleType | None]", sys.modules).setdefault("httpx._main", None)
    importlib.import_module("httpx")  # Loaded for those who import it next.


_CA_BUNDLE_VARIABLES = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
)


def ssl_context(tls: Tls, variables: Mapping[str, str] | None = None) -> ssl.SSLContext:
    """Create the TLS settings of a client. Reads files: call it off the event loop.

    Args:
        tls: The environment's own settings.
        variables: Environment variables; None = those of the process.

    Raises:
        SettingsError: A file is missing, unreadable or not PEM; names it.
    """
    context = _trusted_context(os.environ if variables is None else variables)
    if tls.ca_file:
        _load_ca(context, tls.ca_file, "The CA file")
    if tls.client_certificate:
        _load_client_certificate(context, tls)
    return context


def _trusted_context(variables: Mapping[str, str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # As Mixpanel asks for.
    name = next((name for name in _CA_BUNDLE_VARIABLES if variables.get(name)), None)
    if name is not None:
        _load_ca(context, variables[name], f"The CA bundle of {name},")
        return context
    import certifi  # Comes with httpx.

    context.load_verify_locations(certifi.where())
    context.load_default_certs()
    return context


def _load_ca(context: ssl.SSLContext, path: str, label: str) -> None:
    location = Path(os.path.expanduser(path))
    try:
        if location.is_dir():
            context.load_verify_locations(capath=location)
        else:
            context.load_verify_locations(cafile=location)
    except ssl.SSLError:
        raise SettingsError(
            f"{label} {path} holds no certificates: it must be a PEM file "
            "(-----BEGIN CERTIFICATE-----)."
        ) from None
    except OSError as error:
        raise _unreadable_error(label, path, error) from None


def _load_client_certificate(context: ssl.SSLContext, tls: Tls) -> None:
    certificate = Path(os.path.expanduser(tls.client_certificate))
    key = Path(os.path.expanduser(tls.client_key)) if tls.client_key else None
    label = "The client certificate"
    for path in filter(None, (certificate, key)):
        # OpenSSL does not say which of the two it could not open.
        try:
            path.open("rb").close()
        except OSError as error:
            name = label if path == certificate else "The client key"
            raise _unreadable_error(name, str(path), error) from None
    try:
        context.load_cert_chain(certificate, key, password=_no_passphrase)
    except _PassphraseNeeded:
        raise SettingsError(
            f"The key of the client certificate {certificate} is locked with a "
            "passphrase, which mixtui cannot ask for: name an unlocked key."
        ) from None
    except ssl.SSLError:
        raise SettingsError(
            f"{label} {certificate} and its key {key or '(in the same file)'} do not "
            "fit: both must be PEM files, and the key that of the certificate."
        ) from None


class _PassphraseNeeded(Exception):
    pass


def _no_passphrase() -> str:
    # Without this, OpenSSL would prompt on the terminal that shows the app.
    raise _PassphraseNeeded


def _unreadable_error(label: str, path: str, error: OSError) -> SettingsError:
    return SettingsError(
        f"{label} {path} cannot be read ({error.strerror}): correct the path."
    )


_KEEP_ALIVE = 30.0
"""Seconds that an idle connection stays open."""
_Key = tuple[Tls, bool, bool]


class Connections:
    """Keeps connections open between requests, which saves handshakes."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._transport = transport
        self._clients: dict[_Key, httpx.AsyncClient] = {}
        self._lock = asyncio.Lock()

    async def client(self, tls: Tls, url: str) -> httpx.AsyncClient:
        """Return the client for a URL.

        Raises:
            SettingsError: A certificate file or a proxy variable is wrong.
        """
        key = (tls, is_loopback(url), url.startswith("https:"))
        async with self._lock:
            if key not in self._clients:
                # In a thread: importing httpx and reading certificates takes longer
                # than a key press should wait.
                self._clients[key] = await asyncio.to_thread(
                    _make_client, self._transport, *key
                )
            return self._clients[key]

    async def close(self) -> None:
        """Close every connection."""
        async with self._lock:
            clients = list(self._clients.values())
            self._clients.clear()
            for client in clients:
                await client.aclose()


def _make_client(
    transport: httpx.AsyncBaseTransport | None,
    tls: Tls,
    is_loopback_url: bool,
    is_https: bool,
) -> httpx.AsyncClient:
    import logging

    import_httpx()
    import httpx

    # At a finer level they log whole URLs, which may hold what templates put there.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        if not is_loopback_url:
            _check_proxy_ports()
        return httpx.AsyncClient(
            transport=transport,
            verify=_verification(tls, is_https and transport is None),
            trust_env=not is_loopback_url,  # No proxy stands between a machine and itself.
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


def _check_proxy_ports() -> None:
    """Raise ValueError for a port that no machine has; httpx would try it."""
    from urllib.request import getproxies

    for scheme, url in getproxies().items():
        if scheme != "no":
            _ = urlsplit(url).port


def proxy_secrets(url: str) -> tuple[Secret, ...]:
    """Return the credentials in the proxy variables, unless no proxy is used for a URL."""
    from urllib.request import getproxies

    if is_loopback(url):
        return ()
    secrets: list[Secret] = []
    for proxy in getproxies().values():
        user, at, _ = proxy.partition("://")[2].rpartition("@")
        pair = unquote(user if ":" in user else f"{user}:")
        basic = base64.b64encode(pair.encode(errors="surrogateescape")).decode()
        if at:
            texts = (user, *header_secrets("Proxy-Authorization", f"Basic {basic}"))
            secrets += map(Secret, texts)
    return tuple(secrets)


def _verification(tls: Tls, is_https: bool) -> ssl.SSLContext:
    import ssl

    if is_https:
        return ssl_context(tls)
    # Never used: it keeps httpx from reading certificates in vain.
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


RAW_HEADERS = "mixtui.headers"
"""The response extension that holds the headers as received."""


async def _hide_location(response: httpx.Response) -> None:
    # httpx builds the next request of a redirect even when it is not to follow it, and
    # raises when the Location is not a URL: the response would be lost.
    response.extensions[RAW_HEADERS] = response.headers.raw
    response.headers.pop("location", None)


def _no_cookies() -> CookieJar:
    """Create a jar that stays empty: no cookie is sent with the next request."""
    from http.cookiejar import CookieJar, DefaultCookiePolicy

    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))
