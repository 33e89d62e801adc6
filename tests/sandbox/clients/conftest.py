"""Mixpanel's own clients, pointed at a sandbox with the lines of the documentation."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mixtui.sandbox.server import PORT, RunningSandbox
from tests.cli.conftest import mixtui, online
from tests.fixtures_sandbox import PLENTY
from tests.npm import npm_folder
from tests.processes import PATIENCE

__all__ = ["mixtui", "online"]

DOCUMENT = Path(__file__).parents[3] / "docs" / "sandbox.md"
NPM_PACKAGES = {
    "mixpanel": "0.24.0",
    "mixpanel-browser": "2.83.0",
    "happy-dom": "21.0.4",  # a page without a browser; it enforces CORS
}
HERE = Path(__file__).parent

RunNode = Callable[..., str]


def documented(heading: str, sandbox: RunningSandbox) -> str:
    """Return the code below a heading of the documentation, for this sandbox."""
    _, _, section = DOCUMENT.read_text("utf-8").partition(f"\n### {heading}\n")
    code = re.search(r"```\w+\n(.*?)```", section, re.DOTALL)
    assert code is not None, f"{DOCUMENT.name} has no code below {heading}"
    assert f"127.0.0.1:{PORT}" in code[1]
    return code[1].replace(f"127.0.0.1:{PORT}", urlsplit(sandbox.origin).netloc)


@pytest.fixture(scope="session")
def sandbox(copied_sample: None) -> Iterator[RunningSandbox]:
    """A sandbox of these tests alone: clients track events under their own names."""
    with RunningSandbox(queries_per_hour=PLENTY) as running:
        yield running


@pytest.fixture(scope="session")
def node_modules(pytestconfig: pytest.Config) -> Path:
    """A folder with the packages of npm, installed once; skips in words if it cannot be."""
    return npm_folder(pytestconfig, NPM_PACKAGES)


@pytest.fixture
def run_node(node_modules: Path) -> RunNode:
    """Run a script as a module of Node.js and return what it prints."""

    def run(script: str, *options: str) -> str:
        done = subprocess.run(
            ["node", *options, "--input-type=module", "-"],
            cwd=node_modules,
            env={**os.environ, "NODE_PATH": str(node_modules / "node_modules")},
            input=script,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
