"""`mixtui doctor` works where nothing else does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mixtui import folders
from mixtui.cli.doctor import checkup
from tests.cli.conftest import CommandLine
from tests.cli.doctor.rows import report


def run_process(
    variables: dict[str, str], cwd: Path, before: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run `mixtui doctor --json` in a process of its own."""
    script = f"{before}\nimport sys\nfrom mixtui.cli.main import run\n"
    return subprocess.run(
        [sys.executable, "-c", f"{script}sys.exit(run(['doctor']))"],
        env={"PATH": os.defpath, **variables},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
    )


NO_USER = """
import os, pwd
def nobody(*_): raise KeyError
pwd.getpwuid = nobody
"""


@pytest.mark.skipif(os.name != "posix", reason="the user database")
def test_without_a_home_and_without_a_user_the_report_says_so(tmp_path: Path) -> None:
    done = run_process({}, tmp_path, NO_USER)
    assert done.returncode == 2, done.stderr
    assert "no home folder is known. Set HOME" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_without_the_package_of_all_types_its_name_is_the_message(
    tmp_path: Path,
) -> None:
    done = run_process(
        {"HOME": str(tmp_path)}, tmp_path, "import sys\nsys.modules['msgspec'] = None"
    )
    assert done.stderr == "mixtui: The package msgspec is missing: reinstall mixtui.\n"
    assert (done.returncode, done.stdout) == (2, "")


def test_without_most_packages_the_report_names_those_that_are_missing(
    tmp_path: Path,
) -> None:
    block = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("httpx", "httpcore", "h11", "tomlkit", "textual",
                                      "jq", "platformdirs", "certifi"):
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Blocked())
import importlib.metadata as metadata
def version(name, known=metadata.version):
    if name in ("httpx", "tomlkit"): raise metadata.PackageNotFoundError(name)
    return known(name)
metadata.version = version
"""
    done = run_process({"HOME": str(tmp_path)}, tmp_path, block)
    assert done.returncode == 2, done.stderr
    assert "! httpx" in done.stdout
    assert "missing. Reinstall mixtui." in done.stdout
    assert "could not be checked: ModuleNotFoundError" in done.stdout
    assert "inside" in done.stdout


def test_a_deleted_working_folder_is_a_problem(
    mixtui: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "_working_folder", None)  # As in a new process.
    folder = mixtui.folder / "gone"
    folder.mkdir()
    os.chdir(folder)
    folder.rmdir()
    found = report(mixtui)
    assert "deleted" in found.one("folders", "collection")["text"]
    assert found.status == 2


@pytest.mark.parametrize("name", ["--collection", "MIXTUI_COLLECTION"])
def test_a_collection_that_does_not_exist_is_a_problem(
    mixtui: CommandLine, name: str
) -> None:
    (mixtui.folder / "mixtui.toml").unlink()
    options = ("--collection", "absent") if name.startswith("-") else ()
    if not options:
        mixtui.variables[name] = "absent"
    row = report(mixtui, *options).one("folders", "collection")
    assert row["status"] == "problem"
    assert "does not exist" in row["text"]


SECTIONS: list[Callable[[checkup.Checkup], object]] = [
    checkup.Checkup._versions,
    checkup.Checkup._terminal,
    checkup.Checkup._folders,
    checkup.Checkup._files,
    checkup.Checkup._environments,
    checkup.Checkup._trust,
    checkup.Checkup._network,
    checkup.Checkup._records,
]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda each: each.__name__)
def test_a_section_that_fails_is_a_problem_and_the_others_are_there(
    mixtui: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
    section: Callable[[checkup.Checkup], object],
) -> None:
    def fail(_: checkup.Checkup) -> object:
        raise RuntimeError("planted-in-an-exception")

    monkeypatch.setattr(checkup.Checkup, section.__name__, fail)
    found = report(mixtui)
    name = section.__name__.strip("_")
    row = found.one(name, name)
    assert row["text"].startswith("could not be checked: RuntimeError in ")
    assert "planted" not in str(found.rows)
    assert found.status == 2
    others = {row["section"] for row in found.rows} - {name}
    assert others >= {"versions", "terminal", "network"} - {name}
