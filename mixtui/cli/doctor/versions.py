"""The versions of mixtui and of what it runs on."""

from __future__ import annotations

import locale
import platform
import sys
from collections.abc import Iterator

from mixtui import __version__
from mixtui.cli.doctor.finding import Finding
from mixtui.model.errors import ExitStatus
from mixtui.patterns import compile_late

_REQUIREMENT = compile_late(r"([\w.-]+)[^;]*(?:;(.*))?")
_EXTRA = compile_late(r"""extra\s*==\s*['"]([\w-]+)['"]""")
_BEFORE = compile_late(r"""python_version\s*<\s*['"]3\.(\d+)['"]""")
_FOR_USERS = ("sandbox", "keyring", "encodings")
"""The extras that add a feature; the others are for the development of mixtui."""
_PACKAGE = "mixtui"


def find_versions() -> Iterator[Finding]:
    """Report versions, the platform, and packages that are missing."""
    import sqlite3
    import ssl

    yield Finding("mixtui", __version__)
    python = f"{platform.python_version()} ({platform.python_implementation()})"
    yield Finding("Python", python)
    yield Finding("platform", platform.platform(terse=True) + f" {platform.machine()}")
    yield Finding("OpenSSL", ssl.OPENSSL_VERSION)
    yield Finding("SQLite", sqlite3.sqlite_version)
    encoding = locale.getpreferredencoding(False)
    yield Finding("text encoding", f"{encoding}, file names {_file_names()}")
    yield from _packages()


def _file_names() -> str:
    return sys.getfilesystemencoding()


def _packages() -> Iterator[Finding]:
    from importlib.metadata import PackageNotFoundError, requires

    try:
        requirements = requires(_PACKAGE) or []
    except PackageNotFoundError:
        yield Finding(
            "packages",
            "not installed as a package, so its dependencies are unknown",
            "Install mixtui with pip, pipx or uv to see them.",
        )
        return
    installed: list[str] = []
    extras: dict[str, list[str]] = {}
    for requirement in requirements:
        match = _REQUIREMENT.match(requirement)
        if match is None or not _applies(match[2] or ""):
            continue
        name = match[1]
        extra = _EXTRA.search(match[2] or "")
        if extra is not None:
            extras.setdefault(extra[1], []).append(name)
        elif version := _version(name):
            installed.append(f"{name} {version}")
        else:
            yield Finding(name, "missing", "Reinstall mixtui.", ExitStatus.USAGE)
    yield Finding("packages", ", ".join(installed))
    for extra_name in _FOR_USERS:
        if extra_name in extras:
            yield _extra(extra_name, extras[extra_name])


def _extra(name: str, packages: list[str]) -> Finding:
    versions = {package: _version(package) for package in packages}
    missing = [package for package, version in versions.items() if not version]
    shown = ", ".join(f"{p} {v}" for p, v in versions.items() if v)
    if not missing:
        return Finding(f"extra {name}", shown)
    absent = f"not installed: {', '.join(missing)}"
    text = f"{shown}; {absent}" if shown else absent
    remedy = f"To use it, install mixtui[{name}]."
    return Finding(f"extra {name}", text, remedy)


def _applies(marker: str) -> bool:
    """Return whether a requirement is for this version of Python."""
    before = _BEFORE.search(marker)
    return before is None or sys.version_info[1] < int(before[1])


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return ""
