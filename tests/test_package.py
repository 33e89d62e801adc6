"""What the package declares about itself is true."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.bounds import declared, lower_bound, untried

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = ("sandbox", "keyring", "encodings", "data")
"""Those that a user installs; the others are for who works on mixtui."""


def imported(folder: Path) -> set[str]:
    """Return the top-level modules that the code in a folder imports, anywhere in it."""
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"mixtui", "_typeshed"}


def names(requirements: list[Requirement]) -> set[str]:
    return {normalized(requirement.name) for requirement in requirements}


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_library_that_mixtui_imports_is_declared() -> None:
    """One that only another dependency brings can change, or go, without a word."""
    distributions = packages_distributions()
    undeclared = {
        module
        for module in imported(ROOT / "mixtui")
        if not {normalized(d) for d in distributions.get(module, [module])}
        & names(declared(*EXTRAS))
    }
    assert undeclared == set()


@pytest.mark.parametrize("requirement", declared(*EXTRAS), ids=str)
def test_a_dependency_has_both_bounds(requirement: Requirement) -> None:
    lowest = lower_bound(requirement)
    assert lowest is not None
    is_calendar = lowest.major > 2000  # Says when, not what has changed.
    assert is_calendar or any(s.operator == "<" for s in requirement.specifier)


def test_the_versions_of_python_are_named_from_the_lowest_on() -> None:
    prefix = "Programming Language :: Python :: 3."
    minors = [
        int(text.removeprefix(prefix))
        for text in PROJECT["classifiers"]
        if text.startswith(prefix)
    ]
    assert minors == list(range(minors[0], minors[-1] + 1))
    assert PROJECT["requires-python"] == f">=3.{minors[0]}"


def test_the_bounds_of_all_that_the_tests_use_are_tried() -> None:
    for extra in EXTRAS:
        assert {*declared(extra)} <= {*declared("test")}


@pytest.mark.parametrize(
    ("line", "installed", "expected"),
    [
        ("a>=1.2,<2", "1.2", False),
        ("a>=1.2,<2", "1.2.0", False),
        ("a>=1.2,<2", "1.2.1", True),
        ("a>=1,<2", "1.0.9", True),
        ("a==1.2.3", "1.2.3", False),
        ("a>=1.2,!=1.3,<2", "1.4", True),
        ("a", "3", False),
    ],
)
def test_a_lower_bound_is_tried_only_by_exactly_that_version(
    line: str, installed: str, expected: bool
) -> None:
    assert untried(Requirement(line), installed) is expected


def test_the_lower_bound_is_the_highest_of_several() -> None:
    assert lower_bound(Requirement("a>=1,>=1.5,<2")) == Version("1.5")
