"""The planted world, for the command line and for the app."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from mixtui.cli.doctor import versions
from tests.cli.conftest import CommandLine, mixtui
from tests.cli.doctor.conftest import _no_certificates_of_the_system
from tests.secrets.world import World, planted_world
from tests.ui.conftest import (
    _css_is_parsed_once,
    _pilot_waits_for_what_the_app_does,
    _tasks_start_eagerly,
)

__all__ = [
    "_css_is_parsed_once",
    "_no_certificates_of_the_system",
    "_pilot_waits_for_what_the_app_does",
    "_tasks_start_eagerly",
    "mixtui",
]


@pytest.fixture(autouse=True, scope="session")
def _versions_are_looked_up_once() -> Iterator[None]:
    """Keep those of packages, which `doctor` reads from a file each, for a hundred reports."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(versions, "_version", cache(versions._version))
        yield


@pytest.fixture
def world(
    mixtui: CommandLine,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    """A machine with a secret in every source."""
    vault = tmp_path_factory.mktemp("vault")
    with planted_world(mixtui, tmp_path, vault, monkeypatch) as world:
        yield world
