"""taplo, which editors use for TOML, checks files with our schemas and rules."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine, mixtui
from tests.generate.test_schemas import STARTER
from tests.npm import npm_folder
from tests.processes import PATIENCE

__all__ = ["mixtui"]

PACKAGES = {"@taplo/cli": "0.7.0"}


def lint(pytestconfig: pytest.Config, folder: Path) -> subprocess.CompletedProcess[str]:
    program = npm_folder(pytestconfig, PACKAGES) / "node_modules" / ".bin" / "taplo"
    return subprocess.run(
        [program, "lint", "--colors", "never"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def test_taplo_accepts_our_files_and_marks_the_mistakes_in_others(
    pytestconfig: pytest.Config, mixtui: CommandLine
) -> None:
    shutil.copytree(STARTER, mixtui.folder, dirs_exist_ok=True)
    mixtui.write_request("config", 'theme = "mono"\n[keys]\nsend = "f5"\n')
    mixtui.write_environments("[environments.a]\nproject_id = 5\n")
    assert mixtui("schema", "-o", ".").status == 0
    done = lint(pytestconfig, mixtui.folder)
    assert done.returncode == 0, done.stderr
    mixtui.write_request("wrong", 'nmae = "x"\nmethod = "get"\n')
    done = lint(pytestconfig, mixtui.folder)
    assert done.returncode != 0
    assert done.stderr.count("error: ") == 2
    assert "wrong.toml:1:8" in done.stderr
    assert "a key that mixtui does not know" in done.stderr
    assert '"get" is not one of ["GET","POST"' in done.stderr
