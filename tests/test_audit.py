"""`scripts/audit` tells whether a vulnerability is known, none is, or it could not be found out."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.test_package import EXTRAS

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="bash")
SCRIPT = Path(__file__).parents[1] / "scripts" / "audit"
RESOLVES = r"""
for last; do
    test "$previous" = --output-file && printf 'a==1\nb==2\n' >"$last"
    previous=$last
done
"""
REFUSED = (
    "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='api.osv.dev', "
    "port=443): Max retries exceeded with url: /v1/query"
)
UNKNOWN = "ERROR:pip_audit._cli:a: Dependency not found on PyPI and could not be audited: a (1)"


def audit(root: Path, uv: str, pip_audit: str) -> subprocess.CompletedProcess[str]:
    """Run the script in a checkout whose tools are these shell scripts."""
    tools = root / ".venv" / "bin"
    tools.mkdir(parents=True)
    for name, text in (("uv", uv), ("pip-audit", pip_audit)):
        (tools / name).write_text(f"#!/bin/sh\n{text}\n")
        (tools / name).chmod(0o755)
    (root / "scripts").mkdir()
    copy = shutil.copy(SCRIPT, root / "scripts")
    return subprocess.run(["bash", copy], capture_output=True, text=True)


def test_none_is_known(tmp_path: Path) -> None:
    done = audit(tmp_path, RESOLVES, "echo 'No known vulnerabilities found' >&2")
    assert done.returncode == 0
    assert done.stdout == "No known vulnerabilities in 2 packages.\n"


def test_some_are_known(tmp_path: Path) -> None:
    done = audit(tmp_path, RESOLVES, "echo 'a 1 CVE-2026-1 1.1'; exit 1")
    assert (done.returncode, done.stdout) == (1, "a 1 CVE-2026-1 1.1\n")


@pytest.mark.parametrize(
    ("uv", "last", "says"),
    [
        ("exit 2", "", "the package index did not respond, so nothing was audited."),
        (
            RESOLVES,
            REFUSED,
            "the advisory service did not respond (run it again where the network allows "
            "it), so nothing is known about the 2 packages.",
        ),
        (
            RESOLVES,
            UNKNOWN,
            "the advisory service does not know a (1), so nothing is known about the 2 "
            "packages.",
        ),
        (
            RESOLVES,
            "KeyError: 1",
            "pip-audit failed (KeyError: 1), so nothing is known about the 2 packages.",
        ),
    ],
)
def test_what_could_not_be_found_out_is_said_in_one_sentence(
    tmp_path: Path, uv: str, last: str, says: str
) -> None:
    failing = f"cat >&2 <<'end'\nTraceback\n{last}\nend\nexit 1"
    done = audit(tmp_path, uv, failing)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"scripts/audit: {says}\n"


def test_all_that_a_user_may_install_is_audited() -> None:
    for extra in EXTRAS:
        assert f"--extra {extra}" in SCRIPT.read_text("utf-8")
