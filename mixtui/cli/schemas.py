"""The JSON Schemas of mixtui's TOML files, which ``scripts/generate`` writes."""

from __future__ import annotations

from pathlib import Path

TAPLO_FILE = ".taplo.toml"
_FOLDER = "schemas"
_PATHS = {
    "config": "**/config.toml",
    "environments": "**/environments.toml",
    "credentials": "**/credentials.toml",
    "theme": "**/themes/*.toml",
    "collection": "**/mixtui.toml",
}
"""The files of a schema, as taplo writes paths; any other file is a request."""
_HEAD = """\
# Which schema belongs to which file, for taplo and editors that use it.
# https://taplo.tamasfe.dev/configuration/file.html
"""


def read_schema(name: str) -> str:
    """Return the JSON Schema of a kind of file."""
    return (_shipped_folder() / f"{name}.json").read_text("utf-8")


def taplo_rules(names: tuple[str, ...]) -> str:
    """Return a configuration of taplo for the schemas beside it.

    Args:
        names: The kinds of files.
    """
    return _HEAD + "".join(_rule(name) for name in names)


def _rule(name: str) -> str:
    from mixtui.storage.toml_values import to_toml

    include = [_PATHS.get(name, "**/*.toml")]
    exclude = [] if name in _PATHS else [f"**/{TAPLO_FILE}", *_PATHS.values()]
    return (
        f"\n[[rule]]\ninclude = {to_toml(include)}\n"
        + (f"exclude = {to_toml(exclude)}\n" if exclude else "")
        + f'[rule.schema]\npath = "{name}.json"\n'
    )


def _shipped_folder() -> Path:
    # Inside the installed package; in a checkout, in the documentation.
    package = Path(__file__).parents[1]
    inside = package / _FOLDER
    return inside if inside.is_dir() else package.parent / "docs" / _FOLDER
