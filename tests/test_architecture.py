"""Who may import whom, and what must not be loaded early.

The contracts stand in ``pyproject.toml``, each with its reason.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import pkgutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

import mixtui

ROOT = Path(mixtui.__file__).parent
PYPROJECT = ROOT.parent / "pyproject.toml"
CONTRACTS = tomllib.loads(PYPROJECT.read_text("utf-8"))["tool"]["importlinter"]
CONTRACT_MODULES = (
    "layers",
    "source_modules",
    "modules",
    "ancestors",
    "protected_modules",
    "allowed_importers",
)
WITHOUT_SCREEN = sorted(
    {module.name for module in pkgutil.iter_modules([str(ROOT)])}
    - {"__main__", "app", "ui"}
)


def modules(package: str) -> list[str]:
    """A package of mixtui and everything in it."""
    name = f"mixtui.{package}"
    spec = importlib.util.find_spec(name)
    assert spec is not None, f"there is no {name}"
    inside = spec.submodule_search_locations or []
    return [name, *(m.name for m in pkgutil.walk_packages(inside, f"{name}."))]


def loaded_by(*imports: str) -> set[str]:
    """Return the names in sys.modules after a fresh interpreter imported these."""
    code = (
        "import sys, json, importlib\n"
        f"for name in {imports!r}: importlib.import_module(name)\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT.parent
    )
    return set(json.loads(done.stdout))


def test_every_import_contract_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    status = lint_imports(config_filename=str(PYPROJECT), no_cache=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_the_contracts_speak_of_modules_that_exist() -> None:
    named = {
        name if name.startswith("mixtui.") else f"{container}.{name}"
        for contract in CONTRACTS["contracts"]
        for container in contract.get("containers", ["mixtui"])
        for key in CONTRACT_MODULES
        for names in contract.get(key, [])
        for name in names.replace(":", "|").split(" | ")
        if name != "mixtui"
    }
    assert named
    missing = [n for n in named if "*" not in n and not importlib.util.find_spec(n)]
    assert not missing


def test_the_contract_about_textual_covers_everything_but_the_screen() -> None:
    contract = next(
        c for c in CONTRACTS["contracts"] if c["name"].startswith("Only the screen")
    )
    # The command line starts the screen.
    expected = {f"mixtui.{name}" for name in WITHOUT_SCREEN} - {"mixtui.cli"}
    assert set(contract["source_modules"]) == expected


def test_nothing_below_the_screen_loads_textual_or_rich() -> None:
    names = [name for package in WITHOUT_SCREEN for name in modules(package)]
    # One process for all: what loads either is the first after which one is there.
    code = (
        "import sys, importlib\n"
        f"for name in {names!r}:\n"
        "    importlib.import_module(name)\n"
        "    if {'textual', 'rich'} & sys.modules.keys(): sys.exit(name)\n"
        "print(name)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=False,
        cwd=ROOT.parent,
        text=True,
    )
    assert (done.stderr, done.stdout) == ("", f"{names[-1]}\n")


COMMANDS = (
    "mixtui.cli.jobs.event_import",
    "mixtui.cli.jobs.profile_export",
    "mixtui.cli.jobs.migrate",
    "mixtui.cli.send.send",
    "mixtui.jobs.registry",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_loads_msgspec_without_what_msgspec_does_without(
    command: str,
) -> None:
    loaded = loaded_by(command)
    assert "msgspec" in loaded
    assert not {"typing_extensions", "zipfile"} & loaded
    assert "typing_extensions" in loaded_by(command, "typing_extensions")


LATE = (
    "charts",
    "client",
    "diff",
    "dispatch",
    "editing",
    "hints",
    "history",
    "interchange.export",
    "interchange.curl",
    "jq",
    "mixpanel.catalogue",
    "outcome",
    "storage.recent",
    "storage.watch",
    "tables",
    "ui.catalogue",
    "ui.diff",
    "ui.environments",
    "ui.help",
    "ui.history",
    "ui.response.filter_bar",
    "ui.widgets.search_bar",
    "ui.widgets.code_area",
)
"""What the first screen does without: loading it would delay every start."""


def test_starting_the_app_loads_only_what_the_first_screen_needs() -> None:
    loaded = loaded_by("mixtui.app")
    early = {name for name in LATE if f"mixtui.{name}" in loaded}
    assert not early, f"loaded at the start: {sorted(early)}"
    assert "importlib.metadata" not in loaded


def test_the_late_modules_exist() -> None:
    assert all(importlib.util.find_spec(f"mixtui.{name}") for name in LATE)


def test_preparing_a_request_loads_nothing_heavy() -> None:
    heavy = {"httpx", "tomlkit", "pygments", "asyncio", "platformdirs"}
    assert not loaded_by("mixtui.request.prepare") & heavy


def test_the_data_files_are_inside_the_package() -> None:
    for name in ("mixpanel/endpoints.toml", "py.typed"):
        assert files("mixtui").joinpath(name).is_file(), name


def test_yaml_is_loaded_only_when_a_yaml_file_is_read() -> None:
    assert "yaml" not in loaded_by(
        "mixtui.interchange.files.openapi.document", "mixtui.ui.main.imports"
    )


def test_types_are_structs_because_a_dataclass_costs_half_a_millisecond() -> None:
    """Messages of Textual have a base that does not allow it."""
    dataclasses = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
        and any("dataclass" in ast.unparse(each) for each in node.decorator_list)
        and [ast.unparse(base) for base in node.bases] != ["Message"]
    ]
    assert not dataclasses, "class X(msgspec.Struct, frozen=True) instead"


def _asks_for_the_working_folder(call: ast.Call) -> bool:
    """Return whether a call raises FileNotFoundError in a working folder that is gone."""
    function = call.func
    if not isinstance(function, ast.Attribute):
        return False
    if function.attr in ("cwd", "getcwd", "abspath", "realpath"):
        return True
    return function.attr in ("absolute", "resolve") and not call.args


def test_only_one_function_asks_where_the_working_folder_is() -> None:
    mistakes = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in ROOT.rglob("*.py")
        if path.name not in ("folders.py", "system.py") or path.parent != ROOT
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Call) and _asks_for_the_working_folder(node)
    ]
    hint = "use working_folder, absolute or real_path of mixtui.system"
    assert not mistakes, f"{hint}: {mistakes}"


def _calls_at_import(node: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls of a module that run when it is imported."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.Call):
            yield child
        yield from _calls_at_import(child)


def test_patterns_of_modules_are_compiled_late() -> None:
    mistakes = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in ROOT.rglob("*.py")
        for call in _calls_at_import(ast.parse(path.read_bytes()))
        if ast.unparse(call.func) == "re.compile"
    ]
    assert not mistakes, f"use compile_late of mixtui.patterns: {mistakes}"
