"""Who may import whom, and what must not be loaded early."""

from __future__ import annotations

import ast
import importlib.util
import json
import pkgutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

import mixtui

ROOT = Path(mixtui.__file__).parent
WITHOUT_SCREEN = ("core", "mixpanel", "interchange", "storage", "cli", "session")
BELOW = {
    "mixpanel": (
        "core",
        "interchange",
        "storage",
        "sandbox",
        "session",
        "cli",
        "app",
        "ui",
    ),
    "core": ("interchange", "storage", "sandbox", "session", "cli", "app", "ui"),
    "interchange": ("storage", "sandbox", "session", "cli", "app", "ui"),
    "storage": ("sandbox", "session", "cli", "app", "ui"),
    "sandbox": ("storage", "session", "cli", "app", "ui"),
    "ui": ("cli",),
}


def modules(package: str) -> list[str]:
    name = f"mixtui.{package}"
    spec = importlib.util.find_spec(name)
    assert spec is not None
    inside = spec.submodule_search_locations or []
    found = pkgutil.walk_packages(inside, f"{name}.")
    return [name, *(module.name for module in found)]


def loaded_by(*imports: str) -> set[str]:
    """The top-level names in sys.modules after a fresh interpreter imported these."""
    code = (
        "import sys, json, importlib\n"
        f"for name in {imports!r}: importlib.import_module(name)\n"
        "print(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT.parent
    )
    return set(json.loads(done.stdout))


def imported(path: Path) -> set[str]:
    """The packages of mixtui that a file names in any import, late ones too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        found |= {n.split(".")[1] for n in names if n.startswith("mixtui.")}
    return found


@pytest.mark.parametrize("package", WITHOUT_SCREEN)
def test_nothing_below_the_screen_loads_textual_or_rich(package: str) -> None:
    # All at once: one that loads either would show, and one process is enough.
    assert not loaded_by(*modules(package)) & {"textual", "rich"}


@pytest.mark.parametrize("package", list(BELOW))
def test_imports_point_down_only(package: str) -> None:
    for path in (ROOT / package).rglob("*.py"):
        upwards = imported(path) & set(BELOW[package])
        assert not upwards, f"{path.relative_to(ROOT)} imports {sorted(upwards)}"


@pytest.mark.parametrize(
    "package", ["core", "mixpanel", "interchange", "storage", "cli", "sandbox"]
)
def test_nothing_below_the_screen_names_textual_or_rich_even_late(
    package: str,
) -> None:
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            tops = {name.partition(".")[0] for name in names}
            assert not tops & {"textual", "rich"}, path


def test_preparing_a_request_loads_nothing_heavy() -> None:
    heavy = {"httpx", "tomlkit", "pygments", "asyncio", "msgspec", "platformdirs"}
    assert not loaded_by("mixtui.core.prepare") & heavy


def test_the_data_files_are_inside_the_package() -> None:
    for name in ("mixpanel/endpoints.toml", "py.typed"):
        assert files("mixtui").joinpath(name).is_file(), name


def test_yaml_is_loaded_only_when_a_yaml_file_is_read() -> None:
    assert "yaml" not in loaded_by(
        "mixtui.interchange.openapi", "mixtui.ui.file_import"
    )
