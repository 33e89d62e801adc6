"""Reports that do not read the certificates of the system, which takes longest."""

from __future__ import annotations

import ssl
from collections.abc import Mapping

import pytest

from mixtui.client import connections


@pytest.fixture(autouse=True)
def _no_certificates_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    load = connections._trusted_context

    def trusted_context(variables: Mapping[str, str]) -> ssl.SSLContext:
        if "SSL_CERT_FILE" in variables:
            return load(variables)
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setattr(connections, "_trusted_context", trusted_context)
