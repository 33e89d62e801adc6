"""Programs of npm that tests run where Node.js is there: installed once, into pytest's cache."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

INSTALL_SECONDS = 45
OLDEST_NODE = 20
"""The oldest Node.js that all of our packages support."""


def npm_folder(pytestconfig: pytest.Config, packages: Mapping[str, str]) -> Path:
    """Return a folder with packages; skips in words if they cannot be installed.

    Args:
        pytestconfig: Has the cache.
        packages: The version of each, by its name.
    """
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"{', '.join(packages)}: {program} is not installed")
    version = subprocess.check_output(["node", "--version"], text=True).strip()
    if int(version.lstrip("v").partition(".")[0]) < OLDEST_NODE:
        pytest.skip(
            f"{', '.join(packages)}: needs Node.js {OLDEST_NODE}, not {version}"
        )
    store = getattr(pytestconfig, "cache", None)
    if store is None:
        pytest.skip(f"{', '.join(packages)}: pytest runs without a cache for them")
    cache: Path = store.mkdir("npm")
    specifications = [f"{name}@{version}" for name, version in packages.items()]
    installed = cache / "-".join(specifications).replace("/", "-")
    if not installed.exists():
        _install(installed, specifications)
    return installed


def _install(folder: Path, packages: list[str]) -> None:
    # Several workers may do so at once: the first to finish wins.
    own = folder.with_name(f"{folder.name}.{os.getpid()}")
    options = [
        "--no-save",
        "--no-package-lock",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
    ]
    command = ["npm", "install", "--prefix", str(own), "--fetch-retries=0", *options]
    own.mkdir()
    try:
        done = subprocess.run(
            [*command, *packages],
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
        )
        if done.returncode == 0:
            own.rename(folder)
            return
        reason = done.stderr.strip().partition("\n")[0]
    except subprocess.TimeoutExpired:
        reason = f"no end after {INSTALL_SECONDS} s"
    except OSError:
        # Another worker's folder has the name.
        if folder.exists():
            return
        raise
    finally:
        shutil.rmtree(own, ignore_errors=True)
    pytest.skip(f"npm could not install {', '.join(packages)}: {reason}")
