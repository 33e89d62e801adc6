"""What holds for every test."""

from __future__ import annotations

import gc
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from mixtui.client.client import Client
from tests.exchanges import READER
from tests.fixtures_sandbox import copied_sample, new_sandbox, sandbox

__all__ = ["copied_sample", "new_sandbox", "sandbox"]

# A busy machine is no failure, and the whole suite should not need a coffee.
settings.register_profile(
    "patient",
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("patient")

# By default, a tenth of the time goes into looking for garbage among all that pytest
# and the imported modules hold for good.
gc.set_threshold(50_000, 20, 100)

_OURS = ("MP_", "MIXPANEL_", "MIXTUI_")
_AUTHORITIES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def pytest_collection_finish() -> None:
    """Spare the garbage collector the modules: it took a fifth of the time of a test.

    What is loaded by now stays until the end, and a test makes many small objects.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for each test, and no credentials or proxies from outside."""
    home = tmp_path / "own-home"
    for name in list(os.environ):
        if name.startswith(_OURS) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    for name in _AUTHORITIES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    return home


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A client on the real network, for servers on loopback."""
    client = Client(READER)
    yield client
    await client.close()
