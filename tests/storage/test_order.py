"""``[order]`` in mixtui.toml: read beside the environments, and never in their way."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixtui.storage.environments import EnvironmentFile
from mixtui.storage.order import load_order, store_order
from mixtui.storage.toml_file import TomlFile

ENVIRONMENT = "[environments.prod]\nproject_id = 1\n"


@pytest.mark.parametrize(
    ("order", "name", "warnings"),
    [
        ("[order]\n'.' = ['a']\n", "mixtui.toml", 0),
        ("[order]\n'.' = 'a'\n", "mixtui.toml", 1),
        ("[order]\n'.' = ['a']\n", "environments.toml", 1),
    ],
)
def test_an_order_costs_no_environment(
    order: str, name: str, warnings: int, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(order + ENVIRONMENT)
    file = EnvironmentFile(TomlFile(path))
    assert file.names == ("prod",)
    assert len(file.warnings) == warnings


@pytest.mark.parametrize("text", ["", "=", "order = 1", "[order]\na = [1]", "\xff"])
def test_without_a_readable_order_there_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "mixtui.toml").write_text(text, "latin-1")
    assert not load_order(tmp_path).names


def test_an_order_is_written_beside_what_the_file_holds(tmp_path: Path) -> None:
    path = tmp_path / "mixtui.toml"
    path.write_text(f"# ours\n{ENVIRONMENT}")
    store_order(tmp_path, 'A "b"/c', ["x", "y"])
    added = '\n[order]\n"A \\"b\\"/c" = [\n    "x",\n    "y",\n]\n'
    assert path.read_text() == f"# ours\n{ENVIRONMENT}{added}"
    store_order(tmp_path, 'A "b"/c', ())
    assert path.read_text().rstrip() == f"# ours\n{ENVIRONMENT}".rstrip()
