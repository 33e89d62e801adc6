"""Which certificate authorities are trusted, and which certificate is shown.

The authorities are those of ``SSL_CERT_FILE``, ``SSL_CERT_DIR``, ``REQUESTS_CA_BUNDLE``
or ``CURL_CA_BUNDLE`` (the first that is set), else certifi's and the system's own. An
environment's ``ca_file`` is trusted besides.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from pathlib import Path

from mixtui.core.environments import Tls
from mixtui.core.errors import SettingsError

_BUNDLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def ssl_context(tls: Tls, variables: Mapping[str, str] | None = None) -> ssl.SSLContext:
    """The TLS settings of a client. Reads files: call it off the event loop.

    Args:
        tls: The environment's own settings.
        variables: The process's environment, if None.

    Raises:
        SettingsError: A file is missing, unreadable or not PEM; names it.
    """
    context = _context(os.environ if variables is None else variables)
    if tls.ca_file:
        _trust(context, tls.ca_file, "The CA file")
    if tls.client_certificate:
        _identify(context, tls)
    return context


def _context(variables: Mapping[str, str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # As Mixpanel asks for.
    name = next((name for name in _BUNDLES if variables.get(name)), None)
    if name is not None:
        _trust(context, variables[name], f"The CA bundle of {name},")
        return context
    import certifi  # Comes with httpx.

    context.load_verify_locations(certifi.where())
    context.load_default_certs()
    return context


def _trust(context: ssl.SSLContext, path: str, what: str) -> None:
    place = Path(os.path.expanduser(path))
    try:
        if place.is_dir():
            context.load_verify_locations(capath=place)
        else:
            context.load_verify_locations(cafile=place)
    except ssl.SSLError:
        raise SettingsError(
            f"{what} {path} holds no certificates: it must be a PEM file "
            "(-----BEGIN CERTIFICATE-----)."
        ) from None
    except OSError as error:
        raise _unreadable(what, path, error) from None


def _identify(context: ssl.SSLContext, tls: Tls) -> None:
    certificate = Path(os.path.expanduser(tls.client_certificate))
    key = Path(os.path.expanduser(tls.client_key)) if tls.client_key else None
    what = "The client certificate"
    for path in filter(None, (certificate, key)):
        # OpenSSL does not say which of the two it could not open.
        try:
            path.open("rb").close()
        except OSError as error:
            name = what if path == certificate else "The client key"
            raise _unreadable(name, str(path), error) from None
    try:
        context.load_cert_chain(certificate, key, password=_no_passphrase)
    except _Locked:
        raise SettingsError(
            f"The key of the client certificate {certificate} is locked with a "
            "passphrase, which mixtui cannot ask for: name an unlocked key."
        ) from None
    except ssl.SSLError:
        raise SettingsError(
            f"{what} {certificate} and its key {key or '(in the same file)'} do not "
            "fit: both must be PEM files, and the key that of the certificate."
        ) from None


class _Locked(Exception):
    pass


def _no_passphrase() -> str:
    # Without this, OpenSSL would ask on the terminal that the screen is drawn on.
    raise _Locked


def _unreadable(what: str, path: str, error: OSError) -> SettingsError:
    return SettingsError(
        f"{what} {path} cannot be read ({error.strerror}): correct the path."
    )
