"""What the documents show works, and the keys they name are the keys there are."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from generate.__main__ import generated_files
from mixtui.actions import ACTIONS
from mixtui.jobs.recipe import EventRecipe, load_recipe
from mixtui.keymap import check_keys
from mixtui.model.secrets import nothing_stored
from mixtui.storage.environments import EnvironmentFile
from mixtui.storage.order import read_order
from mixtui.storage.request_file import parse
from mixtui.storage.settings import load_settings
from mixtui.storage.toml_file import TomlFile
from mixtui.storage.toml_values import Table
from mixtui.ui.contrast import readable
from mixtui.ui.themes import css_variables, load_theme

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "guide").glob("*.md")),
]
FOR_DEVELOPERS = [
    *(ROOT / name for name in ("CONTRIBUTING.md", "RELEASE.md", "SECURITY.md")),
    *sorted((ROOT / "docs" / "dev").glob("*.md")),
]
PATH = re.compile(r"(?<![\w/\"])(?:mixtui|tests|docs|scripts|benchmarks)/[\w./-]*\w")
KEY = re.compile(r"`((?:ctrl|shift)\+\w+|f\d+|escape)`")


def toml_examples() -> list[tuple[str, str]]:
    return [
        (f"{path.name} {number}", example)
        for path in DOCUMENTS
        for number, example in enumerate(
            re.findall(r"```toml\n(.*?)```", path.read_text("utf-8"), re.DOTALL), 1
        )
    ]


@pytest.mark.parametrize(
    "example",
    [example for _, example in toml_examples()],
    ids=[name for name, _ in toml_examples()],
)
def test_every_toml_example_is_understood_without_a_warning(
    tmp_path: Path, example: str
) -> None:
    tomllib.loads(example)
    path = tmp_path / "example.toml"
    path.write_text(example, "utf-8")
    if "[environments." in example:
        file = EnvironmentFile(TomlFile(path), nothing_stored)
        assert file.all
        assert not file.warnings
    elif "primary = " in example:
        theme = load_theme(path)
        shown = css_variables(theme)
        corrected = readable(shown)
        assert not [
            name for name in shown if corrected[name].lower() != shown[name].lower()
        ], "colors that are too faint"
    elif "method = " in example:
        _, warnings = parse(example, path)
        assert warnings == ()
    elif "distinct_id = " in example:
        assert load_recipe(path, EventRecipe) != EventRecipe()
    elif "[order]" in example:
        assert read_order(Table(tomllib.loads(example))).names
    else:
        settings = load_settings(path)
        assert settings.warnings == ()
        assert check_keys(settings.keys)[1] == ()


def test_every_key_that_the_readme_names_belongs_to_an_action() -> None:
    named = set(KEY.findall((ROOT / "README.md").read_text("utf-8")))
    assert len(named) > 8
    assert named <= {key for action in ACTIONS for key in action.keys}


def test_every_document_that_is_linked_exists() -> None:
    for path in [*DOCUMENTS, *FOR_DEVELOPERS]:
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text("utf-8")):
            assert (path.parent / link).exists(), (path.name, link)


def test_every_file_that_a_document_names_exists() -> None:
    missing = {
        (path.name, name)
        for path in [*DOCUMENTS, *FOR_DEVELOPERS]
        for name in PATH.findall(path.read_text("utf-8"))
        if not (ROOT / name).exists()
    }
    assert not missing


def test_every_heading_that_is_linked_exists() -> None:
    paths = [*DOCUMENTS, *FOR_DEVELOPERS]
    missing = {
        (path.name, file, heading)
        for path in paths
        for file, heading in re.findall(
            r"\]\((?!https?:)([^)#]*)#([^)]+)\)", path.read_text("utf-8")
        )
        if not heading.startswith("gh-")  # of a picture: for dark or light pages
        and heading not in headings((path.parent / file) if file else path)
    }
    assert not missing


def headings(path: Path) -> set[str]:
    """Return the headings of a document, as GitHub links to them."""
    lines = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}


def test_every_document_is_in_the_navigation_of_the_site() -> None:
    docs = ROOT / "docs"
    navigation = (ROOT / "zensical.toml").read_text("utf-8")
    named = set(re.findall(r'= "([\w/-]+\.md)"', navigation))
    assert named == {str(path.relative_to(docs)) for path in docs.rglob("*.md")}


@pytest.mark.parametrize("path", generated_files(), ids=str)
def test_a_generated_file_is_current(path: Path) -> None:
    assert (ROOT / path).read_text("utf-8") == generated_files()[path], (
        "run scripts/generate"
    )


def test_no_generated_file_is_left_behind() -> None:
    docs = Path("docs")  # Pages written by hand, one of them with generated tables.
    generated = {path for path in generated_files() if path.parent != docs}
    folders = {ROOT / path.parent for path in generated}
    files = {path.relative_to(ROOT) for f in folders for path in f.iterdir()}
    assert files == generated
