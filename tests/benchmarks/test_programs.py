from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.programs import HttpCommand


def executable(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return path


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.delenv("BENCH_CURLY", raising=False)
    return folder


def curly() -> HttpCommand:
    return HttpCommand("curly", ("--silent",), ("-o",), "curl-y")


def test_a_program_is_found_by_its_variable_else_beside_python_else_in_the_path(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert curly().command() == []
    in_path = executable(path / "curl-y", "")
    assert curly().command() == [str(in_path)]
    beside = executable(path.parent / "curl-y", "")
    assert curly().command() == [str(beside)]
    monkeypatch.setenv("BENCH_CURLY", "nice -n 5 curl-y")
    assert curly().command() == ["nice", "-n", "5", "curl-y"]


def test_a_command_is_given_the_file_before_the_url(path: Path) -> None:
    program = str(executable(path / "curl-y", ""))
    assert curly().get("http://x") == [program, "--silent", "http://x"]
    saved = curly().save("http://x", Path("file"))
    assert saved == [program, "--silent", "-o", "file", "http://x"]


@pytest.mark.parametrize(
    ("printed", "version"),
    [
        ("curl 7.88.1 (x86_64) libcurl/7.88.1", "7.88.1"),
        ("less 590 (GNU regular expressions)", "590"),
        ("xh v0.26.3\n+rustls", "0.26.3"),
        ("unreleased", "unreleased"),
    ],
)
def test_the_version_is_the_first_that_a_program_prints(
    path: Path, printed: str, version: str
) -> None:
    executable(path / "curl-y", f"echo '{printed}'")
    assert curly().versions() == f"curly {version}"
