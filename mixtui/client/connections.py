"""Pooled httpx clients, one per TLS setting, created at the first request."""

from __future__ import annotations

import asyncio
import base64
import importlib
import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from mixtui import log
from mixtui.imports import import_httpx
from mixtui.model.environment import Tls
from mixtui.model.errors import SettingsError
from mixtui.model.secrets import Secret
from mixtui.request.secret_values import header_secrets
from mixtui.request.urls import is_loopback

if TYPE_CHECKING:
    from http.cookiejar import CookieJar

    import httpx

    from mixtui.client.network import Network


def load_libraries() -> None:
    """Load what the first send needs, which takes longer than a key press may wait."""
    import_httpx()
    for name in ("chunked", "network"):
        importlib.import_module(f"mixtui.client.{name}")


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
    import certifi

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
            f"{label} {path} contains no certificates: it must be a PEM file "
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
            f"The key of the client certificate {certificate} is encrypted, and "
            "mixtui does not prompt for a passphrase: use an unencrypted key."
        ) from None
    except ssl.SSLError:
        raise SettingsError(
            f"{label} {certificate} and the key {key or '(in the same file)'} do not "
            "match: both must be PEM files, and the key must belong to the "
            "certificate."
        ) from None


class _PassphraseNeeded(Exception):
    pass


def _no_passphrase() -> str:
    # Without this, OpenSSL would prompt on the terminal that shows the app.
    raise _PassphraseNeeded


def _unreadable_error(label: str, path: str, error: OSError) -> SettingsError:
    return SettingsError(
        f"{label} {path} cannot be read ({error.strerror}): fix the path."
    )


_KEEP_ALIVE = 4.0
"""Seconds that an idle connection is used again.

Less than the 5 s after which uvicorn, Apache httpd and Node.js close theirs: a write on a
connection that the server is closing may or may not have been done.
"""


class _Target(Struct, frozen=True):
    """What decides which client sends a request."""

    tls: Tls
    is_loopback: bool
    is_https: bool


class _Pool:
    """A client with its connections."""

    def __init__(self, client: httpx.AsyncClient, network: Network) -> None:
        self.client = client
        self._network = network
        self._leases = 0
        self._is_retired = False

    def take(self) -> None:
        """Count a request that uses it."""
        self._leases += 1

    def give_back(self) -> None:
        """Count a request that has ended."""
        self._leases -= 1
        self._close_unused()

    def retire(self) -> None:
        """Close all connections as soon as no request uses one."""
        self._is_retired = True
        self._close_unused()

    def close(self) -> None:
        """Close all connections, also those in use."""
        self._network.close()

    def _close_unused(self) -> None:
        if self._is_retired and not self._leases:
            self.close()


class Lease:
    """The client of one request.

    Cancelled while it connects, sends or closes, httpcore may forget a connection. So a
    pool is not used again once a request in it did not end by itself, and its connections
    are closed with the last request.
    """

    def __init__(self, connections: Connections, target: _Target) -> None:
        self._connections = connections
        self._target = target
        self._pool: _Pool | None = None

    @property
    def client(self) -> httpx.AsyncClient:
        assert self._pool is not None
        return self._pool.client

    async def renew(self) -> None:
        """Continue with a client that has no connections yet.

        Raises:
            SettingsError: A certificate file or a proxy variable is wrong.
        """
        self.retire()
        self._release()
        self._pool = await self._connections.take(self._target)

    def retire(self) -> None:
        """Let no other request use the connections."""
        if self._pool is not None:
            self._connections.retire(self._target, self._pool)

    def _release(self) -> None:
        if self._pool is not None:
            self._pool.give_back()
            self._pool = None

    async def __aenter__(self) -> Self:
        self._pool = await self._connections.take(self._target)
        return self

    async def __aexit__(self, error: type[BaseException] | None, *_: object) -> None:
        if error is not None:
            self.retire()
        self._release()


class Connections:
    """Keeps connections open between requests, which saves handshakes."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._transport = transport
        self._pools: dict[_Target, _Pool] = {}
        self._contexts: dict[Tls, ssl.SSLContext] = {}
        """Reading certificates takes longer than anything else here."""
        self._lock = asyncio.Lock()

    def lease(self, tls: Tls, url: str) -> Lease:
        """Return the client for a URL, for the time of one request.

        Entering it raises SettingsError if a certificate file or a proxy variable is
        wrong.
        """
        is_https = url.startswith("https:") and self._transport is None
        return Lease(self, _Target(tls, is_loopback(url), is_https))

    async def take(self, target: _Target) -> _Pool:
        """Return the pool for a target, in use.

        Raises:
            SettingsError: A certificate file or a proxy variable is wrong.
        """
        async with self._lock:
            if target not in self._pools:
                # In a thread: importing httpx and reading certificates takes longer
                # than a key press should wait.
                self._pools[target] = await asyncio.to_thread(self._make_pool, target)
            pool = self._pools[target]
            pool.take()
            return pool

    def retire(self, target: _Target, pool: _Pool) -> None:
        """Use a pool for no other request."""
        if self._pools.get(target) is pool:
            del self._pools[target]
        pool.retire()

    async def close(self) -> None:
        """Close every connection."""
        async with self._lock:
            for target, pool in list(self._pools.items()):
                self.retire(target, pool)
                pool.close()
            self._contexts.clear()

    def _make_pool(self, target: _Target) -> _Pool:
        import_httpx()
        import httpx

        from mixtui.client import chunked
        from mixtui.client.network import Network, use_asyncio

        chunked.install()
        use_asyncio()
        context = self._context(target)
        client = _make_client(self._transport, context, target.is_loopback)
        network = Network()
        for transport in (client._transport, *client._mounts.values()):
            if isinstance(transport, httpx.AsyncHTTPTransport):
                transport._pool._network_backend = (
                    network  # httpx has no option for it.
                )
        return _Pool(client, network)

    def _context(self, target: _Target) -> ssl.SSLContext:
        if not target.is_https:
            # Never used: it keeps httpx from reading certificates in vain.
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if target.tls not in self._contexts:
            self._contexts[target.tls] = ssl_context(target.tls)
        return self._contexts[target.tls]


def _make_client(
    transport: httpx.AsyncBaseTransport | None,
    context: ssl.SSLContext,
    is_loopback: bool,
) -> httpx.AsyncClient:
    import logging

    import httpx

    if not log.is_on(log.DEBUG):
        # At a finer level they log whole URLs, which may hold what templates put there.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
    try:
        if not is_loopback:
            _check_proxy_ports()
        return httpx.AsyncClient(
            transport=transport,
            verify=context,
            trust_env=not is_loopback,  # No proxy stands between a machine and itself.
            cookies=_no_cookies(),
            timeout=None,  # `Client` has its own.
            limits=httpx.Limits(keepalive_expiry=_KEEP_ALIVE),
            event_hooks={"response": [_hide_location]},
        )
    except (ValueError, httpx.InvalidURL):
        raise SettingsError(
            "A proxy variable (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY) is not a "
            "valid URL: fix or unset it."
        ) from None
    except ImportError:
        raise SettingsError(
            "A proxy variable specifies a SOCKS proxy, which needs another package: "
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
        user, at, _ = (proxy.partition("://")[2] or proxy).rpartition("@")
        pair = unquote(user if ":" in user else f"{user}:")
        basic = base64.b64encode(pair.encode(errors="surrogateescape")).decode()
        if at:
            texts = (user, *header_secrets("Proxy-Authorization", f"Basic {basic}"))
            secrets += map(Secret, texts)
    return tuple(secrets)


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
