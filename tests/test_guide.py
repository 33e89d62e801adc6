"""The commands of the guide run: each ``sh`` block of a page, in order, in one shell.

Blocks that need what a test cannot have (a real project, another terminal) are ``shell``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mixtui.sandbox.server import RunningSandbox

GUIDE = Path(__file__).parents[1] / "docs" / "guide"
PAGES = sorted(GUIDE.glob("*.md"))


def commands(page: Path) -> str:
    """Return the commands of a page."""
    blocks = re.findall(r"^```sh\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)
    return "\n".join(blocks)


JQ = f"""#!{sys.executable}
import sys, jq
for value in jq.compile(sys.argv[-1]).input_text(sys.stdin.read()):
    print(value)
"""
"""In place of jq, where it is not installed."""
WITH_COMMANDS = [page for page in PAGES if commands(page)]


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.stem)
def test_the_commands_of_a_page_of_the_guide_run(
    page: Path, tmp_path: Path, sandbox: RunningSandbox
) -> None:
    programs = [str(Path(sys.executable).parent), os.environ["PATH"]]
    if shutil.which("jq") is None:
        jq = tmp_path / "bin" / "jq"
        jq.parent.mkdir()
        jq.write_text(JQ, "utf-8")
        jq.chmod(0o755)
        programs.append(str(jq.parent))
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands(page)],
        cwd=tmp_path,
        env={
            "HOME": str(tmp_path),
            "PATH": os.pathsep.join(programs),
            "MIXTUI_SANDBOX": sandbox.origin,
            "LANG": "C.UTF-8",
        },
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert result.returncode == 0, f"{result.stdout}\n{result.stderr}"


def test_most_pages_of_the_guide_show_commands() -> None:
    assert len(WITH_COMMANDS) >= 8
