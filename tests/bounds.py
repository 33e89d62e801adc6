"""Show which dependencies an environment has: ``python -m tests.bounds lowest-direct``.

A lower bound is true only if the tests were run with it. If another dependency needs a
newer version, the bound was never tried, and nobody would see when it no longer holds.
"""

from __future__ import annotations

import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"


def declared(*extras: str) -> list[Requirement]:
    """Return the dependencies of mixtui and of these extras, for this Python.

    An extra that names others of mixtui has theirs, too.
    """
    project = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]
    groups = project["optional-dependencies"]
    found = [Requirement(line) for line in project["dependencies"]]
    for extra in extras:
        for requirement in map(Requirement, groups[extra]):
            if requirement.name == project["name"]:
                found += declared(*sorted(requirement.extras))
            else:
                found.append(requirement)
    needed = [r for r in found if r.marker is None or r.marker.evaluate()]
    return list(dict.fromkeys(needed))


def lower_bound(requirement: Requirement) -> Version | None:
    """Return the lowest version that is allowed, or None if any is."""
    bounds = [
        Version(s.version) for s in requirement.specifier if s.operator in (">=", "==")
    ]
    return max(bounds, default=None)


def untried(requirement: Requirement, installed: str) -> bool:
    """Tell whether another version than the lowest one allowed is installed."""
    bound = lower_bound(requirement)
    return bound is not None and Version(installed) != bound


def main(resolution: str) -> int:
    """Print the version of each dependency; return 1 if a lower bound was not tried."""
    status = 0
    for requirement in declared("test"):
        try:
            installed = version(requirement.name)
        except PackageNotFoundError:
            print(f"{requirement}: not installed", file=sys.stderr)
            status = 1
            continue
        print(f"  {requirement.name} {installed}")
        if resolution.startswith("lowest") and untried(requirement, installed):
            print(f"{requirement}: only {installed} can be tested", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
