from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mixtui.core.client import Client
from tests.core.exchanges import READER


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A client on the real network, for servers on loopback."""
    client = Client(READER)
    yield client
    await client.close()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own variables alone say which proxy and authorities there are."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in (
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
    ):
        monkeypatch.delenv(name, raising=False)
